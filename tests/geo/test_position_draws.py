"""Spatial criteria at drawn positions against the geodesic measured pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from builders import attribute, criterion, features, parsed_siting, siting

from geo.arrays import Floats
from geo.criteria import build_performance
from geo.errors import CriterionError, GeometryError
from geo.position_draws import (
    PositionDraws,
    ReplacedColumns,
    arc_m,
    build_position_draws,
    chord_m,
    is_spatial,
)
from geo.scenario import CriterionSpec
from geo.uncertainty import values_within

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
RNG = np.random.default_rng


def scattered(count: int, seed: int, prefix: str, **columns: Any) -> pd.DataFrame:
    """Features over about 100 km by 100 km, known within 0 to 5 km."""
    rng = RNG(seed)
    rows = [
        {
            "ref_lon": 120.2 + rng.random(),
            "ref_lat": 27.5 + 0.9 * rng.random(),
            "accuracy_m": float(rng.choice([0.0, 500.0, 2000.0, 5000.0])),
            "amount": float(rng.integers(1, 9)),
            **{name: made(rng) for name, made in columns.items()},
        }
        for _ in range(count)
    ]
    return features(rows, prefix)


SITES = scattered(15, 1, "site")
PLACES = scattered(25, 2, "place", kind=lambda rng: str(rng.choice(["port", "shop"])))
TABLES = {"sites": SITES, "places": PLACES}

NEAR_PORT = criterion(
    "near_port", {"kind": "distance_to_nearest", "layer": "places", "filter": {"kind": ["port"]}}
)
NEAR = criterion("near", {"kind": "distance_to_nearest", "layer": "places"})
AMOUNT = criterion(
    "amount", {"kind": "within", "layer": "places", "radius_m": 30_000.0, "field": "amount"}
)
COUNT = criterion("count", {"kind": "within", "layer": "sites", "radius_m": 12_000.0, "scale": 2})

AROUND: dict[str, Any] = criterion(
    "around", {"kind": "within", "layer": "places", "radius_m": 50_000.0}
)


def specs_of(*declared: Mapping[str, Any]) -> list[CriterionSpec]:
    return parsed_siting(siting({"one": declared})).criteria


SPECS = specs_of(NEAR_PORT, NEAR, AMOUNT, COUNT)


def built(
    specs: list[CriterionSpec] = SPECS,
    tables: Mapping[str, pd.DataFrame] = TABLES,
    **more: Any,
) -> PositionDraws:
    return build_position_draws(specs, tables["sites"], tables, layer="sites", **more)


def moved(
    tables: Mapping[str, pd.DataFrame], draws: PositionDraws, lon: Floats, lat: Floats
) -> dict[str, pd.DataFrame]:
    """The tables with every feature that was drawn put where it was drawn, known exactly."""
    where = {
        (float(a), float(b)): (c, d)
        for a, b, c, d in zip(draws.discs.lon, draws.discs.lat, lon, lat, strict=True)
    }
    result = {}
    for name, table in tables.items():
        recorded = table[["ref_lon", "ref_lat"]].to_numpy(dtype=np.float64)
        put = np.array([where.get((a, b), (a, b)) for a, b in recorded])
        result[name] = table.assign(ref_lon=put[:, 0], ref_lat=put[:, 1], accuracy_m=0.0)
    return result


def test_at_the_recorded_positions_the_criteria_are_what_they_were() -> None:
    expected = build_performance(SPECS, SITES, TABLES).value
    np.testing.assert_allclose(built().undisturbed(), expected, rtol=1e-12, atol=1e-12)


def test_at_drawn_positions_the_criteria_are_those_measured_there_afresh() -> None:
    draws = built()
    lon, lat = draws.discs.draw(RNG(3), 40)
    found = draws.at(lon, lat)
    assert found.shape == (40, 15, 4)
    np.testing.assert_array_equal(found, draws.batch(RNG(3), 40))
    for k in range(40):
        tables = moved(TABLES, draws, lon[:, k], lat[:, k])
        expected = build_performance(SPECS, tables["sites"], tables).value
        np.testing.assert_allclose(found[k, :, :2], expected[:, :2], atol=2e-5)
        np.testing.assert_array_equal(found[k, :, 2:], expected[:, 2:])


def test_draws_lie_within_the_interval_that_the_criteria_state_and_use_it() -> None:
    matrix = build_performance(SPECS, SITES, TABLES)
    drawn = built().batch(RNG(4), 600)
    assert (drawn >= matrix.low - 2e-5).all()
    assert (drawn <= matrix.high + 2e-5).all()
    exact = matrix.low == matrix.high
    spread = np.ptp(drawn, axis=0)
    assert spread[exact].max() < 1e-9
    assert exact.any()
    assert spread[:, :2][~exact[:, :2]].min() > 0.1


@pytest.mark.parametrize(("km", "most_m"), [(100.0, 0.02), (200.0, 0.16), (300.0, 0.54)])
@pytest.mark.parametrize("latitude", [3.0, 28.0, 53.0])
def test_the_arc_is_off_by_no_more_than_it_says(km: float, most_m: float, latitude: float) -> None:
    """One site exactly, one target 5 km about its point, drawn all round: near and across."""
    lon, lat, _ = GEOD.fwd(120.0, latitude, 0.0, km * 1000.0)
    sites = features([{"ref_lon": 120.0, "ref_lat": latitude, "accuracy_m": 0.0}], "site")
    place = features([{"ref_lon": lon, "ref_lat": lat, "accuracy_m": 5000.0}], "place")
    draws = built(specs_of(NEAR), {"sites": sites, "places": place})
    east, north = draws.discs.draw(RNG(5), 200)
    at = {"lon": east, "lat": north}
    found = draws.at(at["lon"], at["lat"])[:, 0, 0] * 1000.0
    _, _, expected = GEOD.inv(at["lon"][0], at["lat"][0], at["lon"][1], at["lat"][1])
    assert np.abs(found - expected).max() < most_m


def test_chord_and_arc_are_inverse() -> None:
    arcs = np.array([0.0, 1.0, 5e4, 1e6])
    np.testing.assert_allclose(arc_m(chord_m(arcs)), arcs, rtol=1e-12)


def test_one_feature_has_one_position_for_all_criteria() -> None:
    """A site counted among the sites is itself: it never leaves its own radius."""
    sites = features([{"accuracy_m": 5000.0}], "site")
    spec = specs_of(criterion("own", {"kind": "within", "layer": "sites", "radius_m": 100.0}))
    drawn = built(spec, {"sites": sites}).batch(RNG(6), 200)
    assert drawn.tolist() == [[[1.0]]] * 200
    twice = specs_of(NEAR, {**NEAR, "id": "again"})
    both = built(twice).batch(RNG(6), 50)
    np.testing.assert_array_equal(both[..., 0], both[..., 1])


def test_features_at_one_point_are_drawn_apart() -> None:
    sites = features([{"accuracy_m": 2000.0}, {"accuracy_m": 2000.0}], "site")
    tables = {"sites": sites, "places": features([{"ref_lat": 28.2}], "place")}
    drawn = built(specs_of(NEAR), tables).batch(RNG(7), 100)
    assert (drawn[:, 0] != drawn[:, 1]).all()


def test_what_is_not_located_has_no_performance_and_is_no_target() -> None:
    sites = features([{"accuracy_m": 10_000.0}, {"ref_lon": None, "ref_lat": None}, {}], "site")
    places = features([{"ref_lat": 28.1}, {"accuracy_m": 10_000.0}], "place")
    tables = {"sites": sites, "places": places}
    drawn = built(specs_of(NEAR, AROUND), tables).batch(RNG(8), 3)
    assert np.isnan(drawn[:, :2]).all()
    _, _, metres = GEOD.inv(120.699, 27.994, 120.699, 28.1)
    np.testing.assert_allclose(drawn[:, 2], [[metres / 1000.0, 1.0]] * 3, rtol=1e-12)
    none = built(specs_of(NEAR, AROUND), {"sites": sites.iloc[:2], "places": places})
    assert np.isnan(none.batch(RNG(8), 3)).all()


def test_a_filter_without_targets_counts_nothing() -> None:
    nothing = criterion("none", {**AROUND["measure"], "filter": {"kind": ["airport"]}})
    assert not built(specs_of(nothing)).batch(RNG(9), 3).any()


def test_the_first_field_that_names_a_territory_cuts() -> None:
    east = shapely.box(120.699, 27.0, 122.0, 29.0)
    west = shapely.box(119.0, 27.0, 120.699, 29.0)
    rows: list[dict[str, Any]] = [
        {"district": "开发区", "host_district": "东"},
        {"district": "西", "host_district": None},
        {"district": "别处", "host_district": None},
    ]
    sites = features([{"accuracy_m": 3000.0, **row} for row in rows], "site")
    tables = {"sites": sites, "places": features([{"ref_lat": 28.4}], "place")}
    draws = built(specs_of(NEAR), tables, territories={"东": east, "西": west})
    lon, _ = draws.discs.draw(RNG(10), 300)
    assert lon[0].min() > 120.699 > lon[1].max()
    assert lon[2].min() < 120.699 < lon[2].max()


def test_a_place_outside_its_territory_is_an_error() -> None:
    far = shapely.box(119.0, 27.0, 119.1, 27.1)
    with pytest.raises(GeometryError, match="further outside their territory"):
        built(territories={"甲": far})


def test_a_criterion_without_positions_is_refused() -> None:
    specs = specs_of(NEAR, attribute("area"))
    assert [is_spatial(spec) for spec in specs] == [True, False]
    with pytest.raises(CriterionError, match="area: not measured from positions") as caught:
        built(specs)
    assert "不由点位量得" in caught.value.of("zh")


def test_an_unknown_layer_is_refused_as_the_criteria_refuse_it() -> None:
    lost = criterion("lost", {"kind": "distance_to_nearest", "layer": "ports"})
    with pytest.raises(CriterionError, match="unknown layer 'ports'"):
        built(specs_of(lost))


def test_drawn_columns_replace_where_they_have_a_number() -> None:
    base = values_within(np.zeros((2, 3)), np.zeros((2, 3)), np.ones((2, 3)))

    class Spatial:
        def batch(self, generator: np.random.Generator, size: int) -> Floats:
            return np.tile([[5.0, 6.0], [np.nan, 7.0]], (size, 1, 1))

    drawn = ReplacedColumns(base, Spatial(), (2, 0)).batch(RNG(11), 4)
    assert drawn[:, 0, 2].tolist() == [5.0] * 4
    assert drawn[:, :, 0].tolist() == [[6.0, 7.0]] * 4
    assert (drawn[:, 1, 2] <= 1.0).all()
    assert (drawn[:, :, 1] <= 1.0).all()
