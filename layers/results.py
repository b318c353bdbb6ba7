"""Stored results: a run with all it rests on, so that anybody can see it again and run it again.

A result names the scenario as it was run, the options with their seed, the hash of every input
layer and the version of the program; a rerun on the same inputs gives the same numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from geo.errors import Fault
from geo.scenario import (
    HubScenario,
    LocationScenario,
    Scenario,
    SitingScenario,
    parse_scenario,
)
from geo.sentence import Sentence
from layers.clock import Clock, time_of, utc_now
from layers.errors import ChangedInputsError, ResultError
from layers.store.base import DocumentHead, Store, StoredDocument

Options = Mapping[str, Any]
Run = Callable[[Scenario, Options], dict[str, Any]]
"""Runs a scenario with options and returns the document of its result."""

TERRITORIES = "districts"
"""The layer to whose polygons drawn positions are cut."""

_ID_LENGTH = 12
_TIMED = frozenset({"seconds"})
"""Keys of a document whose number is how long something took: no part of a result."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result as stored.

    `scenario` is the mapping that was run, a first stage inside it; `layers` maps every input layer
    to the SHA-256 of its content then; `saved` is the time in UTC.
    """

    id: str
    saved: str
    scenario: dict[str, Any]
    scenario_sha256: str
    options: dict[str, Any]
    layers: dict[str, str]
    version: str
    document: dict[str, Any]

    @property
    def scenario_id(self) -> str:
        """Id of the scenario that was run."""
        return str(self.scenario["id"])


@dataclass(frozen=True, slots=True)
class ResultEntry:
    """A stored result as lists show it."""

    id: str
    saved: str
    scenario_id: str
    kind: str
    title: Sentence
    options: dict[str, Any]
    version: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that a rerun gives otherwise; `place` leads to it, None where it is in one only."""

    place: str
    stored: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class Rerun:
    """A result run again: the document as it is now, and what differs from what was stored.

    `compared` is how many numbers the two documents have between them.
    """

    stored: StoredResult
    document: dict[str, Any]
    changed_layers: list[str]
    compared: int
    differences: list[Difference]

    @property
    def equal(self) -> bool:
        """Whether every number is exactly the same."""
        return not self.differences


def input_layers(scenario: Scenario) -> list[str]:
    """Names of the layers that a scenario reads, those of one that it names included, in order.

    Scenarios with draws of positions read the districts too: positions stay inside them.
    """
    if isinstance(scenario, HubScenario):
        return sorted(set(_hub_layers(scenario)))
    return sorted({TERRITORIES, *_siting_layers(scenario)})


def _hub_layers(scenario: HubScenario) -> Iterator[str]:
    yield scenario.demand
    if isinstance(scenario, LocationScenario):
        yield scenario.candidates
        if scenario.existing is not None:
            yield scenario.existing.layer
        if scenario.bonus is not None and scenario.bonus.scenario is not None:
            yield from _siting_layers(scenario.bonus.scenario)
        if scenario.cost_error is not None:
            yield TERRITORIES


def _siting_layers(scenario: SitingScenario) -> Iterator[str]:
    yield scenario.alternatives
    for criterion in scenario.criteria:
        layer = getattr(criterion.measure, "layer", None)
        if layer is not None:
            yield str(layer)
    if scenario.first_stage is not None:
        yield from _siting_layers(scenario.first_stage.scenario)


def hash_layers(names: list[str], store: Store) -> dict[str, str]:
    """SHA-256 of the content of single layers; raises `LayerError` for an unknown one."""
    return {name: store.layer_hash(name) for name in names}


def store_result(
    store: Store,
    scenario: Scenario,
    *,
    options: Options,
    document: Mapping[str, Any],
    version: str,
    clock: Clock = utc_now,
) -> StoredResult:
    """Store the document of a run with what it rests on, and return it with its id.

    `options` is all that the run was asked, the seed included; an option that is None counts as
    not given. The id is derived from scenario, options, inputs and version: the same run is stored
    once, and what was stored first stays. Raises `WorkspaceError`.
    """
    mapping = scenario.model_dump(mode="json")
    plain = _plain({key: value for key, value in options.items() if value is not None})
    layers = hash_layers(input_layers(scenario), store)
    digest = _sha256(mapping)
    identity = {"scenario": digest, "options": plain, "layers": layers, "version": version}
    result = StoredResult(
        id=_sha256(identity)[:_ID_LENGTH],
        saved=time_of(clock),
        scenario=mapping,
        scenario_sha256=digest,
        options=plain,
        layers=layers,
        version=version,
        document=_plain(document),
    )
    store.write_document(_stored(result))
    return read_result(store, result.id)


def read_result(store: Store, name: str) -> StoredResult:
    """Return a stored result; raises `ResultError` for an unknown id."""
    found = store.read_document("result", name)
    if found is None:
        raise _unknown(name)
    return StoredResult(**json.loads(found.body))


def list_results(store: Store) -> list[ResultEntry]:
    """All stored results, the newest first."""
    heads = sorted(store.list_documents("result"), key=lambda head: head.id)
    return [_listed(head) for head in sorted(heads, key=lambda head: head.saved, reverse=True)]


def entry_of(result: StoredResult) -> ResultEntry:
    """A stored result as lists show it."""
    return ResultEntry(
        id=result.id,
        saved=result.saved,
        scenario_id=result.scenario_id,
        kind=str(result.scenario["kind"]),
        title=Sentence.from_mapping(result.scenario["title"]),
        options=result.options,
        version=result.version,
    )


def delete_result(store: Store, name: str) -> None:
    """Delete a stored result; raises `ResultError` for an unknown id and `WorkspaceError`."""
    if not store.delete_document("result", name):
        raise _unknown(name)


def changed_layers(stored: StoredResult, store: Store) -> list[str]:
    """Names of the input layers whose content is no longer what a result was computed from."""
    now = hash_layers(list(stored.layers), store)
    return [name for name, digest in stored.layers.items() if now[name] != digest]


def require_same_inputs(stored: StoredResult, store: Store) -> None:
    """Require that every input layer is as it was; raises `ChangedInputsError` naming those not."""
    changed = changed_layers(stored, store)
    if changed:
        raise ChangedInputsError(
            f"result {stored.id} was computed from other data: changed since are "
            f"{', '.join(changed)}; run the scenario again",
            f"结果 {stored.id} 所依据的数据已改变：{'、'.join(changed)}；请重新运行方案",
            [
                Fault(None, name, stored.layers[name], "the content of then", "当时的内容")
                for name in changed
            ],
        )


def rerun_result(store: Store, name: str, *, run: Run) -> Rerun:
    """Run a stored result again, the scenario as it was, and compare every number exactly.

    Raises `ResultError` for an unknown id, `ScenarioError` where this version reads the scenario no
    more, and whatever the run raises.
    """
    stored = read_result(store, name)
    scenario = parse_scenario(stored.scenario, origin=f"of result {stored.id}")
    document = _plain(run(scenario, stored.options))
    compared, differences = compare_numbers(stored.document, document)
    return Rerun(stored, document, changed_layers(stored, store), compared, differences)


def compare_numbers(stored: object, now: object) -> tuple[int, list[Difference]]:
    """How many numbers two documents have between them, and every one that they do not share.

    Numbers are equal exactly or not at all; seconds of computing are no part of it. Entries of a
    list are told apart by their `id` where all have one, else by their position.
    """
    before, after = dict(_numbers(stored, "")), dict(_numbers(now, ""))
    places = list(dict.fromkeys([*before, *after]))
    differences = [
        Difference(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    ]
    return len(places), differences


def _numbers(value: object, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _TIMED:
                yield from _numbers(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for name, inner in zip(_names(value), value, strict=True):
            yield from _numbers(inner, f"{place}[{name}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, value


def _names(values: list[Any]) -> list[object]:
    """Ids of the entries of a list where all have one and no two the same, else positions."""
    ids = [value.get("id") if isinstance(value, dict) else None for value in values]
    distinct = None not in ids and len({str(one) for one in ids}) == len(ids)
    return ids if distinct else list(range(len(values)))


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as JSON gives it back; days as text."""
    plain = json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str))
    assert isinstance(plain, dict)
    return plain


def _sha256(value: Mapping[str, Any]) -> str:
    """SHA-256 of a mapping, whatever the order of its keys."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _stored(result: StoredResult) -> StoredDocument:
    summary = asdict(entry_of(result))
    told, body = (json.dumps(one, ensure_ascii=False) for one in (summary, asdict(result)))
    return StoredDocument("result", result.id, result.saved, told, body)


def _listed(head: DocumentHead) -> ResultEntry:
    told = json.loads(head.summary)
    return ResultEntry(**{**told, "title": Sentence.from_mapping(told["title"])})


def _unknown(name: str) -> ResultError:
    return ResultError(
        f"there is no stored result {name!r}; list them with `ouzhi results list`",
        f"没有已存的结果 {name!r}；可用 `ouzhi results list` 查看",
    )
