"""The contract of every store: putting, deleting, reading, and the history of it all.

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
import shapely
from store_places import Place

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, FieldType, LayerSpec, free_layer
from layers.errors import LayerError, RevisionError, WorkspaceError
from layers.store.base import Put, StoredDocument
from layers.store.hashing import combined, content_hash, frame_hash
from layers.store.sql_store import SqlStore

Row = tuple[dict[str, Any], bytes | None]
State = dict[str, Row]


def places(
    rows: Mapping[str, Mapping[str, Any]], shapes: Mapping[str, shapely.Geometry | None]
) -> gpd.GeoDataFrame:
    """Rows of the layer `places` by id; the columns are those of the first row."""
    columns = ["id", *next(iter(rows.values()), {"name_zh": None})]
    frame = pd.DataFrame([{"id": key, **row} for key, row in rows.items()], columns=columns)
    return gpd.GeoDataFrame(frame, geometry=[shapes[key] for key in rows], crs=STORAGE_CRS)


def point(number: float) -> shapely.Point:
    return shapely.Point(120.5 + number / 100, 28.0)


def few(count: int = 3, **values: Any) -> gpd.GeoDataFrame:
    """So many places a, b, c … in a row, all with the same values."""
    keys = [chr(ord("a") + k) for k in range(count)]
    row = {"name_zh": "甲", "accuracy_m": 5.0, **values}
    return places(dict.fromkeys(keys, row), {key: point(k) for k, key in enumerate(keys)})


def put(store: SqlStore, frame: pd.DataFrame, name: str = "places", **how: Any) -> Put:
    with store.changing(author="张三", reason="试", kind="import") as change:
        return change.put(name, frame, **how)


def ids(frame: pd.DataFrame) -> list[str]:
    return list(frame["id"])


def state_of(frame: gpd.GeoDataFrame) -> State:
    found = {}
    for row, shape in zip(
        frame.drop(columns="geometry").to_dict("records"), frame.geometry, strict=True
    ):
        values = {str(name): None if pd.isna(value) else value for name, value in row.items()}
        found[str(row["id"])] = (values, None if shape is None else shape.wkb)
    return found


# --- putting -------------------------------------------------------------------------------------


def test_a_new_workspace_is_empty_and_has_every_layer_and_table(store: SqlStore) -> None:
    assert list(store.specs()) == list(LAYERS)
    assert all(store.count(name) == 0 for name in LAYERS)
    assert all(store.read_table(name).empty for name in TABLES)
    assert store.revisions() == []
    assert store.metadata["city"] == "试验市"
    assert store.metadata["revision"] == "0"
    columns = store.read_layer("zones").columns.tolist()
    assert columns == [*(field.name for field in LAYERS["zones"].fields), "geometry"]


def test_what_is_put_is_read_back_with_its_types(store: SqlStore) -> None:
    zone = gpd.GeoDataFrame(
        {
            "id": ["z"],
            "name_zh": ["甲, \"乙\"\n'丙' \\ 😀 %s ?"],
            "no": [2**62 + 1],
            "area_mu": [0.1 + 0.2],
            "negative_list": [False],
            "output_100m_yuan": [5e-324],
        },
        geometry=[shapely.box(120, 28, 121, 29) - shapely.box(120.2, 28.2, 120.4, 28.4)],
        crs=STORAGE_CRS,
    )
    put(store, zone, "zones")
    (row,) = store.read_layer("zones").to_dict("records")
    assert row["name_zh"] == zone["name_zh"][0]
    assert row["no"] == 2**62 + 1
    assert row["area_mu"] == 0.1 + 0.2
    assert row["negative_list"] is False or row["negative_list"] == np.False_
    assert row["output_100m_yuan"] == 5e-324
    assert row["geometry"].equals_exact(shapely.MultiPolygon([zone.geometry[0]]))
    assert store.read_layer("zones")["batch"].isna().all()
    assert store.read_layer("zones").crs == STORAGE_CRS


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Point(),
        shapely.MultiPolygon(),
        shapely.GeometryCollection([shapely.Point(120, 28), shapely.LineString([(1, 2), (3, 4)])]),
        shapely.MultiPoint([(120, 28), (121, 28)]),
        shapely.LineString([(120.1234567890123, 28), (121, np.nextafter(28, 29))]),
        shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]),
    ],
    ids=str,
)
def test_every_shape_comes_back_as_it_went_in(
    store: SqlStore, shape: shapely.Geometry | None
) -> None:
    frame = places({"a": {"name_zh": "甲"}}, {"a": shape})
    put(store, frame)
    (found,) = store.read_layer("places").geometry
    assert (found is None) is (shape is None)
    assert shape is None or found.wkb == shape.wkb
    assert put(store, frame) == Put(unchanged=1)


def test_rows_are_added_changed_and_left_by_key(store: SqlStore) -> None:
    assert put(store, few(3)) == Put(inserted=3)
    assert put(store, few(3)) == Put(unchanged=3)
    frame = few(4)
    frame.loc[1, "accuracy_m"] = np.nan
    assert put(store, frame) == Put(inserted=1, updated=1, unchanged=2)
    assert store.read_layer("places")["accuracy_m"].isna().tolist() == [False, True, False, False]
    assert ids(store.read_layer("places")) == ["a", "b", "c", "d"]


def test_columns_and_geometry_that_are_not_given_keep_their_value(store: SqlStore) -> None:
    put(store, few(2, kind="市政府"))
    assert put(store, pd.DataFrame({"id": ["b"], "name_zh": ["乙"]})) == Put(updated=1)
    after = store.read_layer("places")
    assert after["name_zh"].tolist() == ["甲", "乙"]
    assert after["kind"].tolist() == ["市政府", "市政府"]
    assert after.geometry[1] == point(1)
    moved = places({"a": {"name_zh": "甲"}}, {"a": None})
    assert put(store, moved) == Put(updated=1)
    assert store.read_layer("places").geometry[0] is None


def test_what_is_missing_is_deleted_only_where_asked(store: SqlStore) -> None:
    put(store, few(3))
    assert put(store, few(1)) == Put(unchanged=1)
    assert put(store, few(1), delete_missing=True) == Put(unchanged=1, deleted=2)
    assert ids(store.read_layer("places")) == ["a"]


@pytest.mark.parametrize("count", [1, 700])
def test_few_and_many_rows_are_added_alike(store: SqlStore, count: int) -> None:
    keys = [f"p{k}" for k in range(count)]
    row = {"name_zh": "甲\t\\N", "accuracy_m": 1.5}
    frame = places(dict.fromkeys(keys, row), {key: point(k) for k, key in enumerate(keys)})
    assert put(store, frame) == Put(inserted=count)
    assert store.count("places") == count
    assert store.layer_hash("places") == frame_hash("places", store.read_layer("places"))
    assert set(store.read_layer("places")["name_zh"]) == {"甲\t\\N"}
    assert [len(store.find("places", bbox=(120.4, 27.9, 120.6, 28.1)).frame)] == [min(count, 11)]
    with store.changing(author="a", reason="r") as change:
        assert change.delete("places", keys) == count
    assert store.at(1).count("places") == count


def test_only_features_of_the_kinds_named_are_put_over(store: SqlStore) -> None:
    with store.changing(author="a", reason="r", kind="build") as change:
        change.put("places", few(4))
    with store.changing(author="b", reason="r", kind="edit") as change:
        change.put("places", pd.DataFrame({"id": ["a"], "name_zh": ["改"]}))
        change.delete("places", ["b"])
    frame = few(3, name_zh="新")
    with store.changing(author="a", reason="r", kind="build") as change:
        assert change.put("places", frame, delete_missing=True, over=["build"]) == Put(
            updated=1, deleted=1, kept=2
        )
    after = store.read_layer("places").set_index("id")["name_zh"].to_dict()
    assert after == {"a": "改", "c": "新"}


def test_nothing_is_made_where_nothing_differs(store: SqlStore) -> None:
    put(store, few(3))
    version, digest = store.version(), store.metadata["hash"]
    put(store, few(3))
    with store.changing(author="a", reason="r") as change:
        change.put("places", few(0))
    assert len(store.revisions()) == 1
    assert store.version() == version
    assert store.metadata["hash"] == digest


def test_a_fault_in_the_block_undoes_all_of_it(store: SqlStore) -> None:
    put(store, few(3))
    before = store.metadata
    with pytest.raises(ZeroDivisionError), store.changing(author="a", reason="r") as change:
        change.put("places", few(30, name_zh="乙"))
        change.delete("places", ["a"])
        raise ZeroDivisionError
    assert store.metadata == before
    assert store.read_layer("places")["name_zh"].tolist() == ["甲"] * 3
    assert put(store, few(4)) == Put(inserted=1, unchanged=3)


@pytest.mark.parametrize(
    ("name", "frame", "match"),
    [
        ("moons", few(1), "unknown layer 'moons'"),
        ("places", few(1, moon=1), "moon"),
        ("places", few(1).drop(columns="id"), "no id"),
        ("places", pd.concat([few(1), few(1)], ignore_index=True), "one row per id"),
        ("places", few(1, accuracy_m="weit"), "cannot hold 1 value"),
        ("places", few(1, name_zh="a\0b"), "cannot hold 1 value"),
        ("zones", few(1, no=2**63).drop(columns=["geometry", "accuracy_m"]), "cannot hold 1 value"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_leaves_nothing(
    store: SqlStore, name: str, frame: pd.DataFrame, match: str
) -> None:
    with pytest.raises(LayerError, match=match):
        put(store, frame, name)
    assert store.revisions() == []
    assert store.count("places") == 0


def test_deleting_what_is_not_there_is_refused(store: SqlStore) -> None:
    put(store, few(2))
    with (
        pytest.raises(LayerError, match="has no feature 'x'"),
        store.changing(author="a", reason="r") as change,
    ):
        change.delete("places", ["a", "x"])
    assert store.count("places") == 2


# --- one feature ---------------------------------------------------------------------------------


def test_the_tag_of_a_feature_follows_its_values(store: SqlStore) -> None:
    put(store, few(2))
    first = store.feature("places", "a")
    assert first.frame["name_zh"].tolist() == ["甲"]
    put(store, pd.DataFrame({"id": ["b"], "name_zh": ["乙"]}))
    assert store.feature("places", "a").tag == first.tag
    put(store, places({"a": {"name_zh": "甲"}}, {"a": point(9)}))
    moved = store.feature("places", "a")
    assert moved.tag != first.tag
    assert store.at(1).feature("places", "a").tag == first.tag
    with store.changing(author="a", reason="r") as change:
        assert change.feature("places", "a").tag == moved.tag
        change.put("places", pd.DataFrame({"id": ["a"], "name_zh": ["丙"]}))
        assert change.feature("places", "a").frame["name_zh"].tolist() == ["丙"]
    with pytest.raises(LayerError, match="has no feature 'x'"):
        store.feature("places", "x")


# --- history -------------------------------------------------------------------------------------


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


# --- layers of users' own ------------------------------------------------------------------------


def free(*names: str) -> LayerSpec:
    kinds: tuple[FieldType, ...] = ("text", "date", "datetime", "integer", "boolean")
    fields = tuple(
        FieldSpec(name, Sentence(name, name), type=kind)
        for name, kind in zip(names, kinds, strict=False)
    )
    return free_layer("我的 \"层'?%", Sentence("我的", "mine"), "Geometry", fields)


def test_a_layer_of_ones_own_has_fields_of_every_type_and_hostile_names(place: Place) -> None:
    store = place.create()
    names = ("order", "占比%", "何时?", 'a"b', "select")
    spec = free(*names)
    row = ["甲", "2022-10-13", "2022-10-13T08:00:00+08:00", 7, True]
    frame = gpd.GeoDataFrame(
        {"id": ["a"], **{name: [value] for name, value in zip(names, row, strict=True)}},
        geometry=[shapely.Point(120, 28)],
        crs=STORAGE_CRS,
    )
    with store.changing(author="a", reason="r") as change:
        change.add_layer(spec)
        change.put(spec.id, frame)
    again = place.open()
    assert again.specs()[spec.id] == spec
    found = again.read_layer(spec.id)
    assert [found[name][0] for name in names] == row
    assert again.layer_hash(spec.id) == frame_hash(spec.id, found)
    assert len(again.find(spec.id, bbox=(119, 27, 121, 29)).frame) == 1


def test_a_layer_of_ones_own_takes_more_fields_and_remembers_that_it_had_none(
    place: Place,
) -> None:
    store = place.create()
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(120, 28)], crs=STORAGE_CRS)
    put(store, few(1))
    for names in (("x",), ("x", "y")):
        with store.changing(author="a", reason="r") as change:
            change.add_layer(free(*names))
            change.put(free().id, frame.assign(**dict.fromkeys(names, "2020-01-01")))
    first, second = store.at(2), place.open()
    assert free().id not in store.at(1).specs()
    assert first.specs()[free().id] == free("x")
    assert second.specs()[free().id] == free("x", "y")
    assert first.read_layer(free().id)["x"].tolist() == ["2020-01-01"]
    assert second.read_layer(free().id)["y"].tolist() == ["2020-01-01"]
    assert second.layer_hash(free().id) == frame_hash(free().id, second.read_layer(free().id))
    assert first.layer_hash(free().id) == frame_hash(free().id, first.read_layer(free().id))
    with store.changing(author="a", reason="r", kind="undo") as change:
        change.undo(3)
    undone = place.open()
    assert undone.specs()[free().id] == free("x")
    assert undone.layer_hash(free().id) == first.layer_hash(free().id)
    assert undone.metadata["hash"] == first.metadata["hash"]
    place.outside('UPDATE "我的 ""层\'?%" SET x = \'2021-01-01\'')
    assert store.at(3).read_layer(free().id)["x"].tolist() == ["2020-01-01"]
    assert store.read_layer(free().id)["x"].tolist() == ["2021-01-01"]


def test_a_field_of_another_type_is_refused(store: SqlStore) -> None:
    with store.changing(author="a", reason="r") as change:
        change.add_layer(free("x", "y"))
    for wrong in (free("y", "x"), LAYERS["places"]):
        with pytest.raises(LayerError), store.changing(author="a", reason="r") as change:
            change.add_layer(wrong)
    assert store.specs()[free().id] == free("x", "y")


# --- saved documents, and two who write ----------------------------------------------------------


def test_documents_are_kept_beside_the_layers(place: Place) -> None:
    store = place.create()
    put(store, few(1))
    version = store.version()
    one = StoredDocument("scenario", "b", "2023-01-01T08:00:00.000Z", "{}", '甲, "乙"\n\'?%s')
    others = [
        StoredDocument("scenario", name, one.saved, "{}", "") for name in ("中", "a", "B", "%")
    ]
    assert all(store.write_document(document) for document in (one, *others))
    assert not store.write_document(StoredDocument("scenario", "b", "", "{}", "x"))
    assert place.open().read_document("scenario", "b") == one
    heads = place.open().list_documents("scenario")
    assert [head.id for head in heads] == ["%", "B", "a", "b", "中"]
    later = StoredDocument("scenario", "b", "2024-01-01T08:00:00.000Z", "{}", "x")
    assert store.write_document(later, replace=True)
    assert store.read_document("scenario", "b") == later
    assert store.delete_document("scenario", "b")
    assert not store.delete_document("scenario", "b")
    assert store.read_document("scenario", "b") is None
    assert store.version() == version


def test_a_workspace_is_not_made_over_another(place: Place) -> None:
    put(place.create(), few(2))
    with pytest.raises(WorkspaceError, match="already"):
        place.create()
    assert place.open().count("places") == 2


def test_readers_of_a_past_state_are_not_disturbed_by_writers(place: Place) -> None:
    store = place.create()
    put(store, few(2))
    past = store.at(1)
    with place.open().changing(author="a", reason="r") as change:
        change.put("places", few(4))
    assert past.count("places") == 2
    assert store.count("places") == 4
