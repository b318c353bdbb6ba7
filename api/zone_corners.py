"""Corners of zones as the coordinate text (界址点 TXT) that land authorities exchange; a sketch.

The layout is that of the authorities' exchange text: `[属性描述]`, `[地块坐标]`, a line a parcel,
then its corners as number, ring, X (north), Y (east with the number of its 3-degree zone), each
ring closed by its first corner once more. The count in a parcel's line is that of its lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from api.documents.values import Document
from api.reports.files import write_files
from geo.errors import ScenarioError
from geo.sentence import Lang, Sentence
from layers.clock import time_of, utc_now

SKETCH_LINE = "示意，不是界址：未经实地勘界，不得作为用地依据 / A sketch, no survey"
_WRITTEN = Sentence("界址点（示意）已写入 {}", "Corners, a sketch, were written to {}")
_DIGITS = 3
_PLANE_ZONE = 1_000_000


def require_sketch(corners: object, *, sketch: bool) -> None:
    """Raise `ScenarioError` where corners are to be written and no sketch was asked for."""
    if corners is not None and not sketch:
        raise ScenarioError(
            "corners come only as a sketch; add --sketch",
            "界址点只能作为示意导出；请加上 --sketch",
        )


def write_corners(document: Document, path: Path, lang: Lang) -> None:
    """Write the corners of a document's zone, and of the others of its group, and say so on stderr.

    Raises `WorkspaceError` where the file cannot be written.
    """
    day = time_of(utc_now)[: len("2023-01-01")]
    text = corner_text(document["title"], [document, *document["further"]], day=day)
    write_files({path: text})
    print(_WRITTEN.of(lang).format(path), file=sys.stderr)


def corner_text(title: str, zones: Iterable[Document], *, day: str) -> str:
    """The text of zones (documents with `corners`), marked as a sketch in its first line.

    `day` is the day on which it is made. Zones without an area are left out.
    """
    drawn = [one for one in zones if one["corners"]]
    parcels = [_parcel(title, number, one) for number, one in enumerate(drawn, start=1)]
    zone = f"{int(drawn[0]['corners'][0]['east_m'] // _PLANE_ZONE)}" if drawn else ""
    described = {
        "格式版本号": "1.01版本",
        "数据产生单位": "瓯址 Ouzhi（示意）",
        "数据产生日期": day,
        "坐标系": "2000国家大地坐标系",
        "几度分带": "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": zone,
        "精度": "0.001",
        "转换参数": ",,,,,,",
    }
    head = [f"{name}={value}" for name, value in described.items()]
    lines = [SKETCH_LINE, "[属性描述]", *head, "[地块坐标]", *parcels]
    return "\n".join(lines) + "\n"


def _parcel(title: str, number: int, zone: Document) -> str:
    """A parcel's line and those of its corners, rings closed."""
    rows = []
    for _, ring in groupby(zone["corners"], key=lambda one: one["ring"]):
        corners = list(ring)
        rows += [_corner(one) for one in (*corners, corners[0])]
    name = title.replace(",", "，")
    area = f"{zone['area_ha']:.4f}"
    return "\n".join([f"{len(rows)},{area},{number},{name}（示意）{number},面,,,,@", *rows])


def _corner(corner: Document) -> str:
    north, east = corner["north_m"], corner["east_m"]
    return f"{corner['point']},{corner['ring']},{north:.{_DIGITS}f},{east:.{_DIGITS}f}"
