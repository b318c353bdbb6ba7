"""Points drawn uniformly from the discs within which they are known, cut to their territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats
from geo.crs import STORAGE_CRS
from geo.errors import Fault, GeometryError

FURTHEST_M = 10_000.0
"""Discs larger than this are no knowledge of a place; the displacement formula ends here too."""

_DEGREE_M = 110_500.0
_TRIES = 20_000
_ROUNDS = 2_000

Cut = tuple[BaseGeometry, NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Discs:
    """n discs: centres in degrees of EPSG:4490, radii in m, and which of them a polygon cuts.

    Build with `build_discs`.
    """

    lon: Floats
    lat: Floats
    accuracy_m: Floats
    cuts: tuple[Cut, ...] = ()

    def draw(self, generator: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of `size` draws, (n, size) each.

        A draw outside its territory is drawn again, so what is left is uniform on the part of the
        disc inside (boundary outside). Raises `GeometryError` where 2,000 rounds do not find it.
        """
        everyone = np.arange(len(self.lon))
        lon, lat = self._uncut(generator, everyone, size)
        for territory, members in self.cuts:
            row, draw = np.divmod(np.arange(len(members) * size), size)
            row = members[row]
            for _ in range(_ROUNDS):
                outside = ~shapely.contains_xy(territory, lon[row, draw], lat[row, draw])
                row, draw = row[outside], draw[outside]
                if not len(row):
                    break
                again = self._uncut(generator, row, 1)
                lon[row, draw], lat[row, draw] = again[0][:, 0], again[1][:, 0]
            else:
                raise _outside(np.unique(row).tolist(), self.accuracy_m)
        return lon, lat

    def take(self, rows: NDArray[np.intp]) -> Discs:
        """Return some of the discs, in ascending order of their rows."""
        cuts = []
        for territory, members in self.cuts:
            kept = np.flatnonzero(np.isin(rows, members))
            if len(kept):
                cuts.append((territory, kept))
        return Discs(self.lon[rows], self.lat[rows], self.accuracy_m[rows], tuple(cuts))

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return `size` draws of longitude and latitude in degrees: (size, n, 2)."""
        lon, lat = self.draw(generator, size)
        return np.stack([lon.T, lat.T], axis=-1)

    def _uncut(
        self, generator: np.random.Generator, which: NDArray[np.intp], size: int
    ) -> tuple[Floats, Floats]:
        away = np.sqrt(generator.random((len(which), size)))
        away *= self.accuracy_m[which, None]
        turn = generator.random((len(which), size))
        turn *= 2.0 * np.pi
        return displace(
            self.lon[which, None],
            self.lat[which, None],
            east_m=away * np.sin(turn),
            north_m=away * np.cos(turn),
        )


def build_discs(
    lon: ArrayLike,
    lat: ArrayLike,
    accuracy_m: ArrayLike,
    *,
    territories: Sequence[BaseGeometry | None] | None = None,
) -> Discs:
    """Check centres and radii, prepare the territories (one or None per point), try them out.

    A missing radius is 0: the point is taken as it stands, and is not cut. Raises
    `GeometryError`, all faults at once: coordinates missing or out of range (latitudes beyond ±80
    too), radii negative or over 10,000 m, lists of different length, and points of whose disc
    fewer than 1 in 20,000 tries fall inside the territory.
    """
    centre = [np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (lon, lat)]
    radius = np.nan_to_num(np.atleast_1d(np.asarray(accuracy_m, dtype=np.float64)), nan=0.0)
    within = [None] * len(radius) if territories is None else list(territories)
    if any(one.shape != radius.shape for one in centre) or len(within) != len(radius):
        raise GeometryError(
            "longitudes, latitudes, accuracies and territories differ in number: "
            f"{[len(one) for one in (*centre, radius, within)]}",
            f"经度、纬度、精度与范围的个数不同：{[len(one) for one in (*centre, radius, within)]}",
        )
    _require_in_range(centre[0], centre[1], radius)
    discs = Discs(centre[0], centre[1], radius, _cuts(centre[0], centre[1], radius, within))
    generator = np.random.default_rng(0)
    missed = [
        int(row)
        for territory, members in discs.cuts
        for row in members
        if not _touches(discs, int(row), territory, generator)
    ]
    if missed:
        raise _outside(sorted(missed), radius)
    return discs


def displace(lon: Floats, lat: Floats, *, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Go from points along the ellipsoid of EPSG:4490: longitudes and latitudes in degrees.

    `east_m` and `north_m` are the components of one geodesic at its start. Legendre's series to
    the third order (Jordan/Eggert, Handbuch der Vermessungskunde III): within 0.1 mm of the
    geodesic up to 10 km and 55 degrees of latitude. Broadcasts.
    """
    axis, squared = _ellipsoid()
    phi = np.radians(lat)
    sin, cos, tan = np.sin(phi), np.cos(phi), np.tan(phi)
    eta = squared / (1.0 - squared) * cos**2
    normal = axis / np.sqrt(1.0 - squared * sin**2)
    u, v = north_m / normal, east_m / normal
    third = 1.0 + 3.0 * tan**2
    up = u - tan / 2.0 * v * v - 1.5 * eta * tan * u * u - third / 6.0 * u * v * v
    across = v + tan * u * v + third / 3.0 * u * u * v - tan**2 / 3.0 * v**3
    return lon + np.degrees(across / cos), lat + np.degrees((1.0 + eta) * up)


def to_space(lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats]:
    """Earth-centred x, y, z in m of points on the ellipsoid of EPSG:4490."""
    axis, squared = _ellipsoid()
    phi, lam = np.radians(lat), np.radians(lon)
    sin = np.sin(phi)
    normal = axis / np.sqrt(1.0 - squared * sin**2)
    across = normal * np.cos(phi)
    return across * np.cos(lam), across * np.sin(lam), normal * (1.0 - squared) * sin


@cache
def _ellipsoid() -> tuple[float, float]:
    """Semi-major axis in m and first eccentricity squared of the storage CRS."""
    geod = pyproj.CRS.from_user_input(STORAGE_CRS).get_geod()
    assert geod is not None
    return float(geod.a), float(geod.es)


def _cuts(
    lon: Floats, lat: Floats, radius: Floats, within: list[BaseGeometry | None]
) -> tuple[Cut, ...]:
    """Bring together the points of one territory whose discs reach over its boundary."""
    members: dict[int, list[int]] = {}
    for row, territory in enumerate(within):
        if territory is None or radius[row] == 0.0:
            continue
        if not _surely_inside(territory, lon[row], lat[row], radius[row]):
            members.setdefault(id(territory), []).append(row)
    cuts = []
    for rows in members.values():
        territory = within[rows[0]]
        shapely.prepare(territory)
        cuts.append((territory, np.array(rows, dtype=np.intp)))
    return tuple(cuts)


def _surely_inside(territory: BaseGeometry, lon: float, lat: float, radius: float) -> bool:
    """Whether a disc stays off the boundary by 2 %, on a plane true to scale at its centre."""
    if not shapely.contains_xy(territory, lon, lat):
        return False
    scale = np.array([_DEGREE_M * np.cos(np.radians(lat)), _DEGREE_M])
    plane = shapely.transform(territory.boundary, lambda xy: (xy - (lon, lat)) * scale)
    return bool(shapely.distance(plane, shapely.Point(0.0, 0.0)) > 1.02 * radius)


def _touches(
    discs: Discs, row: int, territory: BaseGeometry, generator: np.random.Generator
) -> bool:
    for size in (20, _TRIES):
        lon, lat = discs._uncut(generator, np.array([row]), size)
        if shapely.contains_xy(territory, lon[0], lat[0]).any():
            return True
    return False


def _require_in_range(lon: Floats, lat: Floats, radius: Floats) -> None:
    limits = (
        ("lon", lon, np.abs(lon) <= 360.0, "degrees from -360 to 360"),
        ("lat", lat, np.abs(lat) <= 80.0, "degrees from -80 to 80"),
        (
            "accuracy_m",
            radius,
            (radius >= 0.0) & (radius <= FURTHEST_M),
            f"metres from 0 to {FURTHEST_M:,.0f}",
        ),
    )
    faults = [
        Fault(int(row), field, float(values[row]), expected)
        for field, values, right, expected in limits
        for row in np.flatnonzero(~right)
    ]
    if faults:
        first = faults[0]
        raise GeometryError(
            f"{len(faults)} number(s) of positions cannot be used; the first is {first.field} of "
            f"row {first.row}: {first.value}, expected {first.expected}",
            f"有 {len(faults)} 个点位数值无法使用；首个为第 {first.row} 行的 {first.field}："
            f"{first.value}；经度须在 ±360 度、纬度须在 ±80 度之内，"
            f"精度须为 0 至 {FURTHEST_M:,.0f} 米",
            faults,
        )


def _outside(rows: list[int], radius: Floats) -> GeometryError:
    listed = ", ".join(f"row {row} (±{radius[row]:g} m)" for row in rows)
    listed_zh = "、".join(f"第 {row} 行（±{radius[row]:g} 米）" for row in rows)
    return GeometryError(
        f"{len(rows)} point(s) lie further outside their territory than their accuracy allows: "
        f"{listed}; correct the point, its accuracy or its territory",
        f"有 {len(rows)} 个点位在其行政范围之外，且超出其精度：{listed_zh}；"
        "请更正点位、精度或所属范围",
        [
            Fault(row, "accuracy_m", float(radius[row]), "a disc that meets its territory")
            for row in rows
        ],
    )
