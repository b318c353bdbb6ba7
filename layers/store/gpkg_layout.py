"""The tables of a workspace's GeoPackage: what the standard asks for, and our history of changes.

OGC 12-128r19 version 1.3, which every QGIS and GDAL in use reads; the R-tree triggers are those of
its Annex F.3. Tables of our own are listed as attributes, so that GDAL leaves the others out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pyproj

from layers.catalog import FieldSpec, FieldType, LayerSpec
from layers.store.documents import DOCUMENTS
from layers.store.gpkg_geometry import SRS_ID
from layers.store.session import earlier, quoted

_APPLICATION_ID = 0x47504B47
_VERSION = 10300
TYPES: dict[FieldType, str] = {
    "text": "TEXT",
    "real": "REAL",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "DATETIME",
}
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
_BASE = (
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY"
    " KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT"
    " NOT NULL, description TEXT)",
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,"
    " identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT"
    f" ({_NOW}), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, CONSTRAINT"
    " fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))",
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT"
    " NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT"
    " uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES"
    " gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES"
    " gpkg_spatial_ref_sys (srs_id))",
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,"
    " definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name,"
    " column_name, extension_name))",
    "CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER"
    " DEFAULT NULL)",
    "CREATE TABLE ouzhi_revisions (revision INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, made TEXT"
    " NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, kind TEXT NOT NULL, open BOOLEAN NOT"
    " NULL, edits INTEGER NOT NULL, summary TEXT NOT NULL)",
    "CREATE TABLE ouzhi_sums (name TEXT NOT NULL PRIMARY KEY, total TEXT NOT NULL)",
    "CREATE TABLE ouzhi_replaced (name TEXT NOT NULL, fid INTEGER NOT NULL, PRIMARY KEY (name,"
    " fid))",
    f"CREATE TABLE {DOCUMENTS} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, kind TEXT NOT NULL,"
    " id TEXT NOT NULL, saved TEXT NOT NULL, summary TEXT NOT NULL, body TEXT NOT NULL,"
    " UNIQUE (kind, id))",
)
_SYSTEMS = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian system"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic system"),
)
_OUTSIDE = f"""
  UPDATE ouzhi_revisions SET edits = edits + 1 WHERE kind = 'outside'
    AND revision = (SELECT max(revision) FROM ouzhi_revisions)
    AND made > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-60 seconds');
  INSERT INTO ouzhi_revisions (made, author, reason, kind, open, edits, summary)
    SELECT {_NOW}, '', '', 'outside', 0, 1, '{{}}' WHERE NOT EXISTS (SELECT 1 FROM ouzhi_revisions
    WHERE revision = (SELECT max(revision) FROM ouzhi_revisions) AND (open OR (kind = 'outside'
    AND made > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-60 seconds'))));"""
"""A change that no revision of ours is open for: those of one minute make one revision."""


def make_base(file: sqlite3.Connection) -> None:
    """Make the tables that every workspace has."""
    file.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    file.execute(f"PRAGMA user_version = {_VERSION}")
    for statement in _BASE:
        file.execute(statement)
    systems = [*_SYSTEMS, _system(4326, "WGS 84 geodetic"), _system(SRS_ID, "CGCS2000")]
    file.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", systems)
    for name in (DOCUMENTS, "ouzhi_revisions"):
        _list(file, name, "attributes", name, "")


def make_layer(file: sqlite3.Connection, spec: LayerSpec) -> None:
    """Make a layer or table with its index, its history and its triggers."""
    name, shaped = spec.id, spec.geometry_type is not None
    kind = (spec.geometry_type or "").upper()
    columns = [f"{quoted(one.name)} {TYPES[one.type]}" for one in spec.fields]
    held_to = [f"{column}{_only(one)}" for one, column in zip(spec.fields, columns, strict=True)]
    shape = [f'"geom" {kind}'] if shaped else []
    file.execute(
        f"CREATE TABLE {quoted(name)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
        f" {', '.join([*shape, *held_to])})"
    )
    history = ["fid INTEGER NOT NULL", "revision INTEGER NOT NULL", "existed BOOLEAN NOT NULL"]
    held = ['"geom" BLOB'] if shaped else []
    file.execute(
        f"CREATE TABLE {earlier(name)} ({', '.join([*history, *held, *columns])},"
        " PRIMARY KEY (fid, revision))"
    )
    file.execute(f"CREATE INDEX {quoted(f'ouzhi_when_{name}')} ON {earlier(name)} (revision)")
    for statement in indexes(spec).values():
        file.execute(statement)
    _list(file, name, "features" if shaped else "attributes", name, spec.title.zh)
    if shaped:
        _make_rtree(file, name, kind)
    for statement in triggers(spec).values():
        file.execute(statement)


def indexes(spec: LayerSpec) -> dict[str, str]:
    """The indexes of a layer by name: by key, which also keeps keys apart, and by its fields."""
    table = quoted(spec.id)
    found = {f"ouzhi_key_{spec.id}": f"UNIQUE INDEX {{}} ON {table} ({quoted(spec.key)})"}
    for field in spec.indexed:
        found[f"ouzhi_by_{spec.id}_{field}"] = f"INDEX {{}} ON {table} ({quoted(field)})"
    return {name: f"CREATE {text.format(quoted(name))}" for name, text in found.items()}


def _only(field: FieldSpec) -> str:
    """The constraint that a column takes values of its type only, which SQLite leaves open."""
    kinds = {"real": "real", "integer": "integer", "boolean": "integer"}
    name, kind = quoted(field.name), kinds.get(field.type, "text")
    truth = f" AND {name} IN (0, 1)" if field.type == "boolean" else ""
    return f" CHECK ({name} IS NULL OR (typeof({name}) = '{kind}'{truth}))"


def add_columns(file: sqlite3.Connection, spec: LayerSpec, fields: Sequence[FieldSpec]) -> None:
    """Add columns to a layer and its history; `spec` has them already."""
    for name in triggers(spec):
        file.execute(f"DROP TRIGGER IF EXISTS {quoted(name)}")
    for field in fields:
        column = f"{quoted(field.name)} {TYPES[field.type]}"
        file.execute(f"ALTER TABLE {quoted(spec.id)} ADD COLUMN {column}{_only(field)}")
        file.execute(f"ALTER TABLE {earlier(spec.id)} ADD COLUMN {column}")
    for statement in triggers(spec).values():
        file.execute(statement)


def triggers(spec: LayerSpec) -> dict[str, str]:
    """The triggers of a layer by name: of its index, its count, and its history."""
    shaped = spec.geometry_type is not None
    return {
        **(_rtree_triggers(spec.id) if shaped else {}),
        **_counting(spec.id),
        **_keeping(spec),
        **_replacing(spec),
    }


def bulk_triggers(spec: LayerSpec) -> list[str]:
    """The names of those that fire at every row added."""
    return [name for name, text in triggers(spec).items() if " INSERT ON " in text]


def _system(code: int, name: str) -> tuple[object, ...]:
    wkt = pyproj.CRS.from_epsg(code).to_wkt("WKT1_GDAL")
    return (name, code, "EPSG", code, wkt, "longitude and latitude in degrees")


def _list(file: sqlite3.Connection, name: str, kind: str, identifier: str, about: str) -> None:
    srs = SRS_ID if kind == "features" else 0
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (name, kind, identifier, about, srs),
    )
    if name != DOCUMENTS and not name.startswith("ouzhi_revisions"):
        file.execute("INSERT INTO gpkg_ogr_contents VALUES (?, 0)", (name,))


def _make_rtree(file: sqlite3.Connection, name: str, kind: str) -> None:
    file.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (name, kind, SRS_ID)
    )
    file.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (name,),
    )
    file.execute(
        f"CREATE VIRTUAL TABLE {quoted(rtree_of(name))} USING rtree(id, minx, maxx, miny, maxy)"
    )


def rtree_of(name: str) -> str:
    """The R-tree of a layer."""
    return f"rtree_{name}_geom"


def _rtree_triggers(name: str) -> dict[str, str]:
    table, tree = quoted(name), quoted(rtree_of(name))
    put = (
        f'INSERT OR REPLACE INTO {tree} VALUES (NEW."fid", ST_MinX(NEW."geom"),'
        ' ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom"));'
    )
    drop = f'DELETE FROM {tree} WHERE id = OLD."fid";'
    there = '(NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))'
    none = '(NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))'
    same, moved = 'OLD."fid" = NEW."fid"', 'OLD."fid" != NEW."fid"'
    parts = {
        "insert": (f"INSERT ON {table} WHEN {there}", put),
        "update1": (f'UPDATE OF "geom" ON {table} WHEN {same} AND {there}', put),
        "update2": (f'UPDATE OF "geom" ON {table} WHEN {same} AND {none}', drop),
        "update3": (f"UPDATE ON {table} WHEN {moved} AND {there}", f"{drop} {put}"),
        "update4": (
            f"UPDATE ON {table} WHEN {moved} AND {none}",
            f'DELETE FROM {tree} WHERE id IN (OLD."fid", NEW."fid");',
        ),
        "delete": (f'DELETE ON {table} WHEN OLD."geom" NOT NULL', drop),
    }
    return {
        f"{rtree_of(name)}_{part}": f"CREATE TRIGGER {quoted(f'{rtree_of(name)}_{part}')} AFTER"
        f" {when} BEGIN {do} END"
        for part, (when, do) in parts.items()
    }


def _counting(name: str) -> dict[str, str]:
    """The triggers by which GDAL keeps the number of features."""
    found = {}
    for event, sign in (("insert", "+"), ("delete", "-")):
        trigger = f"trigger_{event}_feature_count_{name}"
        found[trigger] = (
            f"CREATE TRIGGER {quoted(trigger)} AFTER {event.upper()} ON {quoted(name)} BEGIN UPDATE"
            f" gpkg_ogr_contents SET feature_count = feature_count {sign} 1 WHERE"
            f" lower(table_name) = lower({text(name)}); END"
        )
    return found


def _keeping(spec: LayerSpec) -> dict[str, str]:
    """The triggers that keep what a revision changes as it stood before, the first time only."""
    name, past = quoted(spec.id), earlier(spec.id)
    columns = [quoted(one.name) for one in spec.fields]
    if spec.geometry_type is not None:
        columns.append('"geom"')
    number = "(SELECT max(revision) FROM ouzhi_revisions)"

    def unless_kept(row: str) -> str:
        return (
            f"WHERE NOT EXISTS (SELECT 1 FROM {past} WHERE fid = {row}.fid AND revision = {number})"
        )

    old = (
        f"INSERT INTO {past} (fid, revision, existed, {', '.join(columns)}) SELECT OLD.fid,"
        f" {number}, 1, {', '.join(f'OLD.{column}' for column in columns)} {unless_kept('OLD')};"
    )
    new = (
        f"INSERT INTO {past} (fid, revision, existed) SELECT NEW.fid, {number}, 0"
        f" {unless_kept('NEW')}"
    )
    key = quoted(spec.key)
    named = (
        f"UPDATE {name} SET {key} = {text(f'{spec.id}-')} || NEW.fid WHERE fid = NEW.fid AND"
        f" (NEW.{key} IS NULL OR NEW.{key} = '');"
    )
    parts = {
        "insert": ("INSERT", f"{new}; {named}"),
        "update": ("UPDATE", f"{old} {new} AND NEW.fid <> OLD.fid; {named}"),
        "delete": ("DELETE", old),
    }
    return {
        f"ouzhi_keep_{part}_{spec.id}": "CREATE TRIGGER"
        f" {quoted(f'ouzhi_keep_{part}_{spec.id}')} AFTER {event} ON {name} BEGIN{_OUTSIDE}"
        f"\n  {do}\nEND"
        for part, (event, do) in parts.items()
    }


def _replacing(spec: LayerSpec) -> dict[str, str]:
    """The triggers that keep rows which INSERT OR REPLACE and UPDATE OR REPLACE push out.

    SQLite fires no DELETE triggers for those. What is about to be pushed out is kept and noted
    before; what is gone afterwards leaves the index and the count.
    """
    name, key, mine = quoted(spec.id), quoted(spec.key), text(spec.id)
    past, number = earlier(spec.id), "(SELECT max(revision) FROM ouzhi_revisions)"
    columns = [quoted(one.name) for one in spec.fields]
    if spec.geometry_type is not None:
        columns.append('"geom"')
    taken = f"FROM {name} AS o WHERE (o.fid = NEW.fid OR o.{key} = NEW.{key})"
    found = {}
    for event, others, pushed in (
        ("INSERT", "", "r.fid = NEW.fid"),
        ("UPDATE", " AND o.fid <> OLD.fid", "r.fid = NEW.fid AND NEW.fid <> OLD.fid"),
    ):
        when = f"{event} ON {name} WHEN"
        if event == "UPDATE":
            when = f"{when} (NEW.fid <> OLD.fid OR NEW.{key} IS NOT OLD.{key}) AND"
        before, after = (f"ouzhi_{part}_{event.lower()}_{spec.id}" for part in ("push", "clear"))
        found[before] = (
            f"CREATE TRIGGER {quoted(before)} BEFORE {when} EXISTS (SELECT 1 {taken}{others}) BEGIN"
            f"{_OUTSIDE}\n  DELETE FROM ouzhi_replaced WHERE name = {mine};"
            f" INSERT INTO ouzhi_replaced SELECT {mine}, o.fid {taken}{others};"
            f" INSERT INTO {past} (fid, revision, existed, {', '.join(columns)}) SELECT o.fid,"
            f" {number}, 1, {', '.join(f'o.{column}' for column in columns)} {taken}{others}"
            f" AND NOT EXISTS (SELECT 1 FROM {past} AS b WHERE b.fid = o.fid AND b.revision ="
            f" {number}); END"
        )
        gone = (
            f"FROM ouzhi_replaced AS r WHERE r.name = {mine} AND (({pushed}) OR NOT EXISTS"
            f" (SELECT 1 FROM {name} AS t WHERE t.fid = r.fid))"
        )
        shapes = ""
        if spec.geometry_type is not None:
            shapes = (
                f" DELETE FROM {quoted(rtree_of(spec.id))} WHERE id IN (SELECT r.fid {gone}) AND"
                ' (id <> NEW.fid OR NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"));'
            )
        found[after] = (
            f"CREATE TRIGGER {quoted(after)} AFTER {event} ON {name} WHEN EXISTS (SELECT 1 FROM"
            f" ouzhi_replaced WHERE name = {mine}) BEGIN{shapes} UPDATE gpkg_ogr_contents SET"
            f" feature_count = feature_count - (SELECT count(*) {gone}) WHERE lower(table_name) ="
            f" lower({mine}); DELETE FROM ouzhi_replaced WHERE name = {mine}; END"
        )
    renumbered = f"ouzhi_number_{spec.id}"
    found[renumbered] = (  # SQLite follows with new numbers of rows that are added only
        f"CREATE TRIGGER {quoted(renumbered)} AFTER UPDATE OF fid ON {name} WHEN NEW.fid <> OLD.fid"
        f" BEGIN UPDATE sqlite_sequence SET seq = NEW.fid WHERE name = {mine} AND seq < NEW.fid;"
        " END"
    )
    deleted = f"ouzhi_clear_delete_{spec.id}"
    found[deleted] = (
        f"CREATE TRIGGER {quoted(deleted)} AFTER DELETE ON {name} BEGIN DELETE FROM ouzhi_replaced"
        f" WHERE name = {mine} AND fid = OLD.fid; END"
    )
    return found


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
