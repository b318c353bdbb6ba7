"""Positions: which columns they are in, how degrees are written, and WKT."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import shapely

from layers.importers.positions import degree_of, positions_of


def frame(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


@pytest.mark.parametrize(
    ("east", "north"),
    [
        *(("lon", "lat"), ("LNG", "Lat"), ("经度（度）", "纬度(度)"), ("Longitude", "latitude")),
        *(("x", "y"), ("X坐标", "Y坐标"), ("东坐标", "北坐标"), ("east_m", "north_m")),
    ],
)
def test_pairs_are_found_by_their_headers(east: str, north: str) -> None:
    columns: dict[str, list[Any]] = {north: ["27.994", None], east: ["120.699", None]}
    table = frame(id=["a", "b"], **columns)
    found = positions_of(table)
    assert found is not None
    assert found.columns == (east, north)
    assert found.geometry[0] == shapely.Point(120.699, 27.994)
    assert found.geometry[1] is None
    assert found.faults == ()


def test_the_mapping_goes_first_and_may_turn_the_axes() -> None:
    table = frame(X=["3097973.7"], Y=["568759.7"], lon=["1"], lat=["2"])
    found = positions_of(table, {"Y": "east", "X": "north"})
    assert found is not None
    assert found.geometry[0] == shapely.Point(568759.7, 3097973.7)
    assert found.columns == ("Y", "X")
    halfway = positions_of(frame(经=["120"], lat=["28"]), {"经": "lon"})
    assert halfway is not None
    assert halfway.geometry[0] == shapely.Point(120, 28)


def test_without_a_whole_pair_there_is_no_position() -> None:
    assert positions_of(frame(id=["a"], lon=["120"])) is None
    assert positions_of(frame(ref_lon=["120"], ref_lat=["28"], name=["x"])) is None
    assert positions_of(frame(lon=["1"], lat=["2"]), {"lon": "note"}) is None


def test_every_cell_that_is_no_number_is_a_fault() -> None:
    table = frame(lon=["120.5", "abc", None, "1e400"], lat=["28", "28", "28.1", "28.2"])
    found = positions_of(table, {}, ["2", "3", "4", "5"])
    assert found is not None
    told = sorted((fault.row, fault.field, fault.value) for fault in found.faults)
    assert told == [("3", "lon", "abc"), ("4", "lon", None), ("5", "lon", "1e400")]
    assert [one is None for one in found.geometry] == [False, True, True, True]


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("120.699", 120.699),
        (120.699, 120.699),
        ("１２０．５", 120.5),
        ("120.5°", 120.5),
        ("120°41′56.4″", 120 + 41 / 60 + 56.4 / 3600),
        ("120° 41' 56.4\" E", 120 + 41 / 60 + 56.4 / 3600),
        ("东120度30分", 120.5),
        ("27°30′N", 27.5),
        ("S27°30′", -27.5),
    ],
)
def test_degrees_are_read(text: object, degrees: float) -> None:
    assert degree_of(text) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize("text", ["120°61′", "120°10′60″", "E120°N", "120°′", "", None, "x"])
def test_what_is_no_degree_is_none(text: object) -> None:
    assert degree_of(text) is None


def test_wkt_is_read_flat_and_what_is_none_is_a_fault() -> None:
    square = "POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))"
    table = frame(id=list("abcd"), WKT=[square, "SRID=4490;POINT (1 2)", None, "POLYGON ((0 0"])
    found = positions_of(table)
    assert found is not None
    assert found.columns == ("WKT",)
    assert found.geometry[0].equals(shapely.Polygon([(0, 0), (1, 0), (1, 1)]))
    assert not found.geometry[0].has_z
    assert found.geometry[1] == shapely.Point(1, 2)
    assert found.geometry[2] is None
    assert [(fault.row, fault.field) for fault in found.faults] == [("4", "WKT")]


def test_shapes_go_before_a_pair_that_nobody_named() -> None:
    table = frame(lon=["9"], lat=["9"], wkt=["POINT (1 2)"], 图形=["面"])
    found = positions_of(table)
    assert found is not None
    assert found.geometry[0] == shapely.Point(1, 2)
    assert found.columns == ("wkt", "lon", "lat")
    named = positions_of(table, {"lon": "lon", "lat": "lat"})
    assert named is not None
    assert named.geometry[0] == shapely.Point(9, 9)
    words = positions_of(frame(lon=["9"], lat=["9"], 图形=["面"]))
    assert words is not None
    assert words.columns == ("lon", "lat")
    assert positions_of(frame(图形=["面"])) is None
    mapped = positions_of(frame(轮廓=["POINT (1 2)"]), {"轮廓": "wkt"})
    assert mapped is not None
    assert mapped.columns == ("轮廓",)
