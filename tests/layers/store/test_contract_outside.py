"""The contract where others write too: programs such as QGIS and psql, and two of ours at once."""

from __future__ import annotations

import threading

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from store_places import GeoPackagePlace, Place, PostgisPlace

from geo.crs import STORAGE_CRS
from layers.catalog import TABLES
from layers.errors import RevisionError, WorkspaceError
from layers.store import database, server
from layers.store.base import Put, StoredDocument
from layers.store.hashing import content_hash, frame_hash
from layers.store.sql_store import SqlStore


def three() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name_zh": ["甲", "乙", "丙"], "accuracy_m": [1.0, 2.0, None]},
        geometry=[shapely.Point(120 + k / 10, 28) for k in range(3)],
        crs=STORAGE_CRS,
    )


def put(store: SqlStore, frame: pd.DataFrame) -> Put:
    with store.changing(author="a", reason="r", kind="import") as change:
        return change.put("places", frame)


@pytest.fixture
def filled(place: Place) -> SqlStore:
    """A workspace with three places, at revision 1."""
    store = place.create()
    put(store, three())
    return store


def names(store: SqlStore) -> dict[str, str]:
    frame = store.read_layer("places")
    return dict(zip(frame["id"], frame["name_zh"], strict=True))


def require_hashes(store: SqlStore) -> None:
    """The hashes are those of what is read, now and as of every revision."""
    for past in (store, *(store.at(one.number) for one in store.revisions())):
        assert past.layer_hash("places") == frame_hash("places", past.read_layer("places"))
    frames = {**store.read_layers(), **{name: store.read_table(name) for name in TABLES}}
    assert store.metadata["hash"] == content_hash(frames)


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        ("UPDATE places SET name_zh = '改' WHERE id = 'b'", {"a": "甲", "b": "改", "c": "丙"}),
        ("DELETE FROM places WHERE id <> 'b'", {"b": "乙"}),
        ("UPDATE places SET id = 'd' WHERE id = 'a'", {"d": "甲", "b": "乙", "c": "丙"}),
        ("UPDATE places SET fid = 77 WHERE id = 'a'", {"b": "乙", "c": "丙", "a": "甲"}),
        (
            "INSERT INTO places (id, name_zh) VALUES ('x', '新')",
            {"a": "甲", "b": "乙", "c": "丙", "x": "新"},
        ),
    ],
)
def test_what_another_program_changes_is_a_revision_from_outside(
    filled: SqlStore, place: Place, statement: str, after: dict[str, str]
) -> None:
    version, before = filled.version(), names(filled)
    place.outside(statement)
    assert names(filled) == after
    assert filled.version() != version
    revision, first = filled.revisions()
    assert (revision.number, revision.kind) == (2, "outside")
    assert names(filled.at(1)) == before
    require_hashes(filled)
    with filled.changing(author="a", reason="r", kind="undo") as change:
        change.undo(2)
    assert names(filled) == before
    assert first.kind == "import"
    require_hashes(filled)


def test_geometry_from_outside_is_found_and_kept(filled: SqlStore, place: Place) -> None:
    moved = place.shape(shapely.Point(130, 40))
    place.outside(f"UPDATE places SET geom = {moved} WHERE id = 'a'")
    assert filled.find("places", bbox=(129, 39, 131, 41)).frame["id"].tolist() == ["a"]
    assert filled.find("places", bbox=(119.9, 27, 120.05, 29)).matched == 0
    assert filled.at(1).find("places", bbox=(119.9, 27, 120.05, 29)).matched == 1
    assert filled.at(1).find("places", bbox=(129, 39, 131, 41)).matched == 0
    require_hashes(filled)


def test_a_feature_drawn_elsewhere_gets_a_key(filled: SqlStore, place: Place) -> None:
    shape = place.shape(shapely.Point(120, 28))
    place.outside(f"INSERT INTO places (name_zh, geom) VALUES ('新', {shape})")
    (key,) = set(names(filled)) - {"a", "b", "c"}
    assert key == "places-4"
    assert filled.feature("places", key).frame["name_zh"].tolist() == ["新"]
    require_hashes(filled)
    fourth = gpd.GeoDataFrame({"id": ["n"]}, geometry=[shapely.Point(120, 28)], crs=STORAGE_CRS)
    assert put(filled, fourth) == Put(inserted=1)
    place.outside("INSERT INTO places (name_zh) VALUES ('六')")
    assert "places-6" in names(filled)


def test_what_differs_in_nothing_is_no_revision_on_a_server(filled: SqlStore, place: Place) -> None:
    """SQLite's triggers cannot tell; both keep the content as it was."""
    place.outside("UPDATE places SET name_zh = name_zh", "DELETE FROM places WHERE id = 'x'")
    assert names(filled.at(1)) == names(filled)
    require_hashes(filled)
    assert isinstance(place, GeoPackagePlace) or len(filled.revisions()) == 1


def test_edits_of_one_minute_are_one_revision_and_each_changes_the_version(
    filled: SqlStore, place: Place
) -> None:
    versions = [filled.version()]
    for name in ("一", "二", "三"):
        place.outside(f"UPDATE places SET name_zh = '{name}' WHERE id = 'a'")
        versions.append(filled.version())
    assert len(set(versions)) == 4
    assert [one.kind for one in filled.revisions()] == ["outside", "import"]
    put(filled, pd.DataFrame({"id": ["a"], "name_zh": ["四"]}))
    place.outside("UPDATE places SET name_zh = '五' WHERE id = 'a'")
    kinds = [one.kind for one in filled.revisions()]
    assert kinds == ["outside", "import", "outside", "import"]
    assert [names(filled.at(number))["a"] for number in (1, 2, 3, 4)] == ["甲", "三", "四", "五"]
    require_hashes(filled)


def test_what_another_program_gives_up_leaves_no_trace(filled: SqlStore, place: Place) -> None:
    version = filled.version()
    with pytest.raises(Exception, match="moons"):
        place.outside("UPDATE places SET name_zh = '改'", "UPDATE moons SET x = 1")
    assert filled.version() == version
    assert set(names(filled).values()) == {"甲", "乙", "丙"}
    require_hashes(filled)


def test_an_edit_from_outside_is_seen_by_undo_and_by_guards(filled: SqlStore, place: Place) -> None:
    place.outside("UPDATE places SET name_zh = '改' WHERE id = 'b'")
    with (
        pytest.raises(RevisionError, match="cannot be undone: 1 of its features"),
        filled.changing(author="a", reason="r", kind="undo") as change,
    ):
        change.undo(1)
    with filled.changing(author="a", reason="r", kind="import") as change:
        done = change.put("places", three().assign(name_zh="再"), over=["import"])
    assert done == Put(updated=2, kept=1)
    assert names(filled) == {"a": "再", "b": "改", "c": "再"}


def test_all_rows_may_go_and_come_back(filled: SqlStore, place: Place) -> None:
    place.outside("DELETE FROM places")
    assert names(filled) == {}
    put(filled, three())
    assert filled.layer_hash("places") == filled.at(1).layer_hash("places")
    require_hashes(filled)


def test_two_who_write_take_turns(place: Place) -> None:
    store = place.create()
    put(store, three().assign(accuracy_m=0.0))
    faults = []

    def add() -> None:
        try:
            own = place.open()
            for _ in range(4):
                with own.changing(author="a", reason="r") as change:
                    now = change.feature("places", "a").frame[["id", "accuracy_m"]]
                    change.put("places", now.assign(accuracy_m=now["accuracy_m"] + 1))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert store.feature("places", "a").frame["accuracy_m"].tolist() == [12.0]
    assert [one.number for one in store.revisions()] == list(range(13, 0, -1))
    assert [store.at(n).feature("places", "a").frame["accuracy_m"][0] for n in (1, 5, 13)] == [
        *(0.0, 4.0, 12.0)
    ]


def test_who_waits_too_long_is_told_that_another_program_writes(
    filled: SqlStore, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (database, server):
        monkeypatch.setattr(module, "PATIENCE_S", 1.0)
    with (
        filled.changing(author="a", reason="r"),
        pytest.raises(WorkspaceError, match="another program is") as caught,
        place.open().changing(author="b", reason="r"),
    ):
        pass
    assert "另一程序正在" in caught.value.of("zh")


@pytest.mark.system("postgis")
class TestOnAServer:
    """What only a server allows."""

    @pytest.fixture
    def place(self, request: pytest.FixtureRequest) -> Place:
        return PostgisPlace(
            request.getfixturevalue("postgis"), request.getfixturevalue("postgis_url")
        )

    def test_truncating_is_a_revision_too(self, filled: SqlStore, place: Place) -> None:
        before = names(filled)
        place.outside("TRUNCATE places")
        assert names(filled) == {}
        assert names(filled.at(1)) == before
        require_hashes(filled)

    def test_the_revision_names_who_was_logged_in(self, filled: SqlStore, place: Place) -> None:
        place.outside("UPDATE places SET name_zh = '改'")
        assert filled.revisions()[0].author == "keeper"

    def test_others_may_edit_with_rights_on_the_layer_alone(
        self, filled: SqlStore, place: PostgisPlace
    ) -> None:
        server_, schema = place.server, place.schema
        server_.run(
            f"GRANT USAGE ON SCHEMA {schema} TO reader",
            f"GRANT SELECT, UPDATE, INSERT ON {schema}.places TO reader",
        )
        server_.run(
            f"UPDATE {schema}.places SET name_zh = '改' WHERE id = 'a'",
            f"INSERT INTO {schema}.places (name_zh) VALUES ('新')",
            user="reader",
        )
        assert names(filled)["a"] == "改"
        assert filled.revisions()[0].author == "reader"
        require_hashes(filled)
        for beyond in (
            f"SELECT {schema}.ouzhi_revision()",
            f"DELETE FROM {schema}.ouzhi_revisions",
            f"DELETE FROM {schema}.places",
        ):
            with pytest.raises(Exception, match="permission denied"):
                server_.run(beyond, user="reader")

    def test_an_editor_who_holds_rows_meets_no_deadlock(
        self, filled: SqlStore, place: PostgisPlace
    ) -> None:
        done = threading.Event()

        def edit() -> None:
            place.outside("UPDATE places SET name_zh = '外' WHERE id = 'a'")
            done.set()

        with filled.changing(author="a", reason="r") as change:
            thread = threading.Thread(target=edit)
            thread.start()
            assert not done.wait(0.3)
            change.put("places", pd.DataFrame({"id": ["a"], "name_zh": ["内"]}))
        thread.join()
        assert names(filled)["a"] == "外"
        assert [one.kind for one in filled.revisions()] == ["outside", "edit", "import"]
        assert names(filled.at(2))["a"] == "内"
        require_hashes(filled)

    @pytest.mark.parametrize(
        "shape",
        ["POINT Z (1 2 3)", "CIRCULARSTRING (0 0, 1 1, 2 0)", "SRID=4326;POINT (1 2)"],
    )
    def test_shapes_that_could_not_be_read_are_refused_to_all(
        self, filled: SqlStore, place: Place, shape: str
    ) -> None:
        with pytest.raises(Exception, match=r"Z dimension|violates check|SRID"):
            place.outside(f"UPDATE places SET geom = ST_GeomFromEWKT('{shape}')")
        assert len(filled.revisions()) == 1

    def test_a_reader_without_rights_is_told(self, filled: SqlStore, place: PostgisPlace) -> None:
        from layers.store.postgis import PostgisStore

        url = place.server.url(place.schema, user="reader")
        with pytest.raises(WorkspaceError, match="may not do this"):
            PostgisStore(url)

    def test_a_workspace_that_went_away_is_said(self, filled: SqlStore, place: Place) -> None:
        assert isinstance(place, PostgisPlace)
        place.server.run(f"DROP SCHEMA {place.schema} CASCADE")
        for attempt in (lambda: names(filled), place.open):
            with pytest.raises(WorkspaceError, match="there is no workspace at") as caught:
                attempt()
            assert "没有工作区" in caught.value.of("zh")

    def test_a_table_changed_by_hand_is_said(self, filled: SqlStore, place: Place) -> None:
        place.outside("ALTER TABLE places DROP COLUMN name_zh CASCADE")
        with pytest.raises(WorkspaceError, match=r"cannot be read .*changed by hand") as caught:
            filled.read_layer("places")
        assert "手工改动" in caught.value.of("zh")

    def test_what_the_driver_refuses_is_no_lost_connection(self, filled: SqlStore) -> None:
        document = StoredDocument("scenario", "a", "", "{}", "a\0b")
        with pytest.raises(WorkspaceError, match=r"nothing was saved: .*cannot contain NUL"):
            filled.write_document(document)
        assert filled.list_documents("scenario") == []

    def test_another_format_is_refused(self, filled: SqlStore, place: Place) -> None:
        place.outside("UPDATE ouzhi_workspace SET value = '99' WHERE key = 'format'")
        with pytest.raises(WorkspaceError, match=r"format 99, this version reads.*update ouzhi"):
            place.open()
