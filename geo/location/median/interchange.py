"""Good choices fast: greedy, interchange, and a few shakes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Ints
from geo.location.median.model import MedianModel

States = NDArray[np.int8]


def free_states(model: MedianModel) -> States:
    """1 where a column is fixed, 0 for all others: (m,)."""
    return model.fixed.astype(np.int8)


def greedy_choice(model: MedianModel) -> Ints:
    """Open one column after the other (Kuehn & Hamburger 1963), then interchange: ascending.

    Fewer than p columns come back where exclusions leave no next one.
    """
    from geo.location.median.interchange_kernels import greedy

    rules = model.rules.arrays
    chosen: Ints = greedy(model.by_column, model.site, free_states(model), rules)
    return improved(model, chosen) if len(chosen) == model.rules.p else np.sort(chosen)


def improved(model: MedianModel, chosen: Ints) -> Ints:
    """Swap single columns while that lowers the total."""
    from geo.location.median.interchange_kernels import interchange

    chosen = chosen.astype(np.int64)
    if chosen.size:
        rules = model.rules.arrays
        interchange(model.by_column, model.site, free_states(model), chosen, rules, False)
    return np.sort(chosen)


def lowest_choice(model: MedianModel, chosen: Ints) -> Ints:
    """Swap columns for lower ones while the total stays the same (but for rounding)."""
    from geo.location.median.interchange_kernels import interchange

    chosen = chosen.astype(np.int64)
    if chosen.size:
        rules = model.rules.arrays
        interchange(model.by_column, model.site, free_states(model), chosen, rules, True)
    return np.sort(chosen)


def shaken_choice(
    model: MedianModel, chosen: Ints, columns: Ints, *, turns: int, go_on: Callable[[], bool]
) -> Ints:
    """Best of iterated local search (Lourenço, Martin & Stützle 2003) from one seed.

    Each turn lets random ones of `columns` take the place of about a fifth of the best choice (two
    to twelve) and interchanges again among `columns`; what is best in the end, among all.
    """
    from geo.location.median.interchange_kernels import interchange, shake

    generator = np.random.default_rng(turns)
    p = model.rules.p
    size = min(p, max(2, p // 5), 12)
    best, least = chosen.astype(np.int64), model.total(chosen)
    states = free_states(model)
    closed = np.ones(len(states), dtype=np.bool_)
    closed[columns] = closed[chosen] = False
    states[closed] = -1
    for _ in range(turns):
        if not go_on():
            break
        slots = generator.choice(p, size, replace=False)
        entering = generator.choice(columns, size)
        trial = best.copy()
        shake(states, trial, model.rules.arrays, entering, slots)
        interchange(model.by_column, model.site, states, trial, model.rules.arrays, False)
        total = model.total(trial)
        if total < least:
            best, least = np.sort(trial), total
    better = improved(model, best) if least < model.total(chosen) else chosen
    return better if model.total(better) <= least else best
