"""Edits of a template: only cells that differ from what was exported count."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.arrays import Ints, Mask
from geo.errors import Fault
from geo.sentence import Sentence
from layers.importers.source import SourceTable
from layers.importers.templates import BASE, POSITION, plain_value


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """What was edited in a template, row by row of its table.

    `base`, (n, k), has the values as exported, by field, None throughout in rows that are new;
    `changed`, of the same shape, tells which cells differ from them. `key` is the field of ids.
    """

    key: str
    base: pd.DataFrame
    changed: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """A layer's rows to be written, with the values that nobody edited as they stand now.

    `faults` are cells that were edited here and changed by somebody else since the export, and
    edited rows whose feature is gone. `edited` and `added` count rows.
    """

    frame: pd.DataFrame
    faults: tuple[Fault, ...]
    edited: int
    added: int


def split_edits(source: SourceTable) -> tuple[SourceTable, Edits | None]:
    """Take the exported values off a table read from a template; None where it is no template."""
    names = [str(one) for one in source.columns.columns]
    fields = [name.removeprefix(BASE) for name in names if name.startswith(BASE)]
    if not fields:
        return source, None
    kept = source.columns[[name for name in names if not name.startswith(BASE)]]
    base = source.columns[[BASE + field for field in fields]].set_axis(fields, axis=1)
    changed = pd.DataFrame(
        {
            field: [
                not _same(now, then)
                for now, then in zip(kept[field].tolist(), base[field].tolist(), strict=True)
            ]
            for field in fields
        },
        index=base.index,
    )
    return replace(source, columns=kept), Edits(fields[0], base, changed)


def merge_edits(frame: pd.DataFrame, edits: Edits, current: pd.DataFrame) -> Merge:
    """Bring the edits of a template onto a layer as it stands.

    `frame` are the template's rows as prepared for the layer, in the order of the table, `current`
    is the layer now. A cell that was not edited takes its current value, whatever was exported; a
    field that the template does not have, too, unless the row is new or its position was edited. A
    row that was not edited and whose feature is gone is dropped.
    """
    places = {key: row for row, key in enumerate(current[edits.key].tolist())}
    known = edits.base[edits.key].notna().to_numpy(dtype=bool)
    ids = frame[edits.key].tolist()
    here: Ints = np.asarray([places.get(one, -1) for one in ids], dtype=np.int64)
    touched = edits.changed.to_numpy(dtype=bool).any(axis=1)
    lost = known & (here < 0)
    faults = [
        Fault.stating(str(ids[row]), None, None, _GONE) for row in np.flatnonzero(lost & touched)
    ]
    moved = edits.changed[[one for one in POSITION if one in edits.changed]].any(axis=1).to_numpy()
    merged = frame.copy()
    for name in frame.columns:
        if name == edits.key or name not in current.columns:
            continue
        if name in edits.changed.columns:
            own = edits.changed[name].to_numpy(dtype=bool)
            faults += _conflicts(name, frame, edits, current, here, own & known)
        else:
            own = moved
        merged[name] = _taken(frame[name], current[name], here, known & ~own)
    whole = merged[~(lost & ~touched)]
    if isinstance(frame, gpd.GeoDataFrame):
        whole = gpd.GeoDataFrame(whole, geometry="geometry", crs=frame.crs)
    return Merge(whole, tuple(faults), int((touched & known).sum()), int((~known).sum()))


_GONE = Sentence(
    "仍在图层中的要素；该要素在导出之后已被删除",
    "a feature of the layer; this one was deleted after the export",
)


def _taken(own: pd.Series, current: pd.Series, here: Ints, old: Mask) -> pd.Series:
    """A column with the current value where `old` says so and there is one."""
    now = current.tolist()
    values = [
        now[place] if keep and place >= 0 else value
        for value, place, keep in zip(own.tolist(), here.tolist(), old.tolist(), strict=True)
    ]
    if own.name == "geometry":
        shapes: pd.Series = gpd.GeoSeries(values, index=own.index, crs=getattr(own, "crs", None))
        return shapes
    return pd.Series(values, index=own.index, dtype=own.dtype)


def _conflicts(
    name: str,
    frame: pd.DataFrame,
    edits: Edits,
    current: pd.DataFrame,
    here: Ints,
    own: Mask,
) -> list[Fault]:
    """Cells edited here that somebody else has changed to something else since the export."""
    then, mine, now = edits.base[name].tolist(), frame[name].tolist(), current[name].tolist()
    ids = frame[edits.key].tolist()
    faults = []
    for row, (place, edited) in enumerate(zip(here.tolist(), own.tolist(), strict=True)):
        if not edited or place < 0:
            continue
        stands = plain_value(now[place])
        if not _same(stands, then[row]) and not _same(stands, plain_value(mine[row])):
            expected = Sentence(
                f"导出时的值 {then[row]}；此后已有人改为 {stands}，请重新导出后再改",
                f"{then[row]!r} as exported; somebody has changed it to {stands!r} since: export "
                "anew and edit there",
            )
            faults.append(Fault.stating(str(ids[row]), name, plain_value(mine[row]), expected))
    return faults


def _same(one: object, other: object) -> bool:
    return one == other or (one in (None, "") and other in (None, ""))
