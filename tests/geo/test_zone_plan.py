"""The zone on Wenzhou's workspace: contiguous, of the area asked for, bounded in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import OuzhiError
from geo.location import Progress
from geo.measure import M2_PER_MU, area_m2
from geo.scenario import SitingScenario
from geo.zone_plan import (
    NEXT_M,
    SEARCH_AREA,
    ZonePlan,
    ZoneQuestion,
    assumptions,
    control_lines,
    plan_zone,
    search_area,
)
from layers.scenarios import read_siting
from layers.store.geopackage import GeoPackageStore

Layers = Mapping[str, gpd.GeoDataFrame]
COARSE = ZoneQuestion(1_500.0, 3_000.0, cell_m=250.0, time_limit_s=20.0)


@pytest.fixture(scope="module")
def layers(workspace: Path) -> Layers:
    return GeoPackageStore(workspace).read_layers()


@pytest.fixture(scope="module")
def scenario() -> SitingScenario:
    return read_siting("core-zone")


@pytest.fixture(scope="module")
def plan(layers: Layers, scenario: SitingScenario) -> ZonePlan:
    return plan_zone(scenario, layers, COARSE)


def test_the_zone_is_one_polygon_of_the_area_asked_for(plan: ZonePlan) -> None:
    assert plan.site is not None
    zone = plan.site.geometry
    assert zone.geom_type == "Polygon"
    assert zone.is_valid
    assert 1_500.0 <= plan.site.area_mu <= 3_000.0
    measured = float(area_m2([zone], STORAGE_CRS)[0]) / M2_PER_MU
    assert measured == pytest.approx(plan.site.area_mu, rel=1e-5)
    assert plan.site.area_m2 == pytest.approx(plan.solution.area_m2, rel=1e-9)


def test_the_zone_has_its_proof_and_its_reduction(plan: ZonePlan) -> None:
    assert plan.solution.status in ("optimal", "feasible")
    assert plan.solution.objective <= plan.solution.bound
    assert plan.solution.gap <= 0.05
    assert plan.reduction.kept < plan.reduction.units / 10
    assert plan.searched_m2 == pytest.approx(plan.reduction.units * 250.0**2, rel=2e-3)


def test_the_suitability_is_the_weighted_value_of_its_cells(plan: ZonePlan) -> None:
    assert math.fsum(plan.ground.weights.values()) == pytest.approx(1.0)
    assert {one.id for one in plan.ground.left_out} == {
        *("above_scale_enterprises", "output_per_mu", "area", "enterprise_density")
    }
    scores = plan.ground.surface.scores(plan.ground.shares)
    assert plan.site is not None
    assert 0.5 < plan.site.suitability <= float(np.nanmax(scores))
    assert plan.site.performance["centre_distance"] < 10.0


def test_the_bounds_are_said_in_both_languages(plan: ZonePlan) -> None:
    assert plan.site is not None
    said = plan.site.four_bounds
    assert all(side in said.zh for side in "东南西北")
    assert all(f"{side}: " in said.en for side in ("east", "south", "west", "north"))
    districts = [one for one in plan.site.holds if one.layer == "districts"]
    assert math.fsum(one.share for one in districts) == pytest.approx(1.0, abs=1e-4)


def test_the_next_best_keeps_its_distance_and_is_no_better(plan: ZonePlan) -> None:
    assert plan.runner_up is not None
    assert plan.site is not None
    solution, site = plan.runner_up
    assert solution.objective <= plan.solution.bound * (1.0 + 1e-9)
    plane = gpd.GeoSeries([plan.site.geometry, site.geometry], crs=STORAGE_CRS).to_crs(4549)
    assert plane.iloc[0].distance(plane.iloc[1]) >= NEXT_M - 250.0 * math.sqrt(2.0) - 1.0


def test_what_no_document_says_is_said_to_be_ours(plan: ZonePlan) -> None:
    said = " ".join(one.en for one in assumptions(plan))
    for part in (
        "is the user's",
        "our assumption",
        "cells of 250 m",
        "threshold",
        "boundary costs",
    ):
        assert part in said
    assert "规上工业企业" in " ".join(one.zh for one in assumptions(plan))


def lines(*kinds: str, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": list(kinds)}, geometry=[shape] * len(kinds), crs=STORAGE_CRS)


def test_control_lines_close_ground_and_open_the_growth_boundary(
    layers: Layers, scenario: SitingScenario, plan: ZonePlan
) -> None:
    assert plan.site is not None
    west, south, east, north = plan.site.geometry.bounds
    farmland = shapely.box(west, south, (west + east) / 2, north)
    own = {**layers, "control_lines": lines("永久基本农田", shape=farmland)}
    found = plan_zone(scenario, own, COARSE)
    assert found.site is not None
    overlap = found.site.geometry.intersection(farmland).area
    assert overlap == pytest.approx(0.0, abs=1e-9)
    (taken,) = found.ground.surface.ledger.taken
    assert (taken.rule, taken.cells > 0) == ("permanent_farmland", True)
    grown = {
        **layers,
        "control_lines": lines("城镇开发边界", shape=shapely.box(120.6, 27.9, 120.7, 28)),
    }
    _, growth = control_lines(grown)
    area = search_area(layers, 2_000.0, within=growth)
    assert area["id"].tolist() == [SEARCH_AREA]
    assert area.to_crs(STORAGE_CRS).total_bounds == pytest.approx(
        [120.6, 27.9, 120.7, 28.0], abs=2e-2
    )


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        (
            {"min_mu": 3_000.0, "max_mu": 1_500.0},
            "min_mu is 3000.0, expected at most",
            "不大于 1500",
        ),
        ({"min_mu": -1.0, "cell_m": math.nan}, "2 fault", "大于 0 的数"),
        ({"objective": "best"}, "objective is best, expected total or mean", "total 或 mean"),
        ({"cell_m": 0.5}, "GB, more than the 4.0 GB allowed", "GB"),
        ({"threshold": math.nan}, "threshold is nan, expected a finite number", "有限数"),
        ({"perimeter_price": -1.0}, "perimeter_price is -1.0", "perimeter_price 为 -1.0"),
        ({"time_limit_s": 0.0}, "expected a number above 0", "大于 0 的数"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    layers: Layers, scenario: SitingScenario, said: dict[str, float], en: str, zh: str
) -> None:
    asked = {"min_mu": 1_500.0, "max_mu": 3_000.0, "cell_m": 500.0, "time_limit_s": 5.0, **said}
    with pytest.raises(OuzhiError) as caught:
        plan_zone(scenario, layers, ZoneQuestion(**asked))  # type: ignore[arg-type]
    assert en in str(caught.value)
    assert zh in caught.value.of("zh")


@pytest.mark.parametrize("weights", [{"moon": 1.0}, {"rail_distance": -1.0}])
def test_weights_that_cannot_be_used_are_refused(
    layers: Layers, scenario: SitingScenario, weights: dict[str, float]
) -> None:
    with pytest.raises(OuzhiError, match="cannot be used; give numbers of 0 or more"):
        plan_zone(scenario, layers, COARSE, weights=weights)


def test_an_unknown_kind_of_line_and_a_place_without_towns_are_refused(
    layers: Layers, scenario: SitingScenario
) -> None:
    unknown = lines("红线", shape=shapely.box(120, 27, 121, 28))
    with pytest.raises(OuzhiError, match="control lines of kind 红线 are not known"):
        plan_zone(scenario, {**layers, "control_lines": unknown}, COARSE)
    bare = {**layers, "towns": layers["towns"].iloc[:0], "zones": layers["zones"].iloc[:0]}
    with pytest.raises(OuzhiError, match="to search around; import the layers"):
        plan_zone(scenario, bare, COARSE)


def test_more_than_anything_connected_names_the_largest_piece(
    layers: Layers, scenario: SitingScenario
) -> None:
    asked = ZoneQuestion(9e6, 9.1e6, cell_m=500.0, time_limit_s=20.0)
    found = plan_zone(scenario, layers, asked)
    assert found.solution.status == "infeasible"
    assert (found.site, found.runner_up) == (None, None)
    assert found.solution.conflict is not None
    said = found.solution.conflict.sentence
    assert "at least 9,000,000.0 mu are asked for, and the largest piece (" in said.en
    assert "个格元）只有 " in said.zh
    for told in (said.en, said.zh):
        assert "min_m2" not in told
        assert "must_exclude" not in told


def test_progress_says_which_zone_is_looked_for_and_how_far_it_is(
    layers: Layers, scenario: SitingScenario
) -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return True

    asked = ZoneQuestion(1_500.0, 3_000.0, cell_m=500.0, time_limit_s=20.0)
    found = plan_zone(scenario, layers, asked, report=report)
    titles = [one.about.en for one in heard if one.about is not None]
    assert list(dict.fromkeys(titles)) == ["the best zone", "the next best"]
    assert [one.seconds for one in heard] == sorted(one.seconds for one in heard)
    best = [one.incumbent for one in heard if titles and one.about and one.about.en == titles[0]]
    known = [one for one in best if math.isfinite(one)]
    assert known, "the search tells what it has"
    assert max(known) <= found.solution.objective * (1.0 + 1e-9)
