"""Barriers and bridges, several zones with distances, alternatives that differ."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from zone_ground import CELL_M, HIGH, WIDE, cells, flat, middle, nearness, plain, table

from geo.crs import STORAGE_CRS
from geo.delineation import solve_k_best_zones
from geo.errors import OuzhiError
from geo.measure import M2_PER_MU, area_m2, transform
from geo.zone_plan import Site, ZonePlan, ZoneQuestion, assumptions, plan_zone

CELL_MU = CELL_M**2 / M2_PER_MU
ASKED: dict[str, Any] = {
    "min_mu": 8 * CELL_MU,
    "max_mu": 9.5 * CELL_MU,
    "cell_m": CELL_M,
    "reach_m": 9_000.0,
    "threshold": 0.0,
    "perimeter_price": 0.0,
    "time_limit_s": 120.0,
}
RIVER = shapely.LineString([(7 * CELL_M, -500.0), (7 * CELL_M, HIGH * CELL_M + 500.0)])
"""Along the sides between the columns 6 and 7."""


def found(layers: Any = None, **asked: Any) -> ZonePlan:
    return plan_zone(
        nearness(), plain() if layers is None else layers, ZoneQuestion(**{**ASKED, **asked})
    )


def columns_of(plan: ZonePlan) -> set[int]:
    """Columns of the first zone's cells, from the west."""
    x = plan.cells.places()[list(plan.solution.members), 0]
    return set(((x - 560_000.0) // CELL_M).astype(int).tolist())


def apart_m(one: Site, other: Site) -> float:
    pair = transform([one.geometry, other.geometry], STORAGE_CRS, "EPSG:4549")
    return float(shapely.distance(*pair))


def shared(one: Site, other: Site) -> float:
    """Share of the first one's area that lies in the other."""
    both = area_m2([one.geometry.intersection(other.geometry)], STORAGE_CRS)[0]
    return float(both / one.area_m2)


def test_a_river_parts_what_it_runs_between() -> None:
    layers = plain(rivers=table("rivers", {"river": RIVER}))
    plan = found(layers, barriers=("rivers",))
    assert plan.barrier is not None
    assert (plan.barrier.cut, plan.barrier.bridged) == (HIGH, 0)
    assert (plan.barrier.pieces_before, plan.barrier.pieces) == (1, 2)
    assert plan.barrier.largest_m2 == pytest.approx((WIDE - 7) * HIGH * CELL_M**2, rel=1e-3)
    assert max(columns_of(plan)) <= 6
    assert columns_of(found(layers)) & {7}, "without the river the zone lies on both banks"
    assert f"part {HIGH} pairs" in plan.barrier.sentence.en
    assert "由 1 片变为 2 片" in plan.barrier.sentence.zh


@pytest.mark.parametrize(
    "bridge",
    [
        shapely.LineString([(6.5 * CELL_M, 8.5 * CELL_M), (7.5 * CELL_M, 8.5 * CELL_M)]),
        middle(6, 8),
        cells(6, 8, 2, 1),
    ],
)
def test_a_bridge_joins_the_banks_where_it_is(bridge: shapely.Geometry) -> None:
    layers = plain(
        rivers=table("rivers", {"river": RIVER}), crossings=table("crossings", {"bridge": bridge})
    )
    plan = found(layers, barriers=("rivers",), bridges=("bridge",))
    assert plan.barrier is not None
    assert (plan.barrier.cut, plan.barrier.bridged) == (HIGH - 1, 1)
    assert plan.barrier.pieces == 1
    assert {6, 7} <= columns_of(plan)
    members = set(plan.solution.members)
    joined = [tuple(pair) for pair in plan.barrier.pairs.tolist() if set(pair) <= members]
    x = plan.cells.places()[:, 0]
    assert [1 for a, b in joined if (x[a] < 561_750.0) != (x[b] < 561_750.0)] == [1]


def test_a_wide_river_parts_its_own_cells_and_a_bridge_must_cross_all_of_it() -> None:
    wide = shapely.box(7 * CELL_M - 10, -500.0, 9 * CELL_M + 10, HIGH * CELL_M + 500.0)
    layers = plain(rivers=table("rivers", {"river": wide}))
    plan = found(layers, barriers=("rivers",))
    assert plan.barrier is not None
    assert plan.barrier.pieces == 2 + 2 * HIGH, "each cell of the river is alone"
    bridge = shapely.LineString([(6.5 * CELL_M, 8.5 * CELL_M), (9.5 * CELL_M, 8.5 * CELL_M)])
    crossed = {**layers, "crossings": table("crossings", {"bridge": bridge})}
    over = found(crossed, barriers=("rivers",), bridges=("crossings",))
    assert over.barrier is not None
    assert (over.barrier.bridged, over.barrier.pieces) == (3, 2 * HIGH - 1)


def test_a_barrier_that_cuts_the_ground_in_two_is_told_with_the_largest_piece() -> None:
    layers = plain(rivers=table("rivers", {"river": RIVER}))
    most = WIDE * HIGH * CELL_MU
    plan = found(layers, barriers=("rivers",), min_mu=0.9 * most, max_mu=most)
    assert plan.solution.status == "infeasible"
    assert plan.solution.conflict is not None
    assert f"the largest piece ({(WIDE - 7) * HIGH:,} cells" in plan.solution.conflict.sentence.en
    assert plan.barrier is not None
    assert plan.barrier.pieces == 2
    assert plan.nearest is not None
    piece_mu = plan.barrier.largest_m2 / M2_PER_MU
    assert plan.nearest.en == (
        f"The nearest area that can be had is {piece_mu:,.1f} mu, {12 / 17:.0%} of it in east"
    )
    assert plan.nearest.zh.endswith("71% 在east（中）")
    assert found(layers).nearest is None


def test_includes_on_both_banks_cannot_be_joined() -> None:
    layers = plain(rivers=table("rivers", {"river": RIVER}))
    plan = found(layers, barriers=("rivers",), include=("town-w", "town-e"))
    assert plan.solution.status == "infeasible"
    assert plan.solution.conflict is not None
    assert "lie in 2 pieces that nothing joins" in plan.solution.conflict.sentence.en


def test_bridges_without_barriers_are_refused() -> None:
    with pytest.raises(OuzhiError, match="expected none, since there are no barriers to cross"):
        ZoneQuestion(1.0, 2.0, bridges=("a",))


def test_several_zones_keep_their_distance_and_their_sum_has_a_bound() -> None:
    plan = found(zones=3, spacing_m=700.0)
    assert plan.site is not None
    assert plan.group is not None
    sites = [plan.site, *(site for _, site in plan.further)]
    assert len(sites) == plan.group.placed == 3
    gaps = [apart_m(a, b) for k, a in enumerate(sites) for b in sites[k + 1 :]]
    assert min(gaps) >= 700.0 - math.sqrt(2.0) * CELL_M
    each = [plan.solution, *(solution for solution, _ in plan.further)]
    assert plan.group.objective == pytest.approx(math.fsum(one.objective for one in each))
    assert plan.group.bound == pytest.approx(3 * plan.solution.bound)
    assert plan.group.objective <= plan.group.bound
    assert each[1].objective <= each[0].objective
    assert all(one.bound <= plan.solution.bound * (1.0 + 1e-8) for one in each)
    assert "3 zones, 700 m or more apart" in plan.group.sentence.en
    assert "共 3 个分区" in plan.group.sentence.zh
    assert (plan.runner_up, plan.alternatives) == (None, ())


def test_the_middles_of_two_zones_are_the_least_distance_apart() -> None:
    plan = found(zones=2, spacing_m=3 * CELL_M)
    place = plan.cells.places()
    ((other, _),) = plan.further
    one, two = place[list(plan.solution.members)], place[list(other.members)]
    least = np.hypot(*(one[:, None] - two[None]).transpose(2, 0, 1)).min()
    assert least == pytest.approx(3 * CELL_M), "exactly the least distance is allowed"


def test_what_must_be_in_binds_the_core_alone() -> None:
    plan = found(zones=2, spacing_m=1_000.0, include=("town-e",))
    assert plan.site is not None
    assert plan.group is not None
    ((solution, site),) = plan.further
    assert plan.site.geometry.contains(flat(middle(18, 8)))
    assert site.geometry.contains(flat(middle(6, 8)))
    assert solution.objective > plan.solution.objective
    assert plan.group.bound >= plan.group.objective
    free = found().solution.bound
    assert plan.group.bound == pytest.approx(plan.solution.bound + free, rel=1e-6)


def test_zones_that_do_not_fit_are_fewer_than_asked_for() -> None:
    plan = found(zones=3, spacing_m=4_500.0)
    assert plan.group is not None
    assert 1 <= plan.group.placed < 3
    assert len(plan.further) == plan.group.placed - 1
    assert "of the 3 asked for; no more fit" in plan.group.sentence.en


@pytest.mark.parametrize("difference", [0.4, 1.0])
def test_alternatives_leave_out_a_share_of_those_before(difference: float) -> None:
    plan = found(alternatives=2, difference=difference)
    assert plan.site is not None
    sites = [plan.site, *(site for _, site in plan.alternatives)]
    assert len(sites) == 3
    for k, later in enumerate(sites):
        for before in sites[:k]:
            assert shared(before, later) <= 1.0 - difference + 1e-5
    worth = [plan.solution.objective, *(solution.objective for solution, _ in plan.alternatives)]
    assert all(b <= a * (1.0 + 1e-8) for a, b in pairwise(worth)), "best first, ties apart"
    for k, (solution, _) in enumerate(plan.alternatives):
        assert solution.objective <= solution.bound <= plan.solution.bound * (1.0 + 1e-8), k
    assert plan.runner_up is not None


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ({"zones": 0}, "zones is 0, expected a whole number from 1 to 20", "1 至 20 的整数"),
        ({"alternatives": -1}, "alternatives is -1", "0 至 20 的整数"),
        ({"spacing_m": -1.0}, "spacing_m is -1.0, expected metres, 0 or more", "不小于 0 的米数"),
        ({"difference": 0.0}, "difference is 0.0", "大于 0 且不超过 1"),
        (
            {"zones": 2, "alternatives": 1},
            "0 where several zones are asked for",
            "求多个分区时为 0",
        ),
        ({"snap_m": 0.0}, "snap_m is 0.0, expected a number above 0", "大于 0 的数"),
        ({"cut_offs": {"a": 2.0}}, "cut_offs.a is 2.0, expected a value from 0 to 1", "0 至 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(said: dict[str, Any], en: str, zh: str) -> None:
    with pytest.raises(OuzhiError) as caught:
        ZoneQuestion(1.0, 2.0, **said)
    assert en in str(caught.value)
    assert zh in caught.value.of("zh")


def test_alternatives_are_those_that_the_proof_of_k_best_zones_gives() -> None:
    plan = found(alternatives=2, difference=0.4, min_mu=5 * CELL_MU, max_mu=6.5 * CELL_MU)
    cells_ = plan.cells
    proven = solve_k_best_zones(
        cells_.value,
        cells_.area,
        cells_.pairs(),
        count=3,
        least_difference=0.4,
        min_m2=plan.problem.min_m2,
        max_m2=plan.problem.max_m2,
        time_limit_s=60.0,
    )
    worth = [plan.solution.objective, *(solution.objective for solution, _ in plan.alternatives)]
    assert worth == pytest.approx([one.objective for one in proven.zones], rel=2e-3)


def test_cells_near_a_zone_are_those_that_any_of_its_cells_is_near() -> None:
    plan = found()
    zone = np.isin(np.arange(len(plan.cells.value)), plan.solution.members)
    place = plan.cells.places()
    for distance in (0.0, CELL_M, 2.5 * CELL_M, 1e5):
        apart = np.hypot(*(place[:, None] - place[None, zone]).transpose(2, 0, 1)).min(axis=1)
        expected = apart < distance * (1.0 - 1e-12)
        assert (plan.cells.near(zone, distance) == expected).all(), distance


@pytest.mark.parametrize(("low", "high"), [(8.0, 9.5), (7.2, 8.0), (8.9, 9.0), (0.5, 500.0)])
def test_limits_are_brought_to_whole_cells_and_lose_no_zone(low: float, high: float) -> None:
    plan = found(min_mu=low * CELL_MU, max_mu=high * CELL_MU)
    area = np.sort(plan.cells.area)
    asked = (low * CELL_M**2, high * CELL_M**2)
    least, most = plan.problem.min_m2, plan.problem.max_m2
    assert asked[0] <= least <= most <= asked[1]
    for count in range(1, len(area) + 1):
        least_area, most_area = area[:count].sum(), area[-count:].sum()
        if most_area < asked[0] or least_area > asked[1]:
            continue
        assert least <= max(least_area, asked[0]) + 1e-6
        assert most >= min(most_area, asked[1]) - 1e-6


def test_what_was_asked_is_said_among_the_assumptions() -> None:
    layers = plain(rivers=table("rivers", {"river": RIVER}))
    plan = found(
        layers,
        zones=2,
        district="west",
        include=("town-w",),
        cut_offs={"market_distance": 0.1},
        barriers=("rivers",),
        bridges=("town-e",),
    )
    en = " ".join(one.en for one in assumptions(plan))
    zh = " ".join(one.zh for one in assumptions(plan))
    for part in (
        "Only west is searched",
        "The user wants in the zone: town-w",
        "Barriers that the user names: rivers",
        "Bridges that the user names: town-e",
        "Cut-offs, setbacks and closed land use are the user's",
        "count as boundary",
        "1,000 m or more",
    ):
        assert part in en
    for part in ("只在使用者指定的 west 内搜索", "使用者要求划入：town-w", "先定核心"):
        assert part in zh
    assert "leaves out 40% or more" in " ".join(
        one.en for one in assumptions(found(alternatives=1, difference=0.4))
    )


@pytest.mark.parametrize("limit_s", [1e-6, 0.05, 0.5])
@pytest.mark.parametrize("said", [{}, {"zones": 3, "spacing_m": 600.0}, {"alternatives": 2}])
def test_a_zone_that_is_found_has_a_bound_however_short_the_time(
    limit_s: float, said: dict[str, Any]
) -> None:
    plan = found(time_limit_s=limit_s, perimeter_price=5.0, max_mu=12.3 * CELL_MU, **said)
    each = [plan.solution, *(one for one, _ in (*plan.further, *plan.alternatives))]
    if plan.runner_up is not None:
        each.append(plan.runner_up[0])
    assert plan.site is not None
    for one in each:
        assert math.isfinite(one.bound)
        assert one.objective <= one.bound <= plan.solution.bound * (1.0 + 1e-9)
        assert one.gap == pytest.approx((one.bound - one.objective) / abs(one.objective), abs=1e-9)
    assert plan.group is None or math.isfinite(plan.group.gap)


def test_alternatives_have_what_must_be_in_and_there_is_no_next_best_elsewhere() -> None:
    plan = found(alternatives=2, difference=0.4, include=("town-e",))
    assert plan.runner_up is None
    assert len(plan.alternatives) == 2
    worth = plan.solution.objective
    for solution, site in plan.alternatives:
        assert site.geometry.contains(flat(middle(18, 8)))
        assert solution.objective <= worth * (1.0 + 1e-8), "as good within the proof's tolerance"
        worth = solution.objective
