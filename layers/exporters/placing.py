"""Where a layer's geometries stand in a file: moved to a system, which is named as what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.datums import System, require_system, write_as
from geo.sentence import Sentence

Shapes = NDArray[np.object_]

_OFFSETS = {"gcj02": "GCJ-02", "bd09": "BD-09"}
_MIDDLE_OF_CHINA = (105.0, 35.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A system as a file names it.

    The web-map systems GCJ-02 and BD-09 have no code: they are declared an engineering system of
    that name, which no program takes for WGS 84.
    """

    system: System

    @property
    def offset(self) -> bool:
        """Whether this is GCJ-02 or BD-09."""
        return self.system.offset is not None

    @property
    def in_degrees(self) -> bool:
        """Whether coordinates are longitude and latitude, of whatever datum."""
        return self.system.in_degrees

    @property
    def code(self) -> str | None:
        """Code such as EPSG:4549; None where there is none."""
        epsg = None if self.offset or self.system.crs.is_bound else self.system.crs.to_epsg()
        return None if epsg is None else f"EPSG:{epsg}"

    @property
    def is_common(self) -> bool:
        """Whether coordinates may pass for longitude and latitude of WGS 84."""
        return self.code in {"EPSG:4490", "EPSG:4326"}

    @property
    def word(self) -> str:
        """The system in one word or two: a code, GCJ-02, or the name of the CRS."""
        if self.system.offset is not None:
            return _OFFSETS[self.system.offset]
        return self.code or self.system.crs.name

    @property
    def crs(self) -> pyproj.CRS:
        """The CRS that a file declares."""
        if not self.offset:
            return self.system.crs
        name = f"{self.system.title.en}; longitude, latitude; not WGS 84, no EPSG code"
        return pyproj.CRS.from_wkt(
            f'ENGCRS["{name}",EDATUM["{self.word} offset on top of WGS 84"],CS[Cartesian,2],'
            'AXIS["longitude",east,ORDER[1]],AXIS["latitude",north,ORDER[2]],'
            'ANGLEUNIT["degree",0.0174532925199433]]'
        )

    @property
    def declared(self) -> str:
        """The same for GDAL: a code, or WKT."""
        return self.code or str(self.crs.to_wkt())

    @property
    def projjson(self) -> dict[str, Any]:
        """The same as PROJJSON."""
        document: dict[str, Any] = self.crs.to_json_dict()
        return document


def placed(geometries: Shapes, system: str) -> tuple[Shapes, Place]:
    """Move geometries from CGCS2000 degrees to a system, and name it; raises as `write_as`.

    Planes that take their zone from the longitude take that of the middle of all geometries.
    """
    bounds = bounds_of(geometries)
    lon, lat = _MIDDLE_OF_CHINA
    if bounds is not None:
        lon, lat = (bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0
    place = Place(require_system(system, lon=lon, lat=lat))
    if place.is_common:
        return geometries, place
    return write_as(geometries, place.system), place


def bounds_of(geometries: Shapes) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all geometries; None where there is no coordinate."""
    bounds = shapely.total_bounds(geometries) if len(geometries) else np.array([np.nan])
    if not np.isfinite(bounds).all():
        return None
    west, south, east, north = (float(one) for one in bounds)
    return west, south, east, north


def notes_on(place: Place, fields: set[str]) -> list[Sentence]:
    """What has to be known of a file in this system; `fields` are those it has."""
    notes = []
    if place.offset:
        notes.append(
            Sentence(
                f"坐标为{place.system.title.zh}，{place.system.accuracy.zh}；"
                "该坐标系没有 EPSG 代码，文件中只写明名称，未标为 WGS 84",
                f"coordinates are {place.system.title.en}: {place.system.accuracy.en}; it has no "
                "EPSG code, the file gives its name and is not labelled WGS 84",
            )
        )
    kept = sorted(fields & {"ref_lon", "ref_lat"})
    if kept and not place.is_common:
        notes.append(
            Sentence(
                f"字段 {'、'.join(kept)} 仍是 CGCS2000 的度，不随几何转换",
                f"the fields {', '.join(kept)} stay degrees of CGCS2000, unlike the geometry",
            )
        )
    return notes
