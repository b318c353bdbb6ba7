"""A GeoPackage looked at as the SQLite file it is, before GDAL opens it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from geo.sentence import Sentence
from layers.importers.formats import refusal

_HARMLESS = re.compile(r"\busing\s+[\"'`\[]?(?:rtree|fts[345])\b", re.IGNORECASE)


def tables_of(path: Path) -> list[tuple[str, bool]]:
    """The tables of a GeoPackage with whether they have rows, in the order of their names.

    Views are not among them: their SQL would run while they are read. Raises `ImportFileError` for
    a database that is damaged, no GeoPackage, or has virtual tables other than its indexes, which
    could read other files.
    """
    try:
        with closing(sqlite3.connect(f"file:{path.name}?mode=ro", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA cell_size_check = ON")
            return _tables(base)
    except (sqlite3.Error, UnicodeDecodeError):
        raise refusal(
            Sentence("是已损坏的 SQLite 数据库", "is a damaged SQLite database")
        ) from None


def _tables(base: sqlite3.Connection) -> list[tuple[str, bool]]:
    schema = base.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    names = {name.lower(): kind for kind, name, _ in schema if kind in ("table", "view")}
    if "gpkg_contents" not in names or "gpkg_spatial_ref_sys" not in names:
        raise refusal(
            Sentence("是 SQLite 数据库但不是 GeoPackage", "is SQLite but not a GeoPackage")
        )
    for _, name, sql in schema:
        if _is_virtual(sql) and not _HARMLESS.search(sql):
            raise refusal(
                Sentence(
                    f"是含虚拟表“{name[:60]}”的 GeoPackage（虚拟表可读取其他文件）",
                    f'is a GeoPackage with the virtual table "{name[:60]}", which could read other '
                    "files",
                )
            )
    contents = base.execute(
        "SELECT table_name FROM gpkg_contents WHERE data_type IN "
        "('features', 'attributes', 'aspatial') ORDER BY table_name"
    ).fetchall()
    listed = [str(name) for (name,) in contents]
    tables = [name for name in listed if names.get(name.lower()) == "table"]
    if not tables:
        raise _without_tables([name for name in listed if names.get(name.lower()) == "view"])
    return [(name, _has_rows(base, name)) for name in tables]


def _is_virtual(sql: str | None) -> bool:
    return sql is not None and re.match(r"\s*create\s+virtual\b", sql, re.IGNORECASE) is not None


def _has_rows(base: sqlite3.Connection, table: str) -> bool:
    quoted = table.replace('"', '""')
    return base.execute(f'SELECT 1 FROM "{quoted}" LIMIT 1').fetchone() is not None


def _without_tables(views: Sequence[str]) -> Exception:
    if views:
        listed = ", ".join(views)[:120]
        return refusal(
            Sentence(
                f"是只有视图（{listed}）的 GeoPackage，视图不予读取",
                f"is a GeoPackage with views only ({listed}), which are not read",
            ),
            Sentence("请将视图另存为图层", "save the views as layers"),
        )
    return refusal(Sentence("是没有图层的 GeoPackage", "is a GeoPackage without layers"))
