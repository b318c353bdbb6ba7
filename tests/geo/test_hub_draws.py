"""Draws of a hub scenario: inside their intervals and discs, totals held, the same from a seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from builders import features, location, parsed_location
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import ScenarioError
from geo.hubs.draws import DemandDraws, HubDraws, build_draws, require_errors
from geo.hubs.places import build_places, demand_weight, ways_m

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
ONE = {"id": "one", "p_facilities": 1}
BOTH: dict[str, Any] = {
    "demand_error": {"low": "weight_low", "high": "weight_high", "total_by": "district"},
    "cost_error": {"circuity": [1.2, 1.6]},
}
ROWS = [
    {"ref_lon": 120.5, "ref_lat": 28.0, "district": "甲", "accuracy_m": 1000.0},
    {"ref_lon": 120.6, "ref_lat": 28.0, "district": "甲", "accuracy_m": 3000.0},
    {"ref_lon": 120.9, "ref_lat": 28.1, "district": "乙", "accuracy_m": 0.0},
    {"ref_lon": 121.0, "ref_lat": 28.1, "district": "乙", "accuracy_m": 10_000.0},
]


def tables() -> dict[str, pd.DataFrame]:
    weight = np.array([100.0, 50.0, 40.0, 10.0])
    demand = features(ROWS, "demand").assign(
        demand_weight=weight, weight_low=weight / 2, weight_high=weight * 2, kind="镇"
    )
    return {"demand": demand, "towns": features(ROWS[:3], "town")}


def drawn(territories: dict[str, Any] | None = None, **changes: Any) -> HubDraws:
    scenario = parsed_location(location([ONE], **{**BOTH, **changes}))
    places = build_places(scenario, tables())
    ways = ways_m(places, scenario.circuity)
    weight = demand_weight(scenario, places.demand)
    return build_draws(scenario, places, ways, weight, territories=territories)


def test_drawn_weights_stay_inside_and_keep_each_districts_total() -> None:
    draws, generator = drawn(), np.random.default_rng(1)
    seen = np.stack([draws.draw(generator)[0] for _ in range(200)])
    assert (seen >= np.array([50.0, 25.0, 20.0, 5.0]) - 1e-9).all()
    assert (seen <= np.array([200.0, 100.0, 80.0, 20.0]) + 1e-9).all()
    assert seen[:, :2].sum(axis=1) == pytest.approx(np.full(200, 150.0))
    assert seen[:, 2:].sum(axis=1) == pytest.approx(np.full(200, 50.0))
    assert (seen.std(axis=0) > 1.0).all()


def test_without_totals_the_sum_moves() -> None:
    error = {"low": "weight_low", "high": "weight_high"}
    draws, generator = drawn(demand_error=error), np.random.default_rng(1)
    sums = [draws.draw(generator)[0].sum() for _ in range(50)]
    assert np.std(sums) > 10.0


def test_factors_come_after_the_draw() -> None:
    draws = drawn(weight_factors={"kind": {"镇": 0.5}})
    weight, _ = draws.draw(np.random.default_rng(1))
    assert weight[:2].sum() == pytest.approx(75.0)


def test_without_an_error_of_demand_the_weights_stand() -> None:
    weight, _ = drawn(demand_error=None).draw(np.random.default_rng(1))
    assert weight.tolist() == [100.0, 50.0, 40.0, 10.0]


def test_ways_between_places_that_stay_are_the_distance_times_a_factor() -> None:
    draws = drawn(cost_error={"circuity": [1.2, 1.6], "positions": False})
    generator = np.random.default_rng(1)
    ways = np.stack([draws.draw(generator)[1] for _ in range(100)])
    _, _, metres = GEOD.inv(120.5, 28.0, 120.9, 28.1)
    factor = ways[:, 0, 2] / metres
    assert (factor.min(), factor.max()) == (
        pytest.approx(1.2, abs=0.02),
        pytest.approx(1.6, abs=0.02),
    )
    assert np.std(ways[:, 0, 1] / ways[:, 0, 2]) > 0.0  # each way has a factor of its own
    assert (ways[:, [0, 1, 2], [0, 1, 2]] == 0.0).all()
    assert np.isinf(ways[:, 3]).all()  # its place is not known


def test_positions_move_within_their_accuracy_and_the_same_place_as_one() -> None:
    draws = drawn(cost_error={"circuity": [1.0, 1.0]})
    generator = np.random.default_rng(1)
    ways = np.stack([draws.draw(generator)[1] for _ in range(300)])
    assert np.abs(ways[:, [0, 1, 2], [0, 1, 2]]).max() < 1e-3
    _, _, metres = GEOD.inv(120.5, 28.0, 120.6, 28.0)
    apart = ways[:, 0, 1]
    assert (np.abs(apart - metres) <= 4000.0).all()
    assert apart.max() - apart.min() > 4000.0


def test_a_moved_way_is_the_geodesic_between_the_drawn_points() -> None:
    draws = drawn(cost_error={"circuity": [1.0, 1.0]})
    ways = draws.ways.draw(np.random.default_rng(3))
    assert draws.ways.discs is not None
    lon, lat = draws.ways.discs.draw(np.random.default_rng(3), 1)
    _, _, metres = GEOD.inv(lon[0, 0], lat[0, 0], lon[2, 0], lat[2, 0])
    assert ways[0, 2] == pytest.approx(metres, rel=1e-5)


def test_positions_stay_in_their_district() -> None:
    west = shapely.box(120.4, 27.9, 120.5, 28.1)
    draws = drawn({"甲": shapely.union(west, shapely.box(120.59, 27.9, 120.7, 28.1))})
    assert draws.ways.discs is not None
    lon, _ = draws.ways.discs.draw(np.random.default_rng(1), 200)
    assert lon[0].max() <= 120.5
    assert lon[1].min() >= 120.59


def test_equal_seeds_give_equal_draws() -> None:
    one, other = (drawn().draw(np.random.default_rng(7)) for _ in range(2))
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()


def test_nothing_declared_is_refused() -> None:
    with pytest.raises(
        ScenarioError, match="declares nothing to draw; give demand_error"
    ) as caught:
        require_errors(parsed_location(location([ONE])))
    assert "没有声明可抽样的误差" in caught.value.of("zh")
    require_errors(parsed_location(location([ONE], cost_error={"circuity": [1.0, 1.2]})))


def test_an_interval_that_does_not_hold_its_weight_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"4 demand point.* no interval .* the first is"):
        drawn(demand_error={"low": "weight_high", "high": "weight_low"})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 50.0), st.floats(0.0, 1.0), st.floats(0.0, 50.0)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 1000),
)
def test_totals_are_held_whatever_the_intervals(
    parts: list[tuple[float, float, float]], seed: int
) -> None:
    low = np.array([a for a, _, _ in parts])
    high = low + np.array([c for _, _, c in parts])
    stated = low + np.array([b for _, b, _ in parts]) * (high - low)
    group = np.arange(len(parts)) % 2
    total = np.bincount(group, stated).astype(np.float64)
    got = DemandDraws(low, high, group, total).draw(np.random.default_rng(seed))
    assert np.bincount(group, got) == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert ((low - 1e-9 <= got) & (got <= high + 1e-9)).all()
