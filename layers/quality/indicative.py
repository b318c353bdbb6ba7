"""Zones that a list gives as points with an area: indicative footprints beside those that stand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import GeometryType as Kind

from geo.arrays import Floats, Mask
from geo.crs import STORAGE_CRS, working_epsg
from geo.errors import CrsError, GeometryError
from geo.footprints import build_footprints
from geo.measure import M2_PER_MU
from geo.sentence import Sentence
from layers.catalog import LayerSpec
from layers.quality.draft import Draft

Shapes = NDArray[np.object_]

_SAME_DEG = 2e-8


def takes_points(spec: LayerSpec) -> bool:
    """Whether a layer of polygons takes a point with an area, to be drawn as a footprint."""
    return spec.id == "zones"


def draw_footprints(draft: Draft, districts: gpd.GeoDataFrame | None) -> None:
    """Turn each row that is a point into a footprint of exactly its published area.

    It lies within the district it counts in (`host_district`), which is the district as printed
    where that is one, else the one that holds the point; it meets no zone that stands and none of
    the file. A zone that stands with the same point and area keeps its footprint; one whose
    boundary is surveyed keeps that, and the point becomes its reference point. Rows without an
    area are faults, and so is a file whose footprints have no room.
    """
    if draft.shapes is None:
        return
    point = np.asarray(shapely.get_type_id(draft.shapes) == Kind.POINT, dtype=bool)
    if not point.any():
        _close(draft, draft.moved)
        return
    lon, lat = shapely.get_x(draft.shapes), shapely.get_y(draft.shapes)
    for name, values in (("ref_lon", lon), ("ref_lat", lat)):
        draft.write(name, values, point)
    _host(draft, point, districts)
    area = draft.numbers("area_mu")
    area = np.where(np.isnan(area), draft.stood_numbers("area_mu"), area)
    kept = point & _keeps(draft, lon, lat, area)
    draft.shapes[kept] = draft.stood_shapes()[kept]
    draft.moved = draft.moved & ~kept
    for name in ("ref_lon", "ref_lat"):
        stood = draft.stood_numbers(name)
        near = np.abs(draft.numbers(name) - stood) <= _SAME_DEG
        draft.write(name, stood, kept & near)
    _close(draft, draft.moved & ~point)
    new = point & ~kept
    due = Sentence(
        "大于 0 的面积（亩）：以点给出的工业区按面积画示意范围",
        "an area in mu above 0: a zone given as a point is drawn by its area",
    )
    without = new & ~(area > 0.0)
    for row in np.flatnonzero(without & draft.untold("area_mu")).tolist():
        draft.ledger.refuse(row, draft.header("area_mu"), None, due)
    if new.any() and not without.any():
        _draw(draft, new, (lon, lat), area, districts)


def _close(draft: Draft, rows: Mask) -> None:
    """A boundary of the file's own is no footprint that was moved from its point."""
    own = ~(draft.value("geometry_kind") == "indicative").to_numpy(dtype=bool)
    surveyed = rows & own & ~draft.unchanged_shapes()
    if surveyed.any():
        draft.fill("footprint_offset_m", draft.stood("footprint_offset_m"), ~draft.moved)
        draft.write("footprint_offset_m", np.full(len(draft), np.nan), surveyed)


def _keeps(draft: Draft, lon: Floats, lat: Floats, area: Floats) -> Mask:
    """Tell which rows stand with a surveyed boundary, or with this very point and area."""
    surveyed = draft.stands & (draft.stood("geometry_kind") == "surveyed").to_numpy(dtype=bool)
    same = draft.stands & (draft.stood("geometry_kind") == "indicative").to_numpy(dtype=bool)
    for name, values, near in (
        ("ref_lon", lon, _SAME_DEG),
        ("ref_lat", lat, _SAME_DEG),
        ("area_mu", area, 0.0),
    ):
        stood = draft.stood_numbers(name)
        same &= np.abs(stood - values) <= near
    return surveyed | same


def _host(draft: Draft, point: Mask, districts: gpd.GeoDataFrame | None) -> None:
    """Fill the district that a new zone counts in."""
    if districts is None or districts.empty:
        return
    names = districts["name_zh"].to_numpy(dtype=object)
    printed = draft.value("district").where(draft.value("district").isin(set(names)))
    draft.fill("host_district", printed, point & ~draft.stands)
    left = np.flatnonzero(point & ~draft.stands & ~draft.given("host_district"))
    if not len(left):
        return
    assert draft.shapes is not None
    shapes = districts.geometry.to_numpy()
    holds = shapely.intersects(draft.shapes[left, None], shapes[None, :])
    found = np.full(len(draft), None, dtype=object)
    found[left] = np.where(holds.any(axis=1), names[holds.argmax(axis=1)], None)
    draft.fill("host_district", found, point)


def _draw(
    draft: Draft,
    new: Mask,
    point: tuple[Floats, Floats],
    area_mu: Floats,
    districts: gpd.GeoDataFrame | None,
) -> None:
    assert draft.shapes is not None
    host = draft.value("host_district")
    host = host.where(host.notna(), draft.stood("host_district"))
    try:
        polygons, moved = build_footprints(
            point[0][new],
            point[1][new],
            area_mu[new] * M2_PER_MU,
            _outlines(host[new], districts),
            crs=STORAGE_CRS,
            plane_crs=_plane(point[0][new], districts),
            taken=_taken(draft, new),
        )
    except (GeometryError, CrsError) as error:
        draft.ledger.refuse(None, None, None, error.sentence)
        return
    draft.shapes[new] = shapely.multipolygons(polygons, indices=np.arange(len(polygons)))
    offset = draft.stood_numbers("footprint_offset_m")
    draft.fill("footprint_offset_m", offset, ~draft.moved)
    offset[new] = moved
    draft.write("footprint_offset_m", offset, new)
    draft.write("geometry_kind", "indicative", new)
    count = int(new.sum())
    draft.ledger.note(
        f"{count} 个工业区只有点位和面积，已画面积相等的示意范围，互不重叠，也不与已有的重叠；"
        "形状与位置不是实际边界",
        f"{count} zones have a point and an area only; each is drawn as an indicative footprint of "
        "exactly that area, apart from each other and from those that stand: place and form are "
        "not the real boundary",
    )


def _outlines(hosts: pd.Series, districts: gpd.GeoDataFrame | None) -> Shapes:
    shapes = np.full(len(hosts), None, dtype=object)
    if districts is None or districts.empty:
        return shapes
    outlines = dict(zip(districts["name_zh"], districts.geometry, strict=True))
    shapes[:] = [outlines.get(name) for name in hosts]
    return shapes


def _plane(lon: Floats, districts: gpd.GeoDataFrame | None) -> str:
    if districts is None or districts.empty:
        return f"EPSG:{working_epsg(float((lon.min() + lon.max()) / 2.0))}"
    west, _, east, _ = districts.total_bounds
    return f"EPSG:{working_epsg(float((west + east) / 2.0))}"


def _taken(draft: Draft, new: Mask) -> Shapes:
    """Zones that stay where they are: the others that stand, and the file's own boundaries."""
    assert draft.shapes is not None
    own = draft.shapes[~new]
    standing = np.zeros(0, dtype=object)
    if draft.standing is not None:
        stays = np.ones(len(draft.standing), dtype=bool)
        stays[draft.place[draft.stands]] = False
        standing = draft.standing.geometry.to_numpy()[stays]
    both = np.concatenate([own, standing])
    kept: Shapes = both[~(shapely.is_missing(both) | shapely.is_empty(both))]
    return kept
