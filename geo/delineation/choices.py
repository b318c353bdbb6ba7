"""The k best zones that differ, and one core with several zones about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.delineation.faults import require_no_faults
from geo.delineation.problem import Objective, ZoneKeywords, ZoneProblem, build_zone_problem
from geo.delineation.programme import mask_of
from geo.delineation.solution import ZoneSolution
from geo.delineation.zone import solve_zone_problem, watch_of
from geo.errors import Fault
from geo.location.gaps import relative_gap
from geo.location.watch import Report, Watch

_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class RankedZones:
    """Zones that differ, best first, each with the proof that none better differs so far.

    `zones` each have the status, bound and gap among the zones that differ enough from all before
    it. `exhausted`: no further zone differs enough; then there may be fewer than were asked for.
    """

    zones: tuple[ZoneSolution, ...]
    exhausted: bool


@dataclass(frozen=True, slots=True)
class ZoneGroup:
    """A core and the zones about it, in the order they were placed.

    Each zone is the best for what the zones before it leave, with its own proof of that.
    `objective` is the sum of theirs, NaN where one has no zone. `bound` is what no arrangement can
    beat in sum: each zone's bound as if it were alone; `gap` is how far the objective is from it.
    """

    zones: tuple[ZoneSolution, ...]
    objective: float
    bound: float
    gap: float


def solve_k_best_zones(
    values: ArrayLike,
    areas_m2: ArrayLike,
    adjacency: Any,
    *,
    count: int,
    least_difference: float,
    min_m2: float,
    max_m2: float,
    objective: Objective = "total",
    threshold: float = 0.0,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **said: Unpack[ZoneKeywords],
) -> RankedZones:
    """Find `count` zones, best first, that differ by `least_difference` or more.

    Two zones differ by the share (above 0, at most 1) of the earlier one's area that is not in the
    later: with 1 they have no unit in common. All else as for `solve_zone`; the time limit is for
    all together, of which each takes its share of what is left. The first zone without an answer
    ends the row and is not part of it. Raises `ZoneError` for bad input.
    """
    faults: list[Fault] = []
    _check_count(count, faults)
    if not 0.0 < least_difference <= 1.0:
        faults.append(
            Fault(
                None,
                "least_difference",
                least_difference,
                "a share above 0 and at most 1",
                "大于 0 且不超过 1 的比例",
            )
        )
    require_no_faults(faults)
    problem = build_zone_problem(
        values,
        areas_m2,
        adjacency,
        min_m2=min_m2,
        max_m2=max_m2,
        objective=objective,
        threshold=threshold,
        **said,
    )
    watch = watch_of(time_limit_s, report)
    found: list[ZoneSolution] = []
    while len(found) < count:
        best = solve_zone_problem(problem, share_of(watch, count - len(found)))
        if not best.members:
            return RankedZones(tuple(found), best.status == "infeasible")
        found.append(best)
        members = mask_of(problem.units, np.array(best.members))
        problem = differing(problem, members, least_difference)
    return RankedZones(tuple(found), exhausted=False)


def differing(problem: ZoneProblem, zone: Mask, least_difference: float) -> ZoneProblem:
    """The question for a zone that leaves out `least_difference` or more of this one's area."""
    if least_difference >= 1.0:
        return problem.without(zone)
    return problem.with_overlap(zone, (1.0 - least_difference) * problem.area_of(zone))


def solve_zone_group(
    values: ArrayLike,
    areas_m2: ArrayLike,
    adjacency: Any,
    *,
    limits_m2: Sequence[tuple[float, float]],
    positions_m: ArrayLike,
    least_distance_m: float,
    objective: Objective = "total",
    threshold: float = 0.0,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **said: Unpack[ZoneKeywords],
) -> ZoneGroup:
    """Place a core and further zones, each at `least_distance_m` or more from those before it.

    `limits_m2`: (least, most) of each, the core first (一核多区). `positions_m` (n, 2) are points
    of the units on a plane; two zones are as far apart as their nearest points, and exactly the
    least distance is allowed. The core is not moved for the sake of the others: each zone is the
    best that those before it allow. `must_include` holds for the core alone; with a distance of 0
    zones have no unit in common but may touch. All else as for `solve_zone`; the time limit is for
    all together. Raises `ZoneError` for bad input.
    """
    faults: list[Fault] = []
    _check_count(len(limits_m2), faults, "limits_m2")
    place = _checked_positions(positions_m, int(np.size(np.asarray(areas_m2))), faults)
    if not (math.isfinite(least_distance_m) and least_distance_m >= 0.0):
        expected = ("a finite distance of 0 m or more", "不小于 0 米的有限距离")
        faults.append(Fault(None, "least_distance_m", least_distance_m, *expected))
    require_no_faults(faults)
    problems = [
        build_zone_problem(
            values,
            areas_m2,
            adjacency,
            min_m2=low,
            max_m2=high,
            objective=objective,
            threshold=threshold,
            **said,
        )
        for low, high in limits_m2
    ]
    none = np.zeros(problems[0].units, dtype=bool)
    problems = [problems[0], *(replace(problem, must=none) for problem in problems[1:])]
    return _placed(problems, place, least_distance_m, watch_of(time_limit_s, report))


def _placed(
    problems: list[ZoneProblem], place: Floats, distance_m: float, watch: Watch
) -> ZoneGroup:
    taken = np.zeros(problems[0].units, dtype=bool)
    found: list[ZoneSolution] = []
    bounds: list[float] = []
    for number, problem in enumerate(problems):
        parts = 2 * (len(problems) - number) - 1
        best = solve_zone_problem(problem.without(taken), share_of(watch, parts))
        found.append(best)
        bounds.append(best.bound)
        if number:
            alone = solve_zone_problem(problem, share_of(watch, parts - 1))
            bounds[-1] = alone.bound
        if best.members:
            members = mask_of(problem.units, np.array(best.members))
            taken |= members | within(place, members, distance_m)
    objective = math.fsum(one.objective for one in found)
    bound = math.fsum(bounds)
    return ZoneGroup(tuple(found), objective, bound, relative_gap(objective, bound))


def within(place: Floats, zone: Mask, distance_m: float) -> Mask:
    """Units that lie nearer than `distance_m` to some unit of a zone: (n,)."""
    if distance_m <= 0.0 or not zone.any():
        return np.zeros(len(place), dtype=bool)
    least = np.empty(len(place))
    for at in range(0, len(place), _ROWS_AT_ONCE):
        apart = place[at : at + _ROWS_AT_ONCE, None, :] - place[None, zone, :]
        least[at : at + _ROWS_AT_ONCE] = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)
    return least < distance_m * (1.0 - 1e-12)


def share_of(watch: Watch, parts: int) -> Watch:
    """A watch for one run of so many that are left."""
    part = watch.part()
    if part.time_limit_s is not None:
        part.time_limit_s = part.time_limit_s / max(parts, 1)
    return part


def _check_count(count: object, faults: list[Fault], field: str = "count") -> None:
    whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
    if not whole or int(count) < 1:  # type: ignore[call-overload]
        expected = ("a whole number of 1 or more", "不小于 1 的整数")
        if field == "limits_m2":
            expected = ("the limits of at least one zone", "至少一个分区的面积上下限")
        faults.append(Fault(None, field, count, *expected))


def _checked_positions(given: ArrayLike, units: int, faults: list[Fault]) -> Floats:
    expected = (f"finite numbers of the shape ({units}, 2)", f"形状为 ({units}, 2) 的有限数")
    try:
        place = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(Fault(None, "positions_m", "not numeric", *expected))
        return np.zeros((units, 2))
    if place.shape != (units, 2) or not np.isfinite(place).all():
        faults.append(Fault(None, "positions_m", f"of shape {place.shape}", *expected))
        return np.zeros((units, 2))
    return place
