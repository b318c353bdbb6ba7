"""A location question whose every condition can be loosened, as one mixed-integer program.

Elastic programs: Chinneck (2008), Feasibility and Infeasibility in Optimization, chapter 6.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.choice import exclusive_cliques
from geo.location.conditions import Conditions
from geo.location.conflicts.asked import ALL, Asked, Kind, Member, Served
from geo.location.milp import INFINITY, Answer, Milp, SparseRows, solve_milp, stacked
from geo.location.watch import Watch

CHECK_S = 3.0
"""Seconds for one look at whether some conditions can be met together."""
_NONE = np.zeros(0, dtype=np.int64)
_EPS = 1e-7
_NO_ROWS = SparseRows(_NONE, _NONE, np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Slack:
    """Columns that loosen one member, how far each may at most, and what a unit of each counts."""

    columns: Ints
    most: Floats
    price: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Loosening:
    """By how much each member is loosened.

    Units: facilities for counts (below 0: a total lowered), one for each fixed, forbidden or
    exclusive, demand weight for loads, rows for service. `is_least`: less is proven not to do;
    `is_only`: no other members would do as cheaply. `opened`: a choice that meets what is left.
    """

    amount: dict[Member, float]
    is_least: bool
    is_only: bool
    opened: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Elastic:
    """The program of a question, all its conditions hard until some are named as loose.

    Columns: y per candidate, whole slacks, x per pair of a served row and a candidate (only where
    loads matter), slacks in shares. `slack` says which columns loosen which member.
    """

    milp: Milp
    slack: dict[Member, Slack]
    columns: int

    @classmethod
    def of(cls, asked: Asked, *, whole: bool = False) -> Elastic:
        """Build the program; `whole`: each row by one facility, else in shares (a relaxation)."""
        draft = _Draft(asked.problem.conditions.size)
        _add_counts(draft, asked)
        served = Served.of(asked, alone=whole)
        draft.integers = draft.size  # of rows that are merged a share may be left out
        left_out = draft.slack_of(Member("service", 0), served.count[served.owed], 1.0)
        if asked.loads_matter:
            _add_loads(draft, asked, served, left_out, whole)
        else:
            draft.integers = draft.size
            _add_near(draft, served.reach[served.owed], left_out)
        return cls(draft.milp(), draft.slack, asked.problem.conditions.size)

    def check(self, loose: Iterable[Member], watch: Watch) -> bool | None:
        """Whether all conditions but those can be met; None where time did not tell."""
        if watch.is_over:
            return None
        model = self._loosened(loose)
        answer = _solve(replace(model, cost=np.zeros_like(model.cost)), watch)
        if answer.status == "infeasible":
            return False
        return None if answer.values is None else True

    def least(self, loose: Iterable[Member], watch: Watch) -> Loosening | None:
        """The least loosening of those members by which all conditions can be met."""
        if watch.is_over:
            return None
        loose = tuple(loose)
        model = self._loosened(loose)
        answer = _solve(model, watch)
        if answer.values is None:
            return None
        values = np.where(np.abs(answer.values) > _EPS, answer.values, 0.0)
        amount = {member: self._amount(member, values) for member in loose}
        amount = {member: value for member, value in amount.items() if value}
        is_least = answer.status == "optimal"
        opened = np.flatnonzero(values[: self.columns] > 0.5)
        return Loosening(amount, is_least, self._is_only(model, amount, values, watch), opened)

    def _amount(self, member: Member, values: Floats) -> float:
        slack = self.slack[member]
        sign = np.array([1.0, -1.0]) if member.kind == "total" else slack.price
        if member.kind in ("capacity", "least_load"):
            sign = np.ones(1)
        return float(sign @ values[slack.columns])

    def _is_only(
        self, model: Milp, amount: dict[Member, float], values: Floats, watch: Watch
    ) -> bool:
        """Whether less of these members cannot be made good by others at the same cost."""
        used = np.concatenate([_NONE, *(self.slack[member].columns for member in amount)])
        if (used >= model.integers).any():
            return True
        priced = np.flatnonzero(model.cost)
        cost = model.cost[priced]
        other = SparseRows(
            np.repeat([0, 1], [len(used), len(priced)]),
            np.concatenate([used, priced]),
            np.concatenate([np.ones(len(used)), cost]),
            np.full(2, -INFINITY),
            np.array([values[used].sum() - 0.5, cost @ values[priced] + 0.5 - _EPS]),
        )
        among = replace(model, rows=stacked(model.rows, other), cost=np.zeros_like(model.cost))
        return _solve(among, watch).status == "infeasible"

    def _loosened(self, loose: Iterable[Member]) -> Milp:
        upper, cost = self.milp.upper.copy(), self.milp.cost.copy()
        for member in loose:
            slack = self.slack[member]
            upper[slack.columns] = slack.most
            cost[slack.columns] = slack.price
        return replace(self.milp, upper=upper, cost=cost)


def _solve(model: Milp, watch: Watch) -> Answer:
    left = CHECK_S if watch.left_s is None else min(CHECK_S, watch.left_s)
    return solve_milp(model, watch=Watch(max(left, 1e-9)))


class _Draft:
    """Columns and rows so far; the first m columns are y, the first `integers` whole numbers."""

    def __init__(self, columns: int) -> None:
        self.size, self.integers = columns, columns
        self.upper: list[Floats] = [np.ones(columns)]
        self.cost: list[Floats] = [np.zeros(columns)]
        self.rows: list[SparseRows] = []
        self.slack: dict[Member, Slack] = {}

    def new(self, number: int, upper: float = 0.0, cost: float = 0.0) -> Ints:
        """Append columns from 0 to `upper`."""
        self.upper.append(np.full(number, upper))
        self.cost.append(np.full(number, cost))
        self.size += number
        return np.arange(self.size - number, self.size)

    def slack_of(self, member: Member, price: Ints | Floats, most: float | Floats) -> Ints:
        """Append the columns that loosen a member; they are 0 until it is named as loose."""
        columns = self.new(len(price))
        every = np.broadcast_to(np.asarray(most, dtype=np.float64), columns.shape)
        if len(columns):
            self.slack[member] = Slack(columns, every, price.astype(np.float64))
        return columns

    def row(self, columns: Ints, values: Floats, lower: float, upper: float) -> None:
        """Append one row."""
        place = np.zeros(len(columns), dtype=np.int64)
        self.rows.append(SparseRows(place, columns, values, np.array([lower]), np.array([upper])))

    def milp(self) -> Milp:
        """Return the program, every condition hard."""
        return Milp(
            cost=np.concatenate(self.cost),
            offset=0.0,
            lower=np.zeros(self.size),
            upper=np.concatenate(self.upper),
            rows=stacked(*self.rows) if self.rows else _NO_ROWS,
            integers=self.integers,
        )


def _add_counts(draft: _Draft, asked: Asked) -> None:
    """Every condition on y as a row, which two slacks loosen: one up, one down."""
    for member in asked.members:
        if member.kind in ("capacity", "least_load", "service"):
            continue
        if member.place == ALL:
            _add_cliques(draft, asked.problem.conditions)
            continue
        columns, lower, upper = _counted(member, asked.problem.conditions)
        step, most = _steps(member, len(columns), lower, upper)
        slack = draft.slack_of(member, np.ones(len(step)), most)
        draft.row(np.r_[columns, slack], np.r_[np.ones(len(columns)), step], lower, upper)
    for kind in ("least", "most"):
        _add_spread(draft, [one for member, one in draft.slack.items() if member.kind == kind])


def _steps(member: Member, columns: int, lower: float, upper: float) -> tuple[Floats, Floats]:
    """What a unit of each slack adds to the count, and how many there may be."""
    more, fewer = columns - upper, lower
    if member.kind == "total":
        return np.array([-1.0, 1.0]), np.array([max(more, 0.0), fewer])
    if member.kind == "exclusive":  # a set is waived as a whole
        return np.array([-more]), np.ones(1)
    return (np.ones(1), np.array([fewer])) if upper == INFINITY else (-np.ones(1), np.array([more]))


def _counted(member: Member, held: Conditions) -> tuple[Ints, float, float]:
    """Columns whose open ones are counted by a condition, and the least and most of them."""
    kind, place = member
    if kind == "total":
        assert held.p is not None
        return np.arange(held.size), float(held.p), float(held.p)
    if kind == "exclusive":
        return np.array(held.exclusive[place], dtype=np.int64), -INFINITY, 1.0
    if kind == "fixed":
        return np.array([place]), 1.0, INFINITY
    if kind == "forbidden":
        return np.array([place]), -INFINITY, 0.0
    columns = np.flatnonzero(held.group == place)
    if kind == "least":
        return columns, float(held.group_min[place]), INFINITY
    return columns, -INFINITY, float(held.group_max[place])


def _add_cliques(draft: _Draft, held: Conditions) -> None:
    """All exclusive sets as few large ones."""
    cliques = exclusive_cliques(held)
    most = np.array([len(one) - 1.0 for one in cliques])
    slack = draft.slack_of(Member("exclusive", ALL), np.ones(len(cliques)), most)
    for k, one in enumerate(cliques):
        draft.row(np.r_[one, slack[k]], np.r_[np.ones(len(one)), -1.0], -INFINITY, 1.0)


def _add_spread(draft: _Draft, slacks: list[Slack]) -> None:
    """The greatest slack of a kind, at a small price: many are loosened a little, not few much."""
    if len(slacks) < 2:
        return
    top = max(float(slack.most.max()) for slack in slacks)
    greatest = draft.new(1, top, 0.4 / (1.0 + top))
    for slack in slacks:
        draft.row(np.r_[greatest, slack.columns], np.array([1.0, -1.0]), 0.0, INFINITY)


def _add_near(draft: _Draft, reach: Mask, left_out: Ints) -> None:
    """An open column near each row, or its slack."""
    row, column = np.nonzero(reach)
    number = len(reach)
    draft.rows.append(
        SparseRows(
            np.r_[row, np.arange(number)],
            np.r_[column, left_out],
            np.ones(len(row) + number),
            np.ones(number),
            np.full(number, INFINITY),
        )
    )


def _add_loads(draft: _Draft, asked: Asked, served: Served, left_out: Ints, whole: bool) -> None:
    """Who serves whom: x per pair of a row with load and a column, within what each may bear."""
    idle = served.load == 0.0
    at = np.full(len(served.load), -1)
    at[served.owed] = left_out
    _add_near(draft, served.reach[idle & served.owed], at[idle & served.owed])
    row, column = np.nonzero(served.reach & ~idle[:, None])
    x = draft.new(len(row), 1.0)
    if whole:
        draft.integers = draft.size
    _add_served(draft, served, at, (row, x))
    own, one = np.arange(len(x)), np.ones(len(x))
    draft.rows.append(
        SparseRows(
            np.r_[own, own],
            np.r_[x, column],
            np.r_[one, -one],
            np.full(len(x), -INFINITY),
            np.zeros(len(x)),
        )
    )
    _add_bounds(draft, asked, column, x, served.load[row])


def _add_served(draft: _Draft, served: Served, at: Ints, pairs: tuple[Ints, Ints]) -> None:
    """Σ x (and slack) is 1 for a row that must be served, else at most 1."""
    row, x = pairs
    late = np.flatnonzero((at >= 0) & (served.load > 0.0))
    owed = np.where(served.owed & (served.load > 0.0), 1.0, 0.0)
    draft.rows.append(
        SparseRows(
            np.r_[row, late],
            np.r_[x, at[late]],
            np.ones(len(x) + len(late)),
            owed,
            np.ones(len(owed)),
        )
    )


def _add_bounds(draft: _Draft, asked: Asked, column: Ints, x: Ints, load: Floats) -> None:
    """Load of each column between least load and capacity where it is open, loosened alike."""
    held = asked.problem.conditions
    unit = float(load.mean()) if len(load) else 1.0
    loads: tuple[tuple[Kind, Floats, Mask, float], ...] = (
        ("capacity", held.capacity, np.isfinite(held.capacity), -1.0),
        ("least_load", held.least_load, held.least_load > 0.0, 1.0),
    )
    for kind, bound, said, sign in loads:
        if not said.any():
            continue
        most = float(load.sum()) if kind == "capacity" else float(bound.max())
        slack = draft.slack_of(Member(kind, 0), np.array([1.0 / unit]), most)
        number, own = np.cumsum(said) - 1, np.flatnonzero(said)
        used = np.flatnonzero(said[column])
        many = len(own)
        draft.rows.append(
            SparseRows(
                np.r_[number[column[used]], np.arange(many), np.arange(many)],
                np.r_[x[used], own, np.repeat(slack, many)],
                np.r_[load[used], -bound[own], np.full(many, sign)] / unit,
                np.full(many, -INFINITY if kind == "capacity" else 0.0),
                np.full(many, 0.0 if kind == "capacity" else INFINITY),
            )
        )
