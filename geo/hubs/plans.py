"""From a location scenario and loaded layers to placed hubs with their proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Mask
from geo.criteria import Tables
from geo.hubs.answers import HubFronts, fronts_of, names_of, prices_of, ranked_plans
from geo.hubs.conflicts import named_conflict
from geo.hubs.draws import require_errors
from geo.hubs.futures import require_futures, robust_plan
from geo.hubs.odds import selection_odds
from geo.hubs.places import Places, build_places, demand_weight, ways_m
from geo.hubs.questions import HubQuestions
from geo.hubs.readings import modelled, readings_of
from geo.hubs.sites import facility_count, groups_of, site_keywords
from geo.hubs.solving import solver_of
from geo.hubs.tier_odds import TierSelection, tier_selection
from geo.hubs.tiers import between_m, locate_tiers, lowest_problem, lowest_tier
from geo.location import (
    LocationProblem,
    LocationSolution,
    Report,
    Watch,
    build_problem,
    decomposes,
)
from geo.location.choices.k_best import RankedPlans
from geo.location.choices.prices import ConditionPrices
from geo.location.choices.regret import Regret
from geo.location.choices.selection import Selection
from geo.location.tiers.hierarchy import TieredSolution
from geo.location.watch import telling
from geo.scenario import LocationModel, LocationScenario, Reading
from geo.sentence import Sentence

AS_PLANNED = HubQuestions()
"""The plan alone."""

_PLAN = Sentence("选址方案", "the plan")
_BEST = Sentence("最好的几个方案", "the best plans")
_FRONTS = Sentence("前沿", "the fronts")
_PRICES = Sentence("各条件的代价", "the price of each condition")
_ROBUST = Sentence("多种前景下的方案", "the plan for several futures")
_ODDS = Sentence("入选机会", "the odds of being chosen")


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """One reading solved.

    `distance_m` is (demand, candidate), `inf` where service is ruled out; `weight` (demand,).
    `blocks` is how many independent problems it falls apart into, 0 where it does not. The rest is
    what was asked beyond the plan, None where it was not, or has no meaning here (`HubQuestions`).
    Where `tiers` are located, `solution` is the lowest, which serves the demand, under their proof.
    """

    reading: Reading
    model: LocationModel
    solution: LocationSolution
    distance_m: Floats
    weight: Floats
    blocks: int
    ranked: RankedPlans | None = None
    fronts: HubFronts | None = None
    prices: ConditionPrices | None = None
    regret: Regret | None = None
    selection: Selection | None = None
    tiers: TieredSolution | None = None
    tier_selection: TierSelection | None = None

    @property
    def alternatives(self) -> tuple[LocationSolution, ...]:
        """The best plans in order, this one first, where several were asked for."""
        return () if self.ranked is None else self.ranked.plans


@dataclass(frozen=True, slots=True)
class LocationResult:
    """All readings of a scenario over the same demand (rows) and candidates (columns).

    `existing` (m,) marks the candidates that stand already.
    """

    scenario: LocationScenario
    as_of: date
    demand: pd.DataFrame
    candidates: pd.DataFrame
    existing: Mask
    readings: list[ReadingResult]

    @property
    def model(self) -> LocationModel:
        """The model of the main reading."""
        return self.readings[0].model


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """What all readings share."""

    scenario: LocationScenario
    places: Places
    tables: Tables
    weight: Floats
    territories: Mapping[str, BaseGeometry] | None
    questions: HubQuestions
    time_limit_s: float | None
    report: Report | None

    def watch(self, reading: Reading, run: Sentence) -> Watch:
        """A stopwatch for one run on a reading, which says that it begins."""
        title = reading.title
        about = Sentence(f"{title.zh}：{run.zh}", f"{title.en}: {run.en}")
        watch = Watch(self.time_limit_s, telling(self.report, about))
        watch.go_on()
        return watch


def place_hubs(
    scenario: LocationScenario,
    tables: Tables,
    *,
    model: LocationModel | None = None,
    reading: str | None = None,
    as_of: date | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    questions: HubQuestions = AS_PLANNED,
    territories: Mapping[str, BaseGeometry] | None = None,
) -> LocationResult:
    """Solve every reading of the scenario (or the one named), exactly, and what else is asked.

    Cost is the geodesic distance times the declared circuity; a facility's location error is no
    part of it. Demand whose place is not known (`is_located`) has no finite cost and stays
    unserved; such candidates are left out. `model` stands in the place of the declared ones.
    `time_limit_s` bounds each run, `report` hears of every run. `territories` are the districts'
    polygons by Chinese name (EPSG:4490), to which drawn positions are cut.

    Raises `ScenarioError` for an unknown reading, where no demand or no candidate is located, for
    a filter that meets nothing, for a model that the scenario cannot be solved by and for a
    question that it declares nothing for (`futures`, an error to draw); `CrsError` for layers in
    different systems, `CostMatrixError` for too many pairs.
    """
    chosen = [modelled(scenario, one, model) for one in readings_of(scenario, reading)]
    _require_answers(scenario, questions)
    places = build_places(scenario, tables)
    study = _Study(
        scenario,
        places,
        tables,
        demand_weight(scenario, places.demand),
        territories,
        questions,
        time_limit_s,
        report,
    )
    return LocationResult(
        scenario,
        as_of or scenario.as_of,
        places.demand,
        places.candidates,
        places.existing,
        [_solve(study, one) for one in chosen],
    )


def _require_answers(scenario: LocationScenario, questions: HubQuestions) -> None:
    """Require what the questions need of the scenario, before anything is solved."""
    if questions.robust:
        require_futures(scenario)
    if questions.draws is not None:
        require_errors(scenario)


def _solve(study: _Study, reading: Reading) -> ReadingResult:
    return _tiered(study, reading) if study.scenario.tiers else _placed(study, reading)


def _tiered(study: _Study, reading: Reading) -> ReadingResult:
    scenario, places, weight = study.scenario, study.places, study.weight
    ways = _served_m(study, reading)
    between = between_m(scenario, reading, places)
    found = locate_tiers(
        scenario,
        reading,
        places,
        lowest=ways,
        between=between,
        weight=weight,
        watch=study.watch(reading, _PLAN),
    )
    problem = lowest_problem(scenario, reading, places, ways, weight)
    model, lowest = scenario.model_of(reading), lowest_tier(problem, found)
    result = ReadingResult(reading, model, lowest, ways, weight, blocks=0, tiers=found)
    asked = study.questions
    if asked.draws is None or not found.tiers:
        return result
    selection = tier_selection(
        scenario,
        reading,
        places,
        ways,
        weight,
        study.watch(reading, _ODDS),
        draws=asked.draws,
        seed=asked.seed,
        territories=study.territories,
    )
    return replace(result, tier_selection=selection)


def _placed(study: _Study, reading: Reading) -> ReadingResult:
    model, radius_m = study.scenario.model_of(reading), study.scenario.service_radius_m
    problem = _problem(study, reading)
    found = solver_of(model, radius_m)(problem, study.watch(reading, _PLAN))
    names = names_of(study.places.candidates)
    solution = named_conflict(found, problem, model, radius_m, names)
    result = ReadingResult(
        reading, model, solution, problem.cost, study.weight, len(decomposes(problem))
    )
    return _answered(study, result, problem) if solution.facilities else result


def _answered(study: _Study, result: ReadingResult, problem: LocationProblem) -> ReadingResult:
    """The result of a reading that has a plan with what else is asked."""
    asked, model, radius_m = study.questions, result.model, study.scenario.service_radius_m
    if asked.k_best > 1:
        watch = study.watch(result.reading, _BEST)
        ranked = ranked_plans(model, radius_m, problem, asked.k_best, watch)
        result = replace(result, ranked=ranked)
    if asked.fronts and problem.conditions.p is not None:
        watch = study.watch(result.reading, _FRONTS)
        result = replace(result, fronts=fronts_of(problem, radius_m, watch))
    if asked.prices:
        names = names_of(study.places.candidates)
        watch = study.watch(result.reading, _PRICES)
        prices = prices_of(model, radius_m, problem, names, watch)
        result = replace(result, prices=prices)
    if asked.robust and model == "p_median" and not problem.conditions.is_loaded:
        watch = study.watch(result.reading, _ROBUST)
        regret = robust_plan(study.scenario, study.places, problem, watch)
        result = replace(result, regret=regret)
    if asked.draws is not None:
        result = replace(result, selection=_selection(study, result, problem, asked.draws))
    return result


def _selection(
    study: _Study, result: ReadingResult, problem: LocationProblem, draws: int
) -> Selection:
    return selection_odds(
        study.scenario,
        study.places,
        problem,
        result.solution.facilities,
        study.watch(result.reading, _ODDS),
        model=result.model,
        draws=draws,
        seed=study.questions.seed,
        territories=study.territories,
    )


def _problem(study: _Study, reading: Reading) -> LocationProblem:
    """The question of one reading."""
    scenario, places = study.scenario, study.places
    return build_problem(
        _served_m(study, reading),
        p_facilities=facility_count(scenario, reading, places),
        demand_weight=study.weight,
        **site_keywords(scenario, reading, places, study.tables),
    )


def _served_m(study: _Study, reading: Reading) -> Floats:
    """Ways in m, `inf` where the reading rules service out: (n, m)."""
    ways = ways_m(study.places, study.scenario.circuity)
    groups = groups_of(study.scenario, study.places.candidates).to_numpy()
    home = groups_of(study.scenario, study.places.demand).to_numpy()
    if not reading.own_district_only:
        return ways
    return np.where(home[:, None] == groups[None, :], ways, np.inf)
