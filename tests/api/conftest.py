"""The API on the real workspace, without a workbench, so that no test depends on a build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore


@pytest.fixture(scope="session")
def client(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of the API in which a fault of ours is an answer 500, as outside."""
    app = create_app(
        GeoPackageStore(workspace),
        settings=Settings(base_map_url="", base_map_attribution=""),
        bundle=tmp_path_factory.mktemp("no-bundle"),
    )
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one
