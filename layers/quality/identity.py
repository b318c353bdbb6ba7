"""What names a feature: ids as given, each once, or derived from what the feature is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import shapely

from geo.arrays import Floats, Ints
from geo.sentence import Sentence
from layers.catalog import LayerSpec
from layers.quality.draft import Draft
from layers.quality.values import objects
from layers.relations import KEYS

_DERIVED = frozenset({"parcels", "roads", "control_lines", "land_use"})
"""Layers whose features have no id of their own in most files."""

_DIGEST_BYTES = 6


def derives_ids(spec: LayerSpec) -> bool:
    """Whether a feature without an id gets one from its content; else that is a fault."""
    return spec.free or spec.id in _DERIVED


def derive_ids(draft: Draft, source_fields: Sequence[str]) -> None:
    """Give rows without an id one that follows from their content, where the layer allows it.

    It is a hash (BLAKE2b, 12 hexadecimal digits) of the geometry in EPSG:4490 and the values of
    the fields that the file gives; equal features get -2, -3 … in their order. So the same
    file again names the same features, and another file never takes the place of this one's.
    """
    key = draft.spec.key
    gaps = np.flatnonzero(~draft.given(key))
    if not len(gaps) or draft.shapes is None or not derives_ids(draft.spec):
        return
    digests = _digests(draft, sorted({*source_fields} - {key}), gaps)
    ids = digests if len(set(digests)) == len(digests) else _numbered(digests)
    cells = draft.value(key).to_numpy(dtype=object, copy=True)
    cells[gaps] = ids
    draft.values[key] = objects(cells)
    draft.ledger.note(
        f"{len(gaps):,} 个要素没有编号，已由其几何与属性算出：同一文件再次导入时编号不变",
        f"{len(gaps):,} features have no id; it was derived from geometry and values, so that "
        "the same file gives the same ids again",
    )


def refuse_repeats(draft: Draft) -> None:
    """Write down each id that stood in an earlier row, naming both rows."""
    key = draft.spec.key
    ids = draft.value(key)
    given = ids[ids.notna()]
    again = given[given.duplicated()]
    if again.empty:
        return
    first = given.drop_duplicates()
    rows = dict(zip(first, first.index, strict=True))
    for row, name in again.items():
        earlier = draft.ledger.rows[rows[name]]
        due = Sentence(
            f"只出现一次的编号；第 {earlier} 行已经用了它",
            f"an id that stands once; row {earlier} has it already",
        )
        draft.ledger.refuse(int(str(row)), draft.header(key), name, due)


def refuse_same_names(draft: Draft) -> None:
    """Write down each row whose other name (`KEYS`, as batch and number) another feature has.

    Held against the rows before it and the features that stand and are not in the file.
    """
    fields = KEYS.get(draft.spec.id, ())
    if draft.spec.free or not fields or not {*fields} & {*draft.headers}:
        return
    whole = [draft.value(name).where(draft.given(name), draft.stood(name)) for name in fields]
    seen: dict[tuple[object, ...], Sentence] = {}
    if draft.standing is not None:
        stays = np.ones(len(draft.standing), dtype=bool)
        stays[draft.place[draft.stands]] = False
        rest = draft.standing[stays]
        names = zip(*(rest[name] for name in fields), strict=True)
        ids = (Sentence(str(one), str(one)) for one in rest[draft.spec.key])
        seen = dict(zip(names, ids, strict=True))
    given = np.logical_and.reduce([one.notna().to_numpy() for one in whole])
    for row in np.flatnonzero(given).tolist():
        name = tuple(one.iloc[row] for one in whole)
        if name in seen:
            _refuse_same_name(draft, row, fields, name, seen[name])
        label = draft.ledger.rows[row]
        seen.setdefault(name, Sentence(f"第 {label} 行", f"row {label}"))


def _refuse_same_name(
    draft: Draft, row: int, fields: Sequence[str], name: tuple[object, ...], other: Sentence
) -> None:
    titles = {one.name: one.title for one in draft.spec.fields}
    due = Sentence(
        f"{'、'.join(titles[one].zh for one in fields)}合起来只属于一个要素；{other.zh}已有相同的",
        f"{' and '.join(titles[one].en for one in fields)} that together name one feature; "
        f"{other.en} has the same",
    )
    column = ", ".join(draft.header(one) for one in fields)
    draft.ledger.refuse(row, column, " ".join(str(one) for one in name), due)


def _numbered(digests: Sequence[str]) -> list[str]:
    """Equal digests get a number from 2 on, in their order."""
    seen: Counter[str] = Counter()
    ids = []
    for one in digests:
        seen[one] += 1
        ids.append(one if seen[one] == 1 else f"{one}-{seen[one]}")
    return ids


def _digests(draft: Draft, fields: Sequence[str], rows: Ints) -> list[str]:
    """The hash of each of the rows: its geometry, then its values by the name of the field."""
    assert draft.shapes is not None
    wkb = shapely.to_wkb(draft.shapes[rows], byte_order=1)
    numbers: list[Floats] = []
    texts: list[list[str]] = []
    for name in fields:
        series = draft.value(name).iloc[rows]
        kind = draft.columns[name].type
        if kind in ("integer", "boolean"):
            gaps = np.asarray(series.isna(), dtype=np.float64)
            whole = series.to_numpy(dtype="<i8", na_value=0)
            numbers += [whole.view("<f8"), gaps]
        elif kind == "number":
            floats = series.to_numpy(dtype="<f8", na_value=np.nan) + 0.0
            numbers.append(np.where(np.isnan(floats), np.nan, floats))
        else:
            texts.append([one or "" for one in series.tolist()])
    width = 8 * len(numbers)
    packed = np.column_stack(numbers).astype("<f8", copy=False).tobytes() if numbers else b""
    joined = map("\x1f".join, zip(*texts, strict=True)) if texts else iter([""] * len(rows))
    return [
        blake2b(
            (shape or b"") + packed[at : at + width] + text.encode(), digest_size=_DIGEST_BYTES
        ).hexdigest()
        for at, shape, text in zip(np.arange(len(rows)) * width, wkb, joined, strict=True)
    ]
