"""Readings of a hub scenario: which are asked for, and by which model each is solved."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import ScenarioError
from geo.hubs.models import MODEL_WORDS
from geo.scenario import FREE_COUNT, HubScenario, LocationModel, LocationScenario, Reading


def readings_of(scenario: HubScenario, wanted: str | None) -> Sequence[Reading]:
    """All readings, or the one that is named; raises `ScenarioError` for an unknown one."""
    if wanted is None:
        return scenario.readings
    chosen = [reading for reading in scenario.readings if reading.id == wanted]
    if not chosen:
        known = ", ".join(reading.id for reading in scenario.readings)
        raise ScenarioError(
            f"unknown reading {wanted!r}; scenario {scenario.id!r} has {known}",
            f"没有读法 {wanted!r}；方案 {scenario.id!r} 的读法有 {known}",
        )
    return chosen


def modelled(scenario: LocationScenario, reading: Reading, wanted: LocationModel | None) -> Reading:
    """The reading with the model by which it is solved: `wanted`, or the declared one.

    Raises `ScenarioError` where that model needs a number of facilities which the reading does not
    state, where costs and worths are stated in another unit than it counts in, and for a model
    other than the p-median on tiers.
    """
    declared = scenario.model_of(reading)
    model = wanted or declared
    if scenario.tiers:
        _require_ways(scenario, model)
    elif reading.p_facilities is None and model not in FREE_COUNT:
        raise ScenarioError(
            f"reading {reading.id!r} states no number of facilities, so it cannot be solved by "
            f"{model}; choose {' or '.join(FREE_COUNT)}",
            f"读法 {reading.id!r} 没有设施个数，不能用 {model} 求解；请选 {'或'.join(FREE_COUNT)}",
        )
    if _is_priced(scenario) and MODEL_WORDS[model].unit != MODEL_WORDS[declared].unit:
        raise ScenarioError(
            f"the costs and worths of scenario {scenario.id!r} are stated in "
            f"{MODEL_WORDS[declared].unit.en}; {model} counts in {MODEL_WORDS[model].unit.en}",
            f"方案 {scenario.id!r} 的成本与加分以“{MODEL_WORDS[declared].unit.zh}”计；"
            f"{model} 以“{MODEL_WORDS[model].unit.zh}”计",
        )
    return reading.model_copy(update={"model": model})


def _require_ways(scenario: LocationScenario, model: LocationModel) -> None:
    if model != "p_median":
        raise ScenarioError(
            f"tiers are located by p_median; scenario {scenario.id!r} cannot be solved by {model}",
            f"逐级设施以 p_median 求解；方案 {scenario.id!r} 不能用 {model}",
        )


def _is_priced(scenario: LocationScenario) -> bool:
    closing = None if scenario.existing is None else scenario.existing.closing_cost
    return any((scenario.opening_cost, scenario.bonus, closing))
