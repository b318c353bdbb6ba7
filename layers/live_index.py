"""An index of features that lives and changes: who meets a shape, while shapes are being edited.

Searching everything stored is the store's; this follows the edits of a session one by one, where a
tree built anew at each of them would cost as much as reading the layer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import rtree.index
import shapely

Bounds = tuple[float, float, float, float]


class LiveIndex:
    """Geometries by key in an R-tree; safe to use from several threads."""

    def __init__(self, features: gpd.GeoDataFrame, key: str = "id") -> None:
        """Index the features' geometries, in bulk; those that are missing or empty are left out."""
        shapes = features.geometry.to_numpy()
        names = features[key].astype(str).tolist()
        shown = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        self._shapes: dict[str, Any] = {names[k]: shapes[k] for k in shown}
        self._numbers = {name: number for number, name in enumerate(self._shapes)}
        self._names = dict(enumerate(self._shapes))
        self._next = len(self._names)
        self._lock = threading.Lock()
        self._tree = _tree_of(zip(self._names, self._shapes.values(), strict=True))

    def __len__(self) -> int:
        return len(self._shapes)

    def put(self, key: str, shape: Any) -> None:
        """Add a feature, or give one another geometry; None or empty takes it out."""
        with self._lock:
            self._drop(key)
            if shape is None or shape.is_empty:
                return
            self._shapes[key], self._numbers[key] = shape, self._next
            self._names[self._next] = key
            self._tree.insert(self._next, shape.bounds)
            self._next += 1

    def remove(self, key: str) -> None:
        """Take a feature out, if it is there."""
        with self._lock:
            self._drop(key)

    def meeting(self, shape: Any) -> list[str]:
        """The keys of the features that share a point with a shape, in order."""
        with self._lock:
            names = sorted(self._names[number] for number in self._tree.intersection(shape.bounds))
            shapes = [self._shapes[name] for name in names]
        if not names:
            return []
        meets = shapely.intersects(np.array(shapes, dtype=object), shape)
        return [name for name, one in zip(names, meets.tolist(), strict=True) if one]

    def overlapping(self, shape: Any) -> dict[str, Any]:
        """What the features share with a shape beside their edges, by key."""
        shared = {}
        for name in self.meeting(shape):
            common = shapely.intersection(self._shapes[name], shape)
            if shapely.get_dimensions(common) >= shapely.get_dimensions(shape):
                shared[name] = common
        return shared

    def _drop(self, key: str) -> None:
        if key in self._shapes:
            number = self._numbers.pop(key)
            self._tree.delete(number, self._shapes.pop(key).bounds)
            del self._names[number]


def _tree_of(shapes: Iterable[tuple[int, Any]]) -> rtree.index.Index:
    entries = [(number, shape.bounds, None) for number, shape in shapes]

    def stream() -> Iterator[tuple[int, Bounds, None]]:
        yield from entries

    return rtree.index.Index(stream()) if entries else rtree.index.Index()
