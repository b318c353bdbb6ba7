"""Which column of a file becomes which field: as a planner says, else by name or title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from geo.errors import Fault
from geo.sentence import Sentence
from layers.catalog import LAYERS, OF_STORES, FieldSpec, LayerSpec
from layers.importers.cells import number_of
from layers.importers.positions import FIELDS as POSITION_FIELDS
from layers.importers.titles import AREA_FIELDS, AREA_TITLES, COMMON_TITLES, plain_title

NOWHERE = ""
"""A column mapped to this is left out."""

_EXCHANGE = {
    "地块编号": "id",
    "地块名称": "name_zh",
    "地块用途": "land_use",
    "地类编码": "code",
    "地块面积": "stated_area_m2",
}
"""Columns of exchange text (界址点) by the fields they fill."""

_OF_GROUND = frozenset({"parcels", "land_use"})
"""Layers that take what exchange text says of a parcel; another takes its id alone, so that a
survey of a zone leaves the name and area that the zone was published with."""

_SUFFIX = re.compile(r"(?P<title>.+?)[(（\[【](?P<unit>[^()（）\[\]【】]+)[)）\]】]")
Likely = Callable[[str, LayerSpec], str | None]
"""The field that a column most likely is."""

_CUT_AT = 10
"""Letters that a Shapefile keeps of a column's name."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where the columns of a file go.

    `fields` maps the name of a field to its source column, in the order of the layer's fields.
    `units` holds, by field, the unit that a column's header states where it is not the field's.
    `left_out` are the columns that become nothing. `faults` are those of the mapping asked for.
    """

    fields: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[Sentence, ...] = ()


def plan_columns(
    names: Sequence[str],
    spec: LayerSpec,
    mapping: Mapping[str, str],
    *,
    taken: Collection[str] = (),
    cut_names: bool = False,
) -> ColumnPlan:
    """Find the field of each of a file's columns.

    `mapping` is what the planner says, source column to field; it wins. Then a column goes to the
    field of its exact name, then of its exact title, then of its name in other letters, then of the
    field's title in either language, with a unit behind it or not, then of what the field is called
    elsewhere (`COMMON_TITLES`, other layers). Two columns that claim one field alike are a fault,
    by what it is called elsewhere they are both left out. `taken` columns give positions.
    `cut_names`: names were cut to ten letters (Shapefile), so a name of ten letters that begins one
    field only is taken for it.
    """
    asked, faults = _asked(names, spec, mapping)
    found = dict(asked)
    free = [one for one in names if one not in {*asked.values(), *taken} and one not in mapping]
    units: dict[str, str] = {}
    notes: list[Sentence] = []
    for likely in (_by_name, _by_whole_title, _by_small_name, _by_title):
        claims = _claims(free, spec, likely, found)
        for name, columns in claims.items():
            if len(columns) > 1:
                faults.append(_claimed_twice(name, columns))
            found[name] = columns[0]
            free = [one for one in free if one not in columns]
    for name, columns in _claims(free, spec, _by_common_title, found).items():
        if len(columns) == 1:
            found[name] = columns[0]
            free.remove(columns[0])
    if cut_names:
        _by_cut_name(free, spec, found, notes)
        free = [one for one in free if one not in found.values()]
    for one in spec.fields:
        unit = _unit_of(found.get(one.name, ""), one)
        if unit is not None:
            units[one.name] = unit
    fields = {one.name: found[one.name] for one in spec.fields if one.name in found}
    left = [one for one in names if one not in {*fields.values(), *taken}]
    return ColumnPlan(fields, units, tuple(left), tuple(faults), tuple(notes))


def plan_new_fields(
    names: Sequence[str],
    shared: Sequence[FieldSpec],
    mapping: Mapping[str, str],
    *,
    taken: Collection[str] = (),
) -> tuple[tuple[tuple[str, str], ...], ColumnPlan]:
    """Name the fields of a new layer: pairs of name and source column, and the plan of the rest.

    A column that is one of the `shared` fields by its machine name goes there; every other becomes
    a field of its own, named as the planner says or by its header made a valid name. Faults are
    those of the mapping.
    """
    faults = [*_unknown_columns(names, mapping)]
    known = {one.name for one in shared}
    fields: dict[str, str] = {}
    own: list[tuple[str, str]] = []
    for column in names:
        wanted = mapping.get(column)
        if column in taken or wanted in {NOWHERE, *POSITION_FIELDS}:
            continue
        name = wanted or (column.lower() if column.lower() in known else None)
        if name is not None and name != clean_name(name):
            faults.append(_not_a_name(column, name))
        elif name in known and name not in fields:
            fields[name] = column
        elif name is not None and name in {*fields, *(one for one, _ in own)}:
            faults.append(_claimed_twice(name, [fields.get(name) or dict(own)[name], column]))
        else:
            own.append((name or _unused(clean_name(column), {*known, *dict(own)}), column))
    left = [one for one in names if mapping.get(one) == NOWHERE]
    return tuple(own), ColumnPlan(fields, {}, tuple(left), tuple(faults))


def clean_name(header: str) -> str:
    """Make a valid name of a header: small letters of any script, digits and underscores.

    At most 60 bytes of UTF-8, which every store takes; names of the stores' own get one more
    letter. A header without any letter or digit becomes `field`.
    """
    plain = unicodedata.normalize("NFKC", header).lower()
    signs = (sign if f"_{sign}".isidentifier() else "_" for sign in plain)
    name = re.sub(r"_+", "_", "".join(signs)).strip("_") or "field"
    if not name.isidentifier():
        name = f"f_{name}"
    while len(name.encode()) > 60:
        name = name[:-1].rstrip("_")
    return f"{name}_" if name in OF_STORES else name


def _unused(name: str, used: Collection[str]) -> str:
    number, free = 1, name
    while free in used:
        number += 1
        free = f"{name}_{number}"
    return free


def _asked(
    names: Sequence[str], spec: LayerSpec, mapping: Mapping[str, str]
) -> tuple[dict[str, str], list[Fault]]:
    """Fields that the planner names, and the faults of that."""
    faults = [*_unknown_columns(names, mapping)]
    known = [one.name for one in spec.fields]
    asked: dict[str, str] = {}
    for column, name in mapping.items():
        if name in {NOWHERE, *POSITION_FIELDS} or column not in names:
            continue
        if name not in known:
            also = ", ".join(POSITION_FIELDS)
            listed = Sentence(
                f"图层“{spec.title.zh}”的字段：{'、'.join(known)}；或 {also}",
                f"a field of the layer {spec.title.en}: {', '.join(known)}; or {also}",
            )
            faults.append(Fault.stating(None, column, name, listed))
        elif name in asked:
            faults.append(_claimed_twice(name, [asked[name], column]))
        else:
            asked[name] = column
    return asked, faults


def _unknown_columns(names: Sequence[str], mapping: Mapping[str, str]) -> Iterable[Fault]:
    there = Sentence(f"文件中的列：{'、'.join(names)}", f"a column of the file: {', '.join(names)}")
    return [Fault.stating(None, "--map", one, there) for one in mapping if one not in names]


def _claims(
    free: Sequence[str], spec: LayerSpec, likely: Likely, found: Mapping[str, str]
) -> dict[str, list[str]]:
    """The columns that claim each field which is not taken yet."""
    claims: dict[str, list[str]] = {}
    for column in free:
        name = likely(column, spec)
        if name is not None and name not in found:
            claims.setdefault(name, []).append(column)
    return claims


def _by_name(column: str, spec: LayerSpec) -> str | None:
    return column if any(one.name == column for one in spec.fields) else None


def _by_whole_title(column: str, spec: LayerSpec) -> str | None:
    """The one field whose title is this to the letter: titles of a user's fields are headers."""
    named = [one.name for one in spec.fields if column in (one.title.zh, one.title.en)]
    return named[0] if len(named) == 1 else None


def _by_small_name(column: str, spec: LayerSpec) -> str | None:
    small = _folded(column)
    return next((one.name for one in spec.fields if one.name == small), None)


def _by_title(column: str, spec: LayerSpec) -> str | None:
    """The one field whose title this is, in either language, a unit behind it or not."""
    header = _folded(column)
    match = _SUFFIX.fullmatch(header)
    named = [one.name for one in spec.fields if header in _titles(one) | _with_unit(one)]
    if match and not named:
        named = [
            one.name
            for one in spec.fields
            if match["title"] in _titles(one) and _is_unit(match["unit"], one)
        ]
    if not named:
        named = _of_exchange([header, match["title"]] if match else [header], spec)
    return named[0] if len(named) == 1 else None


def _by_common_title(column: str, spec: LayerSpec) -> str | None:
    """The one field that is called so in another layer or in most files."""
    header = _folded(column)
    match = _SUFFIX.fullmatch(header)
    titles = {plain_title(column), *([plain_title(match["title"])] if match else [])}
    named = [
        one.name
        for one in spec.fields
        if titles & _elsewhere(one.name) and (match is None or _is_unit(match["unit"], one))
    ]
    if match and not named and titles & {*AREA_TITLES}:
        unit = match["unit"]
        areas = [one for one in spec.fields if one.name in AREA_FIELDS and _is_unit(unit, one)]
        named = [one.name for one in areas if one.unit is not None]
    return named[0] if len(named) == 1 else None


@lru_cache(maxsize=256)
def _elsewhere(name: str) -> frozenset[str]:
    """Titles of a field in the layers of the catalogue, and its common ones."""
    titles = [
        title
        for layer in LAYERS.values()
        for one in layer.fields
        if one.name == name
        for title in (one.title.zh, one.title.en)
    ]
    return frozenset(plain_title(one) for one in (*titles, *COMMON_TITLES.get(name, ())))


def _of_exchange(headers: Sequence[str], spec: LayerSpec) -> list[str]:
    known = {one.name for one in spec.fields} if spec.id in _OF_GROUND else {spec.key}
    return [_EXCHANGE[one] for one in headers if _EXCHANGE.get(one) in known]


def _titles(one: FieldSpec) -> set[str]:
    return {_folded(one.title.zh), _folded(one.title.en)}


def _is_unit(text: str, one: FieldSpec) -> bool:
    """Whether numbers with this unit can be read for a field; any remark where it has no unit."""
    return one.unit is None or number_of(f"1{text}", one.unit) is not None


def _unit_of(column: str, one: FieldSpec) -> str | None:
    """The unit that a header states where it is another than the field's."""
    header = _folded(column)
    match = _SUFFIX.fullmatch(header)
    if match is None or one.unit is None or header in _titles(one):
        return None
    own = {_folded(one.unit.zh), _folded(one.unit.en)}
    return match["unit"] if match["unit"] not in own and _is_unit(match["unit"], one) else None


def _with_unit(one: FieldSpec) -> set[str]:
    if one.unit is None:
        return set()
    pairs = ((one.title.zh, one.unit.zh), (one.title.en, one.unit.en))
    return {
        _folded(f"{title}{mark}{unit}") for title, unit in pairs for mark in ("", "/", "_", ",")
    }


def _by_cut_name(
    free: Sequence[str], spec: LayerSpec, found: dict[str, str], notes: list[Sentence]
) -> None:
    """Give a column whose name was cut to the one field that begins with it."""
    for column in free:
        begun = [one.name for one in spec.fields if one.name.startswith(column.lower())]
        if len(column) == _CUT_AT and len(begun) == 1 and begun[0] not in found:
            found[begun[0]] = column
            notes.append(
                Sentence(
                    f"列“{column}”的名称被截为十个字母，按字段 {begun[0]} 读取",
                    f"the name of the column {column} was cut to ten letters, it is read as "
                    f"{begun[0]}",
                )
            )


def _claimed_twice(name: str, columns: Sequence[str]) -> Fault:
    due = Sentence(
        f"字段 {name} 只对应一列；请用 --map 列=字段 指明，或用 --map 列= 略去一列",
        f"one column for the field {name}; say which with --map column=field, or leave one out "
        "with --map column=",
    )
    return Fault.stating(None, name, ", ".join(columns), due)


def _not_a_name(column: str, name: str) -> Fault:
    due = Sentence(
        f"可用作字段名的文字，如 {clean_name(name)}", f"a valid name of a field: {clean_name(name)}"
    )
    return Fault.stating(None, column, name, due)


def _folded(text: str) -> str:
    """Half-width and small, without spaces: as titles are compared."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())
