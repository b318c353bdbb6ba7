"""The pipe out of the child process: one table as an Arrow stream, never as pickled objects."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.sentence import Sentence
from layers.importers import wkb
from layers.importers.columns import column_of, readable
from layers.importers.findings import Findings, shown
from layers.importers.formats import refusal
from layers.importers.limits import Limits
from layers.importers.rawtable import SPLIT, RawTable, require_columns, require_features

_KEY = b"ouzhi"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_ROWS = 65_536
_HALF = re.compile("[\ud800-\udfff]")
_STRAIGHT = Sentence(
    "由点、直线和面组成的几何；请将其中的圆弧或多面体转为普通面后重试",
    "points, straight lines and polygons; turn arcs and multipatches within it into polygons",
)
_WHOLE = Sentence("完整的 Unicode 文本；请更正", "text of whole Unicode letters; correct it")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Header:
    """What is said of a table before its rows.

    `labelled`: the first column names the rows. `shaped`: the last one holds geometries. `coded`:
    columns between whose cells are JSON text, by position.
    """

    name: str
    format: str
    crs: str | None
    labelled: bool = False
    shaped: bool = True
    north_first: bool = False
    coded: tuple[int, ...] = ()


class TableWriter:
    """Writes one table, and looks at its size and texts on the way."""

    def __init__(self, pipe: BinaryIO, findings: Findings, limits: Limits) -> None:
        self._pipe = pipe
        self._findings = findings
        self._limits = limits
        self._writer: Any = None
        self._header: Header | None = None
        self._names: list[str] = []
        self._rows = 0
        self._vertices = 0

    def begin(self, header: Header, names: Sequence[str]) -> None:
        """Say what the table is and how its columns are called."""
        require_columns(len(names), self._limits)
        self._header = header
        self._names = self._plain_names(names)

    def write(
        self, columns: Sequence[pa.Array], labels: pa.Array | None, geometry: pa.Array | None
    ) -> None:
        """Write some rows: columns as `plain_column` gives them, geometries as binary."""
        assert self._header is not None
        columns = [
            self._text(name, column, labels) if pa.types.is_string(column.type) else column
            for name, column in zip(self._names, columns, strict=True)
        ]
        arrays = [*columns]
        if labels is not None:
            arrays.insert(0, labels)
        if geometry is not None:
            arrays.append(geometry)
        count = len(arrays[0]) if arrays else 0
        require_features(self._rows + count, self._limits)
        if geometry is not None:
            self._weigh(geometry, labels)
            arrays[-1] = self._straight(geometry, labels)
        names = [f"c{index}" for index in range(len(arrays))]
        batch = pa.record_batch(arrays, names=names)
        if self._writer is None:
            self._open(batch.schema)
        self._writer.write_batch(batch)
        self._rows += count

    def write_raw(self, table: RawTable, name: str, format_id: str) -> None:
        """Write a whole table of plain values."""
        columns = [column_of(self._storable(n, v, table.labels)) for n, v in table.columns]
        header = Header(
            name=name,
            format=format_id,
            crs=table.crs,
            labelled=table.labels is not None,
            shaped=table.geometry is not None,
            north_first=table.north_first,
            coded=tuple(index for index, (_, coded) in enumerate(columns) if coded),
        )
        self.begin(header, [name for name, _ in table.columns])
        labels = None if table.labels is None else pa.array(table.labels, pa.string())
        shapes = None if table.geometry is None else table.geometry
        count = len(shapes if shapes is not None else labels if labels is not None else ())
        for start in range(0, max(count, 1), _ROWS):
            self.write(
                [column.slice(start, _ROWS) for column, _ in columns],
                None if labels is None else labels.slice(start, _ROWS),
                None if shapes is None else pa.array(shapes[start : start + _ROWS], pa.binary()),
            )

    def close(self) -> None:
        """End the stream."""
        assert self._header is not None
        if self._writer is None:
            self._open(pa.schema([]))
        self._writer.close()
        self._pipe.flush()

    def _open(self, schema: pa.Schema) -> None:
        assert self._header is not None
        document = {"header": asdict(self._header), "names": self._names}
        metadata = {_KEY: json.dumps(document).encode()}
        self._writer = pa.ipc.new_stream(self._pipe, schema.with_metadata(metadata))

    def _plain_names(self, names: Sequence[str]) -> list[str]:
        plain: list[str] = []
        for name in names:
            kept = name
            if not name.isprintable() or len(name) > _LONGEST_NAME:
                kept = shown(name)
                due = Sentence(
                    f"字段名至多 {_LONGEST_NAME} 个字符且不含控制字符；请改名",
                    f"a field name of at most {_LONGEST_NAME} letters without control characters; "
                    "rename it",
                )
                self._findings.fault(None, kept, name, due)
            if kept in plain:
                due = Sentence(
                    "字段名不重复；请改名", "field names that differ; rename one of them"
                )
                self._findings.fault(None, kept, name, due)
                kept = f"{kept} ({len(plain) + 1})"
            plain.append(kept)
        return plain

    def _label(self, labels: pa.Array | None, index: int) -> str:
        return str(self._rows + index + 1 if labels is None else labels[index].as_py())

    def _text(self, name: str, column: pa.Array, labels: pa.Array | None) -> pa.Array:
        """The column with what is no UTF-8 replaced; that and unfit text are faults."""
        clean, cut = readable(column)
        for index in cut:
            row, value = self._label(labels, index), clean[index].as_py()
            self._findings.fault(row, name, value, _WHOLE)
        self._require_text(name, clean, labels)
        return clean

    def _require_text(self, name: str, column: pa.Array, labels: pa.Array | None) -> None:
        bad = pc.match_substring_regex(column, pattern=_CONTROL)
        for index in _places(bad):
            due = Sentence(
                "不含控制字符的文本；请删去这些字符",
                "text without control characters; take them out",
            )
            self._findings.fault(self._label(labels, index), name, column[index].as_py(), due)
        most = self._limits.text_length
        for index in _places(pc.greater(pc.utf8_length(column), most)):
            due = Sentence(
                f"至多 {most} 个字符的文本；请缩短", f"text of at most {most} letters; shorten it"
            )
            self._findings.fault(self._label(labels, index), name, column[index].as_py(), due)

    def _storable(
        self, name: str, values: Sequence[Any], labels: Sequence[str] | None
    ) -> Sequence[Any]:
        """Values without halves of letters; mixed ones are looked at before they are coded."""
        kinds = set(map(type, values)) - {type(None)}
        if str not in kinds or (len(kinds) == 1 and not any(map(_has_half, values))):
            return values
        texts = [v.encode(errors="replace").decode() if isinstance(v, str) else v for v in values]
        for index, (value, text) in enumerate(zip(values, texts, strict=True)):
            if value != text:
                row = str(index + 1) if labels is None else labels[index]
                self._findings.fault(row, name, value, _WHOLE)
        if len(kinds) > 1:
            only = pa.array([v if isinstance(v, str) else None for v in texts], pa.string())
            self._require_text(name, only, None if labels is None else pa.array(labels))
        return texts

    def _straight(self, geometry: pa.Array, labels: pa.Array | None) -> pa.Array:
        """Geometries of points, straight lines and polygons; others become faults."""
        kinds = geometry_kinds(geometry)
        _, lengths, _ = _layout(geometry)
        given = geometry.is_valid().to_numpy(zero_copy_only=False)
        keep = given & (lengths > 0)  # FlatGeobuf gives no bytes, and not a null, for none
        odd = set(np.flatnonzero(keep & ((kinds == 0) | (kinds > wkb.COLLECTION))).tolist())
        for index in np.flatnonzero(kinds == wkb.COLLECTION).tolist():
            if _is_odd(geometry[index].as_py()):
                odd.add(index)
        for index in sorted(odd):
            found = f"WKB {kinds[index]}"
            self._findings.fault(self._label(labels, index), "geometry", found, _STRAIGHT)
        keep[sorted(odd)] = False
        if (keep == given).all():
            return geometry
        return pc.if_else(pa.array(keep), geometry, pa.scalar(None, geometry.type))

    def _weigh(self, geometry: pa.Array, labels: pa.Array | None) -> None:
        sizes = vertex_counts(geometry)
        most = self._limits.feature_vertices
        if len(sizes) and sizes.max() > most:
            index = int(sizes.argmax())
            row = self._label(labels, index)
            raise refusal(
                Sentence(
                    f"第 {row} 行的几何约有 {int(sizes[index])} 个顶点，至多 {most} 个",
                    f"has about {int(sizes[index])} vertices in row {row}, of which {most} are "
                    "allowed in one geometry",
                ),
                Sentence("请先简化该几何", "simplify that geometry"),
            )
        self._vertices += int(sizes.sum())
        if self._vertices > self._limits.vertices:
            raise refusal(
                Sentence(
                    f"至少有 {self._vertices} 个顶点，至多 {self._limits.vertices} 个",
                    f"has at least {self._vertices} vertices in all, of which "
                    f"{self._limits.vertices} are allowed",
                ),
                SPLIT,
            )


def header_of(schema: pa.Schema) -> tuple[Header, list[str]]:
    """What a stream says of its table, and the names of its columns; raises `ValueError`."""
    document: dict[str, Any] = json.loads((schema.metadata or {})[_KEY])
    fields = document["header"]
    fields["coded"] = tuple(fields["coded"])
    return Header(**fields), [str(name) for name in document["names"]]


def geometry_kinds(column: pa.Array) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The kind of each well-known binary without its dimensions, 0 for none, (n,)."""
    return ((_stated_kinds(column) & 0xFFFF) % 1000).astype(np.uint32)


def vertex_counts(column: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """About how many vertices each geometry has, by its length: never too few, (n,)."""
    _, lengths, _ = _layout(column)
    kinds = _stated_kinds(column)
    more = ((kinds & 0xFFFF) // 1000 + 1) // 2 + (kinds >> 31) + (kinds >> 30 & 1)
    width = 8 * (2 + np.minimum(more, 2)).astype(np.int64)
    counts: np.ndarray[Any, np.dtype[np.int64]] = lengths // width
    return counts


def _stated_kinds(column: pa.Array) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The number that each well-known binary states for its kind, of either byte order, (n,)."""
    kinds = np.zeros(len(column), dtype=np.uint32)
    starts, lengths, data = _layout(column)
    whole = lengths >= 5
    if whole.any():
        heads = data[starts[whole][:, None] + np.arange(5)]
        little = np.ascontiguousarray(heads[:, 1:]).view("<u4").ravel()
        kinds[whole] = np.where(heads[:, 0] == 1, little, little.byteswap())
    return kinds


def _layout(column: pa.Array) -> tuple[Any, Any, Any]:
    _, offsets, data = column.buffers()
    if not len(column):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(0, dtype=np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    if data is None:
        data = b""
    return bounds[:-1].astype(np.int64), np.diff(bounds).astype(np.int64), np.frombuffer(data, "u1")


def _is_odd(data: bytes) -> bool:
    try:
        return wkb.has_arcs(data)
    except (struct.error, RecursionError):
        return True


def _has_half(value: str | None) -> bool:
    return value is not None and not value.isascii() and _HALF.search(value) is not None


def _places(mask: pa.Array) -> list[int]:
    if not mask.true_count:
        return []
    return [int(index) for index in pc.indices_nonzero(mask).to_pylist()]
