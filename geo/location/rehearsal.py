"""A rehearsal of every model on a small instance: its loops are compiled before anybody waits."""

from __future__ import annotations

import numpy as np

from geo.location.conditions import SiteKeywords
from geo.location.covers.backup_coverage import solve_backup_coverage
from geo.location.covers.lscp import solve_lscp
from geo.location.covers.mclp import solve_mclp
from geo.location.covers.p_center import solve_p_center
from geo.location.loads.facility_location import solve_facility_location
from geo.location.median.p_median import solve_p_median
from geo.location.sparse_costs import SparseCosts
from geo.location.tiers.hierarchy import Tier, solve_tiers

_DEMAND, _CANDIDATES, _P = 50, 30, 4
_RADIUS = 0.15
_LIMIT_S = 1.0


def rehearse() -> None:
    """Solve one small instance by each model; what they compile is kept beside the modules.

    Costs that are no distances leave a gap at the root, so that branching is rehearsed as well.
    """
    rng = np.random.default_rng(0)
    cost = rng.random((_DEMAND, _CANDIDATES))
    weight = rng.integers(1, 100, _DEMAND).astype(np.float64)
    places = (rng.random(_DEMAND), rng.random(_DEMAND))
    near = SparseCosts.near(places, places, _RADIUS)
    groups = np.arange(_CANDIDATES) % 2
    solve_p_median(cost, p_facilities=_P, demand_weight=weight, time_limit_s=_LIMIT_S)
    solve_p_median(
        cost, p_facilities=_P, groups=groups, min_per_group=1, bonus=0.1, time_limit_s=_LIMIT_S
    )
    solve_p_median(
        cost,
        p_facilities=_P,
        demand_weight=weight,
        capacity=weight.sum() / (_P - 1),
        time_limit_s=_LIMIT_S,
    )
    solve_facility_location(cost, opening_cost=1.0, time_limit_s=_LIMIT_S)
    solve_p_center(cost, p_facilities=_P, time_limit_s=_LIMIT_S)
    for costs in (cost, near):
        solve_mclp(costs, p_facilities=_P, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
        solve_lscp(costs, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
    solve_backup_coverage(cost, p_facilities=2 * _P, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
    upper = rng.random((_CANDIDATES, _CANDIDATES))
    for capacity in (None, weight.sum() / 2):
        sites = SiteKeywords() if capacity is None else SiteKeywords(capacity=capacity)
        tiers = (Tier("lower", _P, cost), Tier("upper", 2, upper, 0.5, sites))
        solve_tiers(tiers, demand_weight=weight, time_limit_s=_LIMIT_S)
