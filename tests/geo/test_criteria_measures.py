"""Every measure from tables: closed forms, plain loops, what is not given, what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import criteria_oracles as oracle
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from builders import CITY_HALL, attribute, criterion, features, parsed_siting, siting
from criteria_oracles import Place, go

from geo.criteria import Performance, build_performance, measure_criterion, select
from geo.errors import CriterionError
from geo.scenario import CriterionSpec, Range

CITY: Place = (*CITY_HALL, 0.0)
RNG = np.random.default_rng


def at(place: Place, **more: Any) -> dict[str, Any]:
    return {"ref_lon": place[0], "ref_lat": place[1], "accuracy_m": place[2], **more}


def north(metres: float, accuracy_m: float = 0.0, **more: Any) -> dict[str, Any]:
    """A feature so far north of the city hall."""
    return at(go(CITY, azimuth=0.0, away_m=metres, accuracy_m=accuracy_m), **more)


def spec_of(declared: Mapping[str, Any]) -> CriterionSpec:
    return parsed_siting(siting({"one": [declared]})).criteria[0]


def measured(kind: str, tables: Mapping[str, pd.DataFrame], **measure: Any) -> Performance:
    spec = spec_of(criterion("c", {"kind": kind, **measure}))
    return measure_criterion(spec, tables["sites"], tables)


SITE = features([{}], "site")


def around(*places: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """One site at the city hall, and places."""
    return {"sites": SITE, "places": features(list(places), "place")}


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ({"least": 2.0}, [1, 2, 3]),
        ({"most": 2.0}, [0, 1]),
        ({"least": 2.0, "most": 3.0}, [1, 2]),
        ({"least": 2.5, "most": 2.5}, []),
    ],
)
def test_a_range_holds_its_ends_and_nothing_that_is_not_given(
    wanted: dict[str, float], kept: list[int]
) -> None:
    for table in (
        features([{"size": size} for size in (1.0, 2.0, 3.0, 4.0, None)]),
        features([{"size": size} for size in (1, 2, 3, 4, None)]).astype({"size": "Int64"}),
    ):
        assert select(table, {"size": Range(**wanted)}).index.tolist() == kept
        both = select(table, {"size": Range(**wanted), "id": ["site-02", "site-05"]})
        assert both.index.tolist() == [row for row in kept if row == 1]


def test_a_range_over_text_is_refused() -> None:
    with pytest.raises(CriterionError, match="field 'name_zh' is not a number") as caught:
        select(SITE, {"name_zh": Range(least=1.0)})
    assert "不是数值" in caught.value.of("zh")


def test_what_is_not_given_meets_no_list() -> None:
    table = features([{"kind": "port"}, {"kind": None}, {"kind": math.nan}])
    assert select(table, {"kind": ["port", "nan", "None"]}).index.tolist() == [0]


LINES = {"kind": "categories", "values": {"二级": 1.0, "一级": 0.2, "3": 0.5}}


def test_a_category_is_measured_by_its_place_in_the_list() -> None:
    sites = features([{"line": one} for one in ("一级", "二级", None, math.nan, pd.NA, "3", 3)])
    spec = spec_of(attribute("line", value=LINES, missing="worst"))
    found = measure_criterion(spec, sites, {"sites": sites})
    np.testing.assert_array_equal(found.value, [1, 0, np.nan, np.nan, np.nan, 2, 2])
    matrix = build_performance([spec], sites, {"sites": sites})
    assert spec.value_function(matrix.value[:, 0]).tolist() == [0.2, 1.0, 0.2, 0.2, 0.2, 0.5, 0.5]
    assert (matrix.low[2, 0], matrix.high[2, 0]) == (0.0, 2.0)


def test_a_category_without_a_value_is_named() -> None:
    sites = features([{"line": "三级"}])
    with pytest.raises(CriterionError, match="no value is given for the category 三级") as caught:
        measure_criterion(spec_of(attribute("line", value=LINES)), sites, {"sites": sites})
    assert "未给出类别 三级" in caught.value.of("zh")


def test_a_doubted_category_may_be_any() -> None:
    sites = features([{"line": "一级", "doubt_fields": "line"}])
    found = measure_criterion(spec_of(attribute("line", value=LINES)), sites, {"sites": sites})
    assert (found.low[0], found.value[0], found.high[0]) == (0.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("value", "worst", "ends"),
    [
        ({"kind": "piecewise", "levels": [1, 5, 9], "values": [0.4, 1, 0.1]}, 9.0, (1.0, 9.0)),
        ({"kind": "step", "thresholds": [5], "values": [1, 0]}, 5.0, (np.nextafter(5, 0), 5.0)),
        ({"kind": "gaussian", "ideal": 4, "sigma": 0.5}, 2.0, (2.0, 6.0)),
        ({"kind": "logistic", "middle": 4, "good": 2}, 10.4, (-2.4, 10.4)),
        ({"kind": "target", "target": 6, "below": 2, "above": 1}, 4.0, (4.0, 7.0)),
        ({"low": 1, "high": 3}, 1.0, (1.0, 3.0)),
    ],
)
def test_missing_and_doubted_values_take_the_range_in_which_the_value_changes(
    value: dict[str, Any], worst: float, ends: tuple[float, float]
) -> None:
    sites = features(
        [{"size": None}, {"size": 5.5, "doubt_fields": "size"}, {"size": 50.0}, {"size": -50.0}]
    ).assign(doubt_fields=["", "size", "size", "size"])
    spec = spec_of(attribute("size", value=value))
    matrix = build_performance([spec], sites, {"sites": sites})
    assert matrix.value[0, 0] == pytest.approx(worst)
    assert (matrix.low[0, 0], matrix.high[0, 0]) == pytest.approx(ends)
    assert (matrix.low[1, 0], matrix.high[1, 0]) == pytest.approx((ends[0], max(ends[1], 5.5)))
    assert (matrix.low[2, 0], matrix.high[2, 0]) == pytest.approx((ends[0], 50.0))
    assert (matrix.low[3, 0], matrix.high[3, 0]) == pytest.approx((-50.0, ends[1]))


def test_a_kilometre_takes_a_minute_at_sixty() -> None:
    tables = around(north(1000.0, 100.0))
    kinds: list[tuple[dict[str, Any], float]] = [
        ({}, 1.0),
        ({"circuity": 1.3}, 1.3),
        ({"speed_kmh": 60.0}, 1.0),
        ({"circuity": 1.5, "speed_kmh": 30.0}, 3.0),
    ]
    for more, factor in kinds:
        found = measured("distance_to_nearest", tables, layer="places", **more)
        assert found.value[0] == pytest.approx(factor, abs=1e-8)
        assert (found.low[0], found.high[0]) == pytest.approx((0.9 * factor, 1.1 * factor))


@pytest.mark.parametrize("kind", ["within", "kernel_density", "hot_spot"])
def test_a_reach_in_minutes_is_a_radius(kind: str) -> None:
    tables = around(*(north(d, 500.0, size=d) for d in (1000.0, 9000.0, 15_800.0, 30_000.0)))
    travel = {"minutes": 20, "speed_kmh": 60, "circuity": 1.25}
    base: dict[str, Any] = {"layer": "places", "field": "size"}
    one = measured(kind, tables, travel=travel, **base)
    other = measured(kind, tables, radius_m=16_000.0, **base)
    assert [one.value, one.low, one.high] == [other.value, other.low, other.high]
    assert one.low[0] < one.high[0]


def test_within_a_travel_time_the_boundary_is_inside() -> None:
    reach = {"minutes": 10, "speed_kmh": 36}
    tables = around(north(6000.0 - 1e-6), north(6000.0 + 1e-6))
    assert measured("within", tables, layer="places", travel=reach).value.tolist() == [1.0]


@pytest.mark.parametrize(
    ("metres", "share"), [(0.0, 1.0), (2500.0, 0.75**2), (5000.0, 0.0), (8000.0, 0.0)]
)
def test_a_kernel_counts_by_how_near(metres: float, share: float) -> None:
    tables = around(north(metres, size=4.0))
    found = measured("kernel_density", tables, layer="places", radius_m=5000.0, field="size")
    assert found.value[0] == pytest.approx(share * 4.0 * 3.0 / (math.pi * 25.0), abs=1e-9)


def test_a_kernel_holds_the_amount_of_all_features() -> None:
    """Its integral over the plane is the amount: summed over a grid of half a kilometre."""
    rows = [
        at(go(go(CITY, azimuth=0.0, away_m=250.0 + n), azimuth=90.0, away_m=250.0 + e))
        for n in range(-6000, 6000, 500)
        for e in range(-6000, 6000, 500)
    ]
    tables = {"sites": features(rows), "places": features([at(CITY, size=7.0)])}
    found = measured("kernel_density", tables, layer="places", radius_m=5000.0, field="size")
    assert found.value.sum() * 0.25 == pytest.approx(7.0, rel=2e-3)


@pytest.mark.parametrize(
    ("decay", "metres", "share"),
    [
        ({"half_m": 3000}, 0.0, 1.0),
        ({"half_m": 3000}, 6000.0, 0.25),
        ({"power": 2}, 400.0, 1.0),
        ({"power": 2}, 4000.0, 1 / 16),
        ({"power": 0.5, "least_m": 2000}, 2000.0, 1.0),
        ({"power": 0.5, "least_m": 2000}, 18_000.0, 1 / 3),
    ],
)
def test_gravity_counts_less_with_distance(
    decay: dict[str, float], metres: float, share: float
) -> None:
    tables = around(north(metres, size=5.0), north(900.0, size=None))
    base: dict[str, Any] = {"layer": "places", "decay": decay, "field": "size"}
    assert measured("gravity", tables, **base).value[0] == pytest.approx(5.0 * share)
    assert measured("gravity", tables, **base, scale=-2.0).value[0] == pytest.approx(-10.0 * share)


def test_a_hot_spot_knows_only_what_is_given() -> None:
    rows = [north(d, size=s) for d, s in ((500.0, 9.0), (20_000.0, 1.0), (21_000.0, 2.0))]
    clean = measured("hot_spot", around(*rows), layer="places", field="size", radius_m=900.0)
    gaps = around(*rows, north(300.0, size=None), north(100.0, 10_000.0, size=40.0))
    found = measured("hot_spot", gaps, layer="places", field="size", radius_m=900.0)
    assert found.value[0] == clean.value[0] == pytest.approx(oracle.gi_star([9, 1, 2], [1, 0, 0]))
    alike = around(*(north(d, size=3.0) for d in (100.0, 5000.0)))
    assert measured("hot_spot", alike, layer="places", field="size", radius_m=900.0).value == [0.0]


MANY: dict[str, dict[str, Any]] = {
    "distance_to_nearest": {},
    "within": {"radius_m": 20_000.0, "field": "size"},
    "kernel_density": {"radius_m": 20_000.0, "field": "size"},
    "gravity": {"decay": {"half_m": 4000.0}, "field": "size"},
    "hot_spot": {"radius_m": 20_000.0, "field": "size"},
}


def places_of(table: pd.DataFrame) -> list[Place]:
    columns = table[["ref_lon", "ref_lat", "accuracy_m"]]
    return [(float(lon), float(lat), float(off)) for lon, lat, off in columns.to_numpy()]


def by_loop(kind: str, site: Place, others: list[Place], sizes: list[float]) -> oracle.Three:
    radius = 20_000.0
    loops: dict[str, Callable[[], oracle.Three]] = {
        "distance_to_nearest": lambda: oracle.nearest(site, others),
        "within": lambda: oracle.within(site, others, sizes, radius),
        "kernel_density": lambda: oracle.decaying(
            site,
            others,
            [3e6 / math.pi / radius**2 * size for size in sizes],
            lambda d: max(1 - (d / radius) ** 2, 0.0) ** 2,
        ),
        "gravity": lambda: oracle.decaying(site, others, sizes, lambda d: 0.5 ** (d / 4000.0)),
        "hot_spot": lambda: oracle.hot_spot(site, others, sizes, radius),
    }
    return loops[kind]()


def scattered(count: int, seed: int, prefix: str) -> pd.DataFrame:
    rng = RNG(seed)
    rows = [
        {
            "ref_lon": 120.4 + 0.6 * rng.random(),
            "ref_lat": 27.7 + 0.6 * rng.random(),
            "accuracy_m": float(rng.choice([0.0, 800.0, 3000.0])),
            "size": float(rng.integers(-5, 20)),
        }
        for _ in range(count)
    ]
    return features(rows, prefix)


@pytest.mark.parametrize("kind", MANY)
def test_each_measure_is_that_of_the_plain_loop(kind: str) -> None:
    tables = {"sites": scattered(14, 1, "site"), "places": scattered(11, 2, "place")}
    found = measured(kind, tables, layer="places", **MANY[kind])
    others, sizes = places_of(tables["places"]), tables["places"]["size"].tolist()
    expected = np.array([by_loop(kind, s, others, sizes) for s in places_of(tables["sites"])])
    if kind == "distance_to_nearest":
        expected /= 1000.0
    for part, wanted in zip((found.value, found.low, found.high), expected.T, strict=True):
        np.testing.assert_allclose(part, wanted, atol=1e-6)
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


def test_criteria_measured_together_are_those_measured_one_by_one() -> None:
    tables = {"sites": scattered(700, 3, "site"), "places": scattered(40, 4, "place")}
    specs = [
        spec_of(criterion(f"c{k}", {"kind": kind, "layer": "places", **more}))
        for k, (kind, more) in enumerate(MANY.items())
    ]
    together = build_performance(specs, tables["sites"], tables)
    for j, spec in enumerate(specs):
        alone = measure_criterion(spec, tables["sites"], tables)
        np.testing.assert_array_equal(together.value[:, j], alone.value)
        np.testing.assert_array_equal(together.low[:, j], alone.low)
        np.testing.assert_array_equal(together.high[:, j], alone.high)


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.parametrize("count", [3, 90])
def test_sites_at_one_point_tie_to_the_last_bit_however_well_it_is_known(
    kind: str, count: int
) -> None:
    sites = scattered(count, 7, "site")
    twins = pd.concat([sites, sites.assign(accuracy_m=9000.0), sites], ignore_index=True)
    places = scattered(60, 8, "place")
    places["size"] += RNG(9).random(60)
    found = measured(kind, {"sites": twins, "places": places}, layer="places", **MANY[kind])
    assert found.value.reshape(3, count).tolist() == [found.value[:count].tolist()] * 3
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


@pytest.mark.parametrize("kind", MANY)
def test_what_is_not_located_has_no_such_performance(kind: str) -> None:
    unknown: list[dict[str, Any]] = [
        {"ref_lon": None, "ref_lat": None},
        {"accuracy_m": 10_000.0},
        {},
    ]
    tables = {"sites": features(unknown), "places": scattered(9, 5, "place")}
    found = measured(kind, tables, layer="places", **MANY[kind])
    for part in (found.value, found.low, found.high):
        assert np.isnan(part).tolist() == [True, True, False]


def test_members_are_those_of_the_column_that_is_named() -> None:
    sites = features([{"town": "瓯江"}, {"town": None}, {"town": "灵昆"}])
    zones = features([{"in_town": "瓯江", "size": 2}, {"in_town": None, "size": 9}])
    tables = {"sites": sites, "zones": zones}
    base: dict[str, Any] = {"layer": "zones", "member_field": "in_town", "own_field": "town"}
    found = measured("members", tables, **base, field="size")
    np.testing.assert_array_equal(found.value, [2.0, np.nan, 0.0])
    np.testing.assert_array_equal(measured("members", tables, **base).high, [1.0, np.nan, 0.0])


ASKED: dict[str, dict[str, Any]] = {
    **MANY,
    "share_inside": {"radius_m": 500.0},
    "members": {"field": "size"},
}


@pytest.mark.parametrize("kind", ASKED)
def test_an_unknown_layer_or_field_is_named(kind: str) -> None:
    places = gpd.GeoDataFrame(
        scattered(5, 6, "place"), geometry=[shapely.box(120.0, 27.0, 121.0, 28.0)] * 5, crs=4490
    )
    tables = {"sites": SITE, "places": places}
    asked = ASKED[kind]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"layer": "moons"}, "unknown layer 'moons'", "没有图层 'moons'")
    ]
    wrong.append(({"filter": {"hue": ["red"]}}, "there is no field 'hue'", "没有字段 'hue'"))
    if "field" in asked:
        wrong.append(({"field": "mass"}, "there is no field 'mass'", "没有字段 'mass'"))
        wrong.append(({"field": "name_zh"}, "'name_zh' is not a number", "不是数值"))
    for change, en, zh in wrong:
        with pytest.raises(CriterionError) as caught:
            measured(kind, tables, **{"layer": "places", **asked, **change})
        assert en in caught.value.of("en")
        assert zh in caught.value.of("zh")


@pytest.mark.parametrize(
    ("rows", "en", "zh"),
    [
        ([], "no located feature with {} and a number in 'size'", "'size' 有数值"),
        ([{"size": None}], "a comparison with the mean needs at least one", "至少需要一个"),
        ([{"size": 3.0, "accuracy_m": 10_000.0}], "layer 'places' has no located", "图层 'places'"),
    ],
)
def test_a_hot_spot_needs_a_feature(rows: list[dict[str, Any]], en: str, zh: str) -> None:
    places = features(rows) if rows else features([{"size": 1.0}]).iloc[:0]
    tables = {"sites": SITE, "places": places}
    with pytest.raises(CriterionError) as caught:
        measured("hot_spot", tables, layer="places", field="size", radius_m=5000.0)
    assert en in caught.value.of("en")
    assert zh in caught.value.of("zh")
