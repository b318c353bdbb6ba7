"""Scenarios by name: those that ship, those saved in a workspace, or a planner's own YAML file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from geo.errors import Fault, ScenarioError, UnknownScenarioError
from geo.scenario import (
    AllocationScenario,
    LocationScenario,
    Scenario,
    SitingScenario,
    parse_scenario,
)
from geo.sentence import Sentence
from layers.clock import Clock, time_of, utc_now
from layers.errors import ConflictError
from layers.facts import data_directory
from layers.scenario_fit import brief, check_against, refusal_of
from layers.scenario_text import (
    read_mapping,
    read_text,
    renamed,
    write_mapping,
)
from layers.store.base import DocumentHead, Store, StoredDocument

_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
_NAMELESS = "?"
_MOST_STAGES = 8
_NAMING = ("first_stage", "bonus")
"""Keys under which a scenario may name another one by its id, as `scenario`."""
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ScenarioEntry:
    """A scenario as lists show it; `saved` is the time in UTC, None for one that ships."""

    id: str
    kind: str
    title: Sentence
    as_of: date
    saved: str | None


def scenario_ids() -> list[str]:
    """Ids of the scenarios that ship, in order."""
    return sorted(path.stem for path in (data_directory() / "scenarios").glob("*.yaml"))


def known_ids(store: Store | None = None) -> list[str]:
    """Ids of the scenarios that ship, then of those saved in a workspace, in order each."""
    shipped = scenario_ids()
    return [*shipped, *(head.id for head in _saved(store) if head.id not in shipped)]


def read_scenario(name: str, store: Store | None = None) -> Scenario:
    """Read a scenario by id, or from the path of a YAML file.

    An id is of a scenario that ships, or of one saved in the workspace of `store`. Raises
    `UnknownScenarioError` for an unknown id (naming those that exist) and `ScenarioError` for a
    file that is not YAML and for every fault of its content.
    """
    if (path := _file_at(name)) is not None:
        return _parsed(read_text(path), path.name, store, ())
    text = _text_of(name, store)
    if text is None:
        raise _unknown(
            name, store, ", or give the path of a .yaml file", "，或给出 .yaml 文件的路径"
        )
    return _parsed(text, f"{name}.yaml", store, (name,))


def read_named(name: str, store: Store | None = None) -> Scenario:
    """Read a scenario by id alone, as `read_scenario` does: no file that `name` may point to."""
    return _parsed(scenario_text(name, store), f"{name}.yaml", store, (name,))


def read_siting(name: str, store: Store | None = None) -> SitingScenario:
    """Read a scenario that scores alternatives; raises `ScenarioError` where it places instead."""
    return require_siting(read_scenario(name, store), name)


def read_hubs(name: str, store: Store | None = None) -> LocationScenario | AllocationScenario:
    """Read a scenario that places facilities or shares them out.

    Raises `ScenarioError` where it scores instead.
    """
    scenario = read_scenario(name, store)
    if isinstance(scenario, SitingScenario):
        raise ScenarioError(
            f"scenario {name!r} scores alternatives; run it with `ouzhi score {name}`",
            f"方案 {name!r} 是比选方案；请用 `ouzhi score {name}` 运行",
        )
    return scenario


def read_location(name: str, store: Store | None = None) -> LocationScenario:
    """Read a scenario that places facilities at sites.

    Raises `ScenarioError` where it scores, and where it shares out without sites.
    """
    scenario = read_hubs(name, store)
    if not isinstance(scenario, LocationScenario):
        raise ScenarioError(
            f"scenario {name!r} shares facilities out over areas and places none; choose one of "
            "kind location",
            f"方案 {name!r} 只把设施分配到各地，不布点；请选用 kind 为 location 的方案",
        )
    return scenario


def scenario_text(name: str, store: Store | None = None) -> str:
    """The text of a scenario that ships or is saved, as written.

    Raises `UnknownScenarioError` for any other name.
    """
    text = _text_of(name, store)
    if text is None:
        raise _unknown(name, store)
    return text


def list_scenarios(store: Store | None = None) -> list[ScenarioEntry]:
    """The scenarios that ship, then those saved in a workspace, by id each."""
    shipped = scenario_ids()
    entries = [_shipped(name, scenario_text(name)) for name in shipped]
    return entries + [_listed(head) for head in _saved(store) if head.id not in shipped]


def validate_scenario(
    scenario: str | Mapping[str, Any], store: Store | None = None, *, origin: str | None = None
) -> Scenario:
    """Build a scenario from its YAML text or its mapping; `origin` names it in messages.

    With `store` it must also fit that workspace (`check_against`). Raises `ScenarioError` with all
    faults at once, each with its place.
    """
    origin = origin or _id_in(scenario) or _NAMELESS
    mapping = read_mapping(_as_text(scenario, origin), origin=origin)
    built, faults = _examined(mapping, origin, store, ())
    if built is not None and store is not None:
        faults = check_against(built, store.read_layers())
    if built is None or faults:
        raise refusal_of(origin, faults)
    return built


def save_scenario(
    store: Store,
    scenario: str | Mapping[str, Any],
    *,
    replace: bool = False,
    origin: str | None = None,
    clock: Clock = utc_now,
) -> ScenarioEntry:
    """Save a scenario in a workspace under its own id: YAML text as written, or a mapping.

    Its first stage may be a scenario that ships or is saved. With `replace` it takes the place of
    a saved one. Raises `ScenarioError` with all its faults at once, and for first stages in a
    circle; `ConflictError` where its id ships, or is taken and `replace` is not given.
    """
    origin = origin or _id_in(scenario) or _NAMELESS
    text = _as_text(scenario, origin)
    mapping = read_mapping(text, origin=origin)
    name = _id_in(mapping)
    parsed, faults = _examined(mapping, origin, store, (name,) if name else ())
    if parsed is None:
        raise refusal_of(origin, faults)
    require_own_id(parsed.id)
    saved = time_of(clock)
    document = StoredDocument("scenario", parsed.id, saved, _summary(parsed, mapping), text)
    if not store.write_document(document, replace=replace):
        raise ConflictError(
            f"a scenario {parsed.id!r} is saved already; choose another id, or replace it",
            f"已保存有方案 {parsed.id!r}；请换一个 id，或选择替换",
        )
    return _entry(parsed, saved)


def copy_scenario(
    store: Store,
    source: str,
    name: str,
    *,
    title: Sentence | None = None,
    clock: Clock = utc_now,
) -> ScenarioEntry:
    """Save a scenario that ships or is saved once more under another id, its comments kept.

    Raises `UnknownScenarioError` for an unknown source, and as `save_scenario` does.
    """
    text = scenario_text(source, store)
    require_own_id(name)
    copied = renamed(text, name=name, title=title, origin=f"{source}.yaml")
    return save_scenario(store, copied, origin=name, clock=clock)


def delete_scenario(store: Store, name: str) -> None:
    """Delete a saved scenario.

    Raises `ConflictError` for one that ships, and for one that another saved one uses;
    `UnknownScenarioError` where there is none.
    """
    require_saved(store, name)
    used = _uses_of(name, store)
    if used is not None:
        raise ConflictError(
            f"scenario {name!r} is {used.en}; delete that first",
            f"方案 {name!r} 是 {used.zh}；请先删除后者",
        )
    if not store.delete_document("scenario", name):
        raise _unknown(name, store)


def require_saved(store: Store, name: str) -> None:
    """Require that a scenario of this id is saved and can be changed.

    Raises `ConflictError` for one that ships and `UnknownScenarioError` where there is none.
    """
    if name in scenario_ids():
        raise ConflictError(
            f"scenario {name!r} ships with the program and stays as it is; copy it under an id of "
            "your own",
            f"方案 {name!r} 随产品提供，不能更改；请以自己的 id 复制一份",
        )
    if store.read_document("scenario", name) is None:
        raise _unknown(name, store)


def require_own_id(name: str) -> None:
    """Require an id under which a scenario can be saved.

    Raises `ScenarioError` where it is not a letter and up to 62 letters, digits and hyphens, and
    `ConflictError` where a scenario that ships has it.
    """
    if not _ID.fullmatch(name):
        raise ScenarioError(
            f"{brief(name)!r} is no id for a scenario; write a small letter, then up to 62 small "
            "letters, digits and hyphens",
            f"{brief(name)!r} 不能作方案的 id；应以小写字母开头，"
            "后接至多 62 个小写字母、数字或连字符",
        )
    if name in scenario_ids():
        raise ConflictError(
            f"a scenario {name!r} ships with the program; choose another id",
            f"产品已提供方案 {name!r}；请换一个 id",
        )


def _saved(store: Store | None) -> list[DocumentHead]:
    return [] if store is None else store.list_documents("scenario")


def _as_text(scenario: str | Mapping[str, Any], origin: str) -> str:
    return scenario if isinstance(scenario, str) else write_mapping(scenario, origin=origin)


def _file_at(name: str) -> Path | None:
    """The YAML file that a name is the path of; None for everything else."""
    path = Path(name)
    try:
        return path if path.suffix in _SUFFIXES and path.is_file() else None
    except (OSError, ValueError):  # a name that no file system takes
        return None


def _text_of(name: str, store: Store | None) -> str | None:
    """The text of a scenario that ships or is saved; one that ships goes first."""
    if name in scenario_ids():
        return read_text(data_directory() / "scenarios" / f"{name}.yaml")
    saved = None if store is None else store.read_document("scenario", name)
    return None if saved is None else saved.body


def _unknown(name: str, store: Store | None, en: str = "", zh: str = "") -> UnknownScenarioError:
    known = known_ids(store)
    return UnknownScenarioError(
        f"unknown scenario {brief(name)!r}; choose {', '.join(known)}{en}",
        f"没有方案 {brief(name)!r}；可选 {'、'.join(known)}{zh}",
    )


def require_siting(scenario: Scenario, name: str) -> SitingScenario:
    """Return a scenario that scores; raise `ScenarioError` for one that places facilities."""
    if not isinstance(scenario, SitingScenario):
        raise ScenarioError(
            f"scenario {name!r} places facilities; run it with `ouzhi hubs {name}`",
            f"方案 {name!r} 是设施布点方案；请用 `ouzhi hubs {name}` 运行",
        )
    return scenario


def _parsed(text: str, origin: str, store: Store | None, before: Sequence[str]) -> Scenario:
    """Build a scenario from its text; `before` are the ids that lead to it by first stages."""
    mapping = read_mapping(text, origin=origin)
    return parse_scenario(_staged(mapping, store, before), origin=origin)


def _examined(
    mapping: object, origin: str, store: Store | None, before: Sequence[str]
) -> tuple[Scenario | None, list[Fault]]:
    """The scenario of a mapping, or all faults of its content and of its first stage."""
    faults = []
    try:
        staged = _staged(mapping, store, before)
    except ScenarioError as error:
        place, name = f"{_naming_key(mapping)}.scenario", _stage_name(mapping)
        faults.append(Fault.stating(None, place, name, error.sentence))
        staged = _without_stage(mapping)
    try:
        scenario = parse_scenario(staged, origin=origin)
    except ScenarioError as error:
        return None, [*faults, *error.faults]
    return (None if faults else scenario), faults


def _naming_key(mapping: object) -> str | None:
    """The key under which a scenario names another one; None where it names none."""
    if not isinstance(mapping, dict):
        return None
    parts = ((key, mapping.get(key)) for key in _NAMING)
    named = [
        key
        for key, part in parts
        if isinstance(part, dict) and isinstance(part.get("scenario"), str)
    ]
    return named[0] if named else None


def _stage_name(mapping: object) -> str | None:
    """The id of the scenario that a scenario names; None where it has none, or has it inside."""
    key = _naming_key(mapping)
    return str(mapping[key]["scenario"]) if key and isinstance(mapping, dict) else None


def _without_stage(mapping: object) -> object:
    assert isinstance(mapping, dict)
    return {key: value for key, value in mapping.items() if key != _naming_key(mapping)}


def _staged(mapping: object, store: Store | None, before: Sequence[str]) -> object:
    """Put the scenario that another one names by id in the place of its id."""
    key, name = _naming_key(mapping), _stage_name(mapping)
    if key is None or name is None or not isinstance(mapping, dict):
        return mapping
    _require_end([*before, name])
    text = _text_of(name, store)
    if text is None:
        raise _unknown_stage(f"{key}.scenario", name, store)
    scenario = require_siting(_parsed(text, f"{name}.yaml", store, (*before, name)), name)
    return {**mapping, key: {**mapping[key], "scenario": scenario}}


def _require_end(chain: list[str]) -> None:
    """Require that first stages come to an end: each once, and not too many."""
    path = " → ".join(chain)
    if chain[-1] in chain[:-1]:
        raise ScenarioError(
            f"the first stages go round in a circle: {path}; let one of them have none",
            f"第一步相互循环：{path}；请让其中一个不设第一步",
        )
    if len(chain) > _MOST_STAGES:
        raise ScenarioError(
            f"more than {_MOST_STAGES} stages follow each other: {path}; use fewer",
            f"前后相接的步骤超过 {_MOST_STAGES} 个：{path}；请减少",
        )


def _unknown_stage(place: str, name: str, store: Store | None) -> UnknownScenarioError:
    known = known_ids(store)
    saved, saved_zh = ("", "") if store is None else (" or is saved", "或已保存的方案")
    return UnknownScenarioError(
        f"{place} is {brief(name)!r}; give the id of a scenario that ships{saved}: "
        f"{', '.join(known)}",
        f"{place} 为 {brief(name)!r}；应为随产品提供的方案{saved_zh}：{'、'.join(known)}",
    )


def _id_in(scenario: object) -> str | None:
    """The id that a mapping gives itself, where it could be one."""
    name = scenario.get("id") if isinstance(scenario, Mapping) else None
    return name if isinstance(name, str) and _ID.fullmatch(name) else None


def _entry(scenario: Scenario, saved: str | None) -> ScenarioEntry:
    return ScenarioEntry(scenario.id, scenario.kind, scenario.title, scenario.as_of, saved)


@lru_cache(maxsize=64)
def _shipped(name: str, text: str) -> ScenarioEntry:
    return _entry(_parsed(text, f"{name}.yaml", None, (name,)), None)


def _summary(scenario: Scenario, mapping: object) -> str:
    """What lists show of a scenario, and which other one it needs."""
    summary = {
        "kind": scenario.kind,
        "title": {"zh": scenario.title.zh, "en": scenario.title.en},
        "as_of": scenario.as_of.isoformat(),
        "first_stage": _stage_name(mapping),
    }
    return json.dumps(summary, ensure_ascii=False)


def _uses_of(name: str, store: Store) -> Sentence | None:
    """What a scenario is to saved ones: their first stage, their bonus, or neither."""
    users: dict[str, list[str]] = {}
    for head in _saved(store):
        told = json.loads(head.summary)
        if told["first_stage"] == name:
            users.setdefault(told["kind"], []).append(head.id)
    roles = {"siting": ("第一步", "the first stage"), "location": ("加分", "the bonus")}
    said = [(users[kind], *words) for kind, words in roles.items() if kind in users]
    if not said:
        return None
    return Sentence(
        "，也是 ".join(f"{'、'.join(ids)} 的{zh}" for ids, zh, _ in said),
        " and ".join(f"{en} of {', '.join(ids)}" for ids, _, en in said),
    )


def _listed(head: DocumentHead) -> ScenarioEntry:
    told = json.loads(head.summary)
    title = Sentence.from_mapping(told["title"])
    return ScenarioEntry(
        head.id, told["kind"], title, date.fromisoformat(told["as_of"]), head.saved
    )
