"""The demand layer: the district's census total spread over its towns by a declared rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.allocation import spread
from geo.arrays import Floats, Mask

CAP = 200_000.0
"""No other town had more residents in 2020 (city statistics bureau; Longgang not counted)."""

PROXY_BY_KIND = {"街道": 60_000.0, "镇": 40_000.0, "片区": 40_000.0, "乡": 12_000.0}
"""Relative size of a town without any figure: ours, only ratios matter."""

CENSUS = "resident_2020"
_ROUNDING = 0.005
_FACTOR = 2.0


def build_demand(
    towns: pd.DataFrame,
    population: pd.DataFrame,
    town_population: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    land_m2: Floats,
    density_per_m2: float,
) -> pd.DataFrame:
    """Estimated residents per town, in the order of `towns`.

    `land_m2` (towns,) is the land a town has at most: the mainland or island its seat stands on,
    shared by the seats on it; `density_per_m2` the city's mean density, at which that land is
    filled at most where a town has no figure of its own, so that no island gets a crowd.

    Columns: `demand_weight`, `weight_low`, `weight_high`, `allocation`. Census rows stay as
    read (±0.5 %). Groups with a 2020 total get that total, the rest of the district the rest;
    inside either the residents are in proportion to another figure of the town (registered,
    stated, older) or to `PROXY_BY_KIND`, none above `CAP`. The estimated ones carry the interval
    from half to twice, cut at the cap. Sums per district equal the census.
    """
    figures = town_population.drop_duplicates(["name_zh", "district"]).set_index(
        ["name_zh", "district"]
    )
    keys = pd.MultiIndex.from_frame(towns[["name_zh", "district"]])
    listed = figures.reindex(keys)
    figure = listed["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    census = (listed["kind"] == CENSUS).to_numpy(dtype=np.bool_)
    by_kind = towns["kind"].map(PROXY_BY_KIND).to_numpy(dtype=np.float64)
    by_kind = np.minimum(by_kind, land_m2 * density_per_m2)
    proxy = np.where(np.isnan(figure), by_kind, figure)
    weight = np.full(len(towns), np.nan)
    for district, total in population[["district", "population"]].itertuples(index=False):
        for members, amount in _blocks(towns, str(district), float(total), groups):
            held = np.where(census, figure, np.nan)[members]
            weight[members] = spread(amount, proxy[members], fixed=held, cap=CAP)
    allocation = np.where(np.isnan(figure), "proxy_kind", "proxy_figure")
    return _with_interval(weight, census, np.where(census, "census", allocation))


def _with_interval(weight: Floats, census: Mask, allocation: NDArray[np.str_]) -> pd.DataFrame:
    high = np.maximum(np.minimum(weight * _FACTOR, CAP), weight)
    return pd.DataFrame(
        {
            "demand_weight": weight,
            "weight_low": np.where(census, weight * (1 - _ROUNDING), weight / _FACTOR),
            "weight_high": np.where(census, weight * (1 + _ROUNDING), high),
            "allocation": allocation,
        }
    )


def _blocks(
    towns: pd.DataFrame, district: str, total: float, groups: pd.DataFrame
) -> list[tuple[Mask, float]]:
    """Cut a district into blocks of towns whose totals are known; the rest is the last block.

    Listed groups are nested or apart; a group that holds another keeps what is left of its total.
    """
    rest = (towns["district"] == district).to_numpy(dtype=np.bool_)
    listed = groups[(groups["district"] == district) & (groups["kind"] == CENSUS)]
    named = [
        (_members(towns, rest, str(name)), float(amount))
        for name, amount in listed[["name_zh", "population"]].itertuples(index=False)
    ]
    named = sorted((g for g in named if g[0].any()), key=lambda group: int(group[0].sum()))
    blocks: list[tuple[Mask, float]] = []
    for members, amount in [*named, (rest, total)]:
        taken = [block for block in blocks if (block[0] & members).any()]
        inside = members.copy()
        for block, _ in taken:
            inside &= ~block
        blocks.append((inside, amount - sum(known for _, known in taken)))
    return blocks


def _members(towns: pd.DataFrame, here: Mask, name: str) -> Mask:
    """Towns a group's name lists: joined by "+", or "all … streets of …"; else none."""
    if "+" in name:
        return here & towns["name_zh"].isin(name.split("+")).to_numpy(dtype=np.bool_)
    if name.startswith("all ") and " streets of " in name:
        return here & (towns["kind"] == "街道").to_numpy(dtype=np.bool_)
    return np.zeros(len(towns), dtype=np.bool_)
