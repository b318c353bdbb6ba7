"""The contract of finding: boxes, conditions, pages; by the index, and as plain Python finds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from store_places import Place

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import LAYERS, FieldSpec, free_layer
from layers.filters import Box, Condition, Literal, Operator, parse_filter
from layers.store.history import read_state
from layers.store.session import quoted
from layers.store.sql_store import SqlStore

WORDS = [None, "甲", "乙", "A", "a", "Z", "é", "😀", "%", "_", "'", "10", "9", " a"]
NUMBERS = [None, -1.5, 0.0, 2.0, 2.5, 1e300]
WHOLE = [None, -3, 0, 2, 2**53 + 1, 2**62]
TRUTHS = [None, True, False]
SPEC = free_layer(
    "found",
    Sentence("找", "found"),
    "Geometry",
    (
        FieldSpec("word", Sentence("词", "word")),
        FieldSpec("number", Sentence("数", "number"), type="real"),
        FieldSpec("whole", Sentence("整", "whole"), type="integer"),
        FieldSpec("yes", Sentence("是", "yes"), type="boolean"),
        FieldSpec("day", Sentence("日", "day"), type="date"),
    ),
)


def shapes(count: int) -> list[shapely.Geometry | None]:
    """Points, crossing lines, rings with a hole, nothing, and empty ones, on a coarse grid."""
    found: list[shapely.Geometry | None] = []
    for k in range(count):
        x, y = 120 + (k % 7) / 10, 28 + (k // 7 % 7) / 10
        hole = shapely.box(x, y, x + 0.3, y + 0.3) - shapely.box(x + 0.1, y + 0.1, x + 0.2, y + 0.2)
        kinds = (
            shapely.Point(x, y),
            shapely.LineString([(x, y), (x + 0.25, y + 0.25)]),
            hole,
            None,
            shapely.Polygon(),
        )
        found.append(kinds[k % 5])
    return found


def frame_of(count: int = 210) -> gpd.GeoDataFrame:
    def cycled(values: list[Any], dtype: str = "object") -> pd.Series:
        return pd.Series([values[k % len(values)] for k in range(count)], dtype=dtype)

    columns = {
        "id": [f"f{k:03}" for k in range(count)],
        "word": cycled(WORDS),
        "number": cycled(NUMBERS, "Float64"),
        "whole": cycled(WHOLE, "Int64"),
        "yes": cycled(TRUTHS, "boolean"),
        "day": cycled(["2022-01-01", None, "2021-12-31"]),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes(count), crs=STORAGE_CRS)


def filled(place: Place) -> SqlStore:
    """A workspace with the layer; its first state is another one, its first rows changed since."""
    store = place.create()
    with store.changing(author="a", reason="r") as change:
        change.add_layer(SPEC)
        change.put("found", frame_of())
    return store


BOXES: list[Box] = [
    (120.0, 28.0, 120.0, 28.0),
    (120.1, 28.1, 120.2, 28.2),
    (120.11, 28.11, 120.19, 28.19),
    (120.05, 28.0, 120.06, 28.9),
    (-180.0, -90.0, 180.0, 90.0),
    (0.0, 0.0, 1.0, 1.0),
    (120.6, 28.0, np.nextafter(120.6, 121), 28.0),
]


def test_a_box_finds_what_meets_it_edge_included_and_nothing_else(place: Place) -> None:
    store, frame = filled(place), frame_of()
    with store.changing(author="a", reason="r") as change:
        change.put("found", frame.iloc[:5].assign(geometry=shapely.Point(0.5, 0.5)))
        change.delete("found", ["f007", "f008"])
    now = frame.copy()
    now.loc[:4, "geometry"] = shapely.Point(0.5, 0.5)
    now = now.drop(index=[7, 8])
    for state, expected in ((store, now), (store.at(1), frame)):
        for box in BOXES:
            meets = shapely.intersects(expected.geometry.to_numpy(), shapely.box(*box))
            found = state.find("found", bbox=box)
            assert found.frame["id"].tolist() == expected.loc[meets, "id"].tolist(), box
            assert found.matched == meets.sum()


OPERATORS: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LITERALS: dict[str, list[Literal]] = {
    "word": ["甲", "a", "", "%"],
    "number": [2.0, 2.5],
    "whole": [2.0, 2.5],
    "yes": [True, False],
    "day": ["2022-01-01", "2021-12-31"],
}


def test_conditions_find_what_python_finds_and_what_is_not_given_only_by_is_null(
    place: Place,
) -> None:
    store, frame = filled(place), frame_of()
    rows = frame.drop(columns="geometry").astype(object).to_dict("records")
    given = [{str(n): None if pd.isna(v) else v for n, v in row.items()} for row in rows]

    def found(field: str, sign: Operator, *literals: Literal) -> list[str]:
        return list(store.find("found", where=[Condition(field, sign, literals)]).frame["id"])

    def expected(field: str, test: Callable[[Any], bool]) -> list[str]:
        return [str(row["id"]) for row in given if test(row[field])]

    for field, literals in LITERALS.items():
        for sign, meets in OPERATORS.items():
            for literal in literals:

                def met(value: Any, meets: Any = meets, literal: Literal = literal) -> bool:
                    return value is not None and bool(meets(value, literal))

                assert found(field, sign, literal) == expected(field, met), (field, sign, literal)
        assert found(field, "IN", *literals) == expected(field, literals.__contains__)
        assert found(field, "IS NULL") == expected(field, lambda value: value is None)
        assert found(field, "IS NOT NULL") == expected(field, lambda value: value is not None)


def test_filters_as_people_write_them(place: Place) -> None:
    store = filled(place)
    for text, count in (
        ("word = '甲' AND number >= 2", 10),
        ("word = '''' AND yes = TRUE", 5),
        ("word IN ('甲', '%') AND yes IS NULL", 10),
        ("whole = 2 AND number = 2", 35),
    ):
        where = parse_filter(text, SPEC)
        frame = frame_of()
        del frame["geometry"]
        found = store.find("found", where=where)
        assert found.matched == len(found.frame)
        assert store.at(1).find("found", where=where).matched == found.matched
        assert found.matched == count, text


def test_pages_follow_the_order_stored_and_tell_how_many_there_are(place: Place) -> None:
    store, ids = filled(place), frame_of()["id"].tolist()
    for limit, offset in ((10, 0), (10, 205), (None, 200), (0, 0), (5, 999)):
        page = store.find("found", limit=limit, offset=offset)
        end = None if limit is None else offset + limit
        assert page.frame["id"].tolist() == ids[offset:end]
        assert page.matched == 210
    box = (120.0, 28.0, 120.25, 28.5)
    whole = store.find("found", bbox=box, where=[Condition("yes", "=", (True,))])
    page = store.find("found", bbox=box, where=[Condition("yes", "=", (True,))], limit=3, offset=2)
    assert page.frame["id"].tolist() == whole.frame["id"].tolist()[2:5]
    assert page.matched == whole.matched > 5


@pytest.mark.parametrize("revision", [None, 1])
def test_boxes_and_indexed_fields_are_found_by_their_index(
    place: Place, revision: int | None
) -> None:
    """Of many rows only those found are read: the plan names an index and scans no layer."""
    store = place.create()
    count = 5000
    frame = gpd.GeoDataFrame(
        {
            "id": [f"p{k}" for k in range(count)],
            "district": [f"d{k % 500}" for k in range(count)],
            "batch": pd.array([k % 500 for k in range(count)], dtype="Int64"),
        },
        geometry=[shapely.box(x, 28, x + 1e-4, 28.1) for x in np.linspace(120, 121, count)],
        crs=STORAGE_CRS,
    )
    with store.changing(author="a", reason="r") as change:
        change.put("zones", frame)
    spec = LAYERS["zones"]
    asked: list[dict[str, Any]] = [
        {"bbox": (120.5, 27.0, 120.5001, 29.0)},
        {"where": [Condition("id", "=", ("p77",))]},
        {"where": [Condition("id", "IN", ("p77", "p78"))]},
    ]
    if revision is None:
        asked += [
            {"where": [Condition("district", "=", ("d7",))]},
            {"where": [Condition("batch", "=", (7.0,))]},
            {"where": [Condition("batch", "IN", (7.0, 8.0))]},
        ]
    for one in asked:
        said = plan_of(place, store, spec, revision, one)
        assert is_by_index(said, spec.id), (one, said)


def plan_of(
    place: Place, store: SqlStore, spec: Any, revision: int | None, asked: dict[str, Any]
) -> str:
    """How the database answers what `read_state` asks of it."""
    said: list[tuple[str, list[object]]] = []
    with store.reading() as session:
        rows = session.rows

        def noted(sql: str, parameters: Any = ()) -> Any:
            said.append((sql, list(parameters)))
            return rows(sql, parameters)

        session.rows = noted  # type: ignore[method-assign]
        found = read_state(session, spec, revision, **asked)
    assert 0 < len(found.fids) < 100
    sql, parameters = said[-1]
    return place.plan(sql, *parameters)


def is_by_index(plan: str, layer: str) -> bool:
    """Whether a plan of SQLite or PostgreSQL reads the layer by an index alone."""
    scans = {f"SCAN {layer}", "SCAN t", f"Seq Scan on {layer}", f"Seq Scan on {quoted(layer)}"}
    lines = [line.strip(" ->") for line in plan.splitlines()]
    scanned = any(line.startswith(scan) for line in lines for scan in scans)
    return not scanned and ("Index" in plan or "INDEX" in plan or "VIRTUAL TABLE" in plan)
