"""The report on the core zone: ranking, map, reasons, hub plan, evidence, in one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from api import palette
from api.boundaries import describe_boundaries
from api.documents.location import location_document
from api.documents.siting import siting_document
from api.documents.values import Document, district_namer, plain
from api.models import SitingOptions
from api.reports.annexes import disagreeing_tasks, read_targets
from api.reports.conclusion import conclude
from api.reports.evidence import BINS_M, accuracies, cited_in, city_name, source_rows
from api.reports.figures import Plane, city_map, detail_map, plan_map
from api.reports.pages import fill_page
from api.reports.reasons import explain_exclusions, explain_leaders
from api.runs import Solved, document_of, solve_siting
from api.version import VERSION
from geo.errors import ScenarioError
from geo.hubs import LocationResult, place_hubs
from geo.scenario import SitingScenario
from geo.scoring import SitingResult
from geo.sentence import Lang
from layers.scenarios import read_location, read_siting
from layers.store.base import Store

HUBS = "county-hubs"
"""The hub plan that the report shows beside the ranking."""

ALTERNATIVES = "zones"

REPORT_DRAWS = 10_000
AS_REPORTED = SitingOptions(smaa=REPORT_DRAWS)
"""A report always says how sure it is."""


@dataclass(frozen=True, slots=True)
class Study:
    """What the report tells of: the layers, the ranking, and the hub plan or why there is none."""

    layers: Mapping[str, gpd.GeoDataFrame]
    solved: Solved
    hubs: LocationResult | None
    without_hubs: ScenarioError | None

    @property
    def ranking(self) -> SitingResult:
        """The ranking alone."""
        return self.solved.result


def study_core_zone(
    store: Store, scenario: str | SitingScenario, options: SitingOptions = AS_REPORTED
) -> Study:
    """Run the ranking with its odds and the hub plan on the layers of a workspace.

    Raises `ScenarioError` for a scenario that does not compare zones, and where there are none.
    """
    spec = read_siting(scenario, store) if isinstance(scenario, str) else scenario
    if spec.alternatives != ALTERNATIVES:
        raise ScenarioError(
            f"scenario {spec.id!r} compares the features of layer {spec.alternatives!r}; the "
            f"report 'core-zone' needs one that compares {ALTERNATIVES!r}, for instance core-zone",
            f"方案 {spec.id!r} 比较的是图层 {spec.alternatives!r}；报告 core-zone 需要比较 "
            f"{ALTERNATIVES!r} 的方案，例如 core-zone",
        )
    layers = store.read_layers()
    drawn = options if options.smaa else options.model_copy(update={"smaa": REPORT_DRAWS})
    solved = solve_siting(spec, layers, drawn)
    try:
        hubs = place_hubs(read_location(HUBS), layers, as_of=solved.result.as_of)
    except ScenarioError as error:
        return Study(layers, solved, None, error)
    return Study(layers, solved, hubs, None)


def render_core_zone(store: Store, study: Study, lang: Lang) -> str:
    """The report as one HTML page without script and without outside request."""
    sources, areas = store.read_table("sources"), store.read_table("areas")
    ranking = document_of(study.solved, store, lang)
    hubs = None
    if study.hubs:
        hubs = location_document(study.hubs, sources=sources, areas=areas, lang=lang)
    values = {
        "city": city_name(store, lang),
        "hash": store.metadata.get("hash", ""),
        "boundaries": describe_boundaries(store.metadata.get("boundaries", "")),
        "version": VERSION,
        "palette": palette,
        "ranking": ranking,
        "hubs": hubs,
        "without_hubs": study.without_hubs.of(lang) if study.without_hubs else None,
        "conclusion": conclude(study.ranking, district_namer(areas, "en"), study.solved.odds),
        "stage": _first_stage(study.ranking, ranking["first_stage"], lang),
        "reasons": explain_leaders(study.ranking, lang),
        "ledger": explain_exclusions(study.ranking, lang),
        "shared": _shared_points(study.ranking),
        "axis": _axis(study.ranking),
        "district": district_namer(areas, lang),
        "zones": _zone_names(study.layers, lang),
        "hosts": _hosts(study.layers),
        "districts_count": len(study.layers["districts"]),
        **_figures(study, lang),
        **_evidence(store, study, ranking, hubs, lang),
    }
    return fill_page("core_zone.html.j2", values, lang)


def _figures(study: Study, lang: Lang) -> dict[str, Any]:
    plane = Plane.of(study.layers)
    hubs = study.hubs
    return {
        "city_map": city_map(plane, study.ranking, lang),
        "detail_map": detail_map(plane, study.ranking, lang),
        "plan_maps": [plan_map(plane, hubs, solved, lang) for solved in hubs.readings]
        if hubs
        else [],
    }


def _evidence(
    store: Store, study: Study, ranking: Document, hubs: Document | None, lang: Lang
) -> dict[str, Any]:
    stage = study.ranking.first_stage
    sources, targets, tasks = (store.read_table(name) for name in ("sources", "targets", "tasks"))
    clauses = [*targets.get("clause", ()), *tasks.get("clause", ())]
    before = stage and siting_document(
        stage.result, study.layers, sources=sources, areas=store.read_table("areas"), lang=lang
    )
    used = [one["id"] for one in ranking["sources"] + (hubs["sources"] if hubs else [])]
    used += cited_in(sources, clauses)
    warnings = ranking["warnings"] + (before["warnings"] if before else [])
    warnings += hubs["warnings"] if hubs else []
    return {
        "targets": read_targets(targets),
        "tasks": disagreeing_tasks(tasks, len(study.layers["districts"])),
        "sources": source_rows(sources, used, study.ranking.as_of, lang),
        "accuracies": accuracies(study.layers),
        "bins_m": BINS_M,
        "stages": [one for one in (before, ranking) if one],
        "warnings": list(dict.fromkeys(warnings)),
    }


def _first_stage(result: SitingResult, shown: Document | None, lang: Lang) -> Document | None:
    """The ranking of districts with its intervals and odds and what each group adds."""
    stage = result.first_stage
    if stage is None or shown is None:
        return None
    before = stage.result
    rows = [
        {
            "rank": int(before.rank[i]),
            "tied": len(before.tied[i]) > 0,
            "name_zh": row["name_zh"],
            "name_en": row["name_en"] or row["name_zh"],
            "score": float(before.scores[i]),
            "interval": [float(end) for end in before.score_interval[i]],
            "band": shown["alternatives"][i]["rank_band"],
            "first_share": shown["alternatives"][i]["first_share"],
            "leading": row["name_zh"] in stage.leading,
            "sums": _group_sums(before, i),
        }
        for i, (_, row) in enumerate(before.alternatives.iterrows())
    ]
    return {
        "clause": before.scenario.clause,
        "groups": [group.title.of(lang) for group in before.scenario.groups],
        "rows": rows,
        "axis": _axis(before),
    }


def _group_sums(result: SitingResult, i: int) -> list[float]:
    sums, at = [], 0
    for group in result.scenario.groups:
        size = len(list(group.leaves()))
        sums.append(float(result.contributions[i, at : at + size].sum()))
        at += size
    return sums


def _shared_points(result: SitingResult) -> list[list[str]]:
    """Ids of the compared zones that share a point, in groups, the best ranked first."""
    places = result.alternatives.groupby(["ref_lon", "ref_lat"], sort=False)["id"]
    return [list(ids) for _, ids in places if len(ids) > 1]


def _axis(result: SitingResult) -> tuple[float, float]:
    """Ends of the score axis: tenths around all intervals, or around scores without any."""
    ends = result.scores if np.isnan(result.score_interval).any() else result.score_interval
    low, high = float(ends.min()), float(ends.max())
    return int(low * 10) / 10, min(1.0, int(high * 10 + 0.999) / 10)


def _zone_names(layers: Mapping[str, gpd.GeoDataFrame], lang: Lang) -> dict[str, str]:
    """Name of every zone by its id."""
    zones = layers[ALTERNATIVES]
    names = zones["name_en" if lang == "en" else "name_zh"].fillna(zones["name_zh"])
    return dict(zip(zones["id"], names, strict=True))


def _hosts(layers: Mapping[str, gpd.GeoDataFrame]) -> list[tuple[str, str | None]]:
    """Areas printed as a zone's district that count in another one, or in none."""
    zones = layers[ALTERNATIVES]
    moved = zones[zones["district"] != zones["host_district"]]
    pairs = moved[["district", "host_district"]].drop_duplicates().itertuples(index=False)
    return [(str(printed), plain(host)) for printed, host in pairs]
