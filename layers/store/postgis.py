"""A workspace as one schema of a PostGIS database, which QGIS and psql open and edit as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from layers.catalog import LAYERS, TABLES, FieldSpec, LayerSpec
from layers.errors import WorkspaceError
from layers.filters import Box
from layers.store import postgis_layout, server
from layers.store.records import FORMAT, INTERNAL, METADATA
from layers.store.rows import Rows
from layers.store.session import Row, Session, earlier, listed, quoted
from layers.store.sql_store import SqlStore

_EXACT = 1 << 53
_MARKS = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|(\?)|(%)""")
_WITH_SRID = b"\x20" + postgis_layout.SRID.to_bytes(4, "little")


class PostgisStore(SqlStore):
    """The schema of one workspace; every read and every change opens and closes a connection."""

    def __init__(self, url: str) -> None:
        """Check that a workspace of ours is at `url`; raise `WorkspaceError` with what to do."""
        self.address = server.read_address(url)
        self.require_format()

    @property
    def place(self) -> str:
        """The address without its password."""
        return str(self.address)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads one state; raises `WorkspaceError`."""
        with server.reading(self.address) as connection:
            yield self._session(connection)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that alone writes, stored when it is left; raises `WorkspaceError`."""
        with server.writing(self.address) as connection:
            yield self._session(connection)

    def _session(self, connection: server.Connection) -> PostgisSession:
        session = PostgisSession(connection, self.address.schema)
        found = session.rows(
            "SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_class AS c JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?",
            (session.schema, METADATA),
        )
        if not found:
            raise server.missing(self.address)
        if not found[0][0]:
            raise server.forbidden(self.address, f"USAGE ON SCHEMA {session.schema}")
        return session


class PostgisSession(Session):
    """A connection to PostGIS in one transaction."""

    def __init__(self, connection: server.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a query.

        Whole numbers go as integers, by which the index of an integer column can be used.
        """
        with self.connection.cursor(binary=True) as cursor:
            cursor.execute(_translated(sql), [_narrowed(one) for one in parameters])
            return cursor.fetchall()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        return self.connection.execute(_translated(sql), list(parameters)).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row of parameters."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_translated(sql), rows)

    def rollback(self) -> None:
        """Give up the transaction."""
        self.connection.rollback()

    def read_geometry(self, alias: str) -> str:
        """The geometry as WKB."""
        return f"ST_AsBinary({alias}{self.geometry}, 'NDR')"

    def wkb_of(self, values: Sequence[Any]) -> list[bytes | None]:
        """The same: columns take two dimensions only."""
        return list(values)

    def stored_geometry(self, rows: Rows) -> list[object]:
        """The same: PostGIS reads WKB."""
        return list(rows.wkb)

    def geometry_mark(self) -> str:
        """A mark that PostGIS reads as WKB."""
        return f"ST_GeomFromWKB(?, {postgis_layout.SRID})"

    def meets(self, spec: LayerSpec, alias: str, box: Box) -> tuple[str, list[object]]:
        """A condition by the GiST index, whose bounds are a little wider than the geometries'."""
        corners = f"ST_MakeEnvelope(?, ?, ?, ?, {postgis_layout.SRID})"
        return f"{alias}{self.geometry} && {corners}", list(box)

    def extent(self, spec: LayerSpec) -> Box | None:
        """The exact bounds, in double precision."""
        edges = ", ".join(
            f"{which}({name}({self.geometry}))"
            for name, which in (
                *(("ST_XMin", "min"), ("ST_YMin", "min")),
                *(("ST_XMax", "max"), ("ST_YMax", "max")),
            )
        )
        west, south, east, north = self.rows(f"SELECT {edges} FROM {quoted(spec.id)}")[0]
        return None if west is None else (west, south, east, north)

    def make_layer(self, spec: LayerSpec) -> None:
        """Make the tables, indexes, functions and triggers of a layer or table."""
        self._run_all(postgis_layout.layer(spec, self._path()))

    def add_columns(self, spec: LayerSpec, fields: Sequence[FieldSpec]) -> None:
        """Add columns to a layer that stands."""
        self._run_all(postgis_layout.more_columns(spec, fields, self._path()))

    def column_types(self, name: str) -> dict[str, str]:
        """The columns of a layer's table and their declared types; empty where there is none."""
        found = self.rows(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a"
            " JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0"
            " AND NOT a.attisdropped ORDER BY a.attnum",
            (self.schema, name),
        )
        return {str(column): str(type_) for column, type_ in found}

    def column_type(self, field: FieldSpec) -> str:
        """The declared type of a field's column."""
        return postgis_layout.TYPES[field.type]

    def touched(self, spec: LayerSpec, rows: Rows | None, made: str) -> None:
        """Nothing is to be noted: the server keeps its own statistics."""

    def add_in_bulk(self, spec: LayerSpec, fids: Sequence[int], rows: Rows, revision: int) -> None:
        """Add many rows by COPY; the triggers keep their history all at once."""
        columns: list[Iterable[object]] = [fids, *rows.columns]
        names = f"fid, {listed(spec.fields)}"
        if spec.geometry_type is not None:
            names += f", {self.geometry}"
            columns.append(map(_hexadecimal, rows.wkb))
        table = quoted(spec.id)
        with self.connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
                for row in zip(*columns, strict=True):
                    copy.write_row(row)
            for one in (table, earlier(spec.id)):
                cursor.execute(f"ANALYZE {one}".encode())

    def make_base(self, address: server.Address) -> None:
        """Make the tables and functions that every workspace has."""
        self._run_all(postgis_layout.base(address, self._path()))

    def _run_all(self, statements: Iterable[str]) -> None:
        self.connection.execute(";\n".join(statements).encode())

    def _path(self) -> str:
        return str(self.rows("SHOW search_path")[0][0])


class UnseenStore(PostgisStore):
    """A workspace in the making: all that is done is seen when its one transaction is committed."""

    def __init__(self, session: PostgisSession, address: server.Address) -> None:
        self.address = address
        self._only = _UnseenSession(session.connection, session.schema)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The one session."""
        yield self._only

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The one session, set back where a change fails."""
        self._only.run("SAVEPOINT ouzhi_change")
        try:
            yield self._only
        except BaseException:
            self._only.rollback()
            raise
        self._only.run("RELEASE SAVEPOINT ouzhi_change")


class _UnseenSession(PostgisSession):
    def rollback(self) -> None:
        """Give up the change, not the whole."""
        self.run("ROLLBACK TO SAVEPOINT ouzhi_change")


def create_postgis_workspace(
    url: str,
    metadata: Mapping[str, str],
    fill: Callable[[SqlStore], None] | None = None,
) -> PostgisStore:
    """Make a workspace at `url`, in a schema that is not there yet or has nothing in it.

    It is filled before anybody sees it. Raises `WorkspaceError` where something stands in the
    schema, and where the user may not make one; then nothing was made.
    """
    address = server.read_address(url)
    with server.writing(address) as connection:
        session = PostgisSession(connection, address.schema)
        _require_room(session, address)
        session.make_base(address)
        for spec in (*LAYERS.values(), *TABLES.values(), *INTERNAL.values()):
            session.make_layer(spec)
        pairs = list({**metadata, "format": FORMAT}.items())
        session.run_many(f"INSERT INTO {METADATA} (key, value) VALUES (?, ?)", pairs)
        for table in ("ouzhi_revisions", earlier(METADATA)):
            session.run(f"DELETE FROM {table}")
        if fill is not None:
            fill(UnseenStore(session, address))
    return PostgisStore(url)


def has_postgis_workspace(url: str) -> bool:
    """Whether anything stands in the schema of `url`; raises `WorkspaceError`."""
    address = server.read_address(url)
    with server.reading(address) as connection:
        return bool(_holds(PostgisSession(connection, address.schema)))


def _holds(session: PostgisSession) -> bool | None:
    """Whether the schema holds anything; None where there is none."""
    found = session.rows(
        "SELECT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid)"
        " FROM pg_namespace AS n WHERE n.nspname = ?",
        (session.schema,),
    )
    return bool(found[0][0]) if found else None


def _require_room(session: PostgisSession, address: server.Address) -> None:
    """Make the schema where there is none; raise `WorkspaceError` where it holds anything."""
    holds = _holds(session)
    if holds is None:
        session.run(f"CREATE SCHEMA {quoted(address.schema)}")
    elif holds:
        raise WorkspaceError(
            f"there are tables at {address} already; name another schema (?schema=…), or move them "
            "away first",
            f"{address} 处已有数据表；请改用其他 schema（?schema=…），或先将其移走",
        )


@lru_cache(maxsize=1024)
def _translated(sql: str) -> bytes:
    """A statement with the marks of psycopg; what is in quotes stays, but for doubled `%`."""

    def turned(match: re.Match[str]) -> str:
        held, mark, _ = match.groups()
        return held.replace("%", "%%") if held else "%s" if mark else "%%"

    return _MARKS.sub(turned, sql).encode()


def _narrowed(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and -_EXACT < value < _EXACT:
        return int(value)
    return value


def _hexadecimal(wkb: bytes | None) -> str | None:
    """WKB as PostGIS reads it from text, with its system."""
    return None if wkb is None else (wkb[:4] + _WITH_SRID + wkb[5:]).hex()
