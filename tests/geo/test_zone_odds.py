"""How sure a zone is: laws on a small town, an oracle that tries every zone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.arrays import Floats, Ints, Mask
from geo.crs import STORAGE_CRS
from geo.delineation.starts import is_zone, worth_of
from geo.errors import OuzhiError
from geo.location.watch import Progress, Watch
from geo.measure import M2_PER_MU, area_m2
from geo.odds import weight_sampler
from geo.scenario import SitingScenario
from geo.zone_plan import ZonePlan, ZoneQuestion, build_ground, plan_zone
from geo.zone_plan.odds import ZoneOdds, zone_odds
from geo.zone_plan.odds.bands import BAND_SHARES, bands_of
from geo.zone_plan.odds.lattice import build_lattice
from geo.zone_plan.odds.positions import build_drawn_ground
from geo.zone_plan.odds.search import ZoneSearch

Layers = dict[str, gpd.GeoDataFrame]
LON, LAT = 120.75, 28.0
KM_LON, KM_LAT = 1.0 / 98.36, 1.0 / 110.82
"""A kilometre in degrees there."""
CELL_MU = 500.0**2 / M2_PER_MU
SMALL = ZoneQuestion(
    1.5 * CELL_MU,
    3.5 * CELL_MU,
    cell_m=500.0,
    reach_m=1_500.0,
    threshold=0.2,
    perimeter_price=2.0,
    time_limit_s=20.0,
)


def points(*rows: tuple[str, float, float, float]) -> gpd.GeoDataFrame:
    """Features: kind, kilometres east and north of the town, accuracy in m."""
    lon = [LON + east * KM_LON for _, east, _, _ in rows]
    lat = [LAT + north * KM_LAT for _, _, north, _ in rows]
    return gpd.GeoDataFrame(
        {
            "id": [f"p{k}" for k in range(len(rows))],
            "name_zh": [f"点{k}" for k in range(len(rows))],
            "name_en": [f"point {k}" for k in range(len(rows))],
            "kind": [one[0] for one in rows],
            "size": [float(k + 1) for k in range(len(rows))],
            "accuracy_m": [one[3] for one in rows],
            "geometry_kind": "point",
            "district": "某区",
            "ref_lon": lon,
            "ref_lat": lat,
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs=STORAGE_CRS,
    )


def town(*places: tuple[str, float, float, float], half_km: float = 6.0) -> Layers:
    """A district around one town, and places in it."""
    box = shapely.box(
        LON - half_km * KM_LON,
        LAT - half_km * KM_LAT,
        LON + half_km * KM_LON,
        LAT + half_km * KM_LAT,
    )
    district = gpd.GeoDataFrame(
        {"id": ["d"], "name_zh": ["某区"], "name_en": ["some district"]},
        geometry=[box],
        crs=STORAGE_CRS,
    )
    return {
        "districts": district,
        "towns": points(("town", 0.0, 0.0, 0.0)),
        "places": points(*places),
    }


def criterion(id_: str, measure: Mapping[str, Any], low: float, high: float) -> dict[str, Any]:
    words = {"zh": id_, "en": id_}
    cost = measure["kind"] == "distance_to_nearest"
    return {
        "id": id_,
        "name": words,
        "measure": {"layer": "places", "what": words, **measure},
        "unit": {"zh": "个", "en": "unit"},
        "direction": "cost" if cost else "benefit",
        "value": {"low": low, "high": high},
        "missing": "worst",
        "as_of": "2023-01-01",
        "sources": ["own"],
    }


def near(kind: str, high: float = 4.0) -> dict[str, Any]:
    """The nearer to places of a kind the better."""
    return criterion(kind, {"kind": "distance_to_nearest", "filter": {"kind": [kind]}}, 0.1, high)


def scenario(*criteria: dict[str, Any], draws: Mapping[str, Any]) -> SitingScenario:
    words = {"zh": "例", "en": "example"}
    return SitingScenario.model_validate(
        {
            "id": "example",
            "kind": "siting",
            "title": words,
            "as_of": "2023-01-01",
            "clause": "-",
            "alternatives": "towns",
            "groups": [{"id": "all", "title": words, "criteria": list(criteria)}],
            "weight_draws": draws,
        }
    )


UNIFORM = {"kind": "uniform"}
FIXED = {"kind": "fixed"}
TWO = (near("west"), near("east"))
SIDES = (("west", -1.6, 0.2, 0.0), ("east", 1.6, 0.2, 0.0))


@pytest.fixture(scope="module")
def known() -> ZonePlan:
    """Nothing is in doubt."""
    return plan_zone(scenario(*TWO, draws=FIXED), town(*SIDES), SMALL)


@pytest.fixture(scope="module")
def doubted() -> tuple[ZonePlan, ZoneOdds]:
    """Weights and positions are in doubt."""
    layers = town(("west", -1.6, 0.2, 900.0), ("east", 1.6, 0.2, 900.0))
    plan = plan_zone(scenario(*TWO, draws=UNIFORM), layers, SMALL)
    return plan, zone_odds(plan, layers, draws=60, seed=3)


def zone_of(plan: ZonePlan) -> Mask:
    result: Mask = np.isin(plan.cells.number, plan.solution.members)
    return result


def connected_sets(plan: ZonePlan) -> Iterator[Ints]:
    """All zones that a question allows, one by one."""
    model = plan.problem.model()
    units = np.flatnonzero(model.alive)
    most = int(model.high / model.area.min() + 1e-6)
    for size in range(1, most + 1):
        for members in itertools.combinations(units.tolist(), size):
            mask = np.zeros(model.units, dtype=np.bool_)
            mask[list(members)] = True
            if is_zone(model, mask):
                yield np.array(members)


def best_by_trying(plan: ZonePlan, zones: list[Ints], value: Floats) -> tuple[Ints, float]:
    model = replace(plan.problem, values=value).model()
    worths = []
    for members in zones:
        mask = np.zeros(model.units, dtype=np.bool_)
        mask[members] = True
        worths.append(worth_of(model, mask))
    top = int(np.argmax(worths))
    second = sorted(worths)[-2]
    assert worths[top] > second + 1e-6 * abs(second), "a tie would leave the oracle undecided"
    return zones[top], worths[top]


def test_without_doubt_every_draw_has_the_zone_itself(known: ZonePlan) -> None:
    assert known.solution.status == "optimal"
    found = zone_odds(known, town(*SIDES), draws=5)
    zone = zone_of(known)
    assert (found.share[zone] == 1.0).all()
    outside = (known.cells.number >= 0) & ~zone
    assert outside.any()
    assert (found.share[outside] == 0.0).all()
    assert np.isnan(found.share[known.cells.number < 0]).all()
    assert found.agreement == pytest.approx(1.0)
    assert found.core_m2 == pytest.approx(known.solution.area_m2, rel=1e-12)
    assert found.search_gap == pytest.approx(0.0, abs=1e-12)
    assert (found.moving, found.features, found.without) == (0, 2, 0)
    assert known.site is not None
    for band in found.bands:
        assert band.area_m2 == pytest.approx(found.core_m2, rel=1e-12)
        difference = band.geometry.symmetric_difference(known.site.geometry)
        assert difference.area <= 1e-12 * known.site.geometry.area


def test_two_sides_alike_share_the_draws_by_the_weight_drawn() -> None:
    layers = town(*SIDES)
    spec = scenario(*TWO, draws=UNIFORM)
    plan = plan_zone(spec, layers, SMALL)
    found = zone_odds(plan, layers, draws=100, seed=1)
    sampler, _ = weight_sampler(spec.weight_draws, plan.ground.weights)
    stream = np.random.default_rng(np.random.SeedSequence(1).spawn(2)[0])
    to_west = float((sampler.batch(stream, 100)[:, 0] > 0.5).mean())
    assert to_west == pytest.approx(0.5, abs=0.1)
    _, column = np.nonzero(plan.cells.number >= 0)
    middle = (column.min() + column.max()) / 2.0
    times = found.share[plan.cells.number >= 0]
    west, east = float(times[column < middle].max()), float(times[column > middle].max())
    assert west == pytest.approx(to_west, abs=0.03)
    assert east == pytest.approx(1.0 - to_west, abs=0.03)


@pytest.mark.parametrize("objective", ["total", "mean"])
def test_the_shares_are_those_of_trying_every_zone(objective: Any) -> None:
    layers = town(("west", -1.1, 0.35, 0.0), ("east", 0.9, -0.6, 0.0), ("north", 0.3, 1.2, 0.0))
    spec = scenario(*TWO, near("north"), draws=UNIFORM)
    plan = plan_zone(spec, layers, replace(SMALL, objective=objective))
    zones = list(connected_sets(plan))
    assert len(zones) > 60
    sampler, _ = weight_sampler(spec.weight_draws, plan.ground.weights)
    weights = sampler.batch(np.random.default_rng(np.random.SeedSequence(7).spawn(2)[0]), 40)
    times = np.zeros(plan.problem.units)
    area, agreed = plan.cells.area, 0.0
    for drawn in weights:
        value = plan.ground.surface.scores(drawn)[plan.cells.number >= 0]
        best, _ = best_by_trying(plan, zones, value)
        times[best] += 1.0
        agreed += area[np.intersect1d(best, plan.solution.members)].sum() / area[best].sum()
    found = zone_odds(plan, layers, draws=40, seed=7)
    assert found.agreement == pytest.approx(agreed / 40.0)
    assert found.share[plan.cells.number >= 0] == pytest.approx(times / 40.0)
    assert len(np.unique(times)) > 3


def test_what_must_be_in_is_in_every_draw() -> None:
    layers = town(("west", -1.1, 0.35, 300.0), ("east", 0.9, -0.6, 300.0))
    plan = plan_zone(scenario(*TWO, draws=UNIFORM), layers, SMALL)
    kept = int(plan.cells.number[plan.cells.number >= 0][-1])
    must = np.arange(plan.problem.units) == kept
    bound_to = replace(plan, problem=replace(plan.problem, must=must))
    found = zone_odds(bound_to, layers, draws=20, seed=2)
    assert found.share[plan.cells.number == kept] == 1.0
    assert found.without == 0
    assert found.core_m2 >= plan.problem.areas_m2[kept]


def test_shares_bands_and_core_fit_together(doubted: tuple[ZonePlan, ZoneOdds]) -> None:
    plan, found = doubted
    inside = plan.cells.number >= 0
    share = found.share[inside]
    assert ((share >= 0.0) & (share <= 1.0)).all()
    assert 0.0 < np.median(share[share > 0.0]) < 1.0
    area = plan.cells.area
    expected = float((share * area).sum())
    low, high = plan.question.min_mu * M2_PER_MU, plan.question.max_mu * M2_PER_MU
    assert low <= expected <= high
    assert [one.share for one in found.bands] == list(BAND_SHARES)
    for one in found.bands:
        assert one.area_m2 == pytest.approx(math.fsum(area[share >= one.share]), rel=1e-12)
        if one.area_m2 > 0.0:
            measured = float(area_m2([one.geometry], STORAGE_CRS)[0])
            assert measured == pytest.approx(one.area_m2, rel=1e-4)
        assert one.geometry.geom_type == "MultiPolygon"
        assert one.geometry.is_valid
    for outer, inner in itertools.pairwise(found.bands):
        assert inner.geometry.difference(outer.geometry).area <= 1e-4 * inner.geometry.area
        assert inner.area_m2 <= outer.area_m2
    assert found.core_m2 == math.fsum(area[share == 1.0])
    assert found.core_m2 <= found.bands[-1].area_m2
    assert 0.0 < found.agreement < 1.0
    assert found.moving == 2


def test_the_same_seed_gives_the_same_odds_and_another_does_not(
    doubted: tuple[ZonePlan, ZoneOdds],
) -> None:
    plan, found = doubted
    layers = town(("west", -1.6, 0.2, 900.0), ("east", 1.6, 0.2, 900.0))
    again = zone_odds(plan, layers, draws=60, seed=3)
    assert np.array_equal(again.share, found.share, equal_nan=True)
    assert again.agreement == found.agreement
    other = zone_odds(plan, layers, draws=60, seed=4)
    assert not np.array_equal(other.share, found.share, equal_nan=True)


def test_a_run_that_is_ended_says_how_many_draws_it_made(
    doubted: tuple[ZonePlan, ZoneOdds],
) -> None:
    plan, _ = doubted
    layers = town(("west", -1.6, 0.2, 900.0), ("east", 1.6, 0.2, 900.0))
    ticks = itertools.count()
    heard: list[int] = []

    def ending(progress: Progress) -> bool:
        heard.append(progress.nodes)
        return progress.nodes < 7

    found = zone_odds(
        plan, layers, draws=60, seed=3, watch=Watch(None, ending, clock=lambda: float(next(ticks)))
    )
    assert heard == list(range(8))
    assert (found.draws, found.asked) == (7, 60)
    assert any("7 of 60 draws" in one.en for one in found.drawn)
    assert any("完成 7 次" in one.zh for one in found.drawn)
    assert (np.nan_to_num(found.share) * 7.0) % 1.0 == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(OuzhiError, match="ended before the first draw") as caught:
        zone_odds(plan, layers, draws=60, watch=Watch(None, None, cancelled=True))
    assert "请给出更多时间" in caught.value.of("zh")


def test_the_sentences_say_what_was_drawn(doubted: tuple[ZonePlan, ZoneOdds]) -> None:
    _, found = doubted
    assert "60 draws" in found.sentence.en
    assert f"{100 * found.agreement:.0f} %" in found.sentence.zh
    said = " ".join(one.en for one in found.drawn)
    for part in ("uniform on the simplex", "2 of the 2 features", "not proven", "are held"):
        assert part in said
    assert f"{100 * found.search_gap:.2f} %" in said
    assert "未经证明最优" in " ".join(one.zh for one in found.drawn)
    unknown = replace(found, search_gap=math.nan, without=2)
    assert any("no bound to compare" in one.en for one in unknown.drawn)
    assert any("In 2 draws no zone" in one.en for one in unknown.drawn)


@pytest.mark.parametrize(
    ("said", "en"),
    [
        ({"draws": 0}, "draws is 0, expected a whole number from 1"),
        ({"draws": True}, "draws is True"),
        ({"draws": 1.5}, "draws is 1.5"),
        ({"draws": 100_001}, "to 100,000"),
        ({"draws": 0, "seed": -1}, "2 fault"),
    ],
)
def test_numbers_that_cannot_be_are_refused(known: ZonePlan, said: dict[str, Any], en: str) -> None:
    with pytest.raises(OuzhiError) as caught:
        zone_odds(known, town(*SIDES), **said)
    assert en in str(caught.value)
    assert "整数" in caught.value.of("zh")


def test_no_zone_has_no_odds() -> None:
    layers = town(*SIDES)
    asked = replace(SMALL, min_mu=9e5, max_mu=9.1e5)
    plan = plan_zone(scenario(*TWO, draws=FIXED), layers, asked)
    with pytest.raises(OuzhiError, match="no zone whose odds") as caught:
        zone_odds(plan, layers, draws=3)
    assert "没有范围" in caught.value.of("zh")


MANY = (
    *(("a", -1.5 + 0.37 * k, 0.9 * math.sin(1.7 * k), 700.0) for k in range(8)),
    ("far", 3.0, 3.0, 500.0),
)
MEASURES = (
    near("a"),
    criterion("count", {"kind": "within", "radius_m": 1_000.0}, 0.0, 6.0),
    criterion("sum", {"kind": "within", "radius_m": 1_200.0, "field": "size"}, 0.0, 30.0),
    criterion("density", {"kind": "kernel_density", "radius_m": 1_500.0}, 0.0, 3.0),
    criterion("access", {"kind": "gravity", "decay": {"half_m": 800.0}}, 0.0, 4.0),
    criterion("hot", {"kind": "hot_spot", "radius_m": 1_000.0, "field": "size"}, -2.0, 2.0),
)


def moved(layers: Layers, lon: Floats, lat: Floats) -> Layers:
    table = layers["places"].assign(ref_lon=lon, ref_lat=lat)
    return {**layers, "places": table.set_geometry(gpd.points_from_xy(lon, lat, crs=STORAGE_CRS))}


@pytest.mark.parametrize("draw", [None, 0, 1])
def test_drawn_positions_measure_as_a_surface_of_moved_features(draw: int | None) -> None:
    layers = town(*MANY)
    spec = scenario(*MEASURES, draws=UNIFORM)
    ground = build_ground(spec, layers, cell_m=250.0, reach_m=1_500.0)
    inside = ground.surface.eligible
    number = np.where(inside, np.cumsum(inside).reshape(inside.shape) - 1, -1)
    drawn = build_drawn_ground(ground, layers, number)
    if draw is None:
        positions, lon, lat = drawn.recorded(), drawn.discs.lon, drawn.discs.lat
    else:
        positions = drawn.draw(np.random.default_rng(5), 2)[draw]
        ends = drawn.discs.draw(np.random.default_rng(5), 2)
        lon, lat = ends[0][:, draw], ends[1][:, draw]
    order = [f"p{k}" for k in range(8)] + ["p8"]
    assert layers["places"]["id"].tolist() == order
    again = build_ground(spec, moved(layers, lon, lat), cell_m=250.0, reach_m=1_500.0)
    units = np.arange(int(inside.sum()))
    for k, performance in enumerate(again.surface.performance):
        found = drawn.performance(k, units, positions)
        assert found == pytest.approx(performance[inside], rel=1e-9, abs=1e-9), MEASURES[k]["id"]
        assert np.ptp(found) > 0.0
    shares = np.array([0.3, 0.2, 0.1, 0.2, 0.0, 0.2])
    expected = again.surface.scores(shares)[inside]
    assert drawn.values(units, shares, positions) == pytest.approx(expected, abs=1e-9)


def test_positions_alone_move_the_zone_as_moved_features_would() -> None:
    layers = town(("west", -1.1, 0.35, 1_500.0), ("east", 0.9, -0.6, 1_500.0))
    spec = scenario(*TWO, draws=FIXED)
    plan = plan_zone(spec, layers, SMALL, weights={"west": 2.0, "east": 1.0})
    zones = list(connected_sets(plan))
    inside = plan.cells.number >= 0
    box = layers["districts"].geometry.iloc[0]
    drawn = build_drawn_ground(plan.ground, layers, plan.cells.number, territories={"某区": box})
    stream = np.random.default_rng(np.random.SeedSequence(9).spawn(2)[1])
    lon, lat = drawn.discs.draw(stream, 64)
    times = np.zeros(plan.problem.units)
    for k in range(12):
        at = moved(layers, lon[:, k], lat[:, k])
        ground = build_ground(spec, at, cell_m=500.0, reach_m=1_500.0)
        value = ground.surface.scores(plan.ground.shares)[inside]
        times[best_by_trying(plan, zones, value)[0]] += 1.0
    found = zone_odds(plan, layers, draws=12, seed=9)
    assert found.share[inside] == pytest.approx(times / 12.0)
    assert 0.0 < times.max() < 12.0


def test_draws_stay_within_accuracy_and_district() -> None:
    layers = town(("a", 1.9, 0.0, 1_000.0), ("a", 0.0, 0.0, 0.0), half_km=2.0)
    ground = build_ground(scenario(near("a"), draws=UNIFORM), layers, cell_m=250.0, reach_m=1_500.0)
    number = np.where(ground.surface.eligible, 0, -1)
    box = layers["districts"].geometry.iloc[0]
    drawn = build_drawn_ground(ground, layers, number, territories={"某区": box})
    lon, lat = drawn.discs.draw(np.random.default_rng(0), 200)
    assert drawn.moving == 1
    assert shapely.intersects_xy(box, lon, lat).all()
    away = np.hypot((lon[0] - LON - 1.9 * KM_LON) / KM_LON, (lat[0] - LAT) / KM_LAT)
    assert 0.8 < away.max() <= 1.001
    assert np.ptp(lon[1]) == 0.0


def test_a_search_comes_close_to_the_best_zone_known() -> None:
    layers = town(*MANY)
    asked = replace(SMALL, cell_m=100.0, min_mu=450.0, max_mu=600.0, time_limit_s=20.0)
    plan = plan_zone(scenario(*MEASURES, draws=FIXED), layers, asked)
    search = ZoneSearch(plan.problem, build_lattice(plan.cells.number, plan.problem.model()))
    found = search.best(lambda units: plan.problem.values[units], 0)
    assert found is not None
    model = plan.problem.model()
    mask = np.isin(np.arange(plan.problem.units), found.units)
    assert is_zone(model, mask)
    assert found.worth == pytest.approx(worth_of(model, mask), rel=1e-9)
    assert found.worth <= plan.solution.bound * (1.0 + 1e-9)
    assert found.worth >= 0.97 * plan.solution.objective


def test_values_that_are_not_known_keep_a_cell_out(known: ZonePlan) -> None:
    model = known.problem.model()
    search = ZoneSearch(known.problem, build_lattice(known.cells.number, model))
    gone = np.array(known.solution.members)
    values = known.problem.values - 1.0
    values[gone] = np.nan
    found = search.best(lambda units: values[units], 0)
    assert found is not None
    assert not np.isin(found.units, gone).any()
    assert search.best(lambda units: np.full(len(units), np.nan), 0) is None


def test_a_remembered_zone_is_a_start(known: ZonePlan) -> None:
    search = ZoneSearch(known.problem, build_lattice(known.cells.number, known.problem.model()))
    zone = np.array(known.solution.members)
    search.remember(zone)
    search.remember(zone)
    assert len(search.known) == 1
    for k in range(40):
        search.remember(np.array([k]))
    assert len(search.known) == 24
    assert np.array_equal(search.known[0], zone)
    assert search.known[-1].tolist() == [39]


def test_a_band_holds_exactly_its_share(known: ZonePlan) -> None:
    grid = known.cells.surface.grid
    share = np.full(grid.shape, np.nan)
    share[1, 1:4] = [0.05, 0.25, 1.0]
    found = bands_of(grid, share, (0.05, 0.25, 0.5, 1.0))
    area = grid.area_m2()
    expected = [area[1, 1:4].sum(), area[1, 2:4].sum(), area[1, 3], area[1, 3]]
    assert [one.area_m2 for one in found] == pytest.approx(expected, rel=1e-12)
    empty = bands_of(grid, np.full(grid.shape, np.nan))
    assert all(one.geometry.is_empty and one.area_m2 == 0.0 for one in empty)
