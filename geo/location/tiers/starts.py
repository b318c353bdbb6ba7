"""Good plans of a chain of tiers: one tier after the other, then each in turn beside the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.interchange import free_states, improved
from geo.location.median.model import MedianModel, build_model
from geo.location.median.p_median import solve_median
from geo.location.tiers.chain import Chain, Choice
from geo.location.watch import Watch

First = Literal["lower", "upper"]
_STEP_S = 5.0
"""So long at most one tier is located in its turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """Which tier could not be located in its turn."""

    tier: int


def in_turn(chain: Chain, first: First, watch: Watch) -> Choice | Failed:
    """Locate tier after tier, each without regard to those that come later.

    Lower first: each tier at least cost of its own leg, for the loads that the tier below sends to
    its nearest. Upper first: the top as if all below were open, then each below at least cost up.
    """
    return _lower_first(chain, watch) if first == "lower" else _upper_first(chain, watch)


def _lower_first(chain: Chain, watch: Watch) -> Choice | Failed:
    rows, load = chain.reachable, chain.weight
    choice: list[Ints] = []
    for t, leg in enumerate(chain.legs):
        cost = np.where(np.isfinite(chain.up(None, t)), leg, np.inf)[rows]
        chosen = _located(chain, t, cost, load[rows], tuple(choice), watch)
        if chosen is None:
            return Failed(t)
        choice.append(chosen)
        sent, load = load[rows], np.zeros(chain.conditions[t].size)
        np.add.at(load, chosen[cost[:, chosen].argmin(axis=1)], sent)
        rows = chosen[load[chosen] > 0.0]
    return tuple(choice)


def _upper_first(chain: Chain, watch: Watch) -> Choice | Failed:
    tiers = len(chain.legs)
    rows = chain.reachable
    choice: list[Ints] = [np.zeros(0, dtype=np.int64)] * tiers
    for t in range(tiers - 1, -1, -1):
        cost = (chain.down(None, t) + chain.up(tuple(choice), t))[rows]
        problem_choice = [np.arange(held.size) for held in chain.conditions]
        problem_choice[t + 1 :] = choice[t + 1 :]
        chosen = _located(chain, t, cost, chain.weight[rows], tuple(problem_choice), watch)
        if chosen is None:
            return Failed(t)
        choice[t] = chosen
    return tuple(choice)


def settled(chain: Chain, choice: Choice, watch: Watch) -> Choice:
    """Interchange columns of each tier beside the others, up and down, until none gets better."""
    best, cost = choice, chain.cost_of(choice)
    tiers = len(choice)
    still, t, step = 0, tiers - 1, -1
    while still < tiers and not watch.is_over:
        other = (*best[:t], _interchanged(chain, t, best), *best[t + 1 :])
        reached = chain.cost_of(other)
        if reached < cost - 1e-12 * abs(cost) and chain.meets(other):
            best, cost, still = other, reached, 1
        else:
            still += 1
        step = step if 0 <= t + step < tiers else -step
        t += step
    return best


def shaken(
    chain: Chain,
    choice: Choice,
    watch: Watch,
    *,
    turns: int,
    generator: np.random.Generator,
    favour: Floats | None = None,
) -> Choice:
    """Best of iterated local search: a few columns of one tier make room for others, then settle.

    Lourenço, Martin & Stützle (2003). `favour`: how likely each column is drawn, the columns of the
    tiers one after another; None: all alike.
    """
    first = chain.first
    likely = np.ones(first[-1]) if favour is None else favour
    best, cost = choice, chain.cost_of(choice)
    for _ in range(turns):
        if not watch.go_on(incumbent=cost):
            break
        tier = int(generator.integers(len(choice)))
        mine = likely[first[tier] : first[tier + 1]]
        other = (*best[:tier], _shuffled(chain, tier, best, generator, mine), *best[tier + 1 :])
        if not (chain.meets(other) and np.isfinite(chain.cost_of(other))):
            continue
        other = settled(chain, other, watch)
        reached = chain.cost_of(other)
        if reached < cost:
            best, cost = other, reached
    return best


def _beside(chain: Chain, tier: int, choice: Choice) -> tuple[MedianModel, Ints, Ints]:
    """One tier beside the others: model, its columns, and which of them are open."""
    rows = chain.reachable
    cost = (chain.down(choice, tier) + chain.up(choice, tier))[rows]
    model, columns = build_model(chain.alone(tier, cost, chain.weight[rows], choice))
    return model, columns, np.searchsorted(columns, choice[tier])


def _interchanged(chain: Chain, tier: int, choice: Choice) -> Ints:
    model, columns, opened = _beside(chain, tier, choice)
    return columns[improved(model, opened)]


def _shuffled(
    chain: Chain, tier: int, choice: Choice, generator: np.random.Generator, likely: Floats
) -> Ints:
    """The open columns of a tier, up to a fifth of them (two at least) exchanged at random."""
    from geo.location.median.interchange_kernels import shake

    model, columns, opened = _beside(chain, tier, choice)
    p, trial = len(opened), opened.astype(np.int64)
    size = min(p, int(generator.integers(1, max(2, p // 5) + 1)))
    chance = likely[columns]
    if not chance.any():
        return choice[tier]
    entering = generator.choice(len(columns), size, p=chance / chance.sum())
    slots = generator.choice(p, size, replace=False)
    shake(free_states(model), trial, model.rules.arrays, entering, slots)
    return np.sort(columns[trial])


def _located(
    chain: Chain,
    tier: int,
    cost: Floats,
    weight: Floats,
    choice: Choice,
    watch: Watch,
) -> Ints | None:
    """Columns of one tier that serve the rows at least cost; None where none were found."""
    padded = (*choice, *[np.zeros(0, dtype=np.int64)] * (len(chain.legs) - len(choice)))
    problem = chain.alone(tier, cost, weight, padded)
    left = _STEP_S if watch.left_s is None else min(watch.left_s, _STEP_S)
    step = replace(watch.part(), time_limit_s=max(left, 1e-9))
    found = solve_median(problem, step).solution
    if not found.facilities or found.unserved:
        return None
    return np.array(found.facilities, dtype=np.int64)
