"""What the document of a surface says of value functions and of whose weights they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import attribute, criterion, parsed_siting, siting

from api.documents.surface import assumptions, ends_of, surface_document
from api.surfaces import Surfaces
from geo.errors import OuzhiError
from geo.scenario import SitingScenario
from geo.sentence import LANGS
from geo.value import LinearValue, ValueFunction
from geo.value_functions import LogisticValue, PiecewiseValue, StepValue
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

NEAR = {"kind": "distance_to_nearest", "layer": "hubs"}
COAST = {"kind": "distance_to_nearest", "layer": "towns"}


@pytest.mark.parametrize(
    ("function", "ends"),
    [
        (LinearValue(2.0, 60.0, "cost"), (60.0, 2.0)),
        (LinearValue(2.0, 60.0, "benefit"), (2.0, 60.0)),
        (PiecewiseValue((0.0, 5.0, 9.0, 20.0), (0.0, 0.0, 1.0, 1.0)), (5.0, 9.0)),
        (PiecewiseValue((0.0, 4.0, 7.0), (1.0, 0.25, 0.0)), (7.0, 0.0)),
        (PiecewiseValue((0.0, 4.0), (0.2, 1.0)), (None, 4.0)),
        (StepValue((3.0,), (0.0, 0.8)), (pytest.approx(3.0), None)),
        (LogisticValue(10.0, 2.0), (None, None)),
    ],
)
def test_performances_worth_0_and_1_are_the_nearest_two(
    function: ValueFunction, ends: tuple[float | None, float | None]
) -> None:
    assert ends_of(function) == ends


def scenario_of(**changes: object) -> SitingScenario:
    near, far = criterion("near", NEAR), criterion("far", COAST)
    declared = siting({"all": [near, far, attribute("area")]}, alternatives="zones", **changes)
    return parsed_siting(declared)


@pytest.fixture(scope="module")
def store(workspace: Path) -> MemoryStore:
    return MemoryStore(GeoPackageStore(workspace))


@pytest.mark.parametrize(
    ("changes", "said", "near"),
    [
        ({}, "The weights are ours: groups equal", 5_000),
        ({"weights": {"method": "entropy"}}, "here all criteria weigh the same", 5_000),
        (
            {"weights": {"method": "direct", "points": {"near": 3, "far": 1, "area": 4}}},
            "The weights are those that the scenario declares",
            7_500,
        ),
    ],
)
def test_it_says_whose_weights_these_are(
    store: MemoryStore, changes: dict[str, object], said: str, near: int
) -> None:
    scenario = scenario_of(**changes)
    laid = Surfaces(store).lay(scenario, cell_m=1_000.0, reach_m=1_000.0)
    assert said in assumptions(scenario, laid)[0].en
    for lang in LANGS:
        document = surface_document(
            scenario, laid, store.read_layers(), store.read_table("sources"), lang
        )
        whole = {one["id"]: one["weight"] for one in document["criteria"]}
        assert whole == {"near": near, "far": 10_000 - near}
        assert [one["id"] for one in document["left_out"]] == ["area"]
        assert len(document["assumptions"]) == 4


def test_a_scenario_known_of_alternatives_alone_has_no_surface(store: MemoryStore) -> None:
    scenario = parsed_siting(siting({"all": [attribute("area")]}, alternatives="zones"))
    with pytest.raises(OuzhiError, match="no criterion of the scenario is one of places") as no:
        Surfaces(store).lay(scenario, cell_m=1_000.0, reach_m=1_000.0)
    assert "没有可在格元上量算的准则" in no.value.of("zh")


def test_a_layer_that_is_not_there_is_named(store: MemoryStore) -> None:
    moon = criterion("moon", {"kind": "distance_to_nearest", "layer": "moon"})
    scenario = parsed_siting(siting({"all": [moon]}, alternatives="zones"))
    with pytest.raises(OuzhiError, match="moon") as no:
        Surfaces(store).lay(scenario, cell_m=1_000.0, reach_m=1_000.0)
    assert "moon" in no.value.of("zh")
