"""Scenarios on disk: those that ship, by id, or a planner's own YAML file."""

from __future__ import annotations

from pathlib import Path

import yaml

from geo.errors import ScenarioError, UnknownScenarioError
from geo.scenario import LocationScenario, Scenario, SitingScenario, parse_scenario
from layers.facts import data_directory


def scenario_ids() -> list[str]:
    """Ids of the scenarios that ship, in order."""
    return sorted(path.stem for path in (data_directory() / "scenarios").glob("*.yaml"))


def read_scenario(name: str) -> Scenario:
    """Read a scenario by id, or from the path of a YAML file.

    Raises `UnknownScenarioError` for an unknown id (naming those that exist) and `ScenarioError`
    for a file that is not YAML and for every fault of its content.
    """
    if name in scenario_ids():
        return _read(data_directory() / "scenarios" / f"{name}.yaml")
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return _read(path)
    raise UnknownScenarioError(
        f"unknown scenario {name!r}; choose {', '.join(scenario_ids())}, or give the path of a "
        ".yaml file",
        f"没有方案 {name!r}；可选 {'、'.join(scenario_ids())}，或给出 .yaml 文件的路径",
    )


def read_siting(name: str) -> SitingScenario:
    """Read a scenario that scores alternatives; raises `ScenarioError` where it places instead."""
    scenario = read_scenario(name)
    if not isinstance(scenario, SitingScenario):
        raise ScenarioError(
            f"scenario {name!r} places facilities; run it with `ouzhi hubs {name}`",
            f"方案 {name!r} 是设施布点方案；请用 `ouzhi hubs {name}` 运行",
        )
    return scenario


def read_location(name: str) -> LocationScenario:
    """Read a scenario that places facilities; raises `ScenarioError` where it scores instead."""
    scenario = read_scenario(name)
    if not isinstance(scenario, LocationScenario):
        raise ScenarioError(
            f"scenario {name!r} scores alternatives; run it with `ouzhi score {name}`",
            f"方案 {name!r} 是比选方案；请用 `ouzhi score {name}` 运行",
        )
    return scenario


def _read(path: Path) -> Scenario:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        mapping = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        place = " ".join(str(error).split())
        raise ScenarioError(
            f"scenario file {path.name} is not YAML in UTF-8: {place}",
            f"方案文件 {path.name} 不是 UTF-8 编码的 YAML：{place}",
        ) from error
    return parse_scenario(_with_first_stage(mapping), origin=path.name)


def _with_first_stage(mapping: object) -> object:
    """Put the scenario that a first stage names by id in the place of its id."""
    if not isinstance(mapping, dict):
        return mapping
    stage = mapping.get("first_stage")
    name = stage.get("scenario") if isinstance(stage, dict) else None
    if not isinstance(stage, dict) or not isinstance(name, str):
        return mapping
    if name not in scenario_ids():
        raise UnknownScenarioError(
            f"first_stage.scenario is {name!r}; give the id of a scenario that ships: "
            f"{', '.join(scenario_ids())}",
            f"first_stage.scenario 为 {name!r}；应为随产品提供的方案：{'、'.join(scenario_ids())}",
        )
    return {**mapping, "first_stage": {**stage, "scenario": read_siting(name)}}
