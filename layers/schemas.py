"""Schemas of the tables of facts: what each column holds, and which names must exist elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from geo.control_lines import LINES
from geo.errors import Fault
from geo.sentence import Sentence
from layers.columns import Column, ColumnType

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

    from layers.catalog import FieldSpec, FieldType, LayerSpec

__all__ = [
    "LATITUDES",
    "LONGITUDES",
    "SCHEMAS",
    "STAND_IN_M",
    "Column",
    "ColumnType",
    "column_faults",
    "layer_columns",
]

LONGITUDES = (73.0, 136.0)
LATITUDES = (3.0, 54.0)
"""Degrees that hold all of China."""

STAND_IN_M = 10_000.0
"""A point this uncertain stands in for a place that could not be located."""

_BASIS = ("read", "inferred", "recalled")
_STATUS = ("existing", "planned", "not_located")
_TOWN_KINDS = ("街道", "镇", "乡", "片区")
_CLUSTER_KINDS = ("ecommerce_cluster", "ecommerce_park", "livestream_base")
_HUB_KINDS = (
    *("logistics_park", "cold_chain", "bonded_logistics", "county_centre"),
    *("courier_sorting_centre", "cloud_warehouse", "forward_warehouse"),
)
_PLACE_KINDS = (
    *("commercial_district", "import_trade", "bonded_logistics", "logistics_park"),
    *("ecommerce_park", "livestream_base", "tech_park", "university", "rail_station"),
    *("airport", "port", "expressway_node", "city_centre"),
)
_FIGURE_KIND = r"(resident|resident_stated|total_stated|registered|unspecified)(_\d{4})?"
_GROUP_KIND = r"(resident|change|upper_bound)_\d{4}(_\d{4})?"


def _text(*names: str, nullable: bool = True) -> tuple[Column, ...]:
    return tuple(Column(name, nullable=nullable) for name in names)


def _choice(name: str, *choices: str, nullable: bool = False) -> Column:
    return Column(name, nullable=nullable, choices=choices)


def _amount(name: str, *, nullable: bool = True, type: ColumnType = "integer") -> Column:
    return Column(name, type, nullable=nullable, low=0)


_ID = Column(
    "id",
    nullable=False,
    unique=True,
    pattern=r"[A-Za-z0-9][\w.-]*",
    form=Sentence(
        "以英文字母或数字开头的编号，只含字母、数字、汉字和 _ . -，如 zone-01",
        "an id that begins with a Latin letter or digit and has letters, digits and _ . - only: "
        "zone-01",
    ),
)
_NAMES = (*_text("name_zh", nullable=False), *_text("name_en"))
_POSITION = (
    Column("lon", "number", nullable=False, low=LONGITUDES[0], high=LONGITUDES[1]),
    Column("lat", "number", nullable=False, low=LATITUDES[0], high=LATITUDES[1]),
    Column("accuracy_m", "number", nullable=False, above=0),
)
_PROVENANCE = (*_text("source", nullable=False), Column("as_of", "date", nullable=False))
_BASIS_KIND = _choice("basis_kind", *_BASIS)
_DISTRICT = _text("district", nullable=False)
_UNITS = _text("unit_zh", "unit_en")
_ZONE_FIGURES = (
    Column("area_mu", "number", nullable=False, above=0),
    *_text("industries"),
    _amount("enterprises"),
    _amount("above_scale_enterprises"),
    *_text("above_scale_remark"),
    _amount("output_100m_yuan", type="number"),
    _choice("line_class", "一级", "二级", "一级、二级", nullable=True),
    Column("batch", "integer", nullable=False, low=1),
)
_DOUBTABLE = tuple(
    column.name for column in _ZONE_FIGURES if column.name not in ("above_scale_remark", "batch")
)


def _site(*kinds: str) -> tuple[Column, ...]:
    return (
        *(_ID, *_NAMES, _choice("kind", *kinds), _choice("status", *_STATUS)),
        *(*_DISTRICT, *_text("town"), *_POSITION, _BASIS_KIND),
        *(*_text("named_by"), _PROVENANCE[0], *_text("note"), _PROVENANCE[1]),
    )


def _figures(kind: str) -> tuple[Column, ...]:
    low = None if kind == _GROUP_KIND else 0.0
    return (
        *_text("name_zh", "district", nullable=False),
        Column("population", "integer", nullable=False, low=low),
        Column("kind", nullable=False, pattern=kind),
        Column("year", "integer", low=1900, high=2100),
        *_text("source", nullable=False),
    )


SCHEMAS: dict[str, tuple[Column, ...]] = {
    "areas": (
        Column("name_zh", nullable=False, unique=True),
        *_text("name_en"),
        _choice("kind", "district", "functional_area"),
        *_text("seat_place"),
    ),
    "zones": (
        *(_ID, Column("no", "integer", nullable=False, low=1), *_NAMES, *_DISTRICT),
        *(*_ZONE_FIGURES, *_text("host_district", "town"), *_POSITION),
        *(*_text("basis"), _BASIS_KIND, Column("doubt_fields", parts=_DOUBTABLE)),
        *(*_text("doubt_zh", "doubt_en"), *_PROVENANCE),
    ),
    "towns": (
        *(_ID, *_NAMES, *_DISTRICT, _choice("kind", *_TOWN_KINDS), *_POSITION),
        *(_BASIS_KIND, *_PROVENANCE),
    ),
    "clusters": _site(*_CLUSTER_KINDS),
    "hubs": _site(*_HUB_KINDS),
    "places": (
        *(_ID, *_NAMES, _choice("kind", *_PLACE_KINDS), *_DISTRICT, *_POSITION),
        *(_BASIS_KIND, *_text("named_by"), *_PROVENANCE),
    ),
    "population": (
        Column("district", nullable=False, unique=True),
        _amount("population", nullable=False),
        Column("year", "integer", nullable=False, low=1900, high=2100),
        *_text("kind", "source", nullable=False),
    ),
    "town_population": _figures(_FIGURE_KIND),
    "town_population_groups": _figures(_GROUP_KIND),
    "town_population_alternates": _figures(_FIGURE_KIND),
    "targets": (
        Column("region", nullable=False, unique=True),
        _choice("row_kind", "region", "printed_total"),
        *(_amount(f"{what}_mu", type="number") for what in ("renovate", "demolish", "resupply")),
        _amount("build_10k_m2", type="number"),
        *_text("clause", nullable=False),
    ),
    "tasks": (
        *(_ID, Column("no", "integer", nullable=False, low=1)),
        *_text("task_zh", "item_zh", "indicator_zh", nullable=False),
        *(*_text("indicator_en"), _amount("total", type="number"), *_UNITS),
        *(_choice("total_form", "exact", "at_least", nullable=True), _amount("per_district_min")),
        *(*_text("bodies", "clause", nullable=False), *_text("doubt_zh", "doubt_en")),
    ),
    "goals": (
        *(_ID, Column("year", "integer", nullable=False, low=1900, high=2100)),
        *(*_text("indicator_zh", nullable=False), *_text("indicator_en")),
        *(_amount("value", type="number"), *_UNITS),
        *(_choice("form", "exact", "at_least", "more_than", nullable=True),),
        *_text("clause", nullable=False),
    ),
    "indicators": (
        *(_ID, *_text("indicator_zh", nullable=False), *_text("indicator_en")),
        *(Column("value", "number", nullable=False), *_UNITS, Column("as_of", "date")),
        *(*_text("source", nullable=False), *_text("clause")),
    ),
    "sources": (
        *(_ID, *_text("title_zh", nullable=False), *_text("title_en", "number")),
        *(Column(name, "day") for name in ("issued", "valid_from", "valid_to")),
        _choice("status", "in_force", "expired", "draft", "repealed", nullable=True),
        *_text("territory"),
        *_text("licence_zh", "licence_en", nullable=False),
        *_text("note_zh", "note_en"),
        Column("retrieved", "day"),
    ),
}
"""The columns of every table of facts, by the name of its file without `.csv`."""


_GEOMETRY_KINDS = {
    "point": Sentence("点位", "a point"),
    "line": Sentence("线", "a line"),
    "indicative": Sentence("示意范围", "an indicative footprint"),
    "boundary": Sentence("边界", "a boundary"),
    "surveyed": Sentence("实测边界", "a surveyed boundary"),
    "drawn": Sentence("手绘边界", "a boundary drawn by hand"),
}
_SHARED = (
    Column(
        "id",
        nullable=False,
        unique=True,
        pattern=r"\w[\w.-]{0,99}",
        form=Sentence(
            "至多 100 个字符的编号，只含字母、数字、汉字和 _ . -，不以 . 或 - 开头",
            "an id of at most 100 letters, digits and _ . - that begins with none of . and -",
        ),
    ),
    *_text("name_zh", "name_en"),
    *_PROVENANCE,
    Column("accuracy_m", "number", above=0),
    Column(
        "geometry_kind",
        nullable=False,
        choices=tuple(_GEOMETRY_KINDS),
        names=tuple(_GEOMETRY_KINDS.values()),
    ),
    *(replace(column, name=f"ref_{column.name}") for column in _POSITION[:2]),
)
"""Fields of every layer, free ones too; the tables of facts say more of some of them."""

_ADDED: dict[str, tuple[Column, ...]] = {
    "districts": (
        *(*_NAMES, _amount("population"), Column("as_of", "date")),
        *(_amount(name, type="number") for name in ("area_m2", "land_area_m2")),
    ),
    "zones": (
        *(
            _amount(f"{what}_10k_yuan_per_mu", type="number")
            for what in ("output", "tax", "investment")
        ),
        _choice("per_mu_class", "A", "B", "C", "D", nullable=True),
        Column("rd_percent", "number", low=0, high=100),
        _choice("resettlement_kind", "原地改造提升", "就地安置", "异地安置", nullable=True),
        *(_amount(name, type="number") for name in ("area_m2", "footprint_offset_m")),
    ),
    "demand": (
        *(_ID, *_NAMES, *_DISTRICT, _choice("town_kind", *_TOWN_KINDS, nullable=True)),
        _amount("demand_weight", nullable=False, type="number"),
        *(_amount(f"weight_{end}", type="number") for end in ("low", "high")),
    ),
    "control_lines": (
        Column(
            "kind",
            nullable=False,
            choices=tuple(line.id for line in LINES),
            names=tuple(line.name for line in LINES),
        ),
    ),
    "land_use": (
        Column(
            "code",
            pattern=r"[A-Z]?\d{1,6}[A-Z]?",
            form=Sentence("地类代码，如 0101 或 1106A", "a code of land use: 0101 or 1106A"),
        ),
    ),
    "parcels": tuple(_amount(name, type="number") for name in ("area_m2", "stated_area_m2")),
    "roads": (Column("speed_kmh", "number", above=0),),
}
"""What fields of layers must be that stand in no table of facts."""

_OF_FIELDS: dict[FieldType, ColumnType] = {
    "text": "text",
    "real": "number",
    "integer": "integer",
    "boolean": "boolean",
    "date": "day",
    "datetime": "datetime",
}


def layer_columns(spec: LayerSpec) -> tuple[Column, ...]:
    """What each field of a layer or table must be, in the order of its fields.

    A field that stands in the table of facts of that name is described there. A field that nothing
    is said of, as those that users make, has to be of its type and may be empty.
    """
    told = {column.name: column for column in _SHARED}
    if not spec.free:
        told |= {column.name: column for column in SCHEMAS.get(spec.id, ())}
        told |= {column.name: column for column in _ADDED.get(spec.id, ())}
    return tuple(told.get(field.name) or _of_type(field) for field in spec.fields)


def _of_type(field: FieldSpec) -> Column:
    return Column(field.name, _OF_FIELDS[field.type])


def column_faults(name: str, frame: pd.DataFrame, rows: Sequence[str]) -> list[Fault]:
    """Faults of a table's columns: unknown, missing, empty, repeated, or not as expected.

    `rows` names each row of `frame`, in order (`zones.csv:2` is the first one); a fault of the
    header stands in line 1.
    """
    import pandera.pandas as pa

    try:
        _pandera_schema(name).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases[["column", "check", "failure_case", "index"]]
        return [_fault(name, rows, *case) for case in cases.itertuples(index=False, name=None)]
    return []


def _pandera_schema(name: str) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    columns = {
        column.name: pa.Column(
            None,
            checks=pa.Check(column.holds, error=column.expected.en),
            nullable=column.nullable,
            unique=column.unique,
            report_duplicates="exclude_first",
        )
        for column in SCHEMAS[name]
    }
    return pa.DataFrameSchema(columns, strict=True)


def _fault(
    name: str, rows: Sequence[str], column: object, check: str, case: object, index: object
) -> Fault:
    import numpy as np

    header = f"{name}.csv:1"
    known = {spec.name: spec for spec in SCHEMAS[name]}
    if check == "column_in_dataframe":
        missing = Sentence("必须有这一列", "this column, which has to be there")
        return Fault.stating(header, str(case), None, missing)
    if check == "column_in_schema":
        listed = Sentence(f"{'、'.join(known)} 之一", f"one of the columns {', '.join(known)}")
        return Fault.stating(header, str(case), str(case), listed)
    row = rows[int(str(index))]
    expected = known[str(column)].expected
    if check == "not_nullable":
        expected = Sentence(f"{expected.zh}，不能为空", f"{expected.en}, not empty")
        return Fault.stating(row, str(column), None, expected)
    value = case.item() if isinstance(case, np.generic) else case
    if check == "field_uniqueness":
        expected = Sentence("与其他行不同的值", "a value that no other row has")
    return Fault.stating(row, str(column), value, expected)
