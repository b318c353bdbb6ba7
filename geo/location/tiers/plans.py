"""What a choice of all tiers means for each of them: who sends how much to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.p_median import solve_median
from geo.location.solution import Flows
from geo.location.tiers.chain import Chain, Choice
from geo.location.tiers.starts import Failed
from geo.location.watch import Watch

_ROUNDING = 1e-6
"""Share of a load by which a solver may miss a bound on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A choice, and for each tier who of the units below (rows, then columns) sends how much to it.

    `amount` in demand weight; units without load that are open send nothing, but to somebody.
    """

    choice: Choice
    sent: tuple[Flows, ...]
    amount: tuple[Floats, ...]

    def cost(self, chain: Chain) -> float:
        """Σ amount × cost of each leg + sites."""
        legs = [self.leg_cost(chain, t) for t in range(len(self.sent))]
        sites = [
            held.site_total(chosen)
            for held, chosen in zip(chain.conditions, self.choice, strict=True)
        ]
        return math.fsum([*legs, *sites])

    def leg_cost(self, chain: Chain, tier: int) -> float:
        """What all that is sent to one tier costs on its way there."""
        flows = self.sent[tier]
        each = chain.legs[tier][flows.row, flows.column]
        used = self.amount[tier] > 0.0
        return math.fsum(self.amount[tier][used] * each[used])

    def load(self, chain: Chain, tier: int) -> Floats:
        """What each column of a tier gets: (m,)."""
        load = np.zeros(chain.conditions[tier].size)
        np.add.at(load, self.sent[tier].column, self.amount[tier])
        return load

    def bears(self, chain: Chain) -> bool:
        """Whether every open column gets no more than its capacity and no less than its least."""
        for t, (held, chosen) in enumerate(zip(chain.conditions, self.choice, strict=True)):
            load = self.load(chain, t)[chosen]
            room = _ROUNDING * max(float(load.max(initial=0.0)), 1e-300)
            if (load > held.capacity[chosen] + room).any():
                return False
            if (load < held.least_load[chosen] - room).any():
                return False
        return True


def cheapest_ways(chain: Chain, choice: Choice) -> Plan:
    """Everybody sends all up the cheapest way, the lowest column of equals."""
    rows, load = chain.reachable, chain.weight
    sent, amount = [], []
    for t, chosen in enumerate(choice):
        ahead = chain.legs[t][np.ix_(rows, chosen)] + chain.up(choice, t)[chosen]
        column = chosen[ahead.argmin(axis=1)]
        reached = np.isfinite(ahead.min(axis=1))
        rows, column = rows[reached], column[reached]
        sent.append(Flows(rows, column, np.ones(len(rows))))
        amount.append(load[rows])
        above = np.zeros(chain.conditions[t].size)
        np.add.at(above, column, load[rows])
        rows, load = chosen, above
    return Plan(choice, tuple(sent), tuple(amount))


def loaded_in_turn(chain: Chain, watch: Watch, *, share_s: float) -> Plan | Failed:
    """Locate tier after tier, the lowest first, where loads matter: each for what is below.

    `share_s`: seconds for each tier at most.
    """
    rows, load = chain.reachable, chain.weight
    choice: list[Ints] = []
    sent, amount = [], []
    for t, leg in enumerate(chain.legs):
        cost = np.where(np.isfinite(chain.up(None, t)), leg, np.inf)[rows]
        padded = (*choice, *[np.zeros(0, dtype=np.int64)] * (len(chain.legs) - t))
        problem = chain.alone(t, cost, load[rows], padded)
        left = share_s if watch.left_s is None else min(watch.left_s, share_s)
        found = solve_median(problem, replace(watch.part(), time_limit_s=max(left, 1e-9))).solution
        if not found.facilities or found.unserved:
            return Failed(t)
        own = np.arange(len(rows))
        flows = found.flows or Flows(own, found.assignment, np.ones(len(rows)))
        flows = Flows(rows[flows.row], flows.column, flows.share)
        sent.append(flows)
        amount.append(load[flows.row] * flows.share)
        choice.append(np.array(found.facilities, dtype=np.int64))
        load = np.zeros(chain.conditions[t].size)
        np.add.at(load, flows.column, amount[-1])
        rows = choice[-1][load[choice[-1]] > 0.0]
    return Plan(tuple(choice), tuple(sent), tuple(amount))
