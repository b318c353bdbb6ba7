"""The best contiguous site of a scenario, and what is asked beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.delineation import ZoneSolution
from geo.delineation.problem import ZoneProblem
from geo.delineation.reduction import Reduction
from geo.location.watch import Report, Watch
from geo.scenario import SitingScenario
from geo.sentence import Sentence
from geo.suitability import Taken
from geo.zone_plan.barriers import Barrier, build_barrier
from geo.zone_plan.cells import Cells
from geo.zone_plan.ground import Ground, build_ground
from geo.zone_plan.inclusion import included
from geo.zone_plan.named import Named, find_named
from geo.zone_plan.nearest import nearest_words
from geo.zone_plan.overlaps import Overlap, overlaps
from geo.zone_plan.question import ZoneQuestion
from geo.zone_plan.search_area import Layers
from geo.zone_plan.several import (
    FIRST,
    NEXT,
    Group,
    alternatives,
    group_about,
    next_best,
    solve_bounded,
)
from geo.zone_plan.site import Site, site_of

if TYPE_CHECKING:
    from geo.zone_plan.odds import ZoneOdds

NEXT_M = 1_000.0
"""The next best zone keeps this distance from the best, else it would lie around it."""

_FIRST_SHARE = 0.75
_FIRST_OF_MANY = 0.5

Found = tuple[ZoneSolution, Site]


@dataclass(frozen=True, slots=True, eq=False)
class ZonePlan:
    """The answer to a `ZoneQuestion`.

    `searched_m2` is the area of the cells that might be in a zone. `site` is None where there is
    no zone; `solution` then says why. `runner_up` is the best zone `NEXT_M` or more from the first,
    with its own proof, None where there is none, where something must be in it, and where several
    zones were asked for. `cells` are the units, `problem` the checked question that `solution`
    answers.

    `further` are the other zones of a `group`, `alternatives` zones that differ, best first.
    `overlaps` are those of the first zone. `barrier` says what barriers cut, None without any,
    `nearest` what comes nearest where the request cannot be met.
    `odds` says how sure the zone is, None where it was not asked.
    """

    scenario: SitingScenario
    question: ZoneQuestion
    ground: Ground
    searched_m2: float
    solution: ZoneSolution
    reduction: Reduction
    site: Site | None
    runner_up: Found | None
    cells: Cells
    problem: ZoneProblem
    further: tuple[Found, ...] = ()
    group: Group | None = None
    alternatives: tuple[Found, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    barrier: Barrier | None = None
    nearest: Sentence | None = None
    odds: ZoneOdds | None = None

    @property
    def taken(self) -> tuple[Taken, ...]:
        """What each rule, and then each cut-off, takes from the search area."""
        return (*self.ground.surface.ledger.taken, *self.cells.cut)


def plan_zone(
    scenario: SitingScenario,
    layers: Layers,
    question: ZoneQuestion,
    *,
    weights: Mapping[str, float] | None = None,
    report: Report | None = None,
) -> ZonePlan:
    """Find the best contiguous site for a siting scenario, and what is asked beside it.

    `layers` are those of a workspace, in EPSG:4490. `weights` replaces numbers of criteria by id.
    A quarter of the time limit is kept for the next best, half of it where more zones are asked
    for. Raises `ZoneError` naming all that cannot be found in the layers, where no cell is left and
    where what must be in the zone cannot be, and as `build_ground`.
    """
    watch = Watch(question.time_limit_s, report)
    named = find_named(scenario, layers, question)
    ground = build_ground(
        scenario,
        layers,
        cell_m=question.cell_m,
        reach_m=question.reach_m,
        weights=weights,
        closures=question.closures,
    )
    scores = ground.surface.scores(ground.shares)
    cells = Cells.of(ground.surface, scores, cut_offs=question.cut_offs)
    barrier = build_barrier(cells, named.barriers, named.bridges) if question.barriers else None
    problem = cells.problem(
        question,
        must=included(cells, named.include),
        pairs=None if barrier is None else barrier.pairs,
    )
    many = question.zones > 1 or question.alternatives > 0
    first = watch.run(FIRST, share=_FIRST_OF_MANY if many else _FIRST_SHARE)
    solution, reduction = solve_bounded(problem, cells, first)
    asked = _Search(cells, problem, question, layers, named, watch)
    site = asked.site(solution) if solution.members else None
    more = asked.beside(solution) if site is not None else _More()
    return ZonePlan(
        scenario=scenario,
        question=question,
        ground=ground,
        searched_m2=math.fsum(cells.area),
        solution=solution,
        reduction=reduction,
        site=site,
        runner_up=more.runner_up,
        cells=cells,
        problem=problem,
        further=more.further,
        group=more.group,
        alternatives=more.alternatives,
        overlaps=overlaps(
            layers,
            None if site is None else site.geometry,
            ground.area,
            {one.id for one in ground.surface.rules},
        ),
        barrier=barrier,
        nearest=nearest_words(cells, solution, layers),
    )


@dataclass(frozen=True, slots=True)
class _More:
    """Zones beside the first."""

    runner_up: Found | None = None
    further: tuple[Found, ...] = ()
    group: Group | None = None
    alternatives: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What all zones of one question share."""

    cells: Cells
    problem: ZoneProblem
    question: ZoneQuestion
    layers: Layers
    named: Named
    watch: Watch

    def site(self, solution: ZoneSolution) -> Site:
        """Lay a zone on the ground."""
        return site_of(
            self.cells,
            solution,
            self.layers,
            snap_to=self.named.snap_to,
            snap_m=self.question.snap_m,
        )

    def beside(self, first: ZoneSolution) -> _More:
        """The other zones of a group; else the next best, and alternatives."""
        asked, given = self.question, (self.cells, self.problem, first)
        if asked.zones > 1:
            zones, group = group_about(
                *given, self.watch, count=asked.zones, spacing_m=asked.spacing_m
            )
            return _More(further=self._found(zones), group=group)
        part = self.watch.run(NEXT, share=1.0 / (1 + asked.alternatives))
        # what must be in every zone is in the first: none elsewhere has it
        following = None if asked.include else next_best(*given, part, away_m=NEXT_M)
        known = () if following is None or not following.members else (following,)
        others = alternatives(
            *given,
            self.watch,
            count=asked.alternatives,
            difference=asked.difference,
            known=known,
        )
        runner_up = self._found(known)
        return _More(
            runner_up=runner_up[0] if runner_up else None, alternatives=self._found(others)
        )

    def _found(self, zones: tuple[ZoneSolution, ...]) -> tuple[Found, ...]:
        return tuple((one, self.site(one)) for one in zones if one.members)
