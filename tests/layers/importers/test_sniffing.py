"""What a file is, its content decides; what it is called only tells tables of text apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from brought_files import DXF, kml, vrt

from layers.errors import ImportFileError
from layers.importers.sniffing import decoded, sniff

COLLECTION = b'{"type": "FeatureCollection", "features": []}'


def sniffed(tmp_path: Path, data: bytes, name: str) -> str:
    """What a file with this content is, whatever its path."""
    path = tmp_path / "source"
    path.write_bytes(data)
    return sniff(path, name)


@pytest.mark.parametrize(
    ("data", "name", "format_id"),
    [
        (COLLECTION, "a.geojson", "geojson"),
        (COLLECTION, "a.csv", "geojson"),
        (b"\xef\xbb\xbf \n" + COLLECTION, "a", "geojson"),
        (COLLECTION.decode().encode("utf-16"), "a.json", "geojson"),
        (kml().encode(), "a.txt", "kml"),
        (DXF.encode("gbk"), "a.dxf", "dxf"),
        (b"999\r\nmade by\r\n  0\r\nSECTION\r\n", "a.txt", "dxf"),
        (b"PK\x03\x04....", "a.geojson", "zip"),
        (b"SQLite format 3\0....", "a.txt", "geopackage"),
        (b"fgb\x03fgb\x00", "a.fgb", "flatgeobuf"),
        (b"PAR1....", "a.csv", "geoparquet"),
        (b"\x00\x00\x27\x0a" + b"\0" * 100, "a.shp", "shapefile"),
        ("名称,经度\n甲,120".encode("gbk"), "a.csv", "csv"),
        ("名称\t经度\n甲\t120".encode("utf-16"), "a.txt", "csv"),
        ("[属性描述]\n格式版本号=1.01\n[地块坐标]\n".encode("gbk"), "a.txt", "boundary-points"),
        ("名称,经度\n".encode() + "甲,120\n".encode() * 9_000, "a.csv", "csv"),
        ("甲".encode() * 40_000, "a.csv", "csv"),
    ],
)
def test_the_format_is_that_of_the_content(
    tmp_path: Path, data: bytes, name: str, format_id: str
) -> None:
    assert sniffed(tmp_path, data, name) == format_id


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.gpkg", "is empty"),
        (b"\0" * 100, "a.gpkg", "is empty"),
        (vrt("/etc/passwd").encode(), "a.geojson", r"XML with the root <OGRVRTDataSource>"),
        (b"<wfs:FeatureCollection xmlns:wfs='w'/>", "a.kml", r"the root <FeatureCollection>"),
        (b"<a", "a.kml", "not well-formed XML"),
        (b"<!DOCTYPE kml SYSTEM 'http://127.0.0.1/'><kml/>", "a.kml", "DOCTYPE or ENTITY"),
        (b"<!-- " + b"x" * 99_999 + b" --><!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>", "a", "DOCTYPE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "an old .xls or an encrypted"),
        (b"AC1032", "a.dwg", "is a DWG drawing"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "a.dxf", "a binary DXF"),
        (b"Rar!\x1a\x07", "a.zip", "is a RAR archive"),
        (b"\x1f\x8b\x08", "a.geojson", "is a gzip archive"),
        (b"%PDF-1.7", "a.pdf", "is a PDF"),
        (b"II*\0", "a.tif", "is a TIFF raster"),
        (b'{"type": "Topology", "objects": {}}', "a.json", "is TopoJSON"),
        (b'{"geometryType": "esriGeometryPolygon", "features": []}', "a.json", "is Esri JSON"),
        (b'{"a": 1}', "a.geojson", "is JSON but not GeoJSON"),
        (b"a,b\n1,2\n", "a.gpkg", "is named .gpkg but its content is not GeoPackage"),
        (b"a,b\n1,2\n", "a.bin", "is of an unknown format"),
        (b"a\x00\x01\x02", "a.csv", "is of an unknown format"),
        (b"a,\xff\xff\n", "a.csv", "neither in UTF-8 nor in GB18030"),
    ],
)
def test_other_content_is_refused_in_one_sentence(
    tmp_path: Path, data: bytes, name: str, said: str
) -> None:
    with pytest.raises(ImportFileError, match=said) as refused:
        sniffed(tmp_path, data, name)
    assert refused.value.of("zh").startswith("该文件")


def test_the_formats_that_are_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="what is read: GeoPackage, GeoJSON, Shapefile") as no:
        sniffed(tmp_path, b"AC1032", "a.dwg")
    assert "界址点 TXT" in no.value.of("zh")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_decoded_by_its_mark_or_its_letters(encoding: str) -> None:
    assert decoded("温州，€".encode(encoding))[0] == "温州，€"
