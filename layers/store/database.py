"""A GeoPackage as the SQLite file it is: opened to read or to write, its faults in words.

What was committed survives a killed process and a lost power line: SQLite keeps a journal beside
the file until a change is whole (https://www.sqlite.org/atomiccommit.html). That journal belongs to
its file: a file that is moved without it is damaged, and it damages a file put in the old place.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from layers.errors import WorkspaceError
from layers.store.records import METADATA

PATIENCE_S = 10.0
"""How long to wait for somebody else who writes."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_SEALED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_GONE = re.compile(r"no such (?:table|column)s?: (?:main\.)?(\S+)|has no column named (\S+)")


def damaged(path: Path) -> WorkspaceError:
    """Build the error of a file that is not a readable workspace."""
    return WorkspaceError(
        f"{path} is not a readable workspace; put a backup in its place with `ouzhi workspace "
        f"restore`, or move it away and build a new one with `ouzhi build --out {path}`",
        f"{path} 不是可读的工作区；请用 `ouzhi workspace restore` 恢复备份，"
        f"或将其移走后用 `ouzhi build --out {path}` 重新生成",
    )


def missing(path: Path) -> WorkspaceError:
    """Build the error of a workspace that is not there."""
    if path.is_dir():
        return WorkspaceError(
            f"there is no workspace at {path}, which is a folder; name a file, for instance "
            f"`ouzhi build --out {path / 'workspace.gpkg'}`",
            f"{path} 处没有工作区，它是一个文件夹；请指定文件，"
            f"例如 `ouzhi build --out {path / 'workspace.gpkg'}`",
        )
    return WorkspaceError(
        f"there is no workspace at {path}; build one with `ouzhi build --out {path}`",
        f"{path} 处没有工作区；请先用 `ouzhi build --out {path}` 生成",
    )


def require_no_remains(path: Path) -> None:
    """Raise `WorkspaceError` where the journal of another file stands beside a free place.

    SQLite would take it for that of the file that is put there, and undo into it.
    """
    found = [one for one in _journals(path) if one.exists()]
    if found:
        raise WorkspaceError(
            f"{found[0]} belongs to the workspace that stood at {path}, and may hold its last "
            "changes; move it away together with that file",
            f"{found[0]} 属于原在 {path} 的工作区，可能含其最后的修改；请将其与该文件一并移走",
        )


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a workspace to read; raises `WorkspaceError` where it is missing, busy or damaged.

    A save that was cut off (a full disk, a lost power line) is undone first.
    """
    if not path.is_file():
        raise missing(path)
    try:
        with closing(_whole(path)) as file:
            yield file
    except sqlite3.Error as error:
        raise _unread(path, error) from error


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a workspace to write in one transaction: all of it is stored, or nothing.

    Raises `WorkspaceError` where the file is missing, busy, damaged or cannot be written.
    """
    if not path.is_file():
        raise missing(path)
    try:
        file = _locked(path)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(path, error) from error
    with closing(file):
        try:
            yield file
            if file.in_transaction:
                file.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unwritten(path, error) from error


def _connect(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)


def _whole(path: Path) -> sqlite3.Connection:
    """Open a file to read; where a save was cut off, to write, by which SQLite undoes it."""
    file = _connect(path, "ro", PATIENCE_S)
    try:
        file.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.DatabaseError as error:
        file.close()
        if code_of(error) not in _SEALED:
            raise
        if _rests(path):
            return _connect(path, "ro&immutable=1", PATIENCE_S)
        file = _connect(path, "rw", PATIENCE_S)
    return file


def _rests(path: Path) -> bool:
    """Whether a file is whole and nobody can be changing it, so that it needs no locks.

    A program that died may leave a file marked for a write-ahead log. Such a file cannot be read
    where the log cannot be made, as in a read-only folder.
    """
    effective = os.access in os.supports_effective_ids
    sealed = not os.access(path.parent, os.W_OK, effective_ids=effective)
    return sealed and not any(one.exists() for one in _journals(path))


def _journals(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}-{kind}") for kind in ("journal", "wal")]


def _locked(path: Path) -> sqlite3.Connection:
    """Open the file that stands at `path` with nobody else writing.

    Somebody may put another file there while this waits: then that one is opened.
    """
    while True:
        before = path.stat()
        _settle(path)
        file = _connect(path, "rw", PATIENCE_S)
        try:
            file.execute("BEGIN IMMEDIATE")
            now = path.stat()
        except BaseException:
            file.close()
            raise
        if (before.st_dev, before.st_ino) == (now.st_dev, now.st_ino):
            return file
        file.close()


def _settle(path: Path) -> None:
    """Bring a write-ahead log that another program left into the file, unless it is still open.

    QGIS does so itself when it closes a file; where it died, a copy of the file alone would lack
    what stands in the log.
    """
    if not _is_logged(path):
        return
    with closing(_connect(path, "rw", 0.0)) as file:
        try:
            file.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            if code_of(error) not in (*_BUSY, *_SEALED):
                raise


def _is_logged(path: Path) -> bool:
    """Whether a file is marked for a write-ahead log: by its header, which costs no opening."""
    with path.open("rb") as file:
        return file.read(20)[18:] == b"\x02\x02"


def code_of(error: BaseException) -> int:
    """The primary result code of SQLite; 0 where Python gives none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _busy(path: Path) -> WorkspaceError:
    return WorkspaceError(
        f"another program is using {path}; close it there (for instance in QGIS) and try again",
        f"另一程序正在使用 {path}；请先在其中（例如 QGIS）关闭，再试一次",
    )


def _unsound(path: Path, error: Exception) -> WorkspaceError | None:
    """The error of a file that is no workspace, or lacks a part of one; None for all others."""
    code = code_of(error)
    found = _GONE.search(str(error)) if code == sqlite3.SQLITE_ERROR else None
    if code in _DAMAGED or (found and METADATA in found.groups()):
        return damaged(path)
    if found is None:
        return None
    part = found[1] or found[2]
    return WorkspaceError(
        f"{path} lacks {part}, which another program removed or renamed; put it back there, or put "
        "a backup in the file's place with `ouzhi workspace restore`",
        f"{path} 缺少 {part}，它已被另一程序删除或改名；请在该程序中改回，"
        "或用 `ouzhi workspace restore` 恢复备份",
    )


def _unread(path: Path, error: sqlite3.Error) -> WorkspaceError:
    code = code_of(error)
    if code in _BUSY:
        return _busy(path)
    if code in _SEALED and any(one.exists() for one in _journals(path)):
        return WorkspaceError(
            f"a save into {path} was cut off, and undoing it needs writing; allow writing to the "
            "file and its folder",
            f"上次写入 {path} 中断，须先撤销才能读取；请允许写入该文件及其文件夹",
        )
    return _unsound(path, error) or WorkspaceError(
        f"{path} cannot be read ({error}); allow reading the file, and see that its disk is there "
        "and not full",
        f"无法读取 {path}（{error}）；请检查文件的读权限，以及磁盘是否可用、是否已满",
    )


def _unwritten(path: Path, error: Exception) -> WorkspaceError:
    if code_of(error) in _BUSY:
        return _busy(path)
    reason = getattr(error, "strerror", None) or error
    return _unsound(path, error) or WorkspaceError(
        f"nothing was saved: {path} cannot be written ({reason}); allow writing to the file and "
        "its folder, and see that the disk is not full",
        f"未保存：无法写入 {path}（{reason}）；请检查文件与文件夹的写权限及磁盘空间",
    )
