"""What is asked beyond a plan, from layers: checked against every choice of a small case."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import features, location, parsed_location
from numpy.typing import NDArray

from geo.errors import ScenarioError
from geo.hubs import HubQuestions, LocationResult, ReadingResult, place_hubs
from geo.hubs.draws import build_draws
from geo.hubs.places import build_places
from geo.location import Progress

LON = [120.2, 120.3, 120.45, 120.5, 120.7, 120.75]
WEIGHT = np.array([5.0, 1.0, 3.0, 2.0, 4.0, 2.0])
TWO = {"id": "two", "p_facilities": 2}
RADIUS = 12_000.0


def tables() -> dict[str, pd.DataFrame]:
    rows = [
        {"ref_lon": lon, "ref_lat": 28.0, "district": "甲" if i < 3 else "乙", "accuracy_m": 500.0}
        for i, lon in enumerate(LON)
    ]
    demand = features(rows, "demand").assign(
        demand_weight=WEIGHT, weight_low=WEIGHT / 2, weight_high=WEIGHT * 2
    )
    return {"demand": demand, "towns": features(rows, "town")}


def solved(
    questions: HubQuestions, reading: dict[str, Any] = TWO, **changes: Any
) -> tuple[LocationResult, ReadingResult]:
    scenario = parsed_location(location([reading], service_radius_m=RADIUS, **changes))
    result = place_hubs(scenario, tables(), questions=questions)
    return result, result.readings[0]


def every_pair(cost: NDArray[np.float64]) -> list[tuple[float, tuple[int, ...]]]:
    """Total way of every choice of two, best first."""
    pairs = itertools.combinations(range(len(LON)), 2)
    return sorted((float(WEIGHT @ cost[:, list(pair)].min(axis=1)), pair) for pair in pairs)


def test_nothing_asked_is_nothing_answered() -> None:
    _, one = solved(HubQuestions())
    assert (one.ranked, one.fronts, one.prices) == (None, None, None)
    assert one.alternatives == ()


def test_progress_says_which_reading_and_which_run_it_is_of() -> None:
    heard: list[str] = []

    def report(progress: Progress) -> bool:
        assert progress.about is not None
        heard.append(progress.about.en)
        return True

    readings = [TWO, {"id": "three", "p_facilities": 3}]
    scenario = parsed_location(location(readings, service_radius_m=RADIUS))
    place_hubs(scenario, tables(), questions=HubQuestions(k_best=3), report=report)
    titles = [one.title.en for one in scenario.readings]
    runs = ("the plan", "the best plans")
    assert list(dict.fromkeys(heard)) == [f"{title}: {run}" for title in titles for run in runs]


def test_the_best_plans_come_in_order() -> None:
    _, one = solved(HubQuestions(k_best=4))
    best = every_pair(one.distance_m)[:4]
    assert [plan.facilities for plan in one.alternatives] == [pair for _, pair in best]
    assert [plan.objective for plan in one.alternatives] == pytest.approx([v for v, _ in best])
    assert one.alternatives[0].facilities == one.solution.facilities
    assert one.ranked is not None
    assert one.ranked.proven == 4


def test_plans_of_a_covering_model_come_from_the_most_covered_on() -> None:
    _, one = solved(HubQuestions(k_best=3), model="mclp")
    covered = [plan.objective for plan in one.alternatives]
    pairs = itertools.combinations(range(len(LON)), 2)
    every = [float(WEIGHT[(one.distance_m[:, list(p)] <= RADIUS).any(axis=1)].sum()) for p in pairs]
    assert covered == pytest.approx(sorted(every, reverse=True)[:3])


def test_fronts_hold_what_no_other_plan_beats() -> None:
    _, one = solved(HubQuestions(fronts=True))
    assert one.fronts is not None
    cost = one.distance_m
    values = [(total, float(cost[:, list(p)].min(axis=1).max())) for total, p in every_pair(cost)]
    kept = [
        (total, worst)
        for total, worst in values
        if not any(a <= total and b <= worst and (a, b) != (total, worst) for a, b in values)
    ]
    found = [(point.first, point.second) for point in one.fronts.mean_worst.points]
    assert np.array(found) == pytest.approx(np.array(sorted(kept)))
    covered = one.fronts.number_coverage.points
    assert covered[-1].second == WEIGHT.sum()
    assert [point.first for point in covered] == sorted(point.first for point in covered)
    assert one.fronts.cost_coverage.points[0].first == pytest.approx(one.solution.objective)


def test_a_reading_without_a_number_has_no_fronts() -> None:
    _, one = solved(HubQuestions(fronts=True), {"id": "free"}, model="lscp")
    assert one.fronts is None


def test_conditions_have_their_price_in_words() -> None:
    _, one = solved(HubQuestions(prices=True), forced=[{"id": ["town-02"]}])
    assert one.prices is not None
    (forced,) = [price for price in one.prices.prices if price.kind == "fixed"]
    best, _ = every_pair(one.distance_m)[0]
    assert forced.objective == pytest.approx(best)
    assert forced.price == pytest.approx(one.solution.objective - best)
    assert "town 2" in forced.sentence.en
    assert "town2" in forced.sentence.zh
    assert "residents × m" in forced.sentence.en


def test_a_plan_that_does_not_exist_has_no_answers() -> None:
    asked = HubQuestions(k_best=2, fronts=True, prices=True)
    _, one = solved(asked, {"id": "many", "p_facilities": 9})
    assert one.solution.status == "infeasible"
    assert (one.ranked, one.fronts, one.prices) == (None, None, None)


FUTURES = [
    {"id": "now", "title": {"zh": "平时", "en": "now"}},
    {
        "id": "east",
        "title": {"zh": "东部新城", "en": "east grows"},
        "factors": [
            {"filter": {"district": ["乙"]}, "factor": 3.0},
            {"filter": {"id": ["demand-06"]}, "factor": 2.0},
        ],
    },
    {"id": "far", "title": {"zh": "绕行", "en": "detours"}, "circuity": 2.0},
]


def test_the_robust_plan_has_the_least_greatest_regret() -> None:
    _, one = solved(HubQuestions(robust=True), futures=FUTURES)
    assert one.regret is not None
    worlds = [WEIGHT, WEIGHT * np.array([1, 1, 1, 3, 3, 6]), WEIGHT]
    pairs = list(itertools.combinations(range(len(LON)), 2))
    totals = np.array(
        [[float(w @ one.distance_m[:, list(p)].min(axis=1)) for p in pairs] for w in worlds]
    )
    regret = (totals / totals.min(axis=1, keepdims=True) - 1.0).max(axis=0)
    assert one.regret.status == "optimal"
    assert one.regret.regret == pytest.approx(regret.min())
    assert one.regret.facilities == pairs[int(regret.argmin())]
    assert [outcome.name.en for outcome in one.regret.outcomes] == ["now", "east grows", "detours"]
    assert one.regret.outcomes[2].optimum.objective == pytest.approx(2.0 * totals[0].min())


def test_a_robust_plan_needs_futures_and_a_model_of_ways() -> None:
    with pytest.raises(ScenarioError, match="declares no futures for a robust plan") as caught:
        solved(HubQuestions(robust=True))
    assert "没有声明稳健比较所需的 futures" in caught.value.of("zh")
    _, one = solved(HubQuestions(robust=True), model="mclp", futures=FUTURES)
    assert one.regret is None


ERRORS: dict[str, Any] = {
    "demand_error": {"low": "weight_low", "high": "weight_high"},
    "cost_error": {"circuity": [1.0, 1.5]},
}


def test_the_share_of_draws_is_that_of_the_best_plans_of_each_draw() -> None:
    asked = HubQuestions(draws=40, seed=5)
    result, one = solved(asked, **ERRORS)
    assert one.selection is not None
    scenario, generator = result.scenario, np.random.default_rng(5)
    places = build_places(scenario, tables())
    draws = build_draws(scenario, places, one.distance_m, one.weight, territories=None)
    count = np.zeros(len(LON))
    pairs = list(itertools.combinations(range(len(LON)), 2))
    for _ in range(40):
        weight, cost = draws.draw(generator)
        best = min(pairs, key=lambda p: float(weight @ cost[:, list(p)].min(axis=1)))
        count[list(best)] += 1.0
    assert one.selection.share == pytest.approx(count / 40.0)
    assert one.selection.share.sum() == pytest.approx(2.0)
    assert (one.selection.draws, one.selection.unproven) == (40, 0)
    again = solved(asked, **ERRORS)[1].selection
    assert again is not None
    assert (again.share == one.selection.share).all()


def test_draws_of_a_covering_model_count_its_plans() -> None:
    _, one = solved(HubQuestions(draws=10), model="mclp", **ERRORS)
    assert one.selection is not None
    assert one.selection.share.sum() == pytest.approx(2.0)


def test_draws_need_a_declared_error() -> None:
    with pytest.raises(ScenarioError, match="declares nothing to draw"):
        solved(HubQuestions(draws=10))
