"""Distances over the ellipsoid from chords through it, many pairs at once.

The chord c between two points and the curvature k of the normal section along it give the length
of the geodesic: 2 / k · asin(c k / 2). With Δz the part of the chord along the axis of rotation and
N the mean of the radii in the prime vertical at both ends, k = (c² + e'² Δz²) / (c² N): Euler's
theorem on an ellipsoid of revolution, without an azimuth. Against PROJ's geodesics (Karney 2013) it
is off by less than 1 µm up to 100 km, 0.1 mm up to 300 km and 1 mm up to 500 km, anywhere in China;
longer distances are PROJ's own.

Which pairs have to be measured so well is told by squared chords alone, block by block of
neighbouring origins with the targets that may matter to them, by products of narrow matrices in
single precision; how far these may be off goes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Mask
from geo.crs import STORAGE_CRS
from geo.discs import to_space
from geo.errors import GeometryError
from geo.impedance import distance_matrix_m

LONGEST_M = 500_000.0
"""Chords beyond this are measured by PROJ."""

_AT_ONCE, _AWAY_AT_ONCE, _PRODUCT = 400_000, 48_000, 48_000
"""Pairs of one block, of runs with targets, and of one product (few enough for one core)."""

Indices = NDArray[np.intp]
AnyFloats = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Places:
    """n places on the ellipsoid of EPSG:4490. Build with `build_places`.

    `space` (3, n) are earth-centred coordinates in m, `normal_m` radii in the prime vertical.
    """

    lon: Floats
    lat: Floats
    accuracy_m: Floats
    space: Floats
    normal_m: Floats

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, rows: Indices) -> Places:
        """Return some of the places, in the order asked for."""
        return Places(
            self.lon[rows],
            self.lat[rows],
            self.accuracy_m[rows],
            self.space[:, rows],
            self.normal_m[rows],
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Some targets, some origins to which they may matter, and the squared chords between them.

    `targets` (k,), ascending, and `origins` (b,) number places; `squared_m2` is (k, b), in single
    or double precision, each off by no more than `rounding_m2`; it lasts until the next block.
    """

    targets: Indices
    origins: Indices
    squared_m2: AnyFloats
    rounding_m2: float


def build_places(lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike | None = None) -> Places:
    """Put points given in degrees on the ellipsoid, each known within its accuracy, (n,) each.

    A missing accuracy is 0. Raises `GeometryError`, all faults at once, for coordinates that are
    missing, not finite or out of range, for an accuracy below 0 or infinite, and for lists of
    different length.
    """
    longitude = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    latitude = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    in_range = (np.abs(longitude) <= 360.0).all() and (np.abs(latitude) <= 90.0).all()
    if longitude.shape != latitude.shape or not in_range:
        distance_matrix_m(longitude, latitude, [], [])
    given = np.zeros(len(longitude)) if accuracy_m is None else accuracy_m
    accuracy = np.nan_to_num(np.atleast_1d(np.asarray(given, dtype=np.float64)), posinf=np.inf)
    if accuracy.shape != longitude.shape or not (np.isfinite(accuracy) & (accuracy >= 0.0)).all():
        raise GeometryError(
            f"accuracies must be {len(longitude)} finite numbers of metres, 0 or more",
            f"精度应为 {len(longitude)} 个不小于 0 的有限米数",
        )
    space = np.stack(to_space(longitude, latitude))
    axis, squared = ellipsoid()
    across = space[0] ** 2 + space[1] ** 2
    along = (space[2] / (1.0 - squared)) ** 2
    normal = axis / np.sqrt(1.0 - squared * along / (across + along))
    return Places(longitude, latitude, accuracy, space, normal)


def between_m(origins: Places, i: Indices, targets: Places, j: Indices) -> Floats:
    """Length in m of the geodesic of each pair: from origin `i` to target `j`, (pairs,) each."""
    x, y, z = (a.take(i) - b.take(j) for a, b in zip(origins.space, targets.space, strict=True))
    along = z * z
    squared = x * x + y * y + along
    normal = (origins.normal_m.take(i) + targets.normal_m.take(j)) / 2.0
    apart = np.maximum(squared, np.finfo(np.float64).tiny)
    curvature = (1.0 + _second_eccentricity() * (along / apart)) / normal
    result = arc_of(np.sqrt(squared), curvature)
    far = np.flatnonzero(squared > LONGEST_M**2)
    if len(far):
        result[far] = geodesic_m(origins, i[far], targets, j[far])
    return result


def geodesic_m(origins: Places, i: Indices, targets: Places, j: Indices) -> Floats:
    """The same as `between_m` from PROJ: exact, and some hundred times as slow."""
    _, _, metres = _geod().inv(origins.lon[i], origins.lat[i], targets.lon[j], targets.lat[j])
    return np.asarray(metres, dtype=np.float64)


def arc_of(chord: Floats, curvature: Floats | float) -> Floats:
    """Arc in m over a chord in m: the series of 2 / k · asin(c k / 2), to 1 µm at 500 km."""
    half = chord * (curvature / 2.0)
    x = half * half
    result: Floats = chord * (1.0 + x * (1.0 / 6.0 + x * (3.0 / 40.0 + x * (15.0 / 336.0))))
    return result


@dataclass(frozen=True, slots=True)
class Curvature:
    """Curvatures of all normal sections over some places: their middle, and what that leaves open.

    `middle` is in 1/m; `spread` is half the range of the squared curvature, in 1/m².
    """

    middle: float
    spread: float

    def arc_m(self, squared_m2: Floats) -> Floats:
        """Arcs in m over squared chords, by the middle curvature alone."""
        return arc_of(np.sqrt(np.maximum(squared_m2, 0.0)), self.middle)

    def squared_chord_m2(self, arc_m: Floats) -> Floats:
        """Squared chords under arcs by the middle curvature; -1 under a negative arc."""
        half = np.minimum(arc_m * (self.middle / 2.0), np.pi / 2.0)
        x = half * half
        chord = arc_m * (1.0 - x * (1.0 / 6.0 - x * (1.0 / 120.0 - x * (1.0 / 5040.0))))
        result: Floats = np.where(arc_m >= 0.0, chord * chord, -1.0)
        return result

    def unsure_m(self, distance_m: Floats, rounding_m2: float) -> Floats:
        """How far an arc by the middle curvature may be off where its squared chord is rounded."""
        chord = np.maximum(distance_m, np.sqrt(rounding_m2))
        result: Floats = self.blur_m(distance_m) + rounding_m2 / chord
        return result

    def twice_blur_m2(self, squared_m2: Floats) -> Floats:
        """How far squared chords of equal arcs may differ."""
        result: Floats = squared_m2 * squared_m2 * (6.0 / 24.0 * self.spread) + 1e-5
        return result

    def blur_m(self, distance_m: Floats | float) -> Floats:
        """How far an arc by the middle curvature may be off: 0.3 mm at 40 km, 5 mm at 100 km.

        The arc is longer than the chord by c³ k² / 24; half as much again is kept for the rest of
        the series, and 1 µm.
        """
        distance = np.asarray(distance_m)
        bound: Floats = 1.5 / 24.0 * self.spread * distance * distance * distance + 1e-6
        return bound


def curvature_over(*places: Places) -> Curvature:
    """Bound the curvature of normal sections between any of the places."""
    lat = np.abs(np.radians(np.concatenate([one.lat for one in places])))
    if not len(lat):
        return Curvature(0.0, 0.0)
    axis, squared = ellipsoid()
    low, high = 1.0 - squared * np.sin(np.array([lat.min(), lat.max()])) ** 2
    meridian = low**1.5 / (axis * (1.0 - squared))
    prime = high**0.5 / axis
    middle = (meridian**2 + prime**2) / 2.0
    return Curvature(float(np.sqrt(middle)), float((meridian**2 - prime**2) / 2.0))


@dataclass(frozen=True, slots=True)
class Runs:
    """Places in runs of neighbours, each run inside a ball. Build with `build_runs`.

    A run has `size` places; `order` (n,) numbers the places run after run, `starts` (runs,) says
    where each begins; `centre` (runs, 3) and `radius` (runs,) are the balls in space, in m. `seen`
    (5, n) are the places as seen from their centre, made for products.
    """

    places: Places
    size: int
    order: Indices
    starts: Indices
    centre: Floats
    radius: Floats
    seen: Floats

    def __len__(self) -> int:
        return len(self.places)

    def blocks_within(
        self, targets: Places, reach_m: Floats | float, *, double: bool = False
    ) -> Iterator[Block]:
        """Blocks of all places, each with the targets within `reach_m` of at least one of them.

        `reach_m` is one number or one per place, (n,), and may be infinite. Some targets are
        farther, none within is left out. Memory is that of a block, whatever n and m.
        """
        each = np.broadcast_to(np.asarray(reach_m, dtype=np.float64), len(self))[self.order]
        reach = np.maximum.reduceat(each, self.starts) if len(each) else each
        limit = reach + self.radius
        return self._blocks(targets, lambda away, run: away <= limit[run, None], double=double)

    def blocks_nearest(self, targets: Places) -> Iterator[Block]:
        """Blocks of all places, each with the targets that may be nearest to one of them.

        Nearest by distance, by distance less the target's accuracy, or by distance plus it.
        """
        doubt = targets.accuracy_m
        ways = (-doubt, 0.0, doubt) if len(np.unique(doubt)) > 1 else (0.0,)

        def may(away: Floats, run: slice) -> Mask:
            slack = 2.0 * self.radius[run] + _SLACK * (away.min(axis=1) + 2.0 * doubt.max())
            found = np.zeros(away.shape, dtype=np.bool_)
            for shift in ways:
                reached = away + shift
                found |= reached <= (reached.min(axis=1) + slack)[:, None]
            return found

        return self._blocks(targets, may, double=False)

    def _blocks(
        self, targets: Places, may: Callable[[Floats, slice], Mask], *, double: bool
    ) -> Iterator[Block]:
        """Yield the blocks; `may` tells from chords (runs, m) which targets matter to a run."""
        if not len(targets):
            return
        pairs = max(len(targets), min(_AT_ONCE, len(targets) * len(self)))
        room: AnyFloats = np.empty(pairs) if double else np.empty(pairs, dtype=np.float32)
        together = max(1, _AWAY_AT_ONCE // len(targets))
        for first in range(0, len(self.starts), together):
            run = slice(first, min(first + together, len(self.starts)))
            wanted = may(self._away_m(targets, run), run)
            for k in range(run.stop - first):
                chosen = np.flatnonzero(wanted[k])
                if len(chosen):
                    yield from self._pieces(first + k, targets, chosen, room)

    def _away_m(self, targets: Places, run: slice) -> Floats:
        """Chords in m from the centres of some runs to all targets, to about 0.1 m."""
        middle = self.centre[run.start]
        here, there = self.centre[run] - middle, targets.space - middle[:, None]
        squared = here @ (-2.0 * there)
        squared += np.einsum("ij,ij->i", here, here)[:, None]
        squared += np.einsum("ij,ij->j", there, there)
        result: Floats = np.sqrt(np.maximum(squared, 0.0, out=squared), out=squared)
        return result

    def _pieces(
        self, run: int, targets: Places, chosen: Indices, room: AnyFloats
    ) -> Iterator[Block]:
        """Measure squared chords of a run, in pieces that fit into `room`."""
        start = int(self.starts[run])
        end = min(start + self.size, len(self))
        there = targets.space[:, chosen] - self.centre[run][:, None]
        left = np.empty((5, len(chosen)))
        np.multiply(there, -2.0, out=left[:3])
        left[3] = 1.0
        np.einsum("ij,ij->j", there, there, out=left[4])
        right = self.seen[:, start:end]
        largest = right[3].max() + left[4].max() + 1.0
        rounding = _ROUNDING * float(np.finfo(room.dtype).eps * largest)
        sides: list[Any] = [side.astype(room.dtype, copy=False) for side in (left, right)]
        step = len(room) // len(chosen)
        for first in range(0, end - start, step):
            some = slice(first, first + step)
            origins = self.order[start:end][some]
            squared = room[: len(chosen) * len(origins)].reshape(len(chosen), len(origins))
            _multiply(sides[0].T, sides[1][:, some], squared)
            yield Block(chosen, origins, squared, rounding)


def _multiply(left: AnyFloats, right: AnyFloats, result: AnyFloats) -> None:
    """Fill `left @ right`, some columns at a time, so that other cores are left alone."""
    step = max(1, _PRODUCT // len(left))
    for first in range(0, right.shape[1], step):
        some = slice(first, first + step)
        np.matmul(left, right[:, some], out=result[:, some])


_ROUNDING = 16.0
"""Units in the last place that a sum of five products may lose, of its greatest term."""

_SLACK = 1e-3
"""Share of a distance by which arcs may order targets otherwise than chords, out to 5,000 km."""


def run_size(places: int, targets: int) -> int:
    """Places in a run, a power of 2: long runs for few targets, which all of them see."""
    size = next(size for most, size in _SIZES if targets <= most)
    for_many = 1 << (max(1, places // 1024).bit_length() - 1)
    return max(size, min(1024, for_many))


_SIZES = ((64, 4096), (256, 2048), (2000, 512), (np.inf, 256))
"""Targets at the most, and places in a run: what measured best on 10,000 places."""


def build_runs(places: Places, *, targets: int = 100) -> Runs:
    """Bring places into runs of neighbours, for any number of uses.

    `targets` is about how many there will be: where they are many, short runs see fewer of them.
    """
    size = run_size(len(places), targets)
    order = _neighbours(places, size)
    starts = np.arange(0, len(places), size)
    seen = np.empty((5, len(places)))
    here = np.take(places.space, order, axis=1, out=seen[:3])
    count = np.diff(np.append(starts, len(order)))
    some = len(order) > 0
    centre = np.add.reduceat(here, starts, axis=1) / count if some else here
    here -= np.repeat(centre, count, axis=1)
    np.einsum("ij,ij->j", here, here, out=seen[3])
    seen[4] = 1.0
    most = np.maximum.reduceat(seen[3], starts) if some else seen[3]
    return Runs(places, size, order, starts, centre.T, np.sqrt(most) + 1.0, seen)


def _neighbours(places: Places, size: int) -> Indices:
    """Order places so that runs of `size` are compact: along strips, to and fro."""
    if len(places) <= size:
        return np.arange(len(places))
    across, along = _steps(places.lon), _steps(places.lat)
    strips = min(256, max(1, round(float(np.sqrt(len(places) / size)))))
    strip = across * strips // 256
    back = np.where(strip % 2 == 1, 255 - along, along)
    order: Indices = np.argsort((strip * 256 + back).astype(np.uint16), kind="stable")
    return order


def _steps(coordinate: Floats) -> Indices:
    """Coordinates in 256 steps from the least to the greatest."""
    low, high = coordinate.min(), coordinate.max()
    scale = 255.999 / (high - low) if high > low else 0.0
    result: Indices = ((coordinate - low) * scale).astype(np.intp)
    return result


@cache
def _geod() -> pyproj.Geod:
    geod = pyproj.CRS.from_user_input(STORAGE_CRS).get_geod()
    assert geod is not None
    return geod


def ellipsoid() -> tuple[float, float]:
    """Semi-major axis in m and first eccentricity squared of the storage CRS."""
    return float(_geod().a), float(_geod().es)


def _second_eccentricity() -> float:
    _, squared = ellipsoid()
    return squared / (1.0 - squared)
