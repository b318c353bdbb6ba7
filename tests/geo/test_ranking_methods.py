"""Ranking methods against pymcdm, scikit-criteria and SciPy, and the laws each must keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymcdm.methods
import pymcdm.normalizations
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from skcriteria import mkdm
from skcriteria.agg.simple import WeightedProductModel, WeightedSumModel
from skcriteria.agg.topsis import TOPSIS

from geo.errors import CriterionError, WeightsError
from geo.ranking import (
    NORMS,
    Norm,
    Preference,
    dominators,
    owa,
    promethee_ii,
    ranks,
    topsis,
    weighted_product,
    weighted_sum,
)
from geo.value import Direction

Matrix = NDArray[np.float64]
Score = Callable[[Matrix, Matrix], Matrix]

UNIT = st.floats(0.0, 1.0).map(lambda number: round(number, 6))
TABLES = hnp.arrays(np.float64, st.tuples(st.integers(2, 10), st.integers(2, 5)), elements=UNIT)
POSITIVE = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 10), st.integers(2, 5)),
    elements=st.floats(0.5, 100.0).map(lambda number: round(number, 6)),
)


def sited(seed: int, rows: int = 80, columns: int = 12) -> tuple[Matrix, Matrix, NDArray[Any]]:
    rng = np.random.default_rng(seed)
    signs = np.where(np.arange(columns) % 3 == 0, -1, 1)
    return rng.uniform(1.0, 50.0, (rows, columns)), rng.dirichlet(np.ones(columns)), signs


def even(columns: int) -> Matrix:
    weights = np.arange(1.0, columns + 1)
    return np.asarray(weights / weights.sum())


def benefits(matrix: Matrix) -> list[Direction]:
    return ["benefit"] * matrix.shape[1]


def by_topsis(values: Matrix, weights: Matrix) -> Matrix:
    return topsis(values, weights, benefits(values))


def by_promethee(values: Matrix, weights: Matrix) -> Matrix:
    return promethee_ii(values, weights, benefits(values)).net


def by_owa(values: Matrix, weights: Matrix) -> Matrix:
    return owa(values, weights, attitude=0.3)


ALL: dict[str, Score] = {
    "weighted_sum": weighted_sum,
    "weighted_product": weighted_product,
    "topsis": by_topsis,
    "promethee_ii": by_promethee,
    "owa": by_owa,
}
each_method = pytest.mark.parametrize("method", ALL.values(), ids=ALL.keys())


# --- oracles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("norm", "theirs"),
    [
        ("vector", pymcdm.normalizations.vector_normalization),
        ("range", pymcdm.normalizations.minmax_normalization),
        ("max", pymcdm.normalizations.max_normalization),
    ],
)
def test_topsis_agrees_with_pymcdm(seed: int, norm: Norm, theirs: Any) -> None:
    matrix, weights, signs = sited(seed)
    expected = pymcdm.methods.TOPSIS(theirs)(matrix, weights, signs)
    assert np.abs(topsis(matrix, weights, signs.tolist(), norm=norm) - expected).max() <= 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_sum_product_and_topsis_agree_with_scikit_criteria(seed: int) -> None:
    matrix, weights, _ = sited(seed)
    share = matrix / matrix.max(axis=0)
    problem = mkdm(share, [max] * 12, weights=weights)
    normed = mkdm(matrix / np.sqrt((matrix**2).sum(axis=0)), [max] * 12, weights=weights)
    pairs = [
        (weighted_sum(share, weights), WeightedSumModel().evaluate(problem).e_.score),
        (by_topsis(matrix, weights), TOPSIS().evaluate(normed).e_.similarity),
    ]
    for ours, theirs in pairs:
        assert np.abs(ours - theirs).max() <= 1e-12
    logarithm = WeightedProductModel().evaluate(problem).e_.score
    assert np.abs(np.log10(weighted_product(share, weights)) - logarithm).max() <= 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_sum_and_product_agree_with_pymcdm(seed: int) -> None:
    matrix, weights, _ = sited(seed)
    share = matrix / matrix.sum(axis=0)
    gain = np.ones(12)
    expected = pymcdm.methods.WSM()(matrix, weights, gain)
    assert np.abs(weighted_sum(share, weights) - expected).max() <= 1e-12
    expected = pymcdm.methods.WPM()(matrix, weights, gain)
    assert np.abs(weighted_product(share, weights) - expected).max() <= 1e-12


@pytest.mark.parametrize(
    ("theirs", "preference"),
    [
        ("usual", Preference()),
        ("ushape", Preference("u_shape", q=4.0)),
        ("vshape", Preference("v_shape", p=9.0)),
        ("level", Preference("level", q=4.0, p=9.0)),
        ("vshape_2", Preference("linear", q=4.0, p=9.0)),
    ],
)
def test_promethee_agrees_with_pymcdm(theirs: str, preference: Preference) -> None:
    matrix, weights, signs = sited(4, 30, 6)
    q, p = np.full(6, 4.0), np.full(6, 9.0)
    expected = pymcdm.methods.PROMETHEE_II(theirs, q=q, p=p)(matrix, weights, signs)
    flows = promethee_ii(matrix, weights, signs.tolist(), preference=preference)
    assert np.abs(flows.net - expected).max() <= 1e-12


def test_a_gaussian_preference_is_brans_s() -> None:
    said = Preference("gaussian", p=2.0)(np.array([-1.0, 0.0, 2.0, 4.0]))
    assert said == pytest.approx([0.0, 0.0, 1 - np.exp(-0.5), 1 - np.exp(-2.0)])


# --- laws of all methods --------------------------------------------------------------------------


@each_method
@given(values=TABLES, data=st.data())
def test_the_order_of_sites_and_criteria_changes_no_score(
    method: Score, values: Matrix, data: st.DataObject
) -> None:
    weights = even(values.shape[1])
    rows = data.draw(st.permutations(range(values.shape[0])))
    columns = data.draw(st.permutations(range(values.shape[1])))
    shuffled = method(values[rows][:, columns], weights[columns])
    assert shuffled == pytest.approx(method(values, weights)[rows], abs=1e-9)


@each_method
@given(values=TABLES, column=hnp.arrays(np.float64, 10, elements=UNIT))
def test_a_criterion_without_weight_changes_nothing(
    method: Score, values: Matrix, column: Matrix
) -> None:
    weights = even(values.shape[1])
    beside = np.insert(values, 1, column[: len(values)], axis=1)
    with_zero = np.insert(weights, 1, 0.0)
    assert method(beside, with_zero) == pytest.approx(method(values, weights), abs=1e-12)


@each_method
@given(values=TABLES)
def test_a_dominated_site_never_ranks_above_its_dominator(method: Score, values: Matrix) -> None:
    rank = ranks(method(values, even(values.shape[1])))
    for one, better in enumerate(dominators(values)):
        assert (rank[better] <= rank[one]).all()


@each_method
@given(values=TABLES, site=st.integers(0, 9), criterion=st.integers(0, 4))
def test_a_better_value_never_lowers_a_site_below_one_it_was_ahead_of(
    method: Score, values: Matrix, site: int, criterion: int
) -> None:
    site, criterion = site % len(values), criterion % values.shape[1]
    ceiling = values.max(axis=0)
    better = values.copy()
    better[site, criterion] = min(better[site, criterion] + 0.2, ceiling[criterion])
    weights = even(values.shape[1])
    if method is by_topsis:
        before = topsis(values, weights, benefits(values), norm="none")
        after = topsis(better, weights, benefits(values), norm="none")
        assume((better.min(axis=0) == values.min(axis=0)).all())
    else:
        before, after = method(values, weights), method(better, weights)
    was_ahead = before[site] >= before
    assert (after[site] >= after - 1e-9)[was_ahead].all()


@each_method
def test_equal_sites_have_equal_scores_and_one_site_is_first(method: Score) -> None:
    twins = np.array([[0.5, 0.2, 0.9], [0.1, 0.8, 0.3], [0.5, 0.2, 0.9]])
    scores = method(twins, even(3))
    assert scores[0] == scores[2]
    assert np.isfinite(method(twins[:1], even(3))).all()
    assert ranks(method(twins[:1], even(3))).tolist() == [1]


@given(TABLES, st.integers(0, 4), st.floats(0.0, 1.0))
def test_a_criterion_listed_twice_with_its_weight_split_changes_no_weighted_sum(
    values: Matrix, which: int, share: float
) -> None:
    which %= values.shape[1]
    weights = even(values.shape[1])
    twice = np.insert(values, which, values[:, which], axis=1)
    split = np.insert(weights, which, weights[which] * share)
    split[which + 1] = weights[which] * (1 - share)
    expected = weighted_sum(values, weights)
    assert weighted_sum(twice, split) == pytest.approx(expected, abs=1e-12)
    assert owa(twice, split, attitude=0.7) == pytest.approx(owa(values, weights, attitude=0.7))


@given(POSITIVE, st.data())
def test_units_change_no_topsis_outranking_or_order_of_products(
    matrix: Matrix, data: st.DataObject
) -> None:
    factors = np.array(data.draw(st.lists(st.sampled_from([0.001, 0.5, 666.6]), min_size=5)))
    scaled = matrix * factors[: matrix.shape[1]]
    weights, directions = even(matrix.shape[1]), benefits(matrix)
    for norm in ("vector", "range", "max"):
        before = topsis(matrix, weights, directions, norm=norm)
        assert topsis(scaled, weights, directions, norm=norm) == pytest.approx(before, abs=1e-9)
    shifted = topsis(matrix + 17.0, weights, directions, norm="range")
    assert shifted == pytest.approx(topsis(matrix, weights, directions, norm="range"), abs=1e-6)
    assume(len(np.unique(matrix)) == len(np.unique(scaled)))
    assert by_promethee(scaled, weights) == pytest.approx(by_promethee(matrix, weights))
    ratio = weighted_product(scaled, weights) / weighted_product(matrix, weights)
    assert ratio == pytest.approx(np.full(len(matrix), ratio[0]))


@given(TABLES)
def test_a_cost_is_a_benefit_turned_round(values: Matrix) -> None:
    weights = even(values.shape[1])
    costs: list[Direction] = ["cost"] * values.shape[1]
    flipped = promethee_ii(-values, weights, costs).net
    assert flipped == pytest.approx(by_promethee(values, weights))
    near = topsis(-values, weights, costs)
    assert near == pytest.approx(by_topsis(values, weights), abs=1e-9)


# --- each method's own ----------------------------------------------------------------------------


def test_topsis_by_hand() -> None:
    scores = topsis([[3.0, 0.0], [0.0, 4.0], [3.0, 4.0]], [1, 1], ["benefit", "cost"], norm="none")
    assert scores == pytest.approx([1.0, 0.0, 3 / 7])


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 20_000, 200_003])
def test_topsis_in_blocks_is_topsis_at_once(rows: int) -> None:
    rng = np.random.default_rng(rows)
    matrix = rng.uniform(0.0, 9.0, (rows, 12))
    weights, cost = rng.dirichlet(np.ones(12)), np.arange(12) % 2 == 1
    scaled = matrix / np.sqrt((matrix**2).sum(axis=0)) * weights
    best = np.where(cost, scaled.min(axis=0), scaled.max(axis=0))
    worst = np.where(cost, scaled.max(axis=0), scaled.min(axis=0))
    far, near = (np.sqrt(((scaled - end) ** 2).sum(axis=1)) for end in (best, worst))
    expected = near / (far + near) if rows > 1 else np.array([0.5])
    found = topsis(matrix, weights, ["benefit", "cost"] * 6)
    assert np.abs(found - expected).max() <= 1e-12
    wide = np.asfortranarray(matrix)
    assert topsis(wide, weights, ["benefit", "cost"] * 6).tolist() == found.tolist()


def test_topsis_keeps_its_digits_beside_the_worst_and_the_best() -> None:
    tiny = 10.0 ** -np.arange(1, 13)
    matrix = np.stack([np.r_[0.0, 1.0, tiny, 1.0 - tiny]] * 2, axis=1)
    found = topsis(matrix, [1.0, 1.0], ["benefit", "benefit"], norm="none")
    assert found == pytest.approx(matrix[:, 0], rel=1e-12, abs=0.0)


@given(POSITIVE)
def test_a_constant_criterion_changes_no_topsis(matrix: Matrix) -> None:
    weights = even(matrix.shape[1])
    beside = np.insert(matrix, 0, 42.0, axis=1)
    more = np.insert(weights, 0, 0.3)
    assert by_topsis(beside, more) == pytest.approx(by_topsis(matrix, weights), abs=1e-9)


def test_sites_without_difference_score_a_half() -> None:
    assert topsis(np.full((3, 2), 7.0), [1, 1], ["benefit", "cost"]).tolist() == [0.5] * 3
    assert topsis(np.zeros((2, 2)), [1, 1], ["benefit", "cost"]).tolist() == [0.5] * 2


def test_every_norm_is_said_in_both_languages() -> None:
    assert set(NORMS) == {"vector", "range", "max", "none"}
    assert "Hwang & Yoon 1981" in NORMS["vector"].en
    assert "向量归一化" in NORMS["vector"].zh


def test_topsis_names_the_cells_it_cannot_use() -> None:
    with pytest.raises(CriterionError, match=r"2 cell.* row 1, criterion 0: inf") as e:
        topsis([[1.0, np.nan], [np.inf, 2.0]], [1, 1], ["benefit", "cost"])
    assert [(fault.row, fault.field) for fault in e.value.faults] == [
        (0, "criterion 1"),
        (1, "criterion 0"),
    ]
    assert "行 0 准则 1：nan、行 1 准则 0：inf" in e.value.of("zh")
    with pytest.raises(CriterionError, match="unknown norm euclid; TOPSIS has vector, range"):
        topsis([[1.0], [2.0]], [1], ["cost"], norm="euclid")  # type: ignore[arg-type]
    with pytest.raises(CriterionError, match="expected alternatives × criteria, at least one"):
        topsis(np.ones((0, 2)), [1, 1], ["cost", "cost"])


@pytest.mark.parametrize("bad", [[1.0], [1.0, -1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_weights_that_are_none_are_refused(bad: list[float]) -> None:
    with pytest.raises(WeightsError, match="expected 2 finite numbers >= 0, not all zero") as e:
        topsis(np.eye(2), bad, ["benefit", "benefit"])
    assert f"权重为 {bad}；应为 2 个不小于零的有限数" in e.value.of("zh")
    with pytest.raises(WeightsError, match="one per criterion"):
        promethee_ii(np.eye(2), bad, ["benefit", "benefit"])


@pytest.mark.parametrize("method", [weighted_sum, weighted_product, owa])
@pytest.mark.parametrize("bad", [[1.0], [1.0, -1.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]])
def test_no_method_takes_weights_that_are_none(method: Score, bad: list[float]) -> None:
    with pytest.raises(WeightsError, match="expected 2 finite numbers >= 0, not all zero") as e:
        method(np.eye(2), np.array(bad))
    assert f"权重为 {bad}" in e.value.of("zh")
    with pytest.raises(CriterionError, match=r"the shape \(2,\); expected alternatives") as caught:
        method(np.ones(2), np.array([0.5, 0.5]))
    assert "应为 备选对象 × 准则" in caught.value.of("zh")


def test_a_product_forgives_no_zero_and_a_missing_value_stays_missing() -> None:
    values = np.array([[0.0, 1.0, 0.5], [0.4, np.nan, 0.5], [0.25, 0.25, np.nan]])
    scores = weighted_product(values, np.array([0.5, 0.5, 0.0]))
    assert scores[0] == 0.0
    assert np.isnan(scores[1])
    assert scores[2] == pytest.approx(0.25)


def test_a_product_refuses_a_negative_value() -> None:
    with pytest.raises(CriterionError, match=r"row 1, criterion 1 is -0\.1") as e:
        weighted_product(np.array([[0.5, 0.5], [0.5, -0.1]]), even(2))
    assert "加权乘积" in e.value.of("zh")


@given(TABLES)
def test_the_attitude_runs_from_the_worst_over_the_sum_to_the_best(values: Matrix) -> None:
    weights = even(values.shape[1])
    assert owa(values, weights, attitude=0.0).tolist() == values.min(axis=1).tolist()
    assert owa(values, weights).tolist() == weighted_sum(values, weights).tolist()
    assert owa(values, weights, attitude=1.0).tolist() == values.max(axis=1).tolist()
    steps = np.stack([owa(values, weights, attitude=a) for a in np.linspace(0.0, 1.0, 21)])
    assert (np.diff(steps, axis=0) >= -1e-12).all()


def test_owa_with_equal_weights_has_yager_s_order_weights() -> None:
    scores = owa(np.eye(4)[:1], np.full(4, 0.25), attitude=1 / 3)
    assert scores == pytest.approx([0.25**2])


@pytest.mark.parametrize("attitude", [-0.1, 1.1, np.nan])
def test_an_attitude_outside_its_scale_is_refused(attitude: float) -> None:
    with pytest.raises(WeightsError, match=r"expected 0 .cautious. to 1 .bold.") as e:
        owa(np.eye(2), even(2), attitude=attitude)
    assert f"风险态度为 {attitude}" in e.value.of("zh")


@given(TABLES)
def test_flows_are_means_of_preferences_and_sum_to_nought(values: Matrix) -> None:
    flows = promethee_ii(values, even(values.shape[1]), benefits(values))
    assert flows.net.sum() == pytest.approx(0.0, abs=1e-9)
    assert flows.net == pytest.approx(flows.leaving - flows.entering)
    assert ((flows.leaving >= 0.0) & (flows.leaving <= 1.0 + 1e-12)).all()


@given(TABLES, st.floats(0.05, 0.9))
def test_a_constant_criterion_only_dilutes_outranking(values: Matrix, share: float) -> None:
    weights = even(values.shape[1])
    beside = np.insert(values, 1, 0.5, axis=1)
    diluted = np.insert(weights * (1.0 - share), 1, share)
    found, before = by_promethee(beside, diluted), by_promethee(values, weights)
    assert found == pytest.approx(before * (1.0 - share), abs=1e-12)


def test_one_site_has_nobody_to_outrank() -> None:
    flows = promethee_ii([[3.0, 4.0]], [1.0, 2.0], ["benefit", "cost"])
    assert (flows.leaving.tolist(), flows.entering.tolist(), flows.net.tolist()) == ([0], [0], [0])


def test_outranking_refuses_what_it_cannot_compare() -> None:
    with pytest.raises(CriterionError, match=r"serves up to 5,000 alternatives, not 5,001") as e:
        promethee_ii(np.ones((5001, 1)), [1.0], ["benefit"])
    assert "两两比较" in e.value.of("zh")
    with pytest.raises(CriterionError, match=r"with 1 cell.s. without one"):
        promethee_ii([[1.0], [np.nan]], [1.0], ["benefit"])
    with pytest.raises(CriterionError, match="2 preferences for 1 criteria"):
        promethee_ii([[1.0]], [1.0], ["benefit"], preference=[Preference(), Preference()])
    with pytest.raises(
        CriterionError, match=r"preference linear has q=3, p=2; expected 0 <= q < p"
    ):
        Preference("linear", q=3.0, p=2.0)
