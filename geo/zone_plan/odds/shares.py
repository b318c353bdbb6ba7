"""How sure a zone is: how often each cell is part of the best zone when the inputs are in doubt.

As the odds of a ranking (`geo.odds`, SMAA-2), for places: weights and positions are drawn together,
every cell is scored again, and the best zone of the draw is looked for. A proof takes far longer
than a draw may, so a draw's zone is the best that a local search finds (`ZoneSearch`); how good the
search is, is measured on the question without draws, whose bound is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Ints
from geo.delineation.faults import ZoneError, require_no_faults
from geo.errors import Fault
from geo.location.gaps import relative_gap
from geo.location.watch import Watch
from geo.measure import M2_PER_MU
from geo.odds import weight_sampler
from geo.sentence import Sentence
from geo.weighting import stated_weights
from geo.zone_plan.cells import Cells
from geo.zone_plan.odds.bands import Band, bands_of
from geo.zone_plan.odds.lattice import build_lattice
from geo.zone_plan.odds.positions import DrawnGround, Positions, build_drawn_ground
from geo.zone_plan.odds.search import FoundZone, ZoneSearch
from geo.zone_plan.plan import ZonePlan
from geo.zone_plan.search_area import Layers

MOST_DRAWS = 100_000

_Z95 = 1.96
_AT_ONCE = 64
"""Draws of positions that are made at once: the same whatever ends a run."""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneOdds:
    """In which share of the draws each cell is part of the draw's best zone.

    `draws` were made of `asked`, fewer where the run was ended; `without` of them had no zone, and
    count as draws without any cell. `share` (rows, columns) is 0 to 1, NaN for cells that no zone
    may have. `agreement` is the mean share of a draw's zone, by area, that lies in the plan's zone
    (NaN where no draw had one); `core_m2` the area of the cells that are in every draw's zone.
    `bands` are the cells of at least a share. `search_gap` is how far the draws' search, begun with
    no zone known, stays below the bound of the plan, as a share; NaN where it found none.
    `moving` features of `features` have a position that is drawn.
    """

    draws: int
    asked: int
    seed: int
    without: int
    share: Floats
    agreement: float
    core_m2: float
    bands: tuple[Band, ...]
    search_gap: float
    moving: int
    features: int
    weights: Sentence

    @property
    def core_mu(self) -> float:
        """The area in mu that is in every draw's zone."""
        return self.core_m2 / M2_PER_MU

    @property
    def half_width(self) -> float:
        """Sampling error of any one share at 95 %, at most, were the draws independent."""
        return _Z95 / 2.0 / math.sqrt(self.draws)

    @property
    def sentence(self) -> Sentence:
        """How sure the zone is, in words."""
        core = self.core_mu
        zh = (
            f"{self.draws:,} 次抽样中，各次所得范围平均有 {_percent(self.agreement)} "
            "落在推荐范围内；"
            + (f"每次都入选的核心为 {core:,.0f} 亩" if core > 0.0 else "没有任何格元每次都入选")
            + f"；单个比例的抽样误差不超过 ±{100 * self.half_width:.1f} 个百分点（95 %）"
        )
        en = (
            f"Of {self.draws:,} draws, a draw's zone lies on average to "
            f"{_percent(self.agreement)} within the zone recommended; "
            + (f"{core:,.0f} mu are in every draw's zone" if core > 0.0 else "no cell is in all")
            + f"; any one share is known to ±{100 * self.half_width:.1f} points (95 %)"
        )
        return Sentence(zh, en)

    @property
    def drawn(self) -> tuple[Sentence, ...]:
        """What was drawn and how, what was held, and how good the search is."""
        said = [
            Sentence(
                f"{self.weights.zh}；不在格元上量算的准则去掉后，其余权重按比例放大",
                f"{self.weights.en}; criteria not measured on cells are left out and the other "
                "weights scaled up",
            ),
            Sentence(
                f"准则所用 {self.features:,} 个要素中，{self.moving:,} 个的位置在其精度半径之圆内"
                "（限于所属区县）均匀抽取，同一次抽样各准则用同一位置，并重新量算格元",
                f"{self.moving:,} of the {self.features:,} features that are measured from are "
                "placed uniformly on the disc of their accuracy, cut to their district, one place "
                "for all criteria of a draw, and the cells measured again",
            ),
            Sentence(
                "搜索范围、排除的格元、障碍、不由点位量算的准则和计分方法保持不变",
                "The search area, cells left out, barriers, criteria not measured from points "
                "and the scales of the criteria are held",
            ),
            self._search,
        ]
        if self.draws < self.asked:
            said.append(
                Sentence(
                    f"计算提前结束：要求 {self.asked:,} 次，完成 {self.draws:,} 次",
                    f"The run was ended early: {self.draws:,} of {self.asked:,} draws were made",
                )
            )
        if self.without:
            said.append(
                Sentence(
                    f"{self.without:,} 次抽样没有找到范围，计为不含任何格元",
                    f"In {self.without:,} draws no zone was found; they count as having no cell",
                )
            )
        return tuple(said)

    @property
    def _search(self) -> Sentence:
        zh = "每次抽样的范围是局部搜索所得最好的，未经证明最优；"
        en = "A draw's zone is the best a local search found, not proven to be the best; "
        if math.isnan(self.search_gap):
            return Sentence(zh + "没有界可供比较", en + "there is no bound to compare it with")
        gap = f"{100 * self.search_gap:.2f}"
        return Sentence(
            zh + f"不抽样时，同一搜索从零开始，距所证上界 {gap} %",
            en + f"without draws the same search, begun from nothing, comes within {gap} % of the "
            "proven bound",
        )


def zone_odds(
    plan: ZonePlan,
    layers: Layers,
    *,
    draws: int,
    seed: int = 0,
    territories: Mapping[str, BaseGeometry] | None = None,
    watch: Watch | None = None,
) -> ZoneOdds:
    """Draw weights and positions so often, and count which cells the best zones have.

    Weights as the scenario's `weight_draws` say, by the sampler of the ranking's odds, over all its
    criteria; those of the cells are divided by their sum. Positions uniform on the disc of
    `accuracy_m`, cut to the polygon of `territories` (by Chinese name, EPSG:4490; None: the layer
    `districts`). `layers` are those that the plan was made from. Everything else is held.

    The same plan, draws and seed give the same odds. `watch` hears how many draws are made (as
    `nodes`) and may end the run, with the draws made so far. Raises `ZoneError` for a number of
    draws that is not 1 to 100,000, for a seed below 0, for a plan without a zone and where the run
    is ended before the first draw; `WeightsError` for draws of weights that cannot be,
    `GeometryError` where a feature's disc misses its territory.
    """
    _require(plan, draws, seed)
    watch = Watch() if watch is None else watch
    cells, problem = plan.cells, plan.problem
    districts = _districts(layers) if territories is None else territories
    ground = build_drawn_ground(plan.ground, layers, cells.number, territories=districts)
    search = ZoneSearch(problem, build_lattice(cells.number, problem.model()))
    gap = _search_gap(plan, search, ground)
    sampler, said = weight_sampler(plan.scenario.weight_draws, _weights(plan))
    weight_stream, place_stream = np.random.SeedSequence(seed).spawn(2)
    weights = sampler.batch(np.random.default_rng(weight_stream), draws)
    weights = _of_cells(plan, weights)
    best = np.array(plan.solution.members, dtype=np.int64)
    search.remember(best)
    if plan.runner_up is not None:
        search.remember(np.array(plan.runner_up[0].members, dtype=np.int64))
    tally = _Tally(np.zeros(problem.units, dtype=np.int64), problem.areas_m2, best)
    generator = np.random.default_rng(place_stream)
    places: list[Positions] = []
    for number in range(draws):
        if not watch.go_on(
            incumbent=plan.solution.objective, bound=plan.solution.bound, nodes=number
        ):
            break
        if not places:
            places = ground.draw(generator, _AT_ONCE)[::-1]
        found = _best(search, ground, weights[number], places.pop(), number)
        tally.add(found)
        if found is not None:
            search.remember(found.units)
    if not tally.draws:
        raise ZoneError(
            "the odds of the zone were ended before the first draw; give more time",
            "范围的可信度计算在第一次抽样之前就已结束；请给出更多时间",
        )
    return _counted(tally, cells, draws, seed, gap, ground, said)


def _require(plan: ZonePlan, draws: int, seed: int) -> None:
    faults = []
    for name, value, least, most in (
        ("draws", draws, 1, MOST_DRAWS),
        ("seed", seed, 0, 2**63 - 1),
    ):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not least <= value <= most:
            wanted = (f"a whole number from {least} to {most:,}", f"{least} 至 {most:,} 的整数")
            faults.append(Fault(None, name, value, *wanted))
    require_no_faults(faults)
    if not plan.solution.members:
        raise ZoneError(
            "there is no zone whose odds could be told; ask for an area that can be had first",
            "没有范围，无从计算其可信度；请先给出可以实现的面积",
        )


def _districts(layers: Layers) -> dict[str, BaseGeometry]:
    table = layers["districts"]
    return dict(zip(table["name_zh"].astype(str), table.geometry, strict=True))


def _weights(plan: ZonePlan) -> dict[str, float]:
    """Shares of all criteria: those of the plan, and of what is left out its stated share."""
    scenario = plan.scenario
    stated = stated_weights(scenario) or {one.id: 1.0 for one in scenario.criteria}
    total = math.fsum(stated.values())
    left_out = {one.id: stated[one.id] / total for one in plan.ground.left_out}
    rest = 1.0 - math.fsum(left_out.values())
    if not rest > 0.0:
        left_out, rest = dict.fromkeys(left_out, 0.0), 1.0
    shares = {**left_out, **{name: w * rest for name, w in plan.ground.weights.items()}}
    return {one.id: shares[one.id] for one in scenario.criteria}


def _of_cells(plan: ZonePlan, weights: Floats) -> Floats:
    """Drawn weights (draws, all criteria) of the criteria of the cells, rows summing to 1."""
    ids = [one.id for one in plan.scenario.criteria]
    part: Floats = weights[:, [ids.index(one.id) for one in plan.ground.specs]]
    total = part.sum(axis=1, keepdims=True)
    if not (total > 0.0).all():
        raise ZoneError(
            "some draws give all the weight to criteria that are not measured on cells; widen the "
            "intervals of the weights of those that are",
            "有的抽样把全部权重给了不在格元上量算的准则；请放宽在格元上量算的准则的权重区间",
        )
    result: Floats = part / total
    return result


def _best(
    search: ZoneSearch, ground: DrawnGround, weights: Floats, drawn: Positions, number: int
) -> FoundZone | None:
    def valued(units: Ints) -> Floats:
        return ground.values(units, weights, drawn)

    return search.best(valued, number)


def _search_gap(plan: ZonePlan, search: ZoneSearch, ground: DrawnGround) -> float:
    """How far below the plan's bound the search ends that knows no zone yet."""
    shares = np.array(plan.ground.shares)
    found = _best(search, ground, shares, ground.recorded(), 0)
    if found is None or not math.isfinite(plan.solution.bound):
        return math.nan
    return max(relative_gap(found.worth, plan.solution.bound), 0.0)


@dataclass(slots=True, eq=False)
class _Tally:
    """Counts of the draws: how often each unit was in, and how much of a zone in the plan's."""

    times: Ints
    area: Floats
    best: Ints
    draws: int = 0
    without: int = 0
    agreed: float = 0.0

    def add(self, found: FoundZone | None) -> None:
        """Count one draw."""
        self.draws += 1
        if found is None:
            self.without += 1
            return
        self.times[found.units] += 1
        shared = np.isin(found.units, self.best)
        area = self.area[found.units]
        self.agreed += float(area[shared].sum() / area.sum())


def _counted(
    tally: _Tally,
    cells: Cells,
    asked: int,
    seed: int,
    gap: float,
    ground: DrawnGround,
    said: Sentence,
) -> ZoneOdds:
    share = np.full(cells.number.shape, np.nan)
    inside = cells.number >= 0
    share[inside] = (tally.times / tally.draws)[cells.number[inside]]
    share.setflags(write=False)
    zones = tally.draws - tally.without
    return ZoneOdds(
        draws=tally.draws,
        asked=asked,
        seed=seed,
        without=tally.without,
        share=share,
        agreement=tally.agreed / zones if zones else math.nan,
        core_m2=math.fsum(tally.area[tally.times == tally.draws]),
        bands=bands_of(cells.surface.grid, share),
        search_gap=gap,
        moving=ground.moving,
        features=len(ground.discs.lon),
        weights=said,
    )


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"
