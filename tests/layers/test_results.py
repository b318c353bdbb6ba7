"""Stored results: what they rest on, the same id for the same run, and the same numbers again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import attribute, criterion, location, parsed_location, parsed_siting, siting, words
from small_workspace import change_layer, copied

from geo.errors import ScenarioError
from geo.scenario import Scenario, SitingScenario, parse_scenario
from geo.scoring import score_alternatives
from geo.sentence import Sentence
from layers.errors import ChangedInputsError, ResultError
from layers.results import (
    Difference,
    ResultEntry,
    StoredResult,
    changed_layers,
    compare_numbers,
    delete_result,
    entry_of,
    input_layers,
    list_results,
    read_result,
    require_same_inputs,
    rerun_result,
    store_result,
)
from layers.scenarios import read_named, read_siting, scenario_ids
from layers.store.geopackage import GeoPackageStore
from layers.store.hashing import frame_hash

OPTIONS = {"weights": {"area": 2.0}, "as_of": None, "smaa": 100, "seed": 7}
SPREAD = 0.1 + 0.2


def at(hour: int) -> Any:
    return lambda: datetime(2024, 5, 6, hour, tzinfo=UTC)


@pytest.fixture
def store(workspace: Path, tmp_path: Path) -> GeoPackageStore:
    return GeoPackageStore(copied(workspace, tmp_path / "a.gpkg"))


def scored(
    store: GeoPackageStore, scenario: Scenario, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Rank for real: the numbers of a document, without its sentences."""
    assert isinstance(scenario, SitingScenario)
    result = score_alternatives(scenario, store.read_layers(), weights=options.get("weights"))
    ids, scores = result.alternatives["id"], result.scores
    return {
        "alternatives": [
            {"id": name, "rank": int(rank), "score": float(score)}
            for name, rank, score in zip(ids, result.rank, scores, strict=True)
        ]
    }


def stored(store: GeoPackageStore, name: str = "core-zone", **changes: Any) -> StoredResult:
    """Store a real run of a shipped scenario."""
    scenario = read_siting(name, store)
    options = changes.pop("options", OPTIONS)
    document = changes.pop("document", None) or scored(store, scenario, options)
    given = {"version": "1.2.3", "clock": at(8), **changes}
    return store_result(store, scenario, options=options, document=document, **given)


def move_the_hubs(store: GeoPackageStore) -> None:
    change_layer(store.path, "hubs", "ref_lon", lambda lon: lon + 0.2)


def test_a_result_names_all_it_rests_on(store: GeoPackageStore) -> None:
    result = stored(store)
    scenario = read_siting("core-zone")
    layers = store.read_layers()
    assert result.scenario_id == "core-zone"
    assert parse_scenario(result.scenario, origin="stored") == scenario
    assert result.options == {"weights": {"area": 2.0}, "smaa": 100, "seed": 7}
    assert (result.version, result.saved) == ("1.2.3", "2024-05-06T08:00:00.000Z")
    used = ["clusters", "demand", "districts", "hubs", "places", "zones"]
    assert result.layers == {name: frame_hash(name, layers[name]) for name in used}
    assert result.document == scored(store, scenario, OPTIONS)
    assert read_result(store, result.id) == result


def test_the_layers_are_those_that_a_scenario_reads() -> None:
    first = siting({"g": [criterion("a", {"kind": "members", "layer": "towns"})]})
    far = criterion("far", {"kind": "distance_to_nearest", "layer": "hubs"})
    second = siting(
        {"g": [attribute("x"), far]},
        alternatives="zones",
        first_stage={"scenario": {**first, "alternatives": "clusters"}, "leading": 1},
    )
    assert input_layers(parsed_siting(second)) == [
        "clusters",
        "districts",
        "hubs",
        "towns",
        "zones",
    ]
    plan = parsed_location(location([{"id": "one", "p_facilities": 1}]))
    assert input_layers(plan) == ["demand", "towns"]


@pytest.mark.parametrize("name", scenario_ids())
def test_every_scenario_comes_back_from_what_is_stored(name: str, store: GeoPackageStore) -> None:
    scenario = read_named(name)
    result = store_result(store, scenario, options={}, document={}, version="1", clock=at(8))
    assert parse_scenario(result.scenario, origin=name) == scenario


def test_every_part_of_a_scenario_comes_back(store: GeoPackageStore) -> None:
    values: list[dict[str, Any]] = [
        {"kind": "piecewise", "levels": [0, 1], "values": [0, 1]},
        {"kind": "step", "thresholds": [1], "values": [0, 1]},
        {"kind": "logistic", "middle": 1, "good": 2},
        {"kind": "gaussian", "ideal": 1, "sigma": 2},
        {"kind": "target", "like": "zone-01", "below": 1, "above": 2, "site": words("site")},
    ]
    criteria = [attribute(f"v{i}", value=value) for i, value in enumerate(values)]
    travel = {"minutes": 30, "speed_kmh": 60}
    filtered = {"kind": ["port"], "accuracy_m": {"most": 500}}
    criteria.append(
        criterion("reach", {"kind": "kernel_density", "layer": "hubs", "travel": travel,
                            "filter": filtered})
    )  # fmt: skip
    judged = {"method": "ahp", "judgements": [{"of": "v0", "over": "v1", "times": "1/3"}]}
    people = [{"id": "port", "name": words("port"), "weights": judged}]
    scenario = parsed_siting(
        siting(
            {"g": criteria},
            alternatives="zones",
            weights={"method": "stakeholders", "people": people},
            weight_draws={"kind": "intervals", "intervals": {"v0": [0.1, 0.3]}},
            ranking={"method": "topsis"},
            per_group={"choose": 2, "sentence": words("two")},
        )
    )
    result = store_result(store, scenario, options={}, document={}, version="1", clock=at(8))
    assert parse_scenario(result.scenario, origin="stored") == scenario


def test_the_same_run_has_the_same_id_and_stays_as_first_stored(store: GeoPackageStore) -> None:
    first = stored(store)
    again = stored(store, clock=at(9), document={"alternatives": []}, options=dict(
        reversed(OPTIONS.items())
    ))  # fmt: skip
    assert again == first
    assert len(first.id) == 12
    assert int(first.id, 16) >= 0
    others = [
        stored(store, options={**OPTIONS, "seed": 8}),
        stored(store, version="1.2.4"),
        stored(store, "core-district", options={}),
    ]
    move_the_hubs(store)
    others.append(stored(store))
    assert len({first.id, *(one.id for one in others)}) == 5


def test_results_are_listed_the_newest_first(store: GeoPackageStore) -> None:
    assert list_results(store) == []
    old = stored(store, clock=at(8))
    new = stored(store, "core-district", clock=at(9), options={"seed": 1})
    assert list_results(store) == [entry_of(new), entry_of(old)]
    assert entry_of(new) == ResultEntry(
        id=new.id,
        saved="2024-05-06T09:00:00.000Z",
        scenario_id="core-district",
        kind="siting",
        title=Sentence("核心区第一步：行政区域比选", "Core zone, first stage: the districts"),
        options={"seed": 1},
        version="1.2.3",
    )


@pytest.mark.parametrize("name", ["", "0" * 12, "../x", "'; DROP TABLE zones; --"])
def test_an_unknown_result_says_how_to_list_them(store: GeoPackageStore, name: str) -> None:
    for attempt in (
        lambda: read_result(store, name),
        lambda: delete_result(store, name),
        lambda: rerun_result(store, name, run=lambda *_: {}),
    ):
        with pytest.raises(ResultError, match=r"there is no stored result .*results list") as e:
            attempt()
        assert "没有已存的结果" in e.value.of("zh")


def test_deleting_takes_one(store: GeoPackageStore) -> None:
    kept, gone = stored(store), stored(store, options={"seed": 1})
    delete_result(store, gone.id)
    assert [entry.id for entry in list_results(store)] == [kept.id]


def test_a_rerun_gives_exactly_the_same_numbers(store: GeoPackageStore) -> None:
    result = stored(store)
    seen: list[tuple[Scenario, Any]] = []

    def run(scenario: Scenario, options: Mapping[str, Any]) -> dict[str, Any]:
        seen.append((scenario, options))
        return scored(store, scenario, options)

    again = rerun_result(store, result.id, run=run)
    assert seen == [(read_siting("core-zone"), result.options)]
    assert again.equal
    assert again.stored == result
    assert again.document == result.document
    assert (again.differences, again.changed_layers) == ([], [])
    assert again.compared == 2 * len(result.document["alternatives"])
    require_same_inputs(result, store)


def test_a_changed_layer_is_named_and_its_numbers_too(store: GeoPackageStore) -> None:
    result = stored(store)
    move_the_hubs(store)
    assert changed_layers(result, store) == ["hubs"]
    again = rerun_result(store, result.id, run=lambda s, o: scored(store, s, o))
    assert again.changed_layers == ["hubs"]
    assert not again.equal
    assert any(one.place.endswith(".score") for one in again.differences)
    with pytest.raises(ChangedInputsError, match="changed since are hubs; run the scen") as e:
        require_same_inputs(result, store)
    assert "所依据的数据已改变：hubs" in e.value.of("zh")
    assert [fault.field for fault in e.value.faults] == ["hubs"]


def test_a_layer_that_no_input_is_changes_nothing(store: GeoPackageStore) -> None:
    scenario = read_siting("core-district")
    result = store_result(store, scenario, options={}, document={}, version="1", clock=at(8))
    assert "towns" not in result.layers
    change_layer(store.path, "towns", "name_zh", lambda _: "改名")
    assert set(store.read_layer("towns")["name_zh"]) == {"改名"}
    assert changed_layers(result, store) == []


def test_a_scenario_that_this_version_reads_no_more_is_said(store: GeoPackageStore) -> None:
    result = stored(store)
    with closing(sqlite3.connect(store.path)) as file, file:
        text = json.dumps({**json.loads(body_of(store, result.id)), "scenario": {"kind": "siting"}})
        file.execute("UPDATE ouzhi_documents SET body = ? WHERE id = ?", (text, result.id))
    with pytest.raises(ScenarioError, match=f"scenario of result {result.id} has"):
        rerun_result(store, result.id, run=lambda *_: {})


def body_of(store: GeoPackageStore, name: str) -> str:
    found = store.read_document("result", name)
    assert found is not None
    return found.body


def test_numbers_are_the_same_exactly_or_not_at_all() -> None:
    before = {"a": 0.3, "b": [1, 2.0], "c": {"d": None, "e": True}, "seconds": 3.0, "f": "4"}
    after = {"a": SPREAD, "b": [1.0, 2], "c": {"d": 5, "e": False}, "seconds": 4.0, "f": "5"}
    assert compare_numbers(before, before) == (3, [])
    assert compare_numbers(before, after) == (
        4,
        [Difference("a", 0.3, SPREAD), Difference("c.d", None, 5)],
    )


def test_entries_are_told_apart_by_their_id() -> None:
    one, two = {"id": "a", "score": 1.0}, {"id": "b", "score": 2.0}
    assert compare_numbers({"x": [one, two]}, {"x": [two, one]}) == (2, [])
    swapped = {"x": [{"id": "a", "score": 2.0}, {"id": "b", "score": 1.0}]}
    compared, differences = compare_numbers({"x": [one, two]}, swapped)
    assert (compared, [d.place for d in differences]) == (2, ["x[a].score", "x[b].score"])
    assert compare_numbers([one, one], [one, two]) == (
        4,
        [Difference("[0].score", 1.0, None), Difference("[1].score", 1.0, None),
         Difference("[a].score", None, 1.0), Difference("[b].score", None, 2.0)],
    )  # fmt: skip
    assert compare_numbers([1, 2], [1]) == (2, [Difference("[1]", 2, None)])


def test_days_in_options_are_text_and_numbers_survive(store: GeoPackageStore) -> None:
    options = {"as_of": datetime(2024, 1, 2, tzinfo=UTC).date(), "share": SPREAD, "no": None}
    result = stored(store, "core-district", options=options, document={"x": SPREAD})
    assert result.options == {"as_of": "2024-01-02", "share": SPREAD}
    assert read_result(store, result.id).document == {"x": SPREAD}
    with pytest.raises(ValueError, match="not JSON compliant"):
        stored(store, "core-district", document={"x": float("nan")})
