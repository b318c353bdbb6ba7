"""The hub scenarios that ship: their numbers and words are the documents', both readings stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from small_workspace import copied

from geo.criteria import select
from geo.scenario import Existing, HubScenario, LocationScenario, Reading, parse_scenario
from geo.sentence import Sentence
from layers.errors import ConflictError
from layers.facts import read_tables
from layers.results import input_layers
from layers.scenario_fit import check_against
from layers.scenarios import copy_scenario, delete_scenario, read_hubs, read_siting, save_scenario
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

HUBS = [
    *("cloud-warehouses", "cold-chain-hubs", "county-hubs", "forward-warehouses"),
    *("logistics-tiers", "station-allocation"),
]
PLACED = [name for name in HUBS if name != "station-allocation"]
DISTRICTS = 12
QUOTED = re.compile("“([^”]+)”")

Layers = Mapping[str, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def tasks() -> pd.DataFrame:
    return read_tables()["tasks"].set_index("id")


@pytest.fixture(scope="module")
def store(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> MemoryStore:
    """Return a workspace that may be written to."""
    own = copied(workspace, tmp_path_factory.mktemp("hubs") / "own.gpkg")
    return MemoryStore(GeoPackageStore(own))


@pytest.fixture(scope="module")
def layers(store: MemoryStore) -> Layers:
    return store.read_layers()


def placed(name: str) -> LocationScenario:
    scenario = read_hubs(name)
    assert isinstance(scenario, LocationScenario)
    return scenario


def reading(name: str, which: str) -> Reading:
    return next(one for one in read_hubs(name).readings if one.id == which)


def sentences(scenario: HubScenario) -> Iterator[Sentence]:
    yield scenario.title
    yield from scenario.assumptions
    yield from ([] if scenario.conflict is None else [scenario.conflict])
    for one in scenario.readings:
        yield from (one.title, one.clause)
    if isinstance(scenario, LocationScenario):
        yield from (future.title for future in scenario.futures)
        yield from (tier.title for tier in scenario.tiers)


@pytest.mark.parametrize("name", HUBS)
def test_every_name_in_it_is_in_the_workspace(name: str, layers: Layers) -> None:
    assert check_against(read_hubs(name), layers) == []


@pytest.mark.parametrize("name", HUBS)
def test_every_sentence_is_in_both_languages(name: str) -> None:
    for said in sentences(read_hubs(name)):
        assert re.search("[\u4e00-\u9fff]", said.zh), said
        assert not re.search("[\u4e00-\u9fff]", said.en), said


@pytest.mark.parametrize("name", HUBS)
def test_it_says_first_that_weights_within_districts_are_estimated(name: str) -> None:
    said = [one.en for one in read_hubs(name).assumptions]
    assert any("Demand weights inside a district are estimated" in one for one in said)


@pytest.mark.parametrize(
    ("name", "task"),
    [("county-hubs", "task-34"), ("forward-warehouses", "task-36")],
)
def test_both_readings_of_the_task_list_ship(name: str, task: str, tasks: pd.DataFrame) -> None:
    total, each = (int(tasks[key].to_dict()[task]) for key in ("total", "per_district_min"))
    by_total, by_share = read_hubs(name).readings
    assert (by_total.p_facilities, by_total.per_district) == (total, None)
    assert (by_share.p_facilities, by_share.per_district) == (DISTRICTS * each, each)
    assert by_share.own_district_only
    conflict = read_hubs(name).conflict
    assert conflict is not None
    assert "推断" in conflict.zh


def test_cloud_warehouses_have_a_total_and_no_share(tasks: pd.DataFrame) -> None:
    (only,) = read_hubs("cloud-warehouses").readings
    assert only.p_facilities == tasks.loc["task-32", "total"] == 2
    assert tasks["per_district_min"].isna()["task-32"]
    assert (only.per_district, read_hubs("cloud-warehouses").conflict) == (None, None)


def test_stations_are_shared_out_where_total_and_share_agree(tasks: pd.DataFrame) -> None:
    (only,) = read_hubs("station-allocation").readings
    assert only.p_facilities == tasks.loc["task-35", "total"] == 100
    assert only.per_district == tasks.loc["task-35", "per_district_min"] == 8
    assert DISTRICTS * 8 <= 100


def test_tiers_take_centres_from_the_document_and_say_that_points_are_ours() -> None:
    total, share = reading("logistics-tiers", "total"), reading("logistics-tiers", "share")
    assert [total.tier_counts[t].p_facilities for t in ("points", "centres")] == [20, 6]
    assert [share.tier_counts[t].p_facilities for t in ("points", "centres")] == [24, 12]
    assert [share.tier_counts[t].per_district for t in ("points", "centres")] == [2, 1]
    said = [one.en for one in read_hubs("logistics-tiers").assumptions]
    assert any("gives no number of collection points" in one for one in said)


def test_cold_chain_hubs_keep_what_stands_and_say_that_the_number_is_ours(layers: Layers) -> None:
    scenario = placed("cold-chain-hubs")
    standing = scenario.existing
    assert standing is not None
    assert (standing.closing_cost, standing.counted) == (None, False)
    assert len(select(layers[standing.layer], standing.filter)) == 3
    assert scenario.conflict is not None
    assert "gives no number" in scenario.conflict.en


@pytest.mark.parametrize("name", ["cloud-warehouses", "county-hubs", "forward-warehouses"])
def test_words_in_quotes_are_the_task_lists_own(name: str, tasks: pd.DataFrame) -> None:
    printed = " ".join(tasks["clause"])
    for one in read_hubs(name).readings:
        for words in QUOTED.findall(one.clause.zh):
            assert words in printed or words.replace("各地至少完成", "") in printed, words


@pytest.mark.parametrize("name", PLACED)
def test_filters_meet_something(name: str, layers: Layers) -> None:
    scenario = placed(name)
    demand = layers[scenario.demand]
    for future in scenario.futures:
        for one in future.factors:
            assert 0 < len(select(demand, one.filter)) < len(demand)
    for field, factors in scenario.weight_factors.items():
        assert set(factors) <= set(demand[field])


@pytest.mark.parametrize("name", HUBS)
def test_a_stored_scenario_is_read_back_the_same(name: str) -> None:
    scenario = read_hubs(name)
    assert parse_scenario(scenario.model_dump(mode="json"), origin="stored") == scenario


def test_a_result_rests_on_every_layer_that_is_read() -> None:
    assert input_layers(read_hubs("station-allocation")) == ["demand"]
    assert input_layers(read_hubs("logistics-tiers")) == ["demand", "districts", "towns"]
    assert input_layers(read_hubs("cold-chain-hubs")) == ["demand", "districts", "hubs", "towns"]


def with_bonus(store: MemoryStore, score: str) -> None:
    mapping = {
        "id": "worthy",
        "kind": "location",
        "title": {"zh": "加分", "en": "worthy"},
        "as_of": "2023-01-01",
        "clause": "none",
        "demand": "demand",
        "candidates": "zones",
        "service_radius_m": 1000,
        "bonus": {"scenario": score, "worth": 1.0},
        "readings": [
            {
                "id": "one",
                "title": {"zh": "一", "en": "one"},
                "clause": {"zh": "一", "en": "one"},
                "p_facilities": 1,
            }
        ],
        "sources": [],
    }
    save_scenario(store, mapping)


def test_a_bonus_names_a_scenario_that_scores_and_keeps_it(store: MemoryStore) -> None:
    copy_scenario(store, "pilots", "own-pilots")
    with_bonus(store, "own-pilots")
    scenario = read_hubs("worthy", store)
    assert isinstance(scenario, LocationScenario)
    assert scenario.bonus is not None
    assert scenario.bonus.scenario is not None
    assert scenario.bonus.scenario.alternatives == "zones"
    assert check_against(scenario, store.read_layers()) == []
    assert "districts" not in input_layers(scenario)
    assert {"zones", "demand"} < set(input_layers(scenario))
    with pytest.raises(ConflictError, match="'own-pilots' is the bonus of worthy; del") as caught:
        delete_scenario(store, "own-pilots")
    assert "'own-pilots' 是 worthy 的加分" in caught.value.of("zh")
    delete_scenario(store, "worthy")
    delete_scenario(store, "own-pilots")


def test_a_bonus_by_an_unknown_scenario_names_the_place(store: MemoryStore) -> None:
    with pytest.raises(ValueError, match=r"bonus\.scenario is 'nothing'; give the id of a scen"):
        with_bonus(store, "nothing")


def test_what_does_not_fit_the_workspace_is_listed_by_place(layers: Layers) -> None:
    changed = placed("county-hubs").model_copy(
        update={
            "forced": [{"hue": ["red"]}],
            "capacity": "room",
            "opening_cost": "name_zh",
            "existing": Existing(layer="moons"),
        }
    )
    places = [fault.field for fault in check_against(changed, layers)]
    assert places == ["existing.layer", "forced.0.hue", "capacity", "opening_cost"]


def test_a_bonus_over_another_layer_does_not_fit(layers: Layers) -> None:
    cold = placed("county-hubs").model_copy(update={"candidates": "zones"})
    mapping = {**cold.model_dump(mode="json"), "bonus": {"field": "area_mu", "worth": 1.0}}
    assert check_against(parse_scenario(mapping, origin="by field"), layers) == []
    mapping["bonus"] = {"scenario": read_siting("county-clusters"), "worth": 1.0}
    (fault,) = check_against(parse_scenario(mapping, origin="by score"), layers)
    assert (fault.field, fault.expected) == ("bonus.scenario", "a scenario that scores zones")
