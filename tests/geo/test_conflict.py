"""Why nothing works, and what would: the fewest demands in conflict, the least that mends them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import location_oracles as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_cases import cases
from location_oracles import Case

from geo.location import Conflict, build_problem, conflict_of
from geo.location.conditions import Conditions
from geo.location.conflicts.asked import Asked, Member
from geo.location.conflicts.demands import Meeting, demands_of, smallest_core
from geo.location.conflicts.relaxations import Relaxation, least_relaxations, rounded_up
from geo.location.watch import Watch

INF = math.inf


DISTRICTS = [f"district {d}" for d in range(1, 13)]
LINE = [[abs(i - j) * 1.0 for j in range(5)] for i in range(5)]


def said_of(found: Conflict | None) -> tuple[list[str], list[str]]:
    assert found is not None
    return [one.en for one in found.demands], [one.en for one in found.relaxations]


def test_twenty_warehouses_are_too_few_for_two_in_each_of_twelve_districts() -> None:
    groups = [name for name in DISTRICTS for _ in range(5)]
    problem = build_problem(np.ones((3, 60)), p_facilities=20, groups=groups, min_per_group=2)
    found = conflict_of(problem)
    assert said_of(found) == (
        [
            "20 in total",
            "at least 2 in each of 12 groups (district 1, district 2, district 3 and 9 more), "
            "24 together",
        ],
        ["raise the total from 20 to 24", "lower the minimum from 2 to 1 in any 4 of 12 groups"],
    )
    assert found is not None
    assert [one.zh for one in found.demands] == [
        "总数为 20 处",
        "district 1、district 2、district 3 等 12 组各至少 2 处，合计 24 处",
    ]
    assert [one.zh for one in found.relaxations] == [
        "把总数由 20 处增至 24 处",
        "把 12 组中任意 4 组的下限由 2 处降为 1 处",
    ]


SAID: dict[str, tuple[dict[str, Any], bool, list[str], list[str]]] = {
    "more than there are": (
        {"p_facilities": 7},
        False,
        ["7 in total, but there are only 5 candidates"],
        ["lower the total from 7 to 5"],
    ),
    "one district has too few": (
        {"p_facilities": 4, "groups": list("aabbb"), "min_per_group": {"a": 3, "b": 1}},
        False,
        ["at least 3 in a, which has 2 candidates"],
        ["lower the minimum from 3 to 2 in a"],
    ),
    "only what is in the way is forbidden": (
        {
            "p_facilities": 2,
            "groups": list("aabbb"),
            "min_per_group": {"a": 2},
            "forbidden_facilities": [1, 4],
        },
        False,
        ["at least 2 in a", "candidate 1 is forbidden, which leaves 4 of 5 candidates"],
        ["lower the minimum from 2 to 1 in a", "allow candidate 1"],
    ),
    "fixed in a full district": (
        {
            "p_facilities": 2,
            "groups": list("aabbb"),
            "max_per_group": {"a": 1},
            "fixed_facilities": [0, 1],
        },
        False,
        ["at most 1 in a", "candidate 0 and candidate 1 are fixed, 2 together"],
        [
            "raise the maximum from 1 to 2 in a",
            "release 1 fixed facility, for example candidate 0",
        ],
    ),
    "too near each other": (
        {"p_facilities": 2, "exclusive_facilities": [range(5)]},
        False,
        ["2 in total", "at most 1 among candidate 0, candidate 1, candidate 2 and 2 more"],
        [
            "lower the total from 2 to 1",
            "allow together candidate 0, candidate 1, candidate 2 and 2 more",
        ],
    ),
    "capacity short in total": (
        {"p_facilities": 2, "capacity": 2.0, "split_demand": True},
        True,
        [
            "2 in total",
            "a capacity of 2 each, 4 for the 2 largest together",
            "all 5 demand points in reach are served, 5 of demand together",
        ],
        [
            "raise the total from 2 to 3",
            "raise the capacity of each facility from 2 to 2.5",
        ],
    ),
    "capacity short for whole demand": (
        {"p_facilities": 2, "capacity": 2.0},
        True,
        [
            "2 in total",
            "a capacity of 2 each, 4 for the 2 largest together",
            "all 5 demand points in reach are served, 5 of demand together",
        ],
        ["raise the total from 2 to 3", "raise the capacity of each facility from 2 to 3"],
    ),
    "not enough demand for all": (
        {"p_facilities": 2, "least_load": 3.0},
        True,
        ["2 in total", "a least load of 3 each, 6 for the 2 smallest together"],
        [
            "lower the total from 2 to 1",
            "lower the least load of each facility from 3 to 2",
        ],
    ),
    "two conflicts at once": (
        {
            "p_facilities": 2,
            "groups": list("aabbb"),
            "min_per_group": {"a": 3},
            "fixed_facilities": [0, 2, 3],
        },
        False,
        ["at least 3 in a, which has 2 candidates"],
        ["raise the total from 2 to 4 and lower the minimum from 3 to 2 in a"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_demands_and_relaxations_in_words(name: str) -> None:
    sites, serve_all, demands, relaxations = SAID[name]
    found = conflict_of(build_problem(LINE, **sites), serve_all=serve_all)
    assert said_of(found) == (demands, relaxations)
    assert found is not None
    assert all(one.zh and not one.zh.isascii() for one in found.demands + found.relaxations)


def test_service_within_a_radius_may_be_mended_by_a_greater_one() -> None:
    found = conflict_of(build_problem(LINE, p_facilities=1), radius=1.0, serve_all=True)
    assert said_of(found) == (
        ["1 in total", "all 5 demand points in reach are served within 1"],
        [
            "raise the total from 1 to 2",
            "leave 2 demand points unserved, for example row 3 and row 4",
            "raise the radius from 1 to 2",
        ],
    )
    assert found is not None
    assert "把半径由 1 增至至少 2" in found.sentence.zh


def test_candidates_are_called_by_their_names() -> None:
    problem = build_problem(LINE, p_facilities=1, fixed_facilities=[0, 4])
    found = conflict_of(problem, names=list("甲乙丙丁戊"))
    assert found is not None
    assert found.demands[1].zh == "甲、戊必须设，共 2 处"
    assert found.relaxations[1].zh == "放开 1 处必设点（例如甲）"


def test_many_exclusive_pairs_are_one_demand() -> None:
    near = [[float(abs(i - j)) for j in range(40)] for i in range(40)]
    problem = build_problem(near, p_facilities=5, facility_distance=near, min_separation=10.0)
    found = conflict_of(problem)
    demands, relaxations = said_of(found)
    assert demands[0] == "5 in total"
    assert demands[1].startswith("at most 1 in each of 315 sets of candidates")
    assert relaxations == ["lower the total from 5 to 4"]


def test_what_can_be_met_has_no_conflict() -> None:
    sites: dict[str, Any] = {"p_facilities": 2, "capacity": 3.0, "exclusive_facilities": [[0, 1]]}
    problem = build_problem(LINE, **sites)
    assert conflict_of(problem) is None
    assert conflict_of(problem, serve_all=True) is None
    assert conflict_of(problem, serve_all=True, known=True) is None


def test_without_time_a_known_conflict_still_names_all_demands() -> None:
    problem = build_problem(LINE, p_facilities=7, fixed_facilities=[0])
    found = conflict_of(problem, known=True, time_limit_s=1e-9)
    assert said_of(found) == (
        ["7 in total, but there are only 5 candidates", "candidate 0 is fixed"],
        [],
    )
    assert conflict_of(build_problem(LINE, p_facilities=2), time_limit_s=1e-9) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, 0.0), (2.0, 2.0), (1 / 3, 0.333334), (1234567.0, 1234570.0)]
)
def test_a_number_is_rounded_up_to_six_digits(value: float, shown: float) -> None:
    assert rounded_up(value) == pytest.approx(shown, rel=1e-12)


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
