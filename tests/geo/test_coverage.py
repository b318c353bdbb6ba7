from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from geo.coverage import COLUMNS, coverage, covered_by
from geo.errors import CostMatrixError

INF = math.inf
DISTANCE = [[900.0, 2000.0], [1000.0, 1000.0], [1000.1, 5000.0], [INF, INF]]
WEIGHT = [1.0, 2.0, 3.0, 4.0]


def test_the_boundary_is_inside() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT)
    assert found.covered_mask.tolist() == [True, True, False, False]
    assert (found.covered, found.uncovered, found.share) == (3.0, 7.0, 0.3)
    assert (found.low_share, found.high_share) == (0.3, 0.3)


def test_overlap_is_what_two_or_more_reach() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT)
    assert found.reaching.tolist() == [1, 2, 0, 0]
    assert found.overlap == 2.0


def test_the_interval_holds_what_is_surely_and_possibly_inside() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT, distance_error_m=100.0)
    assert (found.low_share, found.share, found.high_share) == (0.1, 0.3, 0.6)


def test_a_facility_farther_but_better_known_can_make_it_sure() -> None:
    error = [[400.0, 10.0]]
    found = coverage([[700.0, 900.0]], radius_m=1000.0, demand_weight=[1.0], distance_error_m=error)
    assert found.low_share == 1.0


def test_accuracy_of_points_and_of_facilities_broadcast() -> None:
    by_point = np.array([0.0, 0.0, 1.0, 0.0])[:, None]
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT, distance_error_m=by_point)
    assert (found.low_share, found.high_share) == (0.3, 0.6)


def test_an_unknown_error_is_never_sure_and_always_possible_but_where_there_is_no_way() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT, distance_error_m=INF)
    assert (found.low_share, found.share, found.high_share) == (0.0, 0.3, 0.6)


def test_groups_add_up_and_keep_their_order() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=WEIGHT, groups=["b", "a", "b", "a"])
    assert tuple(found.by_group.columns) == COLUMNS
    assert found.by_group.to_numpy().tolist() == [["b", 0.25, 1.0, 3.0], ["a", 2 / 6, 2.0, 4.0]]


def test_a_group_without_weight_has_no_share_and_a_missing_label_is_a_group() -> None:
    labels = pd.Series(["a", None, "a", np.nan], dtype=object)
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=[0.0, 2.0, 0.0, 2.0], groups=labels)
    assert found.by_group["group"].tolist() == ["a", None]
    assert math.isnan(found.by_group["share"][0])
    assert found.by_group["covered"].to_list() == [0.0, 2.0]
    assert found.by_group["uncovered"].to_list() == [0.0, 2.0]


def test_no_weight_at_all_has_no_share() -> None:
    found = coverage(DISTANCE, radius_m=1000.0, demand_weight=[0.0] * 4)
    assert math.isnan(found.share)
    assert math.isnan(found.low_share)
    assert found.covered == found.uncovered == 0.0


def test_without_facilities_nothing_is_covered() -> None:
    found = coverage(np.empty((4, 0)), radius_m=1000.0, demand_weight=WEIGHT)
    assert (found.share, found.high_share, found.uncovered) == (0.0, 0.0, 10.0)


def test_a_drawn_area_covers_what_lies_in_it() -> None:
    found = covered_by([True, False, True], demand_weight=[1.0, 2.0, 5.0], groups=["x", "x", "y"])
    assert (found.covered, found.share, found.overlap) == (6.0, 0.75, 0.0)
    assert found.by_group["covered"].tolist() == [1.0, 5.0]


distances = arrays(np.float64, (6, 3), elements=st.floats(0.0, 3000.0) | st.just(INF))
weights = arrays(np.float64, 6, elements=st.floats(0.0, 1e6))


@settings(deadline=None, max_examples=60)
@given(distance=distances, weight=weights, error=st.floats(0.0, 2000.0), radius=st.floats(1, 3000))
def test_laws(
    distance: NDArray[np.float64], weight: NDArray[np.float64], error: float, radius: float
) -> None:
    found = coverage(
        distance,
        radius_m=radius,
        demand_weight=weight,
        distance_error_m=error,
        groups=[0, 0, 1, 1, 2, 2],
    )
    assert found.covered_mask.tolist() == [min(row) <= radius for row in distance.tolist()]
    assert found.covered + found.uncovered == pytest.approx(weight.sum())
    assert sum(found.by_group["covered"]) == pytest.approx(found.covered)
    assert sum(found.by_group["uncovered"]) == pytest.approx(found.uncovered)
    assert found.overlap <= found.covered
    wider = coverage(distance, radius_m=radius * 1.5, demand_weight=weight)
    assert wider.covered >= found.covered
    if weight.any():
        assert 0.0 <= found.low_share <= found.share <= found.high_share <= 1.0


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(CostMatrixError, match=r"4 fault\(s\), the first: radius_m is 0") as caught:
        coverage(
            [[1.0, math.nan], [-1.0, 2.0]],
            radius_m=0.0,
            demand_weight=[1.0, math.nan],
        )
    assert [(f.row, f.field) for f in caught.value.faults] == [
        (None, "radius_m"),
        (1, "demand_weight"),
        ("0, 1", "distance_m"),
        ("1, 0", "distance_m"),
    ]
    assert "输入有 4 处错误" in caught.value.of("zh")


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(CostMatrixError, match=r"demand_weight is of shape \(1,\), .* 4 rows"):
        coverage(DISTANCE, radius_m=1000.0, demand_weight=[1.0])
    with pytest.raises(CostMatrixError, match=r"distance_error_m is of shape \(3,\)"):
        coverage(DISTANCE, radius_m=1.0, demand_weight=WEIGHT, distance_error_m=[1.0, 1.0, 1.0])
    with pytest.raises(CostMatrixError, match=r"distance_m is of shape \(2,\)"):
        coverage([1.0, 2.0], radius_m=1.0, demand_weight=[1.0, 1.0])
    with pytest.raises(CostMatrixError, match="groups is 2 long, expected one for each of 4"):
        coverage(DISTANCE, radius_m=1.0, demand_weight=WEIGHT, groups=["a", "b"])
    with pytest.raises(CostMatrixError, match=r"demand_weight\[0\] is -1"):
        covered_by([True], demand_weight=[-1.0])
