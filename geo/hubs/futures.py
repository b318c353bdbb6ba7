"""The plan that stands all futures: demand and ways other than today's."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geo.arrays import Floats
from geo.criteria.selection import meets
from geo.errors import ScenarioError
from geo.hubs.places import Places
from geo.location import LocationProblem, Watch
from geo.location.choices.regret import Regret, solve_regret
from geo.scenario import Future, LocationScenario


def robust_plan(
    scenario: LocationScenario, places: Places, problem: LocationProblem, watch: Watch
) -> Regret:
    """The plan whose greatest regret, as a share of each future's own best plan, is least."""
    futures = [
        (future.title, _in_future(scenario, future, places.demand, problem))
        for future in scenario.futures
    ]
    return solve_regret(futures, watch, relative=True)


def require_futures(scenario: LocationScenario) -> None:
    """Raise `ScenarioError` where a scenario declares no futures."""
    if not scenario.futures:
        raise ScenarioError(
            f"scenario {scenario.id!r} declares no futures for a robust plan; add some",
            f"方案 {scenario.id!r} 没有声明稳健比较所需的 futures；请补充",
        )


def _in_future(
    scenario: LocationScenario, future: Future, demand: pd.DataFrame, problem: LocationProblem
) -> LocationProblem:
    """The same question with the weights and ways of one future."""
    weight: Floats = problem.demand_weight.copy()
    for one in future.factors:
        weight[meets(demand, one.filter)] *= one.factor
    longer = 1.0 if future.circuity is None else future.circuity / scenario.circuity
    return replace(problem, demand_weight=weight, cost=problem.cost * longer)
