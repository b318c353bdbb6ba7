"""ZIPs are walked, never unpacked as they say: bombs, slips, links, passwords, archives within."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from brought_files import kml, zipped, zipped_in_gbk

from layers.errors import ImportFileError
from layers.importers.archives import Dataset, open_archive
from layers.importers.limits import LIMITS, Limits


def opened(path: Path, folder: Path, limits: Limits = LIMITS) -> list[Dataset]:
    """Open an archive with a working folder of its own, which must hold nothing unasked."""
    folder.mkdir(exist_ok=True)
    return open_archive(path, path.name, folder, limits)


@pytest.mark.parametrize(
    "name",
    [
        "../a.kml",
        "x/../../a.kml",
        "/etc/a.kml",
        "\\\\host\\a.kml",
        "..\\a.kml",
        "C:a.kml",
        "c:/a.kml",
    ],
)
def test_a_member_that_leaves_the_archive_refuses_it(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {"a.kml": kml(), name: "x"})
    with pytest.raises(ImportFileError, match="points outside of it") as refused:
        opened(path, tmp_path / "work")
    assert "指向压缩包之外" in refused.value.of("zh")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_member_name_with_a_nul_refuses_it(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.kml?.png": "x"})
    path.write_bytes(path.read_bytes().replace(b"a.kml?.png", b"a.kml\0.png"))
    with pytest.raises(ImportFileError, match="points outside of it"):
        opened(path, tmp_path / "work")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_special_files_refuse_it(tmp_path: Path, kind: int) -> None:
    link = zipfile.ZipInfo("a.dbf")
    link.external_attr = (kind | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"x")
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ImportFileError, match=r'a link or special file "a.dbf"'):
        opened(path, tmp_path / "work")


def test_a_bomb_is_refused_by_its_ratio_size_or_number(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.geojson": b"[" * (40 << 20)})
    with pytest.raises(ImportFileError, match="times its size \\(like a bomb\\)") as refused:
        opened(path, tmp_path / "work")
    assert "疑为压缩炸弹" in refused.value.of("zh")
    with pytest.raises(ImportFileError, match=r"unpacks to 0.0 GB"):
        opened(path, tmp_path / "work", Limits(unpacked_bytes=1000))
    many = zipped(tmp_path / "b.zip", {f"{index}.kml": "" for index in range(11)})
    with pytest.raises(ImportFileError, match="of 11 members, of which 10 are allowed"):
        opened(many, tmp_path / "work", Limits(members=10))


def test_a_member_that_understates_its_size_gives_no_byte_more(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.kml": b" " * 5_000_000})
    stated = (5_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(stated, (10).to_bytes(4, "little")))
    with pytest.raises(ImportFileError, match="is a damaged ZIP"):
        opened(path, tmp_path / "work")
    assert all(file.stat().st_size <= 10 for file in (tmp_path / "work").iterdir())


def test_an_archive_within_is_never_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.kml": kml()})
    path = zipped(tmp_path / "a.zip", {"inner.zip": inner.read_bytes()})
    with pytest.raises(ImportFileError, match="holds another archive; unpack the inner one first"):
        opened(path, tmp_path / "work")
    named = zipped(tmp_path / "b.zip", {"a.geojson": inner.read_bytes()})
    with pytest.raises(ImportFileError, match="is a ZIP inside a ZIP"):
        opened(named, tmp_path / "work")


def test_an_encrypted_or_damaged_or_doubled_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.kml": kml()})
    whole = path.read_bytes()
    at = whole.rfind(b"PK\x01\x02")
    path.write_bytes(whole[: at + 8] + b"\x01" + whole[at + 9 :])
    with pytest.raises(ImportFileError, match="encrypted ZIP \\(take the password off\\)"):
        opened(path, tmp_path / "work")
    path.write_bytes(whole[:-40])
    with pytest.raises(ImportFileError, match="is a damaged ZIP"):
        opened(path, tmp_path / "work")
    doubled = zipped(tmp_path / "b.zip", {"a.kml": kml(), "A.KML": kml()})
    with pytest.raises(ImportFileError, match=r'two members "A.KML"'):
        opened(doubled, tmp_path / "work")


def test_what_is_in_it_decides_and_the_rest_stays_packed(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "说明.txt": "看我",
        "图.png": b"x",
        "__MACOSX/._a.kml": b"x",
        "a/一.geojson": '{"type": "FeatureCollection", "features": []}',
    }
    (only,) = opened(zipped(tmp_path / "a.zip", members), tmp_path / "work")
    assert (only.format_id, only.name) == ("geojson", "一")
    assert [file.name for file in (tmp_path / "work").iterdir()] == ["single0"]
    with pytest.raises(ImportFileError, match="with nothing in it that is read"):
        opened(zipped(tmp_path / "b.zip", {"图.png": b"x"}), tmp_path / "other")


def test_names_in_gbk_are_read(tmp_path: Path) -> None:
    path = zipped_in_gbk(tmp_path / "a.zip", {"温州/龙湾.shp": b"x", "温州/龙湾.dbf": b"y"})
    (only,) = opened(path, tmp_path / "work")
    assert only.name == "龙湾"
    placed = only.place()
    assert placed == tmp_path / "work" / "table0.shp"
    assert placed.with_suffix(".dbf").read_bytes() == b"y"


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'
    members = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
    (only,) = opened(zipped(tmp_path / "a.xlsx", dict(members)), tmp_path / "work")
    assert (only.format_id, only.place()) == ("xlsx", tmp_path / "a.xlsx")
    hostile = zipped(tmp_path / "b.xlsx", members | {"xl/sharedStrings.xml": bomb})
    with pytest.raises(ImportFileError, match="DOCTYPE or ENTITY"):
        opened(hostile, tmp_path / "work")
