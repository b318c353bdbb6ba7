"""Tiers from layers: every choice of a small case tried, and the shipped plan seen from outside."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import features, location, parsed_location, refused, words

from geo.errors import ScenarioError
from geo.hubs import HubQuestions, LocationResult, place_hubs
from geo.hubs.draws import build_draws
from geo.hubs.places import build_places, demand_weight
from layers.scenarios import read_location
from layers.store.geopackage import GeoPackageStore

LON = [120.2, 120.3, 120.45, 120.5, 120.7, 120.75]
WEIGHT = np.array([5.0, 1.0, 3.0, 2.0, 4.0, 2.0])
LEG = 0.5
TIERS: list[dict[str, Any]] = [
    {"id": "points", "title": words("points")},
    {"id": "centres", "title": words("centres"), "leg_factor": LEG},
]
Choice = tuple[int, ...]


def tables() -> dict[str, pd.DataFrame]:
    rows = [
        {"ref_lon": lon, "ref_lat": 28.0, "district": "甲" if i < 3 else "乙", "size": i}
        for i, lon in enumerate(LON)
    ]
    demand = features(rows, "demand").assign(demand_weight=WEIGHT)
    return {"demand": demand, "towns": features(rows, "town")}


def reading(points: int = 2, centres: int = 1, **changes: Any) -> dict[str, Any]:
    counts = {"points": {"p_facilities": points}, "centres": {"p_facilities": centres}}
    return {"id": "both", "tier_counts": counts, **changes}


def solved(one: dict[str, Any], **changes: Any) -> LocationResult:
    scenario = parsed_location(location([one], **{"tiers": TIERS, **changes}))
    return place_hubs(scenario, tables())


def least(
    cost: np.ndarray[Any, Any],
    points: int,
    centres: int,
    allowed: Callable[[Choice, Choice], bool] = lambda low, high: True,
) -> float:
    """The least total of every choice of both tiers, each demand by its cheapest way up."""
    m = range(len(LON))
    best = np.inf
    for low, high in itertools.product(
        itertools.combinations(m, points), itertools.combinations(m, centres)
    ):
        if allowed(low, high):
            up = LEG * cost[np.ix_(low, high)].min(axis=1)
            best = min(best, float(WEIGHT @ (cost[:, list(low)] + up).min(axis=1)))
    return best


def test_both_tiers_are_located_together() -> None:
    one = solved(reading(3, 2)).readings[0]
    assert one.tiers is not None
    assert (one.tiers.status, one.tiers.method) == ("optimal", "together")
    assert one.tiers.objective == pytest.approx(least(one.distance_m, 3, 2))
    assert [len(tier.facilities) for tier in one.tiers.tiers] == [3, 2]
    assert [tier.name.en for tier in one.tiers.tiers] == ["points", "centres"]


def test_the_plan_itself_is_the_lowest_tier_under_the_proof_of_both() -> None:
    one = solved(reading(3, 2)).readings[0]
    assert one.tiers is not None
    low = one.tiers.tiers[0]
    assert one.solution.facilities == low.facilities
    assert one.solution.objective == one.tiers.objective
    assert one.solution.bound == one.tiers.bound
    assert one.solution.load.sum() == pytest.approx(WEIGHT.sum())
    assert one.solution.load == pytest.approx(low.load)
    assert (one.ranked, one.fronts, one.blocks) == (None, None, 0)


def test_nested_centres_stand_where_points_stand() -> None:
    one = solved(reading(2, 1), nested=True).readings[0]
    assert one.tiers is not None
    low, high = (set(tier.facilities) for tier in one.tiers.tiers)
    assert high <= low
    best = least(one.distance_m, 2, 1, lambda low, high: set(high) <= set(low))
    assert one.tiers.objective == pytest.approx(best)


def test_a_tier_has_candidates_and_conditions_of_its_own() -> None:
    centres = {**TIERS[1], "candidate_filter": {"district": ["乙"]}, "forbidden": [{"size": [4]}]}
    points = {**TIERS[0], "forced": [{"size": [0]}]}
    one = solved(reading(2, 1), tiers=[points, centres]).readings[0]
    assert one.tiers is not None
    assert 0 in one.tiers.tiers[0].facilities
    (centre,) = one.tiers.tiers[1].facilities
    assert centre in (3, 5)
    best = least(one.distance_m, 2, 1, lambda low, high: 0 in low and set(high) <= {3, 5})
    assert one.tiers.objective == pytest.approx(best)


def test_districts_serve_their_own_in_every_tier() -> None:
    counts = {
        "points": {"p_facilities": 4, "per_district": 2},
        "centres": {"p_facilities": 2, "per_district": 1},
    }
    one = solved({"id": "share", "tier_counts": counts, "own_district_only": True}).readings[0]
    assert one.tiers is not None
    low, high = one.tiers.tiers
    assert [sum(j < 3 for j in tier.facilities) for tier in (low, high)] == [2, 1]
    assert ((low.assignment < 3) == (np.arange(6) < 3)).all()
    for j in low.facilities:
        assert (high.assignment[j] < 3) == (j < 3)


def test_circuity_lengthens_every_leg() -> None:
    straight, winding = (solved(reading(), circuity=c).readings[0] for c in (1.0, 1.5))
    assert winding.solution.objective == pytest.approx(1.5 * straight.solution.objective)


def test_more_centres_than_points_below_cannot_be_nested() -> None:
    solution = solved(reading(1, 2), nested=True).readings[0].solution
    assert solution.status == "infeasible"
    assert solution.conflict is not None
    assert "centres: 2 in total" in solution.conflict.sentence.en


def test_tiers_are_no_other_model() -> None:
    scenario = parsed_location(location([reading()], tiers=TIERS))
    with pytest.raises(ScenarioError, match="tiers are located by p_median"):
        place_hubs(scenario, tables(), model="mclp")


@pytest.mark.parametrize(
    "said", [{"forced": [{"size": [0]}]}, {"capacity": 3}, {"bonus": {"field": "size", "worth": 1}}]
)
def test_what_concerns_a_tier_is_said_of_the_tier(said: dict[str, Any]) -> None:
    error = refused(location([reading()], tiers=TIERS, **said))
    (key,) = said
    assert f"with tiers {key} cannot be said of the whole" in str(error)


def test_a_fault_in_a_tier_is_named_by_place() -> None:
    tiers = [TIERS[0], {**TIERS[1], "forced": [{"size": [None]}], "leg_factor": 0}]
    fields = {fault.field for fault in refused(location([reading()], tiers=tiers)).faults}
    assert fields == {"tiers.1.forced.0.size.0", "tiers.1.leg_factor"}


def test_questions_that_have_no_meaning_on_tiers_stay_unanswered() -> None:
    scenario = parsed_location(location([reading()], tiers=TIERS))
    asked = HubQuestions(k_best=2, fronts=True, prices=True)
    one = place_hubs(scenario, tables(), questions=asked).readings[0]
    assert (one.ranked, one.fronts, one.prices) == (None, None, None)


def test_the_shipped_share_reading_is_proven_and_adds_up(workspace: Path) -> None:
    layers = GeoPackageStore(workspace).read_layers()
    result = place_hubs(read_location("logistics-tiers"), layers, reading="share")
    one = result.readings[0]
    assert one.tiers is not None
    assert one.tiers.status == "optimal"
    low, high = one.tiers.tiers
    district = result.candidates["district"].to_numpy()
    assert pd.Series(district[list(low.facilities)]).value_counts().tolist() == [2] * 12
    assert pd.Series(district[list(high.facilities)]).value_counts().tolist() == [1] * 12
    up = result.demand["id"].str.replace("demand", "town").to_numpy()
    assert (up == result.candidates["id"].to_numpy()).all()  # so that ways between are ways to
    rows = np.arange(len(one.weight))
    first = one.distance_m[rows, low.assignment]
    second = one.distance_m[low.assignment, high.assignment[low.assignment]]
    assert one.tiers.objective == pytest.approx(float(one.weight @ (first + LEG * second)))


def test_the_share_of_draws_is_counted_in_each_tier() -> None:
    error = {"circuity": [1.0, 1.5], "positions": False}
    scenario = parsed_location(location([reading(2, 1)], tiers=TIERS, cost_error=error))
    asked = HubQuestions(draws=12, seed=3)
    first, again = (place_hubs(scenario, tables(), questions=asked).readings[0] for _ in range(2))
    counted = first.tier_selection
    assert counted is not None
    assert again.tier_selection is not None
    assert (counted.draws, counted.unproven, counted.complete) == (12, 0, True)
    assert [share.sum() for share in counted.shares] == pytest.approx([2.0, 1.0])
    assert all(((half > 0.0) & (half < 0.5)).all() for half in counted.half_widths)
    for one, other in zip(counted.shares, again.tier_selection.shares, strict=True):
        assert (one == other).all()
    places = build_places(scenario, tables())
    weight = demand_weight(scenario, places.demand)
    drawn = build_draws(scenario, places, places.distance_m, weight, territories=None)
    generator, centres = np.random.default_rng(3), np.zeros(6)
    for _ in range(12):
        drawn.draw_weight(generator)
        ways, between = drawn.ways.draw_between(generator, places.distance_m)
        totals = {
            (low, high): float(
                weight @ (ways[:, list(low)] + LEG * between[list(low), high]).min(axis=1)
            )
            for low in itertools.combinations(range(6), 2)
            for high in range(6)
        }
        centres[min(totals, key=lambda choice: totals[choice])[1]] += 1.0
    assert counted.shares[1] == pytest.approx(centres / 12.0)


def test_drawn_ways_between_candidates_are_those_to_the_same_places() -> None:
    error = {"circuity": [1.0, 1.0]}
    scenario = parsed_location(location([reading(2, 1)], tiers=TIERS, cost_error=error))
    moving = {name: table.assign(accuracy_m=2000.0) for name, table in tables().items()}
    places = build_places(scenario, moving)
    drawn = build_draws(scenario, places, places.distance_m, WEIGHT, territories=None)
    ways, between = drawn.ways.draw_between(np.random.default_rng(1), places.distance_m)
    assert between == pytest.approx(ways, abs=1e-3)
    assert np.abs(between - places.distance_m).max() > 100.0
    closed = np.where(np.eye(6) > 0, places.distance_m, np.inf)
    _, shut = drawn.ways.draw_between(np.random.default_rng(1), closed)
    assert (np.isfinite(shut) == (np.eye(6) > 0)).all()
