"""Compiled loop of the recombination of levels (`geo.suitability.levels` states the rule)."""

from __future__ import annotations

from typing import Any

from geo.compiled import njit


@njit(cache=True)
def recombine(levels: Any, used: Any, weights: Any, least: Any, flags: Any, colours: Any) -> None:
    """Write the colours (cells,) of levels (criteria, cells), of which `used` ones take part.

    `flags` are those of rules in force, and bit 0.
    """
    for c in range(len(colours)):
        colours[c] = 0
        if flags[c] & 1:
            continue
        total = 0
        known, suits = True, flags[c] == 0
        for j in used:
            level = int(levels[j, c])
            if level == 0:
                known = False
            else:
                suits = suits and level >= least[j]
                total += weights[j] * (level - 2)
        if not suits:
            colours[c] = 1
        elif known:
            colours[c] = 2 + (total + 5000) // 10000
