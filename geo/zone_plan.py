"""Where a core zone could lie: a scenario's surface, the best contiguous site, its four bounds.

Cells of a regular grid are scored by the criteria that have a meaning at a place; the contiguous
set of cells of the area asked for that is worth most is found with its bound (`geo.delineation`).
Cells cut by the edge of the search area are no part of any zone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import shapely

from geo.arrays import Floats, Ints, Mask
from geo.criteria import located
from geo.criteria.selection import numbers_of
from geo.crs import STORAGE_CRS
from geo.delineation import ZoneSolution
from geo.delineation.choices import within
from geo.delineation.faults import ZoneError, require_no_faults
from geo.delineation.four_bounds import Bound, Landmark, four_bounds
from geo.delineation.problem import Objective, ZoneProblem, build_zone_problem
from geo.delineation.reduction import Reduction, solve_large_zone
from geo.errors import Fault
from geo.location.watch import Report, Watch
from geo.measure import M2_PER_MU, area_m2, transform
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    MembersMeasure,
    RatioMeasure,
    SitingScenario,
)
from geo.search_area import SEARCH_AREA, Layers, control_lines, known_points, search_area
from geo.sentence import Sentence
from geo.suitability import Covered, Surface, build_grid, build_surface, criteria_of, plane_layers
from geo.weighting import stated_weights

CELL_M = 100.0
REACH_M = 2_000.0
"""Without control lines the search goes so far around town centres and zones: our assumption."""
THRESHOLD = 0.5
"""A cell of less suitability than this, the middle of the scale, lowers a zone: our assumption."""

_OF_ALTERNATIVES = (AttributeMeasure, RatioMeasure, MembersMeasure)
NEXT_M = 1_000.0
"""The next best zone keeps this distance from the best, else it would lie around it."""

PERIMETER_PRICE = 5.0
"""A metre of boundary costs as much as this many m² of suitability 1: our assumption."""

_WHOLE = 1.0 - 1e-9
_NEXT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class ZoneQuestion:
    """What the planner asks: areas in mu (both allowed), objective, cells, search area, limit.

    `objective` "total" makes Σ (suitability − `threshold`) · area greatest, "mean" the mean
    suitability. `reach_m` around town centres and zones is searched. `perimeter_price` (0 or more,
    in m² of suitability 1 per m of boundary) makes compact zones worth more.
    """

    min_mu: float
    max_mu: float
    objective: Objective = "total"
    threshold: float = THRESHOLD
    perimeter_price: float = PERIMETER_PRICE
    cell_m: float = CELL_M
    reach_m: float = REACH_M
    time_limit_s: float | None = None

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        if self.objective not in get_args(Objective):
            said = ("total or mean", "total 或 mean")
            faults.append(Fault(None, "objective", self.objective, *said))
        for name in ("min_mu", "max_mu", "cell_m", "reach_m"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                faults.append(Fault(None, name, value, "a number above 0", "大于 0 的数"))
        if not faults and self.min_mu > self.max_mu:
            most = f"{self.max_mu:g}"
            faults.append(
                Fault(None, "min_mu", self.min_mu, f"at most max_mu, {most}", f"不大于 {most}")
            )
        require_no_faults(faults)


@dataclass(frozen=True, slots=True)
class Held:
    """Something a zone holds a part of: `share` of the zone's area (NaN for a point inside it)."""

    layer: str
    id: str
    name: Sentence
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A zone on the ground: one polygon (EPSG:4490), its area on the ellipsoid, what it is made of.

    `performance` is the mean of each criterion over the zone by area, in the criterion's unit.
    """

    geometry: Any
    area_m2: float
    suitability: float
    bounds: tuple[Bound, Bound, Bound, Bound]
    holds: tuple[Held, ...]
    performance: dict[str, float]

    @property
    def area_mu(self) -> float:
        """Area in mu."""
        return self.area_m2 / M2_PER_MU

    @property
    def four_bounds(self) -> Sentence:
        """The four bounds in one sentence."""
        said = [bound.sentence for bound in self.bounds]
        return Sentence(
            "；".join(one.zh for one in said) + "。", "; ".join(one.en for one in said) + "."
        )


@dataclass(frozen=True, slots=True, eq=False)
class ZonePlan:
    """The answer to a `ZoneQuestion`.

    `weights` are those of the criteria on the surface, which sum to 1; `left_out` are the criteria
    that are known of the alternatives alone. `searched_m2` is the area of the cells that might be
    in a zone. `site` is None where there is no zone; `solution` then says why. `runner_up` is the
    best zone `NEXT_M` or more from the first, with its own proof, None where there is none.
    """

    scenario: SitingScenario
    question: ZoneQuestion
    surface: Surface
    weights: dict[str, float]
    left_out: tuple[CriterionSpec, ...]
    searched_m2: float
    solution: ZoneSolution
    reduction: Reduction
    site: Site | None
    runner_up: tuple[ZoneSolution, Site] | None

    @property
    def surface_specs(self) -> list[CriterionSpec]:
        """The criteria on the surface, in the scenario's order."""
        return [one for one in self.scenario.criteria if one.id in self.weights]

    @property
    def assumptions(self) -> list[Sentence]:
        """What no document says and this answer rests on."""
        asked, cells = self.question, self.question.cell_m
        dropped = "、".join(one.name.zh for one in self.left_out)
        dropped_en = ", ".join(one.name.en for one in self.left_out)
        said = [
            Sentence(
                f"面积 {asked.min_mu:,g} 至 {asked.max_mu:,g} 亩由使用者给出，文件没有规定",
                f"The area of {asked.min_mu:,g} to {asked.max_mu:,g} mu is the user's; no document "
                "gives any",
            ),
            Sentence(
                f"搜索范围为镇街中心与工业区点位周围 {asked.reach_m:,g} 米、陆域边界之内"
                f"（{self.searched_m2 / M2_PER_MU:,.0f} 亩），由本工具给出",
                f"Searched are {asked.reach_m:,g} m around town centres and zones, inside the land "
                f"boundary ({self.searched_m2 / M2_PER_MU:,.0f} mu): our assumption",
            ),
            Sentence(
                f"以 {cells:g} 米格元计算，界线沿格元边，不是实地界线",
                f"Computed in cells of {cells:g} m: the bounds follow their edges, not the ground",
            ),
        ]
        if asked.objective == "total":
            said.append(
                Sentence(
                    f"适宜性低于 {asked.threshold:g} 的格元计为减分，此阈值由本工具或使用者给出",
                    f"Cells of less suitability than {asked.threshold:g} count against a zone; the "
                    "threshold is ours or the user's",
                )
            )
        if asked.perimeter_price:
            said.append(
                Sentence(
                    f"每米周长扣 {asked.perimeter_price:g} 平方米，使范围紧凑；"
                    "此价由本工具或使用者给出",
                    f"Each metre of boundary costs {asked.perimeter_price:g} m², for a compact "
                    "zone; the price is ours or the user's",
                )
            )
        if dropped:
            said.append(
                Sentence(
                    f"只知道备选自身数值的准则不在格元上量算：{dropped}；其余权重按比例放大",
                    f"Criteria known of the alternatives alone are not measured on cells: "
                    f"{dropped_en}; the other weights are scaled up",
                )
            )
        return said


def plan_zone(
    scenario: SitingScenario,
    layers: Layers,
    question: ZoneQuestion,
    *,
    weights: Mapping[str, float] | None = None,
    report: Report | None = None,
) -> ZonePlan:
    """Find the best contiguous site for a siting scenario, and the next best beside it.

    `layers` are those of a workspace, in EPSG:4490. `weights` replaces numbers of criteria by id.
    A quarter of the time limit is kept for the next best. Raises `ZoneError` where a question makes
    no sense, where there is nothing to search around, or no criterion has a meaning on cells, and
    as `build_surface`.
    """
    watch = Watch(question.time_limit_s, report)
    specs = [one for one in scenario.criteria if not isinstance(one.measure, _OF_ALTERNATIVES)]
    left_out = tuple(one for one in scenario.criteria if one not in specs)
    shares = _weights(scenario, specs, weights)
    surface = _surface(scenario, layers, question, specs)
    cells = _Cells.of(surface, surface.scores([shares[one.id] for one in specs]))
    problem = cells.problem(question)
    solution, reduction = solve_large_zone(
        problem, _part(watch, 1.0 - _NEXT_SHARE), least_boundary_m=cells.least_boundary_m
    )
    site = cells.site(solution, layers) if solution.members else None
    runner_up = _runner_up(cells, problem, solution, layers, watch) if site is not None else None
    return ZonePlan(
        scenario,
        question,
        surface,
        shares,
        left_out,
        math.fsum(cells.area),
        solution,
        reduction,
        site,
        runner_up,
    )


def _part(watch: Watch, share: float) -> Watch:
    part = watch.part()
    if part.time_limit_s is not None:
        part.time_limit_s *= share
    return part


def _runner_up(
    cells: _Cells, problem: ZoneProblem, first: ZoneSolution, layers: Layers, watch: Watch
) -> tuple[ZoneSolution, Site] | None:
    taken = np.isin(np.arange(problem.units), first.members)
    elsewhere = problem.without(taken | within(cells.places(), taken, NEXT_M))
    found, _ = solve_large_zone(elsewhere, watch.part(), least_boundary_m=cells.least_boundary_m)
    return (found, cells.site(found, layers)) if found.members else None


def _weights(
    scenario: SitingScenario,
    specs: Sequence[CriterionSpec],
    changes: Mapping[str, float] | None,
) -> dict[str, float]:
    """Shares of the criteria on the surface: as stated or changed, divided by their sum."""
    stated = {**(stated_weights(scenario) or {one.id: 1.0 for one in specs}), **(changes or {})}
    known = {one.id: float(stated[one.id]) for one in specs}
    unknown = sorted(set(changes or {}) - {one.id for one in scenario.criteria})
    total = math.fsum(known.values())
    wrong = [name for name, share in known.items() if not (math.isfinite(share) and share >= 0.0)]
    if unknown or wrong or not total > 0.0:
        named = ", ".join([*unknown, *wrong]) or "-"
        raise ZoneError(
            f"weights ({named}) cannot be used; give numbers of 0 or more, not all 0, for criteria "
            f"among {', '.join(known) or 'none: no criterion of the scenario is one of places'}",
            f"权重（{named}）无法使用；请为下列准则给出不小于 0、不全为 0 的数："
            f"{'、'.join(known) or '无，该方案没有可在格元上量算的准则'}",
        )
    return {name: share / total for name, share in known.items()}


def _surface(
    scenario: SitingScenario,
    layers: Layers,
    question: ZoneQuestion,
    specs: Sequence[CriterionSpec],
) -> Surface:
    """The scenario's criteria over the search area."""
    closed, open_ = control_lines(layers)
    area = search_area(layers, question.reach_m, within=open_)
    grid = build_grid(area.total_bounds, crs=area.crs, cell_m=question.cell_m, criteria=len(specs))
    flat = {**plane_layers({**layers, **closed}, grid), SEARCH_AREA: area}
    return build_surface(
        grid,
        flat,
        criteria=criteria_of(specs, alternatives=scenario.alternatives),
        rules=[Covered(name, name) for name in closed],
        study_area=SEARCH_AREA,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells that a zone may have, as units: row and column, value and area on the ellipsoid."""

    surface: Surface
    number: Ints
    value: Floats
    area: Floats

    @classmethod
    def of(cls, surface: Surface, scores: Floats) -> _Cells:
        whole: Mask = surface.eligible & (surface.share >= _WHOLE) & np.isfinite(scores)
        number = np.full(whole.shape, -1, dtype=np.int64)
        number[whole] = np.arange(int(whole.sum()))
        if not whole.any():
            raise ZoneError(
                "no cell of the search area is whole and has all criteria; search farther around, "
                "or take smaller cells",
                "搜索范围内没有完整且各准则齐全的格元；请扩大搜索范围，或改用更小的格元",
            )
        return cls(surface, number, scores[whole], surface.grid.area_m2()[whole])

    def places(self) -> Floats:
        """Middles of the cells in the plane: (n, 2)."""
        row, column = np.nonzero(self.number >= 0)
        east, north = self.surface.grid.cell_centres()
        return np.column_stack([east[column], north[row]])

    def least_boundary_m(self, at_least_m2: float) -> float:
        """The least boundary in the plane of any set of cells of so many m²: 2 ⌈2 √n⌉ sides.

        Harary & Harborth 1976, Journal of Combinatorics, Information & System Sciences 1.
        """
        cells = max(math.ceil(at_least_m2 / float(self.area.max()) - 1e-9), 1)
        return 2.0 * math.ceil(2.0 * math.sqrt(cells) - 1e-9) * self.surface.grid.cell_m

    def problem(self, question: ZoneQuestion) -> ZoneProblem:
        """The zone that is asked for, as a question about units that share an edge."""
        pairs = np.concatenate(
            [
                np.stack([one[both], other[both]], axis=1)
                for one, other in (
                    (self.number[:, :-1], self.number[:, 1:]),
                    (self.number[:-1], self.number[1:]),
                )
                for both in [(one >= 0) & (other >= 0)]
            ]
        )
        side = self.surface.grid.cell_m
        joined = np.bincount(pairs.ravel(), minlength=len(self.value))
        return build_zone_problem(
            self.value,
            self.area,
            pairs,
            min_m2=question.min_mu * M2_PER_MU,
            max_m2=question.max_mu * M2_PER_MU,
            objective=question.objective,
            threshold=question.threshold,
            perimeter_price=question.perimeter_price,
            edge_lengths_m=np.full(len(pairs), side),
            outer_lengths_m=(4 - joined) * side,
        )

    def site(self, solution: ZoneSolution, layers: Layers) -> Site:
        """Lay a solution on the ground."""
        grid = self.surface.grid
        member = np.isin(self.number, solution.members)
        row, column = np.nonzero(member)
        east, north = grid.cell_centres()
        half = grid.cell_m / 2.0
        x, y = east[column], north[row]
        squares = shapely.box(x - half, y - half, x + half, y + half)
        merged = shapely.simplify(shapely.union_all(squares), 0.0)
        (geometry,) = transform([merged], grid.crs, STORAGE_CRS)
        weight = grid.area_m2()[member]
        return Site(
            geometry=geometry,
            area_m2=float(area_m2([merged], grid.crs)[0]),
            suitability=solution.mean_value,
            bounds=four_bounds(geometry, _landmarks(layers)),
            holds=_held(layers, geometry),
            performance={
                one.id: float(np.average(measured[member], weights=weight))
                for one, measured in zip(
                    self.surface.criteria, self.surface.performance, strict=True
                )
            },
        )


def _landmarks(layers: Layers) -> list[Landmark]:
    """Features of the workspace that may be named as bounds: places, hubs, town centres, districts.

    Town centres and other points carry their accuracy; districts are boundaries as drawn.
    """
    found = [
        Landmark(_name(name, row), point, float(np.nan_to_num(accuracy)))
        for name in ("places", "hubs", "towns", "zones")
        if name in layers
        for table in [located(layers[name])]
        for row, point, accuracy in zip(
            table.itertuples(),
            known_points(layers, name),
            numbers_of(table, "accuracy_m"),
            strict=True,
        )
    ]
    districts = layers["districts"]
    return found + [
        Landmark(_name("districts", row), shape)
        for row, shape in zip(districts.itertuples(), districts.geometry, strict=True)
    ]


def _held(layers: Layers, zone: Any) -> tuple[Held, ...]:
    """Districts by their share of the zone, then the points of zones and towns inside it."""
    whole = float(area_m2([zone], STORAGE_CRS)[0])
    found = []
    for row in layers["districts"].itertuples():
        part = float(area_m2([zone.intersection(row.geometry)], STORAGE_CRS)[0])
        if part > 0.0:
            found.append(Held("districts", str(row.id), _name("districts", row), part / whole))
    found.sort(key=lambda one: -one.share)
    for name in ("zones", "towns"):
        inside = shapely.intersects(zone, known_points(layers, name))
        table = located(layers[name])[inside] if name in layers else layers["districts"].iloc[:0]
        found += [Held(name, str(row.id), _name(name, row), math.nan) for row in table.itertuples()]
    return tuple(found)


def _name(layer: str, row: Any) -> Sentence:
    """Name of a feature in both languages; a town's point is its centre."""
    zh = str(row.name_zh)
    en = row.name_en if isinstance(row.name_en, str) and row.name_en else zh
    return Sentence(f"{zh}中心", f"centre of {en}") if layer == "towns" else Sentence(zh, str(en))
