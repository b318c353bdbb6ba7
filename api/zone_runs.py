"""Load, delineate, show: a zone on the layers of a workspace, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import geopandas as gpd

from api.documents.values import Document
from api.documents.zone import zone_document
from api.models.zone import ZoneOptions
from geo.delineation import ZoneError
from geo.location import Report
from geo.location.watch import Watch, telling
from geo.scenario import SitingScenario
from geo.sentence import Lang, Sentence
from geo.zone_plan import ZonePlan, ZoneQuestion, find_named, plan_zone
from geo.zone_plan.odds import zone_odds
from layers.store.base import Store

_DRAWS = Sentence("把握", "how sure")
_ASKED = tuple(field.name for field in fields(ZoneQuestion))


def zone_question(options: ZoneOptions) -> ZoneQuestion:
    """The question that the options ask; raises `ZoneError` for one that makes no sense."""
    given: dict[str, Any] = {name: getattr(options, name) for name in _ASKED}
    return ZoneQuestion(**given)


def require_askable(
    scenario: SitingScenario, layers: Mapping[str, gpd.GeoDataFrame], options: ZoneOptions
) -> None:
    """Raise `ZoneError` for a question that makes no sense, or names what the layers have not."""
    find_named(scenario, layers, zone_question(options))


def solve_zone(
    scenario: SitingScenario,
    layers: Mapping[str, gpd.GeoDataFrame],
    options: ZoneOptions,
    report: Report | None = None,
) -> ZonePlan:
    """Delineate the zone, and do what else the options ask for; raises as `plan_zone`.

    The time limit is for the zones; draws take as long as they take, and come without odds where
    the run is ended before the first of them.
    """
    plan = plan_zone(
        scenario, layers, zone_question(options), weights=options.weights, report=report
    )
    if options.draws is None or plan.site is None:
        return plan
    watch = Watch(None, telling(report, _DRAWS))
    try:
        odds = zone_odds(plan, layers, draws=options.draws, seed=options.seed, watch=watch)
    except ZoneError:
        if not watch.cancelled:
            raise
        return plan
    return replace(plan, odds=odds)


def run_zone(
    store: Store,
    scenario: SitingScenario,
    options: ZoneOptions,
    *,
    report: Report | None = None,
    lang: Lang,
) -> Document:
    """Delineate a zone on the layers of a workspace, as a document in one language."""
    layers = store.read_layers()
    plan = solve_zone(scenario, layers, options, report)
    sources = store.read_table("sources")
    return zone_document(plan, layers, sources, lang, sketch=options.sketch)
