"""Imports as a whole: one revision or nothing, foreseen and done alike, the same twice nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_workspace import copied

from geo.datums import write_as
from geo.sentence import Sentence
from layers.errors import ImportFileError, OvertakenError
from layers.importers import importing
from layers.importers.importing import ImportOrder, RefusedImportError, bring_in, foreseen
from layers.importers.preparing import prepare
from layers.importers.source import SourceTable
from layers.store.base import Put
from layers.store.geopackage import GeoPackageStore

TODAY = "2026-11-29"


@pytest.fixture
def store(workspace: Path, tmp_path: Path) -> GeoPackageStore:
    return GeoPackageStore(copied(workspace, tmp_path / "own.gpkg"))


def table(shapes: Any = None, *, crs: str | None = "EPSG:4490", **columns: Any) -> SourceTable:
    """A table as a reader gives it; rows are named from line 2 on."""
    frame = pd.DataFrame(columns, dtype=object)
    count = len(frame) if shapes is None else len(shapes)
    return SourceTable(
        name="a",
        format="CSV",
        columns=frame if len(frame.columns) else pd.DataFrame(index=range(count)),
        rows=[str(row + 2) for row in range(count)],
        geometry=None if shapes is None else np.asarray(shapes, dtype=object),
        crs=crs,
    )


def order(layer: str, **options: Any) -> ImportOrder:
    return ImportOrder(layer, "a.csv", TODAY, "tester", **options)


def squares(count: int, lon: float = 120.65, lat: float = 28.0, side: float = 0.001) -> list[Any]:
    """Squares in a row, apart from each other."""
    return [
        shapely.box(lon + 2 * k * side, lat, lon + (2 * k + 1) * side, lat + side)
        for k in range(count)
    ]


def refused(store: GeoPackageStore, source: SourceTable, wanted: ImportOrder) -> RefusedImportError:
    """The error of an import that faults stop; the workspace stays byte for byte the same."""
    before = store.path.read_bytes()
    with pytest.raises(RefusedImportError) as caught:
        bring_in(store, source, wanted)
    assert store.path.read_bytes() == before
    return caught.value


def test_a_file_becomes_one_revision_that_names_its_reason(store: GeoPackageStore) -> None:
    last = store.revisions(limit=1)[0].number
    source = table(squares(3), 用途=["厂房", "仓库", None])
    done = bring_in(store, source, order("parcels", why="第一次登记"))
    assert done.put == Put(inserted=3)
    assert done.revision == last + 1
    made = store.revisions(limit=1)[0]
    assert (made.number, made.kind, made.reason) == (last + 1, "import", "第一次登记")
    assert made.author == "tester"
    assert made.layers == {"parcels": Put(inserted=3)}
    frame = store.read_layer("parcels")
    assert list(frame["land_use"]) == ["厂房", "仓库", None]
    assert list(frame["source"]) == ["a.csv"] * 3
    assert list(frame["as_of"]) == [TODAY] * 3


def test_the_same_file_twice_changes_nothing(store: GeoPackageStore) -> None:
    source = table(squares(3), 用途=["厂房", "仓库", "厂房"])
    first = bring_in(store, source, order("parcels"))
    before, count = store.path.read_bytes(), len(store.revisions())
    again = bring_in(store, source, order("parcels"))
    assert first.revision is not None
    assert again.revision is None
    assert again.put == Put(unchanged=3)
    assert len(store.revisions()) == count
    assert store.path.read_bytes() == before


def test_a_second_file_without_ids_does_not_overwrite_the_first(store: GeoPackageStore) -> None:
    bring_in(store, table(squares(2)), order("parcels"))
    done = bring_in(store, table(squares(2, lat=28.01)), order("parcels"))
    assert done.put == Put(inserted=2)
    assert store.count("parcels") == 4


def test_a_dry_run_foresees_what_is_then_done_and_writes_nothing(store: GeoPackageStore) -> None:
    bring_in(store, table(squares(4), id=["a", "b", "c", "d"]), order("parcels"))
    before = store.path.read_bytes()
    shapes = squares(4)
    shapes[1] = squares(1, lat=28.1)[0]
    source = table(shapes, id=["a", "b", "x", "y"], 备注=[None, "改", "新", "新"])
    for replacing in (False, True):
        wanted = order("parcels", replace=replacing, dry_run=True)
        dry = bring_in(store, source, wanted)
        assert dry.revision is None
        assert dry.put == Put(2, 1, 1, 2 if replacing else 0)
        assert store.path.read_bytes() == before
        wal = store.path.with_name(store.path.name + "-wal")
        assert not wal.exists() or not wal.read_bytes()
    done = bring_in(store, source, order("parcels", replace=True))
    assert done.put == Put(2, 1, 1, 2)
    assert sorted(store.read_layer("parcels")["id"]) == ["a", "b", "x", "y"]


def test_a_table_without_positions_changes_values_by_id_and_nothing_else(
    store: GeoPackageStore,
) -> None:
    before = store.read_layer("zones")
    source = table(id=["zone-03", "zone-01"], 亩均税收=["１２．５", None], crs=None)
    done = bring_in(store, source, order("zones"))
    assert done.put.updated == 1
    assert done.put.inserted == 0
    after = store.read_layer("zones")
    changed = after.set_index("id").loc["zone-03", "tax_10k_yuan_per_mu"]
    assert changed == 12.5
    same = [name for name in before.columns if name != "tax_10k_yuan_per_mu"]
    pd.testing.assert_frame_equal(before[same], after[same])


def test_an_unknown_id_without_a_position_is_a_fault_and_nothing_is_written(
    store: GeoPackageStore,
) -> None:
    source = table(id=["zone-03", "zone-99"], 亩均税收=[12.5, 3.0], crs=None)
    error = refused(store, source, order("zones"))
    assert any(fault.row == "3" for fault in error.faults)
    assert error.result.report.faults == error.faults
    assert error.result.put == Put()
    assert error.result.revision is None


def test_all_faults_come_at_once_and_in_both_languages(store: GeoPackageStore) -> None:
    bow_tie = shapely.Polygon([(120.6, 28.0), (120.7, 28.1), (120.7, 28.0), (120.6, 28.1)])
    source = table([None, bow_tie, *squares(2)], id=["a", "b", "c", "c"], 登记面积=["x", 1, 2, -5])
    error = refused(store, source, order("parcels"))
    assert len(error.faults) >= 4
    assert {fault.row for fault in error.faults} >= {"2", "3", "5"}
    for fault in error.faults:
        assert fault.expected
        assert fault.expected_zh
        assert fault.expected_zh != fault.expected
    assert error.of("zh").encode("utf-8")
    assert "fault(s)" in error.of("en")


def test_a_new_layer_is_made_with_its_titles_and_found_again(store: GeoPackageStore) -> None:
    source = table(
        shapely.points([[120.65, 28.0], [120.66, 28.0]]), 深度=[12, 30], 井号=["甲", "乙"]
    )
    title = Sentence("水井", "Wells")
    dry = bring_in(store, source, order("wells", title=title, dry_run=True))
    assert dry.new_layer
    assert dry.put == Put(inserted=2)
    assert "wells" not in store.specs()
    done = bring_in(store, source, order("wells", title=title))
    assert (done.new_layer, done.title) == (True, title)
    spec = store.specs()["wells"]
    assert spec.free
    assert (spec.title, spec.geometry_type) == (title, "Point")
    frame = store.read_layer("wells")
    own = [field.name for field in spec.fields if field.title.zh in ("深度", "井号")]
    assert sorted(frame[own[0]].astype(str)) == ["12", "30"] or own[0] != "深度"
    assert len(own) == 2
    again = bring_in(store, source, order("wells"))
    assert again.put == Put(unchanged=2)
    assert not again.new_layer
    other = bring_in(store, source, order("wells", title=Sentence("井", "Pits")))
    assert other.title == title
    assert "标题仍为“水井”" in other.report.notes[-1].zh
    assert "keeps its title Wells" in other.report.notes[-1].en


def test_evidence_against_the_declared_system_warns_and_moves_nothing(
    store: GeoPackageStore,
) -> None:
    towns = store.read_layer("towns")
    moved = write_as(towns.geometry.to_numpy(), "gcj02")
    source = table(moved, crs=None, 名称=list(towns["name_zh"]), 县区=list(towns["district"]))
    wanted = order("checked", system="wgs84", mapping={"名称": "name_zh"})
    done = bring_in(store, source, wanted)
    assert done.check is not None
    assert done.check.contradicted
    assert "Wrong datum" in done.report.warnings[0].expected
    assert "基准有误" in done.report.warnings[0].expected_zh
    kept = store.read_layer("checked").geometry.to_numpy()
    assert shapely.distance(kept, moved).max() < 1e-12
    right = bring_in(store, source, replace(wanted, layer="right", system="gcj02"))
    assert right.check is not None
    assert not right.check.contradicted
    assert right.report.warnings == ()
    there = store.read_layer("right").geometry.to_numpy()
    assert shapely.distance(there, towns.geometry.to_numpy()).max() < 1e-8


def test_a_file_without_a_system_is_asked_and_told_what_it_looks_like(
    store: GeoPackageStore,
) -> None:
    towns = store.read_layer("towns")
    moved = write_as(towns.geometry.to_numpy(), "bd09")
    source = table(moved, crs=None, 名称=list(towns["name_zh"]))
    error = refused(store, source, order("asked"))
    assert any("--crs" in fault.expected for fault in error.faults)
    assert any("BD-09" in note.en for note in error.result.report.notes)
    assert any("BD-09" in note.zh for note in error.result.report.notes)


def test_an_old_datum_is_a_fault_among_the_others(store: GeoPackageStore) -> None:
    source = table(squares(1), crs="EPSG:4610", 登记面积=["x"])
    error = refused(store, source, order("parcels"))
    said = " ".join(fault.expected for fault in error.faults) + error.of("en")
    assert "seven parameters" in said
    assert error.result.check is None
    assert any(fault.field == "登记面积" or fault.value == "x" for fault in error.faults)


def test_what_was_there_is_kept_in_the_history(store: GeoPackageStore) -> None:
    before = store.read_layer("zones").set_index("id")
    last = store.revisions(limit=1)[0].number
    surveyed = squares(1, lon=120.65, lat=27.98, side=0.005)
    bring_in(store, table(surveyed, id=["zone-01"]), order("zones", accuracy_m=0.1))
    after = store.read_layer("zones").set_index("id")
    assert after.loc["zone-01", "geometry_kind"] == "surveyed"
    assert after.loc["zone-01", "accuracy_m"] == 0.1
    assert after.loc["zone-01", "area_mu"] == before.loc["zone-01", "area_mu"]
    assert shapely.equals(after.loc["zone-01", "geometry"], surveyed[0])
    then = store.at(last).read_layer("zones").set_index("id")
    assert then.loc["zone-01", "geometry_kind"] == "indicative"
    assert shapely.equals_exact(
        then.loc["zone-01", "geometry"], before.loc["zone-01", "geometry"], 0.0
    )
    (changed,) = store.differences(last, last + 1)
    assert changed.key == "zone-01"


@pytest.mark.parametrize("name", ["districts", "targets", "'; DROP TABLE zones", "sqlite_x"])
def test_a_layer_that_nothing_goes_into_is_refused_before_anything_else(
    store: GeoPackageStore, name: str
) -> None:
    before = store.path.read_bytes()
    with pytest.raises(ImportFileError, match="nothing can be imported into"):
        bring_in(store, table(squares(1)), order(name))
    assert store.path.read_bytes() == before


def test_an_empty_file_is_refused(store: GeoPackageStore) -> None:
    error = refused(store, table([], id=[]), order("parcels"))
    assert "no features" in error.of("en")
    assert "没有要素" in error.of("zh")


def test_nobody_is_there_before_the_layer_is_made() -> None:
    frame = pd.DataFrame({"id": ["a", "b"]})
    spec = GeoPackageStore  # any value: a layer still to be made has nothing to compare with
    assert foreseen(None, spec, frame, False) == Put(inserted=2)  # type: ignore[arg-type]


def test_columns_that_the_layer_lacks_count_as_changed(store: GeoPackageStore) -> None:
    spec = store.specs()["towns"]
    known = store.read_layer("towns")
    same = pd.DataFrame(known[["id", "kind"]]).iloc[:5]
    assert foreseen(known, spec, same, False) == Put(unchanged=5)
    other = same.assign(kind=["乡", *same["kind"].iloc[1:]])
    expected = int(same["kind"].iloc[0] != "乡")
    assert foreseen(known, spec, other, False) == Put(updated=expected, unchanged=5 - expected)
    moved = gpd.GeoDataFrame(
        {"id": [known["id"].iloc[0], "new"]},
        geometry=shapely.points([[120.0, 28.0], [120.1, 28.0]]),
        crs=4490,
    )
    assert foreseen(known, spec, moved, True) == Put(1, 1, 0, len(known) - 1)


def test_a_layer_that_somebody_changes_meanwhile_is_not_overwritten(
    store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(layer: str) -> Any:
        def prepare_and_be_overtaken(*given: Any, **options: Any) -> Any:
            prepared = prepare(*given, **options)
            other = GeoPackageStore(store.path)
            frame = pd.DataFrame({"id": [other.read_layer(layer)["id"].iloc[0]], "note": ["乙"]})
            with other.changing(author="b", reason="meanwhile") as change:
                change.put(layer, frame)
            return prepared

        return prepare_and_be_overtaken

    source = table(id=["hub-01"], 备注=["甲"], crs=None)
    source.columns.loc[0, "id"] = store.read_layer("hubs")["id"].iloc[0]
    monkeypatch.setattr(importing, "prepare", meanwhile("hubs"))
    with pytest.raises(OvertakenError, match="import the file again") as caught:
        bring_in(store, source, order("hubs"))
    assert "请重新导入" in caught.value.of("zh")
    assert store.read_layer("hubs")["note"].iloc[0] == "乙"
    assert store.revisions(limit=1)[0].author == "b"
    monkeypatch.setattr(importing, "prepare", meanwhile("clusters"))
    assert bring_in(store, source, order("hubs")).put == Put(updated=1)
    assert store.read_layer("hubs")["note"].iloc[0] == "甲"
