"""A workspace read once, with some layers or tables put in the place of its own."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from layers.store.base import Store
from layers.store.hashing import frame_hash
from layers.store.memory import MemoryStore


class AlteredStore(MemoryStore):
    """What is not altered comes from `store`; searches by box or filter see the store alone."""

    def __init__(
        self,
        store: Store,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        tables: Mapping[str, pd.DataFrame] | None = None,
    ) -> None:
        super().__init__(store)
        self._frames |= layers or {}
        self._hashes |= {name: frame_hash(name, frame) for name, frame in (layers or {}).items()}
        self._tables |= tables or {}
