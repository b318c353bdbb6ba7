"""The report on a delineated zone: the site, its four bounds, its proof, what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api import palette
from api.boundaries import describe_boundaries
from api.documents.values import Document
from api.documents.zone import zone_document
from api.models.zone import ZoneOptions
from api.reports import zone_words
from api.reports.evidence import BINS_M, accuracies, city_name, source_rows
from api.reports.pages import fill_page
from api.reports.picture import NO_DATA_COLOUR, UNSUITABLE_COLOUR
from api.reports.zone_maps import Sheet, odds_map, overview_map, site_map
from api.version import VERSION
from api.zone_runs import solve_zone
from geo.arrays import Floats, Mask
from geo.criteria import describe
from geo.crs import STORAGE_CRS
from geo.location import Report
from geo.measure import transform
from geo.scenario import SitingScenario
from geo.sentence import Lang
from geo.zone_plan import NEXT_M, Site, ZonePlan
from layers.scenarios import read_siting
from layers.store.base import Store


@dataclass(frozen=True, slots=True, eq=False)
class ZoneStudy:
    """What the report tells of: the layers, the plan made on them, and how it was asked for."""

    layers: Mapping[str, gpd.GeoDataFrame]
    plan: ZonePlan
    options: ZoneOptions


def study_zone(
    store: Store,
    scenario: str | SitingScenario,
    options: ZoneOptions,
    *,
    report: Report | None = None,
) -> ZoneStudy:
    """Delineate the zone on the layers of a workspace; raises as `plan_zone` and `read_siting`."""
    spec = read_siting(scenario, store) if isinstance(scenario, str) else scenario
    layers = store.read_layers()
    return ZoneStudy(layers, solve_zone(spec, layers, options, report), options)


def render_zone(store: Store, study: ZoneStudy, lang: Lang) -> str:
    """The report as one HTML page without script and without outside request.

    The surface is a picture inside the page, coloured by the same whole numbers as on the screen.
    """
    plan, sketch = study.plan, study.options.sketch
    sources = store.read_table("sources")
    zh, en = (
        zone_document(plan, dict(study.layers), sources, one, sketch=sketch) for one in ("zh", "en")
    )
    document = zh if lang == "zh" else en
    used = [one["id"] for one in document["sources"]]
    assumed = set(document["assumptions"])
    values = {
        "city": city_name(store, lang),
        "hash": store.metadata.get("hash", ""),
        "boundaries": describe_boundaries(store.metadata.get("boundaries", "")),
        "version": VERSION,
        "palette": palette,
        "zone": document,
        "other": (en if lang == "zh" else zh)["four_bounds"],
        "odds": document.get("odds"),
        "unsuitable": UNSUITABLE_COLOUR,
        "no_data": NO_DATA_COLOUR,
        "status": {name: words.of(lang) for name, words in zone_words.STATUS.items()},
        "conclusion": zone_words.conclude_zone(zh, en),
        "objective": zone_words.explain_objective(plan),
        "proof": zone_words.explain_proof(),
        "area": zone_words.explain_area(plan.site, plan.question.cell_m) if plan.site else None,
        "criteria": criteria_rows(plan, lang),
        "left_out": [one.name.of(lang) for one in plan.ground.left_out],
        "next_m": NEXT_M,
        "apart_m": _apart_m(plan),
        "corner_pairs": _pairs(document["corners"] or []),
        "sources": source_rows(sources, used, plan.scenario.as_of, lang),
        "accuracies": accuracies(study.layers),
        "bins_m": BINS_M,
        "warnings": [one for one in document["warnings"] if one not in assumed],
        "as_of": document["as_of"],
        **_figures(study, document, lang),
    }
    return fill_page("zone.html.j2", values, lang)


def _figures(study: ZoneStudy, document: Document, lang: Lang) -> dict[str, Any]:
    sheet = Sheet.of(study.plan, study.layers)
    odds = document.get("odds")
    return {
        "unknown_cells": sheet.unknown,
        "city_map": overview_map(sheet, lang),
        "site_map": site_map(sheet, lang, sketch=study.options.sketch),
        "odds_map": odds_map(sheet, odds, lang) if odds else None,
    }


def criteria_rows(plan: ZonePlan, lang: Lang) -> list[Document]:
    """Criteria with their means by area: over the zone, the next best, and all that was searched.

    `mean` in the criterion's unit, `value` from 0 to 1, `contribution` = weight × value, each with
    one number for the zone and one for the next best (None where there is none); `around` is the
    mean over the eligible cells of the search area, None where nothing is known.
    """
    surface, area = plan.ground.surface, plan.ground.surface.grid.area_m2()
    sites = [plan.site, plan.runner_up[1] if plan.runner_up else None]
    masks = [None if site is None else _cells_of(plan, site) for site in sites]
    around = area * np.where(surface.eligible, surface.share, 0.0)
    rows = []
    for spec, criterion, measured in zip(
        plan.ground.specs, surface.criteria, surface.performance, strict=True
    ):
        weight = plan.ground.weights[spec.id]
        known = np.isfinite(measured) & (around > 0.0)
        means = [_mean(measured, area, mask) for mask in masks]
        worth = [
            None if mask is None else _mean(criterion.values(measured[mask]), area[mask])
            for mask in masks
        ]
        rows.append(
            {
                "id": spec.id,
                "name": spec.name.of(lang),
                "unit": spec.unit.of(lang),
                "weight": weight,
                "mean": means,
                "value": worth,
                "contribution": [None if one is None else weight * one for one in worth],
                "around": _mean(measured, around, known),
                "sentence": describe(spec).of(lang),
                "proxy_for": spec.proxy_for.of(lang) if spec.proxy_for else None,
                "as_of": spec.as_of.isoformat(),
                "sources": spec.sources,
            }
        )
    return rows


def _cells_of(plan: ZonePlan, site: Site) -> Mask:
    """Cells whose middle lies in a zone."""
    grid = plan.ground.surface.grid
    (shape,) = transform([site.geometry], STORAGE_CRS, grid.crs)
    east, north = grid.cell_centres()
    found: Mask = shapely.contains_xy(shape, *np.meshgrid(east, north))
    return found


def _mean(numbers: Floats, weight: Floats, mask: Mask | None = None) -> float | None:
    """Mean by weight of what is known; None where nothing is."""
    if mask is not None:
        numbers, weight = numbers[mask], weight[mask]
    known = np.isfinite(numbers)
    total = float(weight[known].sum())
    return float((numbers[known] * weight[known]).sum()) / total if total > 0.0 else None


def _apart_m(plan: ZonePlan) -> float | None:
    """Metres of the plane between the zone and the next best."""
    if plan.site is None or plan.runner_up is None:
        return None
    crs = plan.ground.surface.grid.crs
    one, other = transform([plan.site.geometry, plan.runner_up[1].geometry], STORAGE_CRS, crs)
    return float(shapely.distance(one, other))


def _pairs(corners: list[Document]) -> list[tuple[Document, Document | None]]:
    """Corners in two columns, read down the first and then the second."""
    half = (len(corners) + 1) // 2
    return list(zip_longest(corners[:half], corners[half:]))
