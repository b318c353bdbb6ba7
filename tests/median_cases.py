"""Small p-median problems, and every choice that they allow."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.problem import LocationProblem, build_problem


def drawn(seed: int) -> LocationProblem:
    """Some ten to fourteen candidates with gaps: costs at random, in the plane, or with holes."""
    rng = np.random.default_rng(seed)
    m, n, p = int(rng.integers(10, 15)), int(rng.integers(8, 20)), int(rng.integers(2, 6))
    if seed % 3 == 0:
        cost = rng.random((n, m)) * 100.0
    elif seed % 3 == 1:
        a, b = rng.random((n, 2)), rng.random((m, 2))
        cost = np.floor(1000.0 * np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)))
    else:
        cost = rng.integers(0, 30, (n, m)).astype(np.float64)
        cost[rng.random((n, m)) < 0.3] = math.inf
    sites: dict[str, Any] = {}
    if rng.random() < 0.5:
        sites["groups"] = labels = rng.integers(0, 3, m).tolist()
        sites["min_per_group"] = {name: int(rng.integers(0, 2)) for name in set(labels)}
        sites["max_per_group"] = {name: int(rng.integers(1, 4)) for name in set(labels)}
    if rng.random() < 0.5:
        pairs = rng.integers(1, 12)
        sites["exclusive_facilities"] = [
            rng.choice(m, 2, replace=False).tolist() for _ in range(pairs)
        ]
    if rng.random() < 0.4:
        sites["opening_cost"] = rng.integers(0, 90, m).astype(np.float64)
    if rng.random() < 0.3:
        sites["bonus"] = rng.integers(0, 90, m).astype(np.float64)
    if rng.random() < 0.3:
        sites["fixed_facilities"] = [int(rng.integers(0, m))]
    weight = rng.integers(1, 9, n).astype(np.float64)
    return build_problem(cost, p_facilities=p, demand_weight=weight, **sites)


def allowed_totals(problem: LocationProblem) -> tuple[Ints, Floats]:
    """Every choice that serves all rows, with its total, by trying all."""
    conditions, rows = problem.conditions, problem.reachable
    sets = np.array(list(itertools.combinations(range(conditions.size), conditions.p or 0)))
    loss = problem.cost[rows] * problem.demand_weight[rows, None]
    total = loss[:, sets].min(axis=2).sum(axis=0) + conditions.site_cost[sets].sum(axis=1)
    good = np.array([conditions.allows(one) for one in sets]) & np.isfinite(total)
    return sets[good], total[good]
