"""Facilities shared out over areas as whole numbers, where no sites are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from geo.apportionment import Apportionment, apportion
from geo.arrays import Floats, Ints
from geo.criteria import Tables, column_of, select
from geo.criteria.selection import layer_of
from geo.errors import InfeasibleError, ScenarioError
from geo.hubs.draws import build_demand_draws
from geo.hubs.places import demand_weight, weight_factor
from geo.hubs.readings import readings_of
from geo.scenario import AllocationScenario, Reading
from geo.sentence import Sentence


@dataclass(frozen=True, slots=True, eq=False)
class UnitOdds:
    """How sure each area's number is, over draws of the demand within its intervals.

    `low` and `high` (n,) hold nine draws of ten between them; `same` (n,) is the share of draws
    that give an area exactly its number.
    """

    draws: int
    low: Ints
    high: Ints
    same: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AllocationReadingResult:
    """One reading shared out: `weight` (n,), `shares` None where it cannot be (`conflict`)."""

    reading: Reading
    weight: Floats
    shares: Apportionment | None
    conflict: Sentence | None = None
    odds: UnitOdds | None = None

    @property
    def status(self) -> Literal["optimal", "infeasible"]:
        """Proven to be the best, or impossible."""
        return "infeasible" if self.shares is None else "optimal"


@dataclass(frozen=True, slots=True, eq=False)
class AllocationResult:
    """All readings of an allocation over the same areas (rows of `recipients`)."""

    scenario: AllocationScenario
    as_of: date
    recipients: pd.DataFrame
    readings: list[AllocationReadingResult]


def allocate(
    scenario: AllocationScenario,
    tables: Tables,
    *,
    reading: str | None = None,
    as_of: date | None = None,
    draws: int | None = None,
    seed: int = 0,
) -> AllocationResult:
    """Share out every reading of the scenario (or the one named) in proportion to demand weight.

    Areas need no place. With `draws` the scenario's `demand_error` is drawn so often, from `seed`.
    Raises `ScenarioError` for an unknown reading, where no demand is left, and where draws are
    asked for but no error is declared; `WeightsError` for weights that make no sense.
    """
    recipients = select(layer_of(tables, scenario.demand), scenario.demand_filter)
    recipients = recipients.reset_index(drop=True)
    if recipients.empty:
        raise ScenarioError(
            f"scenario {scenario.id!r} needs features of layer {scenario.demand!r} (filter: "
            f"{scenario.demand_filter}); this workspace has none, import them first",
            f"方案 {scenario.id!r} 需要图层 {scenario.demand!r} 中的要素（筛选条件："
            f"{scenario.demand_filter}）；工作区中没有，请先导入",
        )
    weight = demand_weight(scenario, recipients)
    drawn = None if draws is None else _drawn(scenario, recipients, draws, seed)
    chosen = readings_of(scenario, reading)
    return AllocationResult(
        scenario,
        as_of or scenario.as_of,
        recipients,
        [_shared_out(scenario, one, recipients, weight, drawn) for one in chosen],
    )


def _shared_out(
    scenario: AllocationScenario,
    reading: Reading,
    recipients: pd.DataFrame,
    weight: Floats,
    drawn: Floats | None,
) -> AllocationReadingResult:
    groups = column_of(recipients, scenario.group_field).to_numpy()

    def share(by: Floats) -> Apportionment:
        return apportion(
            reading.p_facilities or 0,
            by,
            groups=groups,
            min_per_group=reading.per_district,
            max_per_group=reading.per_district_most,
        )

    try:
        shares = share(weight)
    except InfeasibleError as error:
        return AllocationReadingResult(reading, weight, None, error.sentence)
    odds = None
    if drawn is not None:
        odds = _odds(shares.units, np.stack([share(one).units for one in drawn]))
    return AllocationReadingResult(reading, weight, shares, odds=odds)


def _drawn(scenario: AllocationScenario, recipients: pd.DataFrame, draws: int, seed: int) -> Floats:
    """Drawn weights: (draws, n)."""
    demand = build_demand_draws(scenario, recipients)
    if demand is None:
        raise ScenarioError(
            f"scenario {scenario.id!r} declares no demand_error to draw; add one",
            f"方案 {scenario.id!r} 没有声明可抽样的 demand_error；请补充",
        )
    generator = np.random.default_rng(seed)
    factor = weight_factor(scenario, recipients)
    return np.stack([demand.draw(generator) * factor for _ in range(draws)])


def _odds(units: Ints, drawn: Ints) -> UnitOdds:
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0, method="inverted_cdf")
    return UnitOdds(
        len(drawn), low.astype(np.int64), high.astype(np.int64), (drawn == units).mean(axis=0)
    )
