"""Load, place, show: one location scenario on the layers of a workspace, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd

from api.documents.allocation import allocation_document
from api.documents.location import location_document
from api.documents.values import Document
from api.models import LocationOptions
from api.runs import territories
from geo.errors import InfeasibleError, ScenarioError
from geo.hubs import AllocationResult, HubQuestions, LocationResult, allocate, place_hubs
from geo.location import Progress, Report
from geo.scenario import AllocationScenario, LocationScenario
from geo.sentence import Lang
from layers.scenarios import read_hubs
from layers.store.base import Store

AT_ONCE_S = 10.0
"""A request that waits for its plan has it solved for so long per reading, if not told less."""

AS_DECLARED = LocationOptions()
"""A scenario as it stands, with no question beyond the plan."""


@dataclass(slots=True)
class Listener:
    """Passes progress on, and remembers whether the run was asked to end before it was done."""

    report: Report | None
    cancelled: bool = False

    def __call__(self, progress: Progress) -> bool:
        """Return False where the run must end."""
        if self.report is not None and self.report(progress) is False:
            self.cancelled = True
        return not self.cancelled


Placement = LocationScenario | AllocationScenario
"""A scenario that places facilities, or shares them out."""

HubResult = LocationResult | AllocationResult

_OF_SITES = ("model", "k_best", "fronts", "prices", "robust")


def solve_hubs(
    scenario: Placement,
    layers: Mapping[str, gpd.GeoDataFrame],
    options: LocationOptions,
    report: Report | None = None,
) -> HubResult:
    """Place (or share out) the facilities of every reading, and answer what else was asked.

    Raises `ScenarioError` for a question that an allocation has no answer to.
    """
    if isinstance(scenario, AllocationScenario):
        _require_no_sites(scenario, options)
        return allocate(
            scenario,
            layers,
            reading=options.reading,
            as_of=options.as_of,
            draws=options.draws,
            seed=options.seed,
        )
    return place_hubs(
        scenario,
        layers,
        model=options.model,
        reading=options.reading,
        as_of=options.as_of,
        time_limit_s=options.time_limit_s,
        report=report,
        territories=territories(layers),
        questions=questions_of(options),
    )


def questions_of(options: LocationOptions) -> HubQuestions:
    """What is asked beyond the plan."""
    return HubQuestions(
        k_best=options.k_best,
        fronts=options.fronts,
        prices=options.prices,
        robust=options.robust,
        draws=options.draws,
        seed=options.seed,
    )


def _require_no_sites(scenario: AllocationScenario, options: LocationOptions) -> None:
    """Raise `ScenarioError` where more is asked than whole numbers can answer."""
    asked = options.model_dump()
    wrong = [
        name for name in _OF_SITES if asked[name] != LocationOptions.model_fields[name].default
    ]
    if wrong:
        raise ScenarioError(
            f"scenario {scenario.id!r} shares out numbers and chooses no sites, so it has no "
            f"{', '.join(wrong)}; leave that out",
            f"方案 {scenario.id!r} 只分配个数，不选址，没有 {'、'.join(wrong)}；请去掉",
        )


def run_location(
    store: Store,
    scenario: str | Placement,
    options: LocationOptions = AS_DECLARED,
    *,
    report: Report | None = None,
    lang: Lang,
) -> Document:
    """Solve the readings of a location scenario on the layers of a workspace."""
    spec = read_hubs(scenario, store) if isinstance(scenario, str) else scenario
    result = solve_hubs(spec, store.read_layers(), options, report)
    return plan_document(result, options, store, lang)


def plan_document(
    result: HubResult, options: LocationOptions, store: Store, lang: Lang
) -> Document:
    """A plan, or an allocation, as a document in one language."""
    sources, areas = store.read_table("sources"), store.read_table("areas")
    if isinstance(result, AllocationResult):
        return allocation_document(
            result, seed=options.seed, sources=sources, areas=areas, lang=lang
        )
    return location_document(result, questions_of(options), sources=sources, areas=areas, lang=lang)


def is_long(scenario: Placement, options: LocationOptions) -> bool:
    """Whether a run takes longer than anybody should wait for an answer.

    It does where more than the plan is asked, or more than `AT_ONCE_S` seconds are allowed, and
    where tiers or loads make the model a hard one.
    """
    if isinstance(scenario, AllocationScenario):
        return False
    asked = options.fronts or options.prices or options.robust or options.draws is not None
    limit = options.time_limit_s
    hard = bool(scenario.tiers) or scenario.capacity is not None or scenario.least_load is not None
    return asked or options.k_best > 1 or hard or (limit is not None and limit > AT_ONCE_S)


def is_proven(result: HubResult) -> bool:
    """Whether every reading is proven the best, or impossible."""
    if isinstance(result, AllocationResult):
        return True
    return all(one.solution.status in ("optimal", "infeasible") for one in result.readings)


def limited(options: LocationOptions, limit_s: float) -> LocationOptions:
    """The options with a time limit where they have none."""
    if options.time_limit_s is not None:
        return options
    return options.model_copy(update={"time_limit_s": limit_s})


def require_feasible(plan: Document) -> None:
    """Raise `InfeasibleError` with the reason where a reading of a hub plan has no solution."""
    reasons = [
        f"{one['title']}: {one['infeasible_because']}"
        for one in plan["readings"]
        if one["status"] == "infeasible"
    ]
    if reasons:
        raise InfeasibleError("; ".join(reasons), "；".join(reasons))
