"""In which letters the attributes of a Shapefile are written."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from geo.sentence import Sentence
from layers.importers.findings import Findings

_CHINESE = {"gbk", "gb2312", "gb18030", "936", "cp936", "ansi 936", "oem 936", "54936", "ansi_936"}
_UTF8 = {"utf-8", "utf8", "65001"}
_LATIN = "ISO-8859-1"
_CUT = ("unexpected end of data", "incomplete multibyte sequence")
"""The reasons that codecs give where a cell ends within a letter."""


def attribute_encoding(shp: Path, findings: Findings) -> str:
    """The encoding of the .dbf beside a .shp, as GDAL calls it.

    What the .cpg says counts where the bytes agree; otherwise all that is valid UTF-8 is UTF-8, and
    the rest GB18030, which holds GBK and GB2312. Text that is neither is read byte by byte, and the
    findings say so.
    """
    dbf = shp.with_suffix(".dbf")
    if not dbf.exists():
        return "UTF-8"
    data = dbf.read_bytes()
    declared = _declared(shp.with_suffix(".cpg"))
    fits = next((name for name in ("UTF-8", "GB18030") if _reads(data, name)), None)
    if declared == "GB18030" and _reads(data, "GB18030"):
        return declared
    if declared not in (None, "UTF-8", "GB18030"):
        return str(declared)
    if fits is None:
        findings.note(
            Sentence(
                "属性文字既非 UTF-8 也非 GB18030，已逐字节读取，请检查乱码",
                "the attributes are neither UTF-8 nor GB18030 and were read byte by byte: check "
                "them",
            )
        )
        return _LATIN
    if declared is not None and fits != declared:
        findings.note(
            Sentence(
                f".cpg 写明 {declared}，但属性文字按 {fits} 才可读，已按 {fits} 读取",
                f"the .cpg says {declared} but the attributes can only be read as {fits}, which "
                "was done",
            )
        )
    elif declared is None and fits == "GB18030":
        findings.note(
            Sentence("没有 .cpg，属性文字按 GB18030 读取", "no .cpg: attributes read as GB18030")
        )
    return fits


def deleted_rows(shp: Path) -> int:
    """How many rows the .dbf beside a .shp marks as deleted; GDAL counts but does not give them."""
    data = shp.with_suffix(".dbf").read_bytes()
    if len(data) < 32:
        return 0
    rows, start, width = struct.unpack_from("<IHH", data, 4)
    return data[start : start + rows * width : max(width, 1)].count(b"*")


def _declared(cpg: Path) -> str | None:
    """What the .cpg names, as GDAL calls it; None without one or where it is empty."""
    if not cpg.exists():
        return None
    name = cpg.read_bytes()[:40].decode("ascii", "replace").strip().strip("\0").lower()
    if name in _CHINESE:
        return "GB18030"
    if name in _UTF8 or not name:
        return "UTF-8" if name else None
    return f"CP{name}" if name.isdigit() else name.upper()


def _reads(data: bytes, encoding: str) -> bool:
    """Tell whether all names and texts are in an encoding; one cut at a cell's end is forgiven.

    Mostly the rows as a whole say so; where they do not, the first cell that is not in it ends the
    search.
    """
    names, fields, start = _head(data)
    if not all(_is_text(name, encoding) for name in names):
        return False
    try:
        data[start:].decode(encoding)
    except UnicodeDecodeError:
        return all(_is_text(cell, encoding) for cell in _cells(data, fields, start))
    return True


def _head(data: bytes) -> tuple[list[bytes], list[tuple[int, int]], int]:
    """Field names, place and size of each text field in a row, and where the rows begin."""
    if len(data) < 32:
        return [], [], len(data)
    (start,) = struct.unpack_from("<H", data, 8)
    names: list[bytes] = []
    fields: list[tuple[int, int]] = []
    at = 1
    for offset in range(32, min(start, len(data)) - 31, 32):
        if data[offset] == 0x0D:
            break
        names.append(data[offset : offset + 11].split(b"\0")[0])
        size = data[offset + 16]
        if data[offset + 11 : offset + 12] == b"C":
            size += data[offset + 17] << 8
            fields.append((at, size))
        at += size
    return names, fields, int(start)


def _cells(data: bytes, fields: list[tuple[int, int]], start: int) -> Iterator[bytes]:
    """The cells of text fields in rows that have more than ASCII, without padding."""
    rows, _, width = struct.unpack_from("<IHH", data, 4)
    for row in range(min(rows, (len(data) - start) // max(width, 1))):
        record = data[start + row * width : start + (row + 1) * width]
        if not record.isascii():
            yield from (record[at : at + size].rstrip(b" \0") for at, size in fields)


def _is_text(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError as error:
        return error.reason in _CUT
    return True
