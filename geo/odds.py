"""The odds of a ranking: how often it holds when weights, values and positions are in doubt.

Each source of doubt is drawn alone and all are drawn together (SMAA-2, `geo.acceptability`), so
that each alternative's line can say which of them moves it most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.acceptability import Acceptability, smaa2
from geo.criteria import PerformanceMatrix, Tables
from geo.measure import Floats
from geo.position_draws import (
    PositionDraws,
    ReplacedColumns,
    build_position_draws,
    is_spatial,
)
from geo.scoring import SitingResult
from geo.uncertainty import IntervalValues, Sampler, ValuedDraws, values_within
from geo.weight_draws import FixedWeights

Doubt = Literal["weights", "values", "positions"]
DOUBTS: tuple[Doubt, ...] = get_args(Doubt)


@dataclass(frozen=True, slots=True)
class Odds:
    """Acceptability of the ranked alternatives, in the order of the result they belong to.

    `together` draws all doubts at once, `alone` each of them with the others held. Weights are
    uniform on the simplex; values uniform within the performance's interval, where it does not
    come from positions; positions uniform on the disc of `accuracy_m`, cut to the
    district, every spatial criterion measured again.
    """

    together: Acceptability
    alone: Mapping[Doubt, Acceptability]
    draws: int
    seed: int

    @property
    def moves_most(self) -> list[Doubt | None]:
        """Per alternative the doubt that alone spreads its rank widest; None where none moves it.

        The spread is the standard deviation of the rank; of equal ones the first in the order
        weights, values, positions.
        """
        spread = np.stack([self.alone[doubt].rank_spread for doubt in DOUBTS])
        widest, moved = spread.argmax(axis=0), spread.max(axis=0) > 0.0
        return [DOUBTS[most] if some else None for most, some in zip(widest, moved, strict=True)]


def rank_odds(
    result: SitingResult,
    tables: Tables,
    *,
    territories: Mapping[str, BaseGeometry] | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> Odds:
    """Draw the doubts of a ranking: `draws` times each alone and all together.

    `territories` are the districts' polygons by Chinese name (EPSG:4490), to which discs are cut.
    The same result, draws and seed give the same odds. Raises `CriterionError` for a number of
    draws or a seed out of range, `GeometryError` where a disc misses its territory.
    """
    measured = result.performance
    spatial = [j for j, spec in enumerate(result.scenario.criteria) if is_spatial(spec)]
    positions = _positions(result, tables, territories, spatial) if spatial else None
    held = _within(measured, measured.value, measured.value, spatial)
    stated = _within(measured, measured.low, measured.high, spatial)

    def odds_of(values: Sampler | Floats, weights: Sampler | None) -> Acceptability:
        return smaa2(values, weights=weights, draws=draws, seed=seed)

    declared = FixedWeights(tuple(result.weights.values()))
    alone: dict[Doubt, Acceptability] = {
        "weights": odds_of(result.values, None),
        "values": odds_of(_valued(result, stated), declared),
        "positions": odds_of(_valued(result, _moved(held, positions, spatial)), declared),
    }
    together = odds_of(_valued(result, _moved(stated, positions, spatial)), None)
    return Odds(together, alone, draws, seed)


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
        [result.scenario.criteria[j] for j in spatial],
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
    functions = tuple(spec.value_function for spec in result.scenario.criteria)
    return ValuedDraws(performance, functions)
