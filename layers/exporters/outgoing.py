"""A layer on its way out: its rows, its geometries where they go, and its columns by type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.sentence import Lang, Sentence
from layers.catalog import FieldSpec, FieldType, LayerSpec
from layers.exporters.placing import Place, Shapes

GEOMETRY = "geometry"

_ZONED = re.compile(r"(?:Z|[+-]\d\d(?::?\d\d)?)$")
_ARROW: dict[FieldType, pa.DataType] = {
    "text": pa.string(),
    "real": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """A layer to be written, (n,) rows.

    `frame` has the fields of `spec` in order, `shapes`, (n,), the geometries in the system of
    `place`, None where a row has none; `stored` are the same in EPSG:4490.
    `workspace` and `revision` tell where they come from.
    """

    spec: LayerSpec
    frame: pd.DataFrame
    shapes: Shapes
    place: Place
    stored: Shapes
    lang: Lang
    workspace: str = ""
    revision: str = ""
    _values: dict[str, list[Any]] = dataclass_field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def title(self) -> str:
        """Title of the layer."""
        return self.spec.title.of(self.lang)

    @property
    def ids(self) -> list[str]:
        """The ids of the rows as text."""
        return [str(one) for one in self.frame[self.spec.key]]

    def heading(self, field: FieldSpec) -> str:
        """Title of a field, with its unit."""
        title = field.title.of(self.lang)
        if field.unit is None:
            return title
        unit = field.unit.of(self.lang)
        return f"{title}（{unit}）" if self.lang == "zh" else f"{title} ({unit})"

    def without_shape(self) -> list[str]:
        """Ids of the rows without a geometry, or with an empty one."""
        gone = shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes)
        return [one for one, is_gone in zip(self.ids, gone, strict=True) if is_gone]

    def column(self, field: FieldSpec) -> pa.Array:
        """Values of a field by its type, null where not given; dates and times as their text."""
        values = self.frame[field.name]
        kind = _ARROW.get(field.type, pa.string())
        if pa.types.is_string(kind):
            return _texts(values)
        if pa.types.is_floating(kind):
            return pa.array(pd.to_numeric(values).to_numpy("float64", na_value=np.nan), kind, None)
        given = values.astype(object).where(values.notna(), None)
        if pa.types.is_integer(kind):
            return pa.array([None if one is None else int(one) for one in given], kind)
        return pa.array([None if one is None else bool(one) for one in given], kind)

    def values(self, field: FieldSpec) -> list[Any]:
        """Values of a field as Python has them, None where not given or not a finite number.

        They are made once and must not be changed.
        """
        if field.name not in self._values:
            self._values[field.name] = finite(self.column(field)).to_pylist()
        return self._values[field.name]

    def largest(self, field: FieldSpec) -> float:
        """The largest magnitude among the numbers of a field, 0 where it has none."""
        return max((abs(one) for one in self.values(field) if one is not None), default=0)


def _texts(values: pd.Series) -> pa.Array:
    """Values as text, null where not given; what is no text becomes so."""
    try:
        found = pa.array(values, pa.string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        found = pa.array([None if pd.isna(one) else str(one) for one in values], pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def finite(column: pa.Array) -> pa.Array:
    """The same with null for numbers that are not finite."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


Typed = Callable[[FieldSpec, pa.Array], pa.Array]
"""Gives a column of text that holds dates or times the type that a format has for them."""


def as_text(_: FieldSpec, column: pa.Array) -> pa.Array:
    """Leave dates and times the text that they are."""
    return column


def as_day(column: pa.Array) -> pa.Array:
    """Days as such; the text itself where one is no day of the calendar."""
    try:
        return column.cast(pa.date32())
    except pa.ArrowInvalid:
        return column


def is_zoned(column: pa.Array) -> bool | None:
    """Whether all times say their zone (True) or none does (False); None where they differ."""
    said = {bool(_ZONED.search(one)) for one in column.to_pylist() if one is not None}
    return None if len(said) == 2 else True in said


def as_time(column: pa.Array) -> pa.Array:
    """Times as such, those that say their zone in UTC; the text itself where one is no time.

    The unit is the millisecond, or the microsecond where a time needs it.
    """
    zoned = is_zoned(column)
    if zoned is None:
        return column
    given = [one for one in column.to_pylist() if one is not None]
    try:
        read = pd.to_datetime(pd.Series(given, dtype=object), format="ISO8601", utc=zoned)
        whole = read.dt.microsecond.mod(1000).eq(0).all() and read.dt.nanosecond.eq(0).all()
        unit = "ms" if whole else "us"
        times = iter(read.dt.to_pydatetime() if given else [])
    except (ValueError, OverflowError):
        return column
    kind = pa.timestamp(unit, tz="UTC" if zoned else None)
    return pa.array([None if one is None else next(times) for one in column.to_pylist()], kind)


def table_of(
    outgoing: Outgoing, typed: Typed = as_text, *, names: dict[str, str] | None = None
) -> pa.Table:
    """The columns as an Arrow table without the geometry, titles and units in their metadata.

    `names`: other names for the fields.
    """
    fields, columns = [], []
    for field in outgoing.spec.fields:
        column = finite(outgoing.column(field))
        if field.type in ("date", "datetime"):
            column = typed(field, column)
        columns.append(column)
        fields.append(
            pa.field(
                field.name if names is None else names[field.name],
                column.type,
                metadata={"GDAL:OGR:alternative_name": outgoing.heading(field)},
            )
        )
    return pa.table(columns, schema=pa.schema(fields))


def with_geometry(table: pa.Table, name: str, wkb: NDArray[np.object_]) -> pa.Table:
    """Add a column of WKB, declared as geoarrow's."""
    field = pa.field(name, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
    return table.append_column(field, pa.array(wkb, pa.binary(), from_pandas=True))


def free_name(wanted: str, taken: list[str]) -> str:
    """The wanted name, or that with a number where a field has it, small or large letters alike."""
    used = {one.casefold() for one in taken}
    return next(name for name in _numbered(wanted) if name.casefold() not in used)


def _numbered(wanted: str) -> Iterator[str]:
    yield wanted
    number = 1
    while True:
        number += 1
        yield f"{wanted}_{number}"


def listed(ids: list[str], most: int = 5) -> Sentence:
    """The first ids, and how many more there are."""
    shown, more = ids[:most], len(ids) - most
    return Sentence(
        "、".join(shown) + (f" 等（另有 {more} 个）" if more > 0 else ""),
        ", ".join(shown) + (f" and {more} more" if more > 0 else ""),
    )


def untyped(outgoing: Outgoing, table: pa.Table) -> list[Sentence]:
    """Name the date and time fields that went as text though the format has a type for them."""
    notes = []
    for field, column in zip(outgoing.spec.fields, table.columns, strict=False):
        if field.type in ("date", "datetime") and pa.types.is_string(column.type):
            notes.append(
                Sentence(
                    f"字段 {field.name} 的日期或时间以文本写出（ISO 8601）",
                    f"the field {field.name} goes as text (ISO 8601), not as a date or time",
                )
            )
    return notes
