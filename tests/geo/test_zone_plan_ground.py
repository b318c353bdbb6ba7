"""Where a zone may lie: districts, lines, land use, what is named, setbacks, cut-offs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from zone_ground import CELL_M, HIGH, WIDE, cells, flat, land, lines, middle, nearness, plain, table

from geo.errors import OuzhiError
from geo.measure import M2_PER_MU
from geo.zone_plan import ZonePlan, ZoneQuestion, assumptions, plan_zone, rule_name

CELL_MU = CELL_M**2 / M2_PER_MU
ASKED: dict[str, Any] = {
    "min_mu": 20 * CELL_MU,
    "max_mu": 24.5 * CELL_MU,
    "cell_m": CELL_M,
    "threshold": 0.0,
    "perimeter_price": 0.0,
    "time_limit_s": 120.0,
}


def found(layers: Any = None, **asked: Any) -> ZonePlan:
    question = ZoneQuestion(**{"reach_m": 9_000.0, **ASKED, **asked})
    return plan_zone(nearness(), plain() if layers is None else layers, question)


def refused(layers: Any = None, **asked: Any) -> OuzhiError:
    with pytest.raises(OuzhiError) as caught:
        found(layers, **asked)
    return caught.value


def shape_of(plan: ZonePlan) -> Any:
    assert plan.site is not None
    return plan.site.geometry


def test_with_nothing_said_every_cell_of_the_plain_is_searched() -> None:
    plan = found()
    assert len(plan.cells.value) == WIDE * HIGH
    assert shape_of(plan).contains(flat(middle(6, 8)))
    assert plan.solution.status == "optimal"
    assert (plan.taken, plan.further, plan.alternatives, plan.group) == ((), (), (), None)


@pytest.mark.parametrize("asked", ["east", "east（中）"])
def test_a_district_by_id_or_name_keeps_the_search_inside(asked: str) -> None:
    plan = found(district=asked)
    assert len(plan.cells.value) == WIDE * HIGH / 2
    assert plan.site is not None
    (held,) = [one for one in plan.site.holds if one.layer == "districts"]
    assert held.id == "east"
    assert held.share == pytest.approx(1.0, abs=1e-4)


def test_a_district_that_is_unknown_or_has_no_area_is_refused() -> None:
    error = refused(district="north")
    assert "district is north, expected the id or name of one of west（中）、east（中）" in str(
        error
    )
    assert "之一" in error.of("zh")
    layers = plain()
    empty = layers["districts"].copy()
    empty.loc[1, "geometry"] = shapely.Polygon()
    assert "expected a district with an area" in str(
        refused({**layers, "districts": empty}, district="east")
    )


def test_a_district_without_towns_near_is_refused() -> None:
    layers = plain()
    only_west = layers["towns"].iloc[:1]
    error = refused({**layers, "towns": only_west}, district="east", reach_m=500.0)
    assert "nothing within 500 m of town centres" in str(error)
    assert "没有位于所给区域" in error.of("zh")


def test_the_best_zone_has_what_it_must_and_not_what_it_must_not() -> None:
    layers = plain(
        hubs=table("hubs", {"depot": middle(12, 8), "yard": cells(5, 9, 2, 2)}),
    )
    plan = found(layers, include=("depot",), exclude=("hubs:yard",))
    assert shape_of(plan).contains(flat(middle(12, 8)))
    assert shape_of(plan).intersection(flat(cells(5, 9, 2, 2))).area == pytest.approx(
        0.0, abs=1e-12
    )
    (rule,) = plan.taken
    assert (rule.rule, rule.cells) == ("exclude:hubs", 4)
    assert rule.area_mu == pytest.approx(4 * CELL_MU, rel=1e-3)
    assert plan.solution.objective < found(layers).solution.objective


def test_a_point_that_is_excluded_takes_its_cell_and_a_layer_all_its_features() -> None:
    layers = plain(hubs=table("hubs", {"a": middle(2, 2), "b": middle(20, 3)}))
    for asked, count in ((("a",), 1), (("hubs",), 2), (("hubs:a", "b", "market"), 3)):
        plan = found(layers, exclude=asked)
        assert sum(one.cells for one in plan.taken) == count
        assert len(plan.cells.value) == WIDE * HIGH - count


def test_a_polygon_needs_the_cells_whose_middles_it_holds() -> None:
    layers = plain(hubs=table("hubs", {"yard": cells(13, 7, 3, 2)}))
    plan = found(layers, include=("yard",))
    assert int(plan.problem.must.sum()) == 6
    assert shape_of(plan).buffer(1e-6).contains(flat(cells(13, 7, 3, 2)))


def test_what_must_be_in_and_cannot_be_is_told_with_the_reason() -> None:
    layers = plain(
        hubs=table("hubs", {"yard": cells(13, 7, 3, 2), "far": middle(40, 8)}),
        control_lines=lines(永久基本农田=cells(13, 7)),
    )
    error = refused(layers, include=("yard",))
    assert "include is yard" in str(error)
    assert "cells (6) may all be in a zone, but not: 1 closed by permanent farmland" in str(error)
    assert "1 个属于永久基本农田" in error.of("zh")
    assert "beyond the grid searched" in str(refused(layers, include=("far",)))
    assert "1 without data or below a cut-off" in str(
        refused(plain(), include=("town-e",), cut_offs={"market_distance": 0.9})
    )


def test_places_that_are_not_known_cannot_be_included() -> None:
    layers = plain(hubs=table("hubs", {"lost": middle(3, 3)}, accuracy_m=10_000.0))
    error = refused(layers, include=("lost",))
    assert "a feature whose place is known better than 10,000 m" in str(error)


def test_includes_that_cannot_be_joined_within_the_greatest_area_say_what_it_takes() -> None:
    layers = plain(hubs=table("hubs", {"a": middle(0, 0), "b": middle(9, 0)}))
    plan = found(layers, include=("a", "b"), min_mu=4 * CELL_MU, max_mu=6.5 * CELL_MU)
    assert plan.solution.status == "infeasible"
    assert plan.solution.conflict is not None
    assert (
        "joining the 2 cells that must be in takes at least" in plan.solution.conflict.sentence.en
    )
    assert plan.solution.nearest is not None
    assert plan.solution.nearest.area_m2 == pytest.approx(10 * CELL_M**2, rel=1e-3)


def test_a_cut_off_keeps_cells_of_that_value_or_more() -> None:
    plan = found(cut_offs={"market_distance": 0.8})
    values = plan.ground.surface.performance[0]
    kept = plan.cells.number >= 0
    assert (values[kept] <= 1.0).all()
    assert len(plan.cells.value) == int((values <= 1.0).sum())
    (rule,) = plan.taken
    assert rule.rule == "cut_off:market_distance"
    searched = int((plan.ground.surface.share > 0.0).sum())
    assert rule.cells == rule.cells_alone == searched - len(plan.cells.value)


def test_cut_offs_that_leave_nothing_are_told() -> None:
    layers = plain(places=table("places", {"market": shapely.Point(-9_000.0, 0.0)}))
    error = refused(layers, cut_offs={"market_distance": 1.0})
    assert "meets the cut-offs" in str(error)
    assert "降低下限" in error.of("zh")


def test_land_use_closes_farmland_forest_water_and_wetland_unless_told_otherwise() -> None:
    layers = plain(
        land_use=land(
            a=("0101", "水田", cells(0, 0, 2)),
            b=("0303", "红树林地", cells(2, 0)),
            c=("1101", "河流水面", cells(3, 0)),
            d=("0301", "", cells(4, 0)),
            e=("0701", "城镇住宅用地", cells(5, 0)),
            f=("0201", "果园", cells(6, 0)),
        )
    )
    taken = {one.rule: one.cells for one in found(layers).taken}
    assert taken == {"wetland": 1, "water": 1, "farmland": 2, "forest": 1}
    named = found(layers, closed_land_use=("water", "07", "果园")).taken
    assert {one.rule: one.cells for one in named} == {
        "water": 1,
        "land_use:07": 1,
        "land_use:果园": 1,
    }
    assert found(layers, closed_land_use=()).taken == ()


def test_land_use_that_is_not_there_is_refused() -> None:
    layers = plain(land_use=land(e=("0701", "城镇住宅用地", cells(5, 0))))
    error = refused(layers, closed_land_use=("moon",))
    assert "closed_land_use is moon, expected wetland, water, farmland, forest" in str(error)
    assert "城镇住宅用地" in str(error)
    assert found(layers, closed_land_use=("forest",)).taken == ()
    assert "import it first" in str(refused(closed_land_use=("forest",)))


def test_a_setback_closes_middles_that_are_nearer() -> None:
    layers = plain(land_use=land(a=("1101", "河流水面", cells(10, 0, 1, HIGH))))
    plan = found(layers, setbacks={"water": 130.0}, closed_land_use=())
    (rule,) = plan.taken
    assert rule.rule == "setback:water:130"
    assert rule.cells == 3 * HIGH + 2, "beyond both ends a cut cell is as near"
    assert rule_name(rule.rule).zh == "距水域不足 130 米"
    assert "setbacks.water is -1.0, expected metres, 0 or more" in str(
        refused(layers, setbacks={"water": -1.0})
    )


def test_overlaps_are_exact_and_those_of_none_are_shown() -> None:
    half = shapely.box(0.0, 0.0, 6.5 * CELL_M, HIGH * CELL_M)
    layers = plain(
        control_lines=lines(
            生态保护红线=cells(20, 0), 城镇开发边界=shapely.box(0, 0, 5_000.0, HIGH * CELL_M)
        ),
        land_use=land(a=("0701", "城镇住宅用地", half), b=("0701", "城镇住宅用地", half)),
    )
    plan = found(layers)
    table_ = {one.kind: one for one in plan.overlaps}
    assert plan.site is not None
    assert not table_["permanent_farmland"].checked
    assert math.isnan(table_["permanent_farmland"].zone_mu)
    red = table_["ecological_red_line"]
    assert (red.checked, red.closed, red.zone_mu) == (True, True, 0.0)
    said = [one.of("en") for one in assumptions(plan)]
    assert any(
        "permanent farmland (control line) is not imported, and not checked" in one for one in said
    )
    assert table_["urban_growth_boundary"].zone_mu == pytest.approx(plan.site.area_mu, rel=1e-5)
    assert [table_[kind].searched_mu for kind in ("wetland", "water", "farmland", "forest")] == [
        0.0
    ] * 4
    homes = table_["城镇住宅用地"]
    assert homes.searched_mu == pytest.approx(6.5 * HIGH * CELL_MU, rel=1e-3)
    assert 0.0 < homes.zone_mu < plan.site.area_mu
    inside = shape_of(plan).intersection(flat(half)).area / shape_of(plan).area
    assert homes.zone_mu == pytest.approx(inside * plan.site.area_mu, rel=1e-4)


def test_nothing_is_checked_while_the_layers_are_empty() -> None:
    plan = found()
    assert [one.kind for one in plan.overlaps] == [
        *("permanent_farmland", "ecological_red_line", "urban_growth_boundary"),
        *("wetland", "water", "farmland", "forest"),
    ]
    assert not any(one.checked for one in plan.overlaps)
    assert np.isnan([one.searched_mu for one in plan.overlaps]).all()


def test_all_that_cannot_be_found_is_in_one_refusal() -> None:
    layers = plain(
        hubs=table("hubs", {"same": middle(1, 1)}), zones=table("zones", {"same": middle(2, 2)})
    )
    error = refused(
        layers,
        district="north",
        include=("moon", "same"),
        exclude=("sun",),
        setbacks={"water": 10.0},
        cut_offs={"mars": 0.5},
        barriers=("venus",),
        snap_to="pluto",
    )
    assert [one.field for one in error.faults] == [
        *("exclude", "setbacks", "district", "include", "include"),
        *("cut_offs.mars", "barriers", "snap_to"),
    ]
    same = next(one for one in error.faults if one.value == "same")
    assert same.expected == "one feature; say which: zones:same, hubs:same"
    for lang, words in (("en", "and 3 more; correct them"), ("zh", "另有 3 处")):
        assert words in error.of(lang)  # type: ignore[arg-type]


def test_rules_that_close_everything_are_told_one_by_one() -> None:
    everything = shapely.box(-10.0, -10.0, WIDE * CELL_M + 10.0, HIGH * CELL_M + 10.0)
    error = refused(plain(control_lines=lines(永久基本农田=everything)))
    assert "the rules leave none of the" in str(error)
    assert "permanent_farmland" in str(error)


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("forest", "林地", "forest"),
        ("exclude:zones", "指定排除（zones）", "excluded by name (zones)"),
        ("land_use:07", "地类 07", "land use 07"),
        ("cut_off:a", "低于取值下限：a", "below the cut-off: a"),
        ("setback:water:50", "距水域不足 50 米", "nearer than 50 m to water"),
        ("other", "other", "other"),
    ],
)
def test_every_rule_has_a_name_in_both_languages(rule: str, zh: str, en: str) -> None:
    assert (rule_name(rule).zh, rule_name(rule).en) == (zh, en)
