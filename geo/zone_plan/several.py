"""More than one zone: the next best, alternatives that differ, a core with others about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Mask
from geo.delineation import ZoneSolution
from geo.delineation.choices import differing
from geo.delineation.problem import ZoneProblem
from geo.delineation.reduction import (
    Reduction,
    grown_plan,
    restricted,
    solve_large_zone,
    worthwhile,
)
from geo.delineation.refinement import bound_without_contiguity
from geo.delineation.starts import Plan, is_zone, worth_of
from geo.delineation.zone import solve_zone_problem
from geo.location.gaps import relative_gap
from geo.location.watch import Watch
from geo.sentence import Sentence
from geo.zone_plan.cells import Cells

_WAYS = 8
_AROUND = 1.5
"""Alternatives are first looked for within so many sides of a zone around the one before."""

_REDUCING = 4

FIRST = Sentence("推荐范围", "the best zone")
NEXT = Sentence("次好的范围", "the next best")


def _about(zh: str, en: str, number: int, count: int) -> Sentence:
    return Sentence(f"{zh} {number}/{count}", f"{en} {number} of {count}")


@dataclass(frozen=True, slots=True)
class Group:
    """A core and the zones about it, `placed` of `zones`, all `spacing_m` or more from each other.

    Each is the best for what those before it leave. `objective` is the sum of those placed;
    `bound` is what no arrangement of as many can beat in sum: the bound of each as if it were
    alone. `gap` is how far apart they are.
    """

    zones: int
    placed: int
    spacing_m: float
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the objective is from the bound, as a share of it."""
        return relative_gap(self.objective, self.bound)

    @property
    def sentence(self) -> Sentence:
        """What is proven of the group, in words."""
        few_zh = (
            "" if self.placed == self.zones else f"（要求 {self.zones} 个，其余已放不下或未找到）"
        )
        few = "" if self.placed == self.zones else f" of the {self.zones} asked for; no more fit"
        return Sentence(
            f"共 {self.placed} 个分区{few_zh}，两两相距不少于 {self.spacing_m:,g} 米；"
            "依次放置，每个都是在前者留下的地上最好的；"
            f"合计与界相差 {self.gap:.2%}，界是各区单独求解之界的和，任何布局都不能超过",
            f"{self.placed} zones{few}, {self.spacing_m:,g} m or more apart; placed in turn, each "
            "the best on what those before it leave; together they are within "
            f"{self.gap:.2%} of a bound that no arrangement beats: the sum of the bounds of "
            "each zone alone",
        )


def mask_of(problem: ZoneProblem, zone: ZoneSolution) -> Mask:
    """Members of a zone as a mask: (n,)."""
    return np.isin(np.arange(problem.units), zone.members)


def solve_bounded(
    problem: ZoneProblem, cells: Cells, watch: Watch, *, most: float = math.inf
) -> tuple[ZoneSolution, Reduction]:
    """Solve a question; a zone that was found has a bound, whatever the time was.

    `most` is a bound known from a question that asks for less.
    """
    found, reduction = solve_large_zone(problem, watch, least_boundary_m=cells.least_boundary_m)
    return _bounded(found, problem, most), reduction


def _bounded(found: ZoneSolution, problem: ZoneProblem, most: float) -> ZoneSolution:
    """The same with the best bound known; none without a zone."""
    if not found.members or found.status == "optimal":
        return found
    bound = found.bound
    if not math.isfinite(bound):
        bound = bound_without_contiguity(problem)
    bound = max(min(bound, most), found.objective)
    return replace(found, bound=bound, gap=relative_gap(found.objective, bound))


def next_best(
    cells: Cells, problem: ZoneProblem, first: ZoneSolution, watch: Watch, *, away_m: float
) -> ZoneSolution:
    """The best zone whose cells' middles are `away_m` or more from those of the first."""
    taken = mask_of(problem, first)
    elsewhere = problem.without(taken | cells.near(taken, away_m))
    return solve_bounded(elsewhere, cells, watch, most=first.bound)[0]


def alternatives(
    cells: Cells,
    problem: ZoneProblem,
    first: ZoneSolution,
    watch: Watch,
    *,
    count: int,
    difference: float,
    known: tuple[ZoneSolution, ...] = (),
) -> tuple[ZoneSolution, ...]:
    """Up to `count` zones, best first, that leave out `difference` of the area of each before.

    `known` are zones to begin with, where they differ enough.
    """
    found: list[ZoneSolution] = []
    before = [mask_of(problem, first)]
    starts = [mask_of(problem, one) for one in known]
    most = first.bound
    while len(found) < count:
        problem = differing(problem, before[-1], difference)
        about = _about("备选范围", "alternative", len(found) + 1, count)
        part = watch.run(about, share=1.0 / (count - len(found)))
        near = _beside(cells, problem, before, difference, part)
        zone = _solve_from(problem, cells, [*starts, *near], part, most=most)
        if not zone.members:
            break
        found.append(zone)
        before.append(mask_of(problem, zone))
        most = zone.bound
    return tuple(found)


def _beside(
    cells: Cells, problem: ZoneProblem, before: list[Mask], difference: float, watch: Watch
) -> list[Mask]:
    """Zones near the one before that leave out one side of each zone before: to begin with."""
    reach_m = _AROUND * math.sqrt(problem.max_m2)
    around = cells.near(before[-1], reach_m) | before[-1]
    place = cells.places()
    found = []
    for way in range(_WAYS):
        angle = 2.0 * math.pi * way / _WAYS
        along = place @ np.array([math.cos(angle), math.sin(angle)])
        out = np.zeros(problem.units, dtype=bool)
        for zone in before:
            out |= _side(zone, along, problem, difference)
        part, index = restricted(problem.without(out), around & ~out)
        plan = grown_plan(part.model(), watch.part())
        if plan is not None:
            mask = np.zeros(problem.units, dtype=bool)
            mask[index] = plan.mask
            found.append(mask)
    return found


def _side(zone: Mask, along: Floats, problem: ZoneProblem, share: float) -> Mask:
    """The far part of a zone, of so great a share of its area or a little more.

    What must be in every zone is no part of it.
    """
    members = np.flatnonzero(zone & ~problem.must)
    order = members[np.argsort(-along[members], kind="stable")]
    filled = np.cumsum(problem.areas_m2[order])
    least_m2 = share * problem.area_of(zone) * (1.0 - 1e-12)
    side = np.zeros(len(zone), dtype=bool)
    side[order[: int(np.searchsorted(filled, least_m2)) + 1]] = True
    return side


def _solve_from(
    problem: ZoneProblem, cells: Cells, starts: list[Mask], watch: Watch, *, most: float
) -> ZoneSolution:
    """As `solve_bounded`, begun with the best of some zones that the question allows."""
    model = problem.model()
    plans = [Plan(one, worth_of(model, one)) for one in starts if is_zone(model, one)]
    if not plans:
        return solve_bounded(problem, cells, watch, most=most)[0]
    known = max(plans, key=lambda one: one.worth)
    price = problem.perimeter_price

    def least_price(area_m2: float) -> float:
        return price * cells.least_boundary_m(area_m2)

    reducing = watch.part()
    if reducing.time_limit_s is not None:
        reducing.time_limit_s /= _REDUCING
    kept = worthwhile(model, known, reducing, least_price if price > 0.0 else None)
    part, index = restricted(problem, kept)
    hint = Plan(known.mask[index], known.worth)
    answer = solve_zone_problem(part, watch, hint=hint)
    return _bounded(
        replace(answer, members=tuple(index[list(answer.members)].tolist())), problem, most
    )


def group_about(
    cells: Cells,
    problem: ZoneProblem,
    core: ZoneSolution,
    watch: Watch,
    *,
    count: int,
    spacing_m: float,
) -> tuple[tuple[ZoneSolution, ...], Group]:
    """`count` zones about a core, and what is proven of all.

    What the core must have binds the core alone: then the bound of a zone alone is another one.
    """
    free = replace(problem, must=np.zeros(problem.units, dtype=bool))
    alone = core.bound
    if problem.must.any():
        alone = max(alone, bound_without_contiguity(free))
        about = Sentence("不含必选要素的界", "the bound without what must be in")
        part = watch.run(about, share=1.0 / count)
        best = solve_bounded(free, cells, part)[0]
        if best.members:
            alone = best.bound
    taken = np.zeros(problem.units, dtype=bool)
    found: list[ZoneSolution] = []
    zone = core
    while zone.members and len(found) < count - 1:
        members = mask_of(problem, zone)
        taken |= members | cells.near(members, spacing_m)
        about = _about("分区", "zone", len(found) + 2, count)
        part = watch.run(about, share=1.0 / (count - 1 - len(found)))
        zone = solve_bounded(free.without(taken), cells, part, most=alone)[0]
        if zone.members:
            found.append(zone)
    objective = math.fsum([core.objective, *(one.objective for one in found)])
    group = Group(count, 1 + len(found), spacing_m, objective, core.bound + alone * len(found))
    return tuple(found), group
