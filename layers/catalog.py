"""The catalogue: which layers a workspace has, and what their fields are called and measured in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.sentence import Sentence

FieldType = Literal["text", "real", "integer"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A column: its name, title, unit (None where it has none) and type of value."""

    name: str
    title: Sentence
    unit: Sentence | None = None
    type: FieldType = "text"


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """A layer: its id, title, geometry type, own fields, and what to say while it is empty.

    `district_field` names the district a feature counts in; `weight_field` is what a coverage of
    the layer adds up (None: features).
    """

    id: str
    title: Sentence
    geometry_type: str
    own_fields: tuple[FieldSpec, ...]
    when_empty: Sentence
    district_field: str = "district"
    weight_field: str | None = None

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The fields every layer has, with the layer's own between names and provenance."""
        return _NAMES + self.own_fields + _PROVENANCE


def _field(name: str, zh: str, en: str) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en))


def _real(name: str, zh: str, en: str, unit: tuple[str, str]) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en), Sentence(*unit), "real")


def _integer(name: str, zh: str, en: str, unit: tuple[str, str] | None = None) -> FieldSpec:
    return FieldSpec(name, Sentence(zh, en), Sentence(*unit) if unit else None, "integer")


_MU = ("亩", "mu")
_M = ("米", "m")
_M2 = ("平方米", "m²")
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
    _field("code", "代码", "Code"),
)
_LAND_USE = (
    _field("code", "地类代码", "Land-use code"),
    _field("land_use", "地类名称", "Land use"),
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
    return LayerSpec(name, title, geometry, fields, when_empty, district_field, weight_field)


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
            "Polygon",
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
    )
}

TABLES: dict[str, Sentence] = {
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
