"""Workspaces by where they are: the path of a GeoPackage, or the URL of a PostGIS database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from layers.store.geopackage import GeoPackageStore, create_workspace
from layers.store.sql_store import SqlStore

SCHEMES = ("postgresql://", "postgres://")


def open_workspace(place: str | Path) -> SqlStore:
    """Open a workspace; raises `WorkspaceError` where there is none that can be read."""
    if is_url(place):
        from layers.store.postgis import PostgisStore

        return PostgisStore(str(place))
    return GeoPackageStore(Path(place))


def has_workspace(place: str | Path) -> bool:
    """Whether anything stands where a workspace is to be, be it readable or not."""
    if is_url(place):
        from layers.store.postgis import has_postgis_workspace

        return has_postgis_workspace(str(place))
    return Path(place).exists()


def create(
    place: str | Path, metadata: Mapping[str, str], fill: Callable[[SqlStore], None]
) -> SqlStore:
    """Make a workspace where nothing stands, and fill it before anybody can see it.

    Raises `WorkspaceError` where something stands there, or it cannot be made; then nothing is.
    """
    if is_url(place):
        from layers.store.postgis import create_postgis_workspace

        return create_postgis_workspace(str(place), metadata, fill)
    return create_workspace(Path(place), metadata, fill)


def is_url(place: str | Path) -> bool:
    """Whether a place is the URL of a database."""
    return isinstance(place, str) and place.startswith(SCHEMES)
