"""What would have to change, as a document."""

from __future__ import annotations

import math

from api.documents.values import Document, plain
from geo.changes import (
    Changes,
    Overtaking,
    describe_margin,
    describe_overtaking,
    describe_stability,
)
from geo.scoring import SitingResult
from geo.sentence import Lang


def changes_document(
    result: SitingResult, changes: Changes, asked: Overtaking | None, lang: Lang
) -> Document:
    """The leader's stability, what would put the next ones ahead of it, and the pair asked for."""
    safe = changes.stability
    ids = result.alternatives["id"]
    return {
        "leader": str(ids.iloc[changes.leader]),
        "radius": plain(safe.radius),
        "challengers": [str(ids.iloc[one]) for one in safe.challengers],
        "sentence": describe_stability(result, changes).of(lang),
        "stable_weights": {
            spec.id: [float(low), float(high)]
            for spec, (low, high) in zip(result.criteria, changes.stable, strict=True)
        },
        "asked": overtaking_document(result, asked, lang) if asked else None,
        "overtakings": [overtaking_document(result, one, lang) for one in changes.overtakings],
    }


def overtaking_document(result: SitingResult, one: Overtaking, lang: Lang) -> Document:
    """The least changes that put one alternative ahead of another."""
    ids = result.alternatives["id"]
    names = [spec.id for spec in result.criteria]
    return {
        "ahead": str(ids.iloc[one.ahead]),
        "behind": str(ids.iloc[one.behind]),
        "sentence": describe_overtaking(result, one).of(lang),
        "weights": None
        if one.weights is None
        else {
            "distance": one.weights.distance,
            "weights": dict(zip(names, one.weights.weights.tolist(), strict=True)),
        },
        "values": [
            {
                "criterion": value.criterion,
                "value": value.change.value,
                "increase": value.change.increase,
                "performance": plain(value.performance),
            }
            for value in one.values
        ],
    }


def margin_documents(
    result: SitingResult, changes: Changes, row: int, lang: Lang
) -> list[Document]:
    """By how much each rule that took a row out did so; no number for a rule by list."""
    found = []
    for j, rule in enumerate(result.scenario.exclusions):
        if result.ledger[row, j]:
            margin = float(changes.margins[row, j])
            said = describe_margin(result, row, j, changes)
            found.append(
                {
                    "rule": rule.id,
                    "margin": None if math.isnan(margin) else margin,
                    "sentence": said.of(lang) if said else None,
                }
            )
    return found
