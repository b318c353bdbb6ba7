"""A suitability surface as a document, and what it says of one place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from api.documents.values import Document, plain, source_documents, texts
from api.surfaces import KnownSurface, LaidSurface
from geo.criteria import describe
from geo.scenario import CriterionSpec, EqualWeights, ObjectiveWeights, SitingScenario
from geo.sentence import Lang, Sentence
from geo.suitability import Reading, whole_weights
from geo.suitability.levels import RULE
from geo.value import ValueFunction
from geo.zone_plan import rule_name
from layers import cautions

_EQUAL_HERE = Sentence(
    "方案的权重由备选的数据得出，格元上没有这样的数据：此处各准则权重相等，由本工具给出",
    "The scenario reads its weights off the data of the alternatives, which cells do not have: "
    "here all criteria weigh the same, which is our assumption",
)


def surface_document(
    scenario: SitingScenario,
    laid: LaidSurface,
    layers: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
    lang: Lang,
) -> Document:
    """What a scenario's surface is made of, and how its tiles are read."""
    known, heading = laid.surface, cautions.heading(layers)
    grid, used = known.compact.grid, {name for one in laid.specs for name in one.sources}
    said = assumptions(scenario, laid)
    return {
        "scenario": scenario.id,
        "kind": "surface",
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "heading": None if heading is None else heading.of(lang),
        "hash": known.digest,
        "crs": grid.crs,
        "cell_m": grid.cell_m,
        "reach_m": laid.reach_m,
        "rows": grid.rows,
        "columns": grid.columns,
        "extent": list(known.compact.extent),
        "cells": known.ledger.cells,
        "searched_mu": known.ledger.area_mu,
        "criteria": _criteria(laid, lang),
        "left_out": [{"id": one.id, "name": one.name.of(lang)} for one in laid.left_out],
        "rules": [
            {"number": number, "id": one.id, "name": rule_name(one.id).of(lang)}
            for number, one in enumerate(known.compact.rules, start=1)
        ],
        "ledger": [
            {
                "rule": one.rule,
                "cells": one.cells,
                "area_mu": one.area_mu,
                "alone_mu": one.area_alone_mu,
            }
            for one in known.ledger.taken
        ],
        "level_rule": RULE.of(lang),
        "tiles": f"api/surfaces/{known.digest}/tiles/{{z}}/{{x}}/{{y}}",
        "deepest": known.compact.deepest,
        "assumptions": texts(said, lang),
        "warnings": texts(
            [heading, *cautions.about_sources(sources, used, scenario.as_of), *said], lang
        ),
        "sources": source_documents(sources, used, lang),
    }


def assumptions(scenario: SitingScenario, laid: LaidSurface) -> list[Sentence]:
    """What no document says, and a surface rests on."""
    searched, cells = laid.surface.ledger.area_mu, laid.surface.compact.grid.cell_m
    said = [
        cautions.CHANGED_WEIGHTS if laid.changed else _whose_weights(scenario),
        Sentence(
            f"搜索范围为镇街中心与工业区点位周围 {laid.reach_m:,g} 米、陆域边界之内"
            f"（{searched:,.0f} 亩），由本工具给出",
            f"Searched are {laid.reach_m:,g} m around town centres and zones, inside the land "
            f"boundary ({searched:,.0f} mu): our assumption",
        ),
        Sentence(
            f"各准则在 {cells:g} 米格元的中心量算；要素取记录的点位",
            f"Criteria are measured at the middles of cells of {cells:g} m, from the places of "
            "features as recorded",
        ),
    ]
    if laid.left_out:
        dropped = "、".join(one.name.zh for one in laid.left_out)
        dropped_en = ", ".join(one.name.en for one in laid.left_out)
        said.append(
            Sentence(
                f"只知道备选自身数值的准则不在格元上量算：{dropped}；其余权重按比例放大",
                f"Criteria known of the alternatives alone are not measured on cells: "
                f"{dropped_en}; the other weights are scaled up",
            )
        )
    return said


def reading_document(known: KnownSurface, reading: Reading, lang: Lang) -> Document:
    """What a surface says of one place."""
    rules = known.compact.rules
    return {
        "inside": reading.inside,
        "eligible": reading.eligible,
        "rules": [rules[number - 1].id for number in reading.rules],
        "criteria": [
            {
                "id": spec.id,
                "name": spec.name.of(lang),
                "unit": spec.unit.of(lang),
                "performance": plain(performance),
                "value": plain(value),
                "level": level,
            }
            for spec, performance, value, level in zip(
                known.specs, reading.performance, reading.values, reading.levels, strict=True
            )
        ],
    }


def _whose_weights(scenario: SitingScenario) -> Sentence:
    if isinstance(scenario.weights, ObjectiveWeights):
        return _EQUAL_HERE
    equal = isinstance(scenario.weights, EqualWeights)
    return cautions.OUR_WEIGHTS if equal else cautions.STATED_WEIGHTS


def _criteria(laid: LaidSurface, lang: Lang) -> list[Document]:
    whole = whole_weights([laid.weights[one.id] for one in laid.specs]).tolist()
    return [_criterion(spec, weight, lang) for spec, weight in zip(laid.specs, whole, strict=True)]


def _criterion(spec: CriterionSpec, weight: int, lang: Lang) -> Document:
    least, most = ends_of(spec.value_function)
    return {
        "id": spec.id,
        "name": spec.name.of(lang),
        "unit": spec.unit.of(lang),
        "direction": spec.direction,
        "sentence": describe(spec).of(lang),
        "proxy_for": None if spec.proxy_for is None else spec.proxy_for.of(lang),
        "weight": weight,
        "least": least,
        "most": most,
    }


def ends_of(function: ValueFunction) -> tuple[float | None, float | None]:
    """The performances worth 0 and worth 1 that are nearest to each other.

    None for one that no turn of the function is worth exactly.
    """
    turns = np.asarray(function.turns, dtype=np.float64)
    values = function(turns)
    worst, best = turns[values == 0.0], turns[values == 1.0]
    if not len(worst) or not len(best):
        ends = (worst[0] if len(worst) else None, best[0] if len(best) else None)
    else:
        away = np.abs(worst[:, None] - best)
        i, j = np.unravel_index(int(away.argmin()), away.shape)
        ends = (worst[i], best[j])
    first, last = (None if one is None else float(one) for one in ends)
    return first, last
