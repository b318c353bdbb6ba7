"""Whatever a file holds, preparing it ends in a report, never in a traceback."""

from __future__ import annotations

import json
from typing import Any

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_cases import CITY, SQUARE, prepared, standing_of, table

from geo.sentence import LANGS
from layers.catalog import LAYERS

SHAPES: list[Any] = [
    None,
    SQUARE,
    CITY,
    shapely.Polygon(),
    shapely.Point(120.65, 28.0),
    shapely.Point(),
    shapely.MultiPoint([(120.65, 28.0), (120.66, 28.0)]),
    shapely.LineString([(120.65, 28.0), (120.66, 28.0)]),
    shapely.LineString([(120.65, 28.0), (120.65, 28.0)]),
    shapely.Polygon([(120.7, 28.0), (120.702, 28.002), (120.702, 28.0), (120.7, 28.002)]),
    shapely.Polygon([(120.7, 28), (120.71, 28), (120.72, 28)]),
    shapely.GeometryCollection([SQUARE, shapely.Point(120.7, 28)]),
    shapely.GeometryCollection(),
    shapely.box(2.3, 48.8, 2.4, 48.9),
    shapely.box(568_000, 3_098_000, 568_100, 3_098_100),
]
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["是", "2022-10-13", "１１２亩", "一级", "永久基本农田", "=1+1", "a", "b", "-"]
    )
)
FIELDS = sorted({one.name for spec in LAYERS.values() for one in spec.fields})
HEADERS = st.sampled_from([*FIELDS, "编号", "面积（公顷）", "经度", "纬度", "wkt"]) | st.text(
    max_size=9
)
NAMES = [name for name in LAYERS if name != "districts"]


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, list[object]], list[Any] | None]:
    """Columns of any values, and any geometries or none."""
    count = draw(st.integers(1, 4))
    names = draw(st.lists(HEADERS, min_size=1, max_size=6, unique=True))
    columns: dict[str, list[object]] = {
        name: [*draw(st.lists(VALUES, min_size=count, max_size=count))] for name in names
    }
    sound = st.lists(st.sampled_from([SQUARE, CITY]), min_size=count, max_size=count)
    shapes = st.lists(st.sampled_from(SHAPES), min_size=count, max_size=count)
    return columns, draw(st.none() | sound | sound | shapes)


@settings(max_examples=150, deadline=None)
@given(
    file=files(),
    layer=st.sampled_from([*NAMES, "parcels", "roads", None, None, None]),
    crs=st.sampled_from(["EPSG:4490", "EPSG:4490", None, "EPSG:4549", "EPSG:4610", "nonsense"]),
    system=st.sampled_from([None, None, None, "gcj02", "wgs84", "EPSG:4528", "gk3-zone"]),
    accept=st.booleans(),
)
def test_any_file_ends_in_a_report(
    file: tuple[dict[str, list[object]], list[Any] | None],
    layer: str | None,
    crs: str | None,
    system: str | None,
    accept: bool,
) -> None:
    columns, shapes = file
    source = table(columns, shapes, crs=crs, form="ESRI Shapefile")
    done = prepared(source, layer, system=system, accept_repair=accept, accuracy_m=5.0)
    for lang in LANGS:
        assert done.report.describe(lang)[0]
        json.dumps(done.report.document(lang), allow_nan=False)
    if not done.report.ok:
        return
    standing = standing_of(done)
    again = prepared(
        source,
        done.spec,
        standing=standing,
        system=system,
        accept_repair=accept,
        accuracy_m=5.0,
        as_of="2027-01-01",
    )
    assert again.report.ok, again.report.describe("en")
    for name in again.frame.columns.drop("geometry"):
        assert again.frame[name].astype(str).tolist() == standing[name].astype(str).tolist(), name
    assert shapely.equals_exact(
        again.frame["geometry"].to_numpy(), standing.geometry.to_numpy(), 0.0
    ).all()
