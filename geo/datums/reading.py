"""Geometries read in a named system and written back: every vertex once, all at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Mask
from geo.datums.planes import (
    ZONE_M,
    ZONES,
    Width,
    gauss_kruger_epsg,
    plane_of,
    require_plane_values,
)
from geo.datums.refusals import parameters, plain
from geo.datums.systems import System, SystemLike, require_system
from geo.errors import Fault, GeometryError
from geo.offsets import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from geo.sentence import Sentence

Shapes = NDArray[np.object_]
Geometries = Sequence[Any] | NDArray[np.object_]
Pair = tuple[Floats, Floats]

_ZONED: dict[str, Width] = {"gk3zone": 3, "gk6zone": 6}
_TO_WGS = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
_FROM_WGS = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


def read_as(geometries: Geometries, system: SystemLike, *, north_first: bool = False) -> Shapes:
    """Bring geometries that are given in a system to CGCS2000 degrees (EPSG:4490), (n,).

    East (or longitude) comes first in the coordinates, whatever order the CRS declares, unless
    `north_first`. Vertices are moved and edges stay straight between them; equal vertices stay
    equal. Missing geometries stay missing, empty ones empty, Z is kept as it is (heights are not
    transformed), M is dropped. WGS 84 and CGCS2000 are taken for the same (less than 1 m);
    `require_system(system).accuracy` says what to think of each. `gk3-zone` and `gk6-zone` read
    every vertex in the zone whose number its easting begins with: one file may have several.

    Raises `CrsError` for a system that is unknown or refused, and `GeometryError`, naming the rows,
    for what is no geometry, for coordinates that are not finite and for numbers that cannot be in
    this system: swapped axes, metres called degrees, degrees called metres, a zone number that is
    too many or missing.
    """
    width = _ZONED.get(plain(system)) if isinstance(system, str) else None
    shapes = _require_shapes(geometries)
    xy = require_finite(shapes)
    there = xy[:, ::-1] if north_first else xy
    if width is not None:
        return _moved(shapes, there, lambda x, y: _by_zone(x, y, width))
    source = require_system(system)
    _require_fit(there, source)
    return _moved(shapes, there, lambda x, y: to_storage(x, y, source))


def write_as(geometries: Geometries, system: SystemLike) -> Shapes:
    """Bring geometries from CGCS2000 degrees (EPSG:4490) to a system, the reverse of `read_as`.

    The planes `gk3`, `gk3-zone`, `gk6`, `gk6-zone` and `utm` take the zone of the middle of all
    geometries together. Raises as `read_as` does, and `GeometryError` for places that the system
    cannot show, such as those more than 500 km from the central meridian.
    """
    shapes = _require_shapes(geometries)
    xy = require_finite(shapes)
    _require_fit(xy, require_system("cgcs2000"))
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2.0 if len(xy) else (105.0, 35.0)
    target = require_system(system, lon=float(middle[0]), lat=float(middle[1]))
    return _moved(shapes, xy, lambda x, y: from_storage(x, y, target))


def to_storage(x: Floats, y: Floats, system: System) -> Pair:
    """Longitude and latitude of EPSG:4490 of coordinates in a system; not finite where it ends."""
    if system.offset is not None:
        return _TO_WGS[system.offset](x, y)
    base = _base(system.crs)
    return (x, y) if base is None else _transformed(system.crs, base, x, y)


def from_storage(lon: Floats, lat: Floats, system: System) -> Pair:
    """Coordinates in a system of degrees of EPSG:4490; not finite where the system ends."""
    if system.offset is not None:
        return _FROM_WGS[system.offset](lon, lat)
    base = _base(system.crs)
    if base is None:
        return lon, lat
    x, y = _transformed(base, system.crs, lon, lat)
    plane = plane_of(system.crs)
    return (x, y) if plane is None else (np.where(plane.sees(x), x, np.inf), y)


def _by_zone(east: Floats, north: Floats, width: Width) -> Pair:
    """Degrees of eastings that begin with the number of their zone."""
    zones = east // ZONE_M
    first, last = ZONES[width]
    wrong = np.flatnonzero((zones < first) | (zones > last))
    if len(wrong):
        row = int(wrong[0])
        written = f"({east[row]:.10g}, {north[row]:.10g})"
        raise GeometryError(
            f"{len(wrong)} of {len(east)} coordinates do not begin with the number of a "
            f"{width}-degree zone, {first} to {last}; the first is {written}; name the system by "
            "its code, for instance EPSG:4549",
            f"{len(east)} 个坐标中有 {len(wrong)} 个的东坐标不以{ {3: '三', 6: '六'}[width] }度带的"
            f"带号（{first} 至 {last}）开头，首个为 {written}；请用代码注明坐标系，例如 EPSG:4549",
        )
    lon, lat = np.empty_like(east), np.empty_like(north)
    for zone in np.unique(zones):
        rows = zones == zone
        code = gauss_kruger_epsg(
            (3.0 * zone) if width == 3 else 6.0 * zone - 3.0, width_deg=width, zone_prefix=True
        )
        lon[rows], lat[rows] = to_storage(east[rows], north[rows], require_system(code))
    return lon, lat


def _base(crs: pyproj.CRS) -> pyproj.CRS | None:
    """The degrees that are taken for CGCS2000; None where the CRS counts in them itself.

    A CRS with parameters of its own leads to WGS 84, to which they apply: towards EPSG:4490 PROJ
    leaves them out.
    """
    if parameters(crs):
        return pyproj.CRS.from_epsg(4326)
    return None if crs.is_geographic else crs.geodetic_crs


def _transformed(source: pyproj.CRS, target: pyproj.CRS, x: Floats, y: Floats) -> Pair:
    there = pyproj.Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    return np.asarray(there[0], dtype=np.float64), np.asarray(there[1], dtype=np.float64)


def _moved(shapes: Shapes, xy: Floats, convert: Callable[[Floats, Floats], Pair]) -> Shapes:
    moved = np.column_stack(convert(xy[:, 0], xy[:, 1])) if len(xy) else xy
    lost = ~_finite(moved)
    if lost.any():
        raise _fault(
            shapes,
            lost,
            Sentence(zh="坐标系之内的位置", en="a place that the system can show"),
            Sentence(zh="无法转换到该坐标系", en="cannot be shown in this system"),
        )
    result = shapes.copy()
    deep = shapely.has_z(shapes)
    counts = shapely.get_num_coordinates(shapes)
    in_deep = np.repeat(deep, counts)
    result[~deep] = shapely.set_coordinates(result[~deep], moved[~in_deep])
    if deep.any():
        z = shapely.get_coordinates(shapes[deep], include_z=True)[:, 2]
        result[deep] = shapely.set_coordinates(result[deep], np.column_stack([moved[in_deep], z]))
    return result


def _finite(xy: Floats) -> Mask:
    return np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1])


def _require_shapes(geometries: Geometries) -> Shapes:
    shapes = np.empty(len(geometries), dtype=object)
    for row, one in enumerate(geometries):
        shapes[row] = one
    wrong = np.flatnonzero(~(shapely.is_geometry(shapes) | shapely.is_missing(shapes)))
    if len(wrong):
        kinds = [type(shapes[row]).__name__ for row in wrong]
        raise GeometryError(
            f"{len(wrong)} values are no geometries; the first is a {kinds[0]} in row "
            f"{wrong[0]}; give shapely geometries or None",
            f"有 {len(wrong)} 个值不是几何，首个在第 {wrong[0]} 行，类型为 {kinds[0]}；"
            "请给出 shapely 几何或 None",
            [
                Fault(int(row), "geometry", kind, "a geometry or None", "几何或 None")
                for row, kind in zip(wrong, kinds, strict=True)
            ],
        )
    return shapes


def require_finite(shapes: Shapes) -> Floats:
    """Return all coordinates, (k, 2); raise `GeometryError` with the rows that are not finite."""
    xy: Floats = shapely.get_coordinates(shapes)
    wrong = ~_finite(xy)
    if wrong.any():
        raise _fault(
            shapes,
            wrong,
            Sentence(zh="有限的数", en="finite numbers"),
            Sentence(zh="含非数值或无穷大的坐标", en="have coordinates that are NaN or infinite"),
        )
    return xy


def _fault(shapes: Shapes, wrong: Mask, expected: Sentence, what: Sentence) -> GeometryError:
    """Name the rows whose coordinates are wrong, each with its first one."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    rows, first = np.unique(owner[wrong], return_index=True)
    values = [tuple(float(part) for part in one) for one in xy[wrong][first]]
    return GeometryError(
        f"{len(rows)} of {len(shapes)} features {what.en}; the first is row {rows[0]} with "
        f"{values[0]}; correct or remove them",
        f"{len(shapes)} 个要素中有 {len(rows)} 个{what.zh}，首个为第 {rows[0]} 行 {values[0]}；"
        "请更正或删除",
        [
            Fault.stating(int(row), "geometry", value, expected)
            for row, value in zip(rows, values, strict=True)
        ],
    )


def _require_fit(xy: Floats, system: System) -> None:
    """Raise where numbers cannot be coordinates of the system."""
    x, y = xy[:, 0], xy[:, 1]
    if not system.in_degrees:
        require_plane_values(x, y, system.crs, system.title.en)
        return
    wrong = (np.abs(x) > 180.0) | (np.abs(y) > 90.0)
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    turned = (np.abs(y[wrong]) <= 180.0) & (np.abs(x[wrong]) <= 90.0)
    metres = (np.abs(xy[wrong]) > _NO_DEGREES).any()
    hint = _TURNED if turned.all() else _METRES if metres else _BEYOND
    first = f"({x[row]:.10g}, {y[row]:.10g})"
    raise GeometryError(
        f"{int(wrong.sum())} of {len(xy)} coordinates are not in {system.title.en}; the first is "
        f"{first}: {hint.en}",
        f"{len(xy)} 个坐标中有 {int(wrong.sum())} 个不符合{system.title.zh}，首个为 {first}："
        f"{hint.zh}",
    )


_NO_DEGREES = 1000.0
"""Beyond this it is no slip of the pen in a number of degrees."""

_BEYOND = Sentence(
    zh="经度不超过 180 度、纬度不超过 90 度；请更正或删除",
    en="longitudes reach to 180 and latitudes to 90 degrees; correct or remove them",
)
_TURNED = Sentence(
    zh="坐标轴颠倒，纬度在前；应为经度在前，请互换两列",
    en="the axes are swapped, latitude comes first; longitude must come first, swap the two",
)
_METRES = Sentence(
    zh="超出经度 180、纬度 90 度的范围，多半是以米为单位的平面坐标；请注明其坐标系，例如 EPSG:4549",
    en="they go beyond 180 and 90 degrees and are most likely metres of a plane; name its system, "
    "for instance EPSG:4549",
)
