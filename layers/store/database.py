"""A GeoPackage as the SQLite file it is: opened to read or to write, its faults in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from layers.errors import WorkspaceError

PATIENCE_S = 10.0
"""How long to wait for somebody else who writes."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_SEALED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


def damaged(path: Path) -> WorkspaceError:
    """Build the error of a file that is not a readable workspace."""
    return WorkspaceError(
        f"{path} is not a readable workspace; build it again with `ouzhi build --out {path}`",
        f"{path} 不是可读的工作区；请用 `ouzhi build --out {path}` 重新生成",
    )


def missing(path: Path) -> WorkspaceError:
    """Build the error of a workspace that is not there."""
    return WorkspaceError(
        f"there is no workspace at {path}; build one with `ouzhi build --out {path}`",
        f"{path} 处没有工作区；请先用 `ouzhi build --out {path}` 生成",
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
    except sqlite3.DatabaseError as error:
        raise _unread(path, error) from error


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a workspace to write in one transaction: all of it is stored, or nothing.

    Raises `WorkspaceError` where the file is missing, busy, damaged or cannot be written.
    """
    if not path.is_file():
        raise missing(path)
    try:
        with closing(_locked(path)) as file:
            yield file
            file.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(path, error) from error


@contextmanager
def held(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold a file that is about to be replaced, so that nobody saves into what goes away.

    None where there is no database at `path`. A file that cannot be written is only read. What a
    writer left in a write-ahead log is brought into the file; raises `WorkspaceError` where another
    program has it open.
    """
    file = _held(path) if path.is_file() else None
    try:
        yield file
    finally:
        if file is not None:
            file.close()


def _held(path: Path) -> sqlite3.Connection | None:
    try:
        with closing(_connect(path, "rw")) as log:
            log.execute("PRAGMA journal_mode = DELETE")
        return _locked(path)
    except sqlite3.Error as error:
        if _code(error) in _SEALED:
            return _connect(path, "ro")
        if is_damage(error):
            return None
        raise _unwritten(path, error) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE_S, isolation_level=None)


def _whole(path: Path) -> sqlite3.Connection:
    """Open a file to read; where a save was cut off, to write, by which SQLite undoes it."""
    file = _connect(path, "ro")
    try:
        file.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.DatabaseError as error:
        file.close()
        if _code(error) != sqlite3.SQLITE_READONLY:
            raise
        file = _connect(path, "rw")
    return file


def _locked(path: Path) -> sqlite3.Connection:
    """Open the file that stands at `path` with nobody else writing.

    A build may put another file there while this waits: then that one is opened.
    """
    while True:
        before = path.stat()
        file = _connect(path, "rw")
        try:
            file.execute("BEGIN IMMEDIATE")
            now = path.stat()
        except BaseException:
            file.close()
            raise
        if (before.st_dev, before.st_ino) == (now.st_dev, now.st_ino):
            return file
        file.close()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that a file is no database, or a damaged one."""
    return _code(error) in _DAMAGED


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 where Python gives none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _busy(path: Path) -> WorkspaceError:
    return WorkspaceError(
        f"another program is using {path}; close it there (for instance in QGIS) and try again",
        f"另一程序正在使用 {path}；请先在其中（例如 QGIS）关闭，再试一次",
    )


def _unread(path: Path, error: sqlite3.Error) -> WorkspaceError:
    code = _code(error)
    if code in _BUSY:
        return _busy(path)
    if code == sqlite3.SQLITE_READONLY:
        return WorkspaceError(
            f"a save into {path} was cut off, and undoing it needs writing; allow writing to the "
            "file and its folder",
            f"上次写入 {path} 中断，须先撤销才能读取；请允许写入该文件及其文件夹",
        )
    return damaged(path)


def _unwritten(path: Path, error: Exception) -> WorkspaceError:
    code = _code(error) if isinstance(error, sqlite3.Error) else 0
    if code in _BUSY:
        return _busy(path)
    if code in _DAMAGED:
        return damaged(path)
    reason = getattr(error, "strerror", None) or error
    return WorkspaceError(
        f"nothing was saved: {path} cannot be written ({reason}); allow writing to the file and "
        "its folder, and see that the disk is not full",
        f"未保存：无法写入 {path}（{reason}）；请检查文件与文件夹的写权限及磁盘空间",
    )
