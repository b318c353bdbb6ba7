"""The desk of a running server: the workspace's layers in memory, serialised once per version."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from fastapi import Depends, Request

from api.documents.values import plain
from api.jobs import Jobs
from api.plans import HubResult
from api.recent import Recent
from api.runs import Solved
from api.surfaces import Surfaces
from layers.store.base import MemoryStore, Store
from layers.surfaces import surfaces_of

_RUNS_KEPT = 24
_DECIMALS = 7
"""Degrees are sent to about a centimetre."""


class Packed(Protocol):
    """An answer as bytes: plain, gzipped, and its entity tag."""

    @property
    def content(self) -> bytes:
        """Plain."""
        ...

    @property
    def zipped(self) -> bytes:
        """Gzipped."""
        ...

    @property
    def etag(self) -> str:
        """Entity tag, in quotation marks."""
        ...


@dataclass(frozen=True, slots=True)
class Body:
    """A serialised answer: plain, gzipped, and its entity tag."""

    content: bytes
    zipped: bytes
    etag: str


class Desk:
    """What the routes share: the workspace read once, the bodies of its layers, jobs and runs.

    `read_only`: nothing is written, not even a surface beside the workspace.
    """

    def __init__(self, store: Store, *, read_only: bool = False) -> None:
        self.store = MemoryStore(store)
        self.surfaces = Surfaces(self.store, surfaces_of(store, writable=not read_only))
        self.jobs = Jobs()
        self.solved: Recent[Solved] = Recent(_RUNS_KEPT)
        self.placed: Recent[HubResult] = Recent(_RUNS_KEPT)
        self._bodies: dict[str, Body] = {}
        self._lock = threading.Lock()

    def body(self, name: str) -> Body:
        """The whole layer as GeoJSON, made at the first request; raises `LayerError`."""
        frame = self.store.read_layer(name)
        with self._lock:
            if name not in self._bodies:
                self._bodies[name] = pack(feature_collection(frame, matched=len(frame)))
            return self._bodies[name]


def pack(document: dict[str, Any]) -> Body:
    """Serialise and compress a document; the tag is a hash of its bytes."""
    content = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    etag = hashlib.sha256(content).hexdigest()[:32]
    return Body(content, gzip.compress(content, compresslevel=6, mtime=0), f'"{etag}"')


def feature_collection(
    frame: gpd.GeoDataFrame, *, matched: int, links: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Features as GeoJSON in CRS84 (CGCS2000 differs by less than 1 m), values not given null."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    geometries = shapely.to_geojson(np.asarray(rounded, dtype=object))
    rows = pd.DataFrame(frame[names]).itertuples(index=False, name=None)
    features = [
        {
            "type": "Feature",
            "id": row[names.index("id")],
            "geometry": json.loads(geometry) if geometry else None,
            "properties": dict(zip(names, map(plain, row), strict=True)),
        }
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": matched,
        "numberReturned": len(features),
        "links": links or [],
    }


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]
"""Dependency: the desk of this server."""
