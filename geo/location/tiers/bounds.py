"""What a chain of tiers costs at least: a linear program of openings, cut by ways up.

Benders cuts (Benders 1962) of the path formulation: with columns open in shares, each row sends its
demand up at least cost, and the dual of that flow bounds what it costs at any other shares. As for
one tier by Durán-Mateluna, Ales & Elloumi (2023), with node prices that hold for all columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import highspy
import numpy as np

from geo.arrays import Floats, Ints
from geo.location.milp import INFINITY, Milp, SparseRows, scale_for, solve_milp
from geo.location.tiers.chain import Chain, Choice
from geo.location.watch import Watch

_SLACK = 1e-10
"""A row that is short by a smaller share of the total is not cut."""
_ENOUGH = 1e-6
"""Where all rows are short by a smaller share of the total the shares are what they cost."""
_STALLED = 2
"""So many rounds that hardly raise the bound end the search for cuts."""
_HARDLY = 1e-4
"""A rise of the bound by a smaller share."""
_ROUNDS = 2
"""So often a part of the search is cut before it is parted further."""
_AGAIN = 12
"""So often at most to prove again what was known before cuts were forgotten."""
_WHOLE = 1e-6
"""Shares this near to 0 or 1 are whole."""
_TINY = 1e-3
"""Lower shares of openings play no part in cuts."""
_KEPT = 1e-5
"""Cuts that are slack by more than this share of the total are forgotten."""
_MANY = 4
"""So many cuts for each column and row of the program are too many, and the slack ones go."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """The best openings in shares that the cuts so far know: what they cost, and their prices."""

    opened: Floats
    bound: float
    reduced: Floats


@dataclass(slots=True, eq=False)
class Bounds:
    """A linear program over columns y of all tiers and η, the cost of each reachable row.

    Costs inside are times `scale`; `bound` is in the unit of the chain, with sites.
    """

    chain: Chain
    scale: float
    rows: Ints
    rules: SparseRows
    lower: Floats
    upper: Floats
    site: Floats
    most: float
    levels: list[Floats] = field(default_factory=list)
    prices: list[Floats] = field(default_factory=list)
    row_of: list[Ints] = field(default_factory=list)
    bound: float = -np.inf
    _solver: highspy.Highs = field(default_factory=highspy.Highs)

    @classmethod
    def of(cls, chain: Chain, upper: float) -> Bounds:
        """Begin with the conditions and the least that each row costs; `upper`: a plan's cost."""
        rows = chain.reachable
        rules, lower, top = chain.rules()
        size = upper if np.isfinite(upper) else chain.most
        most = min(chain.most, 2.0 * abs(upper) + 1.0) if np.isfinite(upper) else chain.most
        site = np.concatenate([held.site_cost for held in chain.conditions])
        span = float(np.abs(site).sum())
        found = cls(chain, scale_for(size), rows, rules, lower, top, site, most + 2.0 * span)
        found._begin()
        return found

    @property
    def total(self) -> float:
        """The size of what is looked for."""
        return max(abs(self.bound), 1e-300) if np.isfinite(self.bound) else 1.0 / self.scale

    def cut(self, opened: Floats) -> float:
        """Add what the rows cost at these shares; returns how much of it was not known (0: all)."""
        from geo.location.tiers.kernels import price_rows  # compiled: loads only where it is used

        legs, leg_at = self.chain.flat
        level, price, worth = price_rows(
            np.ascontiguousarray(self.chain.legs[0][self.rows]),
            self.chain.weight[self.rows],
            legs,
            leg_at,
            self.chain.first,
            opened,
            self.most,
        )
        known = self._known(opened)
        short = worth - known
        new = np.flatnonzero(short > _SLACK * self.total)
        self._add(new, level[new], price[new])
        return float(short[new].sum())

    def _clear(self, opened: Floats) -> Floats:
        """Shares without the tiniest ones, which only take time; each tier keeps its sum."""
        kept = np.where(opened >= _TINY, opened, 0.0)
        first = self.chain.first
        for a, b in pairwise(first.tolist()):
            left = kept[a:b].sum()
            if left > 0.0:
                kept[a:b] *= opened[a:b].sum() / left
        return kept

    def _known(self, opened: Floats) -> Floats:
        known = self.chain.weight[self.rows] * self.chain.least[self.rows]
        for level, price, row in zip(self.levels, self.prices, self.row_of, strict=True):
            np.maximum.at(known, row, level - price @ opened)
        return known

    def raised(self, upper: float, watch: Watch) -> Shares | None:
        """Solve and cut until that hardly raises the bound, the gap is closed, or time is over.

        None where the conditions cannot be met even in shares.
        Cuts between the last shares and a mean of all before, which steadies their path
        (in-out separation, Ben-Ameur & Neto 2007), then at the last shares.
        """
        shares = self._solved(watch)
        if shares is None:
            return None
        centre, still = shares.opened, 0
        told = upper if np.isfinite(upper) else np.nan
        self.bound = max(self.bound, shares.bound)
        while still < _STALLED and watch.go_on(incumbent=told, bound=self.bound):
            centre = 0.5 * centre + 0.5 * shares.opened
            missed = self.cut(self._clear(0.5 * centre + 0.5 * shares.opened))
            missed += self.cut(self._clear(shares.opened))
            if missed <= _ENOUGH * self.total or self.bound >= upper * (1.0 - 1e-9):
                break
            shares = self._solved(watch) or shares
            still = 0 if shares.bound > self.bound + _HARDLY * self.total else still + 1
            self.bound = max(self.bound, shares.bound)
        return shares

    def fix(self, shares: Shares, upper: float) -> None:
        """Close and open for good the columns without which no plan is cheaper than `upper`."""
        room = upper - shares.bound + 1e-7 * abs(upper)
        closed = (shares.opened < 0.5) & (shares.reduced > room)
        opened = (shares.opened > 0.5) & (-shares.reduced > room)
        self.upper[closed] = np.minimum(self.upper[closed], self.lower[closed])
        self.lower[opened] = self.upper[opened]
        self._bound_columns(self.lower, self.upper)

    def likeliest(self, shares: Shares, watch: Watch) -> Choice | None:
        """The choice within the conditions that is open most in these shares."""
        model = Milp(-shares.opened, 0.0, self.lower, self.upper, self.rules, len(self.lower))
        values = solve_milp(model, watch=watch.part()).values
        return None if values is None else self.chain.choice_of(values)

    def tidy(self, shares: Shares) -> None:
        """Forget the cuts that are slack at these shares."""
        keep = self._known(shares.opened) - _KEPT * self.total
        cuts = list(zip(self.levels, self.prices, self.row_of, strict=True))
        self.levels, self.prices, self.row_of = [], [], []
        self._begin()
        for level, price, row in cuts:
            near = np.flatnonzero(level - price @ shares.opened >= keep[row])
            self._add(row[near], level[near], price[near])

    def within(
        self, lower: Floats, upper: Floats, known: tuple[float, float], watch: Watch
    ) -> Shares | None:
        """Solve and cut with other bounds of the columns, a few rounds unless shares are whole.

        `known`: what is proven there already, which cuts that were forgotten must prove again, and
        a limit. None where nothing there costs less than the limit.
        """
        floor, limit = known
        self._bound_columns(lower, upper)
        rounds = 0
        while True:
            shares = self._solved(watch)
            if shares is None or shares.bound >= limit:
                return None
            rounds += 1
            is_whole = bool((np.abs(shares.opened - np.rint(shares.opened)) < _WHOLE).all())
            at = np.rint(shares.opened) if is_whole else self._clear(shares.opened)
            missed = self.cut(at)
            enough = 0.0 if is_whole else _ENOUGH * self.total
            is_tried = rounds >= _ROUNDS and (shares.bound >= floor or rounds >= _AGAIN)
            if missed <= enough or watch.is_over or (is_tried and not is_whole):
                self._tidy_at_times(shares)
                return shares

    def _tidy_at_times(self, shares: Shares) -> None:
        if sum(map(len, self.levels)) > _MANY * (len(self.lower) + len(self.rows)):
            self.tidy(shares)

    def _bound_columns(self, lower: Floats, upper: Floats) -> None:
        every = np.arange(len(lower), dtype=np.int32)
        self._solver.changeColsBounds(len(every), every, lower, upper)

    def _begin(self) -> None:
        self._solver.clear()
        self._solver.setOptionValue("output_flag", False)
        m, n = len(self.lower), len(self.rows)
        least = self.chain.weight[self.rows] * self.chain.least[self.rows] * self.scale
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = m + n, 0
        lp.offset_ = self.chain.base_cost * self.scale
        lp.col_cost_ = np.r_[self.site * self.scale, np.ones(n)]
        lp.col_lower_ = np.r_[self.lower, least]
        lp.col_upper_ = np.r_[self.upper, np.full(n, INFINITY)]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        self._solver.passModel(lp)
        self._append(self.rules)

    def _add(self, row: Ints, level: Floats, price: Floats) -> None:
        if not len(row):
            return
        self.levels.append(level)
        self.prices.append(price)
        self.row_of.append(row)
        self._append(self._cut_rows(level, price, row))

    def _cut_rows(self, level: Floats, price: Floats, row: Ints) -> SparseRows:
        """η + Σ price·y ≥ level, in the unit of the program."""
        at, column = np.nonzero(price > 0.0)
        own = np.arange(len(row))
        return SparseRows(
            np.r_[at, own],
            np.r_[column, len(self.lower) + row],
            np.r_[price[at, column] * self.scale, np.ones(len(row))],
            level * self.scale,
            np.full(len(row), INFINITY),
        )

    def _append(self, rows: SparseRows) -> None:
        order = np.argsort(rows.row, kind="stable")
        counts = np.bincount(rows.row, minlength=len(rows.lower))
        self._solver.addRows(
            len(rows.lower),
            rows.lower,
            rows.upper,
            len(rows.row),
            np.r_[0, np.cumsum(counts)[:-1]].astype(np.int32),
            rows.column[order].astype(np.int32),
            rows.value[order],
        )

    def _solved(self, watch: Watch) -> Shares | None:
        """Optimum of the linear program; None where there is none.

        Where time ends it the bound is infinitely low.
        """
        if watch.left_s is not None:
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + watch.left_s)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        m = len(self.lower)
        solution = self._solver.getSolution()
        opened = np.clip(np.array(solution.col_value[:m]), 0.0, 1.0)
        value = -np.inf
        if status == highspy.HighsModelStatus.kOptimal:
            value = float(self._solver.getInfo().objective_function_value) / self.scale
        return Shares(opened, value, np.array(solution.col_dual[:m]) / self.scale)
