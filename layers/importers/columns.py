"""Columns as the few kinds that leave the child process: text, whole, real, truth, binary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_EXACT = 1 << 53
_ISO = "%Y-%m-%dT%H:%M:%S"


def plain_column(column: pa.Array) -> pa.Array | None:
    """An Arrow column as text, int64, float64 or bool; None for bytes, which are left out.

    Dates and times become ISO 8601 text, lists and structures JSON text.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if _is_binary(kind):
        return None
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind):
        return _exact(column)
    if pa.types.is_timestamp(kind):
        return _iso(column)
    if pa.types.is_nested(kind):
        return _texts(column)
    return column.cast(_target(kind))


def sound(column: pa.Array) -> pa.Array:
    """A column of text or bytes whose offsets grow, as Arrow wants them.

    GDAL 3.12 leaves the offsets behind missing geometries of FlatGeobuf at 0.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_binary(column.type)) or not len(column):
        return column
    valid, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int32)[: column.offset + len(column) + 1]
    grown = np.maximum.accumulate(bounds)
    if data is None or (grown == bounds).all():
        return column
    whole = pa.foreign_buffer(data.address, int(grown[-1]), base=data)
    buffers = [valid, pa.py_buffer(grown), whole]
    return pa.Array.from_buffers(column.type, len(column), buffers, offset=column.offset)


def readable(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """A text column with what is no UTF-8 replaced by U+FFFD, and the places where that was."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = [value.as_buffer() if value.is_valid else None for value in column.cast(pa.binary())]
        texts = [None if data is None else bytes(data).decode(errors="replace") for data in raw]
        cut = [i for i, text in enumerate(texts) if text is not None and "\ufffd" in text]
        return pa.array(texts, pa.string()), cut
    return column, []


def column_of(values: Sequence[Any]) -> tuple[pa.Array, bool]:
    """A list of plain values as an Arrow column, and whether its cells are JSON text.

    Lists of one kind stay of it; whole numbers among reals become reals where that is exact; what
    is mixed travels as JSON.
    """
    kinds = set(map(type, values)) - {type(None)}
    try:
        if kinds <= {str}:
            return pa.array(values, pa.string()), False
        if kinds == {bool}:
            return pa.array(values, pa.bool_()), False
        if kinds == {int}:
            return pa.array(values, pa.int64()), False
        if kinds == {float} or (kinds == {int, float} and _all_exact(values)):
            return pa.array(values, pa.float64()), False
    except (OverflowError, pa.ArrowInvalid, UnicodeEncodeError):
        pass
    cells = [None if value is None else json.dumps(_jsonable(value)) for value in values]
    return pa.array(cells, pa.string()), True


def objects_of(column: pa.Array, coded: bool) -> np.ndarray[Any, np.dtype[np.object_]]:
    """A column that came from the child as an array of objects, None where nothing is given.

    A NaN is how many programs write "not given" in a column of numbers, and is taken for it.
    """
    if coded:
        cells = [cell or "null" for cell in column.to_pylist()]
        values = np.empty(len(cells), dtype=object)
        values[:] = json.loads(f"[{','.join(cells)}]")
        return values
    if pa.types.is_string(column.type):
        texts: np.ndarray[Any, np.dtype[np.object_]] = column.to_numpy(zero_copy_only=False)
        return texts
    missing = column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    filled = column.fill_null(False if pa.types.is_boolean(column.type) else 0)
    objects: np.ndarray[Any, np.dtype[np.object_]] = filled.to_numpy(zero_copy_only=False).astype(
        object
    )
    if missing.any():
        objects[missing] = None
    return objects


def _target(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_boolean(kind):
        return pa.bool_()
    if pa.types.is_integer(kind):
        return pa.int64()
    return pa.float64() if pa.types.is_floating(kind) else pa.string()


def _texts(column: pa.Array) -> pa.Array:
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str)
        for value in column.to_pylist()
    ]
    return pa.array(texts, pa.string())


def _is_binary(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
            pa.types.is_binary_view,
        )
    )


def _exact(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.float64())


def _iso(column: pa.Array) -> pa.Array:
    """ISO 8601 without the zeros of a fraction that is none; a zone is given as its offset."""
    mark = "Z" if column.type.tz else ""
    text = pc.strftime(column.cast(pa.timestamp(column.type.unit)), format=_ISO)
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    return pc.binary_join_element_wise(text, mark, "") if mark else text


def _all_exact(values: Sequence[Any]) -> bool:
    return all(abs(value) < _EXACT for value in values if isinstance(value, int))


def _jsonable(value: Any) -> Any:
    return value if isinstance(value, (str, bool, int, float)) else str(value)
