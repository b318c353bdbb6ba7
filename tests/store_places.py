"""Workspaces in each kind of store: made, opened, and changed by other programs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely

from layers.store import gpkg_geometry
from layers.store.geopackage import GeoPackageStore, create_workspace
from layers.store.rows import wkb_of
from layers.store.sql_store import SqlStore

if TYPE_CHECKING:
    from postgis_server import Server


class Place(Protocol):
    """Where one workspace lies."""

    @property
    def name(self) -> str:
        """What a command line calls it."""

    def create(self) -> SqlStore:
        """Make an empty workspace there."""

    def open(self) -> SqlStore:
        """Open it anew."""

    def outside(self, *statements: str) -> None:
        """Run statements as another program does, in one transaction."""

    def shape(self, geometry: shapely.Geometry) -> str:
        """A geometry as that program writes it into a statement."""

    def plan(self, query: str, *parameters: object) -> str:
        """How the database would answer a query of a store."""


@dataclass(frozen=True, slots=True)
class GeoPackagePlace:
    """A GeoPackage file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def create(self) -> SqlStore:
        return create_workspace(self.path, {"city": "试验市"})

    def open(self) -> SqlStore:
        return GeoPackageStore(self.path)

    def outside(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as file, file:
            gpkg_geometry.add_functions(file)
            for statement in statements:
                file.execute(statement)

    def shape(self, geometry: shapely.Geometry) -> str:
        shapes = np.array([geometry], dtype=object)
        (blob,) = gpkg_geometry.encoded(wkb_of(shapes, "Geometry"), shapely.bounds(shapes))
        assert isinstance(blob, bytes)
        return f"X'{blob.hex()}'"

    def plan(self, query: str, *parameters: object) -> str:
        with self.open().reading() as session:
            rows = session.rows(f"EXPLAIN QUERY PLAN {query}", parameters)
        return "\n".join(str(row[-1]) for row in rows)


@dataclass(frozen=True, slots=True)
class PostgisPlace:
    """A schema on a server."""

    server: Server
    url: str

    @property
    def name(self) -> str:
        return self.url

    @property
    def schema(self) -> str:
        return self.url.rpartition("=")[2]

    def create(self) -> SqlStore:
        from layers.store.postgis import create_postgis_workspace

        return create_postgis_workspace(self.url, {"city": "试验市"})

    def open(self) -> SqlStore:
        from layers.store.postgis import PostgisStore

        return PostgisStore(self.url)

    def outside(self, *statements: str) -> None:
        with closing(self.server.connect()) as connection, connection.transaction():
            connection.execute(f"SET search_path = {self.schema}, public".encode())
            for statement in statements:
                connection.execute(statement.encode())

    def shape(self, geometry: shapely.Geometry) -> str:
        return f"ST_GeomFromText('{geometry.wkt}', 4490)"

    def plan(self, query: str, *parameters: object) -> str:
        with self.open().reading() as session:
            rows = session.rows(f"EXPLAIN {query}", parameters)
        return "\n".join(str(row[0]) for row in rows)
