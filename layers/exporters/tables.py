"""Excel templates and boundary-point texts: what their writers need, and when they are refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.clock import time_of, utc_now
from layers.errors import ExportError
from layers.exporters.outgoing import Outgoing


def write_excel(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write an Excel template: all values, positions of points as longitude and latitude.

    Raises `ExportError` for another system than CGCS2000 or WGS 84 degrees (less than 1 m apart):
    the template is to be imported again, and that reads positions as such.
    """
    from layers.exporters.workbook import write_template
    from layers.schemas import layer_columns

    if not outgoing.place.is_common:
        raise ExportError(
            f"the Excel template has positions in CGCS2000 degrees and cannot be in "
            f"{outgoing.place.word}; leave out the system, or choose csv",
            f"Excel 模板中的位置为 CGCS2000 经纬度，不能采用 {outgoing.place.word}；"
            "请不指定坐标系，或改用 csv",
        )
    notes = write_template(
        _frame(outgoing),
        outgoing.spec,
        layer_columns(outgoing.spec),
        path,
        outgoing.lang,
        workspace=outgoing.workspace,
        revision=outgoing.revision,
    )
    return list(notes)


def write_boundary_text(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write polygons as the boundary-point text, with number, name, sheet, use and code of each."""
    from layers.exporters.boundary_points import write_boundary_points

    system = outgoing.place.code or outgoing.place.word
    day = time_of(utc_now)[: len("2023-01-01")]
    notes = write_boundary_points(_frame(outgoing), path, system, made_on=day)
    kept = {outgoing.spec.key, "name_zh", "sheet", "land_use", "code"}
    lost = [field.name for field in outgoing.spec.fields if field.name not in kept]
    if lost:
        notes = (
            *notes,
            Sentence(
                f"界址点 TXT 只有地块编号、名称、图幅号、用途和地类编码，{len(lost)} 个字段未写入",
                "the boundary-point text has number, name, sheet, use and land-use code only: "
                f"{len(lost)} fields are left out",
            ),
        )
    return list(notes)


def _frame(outgoing: Outgoing) -> gpd.GeoDataFrame:
    """The layer as it is stored."""
    return gpd.GeoDataFrame(outgoing.frame, geometry=outgoing.stored, crs=STORAGE_CRS)
