"""Indicative footprints: exact, inside, apart, and the same every time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.crs import STORAGE_CRS
from geo.errors import GeometryError
from geo.footprints import build_footprints
from geo.measure import M2_PER_MU, area_m2, transform

HOST = shapely.box(120.5, 27.9, 120.9, 28.2)


def place(
    lon: list[float], lat: list[float], area_mu: list[float], hosts: list[Any] | None = None
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    return build_footprints(
        np.array(lon, dtype=float),
        np.array(lat, dtype=float),
        np.array(area_mu, dtype=float) * M2_PER_MU,
        np.array(hosts or [HOST] * len(lon), dtype=object),
        crs=STORAGE_CRS,
        plane_crs="EPSG:4549",
    )


def require_laws(
    shapes: NDArray[np.object_], area_mu: list[float], host: shapely.Geometry = HOST
) -> None:
    published = np.array(area_mu) * M2_PER_MU
    assert area_m2(shapes, STORAGE_CRS) == pytest.approx(published, rel=1e-8)
    assert shapely.is_valid(shapes).all()
    assert shapely.covers(host, shapes).all()
    meets = shapely.intersects(shapes[:, None], shapes[None, :])
    assert meets.sum() == len(shapes)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([120.6, 120.7, 120.700001]),
            st.sampled_from([28.0, 28.05]),
            st.floats(1.0, 3000.0),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_crowd_is_exact_inside_and_apart(rows: list[tuple[float, float, float]]) -> None:
    lon, lat, area = (list(column) for column in zip(*rows, strict=True))
    shapes, moved = place(lon, lat, area)
    require_laws(shapes, area)
    assert (moved >= 0).all()
    centres = transform(shapely.centroid(shapes), STORAGE_CRS, "EPSG:4549")
    points = transform(shapely.points(lon, lat), STORAGE_CRS, "EPSG:4549")
    assert shapely.distance(centres, points) == pytest.approx(moved, abs=0.5)


def test_one_alone_stays_at_its_point() -> None:
    shapes, moved = place([120.7], [28.05], [500.0])
    assert moved[0] < 1.0
    assert shapely.covers(shapes[0], shapely.Point(120.7, 28.05))


def test_two_that_have_room_stay_where_they_are() -> None:
    _, moved = place([120.6, 120.8], [28.0, 28.1], [500.0, 900.0])
    assert moved.max() < 1.0


def test_at_the_border_it_moves_in_only_as_far_as_needed() -> None:
    shapes, moved = place([120.5], [28.05], [300.0])
    require_laws(shapes, [300.0])
    radius = math.sqrt(300 * M2_PER_MU / math.pi)
    assert radius < moved[0] < radius * 1.02 + 25


def test_a_point_outside_its_host_is_brought_in() -> None:
    shapes, moved = place([121.0], [28.05], [300.0])
    require_laws(shapes, [300.0])
    assert moved[0] > 9_000


def test_without_a_host_nothing_bounds_it() -> None:
    shapes, moved = place([123.0], [29.0], [300.0], [None])
    assert moved[0] < 1.0
    assert area_m2(shapes, STORAGE_CRS)[0] == pytest.approx(200_000.0, rel=1e-8)


def test_each_stays_in_its_own_host_across_a_border() -> None:
    west, east = shapely.box(120.5, 27.9, 120.7, 28.2), shapely.box(120.7, 27.9, 120.9, 28.2)
    shapes, _ = place([120.7] * 4, [28.0] * 4, [800.0] * 4, [west, east, west, east])
    assert shapely.covers([west, east, west, east], shapes).all()
    assert shapely.intersects(shapes[:, None], shapes[None, :]).sum() == 4


def test_the_same_input_gives_the_same_bytes() -> None:
    given_rows = ([120.7] * 9, [28.0] * 9, [100.0 * i for i in range(1, 10)])
    first, second = place(*given_rows)[0], place(*given_rows)[0]
    assert shapely.to_wkb(first).tolist() == shapely.to_wkb(second).tolist()


@pytest.mark.parametrize("area", [0.0, -1.0, math.nan, math.inf])
def test_an_area_that_is_not_positive_is_refused_with_its_row(area: float) -> None:
    with pytest.raises(
        GeometryError, match=r"feature 2 has area .*needs a positive area"
    ) as caught:
        place([120.6, 120.7], [28.0, 28.0], [10.0, area])
    assert "第 2 个要素" in caught.value.of("zh")


def test_a_host_without_room_is_refused_with_the_row() -> None:
    tiny = shapely.box(120.6, 28.0, 120.601, 28.001)
    with pytest.raises(GeometryError, match="feature 2 does not fit into its district"):
        place([120.6, 120.6], [28.0, 28.0], [10.0, 500.0], [HOST, tiny])


def test_too_many_for_a_host_are_refused() -> None:
    small = shapely.box(120.6, 28.0, 120.61, 28.01)
    with pytest.raises(GeometryError, match="do not fit into their districts without overlap"):
        place([120.605] * 6, [28.005] * 6, [500.0] * 6, [small] * 6)


# what stands already


def beside(
    taken: list[Any], lon: list[float], area_mu: list[float], hosts: list[Any] | None = None
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    return build_footprints(
        np.array(lon),
        np.full(len(lon), 28.05),
        np.array(area_mu) * M2_PER_MU,
        np.array(hosts or [HOST] * len(lon), dtype=object),
        crs=STORAGE_CRS,
        plane_crs="EPSG:4549",
        taken=np.array([*taken, None], dtype=object)[:-1],
    )


def test_what_is_taken_stays_free() -> None:
    long = shapely.box(120.69, 28.04, 120.75, 28.06)
    shapes, moved = beside([long], [120.7, 120.7, 120.72], [400.0, 200.0, 900.0])
    require_laws(shapes, [400.0, 200.0, 900.0])
    assert not shapely.intersects(shapes, long).any()
    assert (moved > 1000.0).all()


def test_without_a_host_it_goes_round_what_is_taken() -> None:
    square = shapely.box(122.99, 28.04, 123.01, 28.06)
    shapes, _ = beside([square], [123.0], [300.0], [None])
    assert not shapely.intersects(shapes[0], square)
    assert shapely.distance(shapes[0], square) < 0.001


def test_what_is_taken_elsewhere_changes_nothing() -> None:
    far = shapely.box(120.85, 28.15, 120.86, 28.16)
    plain, _ = place([120.7, 120.7], [28.05, 28.05], [400.0, 200.0])
    shapes, _ = beside([far], [120.7, 120.7], [400.0, 200.0])
    assert shapely.to_wkb(shapes).tolist() == shapely.to_wkb(plain).tolist()
    none, _ = beside([], [120.7, 120.7], [400.0, 200.0])
    assert shapely.to_wkb(none).tolist() == shapely.to_wkb(plain).tolist()


def test_no_room_beside_what_is_taken_is_refused_with_the_row() -> None:
    with pytest.raises(GeometryError, match=r"feature 1 .* beside what stands") as caught:
        beside([shapely.box(120.4, 27.8, 121.0, 28.3)], [120.7], [300.0])
    assert "已有的要素" in caught.value.of("zh")
