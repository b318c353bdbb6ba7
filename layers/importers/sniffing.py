"""What a file is, by its content alone; its name only tells tables of text apart."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from geo.sentence import Sentence
from layers.importers.formats import ANOTHER, BY_ID, FormatId, refusal

_HEAD = 1 << 16
_DXF = re.compile(rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\b", re.IGNORECASE)
_JSON_TYPE = re.compile(r'"type"\s*:\s*"(\w+)"')
_GEOJSON_TYPES = {
    *("FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint"),
    *("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}
_TABLES_OF_TEXT = (".csv", ".tsv", ".txt")
_POINTS = re.compile(r"\[\s*(?:地块坐标|属性描述)\s*\]")

_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)""")
_CHINESE = {b"gbk", b"gb2312", b"gb18030", b"cp936", b"gb_2312-80"}

_MAGIC: tuple[tuple[bytes, FormatId], ...] = (
    (b"SQLite format 3\0", "geopackage"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"PAR1", "geoparquet"),
    (b"\x00\x00\x27\x0a", "shapefile"),
)
_KNOWN_REFUSED: tuple[tuple[bytes, Sentence], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Sentence(
            "是旧版 .xls 或加密的 Office 文件", "is an old .xls or an encrypted Office document"
        ),
    ),
    (b"AutoCAD Binary DXF", Sentence("是二进制 DXF（需 ASCII DXF）", "is a binary DXF, not ASCII")),
    (b"AC10", Sentence("是 DWG 图形", "is a DWG drawing")),
    (b"%PDF", Sentence("是 PDF", "is a PDF")),
    (b"Rar!", Sentence("是 RAR 压缩包", "is a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", Sentence("是 7z 压缩包", "is a 7z archive")),
    (b"\x1f\x8b", Sentence("是 gzip 压缩包", "is a gzip archive")),
    (b"\x89PNG", Sentence("是图片", "is a picture")),
    (b"\xff\xd8\xff", Sentence("是图片", "is a picture")),
    (b"II*\0", Sentence("是 TIFF 栅格", "is a TIFF raster")),
    (b"MM\0*", Sentence("是 TIFF 栅格", "is a TIFF raster")),
)


def sniff(path: Path, name: str) -> FormatId | Literal["zip"]:
    """Return the format of a file, or `zip` where what the archive holds decides.

    `name` is what the user calls it. Raises `ImportFileError` for a file that is empty, of a format
    that is not read, or XML with a document type or entities.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0 \t\r\n"):
        raise refusal(Sentence("为空", "is empty"))
    for magic, format_id in _MAGIC:
        if head.startswith(magic):
            return format_id
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    for magic, found in _KNOWN_REFUSED:
        if head.startswith(magic):
            raise refusal(found, ANOTHER)
    if _DXF.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "dxf"
    return _sniff_text(path, head, name)


def decoded(data: bytes) -> tuple[str, str]:
    """Text and the encoding it is read in: by its mark, else UTF-8, else GB18030.

    Raises `ImportFileError` where it is none of them.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for name in (encoding, "gb18030"):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    raise refusal(
        Sentence("既非 UTF-8 也非 GB18030 文本", "is text neither in UTF-8 nor in GB18030")
    )


def root_of(read: Callable[[int], bytes]) -> str:
    """The local name of an XML document's root, reading no further than its start.

    Raises `ImportFileError` for a document type (with it all entities) and for what is no XML.
    """
    parser = expat.ParserCreate("utf-8")
    root: list[str] = []

    def forbid(*_: object) -> None:
        raise refusal(
            Sentence(
                "是含 DOCTYPE/ENTITY 声明的 XML，不予读取",
                "is XML with a DOCTYPE or ENTITY declaration, which is not read",
            )
        )

    def begin(name: str, _: dict[str, str]) -> None:
        if not root:
            root.append(name.rpartition(":")[2])

    parser.StartDoctypeDeclHandler = forbid
    parser.StartElementHandler = begin
    try:
        for block in xml_blocks(read):
            parser.Parse(block, False)
            if root:
                break
    except (expat.ExpatError, UnicodeDecodeError):
        pass
    if not root:
        raise refusal(Sentence("不是完整的 XML", "is not well-formed XML"))
    return root[0]


def xml_blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield an XML document as UTF-8, whatever its mark or declaration says it is in.

    Parse with `expat.ParserCreate("utf-8")`, which overrules the declaration. Raises
    `UnicodeDecodeError`.
    """
    block = read(_HEAD)
    declared = _XML_ENCODING.match(block)
    if block.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif declared and declared[1].lower() in _CHINESE:
        encoding = "gb18030"
    elif declared and declared[1].lower() in {b"iso-8859-1", b"latin1", b"windows-1252"}:
        encoding = "cp1252"
    else:
        encoding = "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    while block:
        yield decoder.decode(block).encode()
        block = read(_HEAD)
    yield decoder.decode(b"", True).encode()


def _sniff_text(path: Path, head: bytes, name: str) -> FormatId:
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refusal(Sentence("格式无法识别", "is of an unknown format"), ANOTHER)
    text, _ = decoded(_whole_letters(head))
    start = text.lstrip("\ufeff \t\r\n")
    suffix = Path(name).suffix.lower()
    if start.startswith("<"):
        with path.open("rb") as file:
            return _by_root(root_of(file.read))
    if start.startswith("{"):
        return _by_json(start)
    if suffix == ".txt" and _POINTS.search(text):
        return "boundary-points"
    if suffix in _TABLES_OF_TEXT:
        return "csv"
    expected = next((f for f in BY_ID.values() if suffix in f.suffixes), None)
    if expected is None:
        raise refusal(Sentence("格式无法识别", "is of an unknown format"), ANOTHER)
    raise refusal(
        Sentence(
            f"名为 {suffix}，内容却不是 {expected.title.zh}",
            f"is named {suffix} but its content is not {expected.title.en}",
        ),
        ANOTHER,
    )


def _whole_letters(head: bytes) -> bytes:
    """The head without a letter that its end cuts in two."""
    if len(head) < _HEAD:
        return head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 4 * 4 - 2] if len(head) % 4 else head
    end = max(head.rfind(b"\n"), head.rfind(b","), head.rfind(b">"), head.rfind(b" "))
    return head[: end + 1] if end > 0 else head


def _by_root(root: str) -> FormatId:
    if root == "kml":
        return "kml"
    raise refusal(
        Sentence(
            f"是根元素为 <{root[:60]}> 的 XML（只读 KML）",
            f"is XML with the root <{root[:60]}>, of which only KML is read",
        ),
        ANOTHER,
    )


def _by_json(start: str) -> FormatId:
    kinds = set(_JSON_TYPE.findall(start))
    if '"esriGeometry' in start or '"rings"' in start:
        raise refusal(Sentence("是 Esri JSON（需 GeoJSON）", "is Esri JSON, not GeoJSON"), ANOTHER)
    if "Topology" in kinds:
        raise refusal(Sentence("是 TopoJSON（需 GeoJSON）", "is TopoJSON, not GeoJSON"), ANOTHER)
    if kinds & _GEOJSON_TYPES or '"features"' in start:
        return "geojson"
    raise refusal(Sentence("是 JSON 但不是 GeoJSON", "is JSON but not GeoJSON"), ANOTHER)
