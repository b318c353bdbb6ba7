"""Why nothing works, and what would: the fewest demands in conflict, the least that mends them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import location_oracles as oracle
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from location_cases import cases
from location_oracles import Case

from geo.location import build_problem
from geo.location.asked import Asked, Member
from geo.location.conditions import Conditions
from geo.location.demands import Meeting, demands_of, smallest_core
from geo.location.relaxations import Relaxation, least_relaxations
from geo.location.watch import Watch

INF = math.inf


def asked_of(case: Case, *, serve_all: bool, radius: float | None = None) -> Asked:
    return Asked.of(build_problem(case.cost, **case.keywords), radius, serve_all)


def works(asked: Asked) -> bool:
    """Whether some set of columns meets the question, by trying each."""
    problem, held = asked.problem, asked.problem.conditions
    sites = {
        "capacity": held.capacity.tolist(),
        "least_load": held.least_load.tolist(),
        "split_demand": held.split,
    }
    case = Case(problem.cost.tolist(), problem.demand_weight.tolist(), held.p, sites=sites)
    price = [[0.0 if near else INF for near in row] for row in asked.reach.tolist()]
    owed = asked.rows.tolist()
    spare = [i for i in case.rows if i not in owed]
    return any(
        held.allows(chosen) and oracle.service(case, chosen, price, owed, spare=spare) is not None
        for size in range(held.size + 1)
        for chosen in itertools.combinations(range(held.size), size)
    )


def without(asked: Asked, members: Iterable[Member]) -> Asked:
    """The question as if those conditions had not been said."""
    held: Conditions = asked.problem.conditions
    gone = set(members)
    size = held.size

    def kept(kind: str, values: Any, unsaid: Any) -> Any:
        places = [m.place for m in gone if m.kind == kind]
        changed = np.array(values)
        changed[places] = unsaid
        return changed

    said = {m.kind for m in gone}
    free = replace(
        held,
        p=None if "total" in said else held.p,
        group_min=kept("least", held.group_min, 0),
        group_max=kept("most", held.group_max, size),
        fixed=kept("fixed", held.fixed, False),
        forbidden=kept("forbidden", held.forbidden, False),
        exclusive=tuple(
            one for k, one in enumerate(held.exclusive) if Member("exclusive", k) not in gone
        ),
        capacity=np.full(size, INF) if "capacity" in said else held.capacity,
        least_load=np.zeros(size) if "least_load" in said else held.least_load,
    )
    rows = asked.rows[:0] if "service" in said else asked.rows
    return replace(asked, problem=replace(asked.problem, conditions=free), rows=rows)


def only(asked: Asked, members: Iterable[Member]) -> Asked:
    return without(asked, set(asked.members).difference(members))


def require_truth(asked: Asked) -> None:
    """The core conflicts, is the smallest and needs its members; what relaxes it does mend."""
    meeting = Meeting(asked, Watch())
    assert meeting.holds(asked.members) == works(asked)
    if works(asked):
        return
    demands = demands_of(asked)
    core = smallest_core(meeting, demands)
    shown = [member for demand in core for member in demand.members]
    assert not works(only(asked, shown))
    for size in range(len(core)):
        for some in itertools.combinations(demands, size):
            assert works(only(asked, [m for demand in some for m in demand.members]))
    for one in least_relaxations(meeting, [demand.kind for demand in core]):
        assert works(one.mended)
        require_least(asked, one)


def require_least(asked: Asked, relaxation: Relaxation) -> None:
    """One facility, set or step less does not mend: counts of one kind."""
    amount = relaxation.loosened.amount
    kinds = {member.kind for member in amount}
    if len(kinds) != 1 or kinds & {"capacity", "least_load", "service"}:
        return
    kind = next(iter(kinds))
    steps = round(sum(abs(value) for value in amount.values()))
    assert relaxation.loosened.is_least
    for less in itertools.combinations_with_replacement(
        [m for m in asked.members if m.kind == kind], steps - 1
    ):
        assert not works(loosened(asked, less))


def loosened(asked: Asked, steps: Iterable[Member]) -> Asked:
    """The question with each member loosened by one as often as it is named."""
    held = asked.problem.conditions
    least, most = held.group_min.copy(), held.group_max.copy()
    waived = set()
    for kind, place in steps:
        if kind == "least":
            least[place] -= 1
        elif kind == "most":
            most[place] += 1
        else:
            waived.add(Member(kind, place))
    free = replace(held, group_min=least, group_max=most)
    return without(
        replace(asked, problem=replace(asked.problem, conditions=free)), waived - {("total", 0)}
    )


@settings(max_examples=60)
@given(cases(free=True, costs=False), st.booleans())
def test_counts_and_service_agree_with_trying_everything(case: Case, serve_all: bool) -> None:
    require_truth(asked_of(case, serve_all=serve_all))


@settings(max_examples=40)
@given(cases(free=True, costs=False))
def test_service_within_a_radius_agrees_with_trying_everything(case: Case) -> None:
    require_truth(asked_of(case, serve_all=True, radius=case.radius))


@settings(max_examples=40)
@given(cases(free=True, costs=False, loaded=True), st.booleans())
def test_loads_agree_with_trying_everything(case: Case, serve_all: bool) -> None:
    require_truth(asked_of(case, serve_all=serve_all))
