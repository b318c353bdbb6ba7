"""Positions in a table: longitude and latitude or a plane's pair in two columns, or WKT in one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Fault
from geo.sentence import Sentence
from layers.importers.cells import is_blank, number_of

FIELDS = ("lon", "lat", "east", "north", "wkt")
"""What a column may be mapped to so that it is read as a position."""

_PAIRS = (
    (
        ("lon", "lng", "long", "longitude", "经度", "东经", "经度坐标"),
        ("lat", "latitude", "纬度", "北纬", "纬度坐标"),
    ),
    (
        ("east", "easting", "eastm", "东坐标", "东", "e"),
        ("north", "northing", "northm", "北坐标", "北", "n"),
    ),
    (("x", "x坐标", "坐标x", "coordx", "pointx"), ("y", "y坐标", "坐标y", "coordy", "pointy")),
)
_SHAPES = ("wkt", "geometry", "geom", "thegeom", "几何", "图形", "shape")
_BRACKETED = re.compile(r"[(（\[].*?[)）\]]")
_WORDS = re.compile(
    r"\s*(POINT|LINESTRING|POLYGON|MULTI(POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\b",
    re.IGNORECASE,
)
_SRID = re.compile(r"\s*SRID=\d+;", re.IGNORECASE)
_ARC = re.compile(
    r"(?P<head>[NSEW东西南北])?(?P<deg>\d{1,3})[°度](?:(?P<min>\d{1,2}(?:\.\d+)?)['′分]"
    r"(?:(?P<sec>\d{1,2}(?:\.\d+)?)(?:\"|″|''|′′|秒))?)?(?P<tail>[NSEW])?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Geometries of the rows of a table, (n,), None where a row gives none.

    Coordinates are as written, east or longitude first. `columns` are those read for it, `faults`
    the cells that could not be read.
    """

    geometry: NDArray[np.object_]
    columns: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def positions_of(
    columns: pd.DataFrame,
    mapping: Mapping[str, str] | None = None,
    rows: Sequence[str] | None = None,
) -> Positions | None:
    """Read the positions of a table; None where it has none: rows to be joined by their id.

    `mapping` may name columns for `FIELDS`; else they are found by their headers, whatever the
    case and without a unit in brackets: wkt, geometry (where a cell is WKT), or 经度/纬度, lon/lat,
    lng/lat, east/north, x/y. A mapped pair goes before WKT, WKT before others. `x` is taken for the
    east; where the values say otherwise, `geo.datums` refuses them. Degrees may be written
    120°41′57″. `ref_lon` and `ref_lat`, which follow from a geometry, are never read as one. `rows`
    names the rows in faults.
    """
    labels = list(rows) if rows is not None else [str(row + 1) for row in range(len(columns))]
    pair = _mapped_pair(columns, mapping or {})
    if pair is not None:
        return _points(columns, pair, labels)
    pair = _pair(columns, mapping or {})
    shape = _one(columns, mapping or {}, "wkt", _SHAPES)
    if shape is not None and (shape in (mapping or {}) or columns[shape].map(_is_wkt).any()):
        return _shapes(columns[shape], (shape, *(pair or ())), labels)
    return None if pair is None else _points(columns, pair, labels)


def _is_wkt(value: object) -> bool:
    return isinstance(value, str) and _WORDS.match(_SRID.sub("", value, count=1)) is not None


def _mapped_pair(columns: pd.DataFrame, mapping: Mapping[str, str]) -> tuple[str, str] | None:
    named = {field: column for column, field in mapping.items() if column in columns}
    for east, north in (("lon", "lat"), ("east", "north")):
        if east in named and north in named:
            return named[east], named[north]
    return None


def _pair(columns: pd.DataFrame, mapping: Mapping[str, str]) -> tuple[str, str] | None:
    for easts, norths in _PAIRS:
        east_column = _one(columns, mapping, easts[0], easts)
        north_column = _one(columns, mapping, norths[0], norths)
        if east_column is not None and north_column is not None:
            return east_column, north_column
    return None


def _one(
    columns: pd.DataFrame, mapping: Mapping[str, str], field: str, names: Sequence[str]
) -> str | None:
    """The column mapped to a field, else the first whose header is one of the names."""
    for column, target in mapping.items():
        if target == field and column in columns:
            return column
    free = [str(one) for one in columns.columns if str(one) not in mapping]
    for name in names:
        for column in free:
            if _key(column) == name:
                return column
    return None


def _key(header: str) -> str:
    """A header without case, signs and a unit in brackets."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", header)).lower()
    return "".join(letter for letter in plain if letter.isalnum())


def _points(columns: pd.DataFrame, pair: tuple[str, str], rows: Sequence[str]) -> Positions:
    faults: list[Fault] = []
    sides = [columns[name].tolist() for name in pair]
    xy = np.full((len(columns), 2), np.nan)
    for side, (name, values) in enumerate(zip(pair, sides, strict=True)):
        for row, value in enumerate(values):
            if is_blank(value):
                if not is_blank(sides[1 - side][row]):
                    faults.append(Fault.stating(rows[row], name, None, _BOTH))
                continue
            number = degree_of(value)
            if number is None:
                faults.append(Fault.stating(rows[row], name, value, _NUMBER))
            else:
                xy[row, side] = number
    geometry = np.full(len(columns), None, dtype=object)
    whole = np.isfinite(xy).all(axis=1)
    geometry[whole] = shapely.points(xy[whole])
    return Positions(geometry, pair, tuple(faults))


_NUMBER = Sentence(
    "有限的数，如 120.699 或 120°41′57″", "a finite number such as 120.699 or 120°41′57″"
)
_BOTH = Sentence("两个坐标都填写，或都不填", "both coordinates, or neither")


def degree_of(value: object) -> float | None:
    """Read a coordinate: a number, or degrees with minutes and seconds; None for anything else."""
    number = number_of(value, "度")
    if number is not None or not isinstance(value, str):
        return number
    arc = _ARC.fullmatch("".join(value.split()))
    if arc is None or (arc["head"] and arc["tail"]):
        return None
    minutes, seconds = float(arc["min"] or 0.0), float(arc["sec"] or 0.0)
    if minutes >= 60.0 or seconds >= 60.0:
        return None
    side = (arc["head"] or arc["tail"] or "").upper()
    size = float(arc["deg"]) + minutes / 60.0 + seconds / 3600.0
    return -size if side in {"S", "W", "南", "西"} else size


def _shapes(column: pd.Series, used: tuple[str, ...], rows: Sequence[str]) -> Positions:
    texts = [
        None if is_blank(value) else _SRID.sub("", str(value), count=1) for value in column.tolist()
    ]
    given = np.asarray([text is not None for text in texts], dtype=bool)
    geometry = np.full(len(texts), None, dtype=object)
    geometry[given] = shapely.from_wkt(
        np.asarray([text for text in texts if text is not None], dtype=object),
        on_invalid="ignore",
    )
    unread = given & shapely.is_missing(geometry)
    flat: NDArray[np.object_] = np.asarray(shapely.force_2d(geometry), dtype=object)
    faults = [
        Fault.stating(rows[row], used[0], str(column.iloc[row])[:80], _WKT)
        for row in np.flatnonzero(unread).tolist()
    ]
    return Positions(flat, used, tuple(faults))


_WKT = Sentence(
    "WKT，如 POINT (120.699 27.994)；环要闭合",
    "WKT such as POINT (120.699 27.994), with closed rings",
)
