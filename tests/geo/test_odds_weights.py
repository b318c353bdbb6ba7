"""Draws of weights that a scenario declares: what is drawn, inside which limits, in which words."""

from __future__ import annotations

import numpy as np
import pytest
from builders import attribute, features, parsed_siting, siting
from numpy.typing import NDArray

from geo.errors import WeightsError
from geo.odds import rank_odds, weight_sampler
from geo.scenario import (
    DeclaredDraws,
    FixedDraws,
    ImportanceDraws,
    IntervalDraws,
    UniformDraws,
    WeightDrawsSpec,
)
from geo.scoring import score_alternatives

WEIGHTS = {"a": 0.5, "b": 0.3, "c": 0.2}
SIZE = 4_000


def drawn(spec: WeightDrawsSpec, weights: dict[str, float] | None = None) -> NDArray[np.float64]:
    """All the weights drawn, criteria in columns."""
    sampler, _ = weight_sampler(spec, weights or WEIGHTS)
    found = sampler.batch(np.random.default_rng(3), SIZE)
    assert found.shape == (SIZE, len(weights or WEIGHTS))
    assert found.sum(axis=1) == pytest.approx(np.ones(SIZE), abs=1e-12)
    assert (found >= 0.0).all()
    return found


def test_uniform_weights_have_the_moments_of_the_simplex() -> None:
    """Of n criteria: mean 1 / n, variance (n - 1) / (n² (n + 1))."""
    for count in (3, 25):
        found = drawn(UniformDraws(), {f"c{k}": 1 / count for k in range(count)})
        variance = (count - 1) / (count**2 * (count + 1))
        assert found.mean(axis=0) == pytest.approx(np.full(count, 1 / count), abs=0.01)
        assert found.var(axis=0) == pytest.approx(np.full(count, variance), rel=0.15)


def test_weights_stay_within_their_intervals_and_the_others_are_free() -> None:
    found = drawn(IntervalDraws(kind="intervals", intervals={"a": (0.2, 0.3), "c": (0.1, 0.6)}))
    assert (found[:, 0] >= 0.2).all() and (found[:, 0] <= 0.3).all()
    assert (found[:, 2] >= 0.1).all() and (found[:, 2] <= 0.6).all()
    # Uniform on the strip 0.2 <= a <= 0.3, 0.1 <= c <= 0.6: a and c each uniform in their interval.
    assert found.mean(axis=0) == pytest.approx([0.25, 0.40, 0.35], abs=0.01)
    assert found[:, 1].min() < 0.15 and found[:, 1].max() > 0.65


def test_intervals_of_no_width_hold_the_weights() -> None:
    spec = IntervalDraws(kind="intervals", intervals={"a": (0.6, 0.6), "b": (0.1, 0.1)})
    assert drawn(spec) == pytest.approx(np.tile([0.6, 0.1, 0.3], (SIZE, 1)), abs=1e-12)


def test_weights_keep_the_order_of_importance_and_who_is_not_named_comes_last() -> None:
    """b before a before c: means are the centroids 11/18, 5/18, 2/18."""
    found = drawn(ImportanceDraws(kind="importance", importance={"b": 1, "a": 2}))
    assert (found[:, 1] >= found[:, 0]).all()
    assert (found[:, 0] >= found[:, 2]).all()
    assert found.mean(axis=0) == pytest.approx([5 / 18, 11 / 18, 2 / 18], abs=0.01)
    equals = drawn(ImportanceDraws(kind="importance", importance={"c": 1}))
    assert (equals[:, [2]] >= equals[:, :2]).all()
    assert equals.mean(axis=0) == pytest.approx([3.5 / 18, 3.5 / 18, 11 / 18], abs=0.01)
    assert 0.4 < (equals[:, 0] > equals[:, 1]).mean() < 0.6


@pytest.mark.parametrize("concentration", [10.0, 100.0])
def test_declared_weights_scatter_as_said(concentration: float) -> None:
    found = drawn(DeclaredDraws(kind="declared", concentration=concentration))
    own = np.array(list(WEIGHTS.values()))
    assert found.mean(axis=0) == pytest.approx(own, abs=0.01)
    spread = np.sqrt(own * (1 - own) / (concentration + 1))
    assert found.std(axis=0) == pytest.approx(spread, rel=0.06)


def test_a_declared_weight_of_nought_stays_nought() -> None:
    found = drawn(DeclaredDraws(kind="declared"), {"a": 0.75, "b": 0.25, "c": 0.0})
    assert not found[:, 2].any()


def test_fixed_weights_are_the_same_in_every_draw() -> None:
    np.testing.assert_array_equal(
        drawn(FixedDraws(kind="fixed")), np.tile([0.5, 0.3, 0.2], (SIZE, 1))
    )


SPECS: list[tuple[WeightDrawsSpec, str, str]] = [
    (UniformDraws(), "weights uniform on the simplex", "权重在单纯形上均匀"),
    (
        IntervalDraws(kind="intervals", intervals={"a": (0.1, 0.9)}),
        "weights uniform within the intervals given",
        "权重在给定区间内均匀",
    ),
    (
        ImportanceDraws(kind="importance", importance={"a": 1}),
        "weights uniform among those that keep the order of importance",
        "权重在符合重要性次序的范围内均匀",
    ),
    (
        DeclaredDraws(kind="declared", concentration=50),
        "weights around the declared ones (Dirichlet, concentration 50)",
        "权重围绕所设权重（狄利克雷分布，集中度 50）",
    ),
    (FixedDraws(kind="fixed"), "weights held at the declared ones", "权重固定为所设权重"),
]


@pytest.mark.parametrize(("spec", "en", "zh"), SPECS)
def test_what_is_drawn_is_said(spec: WeightDrawsSpec, en: str, zh: str) -> None:
    _, said = weight_sampler(spec, WEIGHTS)
    assert (said.en, said.zh) == (en, zh)


@pytest.mark.parametrize(
    "spec",
    [
        IntervalDraws(kind="intervals", intervals={"moon": (0.1, 0.2), "a": (0, 1), "sun": (0, 1)}),
        ImportanceDraws(kind="importance", importance={"moon": 1, "a": 2, "sun": 3}),
    ],
)
def test_draws_for_unknown_criteria_name_them_all(spec: WeightDrawsSpec) -> None:
    with pytest.raises(
        WeightsError, match="unknown criterion moon, sun; this scenario has a, b, c"
    ) as e:
        weight_sampler(spec, WEIGHTS)
    assert "没有的准则 moon、sun" in e.value.of("zh")
    assert "本方案的准则有 a、b、c" in e.value.of("zh")


@pytest.mark.parametrize(
    ("intervals", "en"),
    [
        ({"a": (0.6, 0.7), "b": (0.5, 0.9)}, "lower bounds that add up to 1 or less"),
        ({"a": (0.0, 0.3), "b": (0.0, 0.3), "c": (0.0, 0.3)}, "upper bounds that add up to 1"),
        ({"a": (0.5, 0.2)}, "at least the lower bound 0.5"),
        ({"a": (-0.1, 0.2)}, "a finite number >= 0"),
    ],
)
def test_intervals_that_leave_nothing_are_refused(
    intervals: dict[str, tuple[float, float]], en: str
) -> None:
    with pytest.raises(WeightsError) as caught:
        weight_sampler(IntervalDraws(kind="intervals", intervals=intervals), WEIGHTS)
    assert en in str(caught.value)
    assert "无法在这些区间内抽取权重" in caught.value.of("zh")


def test_an_interval_that_cannot_be_names_its_criterion() -> None:
    with pytest.raises(WeightsError, match=r"\bb\b") as caught:
        weight_sampler(IntervalDraws(kind="intervals", intervals={"b": (0.5, 0.2)}), WEIGHTS)
    assert "b" in caught.value.of("zh")


def test_a_scenario_s_draws_are_those_of_its_odds() -> None:
    """With a at least 0.6, (1, 0, 0) is first whatever is left for (0, 1, 1)."""
    rows = [{"a": 10.0, "b": 0.0, "c": 0.0}, {"a": 0.0, "b": 10.0, "c": 10.0}]
    groups = {"one": [attribute(name) for name in WEIGHTS]}
    for draws, share in (
        ({"kind": "uniform"}, 0.25),
        ({"kind": "intervals", "intervals": {"a": [0.6, 1.0]}}, 1.0),
        ({"kind": "importance", "importance": {"a": 1}}, 0.75),
    ):
        scenario = parsed_siting(siting(groups, weight_draws=draws))
        tables = {"sites": features(rows)}
        result = score_alternatives(scenario, tables)
        odds = rank_odds(result, tables, draws=4_000)
        at = result.alternatives["id"].tolist().index("site-01")
        for one in (odds.together, odds.alone["weights"]):
            assert one.among_first(1)[at] == pytest.approx(share, abs=0.02)
        assert odds.weights == weight_sampler(scenario.weight_draws, result.weights)[1]


def test_held_weights_are_the_planner_s_where_they_stand_in_the_place_of_some() -> None:
    groups = {"one": [attribute("a"), attribute("b")]}
    scenario = parsed_siting(siting(groups, weight_draws={"kind": "fixed"}))
    tables = {"sites": features([{"a": 10.0, "b": 0.0}, {"a": 0.0, "b": 9.0}])}
    result = score_alternatives(scenario, tables, weights={"b": 5.0})
    assert result.alternatives["id"].tolist() == ["site-02", "site-01"]
    assert rank_odds(result, tables, draws=50).together.among_first(1).tolist() == [1.0, 0.0]
