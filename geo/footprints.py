"""Indicative footprints: a disc of exactly the published area, near its point, none overlapping.

A published list gives areas but no boundary. The shape drawn for such a feature says how large it
is, not where its edge runs; it is spread only as far as needed so that all can be seen.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.errors import GeometryError
from geo.measure import area_m2, transform, transformer

_VERTICES = 48
_CLEARANCE_M = 20.0
"""Space kept between two shapes and to the border, so that none touch after reprojection."""
_ROUNDS = 2000
_AROUND_M = 50_000.0
"""Where no host sets a bound, a disc goes no further than this beyond what is in its way."""


def build_footprints(
    lon: Floats,
    lat: Floats,
    published_area_m2: Floats,
    hosts: NDArray[np.object_],
    *,
    crs: str,
    plane_crs: str,
    taken: NDArray[np.object_] | None = None,
) -> tuple[NDArray[np.object_], Floats]:
    """Place one disc per point: `(polygons in crs, distance moved in m)`.

    `hosts` holds the polygon (in `crs`) in which each disc must lie; a missing host sets no
    bound. `taken` are polygons (in `crs`) that stand already and stay where they are. Each
    polygon's ellipsoidal area equals `published_area_m2` to a relative 1e-9, it lies inside its
    host, and no two overlap, nor one and what is taken. Deterministic: the same input gives the
    same bytes. Raises `GeometryError` where an area is not positive, a host has no room, or the
    discs do not fit.
    """
    _require_positive(published_area_m2)
    start = np.column_stack(transformer(crs, plane_crs).transform(lon, lat))
    radius = np.sqrt(published_area_m2 / np.pi) * 1.01
    rooms = _rooms(transform(hosts, crs, plane_crs), radius)
    if taken is not None and len(taken):
        rooms = _left_free(rooms, transform(taken, crs, plane_crs), start, radius)
    centre = _spread(start, radius, rooms)
    polygons = _exact_discs(centre, published_area_m2, crs=crs, plane_crs=plane_crs)
    return polygons, np.hypot(*(centre - start).T)


def _require_positive(area: Floats) -> None:
    bad = np.flatnonzero(~(np.isfinite(area) & (area > 0)))
    if len(bad):
        raise GeometryError(
            f"feature {bad[0] + 1} has area {area[bad[0]]}; a footprint needs a positive area",
            f"第 {bad[0] + 1} 个要素的面积为 {area[bad[0]]}；绘制示意范围需要正的面积",
        )


def _rooms(hosts: NDArray[np.object_], radius: Floats) -> NDArray[np.object_]:
    """Where each centre may stand: the host shrunk by the disc's radius."""
    rooms = shapely.buffer(hosts, -(radius + _CLEARANCE_M))
    full = np.flatnonzero(shapely.is_empty(rooms))
    if len(full):
        raise GeometryError(
            f"feature {full[0] + 1} does not fit into its district",
            f"第 {full[0] + 1} 个要素放不进所在的县（市、区）",
        )
    shapely.prepare(rooms)
    return np.asarray(rooms, dtype=object)


def _left_free(
    rooms: NDArray[np.object_], taken: NDArray[np.object_], start: Floats, radius: Floats
) -> NDArray[np.object_]:
    """The rooms without the places where a disc would meet what is taken."""
    free = rooms.copy()
    reach = shapely.area(shapely.envelope(taken)).sum() ** 0.5 + radius.sum() + _AROUND_M
    for row, (x, y) in enumerate(start):
        room = shapely.box(x - reach, y - reach, x + reach, y + reach)
        kept = shapely.buffer(taken, radius[row] + _CLEARANCE_M, quad_segs=32)
        free[row] = shapely.difference(
            room if rooms[row] is None else rooms[row], shapely.union_all(kept)
        )
    full = np.flatnonzero(shapely.is_empty(free))
    if len(full):
        raise GeometryError(
            f"feature {full[0] + 1} does not fit into its district beside what stands there",
            f"第 {full[0] + 1} 个要素放不进所在的县（市、区）：已有的要素占满了位置",
        )
    shapely.prepare(free)
    return free


def _into_rooms(centre: Floats, rooms: NDArray[np.object_]) -> Floats:
    """Move each centre that stands outside its room to the nearest point of it."""
    points = shapely.points(centre)
    outside = np.flatnonzero(~shapely.covers(rooms, points) & ~shapely.is_missing(rooms))
    moved = centre.copy()
    if len(outside):
        lines = shapely.shortest_line(rooms[outside], points[outside])
        moved[outside] = shapely.get_coordinates(shapely.get_point(lines, 0))
    return moved


def _spread(start: Floats, radius: Floats, rooms: NDArray[np.object_]) -> Floats:
    """Push overlapping discs apart, half each, until none overlap.

    Coincident centres part along directions a golden angle apart, so that the order of rows alone
    decides.
    """
    n = len(start)
    angle = np.arange(n) * np.pi * (3.0 - np.sqrt(5.0))
    centre = _into_rooms(start + 0.5 * np.column_stack([np.cos(angle), np.sin(angle)]), rooms)
    need = radius[:, None] + radius[None, :] + _CLEARANCE_M
    np.fill_diagonal(need, 0.0)
    for _ in range(_ROUNDS):
        offset = centre[:, None, :] - centre[None, :, :]
        distance = np.hypot(offset[..., 0], offset[..., 1])
        lack = np.maximum(need - distance, 0.0)
        if lack.max(initial=0.0) < 1.0:
            return centre
        direction = offset / np.maximum(distance, 1e-9)[..., None]
        centre = _into_rooms(centre + 0.55 * (lack[..., None] * direction).sum(axis=1), rooms)
    raise GeometryError(
        "the indicative footprints do not fit into their districts without overlap",
        "示意范围无法在所在县（市、区）内互不重叠地放下",
    )


def _exact_discs(
    centre: Floats, published_area_m2: Floats, *, crs: str, plane_crs: str
) -> NDArray[np.object_]:
    """Regular polygons whose ellipsoidal area is the published one."""
    turn = np.linspace(0.0, 2.0 * np.pi, _VERTICES, endpoint=False)
    unit = np.column_stack([np.cos(turn), np.sin(turn)])
    size = np.sqrt(published_area_m2 / np.pi)
    polygons = np.empty(len(centre), dtype=object)
    for _ in range(4):
        rings = centre[:, None, :] + size[:, None, None] * unit[None, :, :]
        polygons = transform(shapely.polygons(rings), plane_crs, crs)
        size = size * np.sqrt(published_area_m2 / area_m2(polygons, crs))
    return polygons
