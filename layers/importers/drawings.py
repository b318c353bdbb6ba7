"""Drawings that this house exported, put together again from what each entity carries along.

`layers.exporters.drawing` writes outlines of polygons ring by ring, and to each as extended data of
the application OUZHI its part, its ring and all values of its feature. CAD programs keep those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from geo.sentence import Sentence
from layers.importers import wkb
from layers.importers.findings import Findings
from layers.importers.rawtable import RawTable

_OURS = b"1001\nOUZHI\n"
_APPLICATION = "1001 OUZHI"
_ESCAPE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_PLACE = ("part", "ring")
_LABEL = "label_of"

Ring = list[float]


@dataclass(slots=True)
class _Feature:
    """One feature: its values, its polygons by part as rings by number, its other parts."""

    values: Mapping[str, str]
    polygons: dict[str, dict[int, Ring]] = field(default_factory=dict)
    others: list[bytes] = field(default_factory=list)

    def geometry(self) -> bytes | None:
        """All parts together; a hole whose outline was deleted stays a polygon of its own."""
        parts = [
            wkb.polygon([ring for _, ring in sorted(p.items())]) for p in self.polygons.values()
        ]
        parts += self.others
        return None if not parts else parts[0] if len(parts) == 1 else wkb.gathered(parts)


def is_ours(path: Path) -> bool:
    """Tell whether a drawing carries values that the export of this house wrote."""
    with path.open("rb") as file:
        tail = b""
        while block := file.read(1 << 20):
            if _OURS in (tail + block).replace(b"\r", b"").replace(b" ", b""):
                return True
            tail = block[-64:]
    return False


def read_drawing(gdal: ModuleType, path: Path, findings: Findings) -> RawTable:
    """Features by their values, all text; what was drawn without any is a row of its own.

    Labels are left out. Of two outlines with one id, part and ring the second is a feature of its
    own with the same id: a copy, which the check of ids names. Texts without values are left out
    with a note.
    """
    _, table = gdal.raw.read_arrow(
        str(path),
        columns=["RawCodeValues", "Text"],
        INCLUDE_RAW_CODE_VALUES="YES",
        CLOSED_LINE_AS_POLYGON="YES",
    )
    codes, texts, shapes = (
        table["RawCodeValues"].to_pylist(),
        table["Text"].to_pylist(),
        table.column(table.num_columns - 1).to_pylist(),
    )
    features: list[_Feature] = []
    standing: dict[str, _Feature] = {}
    left = 0
    for raw, text, shape in zip(codes, texts, shapes, strict=True):
        values = _values(raw or ())
        if _LABEL in values or (text is not None and not values):
            left += _LABEL not in values
            continue
        own = {name: value for name, value in values.items() if name not in _PLACE}
        key = own.get("id")
        feature = standing.get(key) if key is not None else None
        if feature is None or not _takes(feature, shape, values):
            feature = _Feature(own)
            features.append(feature)
            if key is not None:
                standing.setdefault(key, feature)
        _add(feature, shape, values)
    _note(len(features), left, findings)
    names = dict.fromkeys(name for feature in features for name in feature.values)
    return RawTable(
        columns=[(name, [feature.values.get(name) for feature in features]) for name in names],
        geometry=[feature.geometry() for feature in features],
        crs=None,
    )


def _values(codes: Iterable[str]) -> dict[str, str]:
    """The values of the extended data of our application."""
    values: dict[str, str] = {}
    ours = False
    for code in codes:
        if code.startswith("1001 "):
            ours = code == _APPLICATION
        elif ours and code.startswith("1000 "):
            name, _, value = code[5:].partition("=")
            values[name] = _unescaped(value)
    return values


def _unescaped(text: str) -> str:
    """Text with letters that CAD escapes as \\U+6E29, beyond U+FFFF in two halves."""
    if "\\U+" not in text:
        return text
    whole = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _ring_number(values: Mapping[str, str]) -> int:
    number = values.get("ring", "0")
    return int(number) if number.isdecimal() and len(number) < 7 else 0


def _takes(feature: _Feature, shape: bytes | None, values: Mapping[str, str]) -> bool:
    """Tell whether a feature has no outline yet where this one belongs."""
    if shape is None or not wkb.rings_of(shape):
        return True
    return _ring_number(values) not in feature.polygons.get(values.get("part", "0"), {})


def _add(feature: _Feature, shape: bytes | None, values: Mapping[str, str]) -> None:
    if shape is None:
        return
    rings: Sequence[Ring] = wkb.rings_of(shape)
    if len(rings) == 1:
        part = feature.polygons.setdefault(values.get("part", "0"), {})
        part[_ring_number(values)] = rings[0]
    else:
        feature.others.append(wkb.flattened(shape))


def _note(count: int, left: int, findings: Findings) -> None:
    findings.note(
        Sentence(
            f"DXF 由瓯址导出：按扩展数据还原为 {count} 个要素",
            f"a DXF that Ouzhi exported: put together as {count} features by its extended data",
        )
    )
    if left:
        findings.note(
            Sentence(f"略去 {left} 个没有属性的文字", f"{left} texts without values were left out")
        )
