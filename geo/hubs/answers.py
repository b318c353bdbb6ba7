"""What is asked beyond a plan: further plans, fronts, and what each condition costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geo.hubs.models import GREATEST, MAY_LEAVE, MODEL_WORDS
from geo.hubs.solving import solver_of
from geo.location import LocationProblem, Watch
from geo.location.choices.fronts import Front, cost_coverage_front, coverage_front, mean_worst_front
from geo.location.choices.k_best import RankedPlans, k_best_plans
from geo.location.choices.prices import ConditionPrices, condition_prices
from geo.scenario import LocationModel
from geo.sentence import Sentence

_MOST_TIMES = 2
"""The front of coverage goes up to so many times the reading's number of facilities."""


@dataclass(frozen=True, slots=True, eq=False)
class HubFronts:
    """Plans between two aims under a reading's conditions.

    `mean_worst`: total cost against the longest way; `cost_coverage`: total cost against demand
    within the service radius; `number_coverage`: number of facilities against demand covered.
    """

    mean_worst: Front
    cost_coverage: Front
    number_coverage: Front


def ranked_plans(
    model: LocationModel, radius_m: float, problem: LocationProblem, k: int, watch: Watch
) -> RankedPlans:
    """The `k` best distinct plans of a model."""
    return k_best_plans(
        solver_of(model, radius_m),
        problem,
        k,
        watch,
        maximise=model in GREATEST,
        serve_all=model not in MAY_LEAVE,
    )


def prices_of(
    model: LocationModel,
    radius_m: float,
    problem: LocationProblem,
    names: Sequence[Sentence],
    watch: Watch,
) -> ConditionPrices:
    """What each condition costs, in words with the candidates' names (m,)."""
    return condition_prices(
        solver_of(model, radius_m),
        problem,
        watch,
        maximise=model in GREATEST,
        serve_all=model not in MAY_LEAVE,
        names=names,
        unit=MODEL_WORDS[model].unit,
    )


def fronts_of(problem: LocationProblem, radius_m: float, watch: Watch) -> HubFronts:
    """The fronts of a reading with a number of facilities, whatever model it is solved by.

    Ways, coverage and their trade do not depend on the model; each front has the watch's time.
    """
    most = min(_MOST_TIMES * (problem.conditions.p or 1), len(problem.conditions.allowed))
    return HubFronts(
        mean_worst_front(problem, watch.part()),
        cost_coverage_front(problem, watch.part(), service_radius=radius_m),
        coverage_front(
            solver_of("mclp", radius_m), problem, watch.part(), numbers=range(1, most + 1)
        ),
    )


def names_of(candidates: pd.DataFrame) -> list[Sentence]:
    """Names of the candidates in both languages; the Chinese one where there is no English."""
    english = candidates["name_en"].fillna(candidates["name_zh"])
    return [
        Sentence(str(zh), str(en)) for zh, en in zip(candidates["name_zh"], english, strict=True)
    ]
