"""The formats that are read, by what they are called; and how a file is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from geo.sentence import Sentence
from layers.errors import ImportFileError

FormatId = Literal[
    "geopackage",
    "geojson",
    "shapefile",
    "kml",
    "flatgeobuf",
    "geoparquet",
    "dxf",
    "filegdb",
    "csv",
    "xlsx",
    "boundary-points",
]
FORMATS: tuple[FormatId, ...] = get_args(FormatId)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its title, the endings its files have, and the GDAL driver that reads it."""

    title: Sentence
    suffixes: tuple[str, ...]
    driver: str | None = None


def _named(name: str, *suffixes: str, driver: str | None = None) -> Format:
    return Format(Sentence(name, name), suffixes, driver)


BY_ID: dict[FormatId, Format] = {
    "geopackage": _named("GeoPackage", ".gpkg", driver="GPKG"),
    "geojson": _named("GeoJSON", ".geojson", ".json"),
    "shapefile": _named("Shapefile", ".shp", driver="ESRI Shapefile"),
    "kml": _named("KML", ".kml"),
    "flatgeobuf": _named("FlatGeobuf", ".fgb", driver="FlatGeobuf"),
    "geoparquet": _named("GeoParquet", ".parquet", ".geoparquet"),
    "dxf": _named("DXF", ".dxf", driver="DXF"),
    "filegdb": Format(
        Sentence("文件地理数据库", "file geodatabase"), (".gdb",), driver="OpenFileGDB"
    ),
    "csv": _named("CSV", ".csv", ".tsv", ".txt"),
    "xlsx": _named("XLSX", ".xlsx", ".xlsm"),
    "boundary-points": Format(Sentence("界址点 TXT", "boundary-point TXT"), (".txt",)),
}

READ = Sentence(
    "可读取 GeoPackage、GeoJSON、Shapefile（打包为 ZIP）、KML、KMZ、FlatGeobuf、GeoParquet、DXF、"
    "文件地理数据库（打包为 ZIP）、CSV、XLSX 和界址点 TXT",
    "what is read: GeoPackage, GeoJSON, Shapefile (zipped), KML, KMZ, FlatGeobuf, GeoParquet, DXF, "
    "file geodatabase (zipped), CSV, XLSX and boundary-point TXT",
)


ANOTHER = Sentence(
    f"请另存为可读取的格式后重试（{READ.zh}）",
    f"save it in one of the formats and try again ({READ.en})",
)
ANEW = Sentence("请重新保存后重试", "save it anew and try again")


def refusal(found: Sentence, todo: Sentence = ANEW) -> ImportFileError:
    """The error for a file that is not read: `found` continues "the file …", then what to do."""
    return ImportFileError(f"the file {found.en}; {todo.en}", f"该文件{found.zh}；{todo.zh}")


def title_of(format_id: str) -> Sentence:
    """The title of a format."""
    known = next((f for f in FORMATS if f == format_id), None)
    return Sentence(format_id, format_id) if known is None else BY_ID[known].title
