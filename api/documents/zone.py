"""A delineated zone as a document."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import shapely

from api.documents.values import Document, plain, source_documents, texts
from geo.delineation import ZoneSolution
from geo.delineation.four_bounds import Bound, corners
from geo.measure import M2_PER_HA, M2_PER_MU
from geo.sentence import Lang, Sentence
from geo.zone_plan import Held, Site, ZonePlan, assumptions
from layers import cautions

_COORDINATE_DIGITS = 8
_SKETCH = Sentence(
    "示意，不是界址：未经实地勘界，不得作为用地依据",
    "A sketch, no survey: the corners were not set out on the ground and found no right to land",
)


def zone_document(
    plan: ZonePlan, layers: dict[str, Any], sources: pd.DataFrame, lang: Lang, *, sketch: bool
) -> Document:
    """The zone, its proof, its four bounds, what it holds, and the next best; corners if asked."""
    scenario, ground, heading = plan.scenario, plan.ground, cautions.heading(layers)
    assumed = assumptions(plan)
    used = {source for one in ground.specs for source in one.sources}
    return {
        "scenario": scenario.id,
        "kind": "zone",
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "heading": None if heading is None else heading.of(lang),
        "objective_kind": plan.question.objective,
        "min_mu": plan.question.min_mu,
        "max_mu": plan.question.max_mu,
        **_proof(plan.solution, lang),
        **_site(plan.site, lang, sketch=sketch),
        "criteria": [
            {
                "id": one.id,
                "name": one.name.of(lang),
                "unit": one.unit.of(lang),
                "weight": ground.weights[one.id],
                "mean": None if plan.site is None else plain(plan.site.performance[one.id]),
            }
            for one in ground.specs
        ],
        "left_out": [one.id for one in ground.left_out],
        "cell_m": plan.question.cell_m,
        "searched_mu": plan.searched_m2 / M2_PER_MU,
        "reduction": {
            "cells": plan.reduction.units,
            "kept": plan.reduction.kept,
            "sentence": _reduction(plan).of(lang),
        },
        "ledger": [
            {"rule": one.rule, "cells": one.cells, "area_mu": one.area_mu}
            for one in ground.surface.ledger.taken
        ],
        "runner_up": None
        if plan.runner_up is None
        else {
            **_proof(plan.runner_up[0], lang),
            **_site(plan.runner_up[1], lang, sketch=sketch),
        },
        "assumptions": texts(assumed, lang),
        "warnings": texts(
            [
                heading,
                _SKETCH,
                *cautions.about_sources(sources, used, scenario.as_of),
                *assumed,
            ],
            lang,
        ),
        "sources": source_documents(sources, used, lang),
    }


def _proof(solution: ZoneSolution, lang: Lang) -> Document:
    conflict = solution.conflict
    nearest = solution.nearest
    return {
        "status": solution.status,
        "objective": plain(solution.objective),
        "bound": plain(solution.bound),
        "gap": plain(solution.gap),
        "root_gap": plain(solution.root_gap),
        "nodes": solution.nodes,
        "seconds": solution.seconds,
        "solver": solution.solver,
        "infeasible_because": None if conflict is None else conflict.sentence.of(lang),
        "nearest_mu": None if nearest is None else nearest.area_m2 / M2_PER_MU,
    }


def _site(site: Site | None, lang: Lang, *, sketch: bool) -> Document:
    if site is None:
        names = ("area_mu", "area_ha", "suitability", "geometry", "four_bounds", "corners")
        return {**dict.fromkeys(names), "bounds": [], "holds": []}
    rounded = shapely.transform(site.geometry, lambda xy: xy.round(_COORDINATE_DIGITS))
    geometry = shapely.geometry.mapping(rounded)
    words = site.four_bounds
    return {
        "area_mu": site.area_mu,
        "area_ha": site.area_m2 / M2_PER_HA,
        "suitability": site.suitability,
        "geometry": {"type": geometry["type"], "coordinates": _lists(geometry["coordinates"])},
        "four_bounds": {"zh": words.zh, "en": words.en},
        "bounds": [_bound(one, lang) for one in site.bounds],
        "holds": [_held(one, lang) for one in site.holds],
        "corners": _corners(site) if sketch else None,
    }


def _lists(coordinates: Any) -> Any:
    if isinstance(coordinates[0], float):
        return list(coordinates)
    return [_lists(one) for one in coordinates]


def _bound(bound: Bound, lang: Lang) -> Document:
    return {
        "side": bound.side.of(lang),
        "sentence": bound.sentence.of(lang),
        "beside": [
            {
                "name": one.name.of(lang),
                "share": one.share,
                "distance_m": one.distance_m,
                "accuracy_m": one.accuracy_m,
            }
            for one in bound.beside
        ],
    }


def _held(held: Held, lang: Lang) -> Document:
    share = None if math.isnan(held.share) else held.share
    return {"layer": held.layer, "id": held.id, "name": held.name.of(lang), "share": share}


def _corners(site: Site) -> list[Document]:
    return [
        {str(name): plain(value) for name, value in row.items()}
        for row in corners(site.geometry).to_dict("records")
    ]


def _reduction(plan: ZonePlan) -> Sentence:
    said = plan.reduction
    if math.isnan(said.known):
        return Sentence(
            f"{said.units:,} 个格元全部参与求解",
            f"All {said.units:,} cells were searched",
        )
    return Sentence(
        f"{said.units:,} 个格元中，可证明只有 {said.kept:,} 个可能属于不差于已知范围的范围，"
        "求解只用这些；界对全部格元成立",
        f"Of {said.units:,} cells only {said.kept:,} can be part of a zone as good as one known, "
        "which is proven; these were searched, and the bound holds for all",
    )
