"""Features as rows and back: columns of Python values beside an array of geometries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.crs import STORAGE_CRS
from geo.errors import Fault
from layers.catalog import WRITTEN, FieldSpec, FieldType, LayerSpec
from layers.errors import LayerError
from layers.store.hashing import KINDS, plain_values, row_digests

Shapes = NDArray[np.object_]

_INT64 = 1 << 63

DTYPES: dict[FieldType, str] = {"integer": "Int64", "real": "float64", "boolean": "boolean"}
"""What pandas calls the types that are no text."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a layer: `columns[i][k]` is field i of row k, None where it is not given.

    `wkb` holds geometries as WKB (ISO, little-endian, two dimensions), None where there is none;
    for a table of no geometry it holds None throughout.
    """

    columns: list[list[object]]
    wkb: list[bytes | None]
    known_bounds: Floats | None = None
    """Min x, min y, max x, max y of each geometry, where they are known already."""

    @property
    def bounds(self) -> Floats:
        """Min x, min y, max x, max y of each geometry, (n, 4); NaN where missing or empty."""
        if self.known_bounds is not None:
            return self.known_bounds
        bounds: Floats = shapely.bounds(shapely.from_wkb(np.array(self.wkb, dtype=object)))
        return bounds

    def __len__(self) -> int:
        return len(self.wkb)

    @property
    def tuples(self) -> list[tuple[object, ...]]:
        """The rows' values without geometry."""
        return list(zip(*self.columns, strict=True)) if self.columns else [()] * len(self)

    def digests(self, fields: Sequence[FieldSpec]) -> list[bytes]:
        """The hash of each row, whose columns are these fields."""
        return row_digests(self.columns, [KINDS.get(one.type, "text") for one in fields], self.wkb)

    def taken(self, places: Sequence[int]) -> Rows:
        """The rows at these places, in this order."""
        return Rows(
            [[column[k] for k in places] for column in self.columns],
            [self.wkb[k] for k in places],
            None if self.known_bounds is None else self.known_bounds[list(places)],
        )


def rows_of(frame: pd.DataFrame, spec: LayerSpec, fields: Sequence[FieldSpec]) -> Rows:
    """A frame's values of some fields as rows.

    Empty text is a value not given. Raises `LayerError` with every value that its field cannot
    hold, and for geometries of another kind of coordinates than EPSG:4490.
    """
    faults: list[Fault] = []
    columns = [_values(frame[field.name], field, faults) for field in fields]
    if faults:
        raise LayerError(
            f"layer {spec.id!r} cannot hold {len(faults)} value(s), the first being "
            f"{faults[0].value!r} in {faults[0].field}; expected {faults[0].expected}",
            f"图层 {spec.id!r} 无法保存 {len(faults)} 个值，首个为 {faults[0].field} 的"
            f" {faults[0].value!r}；应为{faults[0].expected_zh}",
            faults,
        )
    if spec.geometry_type is None or not isinstance(frame, gpd.GeoDataFrame):
        return Rows(columns, [None] * len(frame))
    _require_storage_crs(frame, spec)
    shapes = frame.geometry.to_numpy()
    return Rows(columns, wkb_of(shapes, spec.geometry_type), shapely.bounds(shapes))


def frame_of(rows: Rows, spec: LayerSpec) -> pd.DataFrame:
    """Rows that hold all fields of a layer as a frame; with geometry where the layer has any."""
    data = {
        field.name: _series(column, field)
        for field, column in zip(spec.fields, rows.columns, strict=True)
    }
    frame = pd.DataFrame(data, columns=[field.name for field in spec.fields])
    if spec.geometry_type is None:
        return frame
    shapes = shapely.from_wkb(np.array(rows.wkb, dtype=object))
    features: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=STORAGE_CRS)
    return features


def wkb_of(shapes: Shapes, geometry_type: str) -> list[bytes | None]:
    """Geometries as WKB in the one form that is stored and hashed.

    Single parts of a layer of many parts are wrapped as such, so that what is hashed is stored.
    """
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    flat: list[bytes | None] = shapely.to_wkb(shapes, byte_order=1, flavor="iso").tolist()
    if not geometry_type.startswith("Multi"):
        return flat
    return [None if one is None else _PARTS.get(one[:5], b"") + one for one in flat]


def _head(kind: int) -> bytes:
    return b"\x01" + kind.to_bytes(4, "little")


_PARTS = {
    _head(single): _head(many) + (1).to_bytes(4, "little")
    for single, many in {1: 4, 2: 5, 3: 6}.items()
}
"""What turns the WKB of a point, line or polygon into that of several, by how it begins."""


def _require_storage_crs(frame: gpd.GeoDataFrame, spec: LayerSpec) -> None:
    if len(frame) and frame.crs != STORAGE_CRS:
        raise LayerError(
            f"layer {spec.id!r} is stored in {STORAGE_CRS}, the features are in {frame.crs}; bring "
            "them over with geo.datums.read_as first",
            f"图层 {spec.id!r} 以 {STORAGE_CRS} 存储，要素为 {frame.crs}；"
            "请先用 geo.datums.read_as 转换",
        )


def _values(series: pd.Series, field: FieldSpec, faults: list[Fault]) -> list[object]:
    if field.type == "real":
        return _reals(series, field, faults)
    values = plain_values(series)
    if field.type == "integer":
        return [_whole(value, field, faults) for value in values]
    if field.type == "boolean":
        return [None if value is None else bool(value) for value in values]
    if set(map(type, values)) != {str} or "" in values:
        values = [None if value is None or value == "" else str(value) for value in values]
    _require_storable(values, field, faults)
    if field.type in WRITTEN:
        _require_written(values, field, faults)
    return values


def _require_written(values: list[object], field: FieldSpec, faults: list[Fault]) -> None:
    """Note the dates and times that are not whole: SQLite would take ``2023`` for a number."""
    form, expected = WRITTEN[field.type]
    wrong = {one for one in set(values) if one is not None and not form.fullmatch(str(one))}
    faults += [
        Fault(k, field.name, value, expected.en, expected.zh)
        for k, value in enumerate(values)
        if value in wrong
    ]


def _require_storable(values: list[object], field: FieldSpec, faults: list[Fault]) -> None:
    """Note the texts that no database can hold: with a NUL, or with half a character."""
    if _is_storable("".join(cast(set[str], set(values) - {None}))):
        return
    faults += [
        Fault(k, field.name, ascii(value), "text in UTF-8 without NUL", "不含 NUL 的 UTF-8 文字")
        for k, value in enumerate(values)
        if value is not None and not _is_storable(str(value))
    ]


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _reals(series: pd.Series, field: FieldSpec, faults: list[Fault]) -> list[object]:
    try:
        numbers = pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
    except (TypeError, ValueError):
        numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64) + 0.0
        wrong = np.isnan(numbers) & series.notna().to_numpy()
        faults += [
            Fault(None, field.name, value, "a number", "数字") for value in series.to_numpy()[wrong]
        ]
    endless = np.flatnonzero(np.isinf(numbers))
    faults += [
        Fault(int(k), field.name, float(numbers[k]), "a finite number", "有限的数字")
        for k in endless
    ]
    values = numbers.astype(object)
    values[np.isnan(numbers)] = None
    given: list[object] = values.tolist()
    return given


def _whole(value: object, field: FieldSpec, faults: list[Fault]) -> int | None:
    if value is None:
        return None
    whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
    if whole and -_INT64 < int(cast(float, value)) < _INT64:
        return int(cast(float, value))
    faults.append(Fault(None, field.name, value, "a whole number of 64 bits", "64 位整数"))
    return None


def _series(column: list[object], field: FieldSpec) -> pd.Series:
    if field.type == "boolean":
        return pd.Series([None if one is None else bool(one) for one in column], dtype="boolean")
    if field.type == "real":
        return pd.Series(np.array(column, dtype=np.float64), dtype="float64")
    return pd.Series(column, dtype=DTYPES.get(field.type, "object"))
