"""The contract of every store: what is put, changed and deleted is read back as it went in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from place_rows import few, places, point, put
from store_places import Place

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, FieldType, LayerSpec, free_layer
from layers.errors import LayerError, WorkspaceError
from layers.store.base import Put, StoredDocument
from layers.store.hashing import frame_hash
from layers.store.sql_store import SqlStore


def ids(frame: pd.DataFrame) -> list[str]:
    return list(frame["id"])


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
