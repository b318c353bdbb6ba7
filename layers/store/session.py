"""An open database in one transaction: what the two kinds of store do differently."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from layers.catalog import FieldSpec, LayerSpec
from layers.filters import Box
from layers.store.rows import Rows

Row = tuple[Any, ...]
MANY = 500
"""From so many rows on they are added in bulk, indexes and history afterwards."""


class Session(ABC):
    """A connection within a transaction. Statements mark their parameters with `?`.

    Every layer and table has a row number `fid` that no other row ever gets, and its earlier
    versions in the table `earlier(name)`: one row per row number and revision that first changed
    it, as it stood before (`existed` false: it did not). Both are kept by triggers, so that what
    other programs change is kept too.
    """

    geometry = '"geom"'
    """Name of the geometry column, quoted."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched."""

    @abstractmethod
    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row of parameters."""

    @abstractmethod
    def rollback(self) -> None:
        """Give up the transaction; nothing more can be done in this session."""

    @abstractmethod
    def read_geometry(self, alias: str) -> str:
        """SQL that yields the geometry of a row as `wkb_of` takes it."""

    @abstractmethod
    def wkb_of(self, values: Sequence[Any]) -> list[bytes | None]:
        """What `read_geometry` yields as WKB: ISO, little-endian, two dimensions."""

    @abstractmethod
    def stored_geometry(self, rows: Rows) -> list[object]:
        """The rows' geometries as parameters of a statement that writes them."""

    @abstractmethod
    def geometry_mark(self) -> str:
        """The mark of a geometry among the values of a statement that writes it."""

    @abstractmethod
    def meets(self, spec: LayerSpec, alias: str, box: Box) -> tuple[str, list[object]]:
        """A condition, with its parameters, that uses the index and holds where bounds meet."""

    @abstractmethod
    def extent(self, spec: LayerSpec) -> Box | None:
        """The bounds of all geometries of a layer, by the index; None where there is none."""

    @abstractmethod
    def add_in_bulk(self, spec: LayerSpec, fids: Sequence[int], rows: Rows, revision: int) -> None:
        """Add many rows that hold all fields, with index entries and history."""

    @abstractmethod
    def make_layer(self, spec: LayerSpec) -> None:
        """Make the tables, indexes and triggers of a layer or table."""

    @abstractmethod
    def add_columns(self, spec: LayerSpec, fields: Sequence[FieldSpec]) -> None:
        """Add columns to a layer that stands, and follow with its triggers."""

    @abstractmethod
    def column_types(self, name: str) -> dict[str, str]:
        """The columns of a layer's table and their declared types; empty where there is none."""

    @abstractmethod
    def column_type(self, field: FieldSpec) -> str:
        """The declared type of a field's column, as `column_types` gives it."""

    @abstractmethod
    def touched(self, spec: LayerSpec, rows: Rows | None, made: str) -> None:
        """Note that a layer was changed: the time, and the bounds of what came in."""


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def earlier(name: str) -> str:
    """The table of earlier versions of a layer's rows, quoted."""
    return quoted(f"ouzhi_before_{name}")


def listed(fields: Sequence[FieldSpec], alias: str = "") -> str:
    """The fields' columns, comma separated."""
    return ", ".join(f"{alias}{quoted(field.name)}" for field in fields)


def marks(count: int) -> str:
    """So many parameter marks, comma separated."""
    return ", ".join("?" * count)
