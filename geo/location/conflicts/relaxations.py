"""The least that must be given up so that all else can be met."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from geo.location.conflicts.asked import ALL, Asked, Kind, Member
from geo.location.conflicts.demands import Meeting
from geo.location.conflicts.elastic import Loosening
from geo.location.problem import LocationProblem

_LEVELS = 12
"""So many greater radii are tried one after another where farther rows must be served too."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """One change that mends a question: what is loosened by how much, and what is asked then.

    `any_of`: each set of that many among so many members would do as well; 0 where that is not
    known. `radius` is the new one where it is what changes. `is_enough`: it is known to mend;
    else no less does, and whether this does was not to be told in time.
    """

    loosened: Loosening
    mended: Asked
    any_of: int = 0
    radius: float | None = None
    is_enough: bool = True


def least_relaxations(meeting: Meeting, kinds: Iterable[Kind]) -> tuple[Relaxation, ...]:
    """One least change for each kind of demand that can mend all alone, else for pairs of kinds.

    `kinds`: those in conflict, one of which must give way. Every change is checked by asking the
    changed question anew, with what can then be served; what is found not to mend is left out.
    """
    known = list(dict.fromkeys(kinds))
    others = list(dict.fromkeys(member.kind for member in meeting.asked.members))
    singly = [_by_kinds(meeting, (kind,)) for kind in known]
    if "service" in known:
        singly.append(_by_radius(meeting))
    found = tuple(one for one in singly if one is not None)
    if found:
        return found
    pairs = (two for two in combinations(others, 2) if set(two) & set(known))
    for some in (*pairs, tuple(others)):
        one = _by_kinds(meeting, some)
        if one is not None:
            return (one,)
    return ()


def _by_kinds(meeting: Meeting, kinds: Sequence[Kind]) -> Relaxation | None:
    asked = meeting.asked
    if meeting.watch.is_over or ("service" in kinds and asked.loads_matter):
        return None  # rows are merged by their loads there: how many to leave out is not told
    loosened = meeting.least(kinds)
    if loosened is None or not loosened.amount or Member("exclusive", ALL) in loosened.amount:
        return None
    loosened = replace(
        loosened, amount={m: _shown_up(m.kind, v) for m, v in loosened.amount.items()}
    )
    mended = _mended(asked, loosened)
    if mended.problem.conditions.p == 0:
        return None
    anew = Meeting(mended, meeting.watch)
    mends = anew.holds(mended.members)
    if mends is False:
        return None
    is_same = meeting.is_exact and np.isin(mended.rows, asked.rows).all()
    is_enough = anew.is_exact if mends else bool(is_same)
    if not (is_enough or loosened.is_least):
        return None
    return Relaxation(loosened, mended, _any_of(asked, loosened), is_enough=is_enough)


def _mended(asked: Asked, loosened: Loosening) -> Asked:
    """The question with its conditions as loose as they must be."""
    held, amount = asked.problem.conditions, loosened.amount
    least, most = held.group_min.copy(), held.group_max.copy()
    fixed, forbidden = held.fixed.copy(), held.forbidden.copy()
    waived, p = set(), held.p
    capacity, load = held.capacity, held.least_load
    for (kind, place), value in amount.items():
        whole = round(value)
        if kind == "total" and p is not None:
            p += whole
        elif kind == "least":
            least[place] -= whole
        elif kind == "most":
            most[place] += whole
        elif kind == "fixed":
            fixed[place] = False
        elif kind == "forbidden":
            forbidden[place] = False
        elif kind == "exclusive":
            waived.add(place)
        elif kind == "capacity":
            capacity = capacity + value
        elif kind == "least_load":
            load = np.maximum(load - value, 0.0)
    conditions = replace(
        held,
        p=p,
        group_min=least,
        group_max=most,
        fixed=fixed,
        forbidden=forbidden,
        exclusive=tuple(one for k, one in enumerate(held.exclusive) if k not in waived),
        capacity=capacity,
        least_load=load,
    )
    problem = replace(asked.problem, conditions=conditions)
    if Member("service", 0) in amount:
        problem = _without(problem, rows_left_out(asked, loosened))
    return _asked_anew(asked, problem, asked.radius)


def rows_left_out(asked: Asked, loosened: Loosening) -> list[int]:
    """Rows that must be served and that the loosened choice leaves out, ascending."""
    served = asked.reach[asked.rows][:, loosened.opened].any(axis=1)
    rows: list[int] = asked.rows[~served].tolist()
    return rows


def _without(problem: LocationProblem, rows: Sequence[int]) -> LocationProblem:
    cost = problem.cost.copy()
    cost[rows] = np.inf
    return replace(problem, cost=cost)


def _asked_anew(asked: Asked, problem: LocationProblem, radius: float) -> Asked:
    return Asked.of(problem, radius, bool(len(asked.rows)))


def _by_radius(meeting: Meeting) -> Relaxation | None:
    """The least greater radius: with the rows asked of by bisection, then with those it adds."""
    asked = meeting.asked
    costs = np.unique(asked.problem.cost[np.isfinite(asked.problem.cost)])
    levels = costs[costs > asked.radius]
    low, high = 0, len(levels)
    while low < high and not meeting.watch.is_over:
        middle = (low + high) // 2
        wider = replace(asked, radius=float(levels[middle]))
        if Meeting(wider, meeting.watch).holds(wider.members):
            high = middle
        else:
            low = middle + 1
    for level in levels[low : low + _LEVELS].tolist():
        if meeting.watch.is_over:
            return None
        radius = rounded_up(level)
        wider = _asked_anew(asked, asked.problem, radius)
        if Meeting(wider, meeting.watch).holds(wider.members):
            nothing = Loosening({}, True, True, np.zeros(0, dtype=np.int64))
            return Relaxation(nothing, wider, radius=radius)
    return None


def _any_of(asked: Asked, loosened: Loosening) -> int:
    """Among how many groups any so many could be lowered alike; 0 where they are not alike.

    They are where the minima are too many for the total and nothing else is in the way.
    """
    held = asked.problem.conditions
    counts = {"total", "least", "most", "fixed", "forbidden"}
    if not asked.loads_matter and asked.reach[asked.rows][:, held.allowed].all():
        counts.add("service")  # whatever is open serves all
    lowered = [member.place for member in loosened.amount if member.kind == "least"]
    least, most = held.ranges()
    if (
        len(lowered) < len(loosened.amount)
        or any(member.kind not in counts for member in asked.members)
        or (least > most).any()
        or len(set(loosened.amount.values())) > 1
        or len({int(held.group_min[g]) for g in lowered}) > 1
    ):
        return 0
    step, value = round(next(iter(loosened.amount.values()))), held.group_min[lowered[0]]
    fixed = np.bincount(held.group[held.fixed], minlength=len(least))
    return int(((held.group_min == value) & (fixed <= value - step)).sum())


def rounded_up(value: float) -> float:
    """The value in six digits, none below it but for rounding."""
    if value == 0.0 or not math.isfinite(value):
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 5)
    near = float(f"{value:.6g}")
    return near if near >= value * (1.0 - 1e-9) else float(f"{near + unit:.6g}")


def _shown_up(kind: Kind, value: float) -> float:
    return rounded_up(value) if kind in ("capacity", "least_load") else float(round(value))
