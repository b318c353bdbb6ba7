"""The p-median in the form that is solved: merged rows, weighted costs, and rules as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.choice import exclusive_cliques
from geo.location.conditions import Conditions
from geo.location.problem import LocationProblem

_WHOLE_UP_TO = 1e9
_PROVEN = 5e-10
"""Share of an objective by which a bound may miss it and still prove it."""
_ROUNDING = 1e-12
"""Share of what is added up that rounding never reaches."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Which choices are allowed, as arrays for compiled loops; `held` is their scratch room.

    The cliques (at most one open of each) that column j is in are clique[first[j]:first[j + 1]].
    """

    p: int
    group: Ints
    least: Ints
    most: Ints
    first: Ints
    clique: Ints
    held: Ints

    @classmethod
    def of(cls, conditions: Conditions) -> Rules:
        """Rules of conditions that name p."""
        least, most = conditions.ranges()
        cliques = exclusive_cliques(conditions)
        column = np.concatenate([np.zeros(0, dtype=np.int64), *cliques])
        number = np.repeat(np.arange(len(cliques)), [len(one) for one in cliques])
        order = np.argsort(column, kind="stable")
        first = np.searchsorted(column[order], np.arange(conditions.size + 1))
        return cls(
            p=conditions.p or 0,
            group=conditions.group.astype(np.int64),
            least=least.astype(np.int64),
            most=most.astype(np.int64),
            first=first.astype(np.int64),
            clique=number[order].astype(np.int64),
            held=np.full(len(cliques), -1, dtype=np.int64),
        )

    def among(self, columns: Ints) -> Rules:
        """The same rules for some columns, numbered from 0."""
        if len(columns) == len(self.group):
            return self
        parts = (
            [self.clique[self.first[j] : self.first[j + 1]] for j in columns]
            if len(self.clique)
            else []
        )
        size = [len(part) for part in parts] if parts else np.zeros(len(columns), dtype=np.int64)
        return Rules(
            self.p,
            self.group[columns],
            self.least,
            self.most,
            np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            np.concatenate([np.zeros(0, dtype=np.int64), *parts]),
            self.held,
        )

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What compiled loops take."""
        return (self.p, self.group, self.least, self.most, self.first, self.clique, self.held)

    def rivals(self, column: int) -> Ints:
        """Columns that share a clique with `column`, itself among them."""
        mine = self.clique[self.first[column] : self.first[column + 1]]
        at = np.flatnonzero(np.isin(self.clique, mine))
        return np.unique(np.searchsorted(self.first, at, side="right") - 1)


@dataclass(frozen=True, slots=True, eq=False)
class MedianModel:
    """Least Σ over rows of the loss at the best open column + Σ site of the open columns.

    `loss` is (n, m), `inf` where a column cannot serve a row; `by_column` is (m, n), the same with
    more than everything else together in the place of `inf`. `site` (m,), `fixed` (m,). `member`
    tells for each row of the problem its row here, -1 for rows that need none; `weight` (n,) is
    what the rows weigh together.
    """

    loss: Floats
    by_column: Floats
    site: Floats
    fixed: NDArray[np.bool_]
    rules: Rules
    member: Ints
    weight: Floats
    is_whole: bool

    def total(self, chosen: Ints) -> float:
        """What a choice costs, `inf` where it leaves a row unserved."""
        served = self.loss[:, chosen].min(axis=1, initial=np.inf)
        return float(served.sum() + self.site[chosen].sum())

    def allows(self, chosen: Ints) -> bool:
        """Whether p columns keep the rules (all that are fixed, groups, cliques)."""
        rules = self.rules
        count = np.bincount(rules.group[chosen], minlength=len(rules.least))
        held = np.concatenate(
            [np.zeros(0, dtype=np.int64)]
            + [rules.clique[rules.first[j] : rules.first[j + 1]] for j in chosen]
        )
        return bool(
            len(np.unique(chosen)) == rules.p
            and np.isin(np.flatnonzero(self.fixed), chosen).all()
            and (count >= rules.least).all()
            and (count <= rules.most).all()
            and len(np.unique(held)) == len(held)
        )

    def stop(self, upper: float) -> float:
        """A bound above this proves that no choice is better than `upper` (but for rounding)."""
        if self.is_whole and abs(upper) < _WHOLE_UP_TO:
            return upper - 1.0 + max(1e-6, _ROUNDING * abs(upper))
        size = abs(upper) + 2.0 * float(np.abs(self.site).sum())
        return min(
            upper - max(_PROVEN * abs(upper), _ROUNDING * size), float(np.nextafter(upper, -np.inf))
        )

    def proven(self, bound: float, upper: float) -> float:
        """What is proven by a bound: rounded up where all data are whole, never above `upper`."""
        if bound > self.stop(upper):
            return upper if self.is_whole else min(bound, upper)
        if self.is_whole and np.isfinite(bound) and abs(bound) < _WHOLE_UP_TO:
            bound = float(np.ceil(bound - 1e-6))
        return min(bound, upper)


def build_model(problem: LocationProblem) -> tuple[MedianModel, Ints]:
    """The model of a problem that names p, and the columns (of the problem) that it is about.

    Rows with the same costs are merged and their weights added, which changes no sum; rows without
    weight that every column can serve are left out.
    """
    columns, rows = problem.conditions.allowed, problem.reachable
    conditions = problem.conditions.among(columns)
    cost = problem.cost
    if len(rows) < len(cost) or len(columns) < cost.shape[1]:
        cost = cost[np.ix_(rows, columns)]
    weight = problem.demand_weight[rows]
    idle = np.flatnonzero(weight == 0.0)
    needed = np.ones(len(rows), dtype=np.bool_)
    needed[idle] = ~np.isfinite(cost[idle]).all(axis=1)
    kept = np.flatnonzero(needed)
    first, group = _same_rows(cost[kept] if len(kept) < len(cost) else cost)
    merged = np.zeros(len(first))
    np.add.at(merged, group, weight[kept])
    member = np.full(len(problem.cost), -1, dtype=np.int64)
    member[rows[kept]] = group
    loss = _loss(cost[kept[first]], merged)
    return (
        MedianModel(
            loss=loss,
            by_column=_penalised(loss, conditions.site_cost),
            site=conditions.site_cost.astype(np.float64),
            fixed=conditions.fixed,
            rules=Rules.of(conditions),
            member=member,
            weight=merged,
            is_whole=_is_whole(loss) and _is_whole(conditions.site_cost),
        ),
        columns,
    )


def _same_rows(cost: Floats) -> tuple[Ints, Ints]:
    """First row of each kind, and the kind of each row; rows are the same bit by bit."""
    bits = np.ascontiguousarray(cost).view(np.uint64)
    odd = np.random.default_rng(0).integers(1, 2**63, cost.shape[1], dtype=np.uint64) * 2 + 1
    with np.errstate(over="ignore"):
        mixed = ((bits ^ (bits >> np.uint64(29))) * odd).sum(axis=1, dtype=np.uint64)
    _, first, kind = np.unique(mixed, return_index=True, return_inverse=True)
    own = np.arange(len(cost))
    if len(first) == len(cost) or not np.array_equal(cost, cost[first[kind]]):
        return own, own
    order = np.argsort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return first[order], rank[kind.ravel()]


def _loss(cost: Floats, weight: Floats) -> Floats:
    """Weight times cost; what is unreachable stays so at weight 0."""
    finite = np.isfinite(cost)
    if finite.all():
        return cost * weight[:, None]
    return np.where(finite, np.where(finite, cost, 0.0) * weight[:, None], np.inf)


def _penalised(loss: Floats, site: Floats) -> Floats:
    """A line per column; the unreachable at more than everything else together."""
    by_column = np.array(loss.T, order="C")
    finite = np.isfinite(by_column)
    if finite.all():
        return by_column
    worst = np.where(finite, by_column, 0.0).max(axis=0, initial=0.0)
    by_column[~finite] = worst.sum() + 2.0 * np.abs(site).sum() + 1.0
    return by_column


def _is_whole(values: Floats) -> bool:
    finite = values[np.isfinite(values)] if not np.isfinite(values).all() else values
    return bool((finite == np.rint(finite)).all())
