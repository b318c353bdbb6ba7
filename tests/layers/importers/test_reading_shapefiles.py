"""Shapefiles: zipped or with their parts beside them, in any letters, with or without a system."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from brought_files import BOX, shapefile, zipped, zipped_in_gbk

from layers.errors import ImportFileError
from layers.importers.dbase import attribute_encoding, deleted_rows
from layers.importers.findings import Findings
from layers.importers.reading import list_tables, read_source


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_attributes_without_a_declaration_are_read_in_their_letters(
    tmp_path: Path, encoding: str
) -> None:
    parts = shapefile(tmp_path / "made", encoding=encoding)
    table = read_source(zipped(tmp_path / "a.zip", {f"x/地块{s}": d for s, d in parts.items()}))
    assert (table.name, table.format, table.crs) == ("地块", "shapefile", "EPSG:4490")
    assert table.columns.to_dict("list") == {"名称": ["鹿城区甲", "乙"], "v": [1, 2]}
    assert list(table.rows) == ["1", "2"]
    assert table.geometry is not None
    assert all(shapely.equals(table.geometry, BOX))
    told = [note.zh for note in table.notes]
    assert told == (["没有 .cpg，属性文字按 GB18030 读取"] if encoding == "GBK" else [])


def test_a_zip_with_names_in_gbk_lists_its_layers(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "made")
    members = {f"温州/{name}{s}": data for name in ("宗地", "道路") for s, data in parts.items()}
    path = zipped_in_gbk(tmp_path / "a.zip", members)
    assert list_tables(path) == ("宗地", "道路")
    with pytest.raises(
        ImportFileError, match="2 layers or sheets; name the one to read: 宗地, 道路"
    ):
        read_source(path)
    table = read_source(path, layer="道路")
    assert table.name == "道路"
    assert table.columns["名称"].tolist() == ["鹿城区甲", "乙"]


def test_a_shp_brings_its_parts_and_asks_without_a_prj(tmp_path: Path) -> None:
    shapefile(tmp_path / "made")
    (tmp_path / "made" / "地块.prj").unlink()
    (tmp_path / "made" / "地块.shx").unlink()
    table = read_source(tmp_path / "made" / "地块.shp")
    assert (table.name, table.crs) == ("地块", None)
    assert table.geometry is not None
    assert all(shapely.equals(table.geometry, BOX))


def test_a_wrong_declaration_of_letters_is_told(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "made") | {".cpg": b"UTF-8"}
    table = read_source(zipped(tmp_path / "a.zip", {f"a{s}": d for s, d in parts.items()}))
    assert table.columns["名称"].tolist() == ["鹿城区甲", "乙"]
    assert "the .cpg says UTF-8 but the attributes can only be read as GB18030" in table.notes[0].en


@pytest.mark.parametrize(
    ("declared", "text", "encoding"),
    [
        (b"GBK", "温州".encode("gbk"), "GB18030"),
        (b" OEM 936 ", "温州".encode("gbk"), "GB18030"),
        (b"936", "温州".encode("gbk"), "GB18030"),
        (b"UTF-8", "温州".encode(), "UTF-8"),
        (b"1252", "é".encode("cp1252"), "CP1252"),
        (b"ISO-8859-1", b"\xe9", "ISO-8859-1"),
        (None, "温州".encode()[:-1], "UTF-8"),
        (None, "温州".encode("gbk")[:-1], "GB18030"),
        (None, b"plain", "UTF-8"),
        (None, b"\xff\xff\xff", "ISO-8859-1"),
    ],
)
def test_the_letters_of_a_dbf(
    tmp_path: Path, declared: bytes | None, text: bytes, encoding: str
) -> None:
    frame = gpd.GeoDataFrame({"t": ["a" * len(text)]}, geometry=[BOX], crs=4490)
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.cpg").unlink()
    dbf = tmp_path / "a.dbf"
    dbf.write_bytes(dbf.read_bytes().replace(b"a" * len(text), text))
    if declared is not None:
        (tmp_path / "a.cpg").write_bytes(declared)
    findings = Findings(10)
    assert attribute_encoding(tmp_path / "a.shp", findings) == encoding
    garbled = any("乱码" in note.zh for note in findings.notes())
    assert garbled == (text == b"\xff\xff\xff")


def test_rows_marked_as_deleted_are_not_missed(tmp_path: Path) -> None:
    shapefile(tmp_path / "made")
    dbf = tmp_path / "made" / "地块.dbf"
    data = bytearray(dbf.read_bytes())
    data[int.from_bytes(data[8:10], "little")] = ord("*")
    dbf.write_bytes(data)
    assert deleted_rows(tmp_path / "made" / "地块.shp") == 1
    assert read_source(tmp_path / "made" / "地块.shp").columns["v"].tolist() == [2]


def test_a_shp_alone_and_one_without_attributes_say_what_to_zip(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "made")
    (tmp_path / "upload").write_bytes(parts[".shp"])
    with pytest.raises(ImportFileError, match=r"only the \.shp is here: put \.shp, \.shx, \.dbf"):
        read_source(tmp_path / "upload", filename="地块.shp")
    without = {f"a{s}": data for s, data in parts.items() if s != ".dbf"}
    with pytest.raises(ImportFileError, match=r"has no \.dbf") as refused:
        read_source(zipped(tmp_path / "a.zip", without))
    assert "请将 .shp、.shx、.dbf、.prj、.cpg 放在一起" in refused.value.of("zh")


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
def test_a_shapefile_cut_short_is_refused_and_not_half_read(tmp_path: Path, suffix: str) -> None:
    parts = shapefile(tmp_path / "made")
    parts[suffix] = parts[suffix][:-20]
    with pytest.raises(ImportFileError, match=rf"cut short \(its \{suffix}\)") as refused:
        read_source(zipped(tmp_path / "a.zip", {f"a{s}": d for s, d in parts.items()}))
    assert "被截断的 Shapefile" in refused.value.of("zh")


def test_parts_of_different_exports_are_refused(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "made")
    frame = gpd.GeoDataFrame({"t": ["a"]}, geometry=[BOX], crs=4490)
    frame.to_file(tmp_path / "other.shp", engine="pyogrio")
    parts[".dbf"] = (tmp_path / "other.dbf").read_bytes()
    with pytest.raises(ImportFileError, match=r"2 shapes in the \.shx, 1 rows in the \.dbf"):
        read_source(zipped(tmp_path / "a.zip", {f"a{s}": d for s, d in parts.items()}))


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (
            "短名 short,字段 field,单位\nv,output_100m_yuan,亿元\n名称,name_zh,\n",
            ["name_zh", "output_100m_yuan"],
        ),
        ("\ufeff短名 short,字段 field\nv,output_100m_yuan\n", ["名称", "output_100m_yuan"]),
        ("短名 short,字段 field\nv,output_100m_yuan\nother,x\n", ["名称", "v"]),
        ("something else\nv,x\n", ["名称", "v"]),
        ("", ["名称", "v"]),
    ],
)
def test_our_own_table_of_names_gives_fields_their_full_names(
    tmp_path: Path, table: str, names: list[str]
) -> None:
    parts = shapefile(tmp_path / "made")
    members: dict[str, bytes | str] = {f"zones/zones{s}": data for s, data in parts.items()}
    path = zipped(
        tmp_path / "a.zip", {**members, "zones/字段对照.csv": table, "zones/说明.txt": "x"}
    )
    assert list(read_source(path).columns) == names
