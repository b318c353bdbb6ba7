"""What putting features into a layer changes: new ones, those that differ, those that stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import Fault
from layers.catalog import FieldSpec, LayerSpec
from layers.errors import LayerError
from layers.store.rows import Rows
from layers.store.session import Session, earlier, quoted

Version = tuple[tuple[object, ...], bytes | None]
"""A row's values, all fields, and its geometry as WKB."""

Standing = Mapping[str, tuple[int, Version]]
"""Rows as they stand, by key: row number and version."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which rows may be changed: those last touched by revisions of some kinds.

    `kinds` tells the last kind by row number, `buried` the last kind by key of rows that are gone.
    """

    over: frozenset[str]
    kinds: Mapping[int, str]
    buried: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, spec: LayerSpec, over: Collection[str]) -> Guard:
        """Read who touched the rows of a layer last."""
        table = earlier(spec.id)
        last = f"SELECT fid, max(revision) AS revision FROM {table} GROUP BY fid"
        kinds = session.rows(
            f"SELECT last.fid, r.kind FROM ({last}) AS last JOIN ouzhi_revisions AS r"
            " ON r.revision = last.revision"
        )
        buried = session.rows(
            f"SELECT b.{quoted(spec.key)}, r.kind FROM {table} AS b JOIN ({last}) AS last"
            " ON last.fid = b.fid AND last.revision = b.revision JOIN ouzhi_revisions AS r"
            f" ON r.revision = b.revision WHERE b.existed AND NOT EXISTS"
            f" (SELECT 1 FROM {quoted(spec.id)} AS t WHERE t.fid = b.fid) ORDER BY b.revision"
        )
        return cls(
            frozenset(over),
            {int(fid): str(kind) for fid, kind in kinds},
            {str(key): str(kind) for key, kind in buried},
        )

    def lets(self, fid: int) -> bool:
        """Whether a row that stands may be changed."""
        return self.kinds.get(fid) in self.over

    def lets_in(self, key: str) -> bool:
        """Whether a row may be added whose key was there before."""
        return self.buried.get(key) is None or self.buried[key] in self.over


@dataclass(slots=True)
class Merge:
    """What to do: places of the rows to add, and rows to set from one version to another."""

    added: list[int] = field(default_factory=list)
    updates: dict[int, tuple[Version, Version]] = field(default_factory=dict)
    unchanged: int = 0
    kept: int = 0

    def left_out(
        self, now: Standing, keys: Sequence[str], guard: Guard | None
    ) -> tuple[dict[int, Version], int]:
        """The rows that stand and are not among `keys`, and how many of them a guard keeps."""
        named = set(keys)
        left = {fid: version for key, (fid, version) in now.items() if key not in named}
        gone = {fid: one for fid, one in left.items() if guard is None or guard.lets(fid)}
        return gone, len(left) - len(gone)


def plan_merge(
    spec: LayerSpec,
    fields: Sequence[FieldSpec],
    given: Rows,
    keys: Sequence[str],
    now: Standing,
    *,
    shaped: bool,
    guard: Guard | None,
) -> Merge:
    """Hold rows against those that stand; only `fields` are given, and geometry where `shaped`."""
    merge = Merge()
    if not now and guard is None:
        merge.added = list(range(len(given)))
        return merge
    places = [spec.fields.index(one) for one in fields]
    for k, (key, values) in enumerate(zip(keys, given.tuples, strict=True)):
        if key not in now:
            if guard is None or guard.lets_in(key):
                merge.added.append(k)
            else:
                merge.kept += 1
            continue
        fid, old = now[key]
        row = list(old[0])
        for place in places:
            row[place] = values[place]
        new = (tuple(row), given.wkb[k] if shaped else old[1])
        if new == old:
            merge.unchanged += 1
        elif guard is None or guard.lets(fid):
            merge.updates[fid] = (old, new)
        else:
            merge.kept += 1
    return merge


def keys_of(rows: Rows, spec: LayerSpec) -> list[str]:
    """The keys of rows; raises `LayerError` with those that are missing or repeated."""
    column = rows.columns[0]
    keys = [str(key) for key in column]
    if None not in column and len(set(keys)) == len(keys):
        return keys
    seen: set[str] = set()
    faults = []
    for k, value in enumerate(column, start=1):
        if value is None or str(value) in seen:
            expected = "a value that no other row has"
            faults.append(Fault(k, spec.key, value, expected, "与其他行不同的值"))
        seen.add(str(value))
    raise LayerError(
        f"layer {spec.id!r} takes one row per {spec.key}; {len(faults)} row(s) have none or one "
        f"that was there before, the first is row {faults[0].row} with {faults[0].value!r}",
        f"图层 {spec.id!r} 每个 {spec.key} 一行；有 {len(faults)} 行缺失或重复，首个为第"
        f" {faults[0].row} 行 {faults[0].value!r}",
        faults,
    )
