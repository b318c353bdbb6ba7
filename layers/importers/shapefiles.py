"""Whether the parts of a Shapefile are all there, whole, and of one another."""

from __future__ import annotations

import csv
import io
import struct
from pathlib import Path

from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.formats import refusal

NAMES_TABLE = "字段对照.csv"
"""The table of short and full field names that our own export puts into the ZIP."""

NAMES_SUFFIX = ".names.csv"


def full_names(shp: Path) -> dict[str, str]:
    """Full field names by the ten letters that a .dbf holds, as the table beside it says.

    Empty without such a table, and for one that is not ours.
    """
    table = shp.with_suffix(NAMES_SUFFIX)
    if not table.exists():
        return {}
    text = table.read_bytes().decode("utf-8-sig", "replace")
    head, *rows = csv.reader(io.StringIO(text)) if text.strip() else [[]]
    if not head or not head[0].startswith("短名"):
        return {}
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[0] and row[1]}


def require_whole(shp: Path) -> None:
    """Raise `ImportFileError` where the .dbf is missing, a part is cut short, or rows differ.

    GDAL reads what is left of a Shapefile that is cut, and gives the other rows without geometry.
    """
    dbf = shp.with_suffix(".dbf")
    if not dbf.exists():
        raise ImportFileError(
            "the Shapefile has no .dbf with its attributes: put .shp, .shx, .dbf, .prj and .cpg "
            "together and bring them in again",
            "Shapefile 缺少存放属性的 .dbf：请将 .shp、.shx、.dbf、.prj、.cpg 放在一起重新导入",
        )
    for part in (shp, shp.with_suffix(".shx")):
        if part.exists() and part.stat().st_size < _stated_size(part):
            raise _cut(part.suffix)
    rows, start, width = _table(dbf)
    if dbf.stat().st_size < start + rows * width:
        raise _cut(".dbf")
    index = shp.with_suffix(".shx")
    shapes = (index.stat().st_size - 100) // 8 if index.exists() else rows
    if shapes != rows:
        raise refusal(
            Sentence(
                f"是图形与属性不配套的 Shapefile：.shx 有 {shapes} 个图形，.dbf 有 {rows} 行",
                f"is a Shapefile whose parts differ: {shapes} shapes in the .shx, {rows} rows in "
                "the .dbf",
            ),
            Sentence("请将同一次导出的各文件一起打包", "zip the parts of one export together"),
        )


def _stated_size(part: Path) -> int:
    """The bytes that the header of a .shp or .shx says it has; it counts 16-bit words."""
    with part.open("rb") as file:
        head = file.read(28)
    return 2 * int(struct.unpack_from(">I", head, 24)[0]) if len(head) == 28 else 100


def _table(dbf: Path) -> tuple[int, int, int]:
    """Rows, where the first begins, and the bytes of each."""
    with dbf.open("rb") as file:
        head = file.read(12)
    if len(head) < 12:
        raise _cut(".dbf")
    rows, start, width = struct.unpack_from("<IHH", head, 4)
    return int(rows), int(start), int(width)


def _cut(suffix: str) -> ImportFileError:
    return refusal(
        Sentence(
            f"是被截断的 Shapefile（{suffix} 不完整）", f"is a Shapefile cut short (its {suffix})"
        )
    )
