"""Layers put together by cell and district: amounts kept, positions weighted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from builders import CITY_HALL, features
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.criteria import is_located
from geo.errors import CriterionError
from geo.resolution.coarsening import AMOUNT, to_cells, to_districts

LON, LAT = CITY_HALL
PLANE = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)


def at(east: float, north: float) -> dict[str, float]:
    """A place by its coordinates on the plane of 120° E."""
    lon, lat = PLANE.transform(east, north)
    return {"ref_lon": lon, "ref_lat": lat}


def test_features_of_one_cell_become_one_at_their_weighted_mean() -> None:
    points = features(
        [
            {"ref_lon": LON, "amount": 1.0, "accuracy_m": 100.0},
            {"ref_lon": LON + 0.004, "amount": 3.0, "accuracy_m": 500.0},
        ]
    )
    (row,) = to_cells(points, cell_m=10_000_000, field="amount").to_dict("records")
    assert row[AMOUNT] == 4.0
    assert row["ref_lon"] == pytest.approx(LON + 0.003, abs=1e-12)
    assert row["ref_lat"] == pytest.approx(LAT, abs=1e-12)
    assert row["accuracy_m"] == 500.0


def test_without_a_field_features_are_counted() -> None:
    points = features([{}, {"ref_lon": LON + 0.002}, {"ref_lon": LON + 0.004}])
    (row,) = to_cells(points, cell_m=10_000_000).to_dict("records")
    assert row[AMOUNT] == 3.0
    assert row["ref_lon"] == pytest.approx(LON + 0.002, abs=1e-12)


def test_cells_are_counted_from_the_origin_of_the_plane() -> None:
    points = features(
        [
            at(569_001, 3_097_500),
            at(568_999, 3_097_500),
            at(569_999, 3_097_001),
            at(569_500, 3_099_000),
        ]
    )
    coarse = to_cells(points, cell_m=1000)
    assert coarse[AMOUNT].tolist() == [1.0, 2.0, 1.0]
    assert np.diff(coarse["ref_lon"]).max() > 0


def test_what_is_not_given_counts_nothing_and_a_cell_of_nothing_keeps_its_middle() -> None:
    points = features([{"amount": None}, {"ref_lon": LON + 0.002, "amount": 0.0}])
    (row,) = to_cells(points.astype({"amount": float}), cell_m=10_000_000, field="amount").to_dict(
        "records"
    )
    assert row[AMOUNT] == 0.0
    assert row["ref_lon"] == pytest.approx(LON + 0.001, abs=1e-12)


def test_an_unknown_accuracy_stays_located() -> None:
    coarse = to_cells(features([{"accuracy_m": None}]), cell_m=500)
    assert is_located(coarse).all()


def test_an_empty_layer_stays_empty() -> None:
    empty = to_cells(features([{}]).iloc[:0], cell_m=500)
    assert len(empty) == 0
    assert {"id", "ref_lon", "ref_lat", "accuracy_m", AMOUNT} <= set(empty.columns)


place = st.fixed_dictionaries(
    {
        "ref_lon": st.floats(120.2, 121.2),
        "ref_lat": st.floats(27.2, 28.6),
        "amount": st.sampled_from([0.0, 0.5, 2.0, 40.0]),
    }
)


@settings(max_examples=60)
@given(st.lists(place, min_size=1, max_size=12), st.sampled_from([1.0, 2_000.0, 30_000.0]))
def test_amounts_and_centre_are_kept_whatever_the_cells(
    places: list[dict[str, float]], cell_m: float
) -> None:
    points = features(places)
    coarse = to_cells(points, cell_m=cell_m, field="amount")
    assert coarse[AMOUNT].sum() == pytest.approx(points["amount"].sum())
    assert to_cells(points, cell_m=cell_m)[AMOUNT].sum() == len(points)
    for column in ("ref_lon", "ref_lat"):
        assert (coarse[column] * coarse[AMOUNT]).sum() == pytest.approx(
            (points[column] * points["amount"]).sum()
        )
    turned = to_cells(points.iloc[::-1], cell_m=cell_m, field="amount")
    pd.testing.assert_frame_equal(turned, coarse)
    assert (coarse[["ref_lon", "ref_lat"]].nunique().max() > 0) and len(coarse) <= len(points)


SEATS = features(
    [
        {"name_zh": "甲", "ref_lon": 120.5, "accuracy_m": 50.0},
        {"name_zh": "乙", "ref_lon": 120.9, "accuracy_m": None},
    ],
    "district",
)


def test_districts_stand_at_their_seats() -> None:
    points = features([{"amount": 1.0, "district": name} for name in ("乙", "甲", "乙")])
    coarse = to_districts(points, SEATS, field="amount")
    assert coarse[AMOUNT].tolist() == [2.0, 1.0]
    assert coarse["ref_lon"].tolist() == [120.9, 120.5]
    assert coarse["accuracy_m"].tolist()[1] == 50.0
    assert is_located(coarse).all()


@pytest.mark.parametrize(("district", "named"), [("丁", "丁"), (None, r"\(not given\)")])
def test_a_district_that_is_not_known_is_named(district: str | None, named: str) -> None:
    points = features([{"district": "甲"}, {"district": district}])
    with pytest.raises(CriterionError, match=f"does not have: {named};") as caught:
        to_districts(points, SEATS)
    assert "无法按区县合并" in caught.value.of("zh")
