"""How often each candidate is chosen when demand, places and ways are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.hubs.draws import build_draws
from geo.hubs.models import GREATEST
from geo.hubs.places import Places
from geo.hubs.solving import solver_of
from geo.location import LocationProblem, Watch
from geo.location.choices.selection import Selection, WarmMedian, selection_acceptability
from geo.scenario import LocationModel, LocationScenario


def selection_odds(
    scenario: LocationScenario,
    places: Places,
    problem: LocationProblem,
    base: Sequence[int],
    watch: Watch,
    *,
    model: LocationModel,
    draws: int,
    seed: int,
    territories: Mapping[str, BaseGeometry] | None,
) -> Selection:
    """How often each candidate is in the best plan, over draws of what the scenario declares.

    `base` are the open columns of the plan in question. Raises `CostMatrixError` for draws below 1.
    """
    drawn = build_draws(
        scenario, places, problem.cost, problem.demand_weight, territories=territories
    )
    solve = WarmMedian() if model == "p_median" else solver_of(model, scenario.service_radius_m)
    return selection_acceptability(
        solve,
        problem,
        drawn.draw,
        draws=draws,
        generator=np.random.default_rng(seed),
        watch=watch,
        base=base,
        maximise=model in GREATEST,
    )
