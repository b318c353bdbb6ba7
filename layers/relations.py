"""Relations of the tables of facts: keys that name a row once, names that stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.errors import Fault
from geo.sentence import Sentence

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]
Rows = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of `fields` in `table` have to stand in `to_fields` of `to_table`, or in `also`."""

    table: str
    fields: tuple[str, ...]
    to_table: str
    to_fields: tuple[str, ...]
    also: frozenset[str] = frozenset()


def _in_districts(
    table: str, field: str = "district", also: frozenset[str] = frozenset()
) -> Reference:
    return Reference(table, (field,), "areas", ("name_zh",), also)


def _in_towns(table: str, district: str = "district", town: str = "town") -> Reference:
    return Reference(table, (district, town), "towns", ("district", "name_zh"))


REFERENCES = (
    _in_districts("zones"),
    _in_districts("zones", "host_district"),
    *(_in_districts(table) for table in ("towns", "clusters", "hubs", "places", "population")),
    _in_districts("town_population"),
    _in_districts("town_population_groups", also=frozenset({"all"})),
    _in_districts("town_population_alternates"),
    _in_towns("zones", "host_district"),
    *(_in_towns(table) for table in ("clusters", "hubs")),
    *(_in_towns(table, town="name_zh") for table in ("town_population",)),
    _in_towns("town_population_alternates", town="name_zh"),
    *(Reference(t, ("named_by",), "sources", ("id",)) for t in ("clusters", "hubs", "places")),
    Reference("areas", ("seat_place",), "places", ("name_zh",)),
)
"""References that are checked where both tables are there."""

KEYS = {
    "zones": ("batch", "no"),
    "towns": ("district", "name_zh"),
    "town_population": ("district", "name_zh"),
}
"""Columns that together name a row once."""


def relation_faults(frames: Frames, rows: Rows) -> list[Fault]:
    """Faults between rows: repeated keys, names that no other table has, figures that contradict.

    `rows` names the rows of each table. A relation is checked where its tables and columns are
    there; a row that leaves one of the fields empty is not compared.
    """
    found = [
        fault
        for name, fields in KEYS.items()
        if _has(frames, name, fields)
        for fault in _repeated(name, frames[name], fields, rows[name])
    ]
    for reference in REFERENCES:
        if _has(frames, reference.table, reference.fields) and _has(
            frames, reference.to_table, reference.to_fields
        ):
            found += _unknown(reference, frames, rows[reference.table])
    if _has(frames, "zones", ("enterprises", "above_scale_enterprises", "doubt_fields")):
        found += _zone_faults(frames["zones"], rows["zones"])
    return found


def _has(frames: Frames, name: str, fields: Sequence[str]) -> bool:
    return name in frames and set(fields) <= set(frames[name].columns)


def _repeated(
    name: str, frame: pd.DataFrame, fields: tuple[str, ...], rows: Sequence[str]
) -> Iterator[Fault]:
    again = frame.duplicated(list(fields)).to_numpy()
    for place in again.nonzero()[0].tolist():
        value = " ".join(str(frame[field].iloc[place]) for field in fields)
        expected = Sentence(f"{name}.csv 中未出现过的行", f"a row that is not yet in {name}.csv")
        yield Fault.stating(rows[place], " ".join(fields), value, expected)


def _unknown(reference: Reference, frames: Frames, rows: Sequence[str]) -> Iterator[Fault]:
    source, target = frames[reference.table], frames[reference.to_table]
    known = set(target[list(reference.to_fields)].itertuples(index=False, name=None))
    known |= {(name,) for name in reference.also}
    asked = source[list(reference.fields)].dropna()
    for place, names in zip(asked.index, asked.itertuples(index=False, name=None), strict=True):
        if names not in known:
            where = f"{reference.to_table}.csv ({', '.join(reference.to_fields)})"
            value = " ".join(str(name) for name in names)
            expected = Sentence(f"{where} 中已有的名称", f"a name that stands in {where}")
            yield Fault.stating(rows[place], reference.fields[-1], value, expected)


def _zone_faults(zones: pd.DataFrame, rows: Sequence[str]) -> Iterator[Fault]:
    import pandas as pd

    firms, above = (
        pd.to_numeric(zones[name], errors="coerce").astype("float64")
        for name in ("enterprises", "above_scale_enterprises")
    )
    for place in (above > firms).to_numpy().nonzero()[0].tolist():
        value = int(above.iloc[place])
        expected = Sentence("不大于 enterprises", "no more than enterprises")
        yield Fault.stating(rows[place], "above_scale_enterprises", value, expected)
    for field in ("doubt_zh", "doubt_en"):
        silent = zones["doubt_fields"].notna() & zones[field].isna()
        for place in silent.to_numpy().nonzero()[0].tolist():
            expected = Sentence(
                "一句说明，因为填了 doubt_fields", "a sentence, since doubt_fields is given"
            )
            yield Fault.stating(rows[place], field, None, expected)
