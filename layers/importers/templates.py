"""Templates: workbooks that Ouzhi writes, a planner edits, and Ouzhi reads back; what is in them.

A hidden sheet keeps what each cell was when it was written. `layers.exporters.workbook` writes
templates, `layers.importers.template_reading` reads them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.sentence import Lang, Sentence
from layers.catalog import LayerSpec

SHEET = "_ouzhi"
"""The hidden sheet of a template."""

MARK = "ouzhi-template"
FORMAT_VERSION = 1
BASE = "_ouzhi:"
"""Columns of what was exported are called by this and the field."""

POSITION = ("lon", "lat")
FOLLOWS = frozenset({"area_m2", "footprint_offset_m", "ref_lon", "ref_lat"})
"""Fields that are computed from the geometry and do not travel in a template."""

TRUTH: Mapping[Lang, tuple[str, str]] = {"zh": ("否", "是"), "en": ("no", "yes")}
_LARGEST_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a template: field, header, and the type of its values."""

    name: str
    title: str
    type: str


def schema_version(spec: LayerSpec) -> str:
    """The version of a layer's template: of the format, and of the layer's fields and types."""
    listed = [[field.name, field.type] for field in spec.fields]
    text = json.dumps([spec.geometry_type, listed], ensure_ascii=False)
    return f"{FORMAT_VERSION}.{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}"


def template_columns(spec: LayerSpec, lang: Lang) -> tuple[TemplateColumn, ...]:
    """The columns of a layer's template, the id first; points have lon and lat behind the names.

    Headers are the titles of fields with their units; one that stands twice has the field's name
    behind it.
    """
    fields = [field for field in spec.fields if field.name not in FOLLOWS]
    titles = [
        field.title.of(lang) if field.unit is None else _with_unit(field.title, field.unit, lang)
        for field in fields
    ]
    if spec.geometry_type == "Point":
        place = 1 + max(
            (i for i, one in enumerate(fields) if one.name.startswith("name_")), default=0
        )
        position = _POSITION_TITLES[lang]
        titles[place:place] = position
        names = [*(one.name for one in fields[:place]), *POSITION]
        names += [one.name for one in fields[place:]]
        types = [*(one.type for one in fields[:place]), "real", "real"]
        types += [one.type for one in fields[place:]]
    else:
        names, types = [one.name for one in fields], [one.type for one in fields]
    return tuple(
        TemplateColumn(name, title if titles.count(title) == 1 else f"{title} {name}", kind)
        for name, title, kind in zip(names, titles, types, strict=True)
    )


_POSITION_TITLES: Mapping[Lang, list[str]] = {
    "zh": ["经度（度）", "纬度（度）"],
    "en": ["Longitude (degrees)", "Latitude (degrees)"],
}


def _with_unit(title: Sentence, unit: Sentence, lang: Lang) -> str:
    return f"{title.zh}（{unit.zh}）" if lang == "zh" else f"{title.en} ({unit.en})"


def plain_value(value: object) -> object:
    """A value of a layer as JSON knows it: text, whole number, float, truth value, None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) else str(value)


def shown_value(value: object, lang: Lang) -> str | float | None:
    """What a template's cell shows of a value: text, a number, nothing.

    Truth values are words; whole numbers that a spreadsheet would round are text.
    """
    if isinstance(value, bool):
        return TRUTH[lang][int(value)]
    if isinstance(value, int) and abs(value) >= _LARGEST_EXACT:
        return str(value)
    if isinstance(value, int | float):
        return value
    return None if value is None or value == "" else str(value)


def row_tag(values: Sequence[str]) -> str:
    """Tag of a row as exported, from its values in JSON."""
    return hashlib.blake2b("\n".join(values).encode(), digest_size=8).hexdigest()
