"""What is asked beyond one plan, against every subset: the k best, fronts, prices, least regret."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import location_oracles as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_cases import cases, near
from location_oracles import INF, Case

from geo import location
from geo.errors import CostMatrixError
from geo.location import (
    Conditions,
    LocationProblem,
    LocationSolution,
    Report,
    Watch,
    build_problem,
    watch,
)
from geo.location.choices.fronts import cost_coverage_front, coverage_front, mean_worst_front
from geo.location.choices.k_best import k_best_plans
from geo.location.choices.prices import condition_prices
from geo.location.choices.regret import Future, minimax_regret
from geo.sentence import Sentence

SOME = settings(deadline=None, max_examples=40)


def words_of(conditions: Conditions) -> dict[str, Any]:
    """Keywords that say what checked conditions hold, loads and closing aside."""
    groups = range(len(conditions.group_names))
    return {
        "p_facilities": conditions.p,
        "fixed_facilities": conditions.fixed.nonzero()[0].tolist(),
        "forbidden_facilities": conditions.forbidden.nonzero()[0].tolist(),
        "exclusive_facilities": conditions.exclusive,
        "groups": conditions.group.tolist(),
        "min_per_group": {g: int(conditions.group_min[g]) for g in groups if g in conditions.group},
        "max_per_group": {g: int(conditions.group_max[g]) for g in groups if g in conditions.group},
        "bonus": -conditions.site_cost,
    }


def solver_of(
    door: Callable[..., LocationSolution], **said: Any
) -> Callable[[LocationProblem, Watch], LocationSolution]:
    """A door as what takes a checked problem and a watch."""

    def solve(problem: LocationProblem, run: Watch) -> LocationSolution:
        return door(
            problem.cost,
            demand_weight=problem.demand_weight,
            time_limit_s=run.left_s,
            report=run.report,
            **words_of(problem.conditions),
            **said,
        )

    return solve


def plain(case: Case) -> Case:
    """Without what exists already."""
    return case.saying(existing_facilities=[])


@SOME
@given(case=cases().map(plain), k=st.integers(1, 7))
def test_the_k_best_medians_are_those_of_brute_force(case: Case, k: int) -> None:
    require_k_best(case, k, solver_of(location.solve_p_median), oracle.median_value)


@SOME
@given(case=cases().map(plain), k=st.integers(1, 7))
def test_the_k_best_coverings_are_those_of_brute_force(case: Case, k: int) -> None:
    solve = solver_of(location.solve_mclp, service_radius=case.radius)
    require_k_best(case, k, solve, oracle.covered_value, maximise=True)


@SOME
@given(case=cases(free=True).map(plain), k=st.integers(1, 7))
def test_the_k_best_plans_of_any_number_are_those_of_brute_force(case: Case, k: int) -> None:
    require_k_best(case, k, solver_of(location.solve_facility_location), oracle.median_value)


def require_k_best(
    case: Case,
    k: int,
    solve: Callable[[LocationProblem, Watch], LocationSolution],
    value: oracle.Value,
    *,
    maximise: bool = False,
) -> None:
    order = oracle.ranked(case, value, maximise=maximise)
    problem = build_problem(case.cost, **case.keywords)
    found = k_best_plans(solve, problem, k, Watch(), maximise=maximise)
    assert len(found.plans) == found.proven == min(k, len(order))
    assert len({plan.facilities for plan in found.plans}) == len(found.plans)
    worth = {chosen: objective for objective, chosen in order}
    for plan, (objective, _) in zip(found.plans, order, strict=False):
        assert plan.objective == near(case, objective)
        assert worth[plan.facilities] == near(case, objective)
    assert found.exhausted or len(order) >= k
    assert not found.exhausted or len(order) <= k
    assert (found.conflict is not None) == (not order)
    if not found.exhausted:
        sign = -1.0 if maximise else 1.0
        following = order[len(found.plans) :]
        assert all(
            sign * found.bound <= sign * objective + oracle.tolerance(case, objective)
            for objective, _ in following
        )


def ending_after(calls: int) -> Report:
    """A report that lets a run go on so many times."""
    left = iter(range(calls))
    return lambda progress: next(left, None) is not None


def test_a_run_of_the_k_best_that_is_ended_says_how_many_are_proven() -> None:
    cost = [[float(abs(i - j)) for j in range(9)] for i in range(9)]
    problem = build_problem(cost, p_facilities=3)
    case = Case(cost, [1.0] * 9, 3)
    order = oracle.ranked(case, oracle.median_value)
    for calls in (1, 2, 3, 5, 9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(watch, "_EVERY_S", 0.0)
            found = k_best_plans(
                solver_of(location.solve_p_median), problem, 5, Watch(report=ending_after(calls))
            )
        assert found.proven <= len(found.plans) <= 5
        for plan, (objective, _) in zip(found.plans[: found.proven], order, strict=False):
            assert plan.objective == near(case, objective)
        assert len({plan.facilities for plan in found.plans}) == len(found.plans)
        assert math.isnan(found.bound) or found.bound <= order[found.proven][0] + 1e-9


def two_values(case: Case) -> list[tuple[float, float]]:
    """Total cost and greatest cost of a served row of weight above 0, of every plan."""
    return [
        (
            total,
            max(
                (served(case, chosen)[i] for i in oracle.reachable(case) if case.weight[i]),
                default=0.0,
            ),
        )
        for total, chosen in oracle.ranked(case, oracle.median_value)
    ]


def served(case: Case, chosen: oracle.Choice) -> list[float]:
    return [min((row[j] for j in chosen), default=INF) for row in case.cost]


@SOME
@given(case=cases(exact=True))
def test_the_front_of_mean_and_worst_is_that_of_brute_force(case: Case) -> None:
    plans = two_values(case)
    best = {
        (total, worst)
        for total, worst in plans
        if not any(t <= total and w <= worst and (t, w) != (total, worst) for t, w in plans)
    }
    found = mean_worst_front(build_problem(case.cost, **case.keywords), Watch())
    assert found.complete
    assert [(point.first, point.second) for point in found.points] == [
        (near(case, total), worst) for total, worst in sorted(best)
    ]
    for point in found.points:
        assert (point.solution.objective, point.solution.status) == (point.first, "optimal")
        assert oracle.median_value(case, point.solution.facilities) == near(case, point.first)


@SOME
@given(case=cases(exact=True, costs=False), numbers=st.lists(st.integers(1, 6), max_size=4))
def test_the_front_of_number_and_coverage_is_that_of_brute_force(
    case: Case, numbers: list[int]
) -> None:
    reached = {
        p: best
        for p in sorted(set(numbers))
        if (best := oracle.best(replace(case, p=p), oracle.covered_value, maximise=True))
        is not None
    }
    expected = [
        (float(p), best)
        for p, best in reached.items()
        if all(best > other for q, other in reached.items() if q < p)
    ]
    solve = solver_of(location.solve_mclp, service_radius=case.radius)
    problem = build_problem(case.cost, **case.keywords)
    found = coverage_front(solve, problem, Watch(), numbers=numbers)
    assert found.complete
    assert [(point.first, point.second) for point in found.points] == expected


@SOME
@given(case=cases(exact=True))
def test_the_front_of_cost_and_coverage_holds_every_corner(case: Case) -> None:
    """Corners of the hull of all plans are found, and whatever is found is on the hull."""
    plans = [
        (
            total,
            math.fsum(
                w
                for w, c in zip(case.weight, served(case, chosen), strict=True)
                if c <= case.radius
            ),
        )
        for total, chosen in oracle.ranked(case, oracle.median_value)
    ]
    found = cost_coverage_front(
        build_problem(case.cost, **case.keywords), Watch(), service_radius=case.radius
    )
    assert found.complete
    points = [(point.first, point.second) for point in found.points]
    assert points == sorted(points)
    hull = corners(plans)
    assert set(hull) <= set(points)
    for total, covered in points:
        assert (total, covered) in plans
        for (t0, c0), (t1, c1) in itertools.pairwise(hull):
            assert (covered - c0) * (t1 - t0) <= (total - t0) * (c1 - c0) + 1e-9
            assert not c0 < covered < c1 or (covered - c0) * (t1 - t0) == pytest.approx(
                (total - t0) * (c1 - c0), abs=1e-9
            )


def corners(plans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Corners of the upper hull from least cost to most coverage: cost up, coverage up."""
    order = sorted(set(plans), key=lambda plan: (plan[0], -plan[1]))
    rising = [one for k, one in enumerate(order) if all(one[1] > other[1] for other in order[:k])]
    hull: list[tuple[float, float]] = []
    for one in rising:
        while len(hull) > 1 and turn(hull[-2], hull[-1], one) >= 0.0:
            hull.pop()
        hull.append(one)
    return hull


def turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Above 0 where the way from a by b to c turns left, 0 where it is straight."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@settings(SOME, max_examples=20)
@given(case=cases(exact=True).map(plain))
def test_the_price_of_each_condition_is_that_of_brute_force(case: Case) -> None:
    problem = build_problem(case.cost, **case.keywords)
    found = condition_prices(solver_of(location.solve_p_median), problem, Watch())
    base = oracle.best(case, oracle.median_value)
    if base is None:
        assert (found.base.status, found.prices) == ("infeasible", ())
        return
    assert found.complete
    assert found.base.objective == near(case, base)
    owed = oracle.reachable(case)
    kept = replace(
        case, cost=[row if i in owed else [INF] * len(row) for i, row in enumerate(case.cost)]
    )
    for price in found.prices:
        eased = without(kept, problem.conditions, price.kind, price.subject)
        best = oracle.best(eased, all_of(owed)) if owed else oracle.best(eased, oracle.median_value)
        if best is None:
            assert math.isnan(price.price)
            continue
        assert price.objective == near(case, best)
        assert price.price == pytest.approx(base - best, abs=1e-9 * max(1.0, abs(base)))
        assert price.least == price.price == price.most
        assert price.sentence.zh and price.sentence.en
        assert price.price >= 0.0 or price.kind in {"one_more", "one_less"}


def all_of(owed: list[int]) -> oracle.Value:
    """The median's value where exactly these rows must be served."""

    def value(case: Case, chosen: oracle.Choice) -> float | None:
        least = served(case, chosen)
        if any(least[i] == INF for i in owed):
            return None
        total = math.fsum(case.weight[i] * least[i] for i in owed)
        return total + oracle.site_cost(case, chosen)

    return value


def without(case: Case, conditions: Conditions, kind: str, subject: tuple[int, ...]) -> Case:
    """The case without a condition, or with one facility more or less."""
    if kind in {"one_more", "one_less"}:
        assert case.p is not None
        return replace(case, p=case.p + (1 if kind == "one_more" else -1))
    if kind in {"fixed", "forbidden"}:
        name = f"{kind}_facilities"
        return case.saying(**{name: [j for j in case.sites[name] if j not in subject]})
    if kind == "exclusive":
        left = [one for k, one in enumerate(conditions.exclusive) if k not in subject]
        return case.saying(exclusive_facilities=left, min_separation=None)
    name = {"group_min": "min_per_group", "group_max": "max_per_group"}[kind]
    dropped = {conditions.group_names[g] for g in subject}
    bound = oracle.group_bounds(case, name)
    return case.saying(**{name: {label: n for label, n in bound.items() if label not in dropped}})


@st.composite
def futures(draw: st.DrawFn) -> list[Case]:
    """Two or three cases of the same candidates and conditions; rows, costs and weights differ."""
    first = draw(cases(exact=True))
    others = draw(st.lists(cases(exact=True), min_size=1, max_size=2))
    columns = len(first.columns)
    return [
        first,
        *(
            replace(
                first,
                cost=[(row * columns)[:columns] for row in other.cost],
                weight=other.weight,
            )
            for other in others
        ),
    ]


@SOME
@given(among=futures(), relative=st.booleans())
def test_the_least_greatest_regret_is_that_of_brute_force(
    among: list[Case], relative: bool
) -> None:
    known = [{c: total for total, c in oracle.ranked(one, oracle.median_value)} for one in among]
    best = [min(one.values(), default=0.0) for one in known]
    common = set.intersection(*map(set, known))
    asked = [Future(Sentence(str(k), str(k)), one.weight, one.cost) for k, one in enumerate(among)]
    said = {"p_facilities": among[0].p, **among[0].sites}
    if relative and all(known) and min(best) <= 0.0:
        with pytest.raises(CostMatrixError):
            minimax_regret(asked, relative=True, **said)
        return
    found = minimax_regret(asked, relative=relative, **said)
    if not common:
        assert (found.status, found.facilities, found.outcomes) == ("infeasible", (), ())
        assert found.conflict is not None
        return

    def regrets(chosen: oracle.Choice) -> list[float]:
        lost = [one[chosen] - least for one, least in zip(known, best, strict=True)]
        return [a / b for a, b in zip(lost, best, strict=True)] if relative else lost

    least = min(max(regrets(chosen)) for chosen in common)
    assert found.status == "optimal"
    assert found.facilities in common
    assert found.regret == pytest.approx(least, rel=1e-9, abs=1e-7)
    assert found.bound <= found.regret
    assert found.bound == pytest.approx(least, rel=1e-9, abs=1e-7)
    told = [one.share if relative else one.regret for one in found.outcomes]
    assert told == pytest.approx(regrets(found.facilities), rel=1e-9, abs=1e-7)
    for one, optimum in zip(found.outcomes, best, strict=True):
        assert one.optimum.objective == pytest.approx(optimum, rel=1e-9, abs=1e-9)
        assert one.plan.facilities == found.facilities


@pytest.mark.parametrize("steps", [1, 2, 5, 20])
def test_a_search_for_the_least_regret_that_is_ended_is_honest(steps: int) -> None:
    generator = np.random.default_rng(4)
    asked = [
        Future(
            Sentence(str(k), str(k)),
            generator.integers(1, 9, 14),
            generator.integers(0, 40, (14, 10)),
        )
        for k in range(3)
    ]
    proven = minimax_regret(asked, p_facilities=3)
    assert proven.status == "optimal"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "_EVERY_S", 0.0)
        found = minimax_regret(asked, p_facilities=3, report=ending_after(steps))
    assert found.bound <= proven.regret + 1e-9
    assert found.status in {"optimal", "feasible", "time_limit"}
    if found.facilities:
        assert proven.regret <= found.regret + 1e-9
