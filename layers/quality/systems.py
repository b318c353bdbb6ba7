"""Coordinates of a file brought to EPSG:4490: in the system stated, never in a guessed one."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.datum_evidence.readings import readings_of
from geo.datums import DATUMS, System, read_as, require_system
from geo.datums.refusals import parameters
from geo.errors import CrsError, GeometryError
from geo.sentence import Sentence
from layers.quality.report import Ledger
from layers.schemas import LATITUDES, LONGITUDES

Shapes = NDArray[np.object_]

_NEAR_DEG = 0.1
_WEIGHED = 1000
"""Coordinates that are tried to say what they look like."""

_ZONED = {"gk3zone", "gk6zone"}


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of a file's coordinates: by the planner (who wins), and by the file itself."""

    by_planner: str | None
    by_file: str | None
    north_first: bool = False

    @property
    def system(self) -> str | None:
        """The system to read them in."""
        return self.by_planner or self.by_file


def read_stated(
    shapes: Shapes, stated: Stated, ledger: Ledger, districts: gpd.GeoDataFrame | None
) -> Shapes | None:
    """Bring geometries, (n,), to EPSG:4490; None where that cannot be, with the faults why.

    Without a stated system the one fault asks for it and says what the coordinates look like.
    Coordinates that are not finite, or not in the system, or outside China, are faults of their
    rows as far as they can be told apart.
    """
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not there.any():
        return shapes
    if stated.system is None:
        ledger.refuse(None, None, None, _question(shapes, districts))
        return None
    try:
        system = None if _is_zoned(stated.system) else require_system(stated.system)
        stays = (
            system is not None and not stated.north_first and _are_storage_degrees(system, shapes)
        )
        moved = shapes if stays else read_as(shapes, stated.system, north_first=stated.north_first)
    except (CrsError, GeometryError) as error:
        for fault in error.faults:
            due = Sentence(fault.expected_of("zh"), fault.expected)
            ledger.refuse(_position(fault.row), fault.field, _written(fault.value), due)
        if not error.faults:
            ledger.refuse(None, None, None, error.sentence)
        return None
    _note_system(system, stated, ledger)
    _refuse_abroad(moved, ledger)
    return moved


def _are_storage_degrees(system: System, shapes: Shapes) -> bool:
    """Whether these are degrees as they are stored, so that there is no vertex to move."""
    if not system.in_degrees or system.offset is not None or parameters(system.crs):
        return False
    xy = shapely.get_coordinates(shapes)
    return bool((np.abs(xy[:, 0]) <= 180.0).all() and (np.abs(xy[:, 1]) <= 90.0).all())


def _is_zoned(system: str) -> bool:
    return "".join(one for one in system.lower() if one.isalnum()) in _ZONED


def _position(row: int | str | None) -> int | None:
    return row if isinstance(row, int) else None


def _written(value: object) -> object:
    """A pair of numbers as it is told."""
    if isinstance(value, tuple) and all(isinstance(one, float) for one in value):
        return f"({', '.join(f'{one:.10g}' for one in value)})"
    return value


def _note_system(system: System | None, stated: Stated, ledger: Ledger) -> None:
    if system is None:
        return
    ledger.note(
        f"坐标按 {system.title.zh} 读取，转为 CGCS2000（EPSG:4490）：{system.accuracy.zh}",
        f"coordinates were read as {system.title.en} and brought to CGCS2000 (EPSG:4490): "
        f"{system.accuracy.en}",
    )
    if stated.by_planner is None or stated.by_file is None:
        return
    try:
        own = require_system(stated.by_file)
    except CrsError:
        return
    if own.name != system.name:
        ledger.note(
            f"文件自称 {own.title.zh}，按要求改读为 {system.title.zh}",
            f"the file itself says {own.title.en}; as asked it was read as {system.title.en}",
        )


def _refuse_abroad(shapes: Shapes, ledger: Ledger) -> None:
    """Write down the rows that lie outside China, saying where they are."""
    west, south, east, north = shapely.bounds(shapes).T
    inside = _in_china(west, south) & _in_china(east, north)
    rows = np.flatnonzero(~inside & np.isfinite(west))
    if not len(rows):
        return
    turned = _in_china(south[rows], west[rows]).all()
    hint = (
        Sentence("；坐标轴似乎颠倒（纬度在前）", "; the axes look swapped (latitude first)")
        if turned
        else Sentence("；请检查坐标系与坐标轴顺序", "; check the system and the order of axes")
    )
    due = Sentence(
        f"中国范围内的位置（经度 {LONGITUDES[0]:g} 至 {LONGITUDES[1]:g}、"
        f"纬度 {LATITUDES[0]:g} 至 {LATITUDES[1]:g} 度）{hint.zh}",
        f"a place in China (longitude {LONGITUDES[0]:g} to {LONGITUDES[1]:g}, latitude "
        f"{LATITUDES[0]:g} to {LATITUDES[1]:g} degrees){hint.en}",
    )
    for row in rows.tolist():
        ledger.refuse(row, "geometry", f"({west[row]:.7g}, {south[row]:.7g})", due)


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = (
        (lon >= LONGITUDES[0])
        & (lon <= LONGITUDES[1])
        & (lat >= LATITUDES[0])
        & (lat <= LATITUDES[1])
    )
    return result


def _question(shapes: Shapes, districts: gpd.GeoDataFrame | None) -> Sentence:
    """Ask for the system, and say what the coordinates look like."""
    xy = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    low, high = (xy.min(axis=0), xy.max(axis=0)) if len(xy) else (np.zeros(2), np.zeros(2))
    span = [f"({one[0]:.10g}, {one[1]:.10g})" for one in (low, high)]
    look = _look(xy)
    fits = _fitting(xy, districts)
    zh_fits = f"；若为 {'、'.join(one.zh for one in fits)}，则落在本市" if fits else ""
    en_fits = (
        f"; as {', or '.join(one.en for one in fits)} they would lie in the city" if fits else ""
    )
    names = ", ".join(DATUMS)
    return Sentence(
        f"文件没有注明坐标系；坐标范围 {'—'.join(span)}，{look.zh}{zh_fits}。"
        f"请用 --crs（如 EPSG:4549）或 --datum（{names}）注明，不作猜测",
        f"the file states no coordinate system; its coordinates run from {' to '.join(span)} and "
        f"{look.en}{en_fits}. State it with --crs (such as EPSG:4549) or --datum ({names}); "
        "nothing is guessed",
    )


def _look(xy: Floats) -> Sentence:
    if not len(xy):
        return Sentence("没有有限的坐标", "hold no finite number")
    x, y = np.abs(xy).max(axis=0)
    if x <= 180.0 and y <= 90.0:
        return Sentence("像是经纬度（经度在前）", "look like degrees, longitude first")
    if x <= 90.0 and y <= 180.0:
        return Sentence(
            "像是经纬度但纬度在前，须互换两列",
            "look like degrees with latitude first, to be swapped",
        )
    return Sentence("像是以米为单位的平面坐标", "look like metres of a plane")


def _fitting(xy: Floats, districts: gpd.GeoDataFrame | None) -> list[Sentence]:
    """Titles of the systems, as they stand, that bring most coordinates to the city."""
    if districts is None or districts.empty or not len(xy):
        return []
    west, south, east, north = districts.total_bounds
    some = xy[:: max(1, len(xy) // _WEIGHED)]
    titles = []
    for reading in readings_of(float(west), float(east), float(south + north) / 2.0):
        if reading.swapped or not reading.holds(some[:, 0], some[:, 1]).any():
            continue
        lon, lat = reading.degrees(some[:, 0], some[:, 1])
        near = (np.abs(lon - (west + east) / 2.0) <= (east - west) / 2.0 + _NEAR_DEG) & (
            np.abs(lat - (south + north) / 2.0) <= (north - south) / 2.0 + _NEAR_DEG
        )
        if near.mean() > 0.5:
            titles.append(reading.title)
    return titles
