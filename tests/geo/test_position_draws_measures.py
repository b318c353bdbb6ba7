"""Every spatial measure at drawn positions against the same measured afresh at those."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from builders import attribute, criterion, features, parsed_siting, siting

from geo.arrays import Floats
from geo.criteria import build_performance
from geo.drawn_measures import DrawnAccess, DrawnDecaying, DrawnHotSpot
from geo.position_draws import PositionDraws, build_position_draws, is_spatial
from geo.scenario import CriterionSpec, SpatialMeasure

RNG = np.random.default_rng
ACCURACIES = (0.0, 500.0, 2000.0, 5000.0)


def scattered(count: int, seed: int, prefix: str) -> pd.DataFrame:
    rng = RNG(seed)
    rows = [
        {
            "ref_lon": 120.3 + 0.8 * rng.random(),
            "ref_lat": 27.6 + 0.7 * rng.random(),
            "accuracy_m": float(rng.choice(ACCURACIES)),
            "amount": float(rng.integers(-3, 9)),
        }
        for _ in range(count)
    ]
    return features(rows, prefix)


def ground() -> gpd.GeoDataFrame:
    shapes = [shapely.box(120.35 + 0.15 * k, 27.6, 120.42 + 0.15 * k, 28.3) for k in range(5)]
    table = features([{"geometry_kind": "boundary", "accuracy_m": None}] * 5, "ground")
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4490)


TABLES: dict[str, pd.DataFrame] = {
    "sites": scattered(16, 1, "site"),
    "places": scattered(30, 2, "place"),
    "ground": ground(),
}
MEASURES: dict[str, dict[str, Any]] = {
    "minutes": {
        "kind": "distance_to_nearest",
        "layer": "places",
        "circuity": 1.3,
        "speed_kmh": 40.0,
    },
    "travel": {
        "kind": "within",
        "layer": "places",
        "travel": {"minutes": 20, "speed_kmh": 60, "circuity": 1.25},
        "field": "amount",
    },
    "kernel": {"kind": "kernel_density", "layer": "places", "radius_m": 25_000.0},
    "half": {
        "kind": "gravity",
        "layer": "places",
        "field": "amount",
        "decay": {"half_m": 6000.0},
    },
    "power": {"kind": "gravity", "layer": "sites", "decay": {"power": 1.5, "least_m": 800.0}},
    "hot": {"kind": "hot_spot", "layer": "places", "field": "amount", "radius_m": 20_000.0},
    "share": {"kind": "share_inside", "layer": "ground", "radius_m": 3000.0},
}
TOLERANCE = {
    "minutes": 1e-4,
    "travel": 1e-9,
    "kernel": 1e-8,
    "half": 3e-3,
    "power": 1e-3,
    "hot": 1e-9,
    "share": 0.01,
}


def specs_of(*names: str) -> list[CriterionSpec]:
    return parsed_siting(
        siting({"one": [criterion(name, MEASURES[name]) for name in names]})
    ).criteria


SPECS = specs_of(*MEASURES)


def built(
    specs: list[CriterionSpec] = SPECS, tables: Mapping[str, pd.DataFrame] = TABLES
) -> PositionDraws:
    return build_position_draws(specs, tables["sites"], tables, layer="sites")


def moved(draws: PositionDraws, lon: Floats, lat: Floats) -> dict[str, pd.DataFrame]:
    """The tables with every feature that was drawn put where it was drawn, known exactly."""
    where = {
        (float(a), float(b)): (c, d)
        for a, b, c, d in zip(draws.discs.lon, draws.discs.lat, lon, lat, strict=True)
    }
    result = dict(TABLES)
    for name in ("sites", "places"):
        recorded = TABLES[name][["ref_lon", "ref_lat"]].to_numpy(dtype=np.float64)
        put = np.array([where.get((a, b), (a, b)) for a, b in recorded])
        result[name] = TABLES[name].assign(ref_lon=put[:, 0], ref_lat=put[:, 1], accuracy_m=0.0)
    return result


@pytest.mark.parametrize("name", MEASURES)
def test_at_the_recorded_positions_a_measure_is_what_it_was(name: str) -> None:
    specs = specs_of(name)
    expected = build_performance(specs, TABLES["sites"], TABLES).value
    np.testing.assert_allclose(built(specs).undisturbed(), expected, atol=TOLERANCE[name])


def test_at_drawn_positions_every_measure_is_that_measured_there_afresh() -> None:
    draws = built()
    lon, lat = draws.discs.draw(RNG(3), 25)
    found = draws.at(lon, lat)
    assert found.shape == (25, 16, len(MEASURES))
    for k in range(25):
        tables = moved(draws, lon[:, k], lat[:, k])
        expected = build_performance(SPECS, tables["sites"], tables).value
        for j, name in enumerate(MEASURES):
            np.testing.assert_allclose(found[k, :, j], expected[:, j], atol=TOLERANCE[name])


def test_draws_lie_within_the_interval_that_the_criteria_state_and_move() -> None:
    matrix = build_performance(SPECS, TABLES["sites"], TABLES)
    drawn = built().batch(RNG(4), 500)
    off = np.array(list(TOLERANCE.values()))
    assert (drawn >= matrix.low - off).all()
    assert (drawn <= matrix.high + off).all()
    assert (np.ptp(drawn, axis=0).max(axis=0) > 10 * off).all()


def test_large_blocks_of_draws_are_those_of_small_ones() -> None:
    draws = built()
    lon, lat = draws.discs.draw(RNG(5), 300)
    together = draws.at(lon, lat)
    apart = np.concatenate(
        [draws.at(lon[:, k : k + 1], lat[:, k : k + 1]) for k in range(0, 300, 23)]
    )
    np.testing.assert_allclose(together[::23], apart, rtol=1e-5, atol=1e-6)


def test_positions_that_are_exact_are_not_drawn() -> None:
    exact = {
        name: table if name == "ground" else table.assign(accuracy_m=0.0)
        for name, table in TABLES.items()
    }
    drawn = built(SPECS, exact).batch(RNG(6), 20)
    assert np.ptp(drawn, axis=0).max() < 2e-6
    expected = build_performance(SPECS, exact["sites"], exact).value
    np.testing.assert_allclose(drawn[0], expected, atol=2e-4)


def test_only_pairs_that_a_draw_can_change_are_measured() -> None:
    sites = features([{"accuracy_m": 400.0}, {}], "site")
    near, far = {"ref_lat": 28.0, "amount": 2.0}, {"ref_lat": 28.6, "amount": 5.0}
    places = features([near, {**near, "accuracy_m": 400.0}, far, {**near, "amount": 7.0}], "place")
    tables = {"sites": sites, "places": places}
    kernel, hot, access = built(specs_of("kernel", "hot", "half"), tables).measures
    assert isinstance(kernel, DrawnDecaying)
    assert list(zip(kernel.pairs.rows, kernel.pairs.starts, strict=True)) == [(0, 0), (1, 3)]
    assert len(kernel.pairs.origin) == 4
    assert isinstance(hot, DrawnHotSpot)
    assert not len(hot.pairs.origin)
    assert hot.number.tolist() == [3.0, 3.0]
    assert isinstance(access, DrawnAccess)
    assert access.moving.tolist() == [[True, True, False, True], [False, True, False, False]]


@pytest.mark.parametrize("name", MEASURES)
def test_what_is_not_located_stays_without_a_number(name: str) -> None:
    unknown: list[dict[str, Any]] = [{"accuracy_m": 10_000.0}, {"ref_lon": None, "ref_lat": None}]
    for rows in ([*unknown, {"amount": 1.0}], unknown):
        tables = {**TABLES, "sites": features(rows, "site")}
        drawn = built(specs_of(name), tables).batch(RNG(7), 3)
        assert np.isnan(drawn[:, :2]).all()
        assert not np.isnan(drawn[:, 2:]).any()


def test_a_field_that_is_the_same_everywhere_makes_no_hot_spot() -> None:
    alike = {**TABLES, "places": TABLES["places"].assign(amount=4.0)}
    assert not built(specs_of("hot"), alike).batch(RNG(8), 5).any()


def test_what_is_held_of_an_access_changes_it_by_no_more_than_it_says() -> None:
    sites = features([{"accuracy_m": 3000.0}], "site")
    rng = RNG(11)
    rows = [{"ref_lat": 28.0 + 0.02 * k, "accuracy_m": 2000.0} for k in range(60)]
    places = features([{**row, "amount": float(rng.integers(1, 9))} for row in rows], "place")
    tables = {"sites": sites, "places": places}
    draws = built(specs_of("half"), tables)
    (access,) = draws.measures
    assert isinstance(access, DrawnAccess)
    assert 10 < access.moving.sum() < 50
    everything = dataclasses.replace(
        access, moving=np.ones_like(access.moving), held=np.zeros_like(access.held)
    )
    whole = dataclasses.replace(draws, measures=(everything,))
    one, other = draws.batch(RNG(12), 400), whole.batch(RNG(12), 400)
    recorded = build_performance(specs_of("half"), sites, tables).value[0, 0]
    assert 0.0 < np.abs(one - other).max() < 1.2e-4 * recorded


def test_a_filter_without_targets_leaves_no_access() -> None:
    empty = criterion("none", {**MEASURES["half"], "filter": {"district": ["乙"]}})
    specs = parsed_siting(siting({"one": [empty]})).criteria
    assert built(specs).batch(RNG(9), 3).tolist() == [[[0.0]] * 16] * 3


def test_a_shape_that_is_known_does_not_move_and_an_indicative_one_does() -> None:
    plot = shapely.box(120.42, 27.9, 120.44, 27.92)
    point = {"ref_lon": 120.425, "ref_lat": 27.91, "accuracy_m": 900.0}
    rows = [{**point, "geometry_kind": kind} for kind in ("boundary", "indicative", "point")]
    shapes = [plot.union(shapely.box(120.40, 27.9, 120.42, 27.92)), plot, shapely.Point(1, 2)]
    sites = gpd.GeoDataFrame(features(rows), geometry=shapes, crs=4490)
    own = criterion("own", {"kind": "share_inside", "layer": "ground"})
    specs = parsed_siting(siting({"one": [own]})).criteria
    drawn = built(specs, {**TABLES, "sites": sites}).batch(RNG(10), 50)[:, :, 0]
    assert drawn[:, 0].tolist() == pytest.approx([0.5] * 50)
    assert np.ptp(drawn[:, 1]) > 0.3
    assert np.isnan(drawn[:, 2]).all()


def test_every_spatial_measure_is_one_that_can_be_drawn() -> None:
    assert {type(spec.measure) for spec in SPECS} == set(get_args(SpatialMeasure))
    assert all(is_spatial(spec) for spec in SPECS)
    others = [
        attribute("area"),
        criterion("per", {"kind": "ratio", "numerator": "a", "denominator": "b"}),
        criterion("in", {"kind": "members", "layer": "places"}),
    ]
    assert not any(is_spatial(spec) for spec in parsed_siting(siting({"one": others})).criteria)
