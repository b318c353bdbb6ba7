"""Whole workspaces from one place to another: copied, backed up, and restored.

A copy holds all rows with their row numbers, every earlier version, all revisions and saved
documents, and is held against its source before anybody can see it. A backup of a GeoPackage is
made by SQLite's own backup (https://www.sqlite.org/backup.html), while others read and write.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from layers.catalog import LAYERS, TABLES, FieldSpec, LayerSpec
from layers.errors import WorkspaceError
from layers.store import database, hashing
from layers.store.base import Change, Put
from layers.store.documents import Documents
from layers.store.geopackage import GeoPackageStore, put_in_place, unwritable
from layers.store.history import read_state
from layers.store.opening import create, has_workspace, is_url, open_workspace
from layers.store.records import (
    FREE_LAYERS,
    INTERNAL,
    METADATA,
    free_specs,
    spec_of,
    sum_of,
)
from layers.store.rows import Rows, frame_of
from layers.store.session import Row, Session, earlier, listed, marks, quoted
from layers.store.sql_store import SqlStore

_CHUNK = 20_000
"""Rows held in memory at a time."""

_REVISIONS = "revision, made, author, reason, kind, open, edits, summary"


def copy_workspace(source: SqlStore, place: str | Path) -> SqlStore:
    """Copy a workspace with all its history to a place where nothing is yet; returns the copy.

    It is as the source was at one moment, whatever others write meanwhile. Raises `WorkspaceError`
    where something stands there or it cannot be written, and where the source holds values that
    its fields do not allow; then nothing was made.
    """
    with source.reading() as reading:

        def fill(target: SqlStore) -> None:
            with target.writing() as session:
                _fill(reading, session, source.place)

        return create(place, {}, fill)


def back_up(store: SqlStore, path: Path) -> SqlStore:
    """Back a workspace up into a GeoPackage at `path`, where nothing may stand; returns it.

    Others may go on writing. Raises `WorkspaceError`; then nothing was made.
    """
    if not isinstance(store, GeoPackageStore):
        return copy_workspace(store, path)
    database.require_no_remains(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / "backup.gpkg"
            with (
                database.reading(store.path) as file,
                closing(sqlite3.connect(draft)) as copy,
            ):
                file.backup(copy)
            require_whole(GeoPackageStore(draft), shown=str(path))
            put_in_place(draft, path)
    except (OSError, sqlite3.Error) as error:
        raise unwritable(path, error) from error
    return GeoPackageStore(path)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the workspace, what differed, and where a damaged one was moved to."""

    store: SqlStore
    put: Put
    moved: Path | None = None


def restore(path: Path, place: str | Path, *, author: str, reason: str) -> Restored:
    """Bring back what a backup holds; the backup is checked first.

    Where a workspace stands, its layers and tables become those of the backup by a new revision of
    kind `restore`: its own history stays, and the revision can be undone. Saved documents that are
    missing are added, those that stand are kept. Where nothing stands, the backup is copied with
    its history; a damaged GeoPackage is moved aside for that. Raises `WorkspaceError`; then nothing
    was changed.
    """
    backup = open_workspace(path)
    require_whole(backup, shown=str(path))
    moved = _moved_aside(Path(place)) if not is_url(place) and Path(place).exists() else None
    if not has_workspace(place):
        store = copy_workspace(backup, place)
        count = sum(store.count(name) for name in store.specs())
        return Restored(store, Put(inserted=count), moved)
    store = open_workspace(place)
    own = [name for name, spec in store.specs().items() if spec.free]
    with store.changing(author=author, reason=reason, kind="restore") as change:
        put = _bring_back(backup, change, own)
    with backup.reading() as held:
        for document in Documents(held).all():
            store.write_document(document)
    return Restored(store, put)


def _moved_aside(path: Path) -> Path | None:
    """Move a damaged GeoPackage and its journals beside their place; None where it is sound.

    Raises `WorkspaceError` where that cannot be told because the file is busy or sealed, or because
    it is of another format.
    """
    try:
        store = GeoPackageStore(path)
    except WorkspaceError as error:
        if not _is_damage(error.__cause__):
            raise
    else:
        try:
            require_whole(store, shown=str(path))
        except WorkspaceError as error:
            if error.__cause__ is not None and not _is_damage(error.__cause__):
                raise
        else:
            return None
    number = 1
    while (aside := path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")).exists():
        number += 1
    for kind in ("-journal", "-wal", "-shm", ""):
        old = path.with_name(path.name + kind)
        if old.exists():
            old.rename(aside.with_name(aside.name + kind))
    return aside


def _is_damage(error: BaseException | None) -> bool:
    """Whether SQLite says that a file is no database, or a damaged one."""
    code = int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def require_whole(store: SqlStore, *, shown: str) -> None:
    """Raise `WorkspaceError` where a workspace is damaged or not what its record says."""
    with store.reading() as session:
        if isinstance(store, GeoPackageStore):
            found = session.rows("PRAGMA integrity_check(1)")[0][0]
            if found != "ok":
                raise _not_whole(shown, str(found))
        for name, spec in _content(session).items():
            rows = read_state(session, spec, None).rows
            if hashing.total(rows.digests(spec.fields)) != sum_of(session, spec, None):
                raise _not_whole(shown, name)


def _not_whole(shown: str, what: str) -> WorkspaceError:
    return WorkspaceError(
        f"{shown} is damaged ({what} is not as it was recorded); nothing was changed, use another "
        "backup",
        f"{shown} 已损坏（{what} 与记录不符）；未作任何改动，请改用另一份备份",
    )


# --- copying -------------------------------------------------------------------------------------


def _fill(source: Session, target: Session, shown: str) -> None:
    """Put all that a workspace holds into one that was just made."""
    specs = _stored(source)
    for name, spec in specs.items():
        if spec.free:
            target.make_layer(spec)
        if name == METADATA:
            target.run(f"DELETE FROM {quoted(METADATA)}")
    made = str(source.rows("SELECT max(made) FROM ouzhi_revisions")[0][0] or "")
    for spec in specs.values():
        _reserve(source, target, spec)
        for fids, rows in _current(source, spec, shown):
            target.add_in_bulk(spec, fids, rows, 0)
            target.touched(spec, rows, made)
    for spec in specs.values():
        target.run(f"DELETE FROM {earlier(spec.id)}")
        _copy_past(source, target, spec, shown)
    target.run("DELETE FROM ouzhi_revisions")
    revisions = source.rows(f"SELECT {_REVISIONS} FROM ouzhi_revisions ORDER BY revision")
    target.run_many(
        f"INSERT INTO ouzhi_revisions ({_REVISIONS}) VALUES ({marks(8)})",
        [(*row[:5], bool(row[5]), *row[6:]) for row in revisions],
    )
    target.run_many(
        "INSERT INTO ouzhi_sums (name, total) VALUES (?, ?)",
        source.rows("SELECT name, total FROM ouzhi_sums ORDER BY name"),
    )
    for document in Documents(source).all():
        Documents(target).write(document, replace=False)
    _require_same(source, target, shown)


def _stored(session: Session) -> dict[str, LayerSpec]:
    """All that has tables, by id: free layers with every field they ever had."""
    past = session.rows(f"SELECT id, spec FROM {earlier(FREE_LAYERS)} WHERE existed")
    now = session.rows(f"SELECT id, spec FROM {quoted(FREE_LAYERS)}")
    free: dict[str, LayerSpec] = {}
    for name, text in (*past, *now):
        spec = spec_of(str(name), str(text))
        known = free.get(spec.id)
        free[spec.id] = spec if known is None else replace(spec, fields=_united(spec, known))
    return {**LAYERS, **free, **TABLES, **INTERNAL}


def _united(spec: LayerSpec, other: LayerSpec) -> tuple[FieldSpec, ...]:
    names = {field.name for field in spec.fields}
    return (*spec.fields, *(field for field in other.fields if field.name not in names))


def _content(session: Session) -> dict[str, LayerSpec]:
    """All that counts as content, as it stands."""
    return {**LAYERS, **free_specs(session, None), **TABLES}


def _reserve(source: Session, target: Session, spec: LayerSpec) -> None:
    """Give out no row number again that a row which is gone has had."""
    tops = [
        int(source.rows(f"SELECT max(fid) FROM {table}")[0][0] or 0)
        for table in (quoted(spec.id), earlier(spec.id))
    ]
    if tops[1] > tops[0]:
        target.run(f"INSERT INTO {quoted(spec.id)} (fid) VALUES (?)", (tops[1],))
        target.run(f"DELETE FROM {quoted(spec.id)} WHERE fid = ?", (tops[1],))


def _current(source: Session, spec: LayerSpec, shown: str) -> Iterator[tuple[Sequence[int], Rows]]:
    columns = f"fid{_columns(source, spec)}"
    sql = f"SELECT {columns} FROM {quoted(spec.id)} WHERE fid > ? ORDER BY fid LIMIT {_CHUNK}"
    last = -(2**63)
    while found := source.rows(sql, (last,)):
        yield [int(row[0]) for row in found], _rows(source, spec, [row[1:] for row in found], shown)
        last = int(found[-1][0])


def _copy_past(source: Session, target: Session, spec: LayerSpec, shown: str) -> None:
    columns = f"fid, revision, existed{_columns(source, spec)}"
    sql = (
        f"SELECT {columns} FROM {earlier(spec.id)} WHERE fid > ? OR (fid = ? AND revision > ?)"
        f" ORDER BY fid, revision LIMIT {_CHUNK}"
    )
    names, places = f"fid, revision, existed, {listed(spec.fields)}", marks(3 + len(spec.fields))
    if spec.geometry_type is not None:
        names += f", {target.geometry}"
        places += f", {target.geometry_mark()}"
    put = f"INSERT INTO {earlier(spec.id)} ({names}) VALUES ({places})"
    fid, revision = -(2**63), 0
    while found := source.rows(sql, (fid, fid, revision)):
        rows = _rows(source, spec, [row[3:] for row in found], shown)
        shaped = spec.geometry_type is not None
        shapes = target.stored_geometry(rows) if shaped else []
        target.run_many(
            put,
            [
                (int(row[0]), int(row[1]), bool(row[2]), *values, *shapes[k : k + shaped])
                for k, (row, values) in enumerate(zip(found, rows.tuples, strict=True))
            ],
        )
        fid, revision = int(found[-1][0]), int(found[-1][1])


def _columns(session: Session, spec: LayerSpec) -> str:
    """The fields and the geometry, each after a comma."""
    shape = "" if spec.geometry_type is None else f", {session.read_geometry('')}"
    return f", {listed(spec.fields)}{shape}"


def _rows(session: Session, spec: LayerSpec, found: list[Row], shown: str) -> Rows:
    columns = [list(column) for column in zip(*found, strict=True)]
    wkb: list[bytes | None] = [None] * len(found)
    if spec.geometry_type is not None:
        wkb = session.wkb_of(columns.pop())
    pairs = zip(spec.fields, columns, strict=True)
    return Rows([_held(spec, field, column, shown) for field, column in pairs], wkb)


def _held(spec: LayerSpec, field: FieldSpec, column: list[object], shown: str) -> list[object]:
    """A column's values as its type has them: SQLite holds anything, whoever wrote it."""
    found: list[object] = []
    for value in column:
        match value:
            case None:
                found.append(None)
            case bool() | 0 | 1 if field.type == "boolean":
                found.append(bool(value))
            case int() if field.type == "integer":
                found.append(value)
            case int() | float() if field.type == "real":
                found.append(float(value))
            case str() if field.type in ("text", "date", "datetime"):
                found.append(value)
            case _:
                raise WorkspaceError(
                    f"{shown} cannot be copied: field {field.name!r} of layer {spec.id!r} holds "
                    f"{value!r}, which is no {field.type}; correct it there first",
                    f"{shown} 无法复制：图层 {spec.id!r} 的字段 {field.name!r} 中有 {value!r}，"
                    f"类型应为 {field.type}；请先在原处更正",
                )
    return found


def _require_same(source: Session, target: Session, shown: str) -> None:
    for name, spec in _content(source).items():
        rows = read_state(target, spec, None).rows
        if hashing.total(rows.digests(spec.fields)) != sum_of(source, spec, None):
            raise _not_whole(shown, name)


# --- restoring -----------------------------------------------------------------------------------


def _bring_back(backup: SqlStore, change: Change, own: Sequence[str]) -> Put:
    """Make the content that of the backup; `own` are the free layers that stand."""
    done = Put()
    with backup.reading() as held:
        wanted = free_specs(held, None)
        for spec in wanted.values():
            change.add_layer(spec)
        for name, spec in {**_content(held), METADATA: INTERNAL[METADATA]}.items():
            frame = frame_of(read_state(held, spec, None).rows, spec)
            done += change.put(name, frame, delete_missing=True)
    for name in own:
        if name not in wanted:
            done += change.put(name, pd.DataFrame({"id": []}), delete_missing=True)
            change.delete(FREE_LAYERS, [name])
    return done
