"""Shapes of saved scenarios and stored results."""

from __future__ import annotations

from typing import Any, Literal

from api.models.base import Shape
from api.models.scenarios import ScenarioEntry
from api.models.service import FaultShape


class Titles(Shape):
    """A title in both languages."""

    zh: str
    en: str


class CopyRequest(Shape):
    """Under which id to save a scenario once more; without a title it keeps its own."""

    id: str
    title: Titles | None = None


class SavedScenario(ScenarioEntry):
    """A scenario as saved, the time in UTC; `faults` are what of it does not fit this workspace."""

    saved_at: str
    faults: list[FaultShape]


class Validation(Shape):
    """Whether a scenario can be run on this workspace, else every fault with its place."""

    valid: bool
    faults: list[FaultShape]


class ResultEntry(Shape):
    """A stored result in the list: what was run, how, by which version, and when (UTC)."""

    id: str
    scenario: str
    kind: Literal["siting", "location", "allocation"]
    title: str
    options: dict[str, Any]
    version: str
    saved_at: str


class ResultList(Shape):
    """The stored results, the newest first."""

    results: list[ResultEntry]


class StoredResult(ResultEntry):
    """A stored result with all it rests on.

    `definition` is the scenario as it was run, `layers` the SHA-256 of every input layer then,
    `changed_layers` those that are no longer so, `document` the answer of the run.
    """

    scenario_sha256: str
    definition: dict[str, Any]
    layers: dict[str, str]
    changed_layers: list[str]
    document: dict[str, Any]


class Difference(Shape):
    """A number that a rerun gives otherwise; null where one of the two has none at this place."""

    place: str
    stored: float | None
    now: float | None


class Rerun(Shape):
    """A result run again: whether every number is exactly the same, and if not, why it may be.

    `compared` numbers were compared, `different` of them differ; `differences` lists the first.
    """

    id: str
    equal: bool
    compared: int
    different: int
    differences: list[Difference]
    changed_layers: list[str]
    version: str
    version_now: str
    sentence: str
    document: dict[str, Any]
