"""Edits of a template brought onto a layer that went on: only edited cells count."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.importers.edits import Edits, merge_edits, split_edits
from layers.importers.source import SourceTable

BASE = {"id": ["a", "b", None], "name": ["甲", "乙", None], "size": [1.0, 2.0, None]}


def edits(**changes: list[Any]) -> tuple[SourceTable, Edits]:
    columns = {**BASE, "id": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "size": [1.0, 2.0, 3.0]}
    data = {**columns, **changes, **{f"_ouzhi:{name}": values for name, values in BASE.items()}}
    source = SourceTable("t", "XLSX", pd.DataFrame(data, dtype=object), ("2", "3", "4"))
    split, found = split_edits(source)
    assert found is not None
    return split, found


def layer(**columns: list[Any]) -> gpd.GeoDataFrame:
    whole: dict[str, list[Any]] = {
        "id": ["a", "b"],
        "name": ["甲", "乙"],
        "size": [1.0, 2.0],
        **columns,
    }
    points = [shapely.Point(k, 0) for k in range(len(whole["id"]))]
    return gpd.GeoDataFrame(whole, geometry=points, crs="EPSG:4490")


def test_a_table_that_is_no_template_stays_as_it_is() -> None:
    source = SourceTable("t", "CSV", pd.DataFrame({"id": ["a"]}, dtype=object), ("2",))
    assert split_edits(source) == (source, None)


def test_the_exported_values_are_taken_off() -> None:
    source, found = edits(size=[1.0, 9.0, 3.0])
    assert list(source.columns.columns) == ["id", "name", "size"]
    assert found.key == "id"
    assert found.changed["size"].tolist() == [False, True, True]
    assert found.changed["name"].tolist() == [False, False, True]


def test_cells_nobody_edited_take_their_current_value() -> None:
    source, found = edits(size=[1.0, 9.0, 3.0])
    merge = merge_edits(source.columns, found, layer(name=["甲改", "乙"], size=[1.5, 2.0]))
    assert merge.faults == ()
    assert merge.frame["name"].tolist() == ["甲改", "乙", "丙"]
    assert merge.frame["size"].tolist() == [1.5, 9.0, 3.0]
    assert (merge.edited, merge.added) == (1, 1)


def test_a_cell_changed_on_both_sides_is_a_fault_unless_both_agree() -> None:
    source, found = edits(size=[5.0, 9.0, 3.0])
    merge = merge_edits(source.columns, found, layer(size=[5.0, 7.0]))
    (fault,) = merge.faults
    assert (fault.row, fault.field, fault.value) == ("b", "size", 9.0)
    assert "2.0 as exported" in fault.expected
    assert "改为 7.0" in fault.expected_zh


def test_features_that_are_gone_are_dropped_or_told() -> None:
    source, found = edits(size=[5.0, 2.0, 3.0])
    stands = layer()
    kept = merge_edits(source.columns, found, stands[stands["id"] == "a"])
    assert kept.frame["id"].tolist() == ["a", "c"]
    assert kept.faults == ()
    gone = merge_edits(source.columns, found, stands[stands["id"] == "b"])
    assert [fault.row for fault in gone.faults] == ["a"]
    assert "deleted after the export" in gone.faults[0].expected


def test_fields_beside_the_template_stay_unless_the_position_was_edited() -> None:
    source, found = edits()
    changed = found.changed.assign(lon=[False, True, True], lat=False)
    base = found.base.assign(lon=[0.0, 1.0, np.nan], lat=[0.0, 0.0, np.nan])
    moved = Edits("id", base, changed)
    frame = gpd.GeoDataFrame(
        source.columns.assign(as_of=["new"] * 3),
        geometry=[shapely.Point(k, 5) for k in range(3)],
        crs="EPSG:4490",
    )
    merge = merge_edits(frame, moved, layer(as_of=["old", "old"]))
    assert merge.frame["as_of"].tolist() == ["old", "new", "new"]
    assert [one.y for one in merge.frame.geometry] == [0.0, 5.0, 5.0]
    assert isinstance(merge.frame, gpd.GeoDataFrame)
    assert merge.frame.crs == "EPSG:4490"
