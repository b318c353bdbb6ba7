"""CSV for spreadsheets: text that a spreadsheet would run as a formula is made harmless."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import shapely

from geo.sentence import Sentence
from layers.exporters.outgoing import Outgoing, free_name
from layers.importers.cells import safe_cell

SYSTEM_COLUMN = "coordinate_system"
"""Column that names the system in each row, so that an import need not ask."""


def write_csv(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write UTF-8 with a byte-order mark, commas, lines of CRLF (RFC 4180), a header of names.

    The geometry goes as WKT in `wkt`, unrounded, and where all are points also as `lon` and `lat`,
    or `east_m` and `north_m` in a plane; `coordinate_system` names the system. Empty cells
    are values not given, and empty text.
    """
    fields = outgoing.spec.fields
    taken = [field.name for field in fields]
    columns: list[list[object]] = [
        [safe_cell(one) if isinstance(one, str) else _cell(one) for one in outgoing.values(field)]
        for field in fields
    ]
    for name, values in _positions(outgoing).items():
        taken.append(free_name(name, taken))
        columns.append(values)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(taken)
        writer.writerows(zip(*columns, strict=True))
    return _notes(outgoing)


def _cell(value: object) -> object:
    """Numbers as they are, truth values as JSON has them."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def _positions(outgoing: Outgoing) -> dict[str, list[object]]:
    shapes, place = outgoing.shapes, outgoing.place
    found: dict[str, list[object]] = {}
    kinds = shapely.get_type_id(shapes)
    if np.isin(kinds, (-1, shapely.GeometryType.POINT)).all() and len(shapes):
        xs, ys = shapely.get_x(shapes).tolist(), shapely.get_y(shapes).tolist()
        names = ("lon", "lat") if place.in_degrees else ("east_m", "north_m")
        for name, values in zip(names, (xs, ys), strict=True):
            found[name] = ["" if math.isnan(one) else one for one in values]
    texts = shapely.to_wkt(shapes, rounding_precision=-1)
    found["wkt"] = ["" if one is None else one for one in texts]
    found[SYSTEM_COLUMN] = [place.word] * len(shapes)
    return found


def _notes(outgoing: Outgoing) -> list[Sentence]:
    notes = [
        Sentence(
            "文本以 = + - @ 等开头的，前面加了撇号 '，以免表格软件当作公式；再导入时自动去掉",
            "text that begins with = + - @ and the like has an apostrophe before it, so that no "
            "spreadsheet runs it as a formula; an import takes it off again",
        )
    ]
    if not any(
        isinstance(one, str) and safe_cell(one) != one
        for field in outgoing.spec.fields
        for one in outgoing.values(field)
    ):
        notes.clear()
    empty = [
        field.name
        for field in outgoing.spec.fields
        if any(one == "" for one in outgoing.values(field))
    ]
    if empty:
        notes.append(
            Sentence(
                f"字段 {'、'.join(empty)} 中的空文本与未填无法区分",
                f"empty text in {', '.join(empty)} cannot be told from values not given",
            )
        )
    return notes
