"""Hub scenarios that ship, on the real workspace: what each answer must be, seen from outside."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geo.hubs import LocationResult, ReadingResult, place_hubs, unserved_because
from layers.scenarios import read_location
from layers.store.geopackage import GeoPackageStore

Layers = Mapping[str, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def layers(workspace: Path) -> Layers:
    return GeoPackageStore(workspace).read_layers()


@pytest.fixture(scope="module")
def cold(layers: Layers) -> LocationResult:
    return place_hubs(read_location("cold-chain-hubs"), layers)


def chosen(result: LocationResult, one: ReadingResult) -> list[int]:
    return list(one.solution.facilities)


def test_two_cloud_warehouses_are_the_best_of_all_pairs(layers: Layers) -> None:
    (one,) = place_hubs(read_location("cloud-warehouses"), layers).readings
    cost, weight = one.distance_m, one.weight
    best = min(
        float(weight @ np.minimum(cost[:, a], cost[:, b]))
        for a, b in itertools.combinations(range(cost.shape[1]), 2)
    )
    assert one.solution.status == "optimal"
    assert one.solution.objective == pytest.approx(best, rel=1e-12)
    assert len(one.solution.facilities) == 2


def test_cold_stores_that_stand_are_kept_and_each_district_gets_one_more(
    cold: LocationResult,
) -> None:
    each = cold.readings[0]
    assert cold.existing.sum() == 3
    assert set(np.flatnonzero(cold.existing)) < set(chosen(cold, each))
    new = [j for j in chosen(cold, each) if not cold.existing[j]]
    assert cold.candidates["district"].iloc[new].value_counts().tolist() == [1] * 12


def test_the_network_of_cold_stores_leaves_nobody_beyond_its_radius(cold: LocationResult) -> None:
    network = cold.readings[1]
    assert (network.model, network.solution.status) == ("lscp", "optimal")
    served = network.distance_m[:, chosen(cold, network)].min(axis=1)
    assert served.max() <= cold.scenario.service_radius_m
    assert network.solution.bound == network.solution.objective == len(chosen(cold, network))
    assert unserved_because(cold, network) == []


def test_twenty_warehouses_with_two_in_each_district_are_refused_in_words(layers: Layers) -> None:
    """The document's own contradiction: 20 in all, two in each of twelve districts."""
    declared = read_location("forward-warehouses")
    share = declared.readings[1].model_copy(update={"p_facilities": 20, "own_district_only": False})
    result = place_hubs(declared.model_copy(update={"readings": [share]}), layers)
    solution = result.readings[0].solution
    assert solution.status == "infeasible"
    assert solution.conflict is not None
    said = solution.conflict.sentence
    for words in ("20", "12", "24"):
        assert words in said.en
        assert words in said.zh
    assert "raise the total from 20 to 24" in said.en
    assert "in any 4 of 12 groups" in said.en
    assert len(solution.conflict.demands) == 2


def test_a_conflict_names_candidates_in_both_languages(layers: Layers) -> None:
    declared = read_location("county-hubs")
    names = ["五马街道", "大南街道", "滨江街道"]
    changed = declared.model_copy(
        update={
            "forced": [{"name_zh": names}],
            "readings": [declared.readings[0].model_copy(update={"p_facilities": 2})],
        }
    )
    conflict = place_hubs(changed, layers).readings[0].solution.conflict
    assert conflict is not None
    assert "五马街道" in conflict.sentence.zh
    assert "Wuma" in conflict.sentence.en
    assert "五马" not in conflict.sentence.en


def test_what_lies_beyond_the_radius_is_unserved_with_that_reason(layers: Layers) -> None:
    declared = read_location("cloud-warehouses")
    near = declared.model_copy(update={"service_radius_m": 5000.0})
    result = place_hubs(near, layers, model="mclp")
    one = result.readings[0]
    reasons = dict(unserved_because(result, one))
    beyond = one.distance_m[:, chosen(result, one)].min(axis=1) > 5000.0
    assert sorted(reasons) == np.flatnonzero(beyond).tolist()
    assert {reason.en for reason in reasons.values()} == {"outside the service radius of 5000 m"}


def test_what_is_not_located_is_unserved_with_that_reason(layers: Layers) -> None:
    demand = layers["demand"].copy()
    demand.loc[0, "accuracy_m"] = 10_000.0
    result = place_hubs(read_location("cloud-warehouses"), {**layers, "demand": demand})
    ((row, reason),) = unserved_because(result, result.readings[0])
    assert (row, reason.en) == (0, "its place is not known")
