"""A scenario's criteria over a grid against the same measured for alternatives at its cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from builders import attribute, criterion, features, parsed_siting, siting

from geo.arrays import Floats
from geo.criteria import measure_criterion
from geo.errors import CriterionError
from geo.measure import transformer
from geo.scenario import CriterionSpec
from geo.suitability import build_grid, build_surface, criteria_of, plane_layers, share_inside

GRID = build_grid([640_000, 3_040_000, 700_000, 3_090_000], crs="EPSG:4549", cell_m=2000.0)
"""In the east of the plane, where it is stretched by 2 to 5 parts in 10,000."""

WITHIN = {"layer": "firms", "radius_m": 9000.0}
SPATIAL: dict[str, dict[str, Any]] = {
    "near": {"kind": "distance_to_nearest", "layer": "firms", "circuity": 1.3},
    "minutes": {"kind": "distance_to_nearest", "layer": "firms", "speed_kmh": 40.0},
    "chosen": {"kind": "distance_to_nearest", "layer": "firms", "filter": {"kind": ["a"]}},
    "count": {"kind": "within", **WITHIN},
    "sum": {"kind": "within", **WITHIN, "field": "jobs", "scale": 0.5},
    "kernel": {"kind": "kernel_density", **WITHIN, "field": "jobs"},
    "gravity": {"kind": "gravity", "layer": "firms", "decay": {"half_m": 5000.0}},
    "power": {"kind": "gravity", "layer": "firms", "field": "jobs", "decay": {"power": 1.5}},
    "spot": {"kind": "hot_spot", **WITHIN, "field": "jobs"},
}


def spec_of(declared: dict[str, Any]) -> CriterionSpec:
    (spec,) = parsed_siting(siting({"all": [declared]})).criteria
    return spec


def degrees() -> tuple[Floats, Floats]:
    east, north = np.meshgrid(*GRID.cell_centres())
    lon, lat = transformer(GRID.crs, "EPSG:4490").transform(east.ravel(), north.ravel())
    return lon, lat


def at_cells() -> pd.DataFrame:
    lon, lat = degrees()
    return features([{"ref_lon": x, "ref_lat": y} for x, y in zip(lon, lat, strict=True)])


def layers_of(seed: int = 1) -> dict[str, gpd.GeoDataFrame]:
    """Firms as points, sites and parks as polygons, stored in degrees."""
    rng = np.random.default_rng(seed)
    lon, lat = degrees()
    rows = [
        {
            "ref_lon": float(rng.uniform(lon.min() - 0.1, lon.max() + 0.1)),
            "ref_lat": float(rng.uniform(lat.min() - 0.1, lat.max() + 0.1)),
            "jobs": None if row == 4 else float(rng.integers(1, 900)),
            "kind": "ab"[row % 2],
            "accuracy_m": 10_000.0 if row == 6 else 300.0,
        }
        for row in range(40)
    ]
    firms = features(rows, "firm")
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    middle = (west + east) / 2.0
    halves = [
        shapely.box(west, south, middle, north),
        shapely.box(middle, south, east, north - 0.1),
        shapely.box(west, south, east, north),
    ]
    kinds = ["outline", "outline", "indicative"]
    sites = features([{"geometry_kind": one} for one in kinds])
    sites["price"] = [3.0, np.nan, 9.0]
    sites["grade"] = ["good", "poor", "poor"]
    where = shapely.points(firms["ref_lon"], firms["ref_lat"])
    return {
        "firms": gpd.GeoDataFrame(firms, geometry=where, crs="EPSG:4490"),
        "sites": gpd.GeoDataFrame(sites, geometry=halves, crs="EPSG:4490"),
        "none": gpd.GeoDataFrame(sites[:0], geometry=[], crs="EPSG:4490"),
    }


def measured(declared: dict[str, Any], layers: dict[str, gpd.GeoDataFrame] | None = None) -> Floats:
    stored = layers_of() if layers is None else layers
    (one,) = criteria_of([spec_of(declared)], alternatives="sites")
    return one.field.over(GRID, plane_layers(stored, GRID))


@pytest.mark.parametrize("name", SPATIAL)
@pytest.mark.parametrize("seed", range(2))
def test_cells_have_what_alternatives_there_have(name: str, seed: int) -> None:
    declared, layers = criterion("one", SPATIAL[name]), layers_of(seed)
    assert GRID.scale().min() > 1.0002
    want = measure_criterion(spec_of(declared), at_cells(), layers).value.reshape(GRID.shape)
    found = measured(declared, layers)
    if name in {"near", "minutes", "chosen"}:
        np.testing.assert_allclose(found, want, rtol=1e-4)
        assert np.quantile(np.abs(found / want - 1.0), 0.9) < 3e-5
    elif name in {"count", "sum", "spot"}:
        near = sure_of_radius(declared, layers)
        np.testing.assert_allclose(found[near], want[near], rtol=1e-9, atol=1e-9)
        assert near.mean() > 0.95
    else:
        np.testing.assert_allclose(found, want, rtol=1e-4, atol=2e-5 * want.max())


def sure_of_radius(declared: dict[str, Any], layers: dict[str, gpd.GeoDataFrame]) -> Any:
    """Cells with no firm within 1 m of the radius, by counts at either side of it."""
    counts = []
    for more in (-1.0, 1.0):
        measure = {"kind": "within", "layer": "firms", "radius_m": 9000.0 + more}
        spec = spec_of(criterion("one", measure))
        counts.append(measure_criterion(spec, at_cells(), layers).value.reshape(GRID.shape))
    return counts[0] == counts[1]


def test_what_alternatives_have_counts_over_their_known_polygons() -> None:
    prices = measured(attribute("price", missing="exclude"))
    layers = plane_layers(layers_of(), GRID)
    west = share_inside(GRID, layers["sites"].geometry[:1]) == 1.0
    assert west.any()
    assert (prices[west] == 3.0).all()
    assert np.isnan(prices[~(share_inside(GRID, layers["sites"].geometry[:1]) > 0.0)]).all()
    worst = measured(attribute("price", missing="worst", direction="cost"))
    east = share_inside(GRID, layers["sites"].geometry[1:2]) == 1.0
    assert (worst[east] == 10.0).all()
    assert (measured(attribute("price", missing="median"))[east] == 3.0).all()
    grades = {"kind": "categories", "values": {"good": 1.0, "poor": 0.25}}
    graded = measured(attribute("grade", value=grades))
    assert set(np.unique(graded[~np.isnan(graded)])) == {0.0, 1.0}
    assert (graded[west] == 0.0).all()


def test_a_share_is_that_of_each_cell_and_leaves_indicative_polygons_out() -> None:
    layers = layers_of()
    found = measured(criterion("park", {"kind": "share_inside", "layer": "sites"}), layers)
    known = plane_layers(layers, GRID)["sites"].geometry[:2]
    assert (found == share_inside(GRID, known)).all()
    assert 0.0 < found.mean() < 1.0


def test_a_scenario_makes_a_surface_and_a_change_touches_its_layers() -> None:
    declared = [
        criterion("near", SPATIAL["near"], direction="cost", value={"low": 0, "high": 40}),
        criterion("count", SPATIAL["count"]),
        attribute("price", missing="exclude"),
    ]
    specs = parsed_siting(siting({"all": declared})).criteria
    layers = plane_layers(layers_of(), GRID)
    criteria = criteria_of(specs, alternatives="sites")
    assert [sorted(one.field.layers) for one in criteria] == [["firms"], ["firms"], ["sites"]]
    surface = build_surface(GRID, layers, criteria=criteria, study_area="sites")
    assert [one.id for one in surface.criteria] == ["near", "count", "price"]
    firms = layers_of(2)["firms"]
    after = surface.after(plane_layers({**layers_of(), "firms": firms}, GRID), changed=["firms"])
    kept = [a is b for a, b in zip(surface.performance, after.performance, strict=True)]
    assert kept == [False, False, True]


def test_what_cannot_be_measured_over_a_grid_is_said() -> None:
    circle = {"kind": "share_inside", "layer": "sites", "radius_m": 500.0}
    with pytest.raises(CriterionError, match="a circle of 500 m is not measured over a grid"):
        measured(criterion("park", circle))
    with pytest.raises(CriterionError, match="'none' has no polygon of known shape"):
        measured(criterion("park", {"kind": "share_inside", "layer": "none"}))
    layers = layers_of()
    layers["sites"] = layers["sites"][2:]
    with pytest.raises(CriterionError, match="'price' belongs to the alternatives"):
        measured(attribute("price"), layers)
    with pytest.raises(CriterionError, match="unknown layer 'rail'"):
        measured(criterion("near", {"kind": "distance_to_nearest", "layer": "rail"}))
    with pytest.raises(CriterionError):
        measured(criterion("near", {**SPATIAL["near"], "filter": {"kind": ["z"]}}))
