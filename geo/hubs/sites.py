"""What a scenario says of its candidates, as the location models are told it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.criteria import Tables, column_of, distances_m
from geo.criteria.selection import meets, numbers_of
from geo.errors import ScenarioError
from geo.hubs.places import Places
from geo.location import SiteKeywords
from geo.scenario import (
    Amount,
    DistrictCount,
    Filter,
    LocationScenario,
    Reading,
    SiteConditions,
    TierSpec,
)
from geo.scoring import score_alternatives

Count = Mapping[Any, int] | int


def site_keywords(
    scenario: LocationScenario, reading: Reading, places: Places, tables: Tables
) -> SiteKeywords:
    """Everything that scenario and reading say of the candidates, by column.

    Raises `ScenarioError` for a filter that meets no candidate, and where a candidate is both
    forced and forbidden.
    """
    standing = scenario.existing
    kept = places.existing if standing is not None and standing.closing_cost is None else None
    sites = _conditions(scenario, scenario.id, places.candidates, kept)
    sites["existing_facilities"] = np.flatnonzero(places.existing).tolist()
    sites["closing_cost"] = None if standing is None else standing.closing_cost
    sites["split_demand"] = scenario.split_demand
    sites["bonus"] = _bonus(scenario, places.candidates, tables)
    sites |= _quotas(scenario, reading, reading.per_district, places)
    return sites


def tier_keywords(
    scenario: LocationScenario, tier: TierSpec, reading: Reading, places: Places
) -> SiteKeywords:
    """Everything that tier and reading say of the candidates, by column; raises as above."""
    sites = _conditions(tier, f"{scenario.id}.{tier.id}", places.candidates, None)
    able = meets(places.candidates, tier.candidate_filter)
    out = set(np.flatnonzero(~able).tolist())
    sites["forbidden_facilities"] = sorted(out | set(sites["forbidden_facilities"]))
    sites |= _quotas(scenario, reading, reading.tier_counts[tier.id].per_district, places)
    return sites


def _conditions(
    said: SiteConditions, name: str, candidates: pd.DataFrame, kept: Mask | None
) -> SiteKeywords:
    """What is said of candidates by filter; `kept` (m,) are forced as well."""
    forced = _chosen(name, "forced", said.forced, candidates)
    if kept is not None:
        forced |= kept
    forbidden = _chosen(name, "forbidden", said.forbidden, candidates)
    _require_apart(name, candidates, forced & forbidden)
    sites = SiteKeywords(
        fixed_facilities=np.flatnonzero(forced).tolist(),
        forbidden_facilities=np.flatnonzero(forbidden).tolist(),
        exclusive_facilities=[
            np.flatnonzero(_met(name, f"exclusive.{i}", wanted, candidates)).tolist()
            for i, wanted in enumerate(said.exclusive)
        ],
        capacity=_amount(said.capacity, candidates),
        least_load=_amount(said.least_load, candidates),
        opening_cost=_amount(said.opening_cost, candidates),
    )
    if said.min_separation_m is not None:
        sites["min_separation"] = said.min_separation_m
        sites["facility_distance"] = distances_m(candidates, candidates)[0]
    return sites


def facility_count(scenario: LocationScenario, reading: Reading, places: Places) -> int | None:
    """How many are open in all: what stands already included, whether it was counted or not."""
    if reading.p_facilities is None or not _uncounted(scenario):
        return reading.p_facilities
    return reading.p_facilities + int(places.existing.sum())


def groups_of(scenario: LocationScenario, table: pd.DataFrame) -> pd.Series:
    """The district of each feature."""
    return column_of(table, scenario.group_field)


def _uncounted(scenario: LocationScenario) -> bool:
    return scenario.existing is not None and not scenario.existing.counted


def _quotas(
    scenario: LocationScenario, reading: Reading, least: DistrictCount | None, places: Places
) -> SiteKeywords:
    """Numbers per district: `least`, and the exact ones where districts serve their own only."""
    most = least if reading.own_district_only else reading.per_district_most
    if least is None and most is None:
        return SiteKeywords()
    groups = groups_of(scenario, places.candidates)
    standing: dict[Hashable, int] = {}
    if _uncounted(scenario):
        standing = groups[places.existing].value_counts().to_dict()
    names = list(dict.fromkeys(groups))
    return SiteKeywords(
        groups=groups.to_numpy(),
        min_per_group=_shifted(least, names, standing),
        max_per_group=_shifted(most, names, standing),
    )


def _shifted(
    bound: DistrictCount | None, names: Sequence[Hashable], standing: Mapping[Hashable, int]
) -> Count | None:
    """A number per district, raised by what stands there and is not counted."""
    if bound is None or not standing:
        return bound
    each = bound if isinstance(bound, Mapping) else {str(name): bound for name in names}
    return {name: count + standing.get(name, 0) for name, count in each.items()}


def _chosen(name: str, key: str, filters: Sequence[Filter], candidates: pd.DataFrame) -> Mask:
    """Which candidates meet any of the filters: (m,)."""
    mask = np.zeros(len(candidates), dtype=np.bool_)
    for place, wanted in enumerate(filters):
        mask |= _met(name, f"{key}.{place}", wanted, candidates)
    return mask


def _met(name: str, place: str, wanted: Filter, candidates: pd.DataFrame) -> Mask:
    mask = meets(candidates, wanted)
    if not mask.any():
        raise ScenarioError(
            f"{place} of scenario {name!r} meets no candidate ({wanted}); correct the filter or "
            "remove it",
            f"方案 {name!r} 的 {place}（{wanted}）没有符合的候选点；请更正或删去该筛选",
        )
    return mask


def _require_apart(name: str, candidates: pd.DataFrame, both: Mask) -> None:
    if not both.any():
        return
    rows = candidates[both]
    ids = ", ".join(rows["id"].astype(str))
    names = "、".join(rows["name_zh"].astype(str))
    raise ScenarioError(
        f"scenario {name!r} both forces (or keeps) and forbids {ids}; remove one of the two",
        f"方案 {name!r} 对 {names} 既强制（或保留）又禁止；请删去其一",
    )


def _amount(amount: Amount | None, candidates: pd.DataFrame) -> float | Floats | None:
    return numbers_of(candidates, amount) if isinstance(amount, str) else amount


def _bonus(scenario: LocationScenario, candidates: pd.DataFrame, tables: Tables) -> Floats | None:
    """What each site is worth; nothing where the score or the field says nothing: (m,)."""
    bonus = scenario.bonus
    if bonus is None:
        return None
    if bonus.scenario is None:
        assert bonus.field is not None
        return np.nan_to_num(numbers_of(candidates, bonus.field)) * bonus.worth
    ranking = score_alternatives(bonus.scenario, tables)
    score = pd.Series(ranking.scores, index=ranking.alternatives["id"])
    found = candidates["id"].map(score).to_numpy(dtype=np.float64, na_value=0.0)
    return np.asarray(found * bonus.worth, dtype=np.float64)
