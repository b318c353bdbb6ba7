"""Structural repair: only what is broken is touched, and the change of its area is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Ints, Mask
from geo.crs import require_crs
from geo.errors import Fault, GeometryError
from geo.measure import area_m2, transform
from geo.repair.reasons import reasons_of
from geo.sentence import Sentence

Shapes = NDArray[np.object_]

ACCEPTED_SHARE = 0.01
"""A repair that changes more of the area than this is somebody's decision, not ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """Geometries that are valid, (n,), and what was done to those that were not.

    `rows` (k,) are the positions of the geometries that were broken, in order, with the `reasons`
    why. `before_m2` and `after_m2`, (k,), are ellipsoidal areas, that of a broken polygon being
    what its rings enclose by their direction (both lobes of a bow-tie cancel). `share`, (k,) in
    0-1, is the change in parts of the larger of the two. `lost`, (k,): nothing is left, the
    geometry is empty now. `thinned` counts geometries that only had vertices repeated.
    """

    geometries: Shapes
    rows: Ints
    reasons: tuple[Sentence, ...]
    before_m2: Floats
    after_m2: Floats
    share: Floats
    lost: Mask
    thinned: int

    @property
    def large(self) -> Mask:
        """Tell which repairs, (k,), change more than `ACCEPTED_SHARE` of the area."""
        result: Mask = self.share > ACCEPTED_SHARE
        return result


def repair(geometries: Shapes, crs: object) -> Repair:
    """Make geometries valid, (n,), by their structure; valid ones come back as they are.

    GEOS' `make_valid` by structure without collapsed parts: rings are the edges of areas, holes are
    taken from shells, spikes and what has no area fall away, a polygon stays one or becomes
    several. The rings of a repaired geometry may turn round; those of a valid one never do.
    Vertices that repeat the one before are dropped everywhere, which changes no area. Areas are
    taken with edges straight in degrees. Missing
    geometries stay missing, empty ones empty, both count as sound. Coordinates are finite, in
    `crs`. Raises `GeometryError` with the rows whose coordinates are not finite, and `CrsError`
    where there is something to mend without a CRS.
    """
    shapes = np.asarray(geometries, dtype=object).copy()
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    _require_finite(xy, owner)
    valid = np.asarray(shapely.is_valid(shapes) | shapely.is_missing(shapes), dtype=bool)
    thinned = _thin(shapes, valid, xy, owner)
    rows = np.flatnonzero(~valid)
    if not len(rows):
        none = np.zeros(0)
        return Repair(shapes, rows, (), none, none, none, np.zeros(0, dtype=bool), thinned)
    broken = shapes[rows]
    mended = _mended(broken)
    shapes[rows] = mended
    before, after = _areas(broken, crs), _areas(mended, crs)
    larger = np.maximum(before, after)
    share = np.divide(np.abs(after - before), larger, out=np.zeros(len(rows)), where=larger > 0.0)
    lost = np.asarray(shapely.is_empty(mended), dtype=bool)
    share[lost] = 1.0
    return Repair(shapes, rows, reasons_of(broken, share), before, after, share, lost, thinned)


def _require_finite(xy: Floats, owner: Ints) -> None:
    wrong = ~(np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1]))
    if not wrong.any():
        return
    rows, first = np.unique(owner[wrong], return_index=True)
    values = xy[wrong][first].tolist()
    expected = Sentence(zh="有限的数", en="finite numbers")
    raise GeometryError(
        f"{len(rows)} geometries have coordinates that are NaN or infinite, the first in row "
        f"{rows[0]}; correct or remove them",
        f"{len(rows)} 个几何含非数值或无穷大的坐标，首个在第 {rows[0]} 行；请更正或删除",
        [
            Fault.stating(int(row), "geometry", tuple(value), expected)
            for row, value in zip(rows, values, strict=True)
        ],
    )


def _mended(broken: Shapes) -> Shapes:
    """Valid geometries by structure; parts that GEOS leaves side by side are joined."""
    mended = np.asarray(
        shapely.make_valid(broken, method="structure", keep_collapsed=False), dtype=object
    )
    for row in np.flatnonzero(~shapely.is_valid(mended)):
        mended[row] = shapely.union_all(shapely.get_parts(mended[row]))
    return mended


def _areas(shapes: Shapes, crs: object) -> Floats:
    """Areas in m², edges straight in degrees: cutting edges in a plane would mend broken rings."""
    source = require_crs(crs)
    degrees = source if source.is_geographic else source.geodetic_crs
    assert degrees is not None
    return area_m2(transform(shapes, source.to_string(), degrees.to_string()), degrees)


def _thin(shapes: Shapes, valid: Mask, xy: Floats, owner: Ints) -> int:
    """Drop vertices that repeat the one before, in place, and count the geometries that had any.

    Only of valid ones: the repair of the others drops theirs.
    """
    same = (xy[1:, 0] == xy[:-1, 0]) & (xy[1:, 1] == xy[:-1, 1]) & (owner[1:] == owner[:-1])
    rows = np.unique(owner[1:][same])
    rows = rows[valid[rows]]
    if not len(rows):
        return 0
    thin = np.asarray(shapely.remove_repeated_points(shapes[rows]), dtype=object)
    fewer = shapely.get_num_coordinates(thin) < shapely.get_num_coordinates(shapes[rows])
    shapes[rows[fewer]] = thin[fewer]
    return int(fewer.sum())
