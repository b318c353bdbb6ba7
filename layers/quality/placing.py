"""Where a feature is measured from, how large it is, and what its geometry is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType as Kind

from geo.arrays import Floats, Mask
from geo.crs import STORAGE_CRS
from geo.errors import Fault
from geo.measure import M2_PER_MU, area_m2
from geo.sentence import Sentence
from layers.quality.draft import Draft

Shapes = NDArray[np.object_]

_SAME_DEG = 2e-8
"""Two positions this near (2 mm) are one, told in two systems."""

_STATED_SHARE = 0.01
"""An area that differs from the stated one by more than this is told."""

_STATED = {"area_mu": M2_PER_MU, "stated_area_m2": 1.0}
"""Fields that state an area, and what one of it is worth in m²."""

_SURVEYED = frozenset({"zones"})
"""Layers whose polygons are taken for surveyed ones: without, they are indicative footprints."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a file's geometries are worth, as the planner says where the file does not.

    `kind` is their `geometry_kind`, `accuracy_m` the 95 % radius in m. `source` and `as_of` say
    where they come from; `..._given` tells whether the planner named them or they are taken from
    the file's name and the day.
    """

    kind: str | None
    accuracy_m: float | None
    source: str
    source_given: bool
    as_of: str
    as_of_given: bool


def measure(draft: Draft) -> None:
    """Fill the reference point and the ellipsoidal area of every row with a geometry of its own.

    A reference point that the file gives stays, only of a point it must be that point. Else it is
    the point, or a point on the surface of a polygon or on a line. `area_m2` is always measured.
    """
    if draft.shapes is None:
        return
    moved = draft.moved & ~shapely.is_missing(draft.shapes)
    _reference_points(draft, moved)
    for name in ("ref_lon", "ref_lat"):
        draft.fill(name, draft.stood(name), ~moved)
    if draft.spec.free or not draft.has("area_m2"):
        return
    same = draft.unchanged_shapes()
    if "footprint_offset_m" in draft.values:
        draft.write("footprint_offset_m", draft.stood_numbers("footprint_offset_m"), same)
    area = draft.stood_numbers("area_m2")
    moved &= ~same | np.isnan(area)
    area[moved] = area_m2(draft.shapes[moved], STORAGE_CRS)
    draft.write("area_m2", area, np.ones(len(draft), dtype=bool))
    for name, worth in _STATED.items():
        if draft.has(name):
            _compare_areas(draft, name, worth, moved & _is_surveyed(draft))


def value_geometry(draft: Draft, worth: Worth) -> None:
    """Fill the kind of geometry, its accuracy and where it comes from, and keep what stands.

    What the file gives goes first, then what the planner says, then, where the geometry is the one
    that stands already, what is said of it now. Name and date of the file are taken for features
    that are new or have a new geometry only: else an unchanged file would change everything.
    """
    fresh = ~draft.unchanged_shapes()
    if worth.source_given:
        draft.fill("source", worth.source)
    if worth.as_of_given:
        draft.fill("as_of", worth.as_of)
    draft.fill("source", worth.source, fresh)
    draft.fill("as_of", worth.as_of, fresh)
    if draft.shapes is not None:
        _warn_of_redrawn(draft, fresh)
        _tell_basis(draft, worth, draft.moved & fresh)
        draft.fill("geometry_kind", _kinds(draft, worth), draft.moved & fresh)
        if worth.accuracy_m is not None:
            draft.fill("accuracy_m", worth.accuracy_m, draft.moved)
    for name in ("source", "as_of", "accuracy_m", "geometry_kind"):
        if name in draft.values:
            draft.fill(name, draft.stood(name), ~fresh)
    _refuse_unknown_accuracy(draft, draft.moved & fresh & ~draft.given("accuracy_m"))


def _warn_of_redrawn(draft: Draft, fresh: Mask) -> None:
    """Warn of footprints that are drawn anew and still called indicative."""
    if draft.spec.id not in _SURVEYED or "geometry_kind" not in draft.headers:
        return
    redrawn = draft.moved & fresh & draft.stands & ~_is_surveyed(draft)
    due = Sentence(
        "surveyed（实测边界），如果这是实际边界：该几何与图层中的示意范围不同",
        "surveyed, if this is the real boundary: the geometry is not the footprint that stands",
    )
    for row in np.flatnonzero(redrawn).tolist():
        draft.ledger.warn(row, draft.header("geometry_kind"), "indicative", due)


def _tell_basis(draft: Draft, worth: Worth, rows: Mask) -> None:
    """A new position was read in the file, whatever the one before rested on."""
    for name, value in (("basis_kind", "read"), ("basis", worth.source)):
        if draft.has(name) and not draft.spec.free and rows.any():
            draft.fill(name, value, rows)
            if name not in draft.headers:
                draft.fill(name, draft.stood(name), ~rows)


def _refuse_unknown_accuracy(draft: Draft, rows: Mask) -> None:
    """Write down the rows whose position may be off by nobody knows how much, where it matters."""
    if draft.columns["accuracy_m"].nullable or not rows.any():
        return
    due = Sentence(
        "位置精度（95% 半径，米），大于 0：请在列 accuracy_m 中填写，或用 --accuracy-m 注明",
        "the accuracy of the position (95 % radius in m) above 0: fill the column accuracy_m, or "
        "state it with --accuracy-m",
    )
    if "accuracy_m" in draft.headers:
        for row in np.flatnonzero(rows & draft.untold("accuracy_m")).tolist():
            draft.ledger.refuse(row, draft.header("accuracy_m"), None, due)
    else:
        draft.ledger.refuse(None, "accuracy_m", None, due)


def _kinds(draft: Draft, worth: Worth) -> Shapes:
    """The kind of each geometry by its type and layer, (n,)."""
    assert draft.shapes is not None
    dimension = shapely.get_dimensions(draft.shapes)
    polygon = "surveyed" if draft.spec.id in _SURVEYED else "boundary"
    names = np.array(["point", "line", polygon, None], dtype=object)
    kinds: Shapes = names[dimension]
    if worth.kind is not None:
        kinds[dimension >= 0] = worth.kind
    return kinds


def _reference_points(draft: Draft, moved: Mask) -> None:
    assert draft.shapes is not None
    shapes = draft.shapes
    single = shapely.get_type_id(shapes) == Kind.POINT
    points = shapes.copy()
    points[~single] = shapely.point_on_surface(shapes[~single])
    found = {"ref_lon": shapely.get_x(points), "ref_lat": shapely.get_y(points)}
    given = draft.given("ref_lon") & draft.given("ref_lat")
    own = {name: draft.numbers(name) for name in found}
    off = np.maximum(*(np.abs(own[name] - found[name]) for name in found))
    wrong = given & single & moved & (off > _SAME_DEG)
    for row in np.flatnonzero(wrong).tolist():
        due = Sentence(
            f"点位本身 ({found['ref_lon'][row]:.7f}, {found['ref_lat'][row]:.7f})，已按它改写",
            f"the point itself, ({found['ref_lon'][row]:.7f}, {found['ref_lat'][row]:.7f}), which "
            "is taken",
        )
        value = f"({own['ref_lon'][row]:.7f}, {own['ref_lat'][row]:.7f})"
        draft.ledger.warn(row, "ref_lon, ref_lat", value, due)
    for name, values in found.items():
        draft.write(name, values, moved & (~given | wrong))


def _is_surveyed(draft: Draft) -> Mask:
    """Tell which rows have a boundary that is no indicative shape of the stated area."""
    result: Mask = (draft.value("geometry_kind") != "indicative").to_numpy(dtype=bool)
    return result


def _compare_areas(draft: Draft, name: str, worth_m2: float, rows: Mask) -> None:
    """Warn where a stated area differs by more than 1 % from the one measured."""
    stated: Floats = draft.numbers(name)
    if name not in draft.values:
        stated = draft.stood_numbers(name)
    measured = draft.numbers("area_m2") / worth_m2
    with np.errstate(invalid="ignore"):
        differs = rows & (np.abs(measured - stated) > _STATED_SHARE * stated)
    unit = next(one.unit for one in draft.spec.fields if one.name == name)
    assert unit is not None
    due = Sentence(
        f"与所给边界的椭球面积（后一数，{unit.zh}）相差不超过 1% 的面积，请核对哪个对",
        f"an area within 1 % of the ellipsoidal one of the boundary given (the second figure, "
        f"{unit.en}); check which is right",
    )
    far = np.flatnonzero(differs)
    pairs = zip(far.tolist(), stated[far].tolist(), measured[far].tolist(), strict=True)
    header, names = draft.header(name), draft.ledger.rows
    draft.ledger.warnings += [
        Fault(names[row], header, f"{told:.10g} ≠ {area:.2f}", due.en, due.zh)
        for row, told, area in pairs
    ]
