"""Draws of what a hub plan does not know: demand within its interval, places, detours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Ints, Mask
from geo.criteria import column_of, is_located
from geo.criteria.selection import numbers_of
from geo.discs import Discs, build_discs, to_space
from geo.drawn_measures import arc_m
from geo.errors import ScenarioError
from geo.hubs.places import Places, weight_factor
from geo.scenario import HubScenario, LocationScenario

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class DemandDraws:
    """Weights within [low, high] (n,), uniform, each group's sum held at its `total`.

    Where the drawn sum of a group is off its total, every weight goes the same share of its way to
    the end of its interval, so that none leaves it.
    """

    low: Floats
    high: Floats
    group: Ints
    total: Floats

    def draw(self, generator: np.random.Generator) -> Floats:
        """Return one draw: (n,)."""
        drawn = self.low + (self.high - self.low) * generator.random(len(self.low))
        if not self.total.size:
            return drawn
        short = self.total - np.bincount(self.group, drawn, len(self.total))
        up, down = self.high - drawn, drawn - self.low
        room = np.where(
            short > 0.0,
            np.bincount(self.group, up, len(self.total)),
            np.bincount(self.group, down, len(self.total)),
        )
        share = np.divide(short, room, out=np.zeros_like(short), where=room > 0.0)
        share = np.clip(share, -1.0, 1.0)[self.group]
        result: Floats = drawn + np.where(share > 0.0, share * up, share * down)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class WayDraws:
    """Ways in m between drawn places, each with a detour factor of its own: (n, m).

    `row` and `column` are the places (discs) of located demand rows and of candidates; recorded
    places that are the same move together. What service rules out in `open_` (n, m) stays `inf`.
    """

    distance_m: Floats
    open_: Mask
    circuity: tuple[float, float]
    discs: Discs | None
    known: Ints
    row: Ints
    column: Ints

    def draw(self, generator: np.random.Generator) -> Floats:
        """Return one draw: (n, m)."""
        return self._ways(generator, self._moved(generator))

    def draw_between(
        self, generator: np.random.Generator, between_m: Floats
    ) -> tuple[Floats, Floats]:
        """Return one draw of the ways, and of those between candidates: (n, m) and (m, m).

        `between_m` are the latter as recorded, `inf` where service is ruled out.
        """
        at = self._moved(generator)
        ways = self._ways(generator, at)
        apart = between_m if at is None else _apart_m(at[self.column], at[self.column])
        stretched = apart * self._factor(generator, apart.shape)
        return ways, np.where(np.isfinite(between_m), stretched, np.inf)

    def _moved(self, generator: np.random.Generator) -> Floats | None:
        """Earth-centred places of one draw (places, 3); None where they stay."""
        if self.discs is None:
            return None
        lon, lat = self.discs.draw(generator, 1)
        return np.stack(to_space(lon[:, 0], lat[:, 0]), axis=1)

    def _ways(self, generator: np.random.Generator, at: Floats | None) -> Floats:
        distance = self.distance_m
        if at is not None:
            distance = np.full(self.distance_m.shape, np.inf)
            distance[self.known] = _apart_m(at[self.row], at[self.column])
        factor = self._factor(generator, distance.shape)
        return np.where(self.open_, distance * factor, np.inf)

    def _factor(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        low, high = self.circuity
        factor: Floats = low + (high - low) * generator.random(shape)
        return factor


def _apart_m(a: Floats, b: Floats) -> Floats:
    """Distance in m between places in space: (a, b)."""
    return arc_m(np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)))


@dataclass(frozen=True, slots=True, eq=False)
class HubDraws:
    """Draws of a hub scenario: weights (n,) and ways (n, m) of one possible world at a time."""

    weight: DemandDraws | None
    factor: Floats
    stated: Floats
    ways: WayDraws

    def draw(self, generator: np.random.Generator) -> tuple[Floats, Floats]:
        """Return the weights and the ways of one draw."""
        return self.draw_weight(generator), self.ways.draw(generator)

    def draw_weight(self, generator: np.random.Generator) -> Floats:
        """Return the weights of one draw: (n,)."""
        if self.weight is None:
            return self.stated
        return self.weight.draw(generator) * self.factor


def build_draws(
    scenario: LocationScenario,
    places: Places,
    ways_m: Floats,
    weight: Floats,
    *,
    territories: Mapping[str, BaseGeometry] | None,
) -> HubDraws:
    """Build the draws that a scenario declares; `ways_m` (n, m) is `inf` where nobody serves.

    Raises `ScenarioError` for an interval that does not hold its weight, `GeometryError` where a
    disc misses its district.
    """
    return HubDraws(
        build_demand_draws(scenario, places.demand),
        weight_factor(scenario, places.demand),
        weight,
        _way_draws(scenario, places, np.isfinite(ways_m), territories),
    )


def require_errors(scenario: LocationScenario) -> None:
    """Raise `ScenarioError` where a scenario declares neither an error of demand nor of cost."""
    if scenario.demand_error is None and scenario.cost_error is None:
        raise ScenarioError(
            f"scenario {scenario.id!r} declares nothing to draw; give demand_error, cost_error or "
            "both",
            f"方案 {scenario.id!r} 没有声明可抽样的误差；请给出 demand_error、cost_error 或两者",
        )


def build_demand_draws(scenario: HubScenario, demand: pd.DataFrame) -> DemandDraws | None:
    """Build the draws of a scenario's demand, before its weight factors; None: none declared.

    Raises `ScenarioError` for an interval that does not hold its weight.
    """
    error = scenario.demand_error
    if error is None:
        return None
    low, high = numbers_of(demand, error.low), numbers_of(demand, error.high)
    stated = numbers_of(demand, "demand_weight")
    wrong = ~((low <= stated * (1 + _ROUNDING)) & (stated <= high * (1 + _ROUNDING)))
    if wrong.any():
        first = demand[wrong].iloc[0]
        raise ScenarioError(
            f"{int(wrong.sum())} demand point(s) have no interval that holds their weight; the "
            f"first is {first['id']}: correct {error.low} and {error.high}",
            f"有 {int(wrong.sum())} 个需求点的区间不含其权重，首个为 {first['name_zh']}；"
            f"请更正 {error.low} 与 {error.high}",
        )
    if error.total_by is None:
        return DemandDraws(low, high, np.zeros(len(low), dtype=np.int64), np.zeros(0))
    group, _ = pd.factorize(column_of(demand, error.total_by))
    total = np.bincount(group, stated).astype(np.float64)
    return DemandDraws(low, high, group.astype(np.int64), total)


def _way_draws(
    scenario: LocationScenario,
    places: Places,
    open_: Mask,
    territories: Mapping[str, BaseGeometry] | None,
) -> WayDraws:
    error = scenario.cost_error
    circuity = (scenario.circuity,) * 2 if error is None else error.circuity
    known = np.flatnonzero(is_located(places.demand))
    none = np.zeros(0, dtype=np.int64)
    if error is None or not error.positions:
        return WayDraws(places.distance_m, open_, circuity, None, known, none, none)
    recorded = pd.concat(
        [
            _recorded(places.demand.iloc[known], scenario.group_field),
            _recorded(places.candidates, scenario.group_field),
        ],
        ignore_index=True,
    )
    number = recorded.groupby(list(recorded.columns), dropna=False, sort=False).ngroup()
    place = np.asarray(number, dtype=np.int64)
    one = recorded[~number.duplicated()]
    bounds = territories or {}
    discs = build_discs(
        one["lon"].to_numpy(dtype=np.float64),
        one["lat"].to_numpy(dtype=np.float64),
        one["accuracy_m"].to_numpy(dtype=np.float64),
        territories=[bounds.get(str(name)) for name in one["district"]],
    )
    return WayDraws(
        places.distance_m,
        open_,
        circuity,
        discs,
        known,
        place[: len(known)],
        place[len(known) :],
    )


def _recorded(table: pd.DataFrame, group_field: str) -> pd.DataFrame:
    """Recorded places: points of the same place, accuracy and district are one."""
    return pd.DataFrame(
        {
            "lon": numbers_of(table, "ref_lon"),
            "lat": numbers_of(table, "ref_lat"),
            "accuracy_m": np.nan_to_num(numbers_of(table, "accuracy_m")),
            "district": column_of(table, group_field).to_numpy(),
        }
    )
