"""Boundary points: the plane from the head, rings into parts and holes, and every fault."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.datums import read_as
from layers.errors import ImportFileError
from layers.importers.boundary_points import read_boundary_points
from layers.importers.source import SourceTable

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生单位=温州市自然资源和规划局
数据产生日期=2023-01-01
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
LINE = len(HEAD.splitlines()) + 1
Corner = tuple[float, float]


def ring(
    number: int, corners: list[Corner], *, east_m: float = 40_000_000.0, first: int = 1
) -> str:
    """Lines of a ring of east, north corners, closed."""
    named = [(f"J{first + k}", *corner) for k, corner in enumerate(corners)]
    return "".join(
        f"{point},{number},{north:.3f},{east + east_m:.3f}\n"
        for point, east, north in [*named, named[0]]
    )


def box(east: float, north: float, size: float) -> list[Corner]:
    return [
        (east, north),
        (east, north + size),
        (east + size, north + size),
        (east + size, north),
    ]


SQUARE = box(568_000.0, 3_097_000.0, 1000.0)
PARCEL = "5,100.0000,z1,滨海，甲,面,H51,工业用地,1001,@\n" + ring(1, SQUARE)


def read(path: Path, text: str, encoding: str = "utf-8") -> SourceTable:
    path.write_bytes(text.encode(encoding))
    return read_boundary_points(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "points.txt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_parcel_is_read_whole(file: Path, encoding: str) -> None:
    table = read(file, "说明\n" + HEAD + PARCEL, encoding)
    assert table.crs == "EPSG:4528"
    assert not table.north_first
    assert table.faults == ()
    assert table.rows == (str(LINE + 1),)
    assert table.columns.iloc[0].to_dict() == {
        "地块编号": "z1",
        "地块名称": "滨海，甲",
        "地块面积（公顷）": 100.0,
        "图幅号": "H51",
        "地块用途": "工业用地",
        "地类编码": "1001",
    }
    assert table.geometry is not None
    assert shapely.get_coordinates(table.geometry[0])[0].tolist() == [40_568_000.0, 3_097_000.0]
    assert table.geometry[0].area == 1e6
    assert len(table.notes) == (encoding == "gbk")


def test_the_known_point_is_where_it_is(file: Path) -> None:
    """City hall of Wenzhou: 120.699 E, 27.994 N is N 3097973.7, E 568759.7 in zone 40."""
    corners = [(568_759.7, 3_097_973.7), (568_759.7, 3_098_000.0), (568_800.0, 3_097_973.7)]
    table = read(file, HEAD + "4,0.0530,a,b,面,,,,@\n" + ring(1, corners))
    assert table.geometry is not None
    assert table.crs is not None
    (placed,) = read_as(table.geometry, table.crs)
    assert shapely.get_coordinates(placed)[0] == pytest.approx([120.699, 27.994], abs=1e-6)


@pytest.mark.parametrize(
    ("head", "east_m", "crs"),
    [
        ({}, 40e6, "EPSG:4528"),
        ({}, 0.0, "EPSG:4549"),
        ({"带号=40": "带号="}, 40e6, "EPSG:4528"),
        ({"带号=40": "中央子午线=120"}, 0.0, "EPSG:4549"),
        ({"几度分带=3": "几度分带=6", "带号=40": "带号=21"}, 21e6, "EPSG:4499"),
        ({"几度分带=3": "几度分带=6", "带号=40": "带号=21"}, 0.0, "EPSG:4510"),
        ({"几度分带=3\n": "", "带号=40": "带号="}, 21e6, "EPSG:4499"),
        ({"坐标系=2000国家大地坐标系": "坐标系=CGCS2000"}, 40e6, "EPSG:4528"),
        ({"带号=40": "带号="}, 0.0, None),
    ],
)
def test_the_plane_follows_from_head_and_numbers(
    file: Path, head: dict[str, str], east_m: float, crs: str | None
) -> None:
    text = HEAD
    for old, new in head.items():
        assert old in text
        text = text.replace(old, new)
    # 6-degree zones 21 (123 E): the numbers only have to be some easting
    table = read(file, text + "5,,z1,甲,面,,,,@\n" + ring(1, SQUARE, east_m=east_m))
    assert table.crs == crs
    assert table.faults == ()
    assert ["--crs" in note.of("zh") for note in table.notes] == ([] if crs else [True])


def test_parcels_of_two_zones_are_read_by_their_numbers(file: Path) -> None:
    other = ring(1, box(430_000.0, 3_097_000.0, 100.0), east_m=41e6)
    table = read(file, HEAD + PARCEL + "5,1.0,z2,乙,面,,,,@\n" + other)
    assert table.crs == "gk3-zone"
    assert table.geometry is not None
    lon = [one.centroid.x for one in read_as(table.geometry, table.crs)]
    assert lon == pytest.approx([120.696, 122.29], abs=0.01)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("坐标系=1980西安坐标系", "Xi'an 1980"),
        ("坐标系=80西安坐标系", "Xi'an 1980"),
        ("坐标系=1954北京坐标系", "Beijing 1954"),
        ("坐标系=温州城市坐标系", "not a known datum"),
    ],
)
def test_other_systems_are_refused_in_the_words_of_the_datums(
    file: Path, line: str, said: str
) -> None:
    with pytest.raises(ImportFileError, match=said):
        read(file, HEAD.replace("坐标系=2000国家大地坐标系", line) + PARCEL)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("投影类型=高斯克吕格", "投影类型=UTM", "投影类型=UTM"),
        ("计量单位=米", "计量单位=度", "计量单位=度"),
        ("带号=40", "带号=51", "states zone 51"),
    ],
)
def test_heads_that_are_not_read_are_refused(file: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        read(file, HEAD.replace(old, new) + PARCEL)


def test_holes_islands_and_parts_are_told_by_what_they_lie_in(file: Path) -> None:
    rings = [
        box(568_300.0, 3_097_300.0, 200.0),  # a hole, before its outer ring
        SQUARE,
        box(568_350.0, 3_097_350.0, 50.0)[::-1],  # an island in the hole
        box(570_000.0, 3_097_000.0, 100.0),  # another part
        box(568_700.0, 3_097_700.0, 100.0),  # another hole
    ]
    lines = "".join(ring(k, one, first=4 * k - 3) for k, one in enumerate(rings, start=1))
    table = read(file, HEAD + "25,96.2500,z1,甲,面,,,,@\n" + lines)
    assert table.faults == ()
    assert table.notes == ()
    assert table.geometry is not None
    shape = table.geometry[0]
    assert shape.geom_type == "MultiPolygon"
    assert shape.is_valid
    assert shape.area == pytest.approx(1e6 - 4e4 + 2500 + 1e4 - 1e4)
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 0, 2]


def test_counts_may_leave_out_the_points_that_close_rings(file: Path) -> None:
    assert read(file, HEAD + PARCEL.replace("5,100", "4,100", 1)).faults == ()
    (fault,) = read(file, HEAD + PARCEL.replace("5,100", "7,100", 1)).faults
    assert (fault.row, fault.field, fault.value) == (str(LINE), "点数", "7")
    assert fault.expected == "5, the number of its point lines"


def test_every_fault_is_told_at_once(file: Path) -> None:
    lines = PARCEL.splitlines()
    lines[2] = "J2,1,NaN,1e300"
    lines[3] = "J3,1,3098000.000,1e400"
    lines[5] = "J1,1,3097000.000,40568000.500"
    text = HEAD + "\n".join(lines) + "\nwhat is this\n"
    table = read(file, text)
    told = [(fault.row, fault.field) for fault in table.faults]
    assert (str(LINE + 2), "X") in told
    assert (str(LINE + 2), "Y") in told
    assert (str(LINE + 3), "Y") in told
    assert (str(LINE + 6), None) in told
    assert (str(LINE + 5), "圈号") in told
    assert (str(LINE + 5), "点号") in told
    closing = next(fault for fault in table.faults if fault.field == "圈号")
    assert "0.500 m apart" in closing.expected
    assert "相距 0.500 米" in closing.expected_zh


def test_a_repeated_number_is_a_fault_within_its_ring_only(file: Path) -> None:
    (fault,) = read(file, HEAD + PARCEL.replace("J3,1", "J2,1")).faults
    assert (fault.row, fault.field, fault.value) == (str(LINE + 3), "点号", "J2")
    hole = ring(2, box(568_300.0, 3_097_300.0, 200.0), first=1)
    assert read(file, HEAD + PARCEL.replace("5,100", "10,96", 1) + hole).faults == ()


def test_a_ring_of_two_points_is_a_fault(file: Path) -> None:
    table = read(file, HEAD + "3,0,z1,甲,面,,,,@\n" + ring(1, SQUARE[:2]))
    (fault,) = table.faults
    assert "three different points" in fault.expected
    assert table.geometry is not None
    assert table.geometry[0] is None


def test_swapped_axes_and_other_zones_are_faults(file: Path) -> None:
    turned = [(north, east + 40e6) for east, north in SQUARE]
    table = read(file, HEAD + "5,100,z1,甲,面,,,,@\n" + ring(1, turned, east_m=0.0))
    assert [fault.field for fault in table.faults] == ["X, Y"]
    assert "swap the two columns" in table.faults[0].expected
    table = read(file, HEAD.replace("带号=40", "带号=39") + PARCEL)
    assert [(fault.field, fault.value) for fault in table.faults] == [("带号", "40")]
    table = read(file, HEAD + "5,100,z1,甲,面,,,,@\n" + ring(1, SQUARE, east_m=2e6))
    assert [fault.field for fault in table.faults] == ["Y"]


def test_lines_are_no_polygons(file: Path) -> None:
    (fault,) = read(file, HEAD + PARCEL.replace(",面,", ",线,")).faults
    assert (fault.field, fault.value) == ("图形属性", "线")


def test_a_stated_area_is_held_against_both_measures(file: Path) -> None:
    assert read(file, HEAD + PARCEL.replace("100.0000", "100.9")).notes == ()
    (note,) = read(file, HEAD + PARCEL.replace("100.0000", "102.0000")).notes
    assert "parcel z1 states 102.0000 ha" in note.of("en")
    assert "100.0000 ha in the plane" in note.of("en")
    assert "超过 1%" in note.of("zh")
    (fault,) = read(file, HEAD + PARCEL.replace("100.0000", "百亩")).faults
    assert (fault.row, fault.field, fault.value) == (str(LINE), "地块面积（公顷）", "百亩")
    many = "".join(PARCEL.replace("100.0000", "1500.0") for _ in range(7))
    assert [note.of("en") for note in read(file, HEAD + many).notes][-1].startswith("2 more")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,a\n1,2\n", "no section"),
        (HEAD, "no parcel"),
        ("[地块坐标]\n", "no parcel"),
    ],
)
def test_what_is_no_such_text_is_refused(file: Path, text: str, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        read(file, text)


def test_without_a_head_the_numbers_decide(file: Path) -> None:
    table = read(file, "[地块坐标]\n" + PARCEL)
    assert table.crs == "EPSG:4528"
    assert np.isfinite(shapely.area(table.geometry)).all()


@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(list("0,.@-[]\nJ面，e"))), max_size=6)
)
def test_no_slip_of_the_pen_breaks_the_reader(slips: list[tuple[int, str]]) -> None:
    letters = list(HEAD + PARCEL + PARCEL)
    for place, letter in slips:
        letters[place % len(letters)] = letter
    with tempfile.TemporaryDirectory() as folder:
        try:
            table = read(Path(folder) / "points.txt", "".join(letters))
        except ImportFileError as error:
            assert error.of("zh") != error.of("en")
        else:
            assert table.geometry is not None
            assert len(table) == len(table.columns) == len(table.geometry)
