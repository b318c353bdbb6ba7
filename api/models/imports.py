"""Shapes of checks and imports of files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.models.base import Shape
from api.models.service import FaultShape


def _flag(value: object) -> object:
    """Truth as JSON has it, or as a form writes it; pydantic by itself takes much more."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise PydanticCustomError("literal_error", "true or false", {"expected": "'true' or 'false'"})


Flag = Annotated[bool, BeforeValidator(_flag)]
"""A truth value in a form."""


class ImportFields(Shape):
    """What is asked of an import, beside its file.

    `layer` is one of the workspace's, or the name of a new one, which may have titles. `crs` or
    `datum` say what the coordinates are in; `map` holds `column=field`. `source_layer` chooses a
    layer or sheet of the file. `source`, `data_date` and `accuracy_m` are of all features that give
    none of their own. With `replace` features that the file lacks are deleted; `dry_run` writes
    nothing; `accept_repair` takes repairs that change an area by over 1 %; `background` answers
    with a job.
    """

    layer: str
    crs: str | None = None
    datum: str | None = None
    map: list[str] = Field(default_factory=list)
    source_layer: str | None = None
    dry_run: Flag = False
    accept_repair: Flag = False
    replace: Flag = False
    accuracy_m: float | None = None
    source: str | None = None
    data_date: str | None = None
    why: str | None = None
    author: str | None = None
    title_zh: str | None = None
    title_en: str | None = None
    background: Flag = False


class DeclaredSystem(Shape):
    """The system that coordinates were said to be in, and who said so."""

    name: str
    title: str
    given_by: Literal["person", "file"]


class ReadingShares(Shape):
    """What a reading makes of the features: counts, and shares from 0 to 1.

    `near` lie within about 10 km of the city, `stated` have a known stated district, `named` bear
    the name of a known place, `away_m` is how far the middle one is from the middle of the city.
    """

    id: str
    title: str
    positions: int
    readable: int
    near: int
    in_city: int
    share_in_city: float
    stated: int
    in_stated: int
    share_in_stated: float | None
    named: int
    median_named_m: float | None
    away_m: float | None


class ReadingsCompared(Shape):
    """Two readings where they differ: features and places (cells of 2 km) for and against."""

    reading: str
    rival: str
    features_for: int
    features_against: int
    places_for: int
    places_against: int
    p_value: float


class DatumVerdict(Shape):
    """How the coordinates of a file are meant, with the evidence; see `docs/datums.md`.

    `finding` and `reading` are null where nothing can be weighed; `reading` too where the evidence
    settles on none, `candidates` are those it leaves open. `contradicted`: it speaks against what
    was declared.
    """

    declared: DeclaredSystem | None
    finding: str | None
    reading: str | None
    candidates: list[str]
    contradicted: bool
    sentence: str
    evidence: list[str]
    weighed: int
    district_column: str | None
    name_column: str | None
    readings: list[ReadingShares]
    comparisons: list[ReadingsCompared]
    unknown_districts: list[str]


class FileCheck(Shape):
    """A file as it was read, and which datum its coordinates are in; nothing is changed."""

    file: str
    table: str
    format: str
    features: int
    geometry_types: list[str]
    columns: list[str]
    datum: DatumVerdict
    faults: list[FaultShape]
    notes: list[str]


class ColumnUse(Shape):
    """A column of the file, and the field that it became."""

    column: str
    field: str


class RepairShape(Shape):
    """A geometry that was mended; `share` (0-1) is how much its area changed."""

    row: str
    id: str | None
    reason: str
    area_before_m2: float
    area_after_m2: float
    share: float


class ImportReport(Shape):
    """What an import came to: either all of it is written, as one revision, or nothing.

    `revision` is null where nothing is written: it was a dry run, faults stop it, or nothing
    differs from what the layer has. The counts are of features; of a dry run they are what would
    come of it. `left_out` are columns that nothing was made of. `datum` is null where the system of
    the file is refused, or it was not weighed. `report` is where the same stands as an Excel file.
    """

    layer: str
    title: str
    new_layer: bool
    dry_run: bool
    written: bool
    revision: int | None
    inserted: int
    updated: int
    unchanged: int
    deleted: int
    file: str
    table: str
    format: str
    rows: int
    headline: str
    columns: list[ColumnUse]
    left_out: list[str]
    faults: list[FaultShape]
    warnings: list[FaultShape]
    repairs: list[RepairShape]
    notes: list[str]
    datum: DatumVerdict | None
    report: str | None
