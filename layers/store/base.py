"""What every store of a workspace offers to its readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import geopandas as gpd
import pandas as pd

from layers.catalog import LAYERS, TABLES


class Store(Protocol):
    """Read access to one workspace."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """City, boundaries, content hash and format."""

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """All features of a layer, in the order stored; raises `LayerError` for an unknown one."""

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of a table without geometry; raises `LayerError` for an unknown one."""

    def read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """All layers by id."""


class MemoryStore:
    """A workspace read once and kept, for readers that come often. Callers must not change it."""

    def __init__(self, store: Store) -> None:
        self.metadata = dict(store.metadata)
        self._store = store
        self._layers = store.read_layers()
        self._tables = {name: store.read_table(name) for name in TABLES}

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a kept layer; raises `LayerError` for an unknown one."""
        return self._layers[name] if name in LAYERS else self._store.read_layer(name)

    def read_table(self, name: str) -> pd.DataFrame:
        """Return a kept table; raises `LayerError` for an unknown one."""
        return self._tables[name] if name in TABLES else self._store.read_table(name)

    def read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return all layers by id."""
        return dict(self._layers)
