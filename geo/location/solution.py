"""What a location model answers: the choice, what it serves, and its proof."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.location.conditions import Conditions
from geo.location.gaps import relative_gap
from geo.location.problem import LocationProblem
from geo.sentence import Sentence

Status = Literal["optimal", "feasible", "infeasible", "time_limit"]
Reason = Literal["unreachable", "outside_radius", "no_capacity"]


class Question(Protocol):
    """What an answer needs to know of what was asked: a `LocationProblem`, or one of its kind."""

    @property
    def demand_weight(self) -> Floats:
        """Weight of each row: (n,)."""
        ...

    @property
    def conditions(self) -> Conditions:
        """What was said of the candidates."""
        ...

    @property
    def reachable(self) -> Ints:
        """Rows that at least one allowed candidate can serve, ascending."""
        ...

    def cost_at(self, rows: Ints, columns: Ints) -> Floats:
        """Cost of each pair of a row and a column."""
        ...


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_floats() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why no choice exists.

    `demands`: the smallest set of conditions that cannot be met together, each in words.
    `relaxations`: least changes that mend it, each enough by itself, in words.
    """

    demands: tuple[Sentence, ...]
    relaxations: tuple[Sentence, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """Everything in one sentence."""
        zh = "；".join(one.zh for one in self.demands)
        en = "; ".join(one.en for one in self.demands)
        if not self.relaxations:
            return Sentence(zh, en)
        return Sentence(
            f"{zh}。可行的最小放宽：{'；或'.join(one.zh for one in self.relaxations)}",
            f"{en}. Least relaxation: {'; or '.join(one.en for one in self.relaxations)}",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Who serves whom in which share: (k,) each.

    The shares of a row sum to 1, or to less where a covering model serves it in part.
    """

    row: Ints
    column: Ints
    share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LocationSolution:
    """An answer with its proof.

    `status`: "optimal" (proven), "feasible" (the time limit or a cancel came before the proof),
    "infeasible" (no choice meets the conditions; `conflict` says why), "time_limit" (the limit
    came before any choice was found). `objective` is in the unit that the model states, with costs
    and bonuses of sites (`site_cost`), NaN without a choice. No choice can be better than `bound`;
    `gap` = how far the objective is from it, as a share of the objective.

    `facilities` are the open columns, ascending. `assignment` is (n,): the column that serves each
    row (its greatest share where demand is split), -1 for the rows in `unserved`, whose `reasons`
    stand in the same order. `flows` is who serves whom where demand is split, else None. `load`
    (demand weight served) and `reach` (greatest cost served, NaN where it serves nobody) stand in
    the order of `facilities`. `seconds` is the run time, `nodes` the parts of the search looked
    at, `root_gap` the gap before any branching (NaN where there was none to tell).

    Optimal means: for this model and these data.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    facilities: tuple[int, ...]
    assignment: Ints
    unserved: tuple[int, ...]
    seconds: float
    solver: str
    conflict: Conflict | None = None
    reasons: tuple[Reason, ...] = ()
    load: Floats = field(default_factory=_no_floats)
    reach: Floats = field(default_factory=_no_floats)
    flows: Flows | None = None
    site_cost: float = 0.0
    nodes: int = 0
    root_gap: float = math.nan


@dataclass(frozen=True, slots=True)
class Proof:
    """How an answer was come by: what no choice can beat, and what it took to know."""

    status: Status
    bound: float
    seconds: float
    solver: str
    nodes: int = 0
    root_gap: float = math.nan


def nearest_open(problem: LocationProblem, chosen: ArrayLike, *, most: float = math.inf) -> Ints:
    """The nearest column of `chosen` for each row (the lowest of equals), -1 beyond `most`: (n,).

    What is unreachable is never assigned; `most` is inside.
    """
    columns = np.sort(np.asarray(chosen, dtype=np.int64))
    if not columns.size:
        return np.full(len(problem.cost), -1, dtype=np.int64)
    cost = problem.cost[:, columns]
    nearest = cost.argmin(axis=1)
    least = np.take_along_axis(cost, nearest[:, None], axis=1)[:, 0]
    return np.where(np.isfinite(least) & (least <= most), columns[nearest], -1)


def chosen_solution(
    problem: Question,
    chosen: ArrayLike,
    assignment: Ints,
    objective: float,
    proof: Proof,
    *,
    missed: Reason = "unreachable",
    flows: Flows | None = None,
) -> LocationSolution:
    """The answer that opens `chosen` and serves rows by `assignment`, or in shares by `flows`.

    `objective` holds costs of sites already. A row that no allowed candidate reaches is
    "unreachable"; others that are not served are `missed`.
    """
    columns = np.sort(np.asarray(chosen, dtype=np.int64))
    served = np.flatnonzero(assignment >= 0)
    used = flows or Flows(served, assignment[served], np.ones(len(served)))
    place = np.searchsorted(columns, used.column)
    load: Floats = np.zeros(len(columns))
    np.add.at(load, place, problem.demand_weight[used.row] * used.share)
    reach = np.full(len(columns), -np.inf)
    np.maximum.at(reach, place, problem.cost_at(used.row, used.column))
    unserved = np.flatnonzero(assignment < 0)
    reachable = np.isin(unserved, problem.reachable)
    return LocationSolution(
        status=proof.status,
        objective=objective,
        bound=proof.bound,
        gap=relative_gap(objective, proof.bound),
        facilities=tuple(columns.tolist()),
        assignment=assignment,
        unserved=tuple(unserved.tolist()),
        seconds=proof.seconds,
        solver=proof.solver,
        reasons=tuple(missed if near else "unreachable" for near in reachable),
        load=load,
        reach=np.where(np.isneginf(reach), np.nan, reach),
        flows=flows,
        site_cost=problem.conditions.site_total(columns),
        nodes=proof.nodes,
        root_gap=proof.root_gap,
    )


def no_solution(
    problem: Question, proof: Proof, conflict: Conflict | None = None
) -> LocationSolution:
    """Answer without facilities: infeasible with its `conflict`, or out of time without one."""
    rows = len(problem.demand_weight)
    return LocationSolution(
        status=proof.status,
        objective=math.nan,
        bound=proof.bound,
        gap=math.nan,
        facilities=(),
        assignment=np.full(rows, -1, dtype=np.int64),
        unserved=tuple(range(rows)),
        seconds=proof.seconds,
        solver=proof.solver,
        conflict=conflict,
        nodes=proof.nodes,
        root_gap=proof.root_gap,
    )
