"""A regular grid in a plane: its cells and their middles, and how true the plane is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pyproj
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints, Mask
from geo.crs import require_crs
from geo.errors import CrsError, Fault, GeometryError

CELL_M = 100.0
"""Cells of a city; a district is looked at in cells of 25 m."""

MOST_BYTES = 4_000_000_000
_LEAST_CELL_M = 0.001
_BYTES_PER_NUMBER = 8
_SAMPLES = 15
"""Places along each side at which the plane's scale is asked for; in between a polynomial."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of `cell_m` in the plane of `crs`, row 0 in the north, column 0 in the west.

    `west_m` and `north_m` are the outer corner of the first cell, as easting and northing; arrays
    over the grid are (rows, columns). Build with `build_grid`. Distances over it are those of the
    plane: along a line they are `scale` times those on the ellipsoid.

    `only` marks the cells that are wanted, all where it is None (`limited`): distances, sums and
    attributes are NaN at the others; shares, masks and numbers of polygons take no heed.
    """

    crs: str
    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int
    only: Mask | None = field(default=None, compare=False, repr=False)
    _spans: tuple[Ints, Ints] | None = field(default=None, compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.rows * self.columns

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge in m of the plane."""
        east = self.west_m + self.columns * self.cell_m
        return self.west_m, self.north_m - self.rows * self.cell_m, east, self.north_m

    def cell_centres(self) -> tuple[Floats, Floats]:
        """Eastings (columns,) rising and northings (rows,) falling of the cells' middles, in m."""
        east: Floats = self.west_m + (np.arange(self.columns, dtype=np.float64) + 0.5) * self.cell_m
        north: Floats = self.north_m - (np.arange(self.rows, dtype=np.float64) + 0.5) * self.cell_m
        return east, north

    def offsets(self) -> tuple[Floats, Floats]:
        """The same middles in m from the north-west corner, eastwards and southwards."""
        east, north = self.cell_centres()
        return east - self.west_m, self.north_m - north

    def window(self, rows: slice, columns: slice) -> Grid:
        """The part of the grid on the same lattice, so many rows and columns; steps are 1.

        What is measured over it equals the part of what is measured over the whole, to 1 nm.
        Raises `GeometryError` for a part without cells.
        """
        top, bottom, _ = rows.indices(self.rows)
        left, right, _ = columns.indices(self.columns)
        if bottom <= top or right <= left:
            raise GeometryError(
                f"rows {rows.start} to {rows.stop} and columns {columns.start} to {columns.stop} "
                f"hold no cell of a grid of {self.rows} × {self.columns}; choose others",
                f"第 {rows.start} 至 {rows.stop} 行、第 {columns.start} 至 {columns.stop} 列"
                f"不含 {self.rows} × {self.columns} 网格的任何格元；请另选",
            )
        west, north = self.west_m + left * self.cell_m, self.north_m - top * self.cell_m
        part = Grid(self.crs, west, north, self.cell_m, bottom - top, right - left)
        return part if self.only is None else part.limited(self.only[top:bottom, left:right])

    def limited(self, only: Mask) -> Grid:
        """The same grid with fewer cells wanted: (rows, columns).

        Raises `GeometryError` for a mask of another shape.
        """
        if only.shape != self.shape:
            raise GeometryError(
                f"a mask of shape {only.shape} does not fit a grid of {self.rows} × {self.columns}",
                f"形状为 {only.shape} 的掩膜与 {self.rows} × {self.columns} 的网格不符",
            )
        return replace(self, only=only, _spans=(_spans_of(only), _spans_of(only.T)))

    def spans(self) -> tuple[Ints, Ints]:
        """First wanted cell and the one behind the last: of each row (rows, 2), of each column."""
        if self._spans is not None:
            return self._spans
        across, down = np.zeros((self.rows, 2), np.int64), np.zeros((self.columns, 2), np.int64)
        across[:, 1], down[:, 1] = self.columns, self.rows
        return across, down

    def blank(self, result: Floats) -> Floats:
        """Write NaN to the cells that are not wanted, and return the array."""
        if self.only is not None:
            result[~self.only] = np.nan
        return result

    def scale(self) -> Floats:
        """Length in the plane over length on the ellipsoid at each cell's middle: (rows, columns).

        PROJ's factors at 15 × 15 places and the polynomial of degree 5 through them, to 1e-10.
        Along a line the factor is their mean; a 3-degree Gauss-Krüger plane is conformal, the same
        in all directions.
        """
        return np.sqrt(self._areal_scale())

    def scale_at(self, east_m: Floats, north_m: Floats) -> Floats:
        """The same scale at any places of the plane, (n,) each; PROJ's own factors."""
        return np.sqrt(_factors(self.crs, east_m, north_m))

    def area_m2(self) -> Floats:
        """Area of each cell on the ellipsoid, in m²: (rows, columns). To 1e-9 of it."""
        result: Floats = self.cell_m**2 / self._areal_scale()
        return result

    def _areal_scale(self) -> Floats:
        """Area in the plane over area on the ellipsoid, by a polynomial through samples."""
        east, north = self.cell_centres()
        side = np.cos(np.pi * (np.arange(_SAMPLES) + 0.5) / _SAMPLES)
        half = (self.columns * self.cell_m / 2.0, self.rows * self.cell_m / 2.0)
        middle = (self.west_m + half[0], self.north_m - half[1])
        x, y = (m + h * side for m, h in zip(middle, half, strict=True))
        at_x, at_y = np.meshgrid(x, y, indexing="ij")
        factors = _factors(self.crs, at_x.ravel(), at_y.ravel())
        degree = 5
        base = np.polynomial.chebyshev.chebvander(side, degree)
        inverse = np.linalg.pinv(base)
        coefficients = inverse @ factors.reshape(_SAMPLES, _SAMPLES) @ inverse.T
        across = np.polynomial.chebyshev.chebvander((east - middle[0]) / half[0], degree)
        down = np.polynomial.chebyshev.chebvander((north - middle[1]) / half[1], degree)
        result: Floats = down @ coefficients.T @ across.T
        return result


def _spans_of(wanted: Mask) -> Ints:
    some = wanted.any(axis=1)
    first = np.where(some, wanted.argmax(axis=1), 0)
    behind = np.where(some, wanted.shape[1] - wanted[:, ::-1].argmax(axis=1), 0)
    return np.column_stack([first, behind]).astype(np.int64)


def _factors(crs: str, east_m: Floats, north_m: Floats) -> Floats:
    projection = pyproj.Proj(crs)
    lon, lat = projection(east_m, north_m, inverse=True)
    return np.asarray(projection.get_factors(lon, lat).areal_scale, dtype=np.float64)


def build_grid(
    bounds_m: ArrayLike,
    *,
    crs: object,
    cell_m: float = CELL_M,
    criteria: int = 12,
    most_bytes: int = MOST_BYTES,
) -> Grid:
    """Lay cells over a box: west, south, east, north in m of a plane such as EPSG:4549.

    Edges of cells stand at whole multiples of `cell_m`, so that grids of one plane fit each other;
    the box is covered. Raises `CrsError` for a CRS that is no plane in metres, `GeometryError` for
    a box that is empty or not finite, for cells not above 0 m, and for a grid whose `criteria`
    (8 bytes a cell each) would need more than `most_bytes`.
    """
    plane = _require_plane(crs)
    box = np.asarray(bounds_m, dtype=np.float64).ravel()
    _require_box(box, cell_m)
    west, south = np.floor(box[:2] / cell_m)
    east, north = np.ceil(box[2:] / cell_m)
    wide, high = max(float(east - west), 1.0), max(float(north - south), 1.0)
    _require_room(high, wide, float(cell_m), criteria, most_bytes)
    columns, rows = int(wide), int(high)
    return Grid(plane, float(west * cell_m), float(north * cell_m), float(cell_m), rows, columns)


def _require_plane(crs: object) -> str:
    known = require_crs(crs)
    metres = all(axis.unit_name in {"metre", "meter"} for axis in known.axis_info[:2])
    if not known.is_projected or not metres:
        name = known.to_string()
        raise CrsError(
            f"{name} is no plane in metres, and a grid needs one; use the plane of the place, for "
            "instance EPSG:4549",
            f"{name} 不是以米为单位的平面坐标系，无法建立网格；"
            "请用当地的平面坐标系，例如 EPSG:4549",
        )
    return known.to_string()


def _require_box(box: Floats, cell_m: float) -> None:
    faults = []
    if box.shape != (4,) or not np.isfinite(box).all() or (box[:2] > box[2:]).any():
        faults.append(
            Fault(
                None,
                "bounds_m",
                [float(one) for one in box],
                "finite numbers of metres: west, south, east, north",
                "有限的米数：西、南、东、北",
            )
        )
    if not (np.isfinite(cell_m) and cell_m >= _LEAST_CELL_M):
        faults.append(
            Fault(
                None,
                "cell_m",
                cell_m,
                f"a finite number, {_LEAST_CELL_M} or more",
                f"不小于 {_LEAST_CELL_M} 的有限数",
            )
        )
    if faults:
        listed = "; ".join(f"{one.field} is {one.value}, expected {one.expected}" for one in faults)
        listed_zh = "；".join(
            f"{one.field} 为 {one.value}，应为{one.expected_zh}" for one in faults
        )
        raise GeometryError(
            f"no grid can be laid: {listed}; give the box of a study area that is not empty",
            f"无法建立网格：{listed_zh}；请给出非空研究范围的外包框",
            faults,
        )


def _require_room(rows: float, columns: float, cell_m: float, criteria: int, most: int) -> None:
    needed = rows * columns * max(criteria, 1) * _BYTES_PER_NUMBER
    if needed <= most:
        return
    larger = cell_m * float(np.sqrt(needed / most))
    digits = 10.0 ** np.floor(np.log10(larger) - 1.0)
    larger = float(np.ceil(larger / digits) * digits)
    raise GeometryError(
        f"{rows:,.0f} × {columns:,.0f} cells of {cell_m:g} m with {criteria} criteria need "
        f"{needed / 1e9:,.1f} GB, more than the {most / 1e9:,.1f} GB allowed; take cells of "
        f"{larger:g} m or larger, or a smaller study area",
        f"{rows:,.0f} × {columns:,.0f} 个 {cell_m:g} 米格元、{criteria} 项准则需要 "
        f"{needed / 1e9:,.1f} GB 内存，超过允许的 {most / 1e9:,.1f} GB；"
        f"请改用 {larger:g} 米或更大的格元，或缩小研究范围",
        [Fault(None, "cell_m", cell_m, f"{larger:g} m or larger", f"{larger:g} 米或更大")],
    )
