"""The text of a file whose encoding nobody states: Unicode where it is, else GB 18030."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from geo.sentence import Sentence
from layers.errors import ImportFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_PROBE = 4096
_UNSEEN = frozenset(chr(code) for code in range(32) if chr(code) not in "\t\n\r\x0b\x0c\x1a")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file, and the encoding it was in."""

    text: str
    encoding: str

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """Say so where the encoding was found by trying and is not Unicode."""
        if self.encoding != "GB18030":
            return ()
        return (
            Sentence(
                zh="文件不是 UTF-8，按 GB18030（GBK）读取；若中文显示有误，请另存为 UTF-8 后再导入",
                en="the file is not UTF-8 and was read as GB18030 (GBK); if Chinese looks wrong, "
                "save it as UTF-8 and import it again",
            ),
        )


def decode_text(raw: bytes) -> DecodedText:
    """Decode a file: by its byte-order mark, as UTF-16 by its zeros, as UTF-8, as GB18030.

    Raises `ImportFileError` where it is text in none of them, or holds control characters as only
    binary files do.
    """
    for mark, codec, title in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw, codec, title)
    zeros = raw[:_PROBE]
    if b"\x00" in zeros:
        even, odd = zeros[0::2].count(0), zeros[1::2].count(0)
        return _decoded(raw, "utf-16-le" if odd >= even else "utf-16-be", "UTF-16")
    try:
        return _decoded(raw, "utf-8", "UTF-8")
    except UnicodeDecodeError:
        return _decoded(raw, "gb18030", "GB18030")


def _decoded(raw: bytes, codec: str, title: str) -> DecodedText:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "utf-8":
            raise
        raise _unreadable(title, error.start) from error
    unseen = _UNSEEN.intersection(text)
    if unseen:
        raise _unreadable(title, text.index(min(unseen)))
    return DecodedText(text, title)


def _unreadable(title: str, place: int) -> ImportFileError:
    return ImportFileError(
        f"the file is not text in UTF-8, UTF-16 or GB18030: read as {title} it breaks at position "
        f"{place}; save it as CSV in UTF-8 and import it again",
        f"文件不是 UTF-8、UTF-16 或 GB18030 文本：按 {title} 读取，在第 {place} 处出错；"
        "请另存为 UTF-8 编码的 CSV 后再导入",
    )
