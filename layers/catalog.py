"""The catalogue: which layers a workspace has, and what their fields are called and measured in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from geo.sentence import Sentence
from layers.schemas import SCHEMAS, ColumnType

FieldType = Literal["text", "real", "integer", "boolean", "date", "datetime"]
"""Dates and times are text as in ISO 8601 wherever a value is held: ``2022-10-13``."""


WRITTEN: dict[FieldType, tuple[re.Pattern[str], Sentence]] = {
    "date": (
        re.compile(r"\d{4}-\d{2}-\d{2}"),
        Sentence("日期，如 2022-10-13", "a date such as 2022-10-13"),
    ),
    "datetime": (
        re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?"),
        Sentence("时间，如 2022-10-13T08:00:00", "a time such as 2022-10-13T08:00:00"),
    ),
}
"""How dates and times are written, and that in words."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A column: its name, title, unit (None where it has none) and type of value."""

    name: str
    title: Sentence
    unit: Sentence | None = None
    type: FieldType = "text"


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """A layer or table: its id, title, geometry type, fields, and what to say while it is empty.

    The first field, `id` in a layer, names a feature. `geometry_type` is None for a table, Geometry
    where features of several types stand side by side. `own_fields` are those that not every layer
    has.
    `district_field` names the district a feature counts in; `weight_field` is what a coverage of
    the layer adds up (None: features). `free`: made by a user, with fields of the user's own.
    """

    id: str
    title: Sentence
    geometry_type: str | None
    fields: tuple[FieldSpec, ...]
    when_empty: Sentence
    district_field: str = "district"
    weight_field: str | None = None
    free: bool = False

    @property
    def key(self) -> str:
        """The field whose value names a feature or row: the first one."""
        return self.fields[0].name

    @property
    def own_fields(self) -> tuple[FieldSpec, ...]:
        """The fields that not every layer of the catalogue has."""
        shared = {*_NAMES, *_PROVENANCE}
        return tuple(field for field in self.fields if field not in shared)

    @property
    def indexed(self) -> tuple[str, ...]:
        """The fields by which stores find features without reading all of them, beside the id."""
        return tuple(field.name for field in self.fields if field.name in _INDEXED)


def _field(name: str, zh: str, en: str) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en))


def _real(name: str, zh: str, en: str, unit: tuple[str, str]) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en), Sentence(*unit), "real")


def _integer(name: str, zh: str, en: str, unit: tuple[str, str] | None = None) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en), Sentence(*unit) if unit else None, "integer")


OF_STORES = frozenset(
    {"fid", "geom", "geometry", "revision", "existed", "rowid", "oid", "ogc_fid", "ctid", "xmin"}
)
"""Names of columns that the databases use themselves: no field may have one."""

_INDEXED = frozenset({"district", "host_district", "kind", "code", "batch"})

_MU = ("亩", "mu")
_M = ("米", "m")
_M2 = ("平方米", "m²")
_PER_MU = ("万元/亩", "10,000 yuan per mu")
_PEOPLE = ("人", "residents")
_DEGREE = ("度", "degrees")

_NAMES = (
    _field("id", "编号", "Id"),
    _field("name_zh", "名称", "Chinese name"),
    _field("name_en", "英文名", "English name"),
)
_PROVENANCE = (
    _field("source", "来源", "Source"),
    _field("as_of", "数据日期", "As of"),
    _real("accuracy_m", "位置精度（95% 半径）", "Position accuracy (95 % radius)", _M),
    _field("geometry_kind", "几何类型", "Kind of geometry"),
    _real("ref_lon", "量算点经度", "Reference longitude", _DEGREE),
    _real("ref_lat", "量算点纬度", "Reference latitude", _DEGREE),
)
_DISTRICT = _field("district", "县（市、区）", "District")
_TOWN = _field("town", "镇街", "Town")
_BASIS_KIND = _field("basis_kind", "定位依据类别", "Kind of placing")
_KIND = _field("kind", "类别", "Kind")
_CODE = _field("code", "代码", "Code")
_STATUS = _field("status", "状态", "Status")
_NAMED_BY = _field("named_by", "提及的文件", "Document that names it")
_NOTE = _field("note", "备注", "Note")
_SITE = (_KIND, _STATUS, _DISTRICT, _TOWN, _BASIS_KIND, _NAMED_BY, _NOTE)

_ZONE = (
    _integer("no", "序号", "No."),
    _field("district", "所属县（市、区）", "District as printed"),
    _field("host_district", "计入的县（市、区）", "District it counts in"),
    _real("area_mu", "面积", "Area", _MU),
    _field("industries", "现状主导产业", "Leading industries"),
    _integer("enterprises", "现有工业企业数", "Industrial firms", ("家", "firms")),
    _integer("above_scale_enterprises", "规上工业企业数", "Above-scale firms", ("家", "firms")),
    _field("above_scale_remark", "规上企业数附注", "Remark on above-scale firms"),
    _real("output_100m_yuan", "2021 年工业产值", "Output in 2021", ("亿元", "100 million yuan")),
    _field("line_class", "工业区块线类型", "Class of industrial line"),
    _integer("batch", "批次", "Batch"),
    _real("output_10k_yuan_per_mu", "亩均产值", "Output per mu", _PER_MU),
    _real("tax_10k_yuan_per_mu", "亩均税收", "Tax per mu", _PER_MU),
    _field("per_mu_class", "亩均评价等级", "Class in the per-mu evaluation"),
    FieldSpec("negative_list", Sentence("列入负面清单", "On the negative list"), type="boolean"),
    _real("investment_10k_yuan_per_mu", "投资强度", "Investment per mu", _PER_MU),
    _real("rd_percent", "研发强度", "R&D intensity", ("%", "%")),
    _field("resettlement_kind", "安置方式", "Kind of resettlement"),
    _TOWN,
    _field("basis", "定位依据", "Basis of the placing"),
    _BASIS_KIND,
    _field("doubt_fields", "存疑字段", "Doubted fields"),
    _field("doubt_zh", "存疑说明", "Doubt (Chinese)"),
    _field("doubt_en", "存疑说明（英文）", "Doubt (English)"),
    _real("area_m2", "示意范围椭球面积", "Ellipsoidal area of the footprint", _M2),
    _real("footprint_offset_m", "示意范围偏离点位", "Footprint moved from its point", _M),
)
_DISTRICT_FIELDS = (
    _integer("population", "常住人口（2020）", "Residents (2020)", _PEOPLE),
    _real("area_m2", "椭球面积（本图层边界）", "Ellipsoidal area of this boundary", _M2),
    _real("land_area_m2", "陆域面积（天地图）", "Land area (Tianditu)", _M2),
    _field("boundaries", "边界来源", "Boundary source"),
)
_DEMAND = (
    _DISTRICT,
    _field("town_kind", "镇街类别", "Kind of town"),
    _real("demand_weight", "估计常住人口", "Estimated residents", _PEOPLE),
    _real("weight_low", "下限", "Low", _PEOPLE),
    _real("weight_high", "上限", "High", _PEOPLE),
    _field("allocation", "分摊方式", "Allocation"),
)
_CONTROL = (
    _field("kind", "控制线类别", "Kind of control line"),
    _CODE,
)
_LAND_USE = (
    _field("code", "地类代码", "Land-use code"),
    _field("land_use", "地类名称", "Land use"),
)
_PARCEL = (
    _DISTRICT,
    _TOWN,
    _CODE,
    _field("land_use", "用途", "Land use"),
    _field("owner", "权利人", "Holder of the right"),
    _real("area_m2", "椭球面积", "Ellipsoidal area", _M2),
    _real("stated_area_m2", "登记面积", "Area as registered", _M2),
    _NOTE,
)
_ROAD = (
    _DISTRICT,
    _field("road_class", "道路等级", "Class of road"),
    _real("speed_kmh", "车速", "Speed", ("公里/小时", "km/h")),
    FieldSpec("oneway", Sentence("单行", "One-way"), type="boolean"),
    _NOTE,
)
_IMPORT = Sentence(
    zh="暂无数据，需由用户导入", en="no data yet; a table or file of your own has to be given"
)


def _layer(
    name: str,
    zh: str,
    en: str,
    geometry: str,
    fields: tuple[FieldSpec, ...],
    *,
    when_empty: Sentence = _IMPORT,
    district_field: str = "district",
    weight_field: str | None = None,
) -> LayerSpec:
    title = Sentence(zh, en)
    whole = (*_NAMES, *fields, *_PROVENANCE)
    return LayerSpec(name, title, geometry, whole, when_empty, district_field, weight_field)


LAYERS: dict[str, LayerSpec] = {
    spec.id: spec
    for spec in (
        _layer(
            "districts",
            "县（市、区）",
            "Districts",
            "MultiPolygon",
            _DISTRICT_FIELDS,
            district_field="name_zh",
            weight_field="population",
        ),
        _layer(
            "zones",
            "老旧工业区",
            "Old industrial zones",
            "MultiPolygon",
            _ZONE,
            district_field="host_district",
            weight_field="area_mu",
        ),
        _layer("towns", "镇街", "Towns", "Point", (_DISTRICT, _KIND, _BASIS_KIND)),
        _layer("clusters", "电商集群与园区", "E-commerce clusters and parks", "Point", _SITE),
        _layer("hubs", "物流枢纽与冷链", "Logistics hubs and cold chain", "Point", _SITE),
        _layer(
            "places",
            "区位与配套设施",
            "Places",
            "Point",
            (_KIND, _DISTRICT, _BASIS_KIND, _NAMED_BY),
        ),
        _layer(
            "demand",
            "需求点（估计人口）",
            "Demand (estimated residents)",
            "Point",
            _DEMAND,
            weight_field="demand_weight",
        ),
        _layer(
            "control_lines",
            "三区三线",
            "Control lines",
            "MultiPolygon",
            _CONTROL,
            when_empty=Sentence(
                zh="缺：永久基本农田、生态保护红线、城镇开发边界不能随产品分发，须由用户导入",
                en="missing: farmland, ecological and urban-growth lines cannot be shipped; "
                "import your own",
            ),
        ),
        _layer(
            "land_use",
            "土地利用现状",
            "Land use",
            "MultiPolygon",
            _LAND_USE,
            when_empty=Sentence(
                zh="缺：土地利用现状数据不能随产品分发，须由用户导入",
                en="missing: land-use data cannot be shipped; import your own",
            ),
        ),
        _layer("parcels", "地块", "Parcels", "MultiPolygon", _PARCEL),
        _layer("roads", "道路", "Roads", "MultiLineString", _ROAD),
    )
}

_TABLES = {
    "targets": Sentence(
        "改造提升目标任务（74 号附件 1）", "Redevelopment targets (document 74, Annex 1)"
    ),
    "tasks": Sentence(
        "2023 年任务清单（78 号附件 2）", "Task list for 2023 (document 78, Annex 2)"
    ),
    "goals": Sentence("2023 与 2025 年目标（78 号）", "Goals for 2023 and 2025 (document 78)"),
    "areas": Sentence("县（市、区）与功能区名称", "Names of districts and functional areas"),
    "indicators": Sentence("其他指标", "Other indicators"),
    "sources": Sentence("来源", "Sources"),
}


def _table(name: str, title: Sentence) -> LayerSpec:
    """A table's specification: the columns of its facts, of which the first one names a row."""
    types: dict[ColumnType, FieldType] = {"integer": "integer", "number": "real"}
    fields = tuple(
        FieldSpec(
            column.name, Sentence(column.name, column.name), type=types.get(column.type, "text")
        )
        for column in SCHEMAS[name]
    )
    return LayerSpec(name, title, None, fields, _IMPORT)


def free_layer(
    name: str, title: Sentence, geometry_type: str, own_fields: tuple[FieldSpec, ...]
) -> LayerSpec:
    """The specification of a layer that a user makes: the fields all layers have, and its own.

    Own fields that have the name of a shared one are left out: they are that one.
    """
    shared = {field.name for field in (*_NAMES, *_PROVENANCE)}
    own = tuple(field for field in own_fields if field.name not in shared)
    fields = (*_NAMES, *own, *_PROVENANCE)
    return LayerSpec(name, title, geometry_type, fields, _IMPORT, free=True)


def layer_title(name: str) -> Sentence:
    """The title of a layer of the catalogue; of another one its id."""
    return LAYERS[name].title if name in LAYERS else Sentence(name, name)


TABLES: dict[str, LayerSpec] = {name: _table(name, title) for name, title in _TABLES.items()}
"""The tables without geometry beside the layers."""
