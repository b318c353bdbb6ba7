"""The layer that a file is brought into: one of the catalogue, a free one that is there, or new."""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.errors import Fault
from geo.sentence import Sentence
from layers.catalog import TABLES, LayerSpec
from layers.errors import ImportFileError

LONGEST = 40
"""Characters of a layer's name: what databases build from it stays below their 63."""

_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")
_SHOWN = 60
_RESERVED = (
    *("gpkg_", "rtree_", "sqlite_", "ouzhi_", "pg_", "st_", "idx_", "trigger_"),
    *("geometry_columns", "geography_columns", "raster_columns", "raster_overviews"),
    *("spatial_ref_sys", "layer_styles", "information_schema", "data_licenses"),
)
_FROM_PACKAGE = "districts"
_FORM = Sentence(
    zh=f"小写英文字母开头，只含小写字母、数字和下划线，至多 {LONGEST} 个字符，如 survey_2026",
    en="lower-case letters, digits and underscores, beginning with a letter, at most "
    f"{LONGEST} characters, such as survey_2026",
)


def require_target(name: str, specs: Mapping[str, LayerSpec]) -> LayerSpec | None:
    """The layer of this name, None where it is a free one still to be made.

    Raises `ImportFileError` for a name that no layer may have, for a table without geometry, and
    for districts, which come from the boundary package.
    """
    if name == _FROM_PACKAGE:
        raise _refused(
            name,
            Sentence(
                zh="县（市、区）来自边界数据包，不由文件导入：请用 `ouzhi build --boundaries` "
                "换用另一来源，或将文件导入为另一名称的图层",
                en="districts come from the boundary package and are not imported from a file: "
                "choose another source with `ouzhi build --boundaries`, or import the file as a "
                "layer of another name",
            ),
        )
    if name in specs:
        return specs[name]
    if name in TABLES:
        raise _refused(
            name,
            Sentence(
                zh=f"{TABLES[name].title.zh}是没有几何的数据表，随 `ouzhi build --tables` 建立；"
                "请换一个图层名称",
                en=f"{TABLES[name].title.en} is a table without geometry, made by `ouzhi build "
                "--tables`; choose another name",
            ),
        )
    if not _NAME.fullmatch(name):
        raise _refused(
            name,
            Sentence(
                zh=f"新图层的名称须以{_FORM.zh}；已有图层：{'、'.join(specs)}",
                en=f"the name of a new layer is of {_FORM.en}; there are the layers "
                f"{', '.join(specs)}",
            ),
        )
    if any(name.startswith(start) for start in _RESERVED):
        raise _refused(
            name,
            Sentence(
                zh="这个名称留给数据库自身使用；请换一个图层名称",
                en="the name is kept for the database itself; choose another name",
            ),
        )
    return None


def _refused(name: str, why: Sentence) -> ImportFileError:
    shown = repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")
    return ImportFileError(
        f"nothing can be imported into {shown}: {why.en}",
        f"不能导入到 {shown}：{why.zh}",
        [Fault(None, "layer", shown, _FORM.en, f"以{_FORM.zh}")],
    )
