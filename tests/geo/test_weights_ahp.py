"""AHP: published matrices, perfect judgements found again, the odd one named, refusals by word."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import Any

import numpy as np
import pymcdm.weights.subjective
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import WeightsError
from geo.sentence import Sentence
from geo.weights import ahp, combine_judgements, random_index

Matrix = NDArray[np.float64]

IMPORTANCE = st.lists(st.floats(1.0, 9.0), min_size=2, max_size=9)


def reciprocal(*upper: list[float]) -> Matrix:
    """Return the full matrix of the judgements above its diagonal, row by row."""
    matrix = np.eye(len(upper) + 1)
    for i, row in enumerate(upper):
        for j, value in enumerate(row, start=i + 1):
            matrix[i, j], matrix[j, i] = value, 1.0 / value
    return matrix


def consistent(importance: list[float]) -> Matrix:
    result: Matrix = np.divide.outer(np.array(importance), np.array(importance))
    return result


HOUSE = reciprocal(
    [5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [6, 3, 4, 6, 1 / 5],
    [1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 2, 1 / 5, 1 / 6],
    [1 / 5, 1 / 6],
    [1 / 2],
)
WEALTH = reciprocal(
    [4, 9, 6, 6, 5, 5],
    [7, 5, 5, 3, 4],
    [1 / 5, 1 / 5, 1 / 7, 1 / 5],
    [1, 1 / 3, 1 / 3],
    [1 / 3, 1 / 3],
    [2],
)
DISTANCE = reciprocal([1 / 3, 8, 3, 3, 7], [9, 3, 3, 9], [1 / 6, 1 / 5, 2], [1 / 3, 6], [6])


def test_saaty_s_house_has_its_published_weights_and_ratio() -> None:
    """Saaty 1990, European Journal of Operational Research 48, 9-26: lambda 9.669, CR 0.169."""
    result = ahp(HOUSE)
    published = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert result.weights == pytest.approx(published, abs=6e-4)
    assert result.lambda_max == pytest.approx(9.669, abs=5e-4)
    assert result.consistency_index == pytest.approx(0.238, abs=5e-4)
    assert result.random_index == 1.41
    assert result.consistency_ratio == pytest.approx(0.169, abs=5e-4)


def test_saaty_s_house_names_neighbourhood_against_condition() -> None:
    """Saaty 2003, EJOR 145, 85-91 mends the same judgement, 6, to 1/2."""
    worst = ahp(HOUSE).most_inconsistent
    assert worst is not None
    assert (worst.i, worst.j, worst.value) == (2, 6, 6.0)
    assert worst.on_scale == "1/2"
    mended = HOUSE.copy()
    mended[2, 6], mended[6, 2] = worst.mended, 1 / worst.mended
    again = ahp(mended)
    assert again.consistency_ratio == pytest.approx(worst.consistency_ratio, abs=1e-12)
    assert again.consistency_ratio < 0.1
    assert again.weights[2] / again.weights[6] == pytest.approx(worst.mended)


def test_saaty_s_wealth_of_nations() -> None:
    """Saaty & Khan 1979: GNP shares judged; lambda 7.61, index 0.10."""
    result = ahp(WEALTH)
    published = [0.427, 0.230, 0.021, 0.052, 0.052, 0.123, 0.094]
    assert result.weights == pytest.approx(published, abs=6e-4)
    assert result.lambda_max == pytest.approx(7.61, abs=5e-3)
    assert result.acceptable


def test_saaty_s_distances_from_philadelphia() -> None:
    """Saaty 1977, Journal of Mathematical Psychology 15, 234-281: lambda 6.45."""
    result = ahp(DISTANCE)
    published = [0.263, 0.397, 0.033, 0.116, 0.164, 0.027]
    assert result.weights == pytest.approx(published, abs=1.2e-3)
    assert result.lambda_max == pytest.approx(6.45, abs=5e-3)


@given(IMPORTANCE)
def test_perfect_judgements_give_back_the_weights_and_no_ratio(importance: list[float]) -> None:
    result = ahp(consistent(importance))
    assert result.weights == pytest.approx(np.array(importance) / sum(importance), abs=1e-12)
    assert result.consistency_ratio == pytest.approx(0.0, abs=1e-10)
    assert result.most_inconsistent is None


@given(st.permutations(range(8)))
def test_the_order_of_the_criteria_changes_nothing(order: list[int]) -> None:
    result = ahp(HOUSE[np.ix_(order, order)])
    assert result.weights == pytest.approx(ahp(HOUSE).weights[order], abs=1e-12)
    assert result.consistency_ratio == pytest.approx(ahp(HOUSE).consistency_ratio, abs=1e-12)


def test_the_weights_solve_the_eigenvalue_equation() -> None:
    result = ahp(DISTANCE)
    assert DISTANCE @ result.weights == pytest.approx(result.lambda_max * result.weights)
    assert result.weights.sum() == pytest.approx(1.0)


@given(
    st.lists(st.floats(1.0, 9.0), min_size=4, max_size=8),
    st.data(),
    st.sampled_from([0.05, 0.2, 5.0, 20.0]),
)
def test_one_spoilt_judgement_is_found_with_the_value_it_had(
    importance: list[float], data: st.DataObject, factor: float
) -> None:
    matrix = consistent(importance)
    i, j = data.draw(st.sampled_from(list(combinations(range(len(importance)), 2))))
    was = matrix[i, j]
    matrix[i, j], matrix[j, i] = was * factor, 1 / (was * factor)
    worst = ahp(matrix).most_inconsistent
    assert worst is not None
    assert (worst.i, worst.j) == (i, j)
    assert worst.mended == pytest.approx(was, rel=1e-6)
    assert worst.consistency_ratio == pytest.approx(0.0, abs=1e-9)
    assert worst.equally == ()


def test_with_three_criteria_all_three_are_named() -> None:
    worst = ahp(reciprocal([2.0, 9.0], [1.0])).most_inconsistent
    assert worst is not None
    assert {(worst.i, worst.j), *worst.equally} == {(0, 1), (0, 2), (1, 2)}


@given(st.lists(st.floats(1.0, 9.0), min_size=3, max_size=8), st.data())
def test_missing_judgements_do_no_harm_while_the_rest_connect(
    importance: list[float], data: st.DataObject
) -> None:
    matrix, count = consistent(importance), len(importance)
    beyond_chain = [pair for pair in combinations(range(count), 2) if pair[1] - pair[0] > 1]
    for i, j in data.draw(st.lists(st.sampled_from(beyond_chain), unique=True)):
        matrix[i, j] = matrix[j, i] = np.nan
    result = ahp(matrix)
    assert result.missing == np.isnan(matrix).sum() / 2
    assert result.weights == pytest.approx(np.array(importance) / sum(importance), abs=1e-9)
    assert result.consistency_ratio == pytest.approx(0.0, abs=1e-8)


def test_a_missing_pair_is_as_if_judged_by_the_weights_found() -> None:
    matrix = HOUSE.copy()
    for pair in ((0, 4), (1, 7), (3, 5)):
        matrix[pair] = matrix[pair[::-1]] = np.nan
    result = ahp(matrix)
    filled = np.where(np.isnan(matrix), np.divide.outer(result.weights, result.weights), matrix)
    assert ahp(filled).weights == pytest.approx(result.weights, abs=1e-12)
    assert ahp(filled).lambda_max == pytest.approx(result.lambda_max)


def test_half_a_pair_is_enough() -> None:
    half = np.triu(HOUSE)
    half[np.tril_indices(8, -1)] = np.nan
    assert ahp(half).weights.tolist() == ahp(HOUSE).weights.tolist()


def test_the_random_index_is_saaty_s_then_the_regression_and_falls_with_gaps() -> None:
    assert [random_index(n) for n in (1, 2, 3, 4, 9, 15)] == [0, 0, 0.58, 0.9, 1.45, 1.59]
    assert random_index(16) == pytest.approx(1.5978, abs=1e-4)
    assert random_index(6, 5) == pytest.approx(1.24 * 0.5)
    assert random_index(6, 10) == 0.0
    by_gaps = [random_index(7, missing) for missing in range(16)]
    assert by_gaps == sorted(by_gaps, reverse=True)


@pytest.mark.parametrize("count", [3, 4, 5, 7, 9, 11, 12, 15])
def test_the_random_index_is_that_of_random_judgements(count: int) -> None:
    """Within four standard errors of both samples, Saaty's of 500 (100 beyond 11) and this one."""
    scale = np.r_[1 / np.arange(9.0, 1.0, -1.0), np.arange(1.0, 10.0)]
    judged = np.random.default_rng(5).choice(scale, (1500, count, count))
    upper = np.triu(np.ones((count, count)), 1) > 0.0
    matrices = np.where(upper, judged, np.where(upper.T, 1.0 / np.swapaxes(judged, 1, 2), 1.0))
    index = (np.linalg.eigvals(matrices).real.max(axis=1) - count) / (count - 1)
    saaty_s = 500 if count <= 11 else 100
    error = index.std() * np.sqrt(1 / saaty_s + 1 / len(index))
    assert abs(index.mean() - random_index(count)) <= 4 * error + 0.005


@pytest.mark.parametrize("matrix", [HOUSE, WEALTH, DISTANCE], ids=["house", "wealth", "distance"])
def test_weights_and_index_agree_with_pymcdm(matrix: Matrix) -> None:
    theirs, ours = pymcdm.weights.subjective.AHP(matrix=matrix), ahp(matrix)
    assert np.abs(ours.weights - theirs()).max() <= 1e-12
    index = theirs.get_cr() * theirs.RI_M[len(matrix) - 1]
    assert ours.consistency_index == pytest.approx(index, abs=1e-12)


def test_a_tenth_itself_is_acceptable() -> None:
    judged = ahp(WEALTH)
    assert dataclasses.replace(judged, consistency_ratio=0.1).acceptable
    assert not dataclasses.replace(judged, consistency_ratio=0.1 + 1e-12).acceptable


def test_a_tree_of_judgements_cannot_contradict_itself() -> None:
    tree = np.full((4, 4), np.nan)
    tree[0, 1:] = [2.0, 4.0, 8.0]
    result = ahp(tree)
    assert result.weights == pytest.approx(np.array([8, 4, 2, 1]) / 15)
    assert (result.consistency_ratio, result.most_inconsistent) == (0.0, None)


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_criteria_are_always_consistent(count: int) -> None:
    result = ahp([[1.0, 3.0], [1 / 3, 1.0]] if count == 2 else [[1.0]])
    assert result.weights == pytest.approx([0.75, 0.25] if count == 2 else [1.0])
    assert (result.consistency_ratio, result.most_inconsistent) == (0.0, None)


def test_above_a_tenth_the_sentence_shouts_and_says_what_to_mend() -> None:
    names = [Sentence(zh=f"准则{k}", en=f"C{k}") for k in range(8)]
    said = ahp(HOUSE).describe(names)
    assert not ahp(HOUSE).acceptable
    assert said.en.startswith("CAUTION: the consistency ratio is 0.169, above 0.10")
    assert "“C2” to “C6”: 6, where the others imply 0.459 (1/2 on Saaty's scale)" in said.en
    assert "注意：一致性比率为 0.169" in said.zh
    assert "“准则2”对“准则6”" in said.zh
    assert "criterion 3 to 7" in ahp(HOUSE).describe().en


def test_up_to_a_tenth_the_sentence_is_calm() -> None:
    said = ahp(WEALTH).describe()
    assert said.en == "The consistency ratio is 0.077, not above 0.10: the judgements agree."
    assert "不超过 0.10" in said.zh


@pytest.mark.parametrize(
    "shape", [(0, 0), (2, 3), (4,), (2, 2, 2)], ids=["empty", "oblong", "flat", "cube"]
)
def test_what_is_not_square_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(WeightsError, match="is square, criteria × criteria; got the shape") as e:
        ahp(np.ones(shape))
    assert "方阵" in e.value.of("zh")


@pytest.mark.parametrize(
    "matrix", [[["a"]], [[1.0, 2.0], [0.5]], None], ids=["text", "ragged", "none"]
)
def test_what_is_no_table_of_numbers_is_refused(matrix: Any) -> None:
    with pytest.raises(WeightsError, match=r"table of numbers|is square") as e:
        ahp(matrix)
    assert "判断矩阵应为" in e.value.of("zh")


def test_all_faults_of_a_matrix_are_named_at_once() -> None:
    bad = [[1.0, 2.0, -3.0, 1.0], [3.0, 1.0, 0.0, 1.0], [1.0, np.inf, 2.0, 1.0], [1.0] * 4]
    with pytest.raises(WeightsError, match="positive, 1 on the diagonal and reciprocal") as e:
        ahp(bad)
    found = {(fault.row, fault.field) for fault in e.value.faults}
    assert found == {
        (1, "criterion 3"),
        (2, "criterion 3"),
        (3, "criterion 2"),
        (3, "criterion 3"),
        (2, "criterion 1"),
    }
    assert "row 2, criterion 1: 3, expected 0.5, the reciprocal of 2" in str(e.value)
    assert "第 2 行第 1 列：3，应为 0.5（2 的倒数）" in e.value.of("zh")
    assert "第 1 行第 3 列：-3，应为 1e-06 至 1e+06 之间的数" in e.value.of("zh")
    assert "第 3 行第 3 列：2，应为 1（对角线）" in e.value.of("zh")


def test_reciprocals_of_three_decimals_pass_and_of_one_do_not() -> None:
    rounded = [[1.0, 7.0, 3.0], [0.143, 1.0, 0.5], [0.333, 2.0, 1.0]]
    exact = [[1.0, 7.0, 3.0], [1 / 7, 1.0, 0.5], [1 / 3, 2.0, 1.0]]
    assert ahp(rounded).weights.tolist() == ahp(exact).weights.tolist()
    with pytest.raises(WeightsError, match=r"row 2, criterion 1: 0\.1, expected 0\.142857"):
        ahp([[1.0, 7.0], [0.1, 1.0]])


def test_judgements_that_fall_apart_name_the_parts() -> None:
    apart = np.full((5, 5), np.nan)
    apart[0, 2] = apart[1, 3] = 2.0
    with pytest.raises(WeightsError, match=r"unconnected \(1, 3 / 2, 4 / 5\)") as e:
        ahp(apart)
    assert "不连通（准则 1, 3 / 2, 4 / 5）" in e.value.of("zh")


def test_judgements_of_several_people_stay_reciprocal_and_fill_each_other_s_gaps() -> None:
    one, other = consistent([1.0, 2.0, 4.0]), consistent([1.0, 8.0, 4.0])
    other[1, 2] = other[2, 1] = np.nan
    both = combine_judgements([one, other])
    assert both[0] == pytest.approx([1.0, 0.25, 0.25])
    assert both[1, 2] == pytest.approx(0.5)
    assert both * both.T == pytest.approx(np.ones((3, 3)))
    assert combine_judgements([one, other], say=[1.0, 0.0]) == pytest.approx(one)


def test_a_bad_matrix_of_one_person_names_the_person() -> None:
    with pytest.raises(WeightsError, match="person 2: pairwise judgements are positive") as e:
        combine_judgements([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]]])
    assert "第 2 人" in e.value.of("zh")
