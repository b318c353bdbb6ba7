"""A delineated zone as a document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely

from api.documents.values import Document, plain, source_documents, texts
from api.documents.zone_odds import odds_document
from geo.delineation import ZoneSolution
from geo.delineation.four_bounds import Bound, corners
from geo.measure import M2_PER_HA, M2_PER_MU
from geo.sentence import Lang, Sentence
from geo.suitability import Taken
from geo.zone_plan import Held, Site, ZonePlan, ZoneQuestion, assumptions, rule_name
from geo.zone_plan.barriers import Barrier
from geo.zone_plan.overlaps import Overlap
from geo.zone_plan.several import Group
from geo.zone_plan.snapping import Snapped
from layers import cautions
from layers.catalog import LAYERS

_COORDINATE_DIGITS = 8
_SKETCH = Sentence(
    "示意，不是界址：未经实地勘界，不得作为用地依据",
    "A sketch, no survey: the corners were not set out on the ground and found no right to land",
)


def zone_document(
    plan: ZonePlan, layers: Mapping[str, Any], sources: pd.DataFrame, lang: Lang, *, sketch: bool
) -> Document:
    """The zone, its proof, its four bounds, what it holds, and the next best; corners if asked."""
    scenario, ground, heading = plan.scenario, plan.ground, cautions.heading(layers)
    assumed = assumptions(plan)
    named = {one.id: one.title for one in LAYERS.values()}
    named |= {one.id: one.name for one in ground.specs}
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
        **_site(plan.site, plan, lang, sketch=sketch),
        "nearest": None if plan.nearest is None else plan.nearest.of(lang),
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
        "ledger": [_taken(one, named, lang) for one in plan.taken],
        "overlaps": [_overlap(one, lang) for one in plan.overlaps],
        "barrier": None if plan.barrier is None else _barrier(plan.barrier, lang),
        "runner_up": None
        if plan.runner_up is None
        else _zone(plan.runner_up, plan, lang, sketch=sketch),
        "further": [_zone(one, plan, lang, sketch=sketch) for one in plan.further],
        "group": None if plan.group is None else _group(plan.group, lang),
        "alternatives": [_zone(one, plan, lang, sketch=sketch) for one in plan.alternatives],
        "odds": None if plan.odds is None else odds_document(plan.odds, lang),
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


def _zone(
    found: tuple[ZoneSolution, Site], plan: ZonePlan, lang: Lang, *, sketch: bool
) -> Document:
    return {**_proof(found[0], lang), **_site(found[1], plan, lang, sketch=sketch)}


def _taken(taken: Taken, named: Mapping[str, Sentence], lang: Lang) -> Document:
    return {
        "rule": taken.rule,
        "name": rule_name(taken.rule, named).of(lang),
        "cells": taken.cells,
        "area_mu": taken.area_mu,
        "alone_mu": taken.area_alone_mu,
    }


def _overlap(overlap: Overlap, lang: Lang) -> Document:
    return {
        "layer": overlap.layer,
        "kind": overlap.kind,
        "name": overlap.name.of(lang),
        "closed": overlap.closed,
        "checked": overlap.checked,
        "zone_mu": plain(overlap.zone_mu),
        "searched_mu": plain(overlap.searched_mu),
    }


def _barrier(barrier: Barrier, lang: Lang) -> Document:
    return {
        "cut": barrier.cut,
        "bridged": barrier.bridged,
        "pieces": barrier.pieces,
        "largest_mu": barrier.largest_m2 / M2_PER_MU,
        "sentence": barrier.sentence.of(lang),
    }


def _group(group: Group, lang: Lang) -> Document:
    return {
        "zones": group.zones,
        "placed": group.placed,
        "spacing_m": group.spacing_m,
        "objective": plain(group.objective),
        "bound": plain(group.bound),
        "gap": plain(group.gap),
        "sentence": group.sentence.of(lang),
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


def _site(site: Site | None, plan: ZonePlan, lang: Lang, *, sketch: bool) -> Document:
    if site is None:
        names = ("area_mu", "area_ha", "suitability", "geometry", "four_bounds")
        return {**dict.fromkeys((*names, "corners", "snap")), "bounds": [], "holds": []}
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
        "snap": None if site.snap is None else _snap(site.snap, plan.question, lang),
    }


def _snap(snap: Snapped, asked: ZoneQuestion, lang: Lang) -> Document:
    return {
        "share": snap.share,
        "before_mu": snap.before_m2 / M2_PER_MU,
        "area_mu": snap.after_m2 / M2_PER_MU,
        "sentence": snap.sentence(asked.snap_m, asked.min_mu, asked.max_mu).of(lang),
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
