"""Laws of every model: honest bounds whenever a run ends, order, growth, and one model by another.

Runs are ended by the report's word after so many steps, which is any time limit without a clock.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import location_oracles as oracle
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from location_cases import require_honest
from location_oracles import Case

from geo import location
from geo.location import LocationSolution, Progress, watch

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a seed has nothing to shrink
FEW = settings(deadline=None, max_examples=8, phases=PHASES)
RADIUS = 22.0
WIDE = 45.0  # where all must be covered, by six that stand apart
seeds = st.integers(0, 100_000)


def solve(door: str, case: Case, **said: Any) -> LocationSolution:
    if DOORS[door] & {"radius"}:
        said["service_radius"] = case.radius
    solver: Callable[..., LocationSolution] = getattr(location, door)
    return solver(case.cost, **case.keywords | said)


DOORS: dict[str, set[str]] = {
    "solve_p_median": {"costs", "loads"},
    "solve_facility_location": {"costs", "loads", "free"},
    "solve_mclp": {"costs", "radius", "most", "loads"},
    "solve_lscp": {"radius", "free"},
    "solve_p_center": {"loads"},
    "solve_backup_coverage": {"costs", "radius", "most"},
}
every_door = pytest.mark.parametrize("door", DOORS)


def towns(seed: int, door: str, rows: int = 24, columns: int = 14, p: int = 6) -> Case:
    """Points in a square of 100, whole weights, and what the model can be told of its sites."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 100.0, (2, rows))
    at = generator.permutation(rows)[:columns]
    cost = np.hypot(x[:, None] - x[at], y[:, None] - y[at])
    apart = np.hypot(x[at, None] - x[at], y[at, None] - y[at])
    sites: dict[str, Any] = {
        "forbidden_facilities": [int(generator.integers(columns))],
        "groups": generator.integers(0, 3, columns).tolist(),
        "max_per_group": 4,
        "facility_distance": apart.tolist(),
        "min_separation": 2.0,
    }
    if "costs" in DOORS[door]:
        sites["opening_cost"] = generator.integers(0, 20, columns).astype(float).tolist()
        sites["existing_facilities"] = generator.permutation(columns)[:3].tolist()
        sites["closing_cost"] = 5.0
    weight = generator.integers(1, 10, rows).astype(float).tolist()
    free = "free" in DOORS[door]
    radius = WIDE if door == "solve_backup_coverage" else RADIUS
    return Case(cost.tolist(), weight, None if free else p, radius, sites)


def is_most(door: str) -> bool:
    return "most" in DOORS[door]


def sign(door: str) -> float:
    return -1.0 if is_most(door) else 1.0


def near(objective: float) -> Any:
    return pytest.approx(objective, rel=1e-9, abs=1e-9)


@every_door
@FEW
@given(seed=seeds, steps=st.sampled_from([1, 1, 2, 3, 5, 10, 30]))
def test_a_run_that_is_ended_gives_a_plan_between_the_best_and_its_bound(
    door: str, seed: int, steps: int
) -> None:
    case = towns(seed, door)
    best = solve(door, case)
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < steps

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "_EVERY_S", 0.0)
        found = solve(door, case, report=report)
    assert len(heard) <= steps
    require_known_so_far(door, case, found, best)


@every_door
@FEW
@given(seed=seeds, limit_s=st.sampled_from([1e-9, 1e-4, 1e-3, 3e-3, 1e-2]))
def test_a_time_limit_gives_a_plan_between_the_best_and_its_bound(
    door: str, seed: int, limit_s: float
) -> None:
    case = towns(seed, door)
    require_known_so_far(door, case, solve(door, case, time_limit_s=limit_s), solve(door, case))


@pytest.mark.parametrize("door", [door for door, can in DOORS.items() if "loads" in can])
@pytest.mark.parametrize("split", [False, True])
@settings(FEW, max_examples=3)
@given(seed=seeds, steps=st.sampled_from([1, 2, 4, 8]))
def test_a_run_with_loads_that_is_ended_is_honest(
    door: str, split: bool, seed: int, steps: int
) -> None:
    case = towns(seed, door, rows=16, columns=8, p=4)
    case = replace(case, sites={**case.sites, "max_per_group": 8, "min_separation": 0.0})
    case = case.saying(capacity=math.ceil(sum(case.weight) / 3), split_demand=split)
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < steps

    best = solve(door, case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "_EVERY_S", 0.0)
        found = solve(door, case, report=report)
    require_known_so_far(door, case, found, best)


def require_known_so_far(
    door: str, case: Case, found: LocationSolution, best: LocationSolution
) -> None:
    """`found` may be any answer but a wrong one; `best` is proven."""
    assert best.status == "optimal" or best.status == found.status == "infeasible"
    if best.status == "infeasible":
        return
    assert found.status in {"optimal", "feasible", "time_limit"}
    if found.status == "time_limit":
        assert found.facilities == () and math.isnan(found.objective)
        assert sign(door) * found.bound <= sign(door) * best.objective + 1e-9 * abs(best.objective)
        return
    in_part = door == "solve_mclp"
    require_honest(case, found, best.objective, maximise=is_most(door), in_part=in_part)
    if found.status == "optimal":
        assert found.objective == near(best.objective)


@pytest.mark.parametrize("door", ["solve_p_median", "solve_mclp", "solve_p_center"])
def test_a_run_of_these_models_always_has_a_plan(door: str) -> None:
    """Where every choice serves, the shortest run returns one."""
    case = towns(1, door)
    plain = replace(case, sites={})
    assert solve(door, plain, time_limit_s=1e-9).facilities
    assert solve(door, plain, report=lambda progress: False).facilities


@every_door
@settings(FEW, max_examples=4)
@given(seed=seeds)
def test_reports_come_closer_and_never_cross(door: str, seed: int) -> None:
    case = towns(seed, door, rows=60, columns=40, p=8)
    heard: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "_EVERY_S", 0.0)
        found = solve(door, case, report=heard.append)
    if found.status == "infeasible":
        return
    assert found.status == "optimal"
    assert heard, "a run tells at least once how far it is"
    slack = 1e-9 * max(1.0, abs(found.objective))
    plans = [sign(door) * one.incumbent for one in heard if not math.isnan(one.incumbent)]
    bounds = [sign(door) * one.bound for one in heard if not math.isnan(one.bound)]
    last = sign(door) * found.objective
    assert all(later <= plan + slack for plan, later in itertools.pairwise(plans))
    assert all(bound <= later + slack for bound, later in itertools.pairwise(bounds))
    assert all(plan >= last - slack for plan in plans)
    assert all(bound <= last + slack for bound in bounds)
    seconds = [one.seconds for one in heard]
    assert seconds == sorted(seconds) and seconds[-1] <= found.seconds
    nodes = [one.nodes for one in heard]
    assert all(count >= 0 for count in nodes)


@every_door
@FEW
@given(seed=seeds)
def test_the_order_of_facilities_and_demand_changes_nothing(door: str, seed: int) -> None:
    case = towns(seed, door)
    generator = np.random.default_rng(seed + 1)
    columns = generator.permutation(len(case.columns)).tolist()
    rows = generator.permutation(len(case.cost)).tolist()
    place = {old: new for new, old in enumerate(columns)}
    sites = dict(case.sites)
    for name in ("groups", "opening_cost"):
        if name in sites:
            sites[name] = [sites[name][j] for j in columns]
    for name in ("forbidden_facilities", "existing_facilities"):
        if name in sites:
            sites[name] = [place[j] for j in sites[name]]
    apart = np.array(sites["facility_distance"])
    sites["facility_distance"] = apart[np.ix_(columns, columns)].tolist()
    cost = np.array(case.cost)[np.ix_(rows, columns)].tolist()
    moved = Case(cost, [case.weight[i] for i in rows], case.p, case.radius, sites)
    one, other = solve(door, case), solve(door, moved)
    assert one.status == other.status
    if one.facilities:
        assert other.objective == near(one.objective)


@every_door
@FEW
@given(seed=seeds)
def test_one_more_candidate_never_worsens(door: str, seed: int) -> None:
    full = towns(seed, door)
    last = len(full.columns) - 1
    less = full.saying(forbidden_facilities=[*full.sites["forbidden_facilities"], last])
    before, after = solve(door, less), solve(door, full)
    if before.status == "infeasible" or before.unserved != after.unserved:
        return
    slack = 1e-9 * abs(before.objective)
    assert sign(door) * after.objective <= sign(door) * before.objective + slack


@every_door
@FEW
@given(seed=seeds)
def test_demand_given_twice_is_demand_of_twice_the_weight(door: str, seed: int) -> None:
    case = towns(seed, door)
    twice = replace(case, cost=case.cost + case.cost, weight=case.weight + case.weight)
    heavy = replace(case, weight=[2.0 * w for w in case.weight])
    one, other = solve(door, twice), solve(door, heavy)
    assert one.status == other.status
    if not one.facilities:
        return
    factor = 2.0 if door == "solve_p_center" else 1.0  # the worst of two is not their sum
    assert other.objective == near(factor * one.objective)
    half = len(case.cost)
    assert one.assignment[:half].tolist() == one.assignment[half:].tolist()


@every_door
@FEW
@given(seed=seeds)
def test_the_same_question_has_the_same_answer(door: str, seed: int) -> None:
    case = towns(seed, door)
    one, other = solve(door, case), solve(door, case)
    assert one.facilities == other.facilities
    assert one.assignment.tolist() == other.assignment.tolist()
    assert (one.status, one.nodes) == (other.status, other.nodes)
    np.testing.assert_array_equal([one.objective, one.bound], [other.objective, other.bound])


@FEW
@given(seed=seeds, narrow=st.floats(5.0, 40.0), wider=st.floats(0.0, 20.0))
def test_a_tighter_radius_never_covers_more(seed: int, narrow: float, wider: float) -> None:
    case = replace(towns(seed, "solve_mclp"), sites={}, radius=narrow)
    wide = replace(case, radius=narrow + wider)
    assert solve("solve_mclp", case).objective <= solve("solve_mclp", wide).objective
    one, other = (solve("solve_backup_coverage", each, first_share=0.6) for each in (case, wide))
    assert one.objective <= other.objective * (1.0 + 1e-9)
    free, far = replace(case, p=None), replace(wide, p=None)
    few, fewer = solve("solve_lscp", free), solve("solve_lscp", far)
    if few.unserved == fewer.unserved:
        assert fewer.objective <= few.objective


@FEW
@given(seed=seeds)
def test_the_models_agree_with_each_other(seed: int) -> None:
    """Fewest that cover, most that few cover, and the least radius are one question."""
    case = replace(towns(seed, "solve_lscp", rows=20, columns=20), sites={})
    cover = solve("solve_lscp", case)
    p = int(cover.objective)
    total = math.fsum(w for i, w in enumerate(case.weight) if i not in cover.unserved)
    plain = replace(case, p=p, weight=[1.0] * len(case.cost))
    assert solve("solve_p_center", plain).objective <= case.radius
    assert solve("solve_mclp", replace(case, p=p)).objective == near(total)
    if p > 1:
        fewer = replace(plain, p=p - 1)
        assert solve("solve_p_center", fewer).objective > case.radius
        assert solve("solve_mclp", replace(case, p=p - 1)).objective < total
    first = solve("solve_backup_coverage", replace(case, p=p), first_share=1.0)
    assert first.objective == near(total)


@FEW
@given(seed=seeds)
def test_facility_location_is_the_best_p_median_of_any_number(seed: int) -> None:
    case = towns(seed, "solve_facility_location", rows=20, columns=9)
    case = case.saying(opening_cost=[40.0 * (1 + j % 3) for j in case.columns])
    placed = solve("solve_facility_location", case)
    by_number = [
        solve("solve_p_median", replace(case, p=p)) for p in range(1, len(case.columns) + 1)
    ]
    known = [one.objective for one in by_number if one.status == "optimal"]
    assert placed.objective == near(min(known))


@pytest.mark.parametrize("door", [door for door, can in DOORS.items() if "loads" in can])
@settings(FEW, max_examples=5)
@given(seed=seeds)
def test_room_and_shares_only_help(door: str, seed: int) -> None:
    case = towns(seed, door, rows=14, columns=8, p=4)
    case = replace(case, sites={})
    tight = math.ceil(sum(case.weight) / 3)
    whole = solve(door, case.saying(capacity=tight))
    split = solve(door, case.saying(capacity=tight, split_demand=True))
    roomy = solve(door, case.saying(capacity=tight + 5.0))
    plenty = solve(door, case.saying(capacity=sum(case.weight)))
    open_end = solve(door, case)
    slack = 1e-6 * max(1.0, abs(open_end.objective))
    if whole.status == "optimal":
        assert sign(door) * split.objective <= sign(door) * whole.objective + slack
        assert sign(door) * roomy.objective <= sign(door) * whole.objective + slack
    assert sign(door) * open_end.objective <= sign(door) * split.objective + slack
    assert plenty.objective == pytest.approx(open_end.objective, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("door", ["solve_p_median", "solve_mclp"])
@FEW
@given(seed=seeds)
def test_a_condition_never_helps_and_counts_nothing_where_it_is_met(door: str, seed: int) -> None:
    case = replace(towns(seed, door), sites={})
    free = solve(door, case)
    open_now, closed = list(free.facilities), [j for j in case.columns if j not in free.facilities]
    met = solve(door, case.saying(fixed_facilities=open_now[:2], forbidden_facilities=closed[:3]))
    assert met.objective == near(free.objective)
    barred = solve(door, case.saying(forbidden_facilities=open_now[:1]))
    apart = solve(door, case.saying(exclusive_facilities=[open_now[:2], closed]))
    for found in (barred, apart):
        assert sign(door) * found.objective >= sign(door) * free.objective - 1e-9
    assert len(set(apart.facilities) & set(open_now[:2])) <= 1
    assert len(set(apart.facilities) & set(closed)) <= 1


@pytest.mark.parametrize("door", ["solve_p_median", "solve_mclp", "solve_facility_location"])
@FEW
@given(seed=seeds, amount=st.integers(1, 500))
def test_a_bonus_for_every_site_moves_the_objective_alone(
    door: str, seed: int, amount: int
) -> None:
    case = replace(towns(seed, door, columns=10), p=4)
    bare = replace(case, sites={})
    paid = bare.saying(bonus=float(amount))
    one, other = solve(door, bare), solve(door, paid)
    assert other.site_cost == -4.0 * amount
    assert other.objective == near(one.objective - sign(door) * 4.0 * amount)
    assert one.objective == near(other.objective + sign(door) * 4.0 * amount)
    assert oracle.site_cost(paid, other.facilities) == other.site_cost
