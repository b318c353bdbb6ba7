from __future__ import annotations

import numpy as np
import pyproj
import pytest

from geo.errors import CostMatrixError, CrsError, GeometryError
from geo.impedance import cost_matrix, distance_matrix_m

GEOD = pyproj.CRS.from_epsg(4490).get_geod()


def test_one_degree_along_the_equator_and_along_the_meridian() -> None:
    a = 6_378_137.0
    east = distance_matrix_m([120.0], [0.0], [121.0], [0.0])
    assert east[0, 0] == pytest.approx(a * np.pi / 180.0, abs=1e-6)
    to_pole = distance_matrix_m([120.0], [0.0], [120.0], [90.0])
    assert to_pole[0, 0] == pytest.approx(10_001_965.729, abs=1e-2)


def test_each_pair_stands_in_its_row_and_column() -> None:
    lon_a, lat_a = [120.6, 120.7, 121.1], [28.0, 27.5, 28.1]
    lon_b, lat_b = [120.5, 119.7], [27.6, 27.56]
    matrix = distance_matrix_m(lon_a, lat_a, lon_b, lat_b)
    assert matrix.shape == (3, 2)
    assert GEOD is not None
    for i in range(3):
        for j in range(2):
            alone = GEOD.inv(lon_a[i], lat_a[i], lon_b[j], lat_b[j])[2]
            assert matrix[i, j] == pytest.approx(alone, abs=1e-9)


def test_a_place_is_at_distance_zero_from_itself_and_distance_is_symmetric() -> None:
    lon, lat = np.array([120.6, 120.7, 121.1]), np.array([28.0, 27.5, 28.1])
    matrix = distance_matrix_m(lon, lat, lon, lat)
    assert np.diag(matrix).tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12)


def test_blocks_of_rows_give_the_same_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    lon, lat = np.linspace(119.5, 121.5, 7), np.linspace(27.0, 28.6, 7)
    whole = distance_matrix_m(lon, lat, lon, lat)
    monkeypatch.setattr("geo.impedance._PAIRS_AT_ONCE", 15)
    assert np.array_equal(distance_matrix_m(lon, lat, lon, lat), whole)


def test_the_ellipsoid_is_that_of_the_crs() -> None:
    krassowsky = distance_matrix_m([120.0], [0.0], [121.0], [0.0], crs="EPSG:4214")
    cgcs2000 = distance_matrix_m([120.0], [0.0], [121.0], [0.0])
    assert krassowsky[0, 0] / cgcs2000[0, 0] == pytest.approx(6_378_245 / 6_378_137, rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_no_points_give_an_empty_matrix(n: int, m: int) -> None:
    matrix = distance_matrix_m([120.0] * n, [28.0] * n, [120.0] * m, [28.0] * m)
    assert matrix.shape == (n, m)


def test_coordinates_that_cannot_be_used_are_all_named() -> None:
    with pytest.raises(GeometryError, match=r"2 coordinate\(s\).*lon_a of row 1: nan") as caught:
        distance_matrix_m([120.0, np.nan], [28.0, 95.0], [120.0], [28.0])
    assert [(f.row, f.field) for f in caught.value.faults] == [(1, "lon_a"), (1, "lat_a")]
    assert "第 1 行的 lon_a" in caught.value.of("zh")
    with pytest.raises(GeometryError, match="lat_b of row 0: inf"):
        distance_matrix_m([120.0], [28.0], [120.0], [np.inf])


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(GeometryError, match=r"points b: longitudes have the shape \(2,\)"):
        distance_matrix_m([120.0], [28.0], [120.0, 121.0], [28.0])


def test_a_projected_crs_is_refused() -> None:
    with pytest.raises(CrsError, match="EPSG:4549 is not in longitude and latitude"):
        distance_matrix_m([500_000.0], [3_000_000.0], [0.0], [0.0], crs="EPSG:4549")


def test_circuity_multiplies_and_unreachable_stays() -> None:
    cost = cost_matrix([[1000.0, np.inf], [0.0, 2.0]], circuity=1.3)
    assert cost.tolist() == [[1300.0, np.inf], [0.0, 2.6]]
    assert cost_matrix([[7.0]]).tolist() == [[7.0]]


@pytest.mark.parametrize("circuity", [0.99, 0.0, -1.0, np.nan, np.inf])
def test_a_circuity_below_one_is_refused(circuity: float) -> None:
    with pytest.raises(CostMatrixError, match="never shorter than the straight line"):
        cost_matrix([[1.0]], circuity=circuity)


def test_negative_and_missing_distances_are_refused() -> None:
    with pytest.raises(CostMatrixError, match=r"2 distance\(s\) are negative or missing"):
        cost_matrix([[1.0, -1.0], [np.nan, 0.0]])
