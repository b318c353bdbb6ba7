"""Dominated sites, and rankings side by side: against SciPy, by hand and in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import stats

from geo.errors import CriterionError
from geo.ranking import agreement, dominated, dominators
from geo.sentence import Sentence

Matrix = NDArray[np.float64]

FEW = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.sampled_from([0, 1, 2]),
)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=2, max_size=40))
def test_kendall_and_spearman_agree_with_scipy(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    assume(len(set(one)) > 1 and len(set(other)) > 1)
    found = agreement({"a": one, "b": other})
    assert found.kendall[0, 1] == pytest.approx(stats.kendalltau(one, other).statistic, abs=1e-12)
    assert found.spearman[0, 1] == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)
    assert found.kendall.tolist() == found.kendall.T.tolist()


def test_kendall_of_many_agrees_with_scipy() -> None:
    rng = np.random.default_rng(6)
    one = rng.integers(0, 700, 3000)
    other = one + rng.integers(0, 300, 3000)
    expected = stats.kendalltau(one, other).statistic
    assert agreement({"a": one, "b": other}).kendall[0, 1] == pytest.approx(expected, abs=1e-12)


@given(FEW)
def test_the_dominated_are_those_with_a_dominator(values: Matrix) -> None:
    expected = [
        any((other >= own).all() and (other > own).any() for other in values) for own in values
    ]
    assert dominated(values).tolist() == expected
    assert [bool(len(found)) for found in dominators(values)] == expected


def test_what_is_not_known_neither_dominates_nor_is_dominated() -> None:
    values = np.array([[1.0, 1.0], [np.nan, 0.0], [0.0, 0.0], [np.nan, 9.0]])
    assert dominated(values).tolist() == [False, False, True, False]
    assert dominated(np.full((2, 2), np.nan)).tolist() == [False, False]


NAMES = [Sentence(zh=zh, en=en) for zh, en in (("甲", "A"), ("乙", "B"), ("丙", "C"))]


def test_one_leader_under_all_methods_is_said() -> None:
    found = agreement({"weighted_sum": [1, 2, 3], "topsis": [1, 3, 2]}, size=2)
    assert not found.changes_leader
    assert found.changes_leading
    said = found.describe(NAMES)
    assert said.en == (
        "The choice of the method does not change the leader: all 2 put A first. "
        "The first 2 are not the same under all of them."
    )
    assert said.zh == "方法不影响首选：2 种方法均以甲居首。前 2 名因方法而异。"


def test_another_leader_and_a_tie_are_said() -> None:
    found = agreement({"weighted_sum": [1, 1, 3], "topsis": [2, 1, 3], "mine": [2, 1, 3]})
    assert found.changes_leader
    assert found.leaders == {"weighted_sum": (0, 1), "topsis": (1,), "mine": (1,)}
    said = found.describe(NAMES)
    assert (
        "changes the leader: weighted sum put A and B (tied) first; TOPSIS, mine put B" in said.en
    )
    assert "加权求和以甲、乙并列居首；TOPSIS、mine以乙居首" in said.zh
    assert "no. 1 and no. 2 (tied)" in found.describe().en


def test_one_method_or_one_site_has_nothing_to_disagree_with() -> None:
    assert (
        agreement({"owa": [2, 1, 3]}).describe(NAMES).en == "B first by ordered weighted average."
    )
    alone = agreement({"weighted_sum": [1], "topsis": [1]})
    assert np.isnan(alone.kendall).all()
    assert np.isnan(alone.spearman).all()
    assert not alone.changes_leader


def test_a_ranking_of_ties_only_has_no_correlation() -> None:
    found = agreement({"a": [1, 1, 1], "b": [1, 2, 3]})
    assert np.isnan(found.kendall).tolist() == [[True, True], [True, False]]
    assert np.isnan(found.spearman).tolist() == [[True, True], [True, False]]
    assert found.kendall[1, 1] == found.spearman[1, 1] == 1.0


@pytest.mark.parametrize(
    "rankings", [{}, {"a": [1, 2], "b": [1]}, {"a": [1, np.nan]}, {"a": []}], ids=str
)
def test_rankings_that_cannot_be_compared_are_refused(rankings: dict[str, list[float]]) -> None:
    with pytest.raises(CriterionError, match="each gives every alternative a rank") as e:
        agreement(rankings)
    assert "名次" in e.value.of("zh")
