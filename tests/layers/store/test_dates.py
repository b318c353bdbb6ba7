"""Dates and times: kept as written, refused where they are not whole, compared as dates."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import FieldSpec, free_layer
from layers.errors import FilterError, LayerError
from layers.filters import parse_filter
from layers.store.hashing import frame_hash
from layers.store.sql_store import SqlStore

TITLE = Sentence("观测", "Observations")
SPEC = free_layer(
    "observations",
    TITLE,
    "Point",
    (FieldSpec("day", TITLE, type="date"), FieldSpec("time", TITLE, type="datetime")),
)


def frame(**columns: list[Any]) -> gpd.GeoDataFrame:
    ids = [f"o{k}" for k in range(len(next(iter(columns.values()))))]
    shapes = [shapely.Point(120.0, 28.0)] * len(ids)
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapes, crs=STORAGE_CRS)


def test_dates_and_times_come_back_as_they_were_written(store: SqlStore) -> None:
    days = ["2022-10-13", None, "2023-01-01"]
    times = ["2022-10-13T08:00:00.5+08:00", "2022-10-13 08:00", None]
    with store.changing(author="a", reason="b") as change:
        change.add_layer(SPEC)
        change.put("observations", frame(day=days, time=times))
    found = store.read_layer("observations")
    assert (found["day"].tolist(), found["time"].tolist()) == (days, times)
    assert store.layer_hash("observations") == frame_hash("observations", found)
    later = parse_filter("day >= '2022-12-31'", store.specs()["observations"])
    assert store.find("observations", where=later).frame["id"].tolist() == ["o2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("day", "2023"), ("day", "13.10.2022"), ("time", "2022-10-13"), ("day", "1")],
)
def test_what_is_no_whole_date_or_time_is_refused(store: SqlStore, field: str, value: str) -> None:
    with (
        pytest.raises(LayerError, match=r"expected a (date|time) such as 2022-10-13") as caught,
        store.changing(author="a", reason="b") as change,
    ):
        change.add_layer(SPEC)
        change.put("observations", frame(**{field: [value]}))
    assert caught.value.faults[0].value == value
    assert "observations" not in store.specs()


def test_a_filter_compares_with_whole_dates() -> None:
    with pytest.raises(FilterError, match="write a date such as 2022-10-13") as caught:
        parse_filter("day < '2023'", SPEC)
    assert "应写日期" in caught.value.of("zh")
