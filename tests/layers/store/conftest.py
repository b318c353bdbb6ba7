"""The places of the contract: each test that asks for `place` runs in a file and on a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_places import GeoPackagePlace, Place, PostgisPlace

from layers.store.sql_store import SqlStore

KINDS = ["geopackage", pytest.param("postgis", marks=pytest.mark.system("postgis"))]


def place_of(kind: str, request: pytest.FixtureRequest) -> Place:
    """A place where nothing is yet."""
    if kind == "geopackage":
        path: Path = request.getfixturevalue("tmp_path")
        return GeoPackagePlace(path / "城 市.gpkg")
    return PostgisPlace(request.getfixturevalue("postgis"), request.getfixturevalue("postgis_url"))


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Place:
    """A place where nothing is yet, in a file and on a server."""
    return place_of(request.param, request)


@pytest.fixture
def store(place: Place) -> SqlStore:
    """An empty workspace at `place`."""
    return place.create()
