from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_oracles import Case, best, median_value

from geo.location import LocationProblem, LocationSolution, Watch, build_problem
from geo.location.choices.prices import ConditionPrices, condition_prices
from geo.location.median.p_median import solve_median
from geo.sentence import Sentence

INF = math.inf


def median(problem: LocationProblem, watch: Watch) -> LocationSolution:
    return solve_median(problem, watch).solution


def prices(cost: list[list[float]], p: int, **sites: Any) -> ConditionPrices:
    return condition_prices(median, build_problem(cost, p_facilities=p, **sites), Watch())


def by_subject(found: ConditionPrices, kind: str) -> dict[tuple[int, ...], float]:
    return {one.subject: one.price for one in found.prices if one.kind == kind}


LINE = [[float(abs(i - j)) for j in range(6)] for i in range(6)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rows = draw(st.integers(2, 5))
    cost = draw(
        st.lists(
            st.lists(st.integers(0, 20).map(float), min_size=5, max_size=5),
            min_size=rows,
            max_size=rows,
        )
    )
    sites = {
        "fixed_facilities": draw(st.sampled_from([[], [0], [0, 3]])),
        "forbidden_facilities": draw(st.sampled_from([[], [1], [1, 4]])),
        "exclusive_facilities": draw(st.sampled_from([[], [[2, 3]], [[0, 2, 4], [3, 4]]])),
        "groups": list("abbac"),
        "min_per_group": draw(st.sampled_from([{}, {"b": 1}, {"a": 1, "c": 1}])),
        "max_per_group": draw(st.sampled_from([{}, {"b": 1}, {"a": 1, "b": 1}])),
    }
    return Case(cost, [1.0] * rows, draw(st.integers(1, 3)), sites=sites)


def dropped(bound: str, label: str) -> Callable[[Case], Case]:
    def without(case: Case) -> Case:
        kept = {name: n for name, n in case.sites[bound].items() if name != label}
        return case.saying(**{bound: kept})

    return without


def relaxed(case: Case, kind: str, subject: tuple[int, ...]) -> Case:
    """The case without what a price is of, in the oracle's own words."""
    sites = case.sites
    labels = list(dict.fromkeys(sites["groups"]))
    if kind in ("fixed", "forbidden"):
        kept = [j for j in sites[f"{kind}_facilities"] if j not in subject]
        return case.saying(**{f"{kind}_facilities": kept})
    if kind == "exclusive":
        sets = sites["exclusive_facilities"]
        return case.saying(exclusive_facilities=[s for k, s in enumerate(sets) if k not in subject])
    if kind in ("one_more", "one_less"):
        return replace(case, p=(case.p or 0) + (1 if kind == "one_more" else -1))
    bound = "min_per_group" if kind == "group_min" else "max_per_group"
    gone = [labels[g] for g in subject]
    return case.saying(**{bound: {k: n for k, n in sites[bound].items() if k not in gone}})


@settings(max_examples=40, deadline=None)
@given(cases())
def test_each_price_is_the_difference_that_brute_force_finds(case: Case) -> None:
    base = best(case, median_value)
    found = condition_prices(median, build_problem(case.cost, **case.keywords), Watch())
    if base is None:
        assert (found.base.status, found.prices, found.complete) == ("infeasible", (), True)
        return
    assert found.complete
    for one in found.prices:
        without = best(relaxed(case, one.kind, one.subject), median_value)
        if without is None:
            assert math.isnan(one.price)
            continue
        assert one.objective == pytest.approx(without)
        assert one.price == pytest.approx(base - without, abs=1e-9)
        assert one.least == one.price == one.most


@settings(max_examples=15, deadline=None)
@given(cases())
def test_what_is_not_priced_costs_nothing(case: Case) -> None:
    base = best(case, median_value)
    found = condition_prices(median, build_problem(case.cost, **case.keywords), Watch())
    if base is None:
        return
    listed = {(one.kind, one.subject) for one in found.prices}
    labels = list(dict.fromkeys(case.sites["groups"]))
    for kind, bound in (("group_min", "min_per_group"), ("group_max", "max_per_group")):
        for label in case.sites[bound]:
            subject = (labels.index(label),)
            if (kind, subject) not in listed:
                assert best(relaxed(case, kind, subject), median_value) == pytest.approx(base)


def test_keeping_a_facility_at_the_end_of_a_line_has_a_price() -> None:
    found = prices(LINE, 1, fixed_facilities=[0])
    assert found.base.objective == 15.0
    assert by_subject(found, "fixed") == {(0,): 6.0}
    assert by_subject(found, "one_more") == {(): 10.0}
    assert by_subject(found, "one_less") == {}
    [one] = [one for one in found.prices if one.kind == "fixed"]
    assert one.sentence == Sentence(
        "不必设 候选点 0：目标值改善 6（40.00%）",
        "without having to open candidate 0: the objective is better by 6 (40.00%)",
    )


def test_conditions_that_gain_nothing_together_are_not_solved_one_by_one() -> None:
    runs = 0

    def counted(problem: LocationProblem, watch: Watch) -> LocationSolution:
        nonlocal runs
        runs += 1
        return median(problem, watch)

    problem = build_problem(LINE, p_facilities=2, forbidden_facilities=[0, 2, 3, 5])
    found = condition_prices(counted, problem, Watch())
    subjects = [(0, 2, 3, 5), (0,), (2,), (3,), (5,)]
    assert by_subject(found, "forbidden") == dict.fromkeys(subjects, 0.0)
    assert runs == 3
    assert found.prices[0].sentence.en.endswith("the objective stays as it is")


def test_rows_that_only_a_forbidden_candidate_reaches_stay_out_of_the_comparison() -> None:
    cost = [[1.0, INF, 5.0], [INF, 7.0, INF], [4.0, INF, 1.0]]
    found = prices(cost, 1, forbidden_facilities=[1])
    assert found.base.objective == 5.0
    assert by_subject(found, "forbidden") == {(1,): 0.0}


def test_a_coverage_model_gains_where_it_covers_more() -> None:
    def covered(problem: LocationProblem, watch: Watch) -> LocationSolution:
        """The one column that reaches most weight within 1."""
        able = np.flatnonzero(~problem.conditions.forbidden)
        worth = (problem.cost[:, able] <= 1.0).sum(axis=0)
        column = int(able[worth.argmax()])
        served = median(build_problem(problem.cost, p_facilities=1), watch)
        assignment = np.where(problem.cost[:, column] <= 1.0, column, -1)
        value = float(worth.max())
        return replace(served, assignment=assignment, objective=value, bound=value)

    problem = build_problem(LINE, p_facilities=1, forbidden_facilities=[1, 2, 3, 4])
    found = condition_prices(covered, problem, Watch(), maximise=True)
    assert by_subject(found, "forbidden")[1, 2, 3, 4] == 1.0
    assert found.base.objective == 2.0


def test_an_unproven_price_lies_between_its_bounds() -> None:
    def guessed(problem: LocationProblem, watch: Watch) -> LocationSolution:
        found = median(problem, watch)
        return replace(found, status="feasible", bound=found.objective - 1.0)

    problem = build_problem(LINE, p_facilities=1, fixed_facilities=[0])
    found = condition_prices(guessed, problem, Watch(), unit=Sentence("米", "m"))
    [one] = [one for one in found.prices if one.kind == "fixed"]
    assert (one.least, one.price, one.most) == (5.0, 6.0, 7.0)
    assert one.sentence == Sentence(
        "不必设 候选点 0：目标值改善 5 至 7 米（未证明到底）",
        "without having to open candidate 0: the objective is better by 5 to 7 m (not proven to "
        "the end)",
    )


def test_a_run_that_must_end_tells_the_prices_it_has() -> None:
    watch = Watch()

    def twice(problem: LocationProblem, inner: Watch) -> LocationSolution:
        watch.cancelled = watch.cancelled or not problem.conditions.fixed.any()
        return median(problem, inner)

    problem = build_problem(LINE, p_facilities=1, fixed_facilities=[0])
    found = condition_prices(twice, problem, watch)
    assert [one.kind for one in found.prices] == ["fixed"]
    assert not found.complete


def test_sentences_call_places_and_groups_by_name() -> None:
    names = [Sentence(f"{j} 镇", f"Town {j}") for j in range(6)]
    problem = build_problem(
        LINE,
        p_facilities=2,
        groups=list("nnnsss"),
        min_per_group={"n": 1},
        max_per_group={"s": 1},
        exclusive_facilities=[[1, 4]],
        forbidden_facilities=[2],
        fixed_facilities=[0],
    )
    found = condition_prices(median, problem, Watch(), names=names)
    said = [one.sentence.en.split(":")[0] for one in found.prices]
    assert said == [
        "without having to open Town 0",
        "if Town 2 were allowed",
        "if Town 1, Town 4 could be open together",
        "without the maximum of 1 in s",
        "with one more, 3 in all",
        "with one less, 1 in all",
    ]
