"""Geometries of a file made fit for their layer: of its type, valid, and each repair told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE_CRS
from geo.repair import ACCEPTED_SHARE, Repair, fit_type, repair
from geo.sentence import Sentence
from layers.quality.report import Ledger, RepairLine

Shapes = NDArray[np.object_]

_TYPES = {
    "Point": Sentence("点", "a point"),
    "MultiPoint": Sentence("点", "points"),
    "LineString": Sentence("线", "a line"),
    "MultiLineString": Sentence("线", "lines"),
    "Polygon": Sentence("面", "a polygon"),
    "MultiPolygon": Sentence("面", "polygons"),
    "Geometry": Sentence("点、线或面（不是几何集合）", "points, lines or polygons, no collection"),
}


def fit_shapes(shapes: Shapes, geometry_type: str, ledger: Ledger) -> Shapes:
    """Bring geometries to the type of the layer; what is of another type is a fault of its row.

    Of a collection the parts of the type are kept, with a warning that says how many are lost.
    """
    fit = fit_type(shapes, geometry_type)
    for row in fit.unfit.tolist():
        ledger.refuse(row, "geometry", shapes[row].geom_type, _TYPES[geometry_type])
    for row, lost in zip(fit.parted.tolist(), fit.lost_parts.tolist(), strict=True):
        due = Sentence(
            f"{_TYPES[geometry_type].zh}；其余 {lost} 个部分已略去",
            f"{_TYPES[geometry_type].en}; {lost} other parts were left out",
        )
        ledger.warn(row, "geometry", "GeometryCollection", due)
    return fit.geometries


def mend_shapes(
    shapes: Shapes,
    geometry_type: str,
    ledger: Ledger,
    *,
    ids: Sequence[object],
    accept_repair: bool,
) -> Shapes:
    """Make geometries in EPSG:4490 valid, and write down each repair with its areas.

    A repair that changes more than 1 % of the area is a fault of its row unless `accept_repair`;
    one that leaves nothing always is.
    """
    done = repair(shapes, STORAGE_CRS)
    if done.thinned:
        ledger.note(
            f"{done.thinned:,} 个几何中重复的顶点已去除，形状与面积不变",
            f"vertices that repeat the one before were dropped from {done.thinned:,} geometries; "
            "shape and area stay the same",
        )
    for number, row in enumerate(done.rows.tolist()):
        _tell(done, number, row, ledger, ids=ids, accepted=accept_repair)
    if len(done.rows):
        again = fit_type(done.geometries[done.rows], geometry_type)
        done.geometries[done.rows] = again.geometries
    return done.geometries


def _tell(
    done: Repair,
    number: int,
    row: int,
    ledger: Ledger,
    *,
    ids: Sequence[object],
    accepted: bool,
) -> None:
    name = ids[row]
    line = RepairLine(
        row=ledger.rows[row],
        id=name if isinstance(name, str) else None,
        reason=done.reasons[number],
        before_m2=float(done.before_m2[number]),
        after_m2=float(done.after_m2[number]),
        share=float(done.share[number]),
    )
    if done.lost[number]:
        due = Sentence(
            "有面积（或长度）的几何；修复后什么也不剩，请重新绘制",
            "a geometry with an area (or length); nothing is left of it once mended, draw it again",
        )
        ledger.refuse(row, "geometry", line.reason.en, due)
        return
    ledger.repairs.append(line)
    if done.large[number] and not accepted:
        limit = f"{100.0 * ACCEPTED_SHARE:g} %"
        due = Sentence(
            f"有效的几何（{line.reason.zh}）；自动修复会使面积由 {line.before_m2:,.1f} 平方米变为 "
            f"{line.after_m2:,.1f} 平方米，超过 {limit}：请更正，或用 --accept-repair 接受",
            f"a valid geometry ({line.reason.en}); mending it would take its area from "
            f"{line.before_m2:,.1f} m² to {line.after_m2:,.1f} m², more than {limit}: correct it, "
            "or accept the repair with --accept-repair",
        )
        ledger.refuse(row, "geometry", "invalid", due)


def refuse_gaps(shapes: Shapes, rows: NDArray[np.bool_], ledger: Ledger) -> None:
    """Write down the rows, out of `rows`, whose geometry is missing or empty."""
    due = Sentence(
        "一个几何（新要素须有位置；只有已在图层中的编号可以只更新属性）",
        "a geometry: a new feature needs a position, only ids that stand in the layer may be "
        "updated without",
    )
    empty = shapely.is_empty(shapes)
    for row in np.flatnonzero(rows & (shapely.is_missing(shapes) | empty)).tolist():
        ledger.refuse(row, "geometry", "empty" if empty[row] else None, due)
