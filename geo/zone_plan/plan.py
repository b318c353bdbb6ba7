"""The best contiguous site of a scenario, and the next best beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo.delineation import ZoneSolution
from geo.delineation.choices import within
from geo.delineation.problem import ZoneProblem
from geo.delineation.reduction import Reduction, solve_large_zone
from geo.location.watch import Report, Watch
from geo.scenario import SitingScenario
from geo.zone_plan.cells import Cells
from geo.zone_plan.ground import Ground, build_ground
from geo.zone_plan.question import ZoneQuestion
from geo.zone_plan.search_area import Layers
from geo.zone_plan.site import Site, site_of

NEXT_M = 1_000.0
"""The next best zone keeps this distance from the best, else it would lie around it."""

_NEXT_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class ZonePlan:
    """The answer to a `ZoneQuestion`.

    `searched_m2` is the area of the cells that might be in a zone. `site` is None where there is
    no zone; `solution` then says why. `runner_up` is the best zone `NEXT_M` or more from the first,
    with its own proof, None where there is none.
    """

    scenario: SitingScenario
    question: ZoneQuestion
    ground: Ground
    searched_m2: float
    solution: ZoneSolution
    reduction: Reduction
    site: Site | None
    runner_up: tuple[ZoneSolution, Site] | None


def plan_zone(
    scenario: SitingScenario,
    layers: Layers,
    question: ZoneQuestion,
    *,
    weights: Mapping[str, float] | None = None,
    report: Report | None = None,
) -> ZonePlan:
    """Find the best contiguous site for a siting scenario, and the next best beside it.

    `layers` are those of a workspace, in EPSG:4490. `weights` replaces numbers of criteria by id.
    A quarter of the time limit is kept for the next best. Raises as `build_ground`, and `ZoneError`
    where no cell is whole and has all criteria.
    """
    watch = Watch(question.time_limit_s, report)
    ground = build_ground(
        scenario, layers, cell_m=question.cell_m, reach_m=question.reach_m, weights=weights
    )
    cells = Cells.of(ground.surface, ground.surface.scores(ground.shares))
    problem = cells.problem(question)
    solution, reduction = solve_large_zone(
        problem, _part(watch, 1.0 - _NEXT_SHARE), least_boundary_m=cells.least_boundary_m
    )
    site = site_of(cells, solution, layers) if solution.members else None
    runner_up = _runner_up(cells, problem, solution, layers, watch) if site is not None else None
    return ZonePlan(
        scenario,
        question,
        ground,
        math.fsum(cells.area),
        solution,
        reduction,
        site,
        runner_up,
    )


def _part(watch: Watch, share: float) -> Watch:
    part = watch.part()
    if part.time_limit_s is not None:
        part.time_limit_s *= share
    return part


def _runner_up(
    cells: Cells, problem: ZoneProblem, first: ZoneSolution, layers: Layers, watch: Watch
) -> tuple[ZoneSolution, Site] | None:
    taken = np.isin(np.arange(problem.units), first.members)
    elsewhere = problem.without(taken | within(cells.places(), taken, NEXT_M))
    found, _ = solve_large_zone(elsewhere, watch.part(), least_boundary_m=cells.least_boundary_m)
    return (found, site_of(cells, found, layers)) if found.members else None
