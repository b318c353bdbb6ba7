"""The history of a workspace as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from api.documents.values import Document, plain
from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, area_m2
from geo.sentence import Lang, Sentence
from layers.store.base import FeatureChange, Put, Revision

_KINDS = {
    "build": Sentence("生成", "build"),
    "import": Sentence("导入", "import"),
    "edit": Sentence("编辑", "edit"),
    "delete": Sentence("删除", "delete"),
    "undo": Sentence("撤销", "undo"),
    "restore": Sentence("恢复", "restore"),
    "outside": Sentence("其他程序修改", "changed by another program"),
}


def log_document(revisions: Sequence[Revision], lang: Lang) -> Document:
    """The revisions, in the order given."""
    return {"revisions": [revision_document(one, lang) for one in revisions]}


def revision_document(revision: Revision, lang: Lang) -> Document:
    """One revision: who, when, why, and how many features of which layers."""
    return {
        "revision": revision.number,
        "made": revision.made,
        "author": revision.author or None,
        "reason": revision.reason or None,
        "kind": revision.kind,
        "kind_words": _KINDS[revision.kind].of(lang),
        "layers": {name: put_document(put) for name, put in revision.layers.items()},
    }


def put_document(put: Put) -> Document:
    """How many features were added, changed and deleted."""
    return {"inserted": put.inserted, "updated": put.updated, "deleted": put.deleted}


def differences_document(
    since: int, until: int, changes: Sequence[FeatureChange], lang: Lang
) -> Document:
    """What differs between two states: each feature with the fields that do."""
    return {
        "since": since,
        "until": until,
        "changes": [change_document(one, lang) for one in changes],
    }


def change_document(change: FeatureChange, lang: Lang) -> Document:
    """One feature before and after, with the fields that differ alone where it stood in both."""
    before, after = change.before, change.after
    what = "inserted" if before is None else "deleted" if after is None else "updated"
    names = [
        name
        for name in (before or after or {})
        if before is None or after is None or before[name] != after[name]
    ]
    return {
        "layer": change.layer,
        "id": change.key,
        "change": what,
        "fields": [
            {"field": name, "before": _value(before, name), "after": _value(after, name)}
            for name in names
            if name != "geometry" and (_value(before, name), _value(after, name)) != (None, None)
        ],
        "geometry": _geometry(before, after, lang) if "geometry" in names else None,
    }


def _value(row: Mapping[str, Any] | None, name: str) -> Any:
    return None if row is None else plain(row[name])


def _geometry(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, lang: Lang
) -> Document:
    one, other = (None if row is None else row["geometry"] for row in (before, after))
    return {
        "before_mu": _mu(one),
        "after_mu": _mu(other),
        "moved_degrees": None
        if one is None or other is None
        else float(shapely.hausdorff_distance(one, other)),
    }


def _mu(shape: Any) -> float | None:
    """Ellipsoidal area in mu; None where there is no shape with an area."""
    if shape is None or shapely.get_dimensions(shape) < 2:
        return None
    return float(area_m2([shape], STORAGE_CRS)[0]) / M2_PER_MU
