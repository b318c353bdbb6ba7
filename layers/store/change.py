"""A change in the making: features put and deleted within one transaction, as one revision."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field

import geopandas as gpd
import pandas as pd

from geo.errors import Fault
from layers.catalog import LAYERS, OF_STORES, FieldSpec, LayerSpec
from layers.errors import LayerError, RevisionError, UndoError
from layers.filters import Condition
from layers.store import hashing
from layers.store.base import Feature, Put, RevisionKind
from layers.store.features import read_feature
from layers.store.history import State, count_rows, read_after, read_before, read_state
from layers.store.merging import Guard, Version, keys_of, plan_merge
from layers.store.records import (
    FREE_LAYERS,
    free_specs,
    kept_specs,
    last_own_revision,
    require_layer,
    spec_text,
    store_sum,
    sum_of,
    widest,
)
from layers.store.rows import Rows, rows_of
from layers.store.session import MANY, Session, earlier, listed, marks, quoted

_CHUNK = 400
"""Keys asked for in one query."""


@dataclass(slots=True, eq=False)
class SqlChange:
    """See `layers.store.base.Change`; `made` is the time of the revision in UTC."""

    session: Session
    revision: int
    made: str
    specs: dict[str, LayerSpec]
    _sums: dict[str, int] = field(default_factory=dict)
    _puts: dict[str, Put] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, session: Session, *, author: str, reason: str, kind: RevisionKind, made: str
    ) -> SqlChange:
        """Begin a revision in a session that writes."""
        specs = kept_specs(session)
        sums = _caught_up(session, specs)
        last = session.rows("SELECT max(made), max(revision) FROM ouzhi_revisions")[0]
        made = max(made, str(last[0] or ""))
        revision = int(last[1] or 0) + 1
        session.run(
            "INSERT INTO ouzhi_revisions (revision, made, author, reason, kind, open, edits,"
            " summary) VALUES (?, ?, ?, ?, ?, ?, 0, '{}')",
            (revision, made, author, reason, kind, True),
        )
        return cls(session, revision, made, specs, sums)

    def finish(self) -> bool:
        """Close the revision and tell whether anything differs."""
        changed = {name: put for name, put in self._puts.items() if put.changed}
        self._recount()
        for name, amount in self._sums.items():
            store_sum(self.session, self.specs[name], amount)
        shown = {name: list(astuple(put)) for name, put in changed.items()}
        self.session.run(
            "UPDATE ouzhi_revisions SET open = ?, summary = ? WHERE revision = ?",
            (False, json.dumps(shown), self.revision),
        )
        return bool(changed)

    def _recount(self) -> None:
        """Sum anew the layers whose fields are others than before: their rows hash otherwise."""
        before = free_specs(self.session, self.revision - 1)
        for name, spec in free_specs(self.session, None).items():
            turned = name in before and before[name].fields != spec.fields
            if turned or (name in self._sums and self.specs[name].fields != spec.fields):
                self.specs[name] = spec
                self._sums[name] = hashing.total(
                    read_state(self.session, spec, None).rows.digests(spec.fields)
                )

    def feature(self, name: str, key: str) -> Feature:
        """One feature as it stands in this change; raises `LayerError` where there is none."""
        return read_feature(self.session, require_layer(name, self.specs), key, None)

    # --- putting and deleting --------------------------------------------------------------------

    def put(
        self,
        name: str,
        frame: pd.DataFrame,
        *,
        delete_missing: bool = False,
        over: Collection[RevisionKind] | None = None,
    ) -> Put:
        """Add the features whose key is new, change those of the same key that differ."""
        spec = require_layer(name, self.specs)
        fields = _fields_of(frame, spec)
        shaped = isinstance(frame, gpd.GeoDataFrame) and spec.geometry_type is not None
        given = _completed(rows_of(frame, spec, fields), fields, spec)
        keys = keys_of(given, spec)
        now = self._standing(spec, keys, whole=delete_missing)
        guard = None if over is None else Guard.of(self.session, spec, over)
        merge = plan_merge(spec, fields, given, keys, now, shaped=shaped, guard=guard)
        gone, kept = merge.left_out(now, keys, guard) if delete_missing else ({}, 0)
        added = given if len(merge.added) == len(given) else given.taken(merge.added)
        first = self._next_fid(spec) if merge.added else 0
        self._add(spec, range(first, first + len(added)), added)
        self._update(spec, merge.updates, shaped=shaped, fields=fields)
        self._remove(spec, gone)
        counts = (len(added), len(merge.updates), merge.unchanged, len(gone), merge.kept + kept)
        return self._note(spec, Put(*counts))

    def delete(self, name: str, keys: Sequence[str]) -> int:
        """Delete features by key and return how many; raises `LayerError` for unknown keys."""
        spec = require_layer(name, self.specs)
        now = self._standing(spec, keys, whole=False)
        unknown = [key for key in keys if key not in now]
        if unknown:
            raise LayerError(
                f"layer {name!r} has no feature {', '.join(map(repr, unknown[:5]))}; list them at "
                f"/api/layers/{name}/items",
                f"图层 {name!r} 中没有要素 {'、'.join(map(repr, unknown[:5]))}；"
                f"列表见 /api/layers/{name}/items",
            )
        self._remove(spec, dict(now.values()))
        return self._note(spec, Put(deleted=len(now))).deleted

    def add_layer(self, spec: LayerSpec) -> None:
        """Make a free layer, or give one more fields; raises `LayerError` where types differ."""
        if spec.id in LAYERS:
            raise LayerError(
                f"{spec.id!r} is a layer of the catalogue; choose another name",
                f"{spec.id!r} 是固定图层；请另取名称",
            )
        taken = [one.name for one in spec.fields if one.name in OF_STORES]
        if taken:
            raise LayerError(
                f"a layer cannot have the fields {', '.join(taken)}, which the database uses "
                "itself; name them otherwise",
                f"字段名 {'、'.join(taken)} 由数据库自用；请改用其他名称",
            )
        known = self.session.column_types(spec.id)
        if known:
            self._widen(spec, known)
        else:
            self.session.make_layer(spec)
        self.specs[spec.id] = spec
        row = pd.DataFrame({"id": [spec.id], "spec": [spec_text(spec)]})
        self.put(FREE_LAYERS, row)

    def _widen(self, spec: LayerSpec, known: Mapping[str, str]) -> None:
        wrong = [
            Fault(
                None,
                one.name,
                one.type,
                f"a column of type {known[one.name]}, as it stands",
                f"类型为 {known[one.name]} 的列（已有）",
            )
            for one in spec.fields
            if known.get(one.name, self.session.column_type(one)) != self.session.column_type(one)
        ]
        if wrong:
            listed_names = ", ".join(str(fault.field) for fault in wrong)
            raise LayerError(
                f"layer {spec.id!r} has fields of another type already: {listed_names}; name them "
                "otherwise",
                f"图层 {spec.id!r} 已有不同类型的字段：{listed_names}；请改用其他名称",
                wrong,
            )
        new = [one for one in spec.fields if one.name not in known]
        if new:
            self.session.add_columns(spec, new)

    # --- undoing ---------------------------------------------------------------------------------

    def undo(self, number: int) -> Put:
        """Take one revision back; raises `RevisionError`, `UndoError`."""
        if not self.session.rows(
            "SELECT 1 FROM ouzhi_revisions WHERE revision = ? AND revision < ?",
            (number, self.revision),
        ):
            raise RevisionError(
                f"there is no revision {number}; list them with `ouzhi revisions log`",
                f"没有版本 {number}；列表见 `ouzhi revisions log`",
            )
        for name, spec in free_specs(self.session, number - 1).items():
            self.specs[name] = widest(spec, self.specs.get(name))
        states = {
            name: (
                read_before(self.session, spec, number - 1, number),
                read_after(self.session, spec, number - 1, number),
            )
            for name, spec in self.specs.items()
        }
        self._require_untouched(number, states)
        return sum((self._set_back(name, *pair) for name, pair in states.items()), Put())

    def _require_untouched(self, number: int, states: Mapping[str, tuple[State, State]]) -> None:
        faults = []
        for name, (before, after) in states.items():
            spec = self.specs[name]
            keys = {**_keyed(after), **_keyed(before)}
            later = self._changed_since(number, spec, before, after)
            faults += [
                Fault(
                    spec.id,
                    "id",
                    keys.get(fid),
                    f"not changed since revision {number}",
                    f"版本 {number} 之后未再修改",
                )
                for fid in sorted(later)
            ]
        if faults:
            shown = ", ".join(f"{one.row} {one.value}" for one in faults[:5])
            more = len(faults) - 5
            raise UndoError(
                f"revision {number} cannot be undone: {len(faults)} of its features were changed "
                f"again later ({shown}{f' and {more} more' if more > 0 else ''}); undo the later "
                "revisions first",
                f"版本 {number} 无法撤销：其中 {len(faults)} 个要素之后又有修改（{shown}"
                f"{f'，另有 {more} 个' if more > 0 else ''}）；请先撤销之后的版本",
                faults,
            )

    def _changed_since(self, number: int, spec: LayerSpec, before: State, after: State) -> set[int]:
        """Row numbers of a revision that stand otherwise now, or whose key another row has now."""
        touched = f"SELECT fid FROM {earlier(spec.id)} WHERE revision = ?"
        now = read_state(self.session, spec, None, fids=(touched, [number])).by_fid()
        then = after.by_fid()
        changed = {fid for fid in {*before.fids, *then} if now.get(fid) != then.get(fid)}
        owners = {str(version[0][0]): fid for fid, version in before.by_fid().items()}
        holders = self._standing(spec, list(owners), whole=False)
        taken = {
            fid
            for key, fid in owners.items()
            if key in holders and holders[key][0] not in then and holders[key][0] != fid
        }
        return changed | taken

    def _set_back(self, name: str, before: State, after: State) -> Put:
        spec = self.specs[name]
        was, now = before.by_fid(), after.by_fid()
        added = {fid: version for fid, version in was.items() if fid not in now}
        changed = {fid: v for fid, v in was.items() if fid in now and now[fid] != v}
        gone = {fid: version for fid, version in now.items() if fid not in was}
        self._remove(spec, gone)
        self._free_keys(spec, [fid for fid, v in changed.items() if now[fid][0][0] != v[0][0]])
        self._add(spec, list(added), _rows(spec, list(added.values())))
        updates = {fid: (now[fid], version) for fid, version in changed.items()}
        self._update(spec, updates, shaped=spec.geometry_type is not None, fields=spec.fields)
        return self._note(spec, Put(len(added), len(changed), 0, len(gone)))

    def _free_keys(self, spec: LayerSpec, fids: Sequence[int]) -> None:
        """Give rows that are about to change places keys that nobody wants."""
        sql = f"UPDATE {quoted(spec.id)} SET {quoted(spec.key)} = ? WHERE fid = ?"
        self.session.run_many(sql, [(f"\x1f{fid}", fid) for fid in fids])

    # --- rows ------------------------------------------------------------------------------------

    def _standing(
        self, spec: LayerSpec, keys: Sequence[str], *, whole: bool
    ) -> dict[str, tuple[int, Version]]:
        """Rows as they stand by key: all of them, or those of the keys."""
        few = not whole and len(keys) <= _CHUNK
        size = 0 if few else count_rows(self.session, spec, None)  # which costs more in large ones
        if not (few or size):
            return {}
        if whole or (not few and len(keys) > size / 4):
            states = [read_state(self.session, spec, None)]
        else:
            states = [
                read_state(
                    self.session,
                    spec,
                    None,
                    where=(Condition(spec.key, "IN", tuple(keys[k : k + _CHUNK])),),
                )
                for k in range(0, len(keys), _CHUNK)
            ]
        asked = set(keys)
        return {
            str(version[0][0]): (fid, version)
            for state in states
            for fid, version in state.by_fid().items()
            if whole or str(version[0][0]) in asked
        }

    def _add(self, spec: LayerSpec, fids: Sequence[int], rows: Rows) -> None:
        """Add rows that hold all fields."""
        if not fids:
            return
        self._count(spec, rows.digests(spec.fields), [])
        if len(fids) >= MANY:
            self.session.add_in_bulk(spec, fids, rows, self.revision)
        else:
            shaped = spec.geometry_type is not None
            names, places = f"fid, {listed(spec.fields)}", marks(len(spec.fields) + 1)
            shapes = self.session.stored_geometry(rows) if shaped else []
            if shaped:
                names += f", {self.session.geometry}"
                places += f", {self.session.geometry_mark()}"
            self.session.run_many(
                f"INSERT INTO {quoted(spec.id)} ({names}) VALUES ({places})",
                [
                    (fid, *row, *shapes[k : k + 1])
                    for k, (fid, row) in enumerate(zip(fids, rows.tuples, strict=True))
                ],
            )
        self.session.touched(spec, rows, self.made)

    def _update(
        self,
        spec: LayerSpec,
        updates: Mapping[int, tuple[Version, Version]],
        *,
        shaped: bool,
        fields: Sequence[FieldSpec],
    ) -> None:
        """Set rows from their first to their second version; only `fields` differ, and shapes."""
        if not updates:
            return
        old = _rows(spec, [pair[0] for pair in updates.values()])
        new = _rows(spec, [pair[1] for pair in updates.values()])
        self._count(spec, new.digests(spec.fields), old.digests(spec.fields))
        places = [spec.fields.index(one) for one in fields]
        assigned = [f"{quoted(one.name)} = ?" for one in fields]
        moved = [shaped and a != b for a, b in zip(old.wkb, new.wkb, strict=True)]
        for moves in (False, True):
            rows = [k for k, one in enumerate(moved) if one is moves]
            if not rows:
                continue
            settings = list(assigned)
            if moves:
                settings.append(f"{self.session.geometry} = {self.session.geometry_mark()}")
            shapes = self.session.stored_geometry(new.taken(rows)) if moves else []
            fids, values = list(updates), new.tuples
            self.session.run_many(
                f"UPDATE {quoted(spec.id)} SET {', '.join(settings)} WHERE fid = ?",
                [
                    (*(values[k][i] for i in places), *shapes[j : j + 1], fids[k])
                    for j, k in enumerate(rows)
                ],
            )
        self.session.touched(spec, new, self.made)

    def _remove(self, spec: LayerSpec, gone: Mapping[int, Version]) -> None:
        if not gone:
            return
        self._count(spec, [], _rows(spec, list(gone.values())).digests(spec.fields))
        sql = f"DELETE FROM {quoted(spec.id)} WHERE fid = ?"
        self.session.run_many(sql, [(fid,) for fid in gone])
        self.session.touched(spec, None, self.made)

    def _next_fid(self, spec: LayerSpec) -> int:
        """A row number that no row of the layer ever had."""
        tables = (quoted(spec.id), earlier(spec.id))
        found = [self.session.rows(f"SELECT max(fid) FROM {table}")[0][0] for table in tables]
        return max(int(one or 0) for one in found) + 1

    def _count(self, spec: LayerSpec, new: Iterable[bytes], old: Iterable[bytes]) -> None:
        """Follow the layer's sum of hashes; called before the rows change."""
        if spec.id not in self._sums:
            self._sums[spec.id] = sum_of(self.session, spec, None)
        self._sums[spec.id] += hashing.total(new) - hashing.total(old)

    def _note(self, spec: LayerSpec, put: Put) -> Put:
        if put.changed:
            self._puts[spec.id] = self._puts.get(spec.id, Put()) + put
        return put


def _caught_up(session: Session, specs: Mapping[str, LayerSpec]) -> dict[str, int]:
    """The sums of the layers that other programs changed since our last revision."""
    own = last_own_revision(session)
    outside = session.rows("SELECT 1 FROM ouzhi_revisions WHERE revision > ? LIMIT 1", (own,))
    if not outside:
        return {}
    return {name: sum_of(session, spec, None) for name, spec in specs.items()}


def _fields_of(frame: pd.DataFrame, spec: LayerSpec) -> list[FieldSpec]:
    """The fields that a frame gives, the key among them."""
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else "geometry"
    names = [str(name) for name in frame.columns if name != shape]
    known = {one.name for one in spec.fields}
    unknown = [name for name in names if name not in known]
    if unknown or spec.key not in names:
        wrong = ", ".join(unknown) or f"no {spec.key}"
        raise LayerError(
            f"layer {spec.id!r} has fields {', '.join(sorted(known))}; given: {wrong}",
            f"图层 {spec.id!r} 的字段为 {'、'.join(sorted(known))}；给出的是：{wrong}",
        )
    return [one for one in spec.fields if one.name in names]


def _completed(rows: Rows, fields: Sequence[FieldSpec], spec: LayerSpec) -> Rows:
    """Rows with all fields of a layer; those not given are None."""
    columns = dict(zip((one.name for one in fields), rows.columns, strict=True))
    nothing: list[object] = [None] * len(rows)
    return Rows(
        [columns.get(one.name, nothing) for one in spec.fields], rows.wkb, rows.known_bounds
    )


def _rows(spec: LayerSpec, versions: Sequence[Version]) -> Rows:
    if not versions:
        return Rows([[] for _ in spec.fields], [])
    values, wkb = zip(*versions, strict=True)
    return Rows([list(column) for column in zip(*values, strict=True)], list(wkb))


def _keyed(state: State) -> dict[int, object]:
    return dict(zip(state.fids, state.rows.columns[0], strict=True))
