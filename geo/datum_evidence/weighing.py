"""The evidence for each reading of a file, counted feature by feature, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Ints, Mask
from geo.crs import STORAGE_CRS, require_crs
from geo.datum_evidence.findings import DatumEvidence, Finding, ReadingEvidence
from geo.datum_evidence.known_places import KnownPlaces
from geo.datum_evidence.readings import Reading, declared_system, readings_of
from geo.datum_evidence.sign_test import SIGNIFICANCE, Comparison, compare
from geo.datum_evidence.words import evidence_sentences, verdict_sentence
from geo.datums.systems import SystemLike
from geo.errors import GeometryError
from geo.sentence import Sentence

NEAR_DEG = 0.1
"""A reading that brings no feature this near to the city's box (10 km) is out of the question."""

_LEAST_SHARE = 0.5
"""A reading under which fewer features agree is no answer, were it the best."""

_SAME_M = 1.0
"""Two readings of a named feature that are this equally far from the known place say nothing."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One reading's positions, and which features agree with it: all (n,).

    `agrees`: lies in its stated district, or where none is known in the city. `off_m`: distance to
    the known place of the same name, NaN without.
    """

    lon: Floats
    lat: Floats
    agrees: Mask
    off_m: Floats


Row = tuple[ReadingEvidence, Witness]


def weigh_readings(
    geometries: Sequence[Any] | NDArray[np.object_],
    *,
    districts: Sequence[Any] | NDArray[np.object_],
    district_names: Sequence[str],
    stated_districts: Sequence[str | None] | None = None,
    names: Sequence[str | None] | None = None,
    known_places: KnownPlaces | None = None,
    declared: SystemLike | None = None,
) -> DatumEvidence:
    """Weigh how the coordinates of features, (n,) as they stand in a file, are meant.

    `districts` are polygons in EPSG:4490, (m,), with their names; `stated_districts` what each
    feature says of itself and `names` its name, (n,) with None where it does not; `known_places`
    are held against features of the same name; `declared` is the system that the file claims.

    A feature stands where a point on its surface does (edge of a district inside). Readings that
    bring no feature near the city are out of the question. Of the others the best is held against
    each rival by the exact sign test over places in which the two differ: features of one cell of
    2 km move together and count once. The best is the answer where it beats every rival at 1 %,
    divided by their number (Bonferroni), and half of the features agree with it; else the answer
    is that one cannot tell, or that none fits.

    Raises `GeometryError` where columns differ in length, districts are missing, or no feature has
    a position, and `CrsError` for a declared system that is refused.
    """
    towns = _require_districts(districts, district_names)
    count = len(geometries)
    stated = _require_column(stated_districts, count, "stated_districts")
    titles = _require_column(names, count, "names")
    x, y, kept = _positions(geometries)
    codes, unknown = _district_codes([stated[row] for row in kept], district_names)
    shapely.prepare(towns)
    bounds = shapely.total_bounds(towns)
    place = (
        np.full(len(kept), -1, dtype=np.int64)
        if known_places is None
        else known_places.rows_of([titles[row] for row in kept])
    )
    table: list[Row] = []
    for reading in readings_of(
        float(bounds[0]), float(bounds[2]), float(bounds[1] + bounds[3]) / 2.0, declared
    ):
        if reading.holds(x, y).any():
            lon, lat = reading.degrees(x, y)
            inside, agrees = _agreement(lon, lat, towns, codes)
            off = _off_m(lon, lat, place, known_places)
            witness = Witness(lon, lat, agrees, off)
            table.append((_counted(reading, witness, inside, codes, bounds), witness))
    return _verdict(table, declared, unknown, count - len(kept))


def _verdict(
    table: list[Row],
    declared: SystemLike | None,
    unknown: tuple[str, ...],
    without_position: int,
) -> DatumEvidence:
    contest = _by_victories([one for one in table if one[0].near])
    others = sorted((one for one in table if not one[0].near), key=_merit, reverse=True)
    claimed = None if declared is None else Reading(declared_system(declared))
    comparisons: tuple[Comparison, ...] = ()
    candidates: tuple[Reading, ...] = ()
    if contest and contest[0][1].agrees.mean() >= _LEAST_SHARE:
        comparisons = tuple(_held_against(contest[0], rival) for rival in contest[1:])
        standing = [
            row.reading
            for (row, _), one in zip(contest[1:], comparisons, strict=True)
            if not _beats(one, len(comparisons))
        ]
        candidates = (contest[0][0].reading, *standing)
    result = DatumEvidence(
        finding=_found(candidates, claimed),
        reading=candidates[0] if len(candidates) == 1 else None,
        candidates=candidates,
        sentence=Sentence(zh="", en=""),
        evidence=(),
        rows=tuple(row for row, _ in [*contest, *others]),
        comparisons=comparisons,
        unknown_districts=unknown,
        without_position=without_position,
    )
    return replace(
        result, sentence=verdict_sentence(result, claimed), evidence=evidence_sentences(result)
    )


def _found(candidates: Sequence[Reading], claimed: Reading | None) -> Finding:
    """Name what all candidates find of a file's claim; else one cannot tell."""
    if not candidates:
        return "none_fits"
    found = {_finding(one, claimed) for one in candidates}
    settled = found.pop() if len(found) == 1 else "cannot_tell"
    return "cannot_tell" if settled == "found" and len(candidates) > 1 else settled


def _by_victories(contest: list[Row]) -> list[Row]:
    """Order readings by how many rivals they beat in more places than not, then by merit."""
    won = [
        sum(_leads(_held_against(one, rival)) for rival in contest if rival is not one)
        for one in contest
    ]
    order = sorted(
        range(len(contest)), key=lambda row: (won[row], _merit(contest[row])), reverse=True
    )
    return [contest[row] for row in order]


def _finding(reading: Reading, claimed: Reading | None) -> Finding:
    """Name what is wrong with the claim of a file, given how its numbers are meant."""
    if claimed is None:
        return "swapped_axes" if reading.swapped else "found"
    if claimed.id == reading.id:
        return "as_declared"
    if claimed.system.in_degrees != reading.system.in_degrees:
        return "metres_called_degrees" if claimed.system.in_degrees else "degrees_called_metres"
    if reading.swapped:
        return "swapped_axes"
    return "wrong_datum" if reading.system.in_degrees else "wrong_plane"


def _leads(one: Comparison) -> bool:
    return one.places_for > one.places_against


def _beats(one: Comparison, rivals: int) -> bool:
    return _leads(one) and one.p_value <= SIGNIFICANCE / rivals


def _merit(one: Row) -> tuple[float, float, int]:
    """Order of readings: features that agree, then nearness to known places, then to the city."""
    row, witness = one
    off = 0.0 if row.median_named_m is None else -row.median_named_m
    return float(witness.agrees.sum()), off, row.near


def _held_against(best: Row, rival: Row) -> Comparison:
    """Compare two readings where they differ, districts and known places both."""
    (row, one), (other_row, other) = best, rival
    by_district = one.agrees.astype(np.int64) - other.agrees.astype(np.int64)
    nearer = np.nan_to_num(other.off_m - one.off_m, nan=0.0)
    by_name = np.where(np.abs(nearer) > _SAME_M, np.sign(nearer), 0.0).astype(np.int64)
    known = np.isfinite(one.lon)
    lon = np.where(known, one.lon, other.lon)
    lat = np.where(known, one.lat, other.lat)
    return compare(
        row.reading.id,
        other_row.reading.id,
        signs=np.concatenate([by_district, by_name]),
        lon=np.tile(lon, 2),
        lat=np.tile(lat, 2),
        kind=np.repeat(np.array([0, 1], dtype=np.int64), len(lon)),
    )


def _counted(
    reading: Reading, witness: Witness, inside: Mask, codes: Ints, bounds: Floats
) -> ReadingEvidence:
    lon, lat, agrees = witness.lon, witness.lat, witness.agrees
    west, south, east, north = bounds + np.array([-1.0, -1.0, 1.0, 1.0]) * NEAR_DEG
    near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    readable = np.isfinite(lon)
    named = np.isfinite(witness.off_m)
    away = None
    if readable.any():
        middle = (bounds[:2] + bounds[2:]) / 2.0
        here = (float(np.median(lon[readable])), float(np.median(lat[readable])))
        away = float(_geod().inv(*here, float(middle[0]), float(middle[1]))[2])
    return ReadingEvidence(
        reading=reading,
        positions=len(lon),
        readable=int(readable.sum()),
        near=int(near.sum()),
        in_city=int(inside.sum()),
        stated=int((codes >= 0).sum()),
        in_stated=int((agrees & (codes >= 0)).sum()),
        named=int(named.sum()),
        median_named_m=float(np.median(witness.off_m[named])) if named.any() else None,
        away_m=away,
    )


def _agreement(
    lon: Floats, lat: Floats, towns: NDArray[np.object_], codes: Ints
) -> tuple[Mask, Mask]:
    """Tell which positions lie in any district, and which where their feature says: (n,) each."""
    inside, agrees = np.zeros(len(lon), dtype=bool), np.zeros(len(lon), dtype=bool)
    for town, (polygon, bounds) in enumerate(zip(towns, shapely.bounds(towns), strict=True)):
        west, south, east, north = bounds
        rows = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        hit = rows[shapely.intersects_xy(polygon, lon[rows], lat[rows])]
        inside[hit] = True
        agrees[hit[codes[hit] == town]] = True
    agrees |= inside & (codes < 0)
    return inside, agrees


def _off_m(lon: Floats, lat: Floats, place: Ints, known: KnownPlaces | None) -> Floats:
    """Geodesic distance in m to the known place of the same name, NaN without."""
    off = np.full(len(lon), np.nan)
    rows = np.flatnonzero((place >= 0) & np.isfinite(lon))
    if known is not None and len(rows):
        there = place[rows]
        off[rows] = _geod().inv(lon[rows], lat[rows], known.lon[there], known.lat[there])[2]
    return off


def _geod() -> Any:
    return require_crs(STORAGE_CRS).get_geod()


def _positions(geometries: Sequence[Any] | NDArray[np.object_]) -> tuple[Floats, Floats, Ints]:
    """Numbers of a point on each geometry, and the rows of those that have one."""
    shapes = np.empty(len(geometries), dtype=object)
    shapes[:] = list(geometries)
    wrong = np.flatnonzero(~(shapely.is_geometry(shapes) | shapely.is_missing(shapes)))
    if len(wrong):
        raise GeometryError(
            f"row {wrong[0]} is a {type(shapes[wrong[0]]).__name__}, not a geometry; give shapely "
            "geometries or None",
            f"第 {wrong[0]} 行是 {type(shapes[wrong[0]]).__name__}，不是几何；"
            "请给出 shapely 几何或 None",
        )
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    sound = shapely.get_num_coordinates(shapes) > 0
    sound[owner[~np.isfinite(xy).all(axis=1)]] = False
    kept = np.flatnonzero(sound)
    if not len(kept):
        raise GeometryError(
            f"none of the {len(shapes)} features has a position; there is nothing to weigh: give "
            "at least one geometry with finite coordinates",
            f"{len(shapes)} 个要素都没有位置，无从判断；请至少给出一个坐标有限的几何",
        )
    points = shapely.point_on_surface(shapes[kept])
    return shapely.get_x(points), shapely.get_y(points), kept


def _district_codes(
    stated: Sequence[str | None], names: Sequence[str]
) -> tuple[Ints, tuple[str, ...]]:
    """Index of each stated district, -1 without, and the names that are no district's.

    A stated name may lack the kind of district (鹿城 for 鹿城区) or carry the city before it, as
    long as one district only answers to it.
    """
    known = {name.strip(): row for row, name in enumerate(names)}
    found: dict[str, int] = {}
    for name in {one.strip() for one in stated if isinstance(one, str) and one.strip()}:
        likely = [
            row
            for key, row in known.items()
            if name.endswith(key) or (len(name) > 1 and key.startswith(name))
        ]
        found[name] = known.get(name, likely[0] if len(likely) == 1 else -1)
    codes = [found.get(one.strip(), -1) if isinstance(one, str) else -1 for one in stated]
    unknown = tuple(sorted(name for name, row in found.items() if row < 0))
    return np.array(codes, dtype=np.int64), unknown


def _require_districts(
    districts: Sequence[Any] | NDArray[np.object_], names: Sequence[str]
) -> NDArray[np.object_]:
    towns = np.empty(len(districts), dtype=object)
    towns[:] = list(districts)
    good = shapely.is_geometry(towns) & ~shapely.is_empty(towns) & (shapely.area(towns) > 0.0)
    if not len(towns) or len(towns) != len(names) or not good.all():
        raise GeometryError(
            f"{len(towns)} districts with {len(names)} names, {int((~good).sum())} of them without "
            "a polygon; give at least one polygon, each with its name",
            f"有 {len(towns)} 个县（市、区）、{len(names)} 个名称，其中 {int((~good).sum())} 个没有"
            "面；请至少给出一个面，每个都要有名称",
        )
    return towns


def _require_column(
    column: Sequence[str | None] | None, count: int, what: str
) -> Sequence[str | None]:
    if column is None:
        return [None] * count
    if len(column) != count:
        raise GeometryError(
            f"{what} has {len(column)} values for {count} features; give one for each, None where "
            "it is not known",
            f"{what} 有 {len(column)} 个值，而要素有 {count} 个；请逐个给出，未知的写 None",
        )
    return column
