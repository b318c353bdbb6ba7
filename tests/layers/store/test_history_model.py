"""Any series of puts, deletions, undos and edits from outside, against lists of plain rows.

The model keeps every state as a dict of rows by row number and copies it at each revision; the
store keeps only what was put away. Both must tell the same of every revision.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from workspace_soundness import require_sound

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import LAYERS, FieldSpec, FieldType, LayerSpec, free_layer
from layers.errors import LayerError, RevisionError
from layers.store import gpkg_geometry
from layers.store.geopackage import GeoPackageStore, create_workspace
from layers.store.hashing import frame_hash

Values = dict[str, Any]
Row = tuple[Values, shapely.Geometry | None]
Rows = dict[int, Row]
State = dict[str, Rows]

_WORD = Sentence("试", "try")
OWN: dict[str, FieldType] = {
    "real_one": "real",
    "whole": "integer",
    "yes": "boolean",
    "day": "date",
    "word": "text",
}
KEYS = st.sampled_from([f"k{k}" for k in range(8)])
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    "real": st.one_of(st.none(), st.floats(-1e9, 1e9), st.sampled_from([0.1 + 0.2, 1e300, -0.0])),
    "integer": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "boolean": st.sampled_from([None, True, False]),
    "date": st.sampled_from([None, "2026-11-29", "1999-01-01"]),
    "text": st.one_of(st.none(), st.text("ab'\"温1.e0\n", min_size=1, max_size=4)),
    "datetime": st.none(),
}
COORDINATES = st.sampled_from([120.0, 120.1, 120.7000001, 121.0])
POINTS = st.builds(shapely.Point, COORDINATES, COORDINATES.map(lambda one: one - 92.0))
SHAPES = st.one_of(
    st.none(),
    POINTS,
    st.builds(lambda p, r: p.buffer(r, quad_segs=1), POINTS, st.sampled_from([0.001, 0.2])),
    st.just(shapely.from_wkt("POLYGON EMPTY")),
)
GEOMETRIES = {"places": st.one_of(st.none(), POINTS), "mine": SHAPES}


def mine(count: int) -> LayerSpec:
    """The free layer with so many fields of its own."""
    own = [FieldSpec(name, _WORD, None, kind) for name, kind in list(OWN.items())[:count]]
    return free_layer("mine", _WORD, "Geometry", tuple(own))


def changing_fields(name: str, count: int) -> dict[str, FieldType]:
    """The fields of a layer that the model changes; the others stay empty."""
    if name == "places":
        return {"name_zh": "text", "accuracy_m": "real"}
    return {"name_en": "text", **dict(list(OWN.items())[:count])}


class History(RuleBasedStateMachine):
    """A workspace and its model."""

    revisions: Bundle[int] = Bundle("revisions")
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ouzhi-")
        self.path = Path(self.folder.name) / "a.gpkg"
        shutil.copy(self.template, self.path)
        self.store = GeoPackageStore(self.path)
        self.now: State = {"places": {}, "mine": {}}
        self.states: list[State] = [self.copied()]
        self.touched: dict[int, set[tuple[str, int]]] = {}
        self.kinds: dict[int, str] = {}
        self.columns: list[int] = [0]
        self.next = {"places": 1, "mine": 1}
        self.own = 0

    def teardown(self) -> None:
        try:
            for number in range(1, len(self.states)):
                self.compare(number)
            require_sound(self.path, at_each_revision=False)
        finally:
            self.folder.cleanup()

    # --- the model -------------------------------------------------------------------------------

    def copied(self) -> State:
        return {name: dict(rows) for name, rows in self.now.items()}

    def keep(self, before: State, kind: str) -> None:
        """Note what is now as the state after the store's last revision."""
        told = self.store.revisions(limit=1)
        number = told[0].number if told else 0
        if before == self.now and kind != "outside":
            assert number == len(self.states) - 1, "a revision of nothing"
            return
        assert number in (len(self.states) - 1, len(self.states))
        if number == len(self.states):
            self.states.append({})
            self.columns.append(0)
            self.touched[number] = set()
        else:
            assert kind == self.kinds[number] == "outside"
        self.kinds[number] = kind
        self.states[number], self.columns[number] = self.copied(), self.own
        self.touched[number] |= {
            (name, fid)
            for name in self.now
            for fid in {*before[name], *self.now[name]}
            if before[name].get(fid) != self.now[name].get(fid)
        }

    def by_key(self, name: str) -> dict[str, int]:
        return {row[0]["id"]: fid for fid, row in self.now[name].items()}

    def add(self, name: str, row: Row) -> int:
        fid = self.next[name]
        self.next[name] = fid + 1
        self.now[name][fid] = row
        return fid

    # --- our own changes -------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.widen(1)

    @rule(count=st.integers(1, len(OWN)))
    def widen(self, count: int) -> None:
        before, had = self.copied(), self.own
        with self.store.changing(author="a", reason="widen") as change:
            change.add_layer(mine(max(count, self.own)))
        self.own = max(count, self.own)
        number = self.store.revisions(limit=1)[0].number
        if self.own == had:
            assert number == len(self.states) - 1
        else:
            self.states.append(self.copied())
            self.columns.append(self.own)
            self.touched[number], self.kinds[number] = {("spec", 0)}, "edit"
        assert before == self.now

    @rule(
        target=revisions,
        data=st.data(),
        name=st.sampled_from(["places", "mine"]),
        keys=st.lists(KEYS, unique=True, max_size=5),
        whole=st.booleans(),
        shaped=st.booleans(),
    )
    def put(
        self, data: st.DataObject, name: str, keys: list[str], *, whole: bool, shaped: bool
    ) -> int:
        before, standing = self.copied(), self.by_key(name)
        fields = changing_fields(name, self.own)
        given = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
        rows = [{one: data.draw(VALUES[fields[one]]) for one in given} for _ in keys]
        shapes = [data.draw(GEOMETRIES[name]) for _ in keys] if shaped else [None] * len(keys)
        frame: pd.DataFrame = pd.DataFrame(
            {
                "id": keys,
                **{one: pd.Series([row[one] for row in rows], dtype=object) for one in given},
            }
        )
        if shaped:
            frame = gpd.GeoDataFrame(
                frame, geometry=np.array(shapes, dtype=object), crs=STORAGE_CRS
            )
        for key, row, shape in zip(keys, rows, shapes, strict=True):
            plain = {
                one: value if value != 0 else abs(value)
                for one, value in row.items()
                if value is not None
            }
            if key in standing:
                old, stood = self.now[name][standing[key]]
                kept = {one: value for one, value in old.items() if one not in row}
                self.now[name][standing[key]] = ({**kept, **plain}, shape if shaped else stood)
            else:
                self.add(name, ({"id": key, **plain}, shape))
        if whole:
            for key in set(standing) - set(keys):
                del self.now[name][standing[key]]
        with self.store.changing(author="a", reason="put", kind="import") as change:
            told = change.put(name, frame, delete_missing=whole)
        kinds = [(fid in before[name], fid in self.now[name]) for fid in self.changed(before, name)]
        assert told.inserted == kinds.count((False, True))
        assert told.updated == kinds.count((True, True))
        assert told.deleted == kinds.count((True, False))
        assert told.unchanged == len(keys) - told.inserted - told.updated
        self.keep(before, "import")
        return len(self.states) - 1

    def changed(self, before: State, name: str) -> list[int]:
        fids = {*before[name], *self.now[name]}
        return [fid for fid in fids if before[name].get(fid) != self.now[name].get(fid)]

    @rule(
        target=revisions, name=st.sampled_from(["places", "mine"]), keys=st.sets(KEYS, min_size=1)
    )
    def delete(self, name: str, keys: set[str]) -> int:
        before, standing = self.copied(), self.by_key(name)
        listed = sorted(keys)
        if keys <= set(standing):
            for key in listed:
                del self.now[name][standing[key]]
            with self.store.changing(author="a", reason="delete", kind="delete") as change:
                assert change.delete(name, listed) == len(listed)
        else:
            with (
                pytest.raises(LayerError, match="has no feature"),
                self.store.changing(author="a", reason="delete", kind="delete") as change,
            ):
                change.delete(name, listed)
        self.keep(before, "delete")
        return len(self.states) - 1

    @rule(target=revisions, number=revisions)
    def undo(self, number: int) -> int:
        if not 0 < number < len(self.states):
            return 0
        before, was = self.copied(), self.states[number - 1]
        touched = self.touched[number]
        if ("spec", 0) in touched:
            return 0
        for name, fid in touched:
            row = was[name].get(fid)
            if row is None:
                self.now[name].pop(fid, None)
            else:
                self.now[name][fid] = row
        keys = [[row[0]["id"] for row in rows.values()] for rows in self.now.values()]
        stands = {name: self.states[number][name] for name in before}
        refused = any(stands[name].get(fid) != before[name].get(fid) for name, fid in touched)
        refused |= any(len(set(one)) < len(one) for one in keys)
        if refused:
            self.now = before
            with (
                pytest.raises(RevisionError, match=f"revision {number} cannot be undone"),
                self.store.changing(author="a", reason="undo", kind="undo") as change,
            ):
                change.undo(number)
            before = self.copied()
        else:
            with self.store.changing(author="a", reason="undo", kind="undo") as change:
                change.undo(number)
        self.keep(before, "undo")
        return len(self.states) - 1

    @rule(name=st.sampled_from(["places", "mine"]), keys=st.sets(KEYS, min_size=1))
    def give_up(self, name: str, keys: set[str]) -> None:
        frame = pd.DataFrame({"id": sorted(keys), "name_en": "gone"})
        with (
            pytest.raises(KeyError),
            self.store.changing(author="a", reason="give up") as change,
        ):
            change.put(name, frame, delete_missing=True)
            raise KeyError

    # --- edits from outside ----------------------------------------------------------------------

    def outside(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(self.path)) as file, file:
            gpkg_geometry.add_functions(file)
            for sql, parameters in statements:
                file.execute(sql, parameters)

    @rule(target=revisions, data=st.data(), name=st.sampled_from(["places", "mine"]))
    def edit_outside(self, data: st.DataObject, name: str) -> int:
        if not self.now[name]:
            return 0
        before = self.copied()
        fid = data.draw(st.sampled_from(sorted(self.now[name])))
        fields = changing_fields(name, self.own)
        field = data.draw(st.sampled_from(sorted(fields)))
        value, shape = data.draw(VALUES[fields[field]]), data.draw(GEOMETRIES[name])
        values = {one: v for one, v in self.now[name][fid][0].items() if one != field}
        if value is not None:
            values[field] = value
        self.now[name][fid] = (values, shape)
        self.outside(
            (f'UPDATE {name} SET "{field}" = ?, geom = ? WHERE fid = ?', (value, blob(shape), fid))
        )
        self.keep(before, "outside")
        return len(self.states) - 1

    @rule(
        target=revisions,
        name=st.sampled_from(["places", "mine"]),
        key=st.one_of(st.none(), KEYS),
        value=VALUES["text"],
        data=st.data(),
    )
    def insert_outside(
        self, name: str, key: str | None, value: str | None, data: st.DataObject
    ) -> int:
        before, shape = self.copied(), data.draw(GEOMETRIES[name])
        if key in self.by_key(name):
            return 0
        fid = self.add(name, ({}, shape))
        named = {"id": key or f"{name}-{fid}"}
        field = next(iter(changing_fields(name, self.own)))
        given = {} if value is None else {field: value}
        self.now[name][fid] = ({**named, **given}, shape)
        self.outside(
            (f"INSERT INTO {name} (id, {field}, geom) VALUES (?, ?, ?)", (key, value, blob(shape)))
        )
        self.keep(before, "outside")
        return len(self.states) - 1

    @rule(target=revisions, data=st.data(), name=st.sampled_from(["places", "mine"]))
    def delete_outside(self, data: st.DataObject, name: str) -> int:
        if not self.now[name]:
            return 0
        before = self.copied()
        fid = data.draw(st.sampled_from(sorted(self.now[name])))
        del self.now[name][fid]
        self.outside((f"DELETE FROM {name} WHERE fid = ?", (fid,)))
        self.keep(before, "outside")
        return len(self.states) - 1

    @rule(target=revisions, data=st.data(), name=st.sampled_from(["places", "mine"]))
    def renumber_outside(self, data: st.DataObject, name: str) -> int:
        if not self.now[name]:
            return 0
        before = self.copied()
        fid = data.draw(st.sampled_from(sorted(self.now[name])))
        new = self.add(name, self.now[name].pop(fid))
        self.outside((f"UPDATE {name} SET fid = ? WHERE fid = ?", (new, fid)))
        self.keep(before, "outside")
        return len(self.states) - 1

    # --- what both tell --------------------------------------------------------------------------

    def compare(self, number: int | None) -> None:
        """The store's state after a revision is the model's."""
        store = self.store if number is None else self.store.at(number)
        state = self.now if number is None else self.states[number]
        own = self.own if number is None else self.columns[number]
        for name, rows in state.items():
            if name not in store.specs():
                assert not own
                continue
            frame = store.read_layer(name)
            spec = LAYERS["places"] if name == "places" else mine(own)
            assert list(frame.columns) == [*(one.name for one in spec.fields), "geometry"]
            assert [plain(one) for one in frame.to_dict("records")] == [
                (values, None if shape is None else shape.wkb)
                for _, (values, shape) in sorted(rows.items())
            ]
            assert store.layer_hash(name) == frame_hash(name, frame), (name, number)
            assert store.count(name) == len(rows)

    @invariant()
    def now_agrees(self) -> None:
        self.compare(None)

    @rule(since=revisions, until=revisions)
    def differ(self, since: int, until: int) -> None:
        last = len(self.states) - 1
        told = {
            (one.layer, one.key, _told(one.before), _told(one.after))
            for one in self.store.differences(min(since, last), min(until, last))
            if one.layer in self.now
        }
        first, second = self.states[min(since, last)], self.states[min(until, last)]
        expected = set()
        for name in self.now:
            for fid in {*first[name], *second[name]}:
                before, after = first[name].get(fid), second[name].get(fid)
                if before != after:
                    key = (before or after or ({}, None))[0]["id"]
                    expected.add((name, key, _modelled(before), _modelled(after)))
        assert told == expected

    @rule(number=revisions)
    def look_back(self, number: int) -> None:
        if 0 < number < len(self.states):
            self.compare(number)

    @rule(box=st.tuples(COORDINATES, COORDINATES, COORDINATES, COORDINATES), number=revisions)
    def find(self, box: tuple[float, float, float, float], number: int) -> None:
        west, east = sorted(box[:2])
        south, north = sorted(one - 92.0 for one in box[2:])
        area = shapely.box(west, south, east, north)
        past = 0 < number < len(self.states)
        store = self.store.at(number) if past else self.store
        state = self.states[number] if past else self.now
        for name in store.specs():
            if name in state:
                found = store.find(name, bbox=(west, south, east, north)).frame["id"].tolist()
                assert found == [
                    values["id"]
                    for _, (values, shape) in sorted(state[name].items())
                    if shape is not None and shape.intersects(area)
                ]


def blob(shape: shapely.Geometry | None) -> bytes | None:
    """A geometry as another program may write it: big-endian, with an envelope and a height."""
    if shape is None:
        return None
    tall = shape if shape.is_empty else shapely.force_3d(shape, 7.0)
    wkb = shapely.to_wkb(tall, byte_order=0, flavor="iso")
    if shape.is_empty:
        return b"GP\0\x10" + struct.pack(">i", 4490) + bytes(wkb)
    west, south, east, north = shape.bounds
    head = b"GP\0\x02" + struct.pack(">i", 4490)
    return head + struct.pack(">4d", west, east, south, north) + bytes(wkb)


def plain(record: Values) -> tuple[Values, bytes | None]:
    """A record as the model has it: without what is not given."""
    shape = record.pop("geometry")
    given = {name: value for name, value in record.items() if not pd.isna(value)}
    return given, None if shape is None else shape.wkb


def _told(values: Any) -> object:
    return None if values is None else _frozen(*plain(dict(values)))


def _modelled(row: Row | None) -> object:
    return None if row is None else _frozen(row[0], None if row[1] is None else row[1].wkb)


def _frozen(values: Values, wkb: bytes | None) -> object:
    return tuple(sorted((name, str(value)) for name, value in values.items())), wkb


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The empty workspace from which every run starts."""
    History.template = tmp_path_factory.mktemp("model") / "empty.gpkg"
    create_workspace(History.template, {"city": "试验市"})


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=10,
    stateful_step_count=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
