"""The formats in which a layer leaves: their names, suffixes, media types and default systems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.sentence import Sentence
from layers.errors import ExportError


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its id.

    `suffixes` are those it is known by, the first one the usual. `system` is the system in which
    it is written where none is named.
    """

    id: str
    title: Sentence
    suffixes: tuple[str, ...]
    media_type: str
    system: str = "cgcs2000"


def _format(
    name: str, zh: str, en: str, suffixes: str, media_type: str, *, system: str = "cgcs2000"
) -> Format:
    return Format(name, Sentence(zh, en), tuple(suffixes.split()), media_type, system)


FORMATS: dict[str, Format] = {
    one.id: one
    for one in (
        _format("gpkg", "GeoPackage", "GeoPackage", ".gpkg", "application/geopackage+sqlite3"),
        _format("geojson", "GeoJSON", "GeoJSON", ".geojson .json", "application/geo+json"),
        _format("shapefile", "Shapefile（zip）", "Shapefile (zipped)", ".zip", "application/zip"),
        _format("kml", "KML", "KML", ".kml", "application/vnd.google-earth.kml+xml"),
        _format(
            "geoparquet",
            "GeoParquet",
            "GeoParquet",
            ".parquet .geoparquet",
            "application/vnd.apache.parquet",
        ),
        _format("flatgeobuf", "FlatGeobuf", "FlatGeobuf", ".fgb", "application/flatgeobuf"),
        _format("dxf", "DXF（CAD）", "DXF (CAD)", ".dxf", "image/vnd.dxf", system="gk3"),
        _format(
            "xlsx",
            "Excel 表",
            "Excel workbook",
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        _format("csv", "CSV", "CSV", ".csv", "text/csv; charset=utf-8"),
        _format(
            "boundary-points",
            "界址点 TXT",
            "Boundary-point text",
            ".txt",
            "text/plain; charset=utf-8",
            system="gk3-zone",
        ),
    )
}
"""Every format by its id."""


def require_format(name: str | None, path: Path | None = None) -> Format:
    """Return the format that is named, else that of the path's suffix; raises `ExportError`.

    A name is taken with and without its dot, small or large, and a suffix does for a name.
    """
    asked = (path.suffix if path is not None else "") if name is None else name
    key = asked.strip().lower()
    if key == ".shp" and name is None:
        raise ExportError(
            f"a Shapefile is several files, which go into one zip; name {path}.zip",
            f"Shapefile 由多个文件组成，导出为一个 zip；请把文件名写成 {path}.zip",
        )
    for one in FORMATS.values():
        if key.removeprefix(".") in {one.id, *(suffix[1:] for suffix in one.suffixes)}:
            return one
    names = list(FORMATS)
    raise ExportError(
        f"{asked!r} is no format that is written; name one of {', '.join(names)} with --format, or "
        "a file with its suffix, for instance zones.gpkg",
        f"{asked!r} 不是可写的格式；请用 --format 指明 {'、'.join(names)} 之一，"
        "或写出带后缀的文件名，例如 zones.gpkg",
    )
