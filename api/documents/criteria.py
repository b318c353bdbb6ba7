"""Criteria, groups and rules of a siting scenario as documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from api.documents.values import Document
from geo.criteria import describe
from geo.scenario import CategoriesSpec, CriterionSpec, GroupSpec, SitingScenario
from geo.sentence import Lang

CURVE_POINTS = 41


def criteria_documents(
    scenario: SitingScenario,
    criteria: Sequence[CriterionSpec],
    weights: Mapping[str, float] | None,
    missing: Sequence[int] | None,
    lang: Lang,
) -> list[Document]:
    """Every criterion; `missing` counts the alternatives without a value, None before a run."""
    tops = {c.id: top.id for top in scenario.groups for c in top.leaves()}
    owners = {c.id: one.id for top in scenario.groups for one in top.family() for c in one.criteria}
    return [
        {
            "id": spec.id,
            "name": spec.name.of(lang),
            "group": tops[spec.id],
            "subgroup": None if owners[spec.id] == tops[spec.id] else owners[spec.id],
            "unit": spec.unit.of(lang),
            "direction": spec.direction,
            "weight": None if weights is None else weights[spec.id],
            "sentence": describe(spec).of(lang),
            "proxy_for": spec.proxy_for.of(lang) if spec.proxy_for else None,
            "as_of": spec.as_of.isoformat(),
            "sources": spec.sources,
            "missing": spec.missing,
            "missing_count": None if missing is None else int(missing[j]),
            "value_function": _value_function(spec, lang),
        }
        for j, spec in enumerate(criteria)
    ]


def _value_function(spec: CriterionSpec, lang: Lang) -> Document:
    """Kind, sentence and a curve ready to plot; categories have names in the place of numbers."""
    function = spec.value_function
    x, y = function.curve(CURVE_POINTS)
    named = list(spec.value.values) if isinstance(spec.value, CategoriesSpec) else None
    return {
        "kind": spec.value.kind,
        "sentence": function.describe(spec.unit).of(lang),
        "turns": [float(turn) for turn in function.turns],
        "curve": {
            "performance": [float(one) for one in x],
            "value": [float(one) for one in y],
        },
        "categories": named,
    }


def group_documents(
    groups: Sequence[GroupSpec], weights: Mapping[str, float] | None, lang: Lang
) -> list[Document]:
    """Groups with all criteria below them, and the groups inside."""
    return [
        {
            "id": group.id,
            "title": group.title.of(lang),
            "weight": None
            if weights is None
            else math.fsum(weights[criterion.id] for criterion in group.leaves()),
            "criteria": [criterion.id for criterion in group.leaves()],
            "groups": group_documents(group.groups, weights, lang),
        }
        for group in groups
    ]


def rule_documents(
    scenario: SitingScenario, counts: Sequence[int] | np.ndarray[Any, Any] | None, lang: Lang
) -> list[Document]:
    """Exclusions with how many each took out; None before a run."""
    return [
        {
            "id": rule.id,
            "sentence": rule.sentence.of(lang),
            "assumption": rule.assumption.of(lang) if rule.assumption else None,
            "clause": rule.clause,
            "excluded": None if counts is None else int(counts[i]),
        }
        for i, rule in enumerate(scenario.exclusions)
    ]
