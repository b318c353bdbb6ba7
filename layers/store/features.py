"""One feature by its key, with the tag that any change of it changes."""

from __future__ import annotations

import geopandas as gpd

from layers.catalog import LayerSpec
from layers.errors import LayerError
from layers.filters import Condition
from layers.store.base import Feature
from layers.store.history import State, read_state
from layers.store.rows import frame_of
from layers.store.session import Session


def read_feature(session: Session, spec: LayerSpec, key: str, revision: int | None) -> Feature:
    """One feature by its key after a revision (None: now); raises `LayerError`."""
    state = read_state(session, spec, revision, where=(Condition(spec.key, "=", (key,)),))
    if not state.fids:
        raise LayerError(
            f"layer {spec.id!r} has no feature {key!r}; list them at /api/layers/{spec.id}/items",
            f"图层 {spec.id!r} 中没有要素 {key!r}；列表见 /api/layers/{spec.id}/items",
        )
    return Feature(features_of(state, spec), state.rows.digests(spec.fields)[0].hex()[:32])


def features_of(state: State, spec: LayerSpec) -> gpd.GeoDataFrame:
    """A state's rows as features."""
    frame = frame_of(state.rows, spec)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame
