"""Drawings that were exported here come back as features, also after a hand in CAD."""

from __future__ import annotations

from pathlib import Path

import shapely
from brought_files import DXF

from layers.importers.drawings import is_ours
from layers.importers.reading import read_source

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
HOLE = [(2, 2), (4, 2), (4, 4), (2, 4)]
FAR = [(20, 0), (30, 0), (30, 10), (20, 10)]


def data(**values: object) -> str:
    """Extended data of our application, after those of another one."""
    strings = "".join(f"1000\n{name}={value}\n" for name, value in values.items())
    return f"1001\nOTHER\n1000\nid=wrong\n1001\nOUZHI\n{strings}"


def outline(corners: list[tuple[int, int]], extra: str = "", *, closed: bool = True) -> str:
    """A polyline as R12 draws it."""
    vertices = "".join(f"0\nVERTEX\n8\nzones\n10\n{x}.0\n20\n{y}.0\n" for x, y in corners)
    head = f"0\nPOLYLINE\n8\nzones\n66\n1\n10\n0.0\n20\n0.0\n30\n0.0\n70\n{int(closed)}\n"
    return f"{head}{extra}{vertices}0\nSEQEND\n8\nzones\n"


def text(words: str, extra: str = "") -> str:
    """A text in the drawing."""
    return f"0\nTEXT\n8\nzones_id\n10\n1.0\n20\n1.0\n40\n1.0\n1\n{words}\n{extra}"


def drawing(path: Path, *entities: str) -> Path:
    """A drawing of these entities in GBK."""
    head = (
        "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1009\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n"
    )
    body = f"0\nSECTION\n2\nENTITIES\n{''.join(entities)}0\nENDSEC\n0\nEOF\n"
    path.write_bytes((head + body).encode("gb18030"))
    return path


def test_outlines_of_one_feature_come_together_with_holes_and_parts(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline(SQUARE, data(part=0, ring=0, id="z1", name_zh="甲", area_mu="1.5")),
        outline(HOLE, data(part=0, ring=1, id="z1", name_zh="甲", area_mu="1.5")),
        outline(FAR, data(part=1, ring=0, id="z1", name_zh="甲", area_mu="1.5")),
        text("z1", data(label_of="z1")),
        outline(
            FAR,
            data(part=0, ring=0, id="z2", name_zh="\\U+D83D\\U+DE00\\U+005CU+", line_class="一级"),
        ),
    )
    assert is_ours(path)
    table = read_source(path)
    assert table.columns.to_dict("list") == {
        "id": ["z1", "z2"],
        "name_zh": ["甲", "😀\\U+"],
        "area_mu": ["1.5", None],
        "line_class": [None, "一级"],
    }
    assert table.crs is None
    assert table.geometry is not None
    expected = shapely.MultiPolygon([shapely.Polygon(SQUARE, [HOLE]), shapely.Polygon(FAR)])
    assert shapely.equals(table.geometry[0], expected)
    assert shapely.equals(table.geometry[1], shapely.Polygon(FAR))
    assert [note.zh for note in table.notes] == ["DXF 由瓯址导出：按扩展数据还原为 2 个要素"]


def test_copies_and_new_outlines_are_rows_of_their_own(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline(SQUARE, data(part=0, ring=0, id="z1")),
        outline(FAR, data(part=0, ring=0, id="z1")),
        outline(HOLE),
        text("a remark"),
    )
    table = read_source(path)
    assert table.columns["id"].tolist() == ["z1", "z1", None]
    assert table.geometry is not None
    assert [shape.area for shape in table.geometry] == [100.0, 100.0, 4.0]
    assert table.notes[1].en == "1 texts without values were left out"


def test_points_and_lines_keep_their_values(tmp_path: Path) -> None:
    point = f"0\nPOINT\n8\ntowns\n10\n1.0\n20\n2.0\n30\n3.0\n{data(part=0, id='t1')}"
    path = drawing(
        tmp_path / "a.dxf",
        point,
        outline(SQUARE[:2], data(part=0, id="r1"), closed=False),
        outline(FAR[:2], data(part=1, id="r1"), closed=False),
    )
    table = read_source(path)
    assert table.columns["id"].tolist() == ["t1", "r1"]
    assert table.geometry is not None
    assert [shapely.to_wkt(shape, trim=True) for shape in table.geometry] == [
        "POINT (1 2)",
        "MULTILINESTRING ((0 0, 10 0), (20 0, 30 0))",
    ]


def test_a_layer_of_our_drawing_and_a_drawing_of_others_stay_as_drawn(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", outline(SQUARE, data(part=0, ring=0, id="z1")))
    assert read_source(path, layer="zones").columns["Layer"].tolist() == ["zones"]
    other = tmp_path / "b.dxf"
    other.write_bytes(DXF.encode("gb18030"))
    assert not is_ours(other)
