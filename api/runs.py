"""Load, run, show: one scenario on the layers of a workspace, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from api.documents.allocation import allocation_definition
from api.documents.contrast import contrast_document
from api.documents.location import location_definition
from api.documents.resolution import audit_document
from api.documents.siting import siting_definition, siting_document
from api.documents.values import Document
from api.models import Pair, SitingOptions
from geo.changes import Overtaking, overtaking, position_of
from geo.contrast import Contrast, contrast
from geo.odds import Odds, rank_odds
from geo.resolution import ResolutionAudit, audit_resolution
from geo.scenario import AllocationScenario, RankingSpec, Scenario, SitingScenario
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import Lang
from layers.scenarios import read_siting
from layers.store.base import Store

LONG_ROWS = 20_000
LONG_DRAWS = 25_000_000
"""A run of more alternatives, or of more values drawn, outlives a request; so does an audit."""

AS_DECLARED = SitingOptions()
"""A scenario as it stands, with no draws."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A siting scenario run, in no language yet: the ranking and all that was asked of it."""

    result: SitingResult
    odds: Odds | None = None
    asked: Overtaking | None = None
    contrast: Contrast | None = None
    audit: ResolutionAudit | None = None


def solve_siting(
    scenario: SitingScenario,
    layers: Mapping[str, gpd.GeoDataFrame],
    options: SitingOptions,
    *,
    other: SitingScenario | None = None,
) -> Solved:
    """Rank the alternatives, and do what else the options ask for.

    `other` is the scenario that `options.compare` names.
    """
    declared = scenario
    if options.weighting is not None:
        declared = scenario.model_copy(update={"weights": options.weighting})
    score = partial(score_alternatives, ranking=_ranking(scenario, options))
    result = score(declared, layers, weights=options.weights, as_of=options.as_of)
    audit = None
    if options.audit:
        audit = audit_resolution(
            declared, layers, weights=options.weights, as_of=options.as_of, score=score
        )
    odds = None
    if options.smaa is not None:
        odds = rank_odds(
            result,
            layers,
            territories=territories(layers),
            draws=options.smaa,
            seed=options.seed,
            weight_draws=options.weight_draws,
        )
    return Solved(
        result,
        odds,
        _asked(result, options.overtake),
        contrast(result, _other(options, other, layers)) if options.compare and other else None,
        audit,
    )


def _other(
    options: SitingOptions, other: SitingScenario, layers: Mapping[str, gpd.GeoDataFrame]
) -> SitingResult:
    """The ranking to compare with, on the same layers and as of the same day if one is given."""
    asked = options.compare
    assert asked is not None
    method = SitingOptions(method=asked.method)
    return score_alternatives(
        other,
        layers,
        weights=asked.weights,
        as_of=options.as_of,
        ranking=_ranking(other, method),
    )


def is_long(
    scenario: SitingScenario, layers: Mapping[str, gpd.GeoDataFrame], options: SitingOptions
) -> bool:
    """Whether a run takes longer than anybody should wait for an answer."""
    rows = len(layers.get(scenario.alternatives, ()))
    drawn = rows * len(scenario.criteria) * (options.smaa or 0)
    return options.audit or rows > LONG_ROWS or drawn > LONG_DRAWS


def territories(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, BaseGeometry]:
    """The districts' polygons by Chinese name, to which drawn positions are cut."""
    districts = layers["districts"]
    return dict(zip(districts["name_zh"], districts.geometry, strict=True))


def _ranking(scenario: SitingScenario, options: SitingOptions) -> RankingSpec | None:
    """The scenario's method with what the options change; None where they change nothing."""
    given = {"method": options.method, "norm": options.norm, "attitude": options.attitude}
    changed = {name: value for name, value in given.items() if value is not None}
    return scenario.ranking.model_copy(update=changed) if changed else None


def _asked(result: SitingResult, pair: Pair | None) -> Overtaking | None:
    if pair is None:
        return None
    behind = 0 if pair.behind is None else position_of(result, pair.behind)
    return overtaking(result, position_of(result, pair.ahead), behind)


def run_siting(
    store: Store,
    scenario: str | SitingScenario,
    options: SitingOptions = AS_DECLARED,
    *,
    lang: Lang,
) -> Document:
    """Rank the alternatives of a scenario on the layers of a workspace."""
    return document_of(solve_named(store, scenario, options), store, lang)


def solve_named(store: Store, scenario: str | SitingScenario, options: SitingOptions) -> Solved:
    """Run a scenario by its name (an id, or the path of a file) and the one it is compared with."""
    spec = read_siting(scenario, store) if isinstance(scenario, str) else scenario
    other = read_siting(options.compare.scenario, store) if options.compare else None
    return solve_siting(spec, store.read_layers(), options, other=other)


def document_of(solved: Solved, store: Store, lang: Lang) -> Document:
    """A run as a document in one language."""
    areas = store.read_table("areas")
    found, audit = solved.contrast, solved.audit
    document = siting_document(
        solved.result,
        store.read_layers(),
        sources=store.read_table("sources"),
        areas=areas,
        odds=solved.odds,
        asked=solved.asked,
        lang=lang,
    )
    return {
        **document,
        "contrast": contrast_document(found, areas=areas, lang=lang) if found else None,
        "audit": audit_document(audit, lang=lang) if audit else None,
    }


def scenario_definition(scenario: Scenario, lang: Lang) -> Document:
    """One scenario as declared."""
    if isinstance(scenario, SitingScenario):
        return siting_definition(scenario, lang)
    if isinstance(scenario, AllocationScenario):
        return allocation_definition(scenario, lang)
    return location_definition(scenario, lang)
