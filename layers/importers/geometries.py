"""Geometries as they come from a file: shapely objects in two dimensions, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.sentence import Sentence
from layers.importers.findings import Findings, heights_dropped, rings_closed

Shapes = NDArray[np.object_]

_NOT_BUILT = Sentence(
    "可构成的几何（环至少三个角点，不含多面体）；请更正",
    "a geometry that can be built: rings of three corners and more, no multipatch; correct it",
)
_NOT_FINITE = Sentence(
    "有限的坐标；请改正 NaN 或无穷大（如 1e400）",
    "finite coordinates; correct NaN and infinity (such as 1e400)",
)


def shapes_of(binary: NDArray[np.object_], rows: Sequence[str], findings: Findings) -> Shapes:
    """Geometries of (n,) well-known binaries, None where there is none, it is empty or at fault.

    Heights and measures are dropped and open rings closed, both counted; what cannot be built and
    what is not finite is a fault of its row. Collections stay.
    """
    with np.errstate(invalid="ignore"):
        return _shapes_of(binary, rows, findings)


def _shapes_of(binary: NDArray[np.object_], rows: Sequence[str], findings: Findings) -> Shapes:
    shapes: Shapes = shapely.from_wkb(binary, on_invalid="ignore")
    missing = np.flatnonzero(shapely.is_missing(shapes)).tolist()
    if broken := [index for index in missing if binary[index] is not None]:
        fixed = shapely.from_wkb(binary[broken], on_invalid="fix")
        shapes[broken] = fixed
        lost = shapely.is_missing(fixed).tolist()
        for index, is_lost in zip(broken, lost, strict=True):
            if is_lost:
                findings.fault(rows[index], "geometry", "?", _NOT_BUILT)
            else:
                findings.count(rings_closed, [rows[index]])
    _drop_infinite(shapes, rows, findings)
    _drop_heights(shapes, rows, findings)
    empty = np.flatnonzero(shapely.is_empty(shapes)).tolist()
    if empty:
        shapes[empty] = None
        findings.count(empty_dropped, [rows[i] for i in empty])
    return shapes


def _drop_infinite(shapes: Shapes, rows: Sequence[str], findings: Findings) -> None:
    if np.isfinite(shapely.get_coordinates(shapes)).all():
        return
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1)
    indices, first = np.unique(of[bad], return_index=True)
    for index, at in zip(indices.tolist(), xy[bad][first], strict=True):
        findings.fault(rows[index], "geometry", f"({at[0]}, {at[1]})", _NOT_FINITE)
    shapes[indices] = None


def _drop_heights(shapes: Shapes, rows: Sequence[str], findings: Findings) -> None:
    """Leave two dimensions; heights that are all 0 or not given say nothing and are not counted."""
    measured = shapely.has_m(shapes)
    tall = np.flatnonzero(shapely.has_z(shapes) | measured)
    if not len(tall):
        return
    xyz, of = shapely.get_coordinates(shapes[tall], include_z=True, return_index=True)
    telling = measured[tall]
    telling[of[np.nan_to_num(xyz[:, 2]) != 0.0]] = True
    shapes[tall] = shapely.force_2d(shapes[tall])
    if telling.any():
        findings.count(heights_dropped, [rows[index] for index in tall[telling].tolist()])


def empty_dropped(count: int, rows: Sentence) -> Sentence:
    """What is said of rows whose geometry is there but empty."""
    return Sentence(
        f"{count} 行的几何为空，视同没有几何：{rows.zh}",
        f"the geometry is empty in {count} rows, taken as none: {rows.en}",
    )
