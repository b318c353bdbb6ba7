"""What columns are commonly called that hold a field of the catalogue."""

from __future__ import annotations

import unicodedata

COMMON_TITLES: dict[str, tuple[str, ...]] = {
    "district": (
        *("县(市、区)", "所属县(市、区)", "所属县", "所属县区", "所属区县", "所在县", "所在县区"),
        *("所在区县", "县区", "区县", "县市区", "所属区", "所在区", "行政区", "行政区划"),
        *("county", "xian"),
    ),
    "name_zh": (*("名称", "name", "地名", "单位名称", "工业区名称", "园区名称", "项目名称", "mc"),),
    "town": ("镇街", "所属镇街", "乡镇", "所属乡镇", "街道", "乡镇街道", "乡镇(街道)"),
    "area_mu": ("亩数",),
    "industries": ("主导产业",),
    "code": ("地类编码", "dlbm"),
    "land_use": ("地类名称", "土地用途", "dlmc"),
    "owner": ("权利人", "qlr"),
    "note": ("备注", "bz"),
}
"""Headers by field, the likelier first; those of the national land survey (DLBM …) among them."""

AREA_TITLES = ("用地面积", "占地面积", "土地面积", "宗地面积", "面积")
"""Headers of the area that a file states, where a unit stands behind them."""

AREA_FIELDS = ("area_mu", "stated_area_m2")
"""Fields that hold an area as stated."""


def plain_title(header: str) -> str:
    """A header without case, blanks and full-width forms, its enumerations written alike."""
    return "".join(unicodedata.normalize("NFKC", header).casefold().split()).replace(",", "、")
