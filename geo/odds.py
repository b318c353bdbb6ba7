"""The odds of a ranking: how often it holds when weights, values and positions are in doubt.

Each source of doubt is drawn alone and all are drawn together (SMAA-2, `geo.acceptability`), so
that each alternative's line can say which of them moves it most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.acceptability import Acceptability, smaa2
from geo.arrays import Floats
from geo.criteria import PerformanceMatrix, Tables
from geo.errors import WeightsError
from geo.position_draws import (
    PositionDraws,
    ReplacedColumns,
    build_position_draws,
    is_spatial,
)
from geo.scenario import (
    DeclaredDraws,
    FixedDraws,
    ImportanceDraws,
    IntervalDraws,
    UniformDraws,
    WeightDrawsSpec,
)
from geo.scoring import SitingResult
from geo.sentence import Sentence
from geo.uncertainty import IntervalValues, Sampler, ValuedDraws, values_within
from geo.weight_draws import (
    MOST_EVEN,
    EvenWeights,
    FixedWeights,
    OrderedWeights,
    UniformWeights,
    around_declared,
    within_intervals,
)

Doubt = Literal["weights", "values", "positions"]
DOUBTS: tuple[Doubt, ...] = get_args(Doubt)


@dataclass(frozen=True, slots=True)
class Odds:
    """Acceptability of the ranked alternatives, in the order of the result they belong to.

    On the weighted sum, whatever method ranked. `together` draws all doubts at once, `alone` each
    of them with the others held. Weights are drawn as the scenario's `weight_draws` says; values
    uniform within the performance's interval, where it does not come from positions; positions
    uniform on the disc of `accuracy_m`, cut to the district, every spatial criterion measured
    again. `first_stage`: the odds of the stage before, with the same draws and seed.
    """

    together: Acceptability
    alone: Mapping[Doubt, Acceptability]
    draws: int
    seed: int
    weights: Sentence
    first_stage: Odds | None = None

    @property
    def spreads(self) -> Floats:
        """How far each doubt alone spreads each rank: standard deviations, (doubts, alternatives).

        In the order of `DOUBTS`.
        """
        return np.stack([self.alone[doubt].rank_spread for doubt in DOUBTS])

    @property
    def moves_most(self) -> list[Doubt | None]:
        """Per alternative the doubt that alone spreads its rank widest; None where none moves it.

        The spread is the standard deviation of the rank; of equal ones the first in the order
        weights, values, positions.
        """
        spread = self.spreads
        widest, moved = spread.argmax(axis=0), spread.max(axis=0) > 0.0
        return [DOUBTS[most] if some else None for most, some in zip(widest, moved, strict=True)]


def rank_odds(
    result: SitingResult,
    tables: Tables,
    *,
    territories: Mapping[str, BaseGeometry] | None = None,
    draws: int = 10_000,
    seed: int = 0,
    weight_draws: WeightDrawsSpec | None = None,
) -> Odds:
    """Draw the doubts of a ranking: `draws` times each alone and all together.

    `territories` are the districts' polygons by Chinese name (EPSG:4490), to which discs are cut;
    `weight_draws` stands in the place of the scenario's. The same result, draws and seed give the
    same odds. Raises `CriterionError` for a number of draws or a seed out of range, `WeightsError`
    for draws of weights that cannot be, `GeometryError` where a disc misses its territory.
    """
    measured = result.performance
    spatial = [j for j, spec in enumerate(result.criteria) if is_spatial(spec)]
    positions = _positions(result, tables, territories, spatial) if spatial else None
    held = _within(measured, measured.value, measured.value, spatial)
    stated = _within(measured, measured.low, measured.high, spatial)
    drawn = weight_draws or result.scenario.weight_draws
    sampler, sentence = weight_sampler(drawn, result.weights)
    groups = None if result.groups is None else result.groups.astype(object).to_numpy()

    def odds_of(values: Sampler | Floats, weights: Sampler) -> Acceptability:
        return smaa2(values, weights=weights, draws=draws, seed=seed, groups=groups)

    declared = FixedWeights(tuple(result.weights.values()))
    alone: dict[Doubt, Acceptability] = {
        "weights": odds_of(result.values, sampler),
        "values": odds_of(_valued(result, stated), declared),
        "positions": odds_of(_valued(result, _moved(held, positions, spatial)), declared),
    }
    together = odds_of(_valued(result, _moved(stated, positions, spatial)), sampler)
    stage = result.first_stage
    before = (
        rank_odds(stage.result, tables, territories=territories, draws=draws, seed=seed)
        if stage
        else None
    )
    return Odds(together, alone, draws, seed, sentence, before)


def weight_sampler(spec: WeightDrawsSpec, weights: Mapping[str, float]) -> tuple[Sampler, Sentence]:
    """Build the sampler of weights that a scenario declares, and say what it draws.

    `weights` are the scenario's own shares by criterion. Uniform weights are spread evenly
    (quasi-random) where there are few enough criteria. Raises `WeightsError` for an unknown
    criterion and for limits that leave nothing.
    """
    names = list(weights)
    sampler: Sampler
    match spec:
        case UniformDraws():
            few = len(names) <= MOST_EVEN
            sampler = EvenWeights(len(names)) if few else UniformWeights(len(names))
            return sampler, Sentence("权重在单纯形上均匀", "weights uniform on the simplex")
        case IntervalDraws():
            _require_known(spec.intervals, names)
            ends = [spec.intervals.get(name, (0.0, 1.0)) for name in names]
            sampler = within_intervals(
                [low for low, _ in ends], [high for _, high in ends], names=names
            )
            return sampler, Sentence(
                "权重在给定区间内均匀", "weights uniform within the intervals given"
            )
        case ImportanceDraws():
            _require_known(spec.importance, names)
            last = max(spec.importance.values()) + 1
            order = tuple(spec.importance.get(name, last) for name in names)
            return OrderedWeights(order), Sentence(
                "权重在符合重要性次序的范围内均匀",
                "weights uniform among those that keep the order of importance",
            )
        case DeclaredDraws():
            sampler = around_declared(list(weights.values()), concentration=spec.concentration)
            return sampler, Sentence(
                f"权重围绕所设权重（狄利克雷分布，集中度 {spec.concentration:g}）",
                f"weights around the declared ones (Dirichlet, concentration "
                f"{spec.concentration:g})",
            )
        case FixedDraws():
            return FixedWeights(tuple(weights.values())), Sentence(
                "权重固定为所设权重", "weights held at the declared ones"
            )
    assert_never(spec)


def _require_known(given: Mapping[str, object], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise WeightsError(
            f"draws of weights name the unknown criterion {', '.join(unknown)}; this scenario has "
            f"{', '.join(known)}",
            f"权重抽样用到没有的准则 {'、'.join(unknown)}；本方案的准则有 {'、'.join(known)}",
        )


def _within(
    measured: PerformanceMatrix, low: Floats, high: Floats, held: Sequence[int]
) -> IntervalValues:
    """Performance within its interval; the columns `held` stay at their value."""
    least, most = low.copy(), high.copy()
    least[:, held] = most[:, held] = measured.value[:, held]
    return values_within(measured.value, least, most)


def _positions(
    result: SitingResult,
    tables: Tables,
    territories: Mapping[str, BaseGeometry] | None,
    spatial: Sequence[int],
) -> PositionDraws:
    return build_position_draws(
        [result.criteria[j] for j in spatial],
        result.alternatives,
        tables,
        layer=result.scenario.alternatives,
        territories=territories,
    )


def _moved(base: Sampler, positions: PositionDraws | None, spatial: Sequence[int]) -> Sampler:
    """Put the spatial columns measured at drawn positions into the draws of `base`."""
    return base if positions is None else ReplacedColumns(base, positions, tuple(spatial))


def _valued(result: SitingResult, performance: Sampler) -> ValuedDraws:
    """Draws of performance turned into values by the criteria's value functions."""
    return ValuedDraws(performance, result.value_functions)
