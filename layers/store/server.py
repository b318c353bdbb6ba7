"""A PostGIS database as the server it is: its address, connections, and its faults in words.

psycopg is imported here alone, and only where an address is opened: it comes with the extra
``postgis``. Faults are told apart by SQLSTATE, never by words, which follow the server's language.
No message shows a password.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from layers.errors import WorkspaceError
from layers.store.database import PATIENCE_S

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

DEFAULT_SCHEMA = "ouzhi"
LONGEST_NAME = 63
"""Bytes that PostgreSQL keeps of a name."""

_SCHEMES = ("postgresql", "postgres")
_PORT = re.compile(r"[^:]*|\[[^\]]*\]|(?:[^:]*|\[[^\]]*\]):\d{1,5}")
_LOCKS = zlib.crc32(b"ouzhi") & 0x7FFFFFFF
_BUSY = {"55P03", "40P01", "40001"}
_LOST = {"57P01", "57P02", "57P03", "08000", "08003", "08006"}
_FORBIDDEN = "42501"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a workspace lies: a database and a schema in it; as text it has no password."""

    schema: str
    shown: str
    parameters: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        return self.shown

    @property
    def lock(self) -> tuple[int, int]:
        """The advisory lock of all who write into this schema."""
        signed = zlib.crc32(self.schema.encode()) - (1 << 31)
        return _LOCKS, signed


Using = Callable[[Address], "AbstractContextManager[Connection]"]
"""`reading` or `writing`."""


def is_address(text: str) -> bool:
    """Whether a text names a server rather than a file."""
    return text.partition("://")[0].lower() in _SCHEMES and "://" in text


def read_address(url: str) -> Address:
    """Read ``postgresql://user@host:port/database?schema=ouzhi``.

    Other parts of the query (``sslmode`` …) go to PostgreSQL's own client, which also knows a
    password from ``PGPASSWORD`` or ``~/.pgpass``. Raises `WorkspaceError` where the address cannot
    be read, without its text, in which a password that is not escaped may stand anywhere; where
    the schema's name cannot be one of ours; and where psycopg is not installed.
    """
    driver = _driver()
    try:
        parts = urlsplit(url)
        _require_escaped(parts)
        asked = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        others = [pair for pair in asked if pair[0] != "schema"]
        plain = parts._replace(scheme="postgresql", query=urlencode(others, quote_via=quote))
        parameters = driver.conninfo.conninfo_to_dict(plain.geturl())
    except (ValueError, driver.Error):
        raise _unreadable() from None
    schemas = [value for name, value in asked if name == "schema"] or [DEFAULT_SCHEMA]
    schema = _require_schema(schemas[-1])
    texts = {name: str(value) for name, value in parameters.items() if value is not None}
    return Address(schema, _shown(parts, schema), texts)


def missing(address: Address) -> WorkspaceError:
    """Build the error of a schema without a workspace."""
    return WorkspaceError(
        f"there is no workspace at {address}; build one with `ouzhi build --out '{address}'`, or "
        "copy one there with `ouzhi workspace copy`",
        f"{address} 处没有工作区；可用 `ouzhi build --out '{address}'` 生成，"
        "或用 `ouzhi workspace copy` 复制一份到此",
    )


def damaged(address: Address, reason: str) -> WorkspaceError:
    """Build the error of a schema whose tables are not as this version makes them."""
    return WorkspaceError(
        f"the workspace at {address} cannot be read ({reason}); its tables were changed by "
        "hand, or made by another version: restore a backup, or copy a workspace to another schema",
        f"{address} 处的工作区无法读取（{reason}）；其表被手工改动，或由其他版本生成："
        "请从备份恢复，或把工作区复制到另一个 schema",
    )


def forbidden(address: Address, reason: str) -> WorkspaceError:
    """Build the error of a user who lacks a right."""
    return WorkspaceError(
        f"the user of {address} may not do this ({reason}); let the owner of the database "
        "grant it, or name another user",
        f"{address} 的用户没有相应权限（{reason}）；请数据库所有者授权，或改用其他用户",
    )


@contextmanager
def reading(address: Address) -> Iterator[Connection]:
    """Read from one state of the database, whatever others write meanwhile.

    Raises `WorkspaceError` where the server cannot be reached or read.
    """
    with _connected(address, writing=False) as connection:
        yield connection


@contextmanager
def writing(address: Address) -> Iterator[Connection]:
    """Write in one transaction, alone among those who write into the schema; all or nothing.

    Raises `WorkspaceError` where the server cannot be reached, or nothing can be written.
    """
    with _connected(address, writing=True) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", address.lock)
        yield connection


@contextmanager
def _connected(address: Address, *, writing: bool) -> Iterator[Connection]:
    driver = _driver()
    try:
        connection = driver.connect(
            **{"connect_timeout": "10", "application_name": "ouzhi", **address.parameters}
            | {"client_encoding": "UTF8"}
        )
    except driver.Error as error:
        raise _unreached(address, error) from None
    levels = driver.IsolationLevel
    connection.isolation_level = levels.READ_COMMITTED if writing else levels.REPEATABLE_READ
    connection.read_only = not writing
    try:
        with connection:
            _prepare(connection, address)
            yield connection
    except driver.Error as error:
        raise _in_words(address, error, writing=writing) from error


def _prepare(connection: Connection, address: Address) -> None:
    """Set the session up: no endless waiting, and names found in the workspace, then in PostGIS."""
    row = connection.execute(
        "SELECT quote_ident(n.nspname), quote_ident(%s), set_config('lock_timeout', %s, false)"
        " FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'postgis'",
        (address.schema, f"{PATIENCE_S:.0f}s"),
    ).fetchone()
    if row is None:
        raise WorkspaceError(
            f"the database at {address} has no PostGIS; let its administrator run "
            "`CREATE EXTENSION postgis` in it",
            f"{address} 的数据库没有安装 PostGIS；请管理员在其中执行 `CREATE EXTENSION postgis`",
        )
    path = f"{row[1]}, {row[0]}, pg_temp"
    # Nested loops are quadratic where a large change is newer than the server's statistics.
    connection.execute(
        "SELECT set_config('search_path', %s, false), set_config('enable_nestloop', 'off', false)",
        (path,),
    )


def _driver() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as error:
        raise WorkspaceError(
            "a workspace in PostGIS needs psycopg, which is not installed; install it with "
            "`pip install 'ouzhi[postgis]'`",
            "使用 PostGIS 中的工作区需要 psycopg，目前没有安装；"
            "请用 `pip install 'ouzhi[postgis]'` 安装",
        ) from error
    return psycopg


def _require_escaped(parts: SplitResult) -> None:
    """Refuse what a sign of a password could have split elsewhere; raises `ValueError`."""
    account, at, hosts = parts.netloc.rpartition("@")
    split = "@" in account or "@" in parts.path or parts.fragment or (at and not account)
    if parts.scheme not in _SCHEMES or split:
        raise ValueError
    if not all(_PORT.fullmatch(host) for host in hosts.split(",")):
        raise ValueError


def _require_schema(name: str) -> str:
    reserved = name.lower().startswith("pg_") or name.lower() in ("information_schema", "public")
    if not name or reserved or "\0" in name or len(name.encode()) > LONGEST_NAME:
        raise WorkspaceError(
            f"{name!r} cannot be the schema of a workspace; name one of its own, at most "
            f"{LONGEST_NAME} bytes, not public and not beginning with pg_: ?schema=ouzhi",
            f"{name!r} 不能作为工作区的 schema；请用专用的名称，至多 {LONGEST_NAME} 字节，"
            "不可为 public，不可以 pg_ 开头：?schema=ouzhi",
        )
    return name


def _shown(parts: SplitResult, schema: str) -> str:
    """The address as messages show it: no password, and of the query the schema alone."""
    user = f"{quote(unquote(parts.username))}@" if parts.username else ""
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{user}{host}{parts.path}?schema={quote(schema)}"


def _unreadable() -> WorkspaceError:
    form = "postgresql://user@host:5432/database?schema=ouzhi"
    return WorkspaceError(
        f"the address of the database cannot be read; write it as {form}, signs in a password "
        "such as @ / : ? # % escaped (@ as %40), or leave the password to PGPASSWORD",
        f"数据库地址无法识别；应写成 {form}，密码中的 @ / : ? # % 等须转义（@ 写作 %40），"
        "或改用 PGPASSWORD 提供密码",
    )


def _unreached(address: Address, error: Exception) -> WorkspaceError:
    reason = _reason(address, error)
    return WorkspaceError(
        f"the database at {address} cannot be reached ({reason}); see that the server runs, and "
        "that address, user and password (PGPASSWORD or ~/.pgpass) are right",
        f"无法连接数据库 {address}（{reason}）；请检查服务器是否运行，"
        "以及地址、用户与密码（PGPASSWORD 或 ~/.pgpass）是否正确",
    )


def _reason(address: Address, error: Exception) -> str:
    """What the server says, on one line, and no password even if it should say one."""
    diagnosis = getattr(getattr(error, "diag", None), "message_primary", None)
    text = " ".join(str(diagnosis or error).split())
    for name, value in address.parameters.items():
        if "password" in name and value:
            text = text.replace(value, "***")
    return text


def _in_words(address: Address, error: Exception, *, writing: bool) -> WorkspaceError:
    """The error of a database in one sentence for each language."""
    silent = "08006" if isinstance(error, _driver().OperationalError) else ""
    code = str(getattr(error, "sqlstate", None) or silent)
    reason = _reason(address, error)
    if code in _BUSY:
        return WorkspaceError(
            f"another program is changing the workspace at {address}; end it there (for instance "
            "save in QGIS) and try again",
            f"另一程序正在修改工作区 {address}；请先在其中结束（例如在 QGIS 中保存），再试一次",
        )
    if code in _LOST:
        lost = "nothing was saved: " if writing else ""
        lost_zh = "未保存：" if writing else ""
        return WorkspaceError(
            f"{lost}the connection to {address} was lost ({reason}); try again",
            f"{lost_zh}与 {address} 的连接中断（{reason}）；请再试一次",
        )
    if code == _FORBIDDEN:
        return forbidden(address, reason)
    if code.startswith(("42", "3F")):
        return damaged(address, reason)
    if not writing:
        return WorkspaceError(
            f"the workspace at {address} cannot be read now ({reason}); try again later",
            f"{address} 处的工作区目前无法读取（{reason}）；请稍后再试",
        )
    return WorkspaceError(
        f"nothing was saved: {address} cannot be written ({reason}); see that the disk of the "
        "server is not full and that it takes changes",
        f"未保存：无法写入 {address}（{reason}）；请检查服务器磁盘空间以及它是否允许修改",
    )
