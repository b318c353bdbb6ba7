"""The contract of every store: every state can be read, compared, hashed and taken back.

An oracle keeps every state as a dictionary; the store is held against it after random changes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from place_rows import few, places, point, put

from layers.catalog import LAYERS, TABLES
from layers.errors import RevisionError
from layers.store.base import Put
from layers.store.hashing import combined, content_hash, frame_hash
from layers.store.sql_store import SqlStore

Row = tuple[dict[str, Any], bytes | None]
State = dict[str, Row]


def state_of(frame: gpd.GeoDataFrame) -> State:
    found = {}
    for row, shape in zip(
        frame.drop(columns="geometry").to_dict("records"), frame.geometry, strict=True
    ):
        values = {str(name): None if pd.isna(value) else value for name, value in row.items()}
        found[str(row["id"])] = (values, None if shape is None else shape.wkb)
    return found


def random_change(store: SqlStore, state: State, dice: random.Random) -> State:
    """Put and delete a few rows at random, and return what should stand afterwards."""
    after = dict(state)
    with store.changing(author="a", reason="r") as change:
        for _ in range(dice.randint(1, 3)):
            gone = [key for key in after if dice.random() < 0.2]
            if gone:
                change.delete("places", gone)
            after = {key: row for key, row in after.items() if key not in gone}
            keys = dice.sample("abcdefghij", dice.randint(1, 4))
            values = [dice.choice(["甲", "乙", None]) for _ in keys]
            numbers = [dice.choice([1.0, 2.5, np.nan]) for _ in keys]
            shapes = {key: dice.choice([point(1), point(2), None]) for key in keys}
            rows = {
                key: {"name_zh": value, "accuracy_m": number}
                for key, value, number in zip(keys, values, numbers, strict=True)
            }
            change.put("places", places(rows, shapes))
            for key in keys:
                old = after.get(
                    key, ({field.name: None for field in LAYERS["places"].fields}, None)
                )
                held = {name: None if pd.isna(one) else one for name, one in rows[key].items()}
                given = {**held, "id": key}
                shape = shapes[key]
                after[key] = ({**old[0], **given}, None if shape is None else shape.wkb)
    return after


@pytest.mark.parametrize("seed", range(3))
def test_every_state_can_be_read_compared_and_hashed(store: SqlStore, seed: int) -> None:
    dice = random.Random(seed)
    states: list[State] = [{}]
    for _ in range(6):
        after = random_change(store, states[-1], dice)
        if after != states[-1]:
            states.append(after)
    assert len(store.revisions()) == len(states) - 1
    for number, state in enumerate(states[1:], start=1):
        past = store.at(number)
        frame = past.read_layer("places")
        assert state_of(frame) == state
        assert past.count("places") == len(state)
        assert past.layer_hash("places") == frame_hash("places", frame)
    assert state_of(store.read_layer("places")) == states[-1]
    for since in range(len(states)):
        for until in range(len(states)):
            expected = {
                key: (states[since].get(key), states[until].get(key))
                for key in {*states[since], *states[until]}
                if states[since].get(key) != states[until].get(key)
            }
            assert changes(store, since, until) == expected


def changes(store: SqlStore, since: int, until: int) -> dict[str, tuple[Row | None, Row | None]]:
    def side(values: Mapping[str, Any] | None) -> Row | None:
        if values is None:
            return None
        shape = values["geometry"]
        held = {name: value for name, value in values.items() if name != "geometry"}
        return held, None if shape is None else shape.wkb

    found = store.differences(since, until, "places")
    pairs: dict[str, tuple[Row | None, Row | None]] = {}
    for one in found:
        before, after = pairs.get(one.key, (None, None))
        pairs[one.key] = (before or side(one.before), after or side(one.after))
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def test_the_hash_of_the_whole_is_that_of_what_is_read(store: SqlStore) -> None:
    put(store, few(3))
    put(store, pd.DataFrame({"id": ["a"], "name_zh": ["改"]}))
    for past in (store, store.at(1)):
        frames = {**past.read_layers(), **{name: past.read_table(name) for name in TABLES}}
        assert past.metadata["hash"] == content_hash(frames)
    hashes = {name: store.layer_hash(name) for name in LAYERS}
    tables = {name: frame_hash(name, store.read_table(name)) for name in TABLES}
    assert store.metadata["hash"] == combined({**hashes, **tables})


def test_revisions_tell_who_when_why_and_how_much(store: SqlStore) -> None:
    put(store, few(3))
    with store.changing(author="李四 ' ?", reason="更正", kind="edit") as change:
        change.put("places", few(1, name_zh="改"))
        change.delete("places", ["c"])
        change.put("zones", few(1)[["id", "name_zh"]])
    second, first = store.revisions()
    assert (first.number, first.author, first.kind) == (1, "张三", "import")
    assert (second.number, second.author, second.reason, second.kind) == (
        *(2, "李四 ' ?", "更正", "edit"),
    )
    assert first.layers == {"places": Put(inserted=3)}
    assert second.layers == {"places": Put(updated=1, deleted=1), "zones": Put(inserted=1)}
    assert first.made <= second.made
    assert store.revisions(limit=1) == [second]
    assert store.at(1).revisions() == [first]


def test_a_past_state_is_found_by_number_and_time_and_is_read_only(store: SqlStore) -> None:
    put(store, few(1))
    put(store, few(2))
    made = store.revisions()[0].made
    for when in (2, "2", "r2", made, made[:10], "2999-01-01"):
        assert store.at(when).count("places") == 2
    past = store.at(1)
    with (
        pytest.raises(RevisionError, match="can only be read"),
        past.changing(author="", reason=""),
    ):
        pass
    for wrong in (0, 3, -1, "gestern", "2001-01-01", "99999999999"):
        with pytest.raises(RevisionError):
            store.at(wrong)


def test_undoing_takes_back_one_revision_and_keeps_later_ones(store: SqlStore) -> None:
    put(store, few(3))
    with store.changing(author="a", reason="r") as change:
        change.put("places", few(1, name_zh="改"))
        change.delete("places", ["b"])
        change.put("places", places({"x": {"name_zh": "新"}}, {"x": point(5)}))
    put(store, pd.DataFrame({"id": ["c"], "name_zh": ["丙"]}))
    with store.changing(author="a", reason="r", kind="undo") as change:
        assert change.undo(2) == Put(inserted=1, updated=1, deleted=1)
    expected = state_of(store.at(1).read_layer("places"))
    expected["c"][0]["name_zh"] = "丙"
    assert state_of(store.read_layer("places")) == expected
    assert store.layer_hash("places") == frame_hash("places", store.read_layer("places"))
    with store.changing(author="a", reason="r", kind="undo") as change:
        change.undo(4)
    assert state_of(store.read_layer("places")) == state_of(store.at(3).read_layer("places"))


def test_what_was_changed_again_is_not_undone(store: SqlStore) -> None:
    put(store, few(3))
    put(store, few(2, name_zh="改"))
    before = state_of(store.read_layer("places"))
    for number, match in ((1, "cannot be undone: 2 of its features"), (9, "no revision 9")):
        with (
            pytest.raises(RevisionError, match=match),
            store.changing(author="a", reason="r", kind="undo") as change,
        ):
            change.undo(number)
    assert state_of(store.read_layer("places")) == before
