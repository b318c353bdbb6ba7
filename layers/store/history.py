"""The state of a layer after a revision, and what differs between two of them.

The table of earlier versions is an undo log. A row's state after revision r is the earliest version
that a revision after r put away, or the row as it stands where none did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layers.catalog import LayerSpec
from layers.filters import Box, Condition
from layers.store.rows import Rows
from layers.store.session import Row, Session, earlier, listed, marks, quoted


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Rows of a layer by row number, in that order, with all fields."""

    fids: list[int]
    rows: Rows

    def by_fid(self) -> dict[int, tuple[tuple[object, ...], bytes | None]]:
        """Values and geometry by row number."""
        pairs = zip(self.rows.tuples, self.rows.wkb, strict=True)
        return dict(zip(self.fids, pairs, strict=True))


def read_state(
    session: Session,
    spec: LayerSpec,
    revision: int | None,
    *,
    bbox: Box | None = None,
    where: Sequence[Condition] = (),
    fids: tuple[str, list[object]] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> State:
    """Rows after a revision (None: now) that meet all conditions.

    With `bbox` those whose bounds may meet it. `fids` is a query of row numbers with its
    parameters, to which the rows are restricted.
    """
    tests, parameters = conditions_sql(where)
    if fids is not None:
        tests.append(f"fid IN ({fids[0]})")
        parameters += fids[1]
    inner, before = _rows_sql(session, spec, revision, bbox)
    sql = f"SELECT * FROM ({inner}) AS state" if revision is not None else inner
    if tests:
        joined = " AND ".join(tests)
        begins = revision is not None or bbox is None
        sql += f" {'WHERE' if begins else 'AND'} {joined}"
    sql += " ORDER BY fid"
    if limit is not None:
        sql += f" LIMIT {int(limit)} OFFSET {int(offset)}"
    elif offset:
        sql += f" LIMIT {2**62} OFFSET {int(offset)}"
    return _state(session, spec, session.rows(sql, [*before, *parameters]))


def read_before(session: Session, spec: LayerSpec, since: int, until: int | None) -> State:
    """How the rows stood after `since` that revisions after it, to `until`, have touched.

    Rows that were not there are left out.
    """
    table = earlier(spec.id)
    sql = (
        f"SELECT {_columns(session, spec, 'b.')} FROM {table} AS b WHERE b.existed"
        f" AND b.revision > ?{'' if until is None else ' AND b.revision <= ?'} AND NOT EXISTS"
        f" (SELECT 1 FROM {table} AS e WHERE e.fid = b.fid AND e.revision > ?"
        " AND e.revision < b.revision) ORDER BY +b.fid"
    )
    bounds = [since] if until is None else [since, until]
    return _state(session, spec, session.rows(sql, [*bounds, since]))


def read_after(session: Session, spec: LayerSpec, since: int, until: int | None) -> State:
    """How the rows stand after `until` (None: now) that revisions after `since` have touched."""
    query = f"SELECT fid FROM {earlier(spec.id)} WHERE revision > ?"
    parameters: list[object] = [since]
    if until is not None:
        query += " AND revision <= ?"
        parameters.append(until)
    return read_state(session, spec, until, fids=(query, parameters))


def count_rows(
    session: Session, spec: LayerSpec, revision: int | None, where: Sequence[Condition] = ()
) -> int:
    """How many rows after a revision (None: now) meet all conditions."""
    tests, parameters = conditions_sql(where)
    condition = f" WHERE {' AND '.join(tests)}" if tests else ""
    if revision is None:
        before: list[object] = []
        sql = f"SELECT count(*) FROM {quoted(spec.id)}{condition}"
    else:
        inner, before = _rows_sql(session, spec, revision, None)
        sql = f"SELECT count(*) FROM ({inner}) AS state{condition}"
    return int(session.rows(sql, [*before, *parameters])[0][0])


def conditions_sql(where: Sequence[Condition]) -> tuple[list[str], list[object]]:
    """Conditions as SQL, with their parameters."""
    tests: list[str] = []
    parameters: list[object] = []
    for one in where:
        name = quoted(one.field)
        if one.operator == "IN":
            tests.append(f"{name} IN ({marks(len(one.literals))})")
        elif one.literals:
            tests.append(f"{name} {one.operator} ?")
        else:
            tests.append(f"{name} {one.operator}")
        parameters += one.literals
    return tests, parameters


def _rows_sql(
    session: Session, spec: LayerSpec, revision: int | None, bbox: Box | None
) -> tuple[str, list[object]]:
    """A query of all rows after a revision, bounds tested by the index where rows are current."""
    table, past = quoted(spec.id), earlier(spec.id)
    tests: list[str] = []
    parameters: list[object] = []
    if bbox is not None:
        test, more = session.meets(spec, "t.", bbox)
        tests.append(test)
        parameters += more
    current = f"SELECT {_columns(session, spec, 't.')} FROM {table} AS t"
    if revision is None:
        return current + (f" WHERE {tests[0]}" if tests else ""), parameters
    tests.append(f"NOT EXISTS (SELECT 1 FROM {past} AS b WHERE b.fid = t.fid AND b.revision > ?)")
    parameters.append(revision)
    put_away = (
        f"SELECT {_columns(session, spec, 'b.')} FROM {past} AS b WHERE b.existed"
        f" AND b.revision > ? AND NOT EXISTS (SELECT 1 FROM {past} AS e WHERE e.fid = b.fid"
        " AND e.revision > ? AND e.revision < b.revision)"
    )
    whole = f"{current} WHERE {' AND '.join(tests)} UNION ALL {put_away}"
    return whole, [*parameters, revision, revision]


def _columns(session: Session, spec: LayerSpec, alias: str) -> str:
    columns = f"{alias}fid AS fid, {listed(spec.fields, alias)}"
    if spec.geometry_type is None:
        return columns
    return f"{columns}, {session.read_geometry(alias)} AS geom"


def _state(session: Session, spec: LayerSpec, found: list[Row]) -> State:
    columns = [list(column) for column in zip(*found, strict=True)]
    if not columns:
        columns = [[] for _ in range(len(spec.fields) + 1 + (spec.geometry_type is not None))]
    fids, *values = columns
    if spec.geometry_type is None:
        return State(fids, Rows(values, [None] * len(fids)))
    return State(fids, Rows(values[:-1], session.wkb_of(values[-1])))
