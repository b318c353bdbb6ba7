"""A workspace as one GeoPackage, which QGIS opens and edits as it is."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from layers.catalog import LAYERS, TABLES, FieldSpec, LayerSpec
from layers.errors import WorkspaceError
from layers.filters import Box
from layers.store import database, gpkg_geometry, gpkg_layout
from layers.store.records import FORMAT, INTERNAL, METADATA
from layers.store.rows import Rows
from layers.store.rtree_packing import pack
from layers.store.session import Row, Session, earlier, listed, marks, quoted
from layers.store.sql_store import SqlStore


class GeoPackageStore(SqlStore):
    """The GeoPackage of one workspace; every read and every change opens and closes the file."""

    def __init__(self, path: Path) -> None:
        """Check that `path` is a workspace of ours; raise `WorkspaceError` with what to do."""
        self.path = path
        self.require_format()

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self.path)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads one state; raises `WorkspaceError`."""
        with database.reading(self.path) as file:
            file.execute("BEGIN")
            yield GeoPackageSession(file)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that alone writes, stored when it is left; raises `WorkspaceError`."""
        with database.writing(self.path) as file:
            yield GeoPackageSession(file)


_PART = 10_000
"""Rows that are inserted by one statement."""


class GeoPackageSession(Session):
    """An open GeoPackage in one transaction."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self.file = file
        gpkg_geometry.add_functions(file)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""
        return self.file.execute(sql, tuple(parameters)).fetchall()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        return self.file.execute(sql, tuple(parameters)).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row of parameters."""
        self.file.executemany(sql, rows)

    def rollback(self) -> None:
        """Give up the transaction."""
        self.file.execute("ROLLBACK")

    def read_geometry(self, alias: str) -> str:
        """The stored binary."""
        return f"{alias}{self.geometry}"

    def wkb_of(self, values: Sequence[Any]) -> list[bytes | None]:
        """GeoPackage binaries as WKB."""
        return gpkg_geometry.decoded(values)

    def stored_geometry(self, rows: Rows) -> list[object]:
        """GeoPackage binaries."""
        return gpkg_geometry.encoded(rows.wkb, rows.bounds)

    def geometry_mark(self) -> str:
        """A mark like every other."""
        return "?"

    def meets(self, spec: LayerSpec, alias: str, box: Box) -> tuple[str, list[object]]:
        """A condition by the R-tree, whose bounds are a little wider than the geometries'."""
        west, south, east, north = box
        tree = quoted(gpkg_layout.rtree_of(spec.id))
        inside = "minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?"
        return f"{alias}fid IN (SELECT id FROM {tree} WHERE {inside})", [east, west, north, south]

    def extent(self, spec: LayerSpec) -> Box | None:
        """The exact bounds: of the geometries that stand at the edges of the R-tree.

        Its bounds are rounded outwards, which leaves their order as it is.
        """
        tree, table = quoted(gpkg_layout.rtree_of(spec.id)), quoted(spec.id)
        edges = (("minx", "min"), ("miny", "min"), ("maxx", "max"), ("maxy", "max"))
        found = [
            self.rows(
                f"SELECT {self.read_geometry('t.')} FROM {table} AS t WHERE t.fid IN (SELECT id"
                f" FROM {tree} WHERE {side} = (SELECT {which}({side}) FROM {tree}))"
            )
            for side, which in edges
        ]
        wkb = self.wkb_of([row[0] for rows in found for row in rows])
        if not wkb:
            return None
        west, south, east, north = shapely.total_bounds(shapely.from_wkb(np.array(wkb, object)))
        return float(west), float(south), float(east), float(north)

    def make_layer(self, spec: LayerSpec) -> None:
        """Make the tables, indexes and triggers of a layer or table."""
        gpkg_layout.make_layer(self.file, spec)

    def add_columns(self, spec: LayerSpec, fields: Sequence[FieldSpec]) -> None:
        """Add columns to a layer that stands."""
        gpkg_layout.add_columns(self.file, spec, fields)

    def column_types(self, name: str) -> dict[str, str]:
        """The columns of a layer's table and their declared types; empty where there is none."""
        rows = self.rows("SELECT name, type FROM pragma_table_info(?)", (name,))
        return {str(column): str(type_) for column, type_ in rows}

    def column_type(self, field: FieldSpec) -> str:
        """The declared type of a field's column."""
        return gpkg_layout.TYPES[field.type]

    def touched(self, spec: LayerSpec, rows: Rows | None, made: str) -> None:
        """Note the time and the bounds in the contents."""
        self.run("UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?", (made, spec.id))
        if spec.geometry_type is None or rows is None or not len(rows):
            return
        bounds = rows.bounds
        if np.isnan(bounds).all():
            return
        west, south = np.nanmin(bounds[:, :2], axis=0).tolist()
        east, north = np.nanmax(bounds[:, 2:], axis=0).tolist()
        self.run(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1), min_y ="
            " min(coalesce(min_y, ?2), ?2), max_x = max(coalesce(max_x, ?3), ?3), max_y ="
            " max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
            (west, south, east, north, spec.id),
        )

    def add_in_bulk(self, spec: LayerSpec, fids: Sequence[int], rows: Rows, revision: int) -> None:
        """Add many rows at once; triggers rest meanwhile, what they do is done for all together."""
        table, file = quoted(spec.id), self.file
        all_triggers, resting = gpkg_layout.triggers(spec), gpkg_layout.bulk_triggers(spec)
        stood = self.rows(f"SELECT 1 FROM {table} LIMIT 1")
        for name in resting:
            file.execute(f"DROP TRIGGER {quoted(name)}")
        indexes = {} if stood else gpkg_layout.indexes(spec)
        for name in indexes:
            file.execute(f"DROP INDEX {quoted(name)}")
        self._insert(spec, fids, rows)
        for statement in indexes.values():
            file.execute(statement)
        if spec.geometry_type is not None:
            self._index(spec, fids, rows)
        self._keep(spec, fids, revision)
        count = (
            "UPDATE gpkg_ogr_contents SET feature_count = feature_count + ? WHERE table_name = ?"
        )
        file.execute(count, (len(fids), spec.id))
        for name in resting:
            file.execute(all_triggers[name])

    def _insert(self, spec: LayerSpec, fids: Sequence[int], rows: Rows) -> None:
        """Insert rows part by part, so that not all of them are held as binaries at once."""
        pairs = zip(spec.fields, rows.columns, strict=True)
        given = [(field, column) for field, column in pairs if column.count(None) < len(column)]
        shaped = spec.geometry_type is not None
        names = f"fid, {listed([field for field, _ in given])}"
        names += f", {self.geometry}" if shaped else ""
        places = marks(len(given) + 1 + shaped)
        sql = f"INSERT INTO {quoted(spec.id)} ({names}) VALUES ({places})"
        for start in range(0, len(fids), _PART):
            part = slice(start, start + _PART)
            columns: list[Sequence[object]] = [fids[part], *(column[part] for _, column in given)]
            if shaped:
                columns.append(gpkg_geometry.encoded(rows.wkb[part], rows.bounds[part]))
            self.file.executemany(sql, zip(*columns, strict=True))

    def _keep(self, spec: LayerSpec, fids: Sequence[int], revision: int) -> None:
        """Note that the rows were not there before."""
        past = f"INSERT INTO {earlier(spec.id)} (fid, revision, existed)"
        if fids[-1] - fids[0] == len(fids) - 1:
            rows = f"SELECT fid, ?, 0 FROM {quoted(spec.id)} WHERE fid BETWEEN ? AND ?"
            self.run(f"{past} {rows}", (revision, fids[0], fids[-1]))
        else:
            self.run_many(f"{past} VALUES (?, ?, 0)", [(fid, revision) for fid in fids])

    def _index(self, spec: LayerSpec, fids: Sequence[int], rows: Rows) -> None:
        """Add to the R-tree: packed anew where most of it is new, else one by one."""
        tree = quoted(gpkg_layout.rtree_of(spec.id))
        bounds = rows.bounds
        shown = ~np.isnan(bounds[:, 0])
        ids, bounds = np.asarray(fids, dtype=np.int64)[shown], bounds[shown]
        stands = self.rows(f"SELECT count(*) FROM {tree}")[0][0]
        if len(ids) < stands:
            self.file.executemany(
                f"INSERT INTO {tree} VALUES (?, ?, ?, ?, ?)",
                np.column_stack([ids, bounds[:, [0, 2, 1, 3]]]).tolist(),
            )
            return
        held = np.array(
            self.rows(f"SELECT id, minx, miny, maxx, maxy FROM {tree}"), dtype=np.float64
        ).reshape(-1, 5)
        pack(
            self.file,
            gpkg_layout.rtree_of(spec.id),
            np.concatenate([held[:, 0].astype(np.int64), ids]),
            np.concatenate([held[:, 1:], bounds]),
        )


def create_workspace(
    path: Path,
    metadata: Mapping[str, str],
    fill: Callable[[GeoPackageStore], None] | None = None,
) -> GeoPackageStore:
    """Make a workspace at `path`, where nothing may stand, and return its store.

    The file is made beside its place, filled, and put there whole. Raises `WorkspaceError` where
    something stands there, and where the folder cannot be written.
    """
    database.require_no_remains(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / "workspace.gpkg"
            _make(draft, metadata)
            if fill is not None:
                fill(GeoPackageStore(draft))
            put_in_place(draft, path)
    except WorkspaceError as error:
        if isinstance(error.__cause__, OSError | sqlite3.Error):  # of the draft, not of its place
            raise unwritable(path, error.__cause__) from error
        raise
    except (OSError, sqlite3.Error) as error:
        raise unwritable(path, error) from error
    return GeoPackageStore(path)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a whole file its name, without ever replacing another one."""
    taken = False
    try:
        os.link(draft, path)
    except FileExistsError:
        taken = True
    except OSError:  # a file system without hard links
        taken = path.exists()
        if not taken:
            draft.rename(path)
    if taken:
        raise WorkspaceError(
            f"{path} is there already; choose another place, or move it away first",
            f"{path} 已存在；请另选位置，或先将其移走",
        )


def unwritable(path: Path, error: Exception) -> WorkspaceError:
    """Build the error of a workspace that cannot be written at a place."""
    reason = getattr(error, "strerror", None) or error
    return WorkspaceError(
        f"the workspace cannot be written to {path} ({reason}); choose a folder you may write "
        "to with --out",
        f"无法写入工作区 {path}（{reason}）；请用 --out 指定可写的位置",
    )


def _make(draft: Path, metadata: Mapping[str, str]) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        gpkg_layout.make_base(file)
        for spec in (*LAYERS.values(), *TABLES.values(), *INTERNAL.values()):
            gpkg_layout.make_layer(file, spec)
        rows = {**metadata, "format": FORMAT}
        for fid, pair in enumerate(rows.items(), start=1):
            file.execute(f"INSERT INTO {METADATA} (fid, key, value) VALUES (?, ?, ?)", (fid, *pair))
        for table in ("ouzhi_revisions", earlier(METADATA)):
            file.execute(f"DELETE FROM {table}")
        file.execute("COMMIT")
