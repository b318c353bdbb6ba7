"""Tiers whose facilities bear only so much: flows and openings in one program."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.conditions import Conditions
from geo.location.milp import INFINITY, Milp, SparseRows, scale_for, solve_milp, stacked
from geo.location.solution import Flows
from geo.location.tiers.chain import Chain
from geo.location.tiers.plans import Plan, cheapest_ways, loaded_in_turn
from geo.location.tiers.search import Found, cheapest, ended
from geo.location.watch import Watch

_SHARE = 1e-9
"""A smaller share of a unit's load is rounding."""
_RELAXED = 0.4
"""Share of the time for the tiers without their loads, which bounds them from below."""


def cheapest_loaded(chain: Chain, watch: Watch) -> tuple[Found, Plan | None]:
    """Find the cheapest plan within the loads, exactly unless `watch` ends the run.

    First without loads, which no plan can beat: where the cheapest ways keep the loads, that is the
    plan. Else tier after tier, and from there one program of openings and flows (as Şahin & Süral
    2007 for one flow up) by HiGHS.
    """
    free = replace(chain, conditions=tuple(_unloaded(held) for held in chain.conditions))
    relaxed = cheapest(free, _within(watch, _RELAXED))
    if relaxed.status == "infeasible":
        return relaxed, None
    if relaxed.choice is not None:
        plan = cheapest_ways(free, relaxed.choice)
        if plan.bears(chain):
            return relaxed, plan
    share_s = math.inf if watch.left_s is None else watch.left_s / (2 * len(chain.legs))
    start = loaded_in_turn(chain, watch, share_s=share_s)
    begun = start if isinstance(start, Plan) and start.bears(chain) else None
    return _programmed(chain, begun, relaxed, watch)


def _unloaded(held: Conditions) -> Conditions:
    size = held.size
    return replace(held, capacity=np.full(size, np.inf), least_load=np.zeros(size))


def _within(watch: Watch, share: float) -> Watch:
    part = watch.part()
    left = watch.left_s
    return part if left is None else replace(part, time_limit_s=max(left * share, 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class _Arcs:
    """Pairs that may send: of units below (place in `units`) and columns; where their x begins.

    `load`: what an x of 1 sends, in units of the mean demand.
    """

    units: Ints
    row: Ints
    column: Ints
    at: int
    load: Floats


def _programmed(
    chain: Chain, start: Plan | None, relaxed: Found, watch: Watch
) -> tuple[Found, Plan | None]:
    """Solve the program of openings and flows from a plan; the relaxed bound holds as well."""
    begun = math.inf if start is None else start.cost(chain)
    scale = scale_for(begun if math.isfinite(begun) else relaxed.bound)
    program = _Program.of(chain, scale)
    known = watch.part(incumbent=begun if math.isfinite(begun) else math.nan, bound=relaxed.bound)
    values = None if start is None else program.start(start)
    answer = solve_milp(program.milp, watch=known, start=values)
    bound = max(relaxed.bound, answer.bound / scale)
    nodes = relaxed.nodes + answer.nodes
    if answer.status == "infeasible":
        return Found("infeasible", None, math.nan, math.nan, nodes), None
    plan = start
    if answer.values is not None:
        found = program.plan(answer.values)
        plan = found if plan is None or found.cost(chain) < begun else plan
    if plan is None:
        return Found("time_limit", None, math.nan, bound, nodes, relaxed.root_bound), None
    proven = answer.status == "optimal"
    cost = plan.cost(chain)
    return ended(plan.choice, cost, bound, nodes, relaxed.root_bound, is_proven=proven), plan


@dataclass(frozen=True, slots=True, eq=False)
class _Program:
    """Columns: y of all tiers, then x of the pairs of each tier.

    x is the share of a row's demand to the lowest tier (0 or 1 where it goes whole), above that the
    amount that a column sends on, in units of the mean demand.
    """

    chain: Chain
    milp: Milp
    arcs: tuple[_Arcs, ...]
    unit: float

    @classmethod
    def of(cls, chain: Chain, scale: float) -> _Program:
        """Build the program, costs times `scale`."""
        total = float(chain.weight[chain.reachable].sum())
        unit = total / max(len(chain.reachable), 1)
        first = chain.first
        rules, lower, upper = chain.rules()
        rows = [rules, _near_rows(chain)]
        cost = [np.concatenate([held.site_cost for held in chain.conditions])]
        arcs: list[_Arcs] = []
        for t, held in enumerate(chain.conditions):
            one = _arcs(chain, t, len(lower) + sum(len(arc.row) for arc in arcs), unit)
            cost.append(chain.legs[t][one.units[one.row], one.column] * one.load * unit)
            rows += [
                _passed_rows(one, arcs[-1]) if arcs else _sent_rows(one),
                _open_rows(one, int(first[t]), total / unit if arcs else 1.0),
                _bearing_rows(held, one, int(first[t]), unit),
            ]
            arcs.append(one)
        size = sum(len(one.row) for one in arcs)
        whole = 0 if chain.conditions[0].split else len(arcs[0].row)
        milp = Milp(
            cost=np.concatenate(cost) * scale,
            offset=chain.base_cost * scale,
            lower=np.r_[lower, np.zeros(size)],
            upper=np.r_[upper, np.full(size, INFINITY)],
            rows=stacked(*rows),
            integers=len(lower) + whole,
        )
        milp.upper[len(lower) : len(lower) + len(arcs[0].row)] = 1.0
        return cls(chain, milp, tuple(arcs), unit)

    def start(self, plan: Plan) -> Floats:
        """Values of a plan."""
        values = np.zeros(len(self.milp.cost))
        values[: self.chain.first[-1]] = self.chain.open_mask(plan.choice)
        for t, arcs in enumerate(self.arcs):
            flows, amount = plan.sent[t], plan.amount[t]
            size = self.chain.conditions[t].size
            known = arcs.units[arcs.row] * size + arcs.column
            at = np.searchsorted(known, flows.row * size + flows.column)
            found = (at < len(known)) & (amount > 0.0)
            at, amount = at[found], amount[found]
            share = flows.share[found] if t == 0 else amount / self.unit
            values[arcs.at + at] = share
        return values

    def plan(self, values: Floats) -> Plan:
        """The plan that values of the columns say."""
        choice = self.chain.choice_of(values[: self.chain.first[-1]])
        sent, amount = [], []
        load = self.chain.weight
        for t, arcs in enumerate(self.arcs):
            x = values[arcs.at : arcs.at + len(arcs.row)]
            x = np.where(np.isin(arcs.column, choice[t]), x, 0.0)
            total = np.zeros(len(arcs.units))
            np.add.at(total, arcs.row, x)
            share = x / np.where(total > 0.0, total, 1.0)[arcs.row]
            used = share > _SHARE
            unit, column = arcs.units[arcs.row[used]], arcs.column[used]
            sent.append(Flows(unit, column, share[used]))
            amount.append(load[unit] * share[used])
            load = np.zeros(self.chain.conditions[t].size)
            np.add.at(load, column, amount[-1])
        return _with_idle(self.chain, Plan(choice, tuple(sent), tuple(amount)))


def _with_idle(chain: Chain, plan: Plan) -> Plan:
    """Rows without weight go to the nearest that is open."""
    held, choice = plan.sent[0], plan.choice[0]
    idle = np.setdiff1d(chain.reachable, held.row)
    column = choice[chain.legs[0][np.ix_(idle, choice)].argmin(axis=1)]
    flows = Flows(
        np.r_[held.row, idle], np.r_[held.column, column], np.r_[held.share, np.ones(len(idle))]
    )
    amount = np.r_[plan.amount[0], np.zeros(len(idle))]
    return replace(plan, sent=(flows, *plan.sent[1:]), amount=(amount, *plan.amount[1:]))


def _arcs(chain: Chain, tier: int, at: int, unit: float) -> _Arcs:
    """Pairs of a tier: rows with weight, or columns below; only those with a way to the top."""
    units = np.arange(chain.legs[tier].shape[0])
    if tier == 0:
        units = chain.reachable[chain.weight[chain.reachable] > 0.0]
    ways = chain.legs[tier][units] + chain.up(None, tier)
    row, column = np.nonzero(np.isfinite(ways))
    load = np.ones(len(row)) if tier else chain.weight[units][row] / unit
    return _Arcs(units, row, column, at, load)


def _sent_rows(arcs: _Arcs) -> SparseRows:
    """Σ x is 1 for every row with weight."""
    one = np.ones(len(arcs.units))
    own = np.arange(len(arcs.row))
    return SparseRows(arcs.row, arcs.at + own, np.ones(len(own)), one, one)


def _passed_rows(arcs: _Arcs, below: _Arcs) -> SparseRows:
    """What a column gets it sends on."""
    zero = np.zeros(len(arcs.units))
    return SparseRows(
        np.r_[below.column, arcs.row],
        np.r_[below.at + np.arange(len(below.row)), arcs.at + np.arange(len(arcs.row))],
        np.r_[below.load, -np.ones(len(arcs.row))],
        zero,
        zero,
    )


def _open_rows(arcs: _Arcs, first: int, most: float) -> SparseRows:
    """Only an open column gets anything: x ≤ most·y."""
    own = np.arange(len(arcs.row))
    return SparseRows(
        np.r_[own, own],
        np.r_[arcs.at + own, first + arcs.column],
        np.r_[np.ones(len(own)), np.full(len(own), -most)],
        np.full(len(own), -INFINITY),
        np.zeros(len(own)),
    )


def _bearing_rows(held: Conditions, arcs: _Arcs, first: int, unit: float) -> SparseRows:
    """Load of each open column within its capacity and its least load."""
    parts = []
    own = np.arange(len(arcs.row))
    for bound, said, is_most in (
        (held.capacity, np.isfinite(held.capacity), True),
        (held.least_load, held.least_load > 0.0, False),
    ):
        number, column = np.cumsum(said) - 1, np.flatnonzero(said)
        used = said[arcs.column]
        none = np.zeros(len(column))
        parts.append(
            SparseRows(
                np.r_[number[arcs.column[used]], np.arange(len(column))],
                np.r_[arcs.at + own[used], first + column],
                np.r_[arcs.load[used], -bound[column] / unit],
                np.full(len(column), -INFINITY) if is_most else none,
                none if is_most else np.full(len(column), INFINITY),
            )
        )
    return stacked(*parts)


def _near_rows(chain: Chain) -> SparseRows:
    """An open column of the lowest tier near each row without weight."""
    idle = chain.reachable[chain.weight[chain.reachable] == 0.0]
    row, column = np.nonzero(np.isfinite(chain.legs[0][idle] + chain.up(None, 0)))
    many = len(idle)
    return SparseRows(row, column, np.ones(len(row)), np.ones(many), np.full(many, INFINITY))
