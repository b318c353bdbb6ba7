"""Shares of area inside a layer, from tables: circles, indicative and known shapes, no polygons."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from builders import CITY_HALL, criterion, features, parsed_siting, siting

from geo.criteria import Performance, measure_criterion
from geo.errors import CriterionError, CrsError, GeometryError, OuzhiError
from geo.measure import area_m2

SITE = features([{}], "site")


def measured(kind: str, tables: dict[str, pd.DataFrame], **measure: Any) -> Performance:
    declared = criterion("c", {"kind": kind, **measure})
    spec = parsed_siting(siting({"one": [declared]})).criteria[0]
    return measure_criterion(spec, tables["sites"], tables)


EAST = shapely.box(CITY_HALL[0], 27.0, 122.0, 29.0)


def layer(rows: list[dict[str, Any]], shapes: list[Any], crs: object = 4490) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(features(rows, "shape"), geometry=shapes, crs=crs)


def known(**more: Any) -> dict[str, Any]:
    return {"geometry_kind": "boundary", "accuracy_m": None, **more}


def test_a_share_is_of_the_circle_about_the_point() -> None:
    sites = features([{}, {"accuracy_m": 300.0}, {"accuracy_m": 10_000.0}])
    tables = {"sites": sites, "lines": layer([known()], [EAST])}
    found = measured("share_inside", tables, layer="lines", radius_m=2000.0)
    np.testing.assert_allclose(found.value, [0.5, 0.5, np.nan], atol=1e-3)
    assert found.low[0] == found.high[0]
    assert found.low[1] < 0.41
    assert found.high[1] > 0.59
    moved = {"sites": sites, "lines": layer([known(accuracy_m=300.0)], [EAST])}
    shifted = measured("share_inside", moved, layer="lines", radius_m=2000.0)
    assert shifted.low[0] == pytest.approx(found.low[1])
    assert shifted.high[1] > found.high[1]


def test_an_indicative_shape_counts_by_its_area_around_its_point() -> None:
    lon, lat = CITY_HALL
    plot = shapely.box(lon - 0.01, lat, lon + 0.03, lat + 0.02)
    rows = [{"geometry_kind": "boundary"}, {"geometry_kind": "indicative"}, {}]
    sites = layer(rows, [plot, plot, shapely.Point(lon, lat)])
    lines = layer([known()], [shapely.box(lon, 27.0, 122.0, lat + 0.5)])
    tables = {"sites": sites, "lines": lines}
    found = measured("share_inside", tables, layer="lines")
    np.testing.assert_allclose(found.value, [0.75, 0.5, np.nan], atol=1e-3)
    radius = math.sqrt(area_m2([plot], "EPSG:4490")[0] / math.pi)
    circle = measured("share_inside", tables, layer="lines", radius_m=radius)
    assert circle.value.tolist() == pytest.approx([found.value[1]] * 3)


def test_a_known_shape_has_its_share_wherever_its_point_is() -> None:
    sites = layer([{"ref_lon": None, "geometry_kind": "boundary"}], [EAST.buffer(-0.2)])
    found = measured("share_inside", {"sites": sites, "l": layer([known()], [EAST])}, layer="l")
    assert (found.low[0], found.value[0], found.high[0]) == pytest.approx((1.0, 1.0, 1.0))


NO_POLYGON = "has no polygon of known shape"


@pytest.mark.parametrize(
    ("lines", "more", "error", "en", "zh"),
    [
        (layer([], []), {}, CriterionError, NO_POLYGON, "请先导入该图层"),
        (features([{}]), {}, CriterionError, NO_POLYGON, "没有满足"),
        (layer([{}], [shapely.Point(1, 1)]), {}, CriterionError, NO_POLYGON, "没有满足"),
        (
            layer([known(geometry_kind="indicative")], [EAST]),
            {},
            CriterionError,
            NO_POLYGON,
            "形状已知",
        ),
        (layer([known(accuracy_m=10_000.0)], [EAST]), {}, CriterionError, NO_POLYGON, "形状已知"),
        (
            layer([known()], [EAST]),
            {"filter": {"name_zh": ["红线"]}},
            CriterionError,
            "has no polygon of known shape with {'name_zh': ['红线']}",
            "没有满足",
        ),
        (
            layer([known()], [EAST]),
            {"radius_m": None},
            CriterionError,
            "no area of their own to take a share of; give radius_m",
            "请给出 radius_m",
        ),
        (layer([known()], [EAST], crs=4549), {}, CrsError, "different coordinate", "坐标系不同"),
        (layer([known()], [EAST], crs=None), {}, CrsError, "no coordinate reference", "坐标参考系"),
        (
            layer([known()], [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])]),
            {},
            GeometryError,
            "the first is shape-01: Self-intersection",
            "不是有效的多边形",
        ),
    ],
)
def test_a_share_of_nothing_known_is_refused(
    lines: pd.DataFrame, more: dict[str, Any], error: type[OuzhiError], en: str, zh: str
) -> None:
    tables = {"sites": SITE, "lines": lines}
    given = {"radius_m": 500.0, **more}
    with pytest.raises(error) as caught:
        measured("share_inside", tables, layer="lines", **given)
    assert en in caught.value.of("en")
    assert zh in caught.value.of("zh")
