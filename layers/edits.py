"""One feature changed, added or deleted: checked like an import of one row, kept like one.

Who edits names the version that was read by its tag. Where somebody else has changed the feature
since, nothing is stored and both versions are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import STORAGE_CRS
from geo.errors import Fault
from geo.sentence import Sentence
from layers.catalog import LayerSpec
from layers.errors import ImportFileError, LayerError, StaleError
from layers.geojson import frame_of
from layers.importers.preparing import Known, PrepareOptions, prepare
from layers.importers.source import SourceTable
from layers.importers.targets import require_target
from layers.quality import require_quality
from layers.quality.report import QualityReport
from layers.schemas import layer_columns
from layers.store.base import Change, Feature, Store

ANY = "*"
"""The tag of whoever does not mind which version there is."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Who edits and why, and the day of the edit (ISO 8601)."""

    author: str
    reason: str
    today: str


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to be different: values by field (None: not given any more), and a GeoJSON geometry.

    `geometry` None leaves it as it is.
    """

    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """A feature as it stands after an edit; `revision` is None where nothing differed."""

    feature: Feature
    revision: int | None
    report: QualityReport


def change_feature(
    store: Store, layer: str, key: str, patch: Patch, *, tag: str, editor: Editor
) -> Edited:
    """Change a feature in one revision, if it is still the version that `tag` names.

    Raises `LayerError` where there is none, `ImportFileError` with every value that the layer
    cannot take, `StaleError` with the present version where it is another one.
    """
    spec = _target(store, layer)
    standing = store.feature(layer, key)
    _require_version(standing, tag, layer, key)
    frame, report = _prepared(store, spec, key, patch, standing.frame, editor)
    with store.changing(author=editor.author, reason=editor.reason, kind="edit") as change:
        _require_version(change.feature(layer, key), standing.tag, layer, key)
        put = change.put(layer, frame)
        after, number = change.feature(layer, key), change.revision
    return Edited(after, number if put.changed else None, report)


def add_feature(store: Store, layer: str, key: str, patch: Patch, *, editor: Editor) -> Edited:
    """Add a feature in one revision.

    Raises `LayerError` where one of this id is there, else as `change_feature`.
    """
    spec = _target(store, layer)
    frame, report = _prepared(store, spec, key, patch, None, editor)
    with store.changing(author=editor.author, reason=editor.reason, kind="edit") as change:
        _require_free(change, layer, key)
        change.put(layer, frame)
        return Edited(change.feature(layer, key), change.revision, report)


def delete_feature(store: Store, layer: str, key: str, *, tag: str, editor: Editor) -> int:
    """Delete a feature in one revision and return its number; raises as `change_feature`."""
    _target(store, layer)
    with store.changing(author=editor.author, reason=editor.reason, kind="delete") as change:
        _require_version(change.feature(layer, key), tag, layer, key)
        change.delete(layer, [key])
        return change.revision


def _target(store: Store, layer: str) -> LayerSpec:
    """The layer, which must be there and be one that people may change."""
    specs = store.specs()
    if layer not in specs:
        store.count(layer)  # raises, naming the layers that exist
    spec = require_target(layer, specs)
    assert spec is not None
    return spec


def _require_version(feature: Feature, tag: str, layer: str, key: str) -> None:
    if tag not in (ANY, feature.tag):
        raise StaleError(
            f"feature {key!r} of layer {layer!r} was changed since you read it; nothing was "
            "stored. Look at both versions and send yours again with the present tag",
            f"图层 {layer!r} 的要素 {key!r} 在您读取之后已被修改，未保存；"
            "请比较两个版本，再带上当前标识重新提交",
            present=feature,
        )


def _require_free(change: Change, layer: str, key: str) -> None:
    try:
        change.feature(layer, key)
    except LayerError:
        return
    raise LayerError(
        f"layer {layer!r} has a feature {key!r} already; choose another id, or change that one",
        f"图层 {layer!r} 已有要素 {key!r}；请换一个编号，或修改该要素",
    )


def _prepared(
    store: Store,
    spec: LayerSpec,
    key: str,
    patch: Patch,
    standing: gpd.GeoDataFrame | None,
    editor: Editor,
) -> tuple[pd.DataFrame, QualityReport]:
    """The feature's new values as a frame of one row, checked as an import is."""
    given, emptied = _split(spec, key, patch)
    shape = None if patch.geometry is None else frame_of(dict(patch.geometry)).geometry.iloc[0]
    source = SourceTable(
        name=spec.id,
        format="geojson",
        columns=pd.DataFrame({name: pd.Series([v], dtype=object) for name, v in given.items()}),
        rows=[key],
        geometry=None if shape is None else np.array([shape], dtype=object),
        crs=None if shape is None else STORAGE_CRS,
    )
    options = PrepareOptions(
        layer=spec.id,
        as_of=editor.today,
        mapping={name: name for name in given},
        geometry_kind=_kind_of(patch, standing),
        accuracy_m=_accuracy_of(standing),
        source_name=editor.reason or editor.author or "edit",
    )
    known = Known(store.read_layer("districts"), standing)
    prepared = prepare(source, spec, options=options, known=known)
    require_quality(prepared.report)
    frame = prepared.frame
    for name in emptied:
        frame[name] = None
    return frame, prepared.report


def _split(spec: LayerSpec, key: str, patch: Patch) -> tuple[dict[str, Any], list[str]]:
    """The values given, with the key, and the fields to be emptied; raises `ImportFileError`."""
    known = {column.name: column for column in layer_columns(spec)}
    faults = []
    for name, value in patch.properties.items():
        if name not in known:
            listed = Sentence(f"{'、'.join(known)} 之一", f"one of {', '.join(known)}")
            faults.append(Fault.stating(key, name, name, listed))
        elif value is None and not known[name].nullable:
            wanted = known[name].expected
            expected = Sentence(f"{wanted.zh}，不能为空", f"{wanted.en}, not empty")
            faults.append(Fault.stating(key, name, None, expected))
        elif isinstance(value, dict | list):
            faults.append(Fault.stating(key, name, value, known[name].expected))
        elif name == spec.key and value != key:
            same = Sentence(f"{key}（编号不能修改）", f"{key} (an id stays as it is)")
            faults.append(Fault.stating(key, name, value, same))
    if faults:
        first = faults[0]
        raise ImportFileError(
            f"feature {key!r} cannot be stored: {len(faults)} value(s) are wrong, the first is "
            f"{first.field}: {first.value!r}, expected {first.expected}",
            f"要素 {key!r} 无法保存：有 {len(faults)} 个值有误，首个为 {first.field}："
            f"{first.value!r}，应为{first.expected_zh}",
            faults,
        )
    given = {name: value for name, value in patch.properties.items() if value is not None}
    return {**given, spec.key: key}, [n for n, value in patch.properties.items() if value is None]


def _kind_of(patch: Patch, standing: gpd.GeoDataFrame | None) -> str | None:
    """A shape drawn by hand is neither surveyed nor the indicative one any more."""
    if patch.geometry is None or "geometry_kind" in patch.properties:
        return None
    kind = None if standing is None else standing["geometry_kind"].iloc[0]
    return "drawn" if kind in (None, "indicative") or pd.isna(kind) else str(kind)


def _accuracy_of(standing: gpd.GeoDataFrame | None) -> float | None:
    if standing is None or pd.isna(standing["accuracy_m"].iloc[0]):
        return None
    return float(standing["accuracy_m"].iloc[0])
