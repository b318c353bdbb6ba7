"""Coordinates of boundary points (界址点) as the text that land authorities exchange.

`[属性描述]` says in which system they are, `[地块坐标]` has a line for each parcel (count of its
point lines, area in hectares, number, name, 面, sheet, use, land-use code, @) and below it one for
each point: its number, that of its ring, X (north), Y (east); every ring ends with its first point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Mask
from geo.crs import STORAGE_CRS
from geo.datums import require_system, write_as
from geo.datums.planes import plane_of
from geo.measure import M2_PER_HA, area_m2
from geo.sentence import Sentence
from layers.errors import ExportError

DIGITS = 3
"""Decimals of a coordinate: half a millimetre at most is lost."""

_CODES = {3: (4513, 4554), 6: (4491, 4512)}
"""First and last EPSG code of CGCS2000 Gauss-Krüger planes by the width of their zones."""

Shapes = NDArray[np.object_]

_MADE_BY = "瓯址 Ouzhi"


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed ring: names of its points and their (n, 2) north and east in m, the first once."""

    points: Sequence[str]
    north_east: Floats


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as it is written: rings in order, the area in hectares, and words of its line."""

    rings: Sequence[Ring]
    area_ha: float
    number: str
    name: str = ""
    sheet: str = ""
    use: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class GaussZone:
    """The zone of a Gauss-Krüger plane: its width in degrees and its number."""

    width_deg: int
    number: int


def write_boundary_points(
    frame: gpd.GeoDataFrame,
    path: Path,
    system: str = "gk3-zone",
    *,
    made_on: str = "",
    made_by: str = _MADE_BY,
    encoding: str = "utf-8",
) -> tuple[Sentence, ...]:
    """Write the polygons of a layer, given in EPSG:4490, as boundary points.

    `system` is a CGCS2000 Gauss-Krüger plane: gk3-zone (the zone number before the easting, as the
    authorities exchange it), gk3, gk6-zone, gk6 or its code; planes without a code take the zone of
    the middle of the data. Parts and rings stand in the order of the geometry, vertices as they
    are, to the millimetre. The number of a parcel is the feature's id (the first column), its name
    `name_zh`, use `land_use`, code `code`, sheet `sheet`, where there are such columns. Areas are
    ellipsoidal. `made_on` is a day such as 2026-11-29; `encoding` may be gb18030.

    Returns in words what was left out. Raises `ExportError` for another system, for geometries that
    are no polygons; `OSError` where the file cannot be written.
    """
    if frame.crs is None or frame.crs.to_string() != STORAGE_CRS:
        raise ExportError(
            f"the layer is not in {STORAGE_CRS}; transform it first",
            f"图层的坐标系不是 {STORAGE_CRS}；请先转换",
        )
    shapes = frame.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    _require_polygons(frame, there)
    zone = _zone(shapes[there], system)
    placed = write_as(shapes[there], system)
    areas = area_m2(shapes[there], STORAGE_CRS) / M2_PER_HA
    parcels = [
        Parcel(_rings(shape), float(area), **words)
        for shape, area, words in zip(placed, areas, _words(frame[there]), strict=True)
    ]
    text = boundary_text(parcels, zone=zone, made_on=made_on, made_by=made_by)
    path.write_bytes(text.encode(encoding))
    left = int((~there).sum())
    return () if not left else (_left_out(left),)


def boundary_text(
    parcels: Iterable[Parcel],
    *,
    zone: GaussZone | None,
    made_on: str,
    made_by: str = _MADE_BY,
    preface: Sequence[str] = (),
) -> str:
    """The text of parcels whose points are given in a Gauss-Krüger plane of CGCS2000.

    `zone` may be None where there is no parcel; whether eastings have its number in front shows in
    them. `preface` are lines before the first section.
    """
    described = {
        "格式版本号": "1.01版本",
        "数据产生单位": made_by,
        "数据产生日期": made_on,
        "坐标系": "2000国家大地坐标系",
        "几度分带": str(zone.width_deg) if zone is not None else "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": str(zone.number) if zone is not None else "",
        "精度": f"{10.0**-DIGITS:.{DIGITS}f}",
        "转换参数": ",,,,,,",
    }
    head = [f"{name}={value}" for name, value in described.items()]
    lines = [*preface, "[属性描述]", *head, "[地块坐标]"]
    for parcel in parcels:
        lines += _lines(parcel)
    return "\n".join(lines) + "\n"


def _lines(parcel: Parcel) -> list[str]:
    """A parcel's line and those of its points, rings closed."""
    rows: list[str] = []
    for number, ring in enumerate(parcel.rings, start=1):
        corners = [
            f"{point},{number},{north:.{DIGITS}f},{east:.{DIGITS}f}"
            for point, (north, east) in zip(ring.points, ring.north_east.tolist(), strict=True)
        ]
        rows += [*corners, corners[0]]
    words = [parcel.number, parcel.name, "面", parcel.sheet, parcel.use, parcel.code]
    head = [str(len(rows)), f"{parcel.area_ha:.4f}", *map(_word, words), "@"]
    return [",".join(head), *rows]


def _word(text: str) -> str:
    """A word of a parcel's line, which ends a cell with a comma and the line with a break."""
    return " ".join(text.replace(",", "，").split())


def _rings(shape: shapely.Geometry) -> list[Ring]:
    """The rings of a polygon or multipolygon, each part's outer one before its holes."""
    rings: list[Ring] = []
    first = 1
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring)[:-1]
        rings.append(Ring([f"J{first + k}" for k in range(len(xy))], xy[:, ::-1]))
        first += len(xy)
    return rings


def _words(frame: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Number, name, sheet, use and code of each feature, empty where there is none."""
    key = next((str(one) for one in frame.columns if one != frame.geometry.name), "")
    names: Mapping[str, str] = {
        "number": key,
        "name": "name_zh",
        "sheet": "sheet",
        "use": "land_use",
        "code": "code",
    }
    listed = {
        word: [
            "" if pd.isna(value) else str(value) for value in frame[column].astype(object).tolist()
        ]
        for word, column in names.items()
        if column in frame.columns
    }
    return [
        dict(zip(listed, values, strict=True)) for values in zip(*listed.values(), strict=True)
    ] or [{"number": str(row + 1)} for row in range(len(frame))]


def _zone(shapes: Shapes, system: str) -> GaussZone | None:
    """The zone in which polygons are written; None where there are none."""
    if not len(shapes):
        return None
    box = shapely.total_bounds(shapes)
    lon, lat = float(box[0] + box[2]) / 2.0, float(box[1] + box[3]) / 2.0
    crs = require_system(system, lon=lon, lat=lat).crs
    plane, code = plane_of(crs), crs.to_epsg() or 0
    for width, (first, last) in _CODES.items():
        if plane is not None and first <= code <= last:
            number = plane.meridian / 3.0 if width == 3 else (plane.meridian + 3.0) / 6.0
            return GaussZone(width, round(number))
    raise ExportError(
        f"boundary points are written in Gauss-Krüger planes of CGCS2000 only, not in {system}; "
        "choose gk3-zone, gk3, gk6-zone, gk6 or a code such as EPSG:4528",
        f"界址点只能按 CGCS2000 高斯—克吕格平面写出，不能用 {system}；"
        "请选 gk3-zone、gk3、gk6-zone、gk6 或 EPSG:4528 这样的代码",
    )


def _require_polygons(frame: gpd.GeoDataFrame, there: Mask) -> None:
    kinds = shapely.get_type_id(frame.geometry.to_numpy())
    wrong = there & ~np.isin(kinds, [3, 6])
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        kind = frame.geometry.iloc[row].geom_type
        raise ExportError(
            f"boundary points describe polygons, but {int(wrong.sum())} features are none, the "
            f"first is a {kind} in row {row + 1}; export the layer as GeoPackage or CSV",
            f"界址点用于面，但有 {int(wrong.sum())} 个要素不是面，首个是第 {row + 1} 行的 {kind}；"
            "请导出为 GeoPackage 或 CSV",
        )


def _left_out(count: int) -> Sentence:
    return Sentence(
        f"{count} 个没有图形的要素未写入",
        f"{count} feature(s) without a geometry were left out",
    )
