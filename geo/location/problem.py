"""What a location model is asked, checked once, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import CostMatrixError, Fault
from geo.sentence import Sentence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Status = Literal["optimal", "feasible", "infeasible", "time_limit"]
GroupBound = int | Mapping[Any, int]


@dataclass(frozen=True, slots=True, eq=False)
class LocationProblem:
    """A checked question: open exactly `p` of m candidates for n demand points.

    `cost` is (n, m), `inf` where a candidate cannot serve a point; `demand_weight` is (n,).
    `fixed` must be open, `forbidden` must not; both are sorted. `group` is (m,), the position of
    each candidate's group in `group_names`; `group_min` and `group_max` bound how many of a group
    are open. Without groups all candidates are in one unbounded group. Make it by `build_problem`.
    """

    cost: Floats
    demand_weight: Floats
    p: int
    fixed: tuple[int, ...]
    forbidden: tuple[int, ...]
    group: Ints
    group_names: tuple[Hashable, ...]
    group_min: Ints
    group_max: Ints

    @property
    def allowed(self) -> Ints:
        """Columns that may be open: not forbidden, and their group may have any. Ascending."""
        able = self.group_max[self.group] > 0
        able[list(self.forbidden)] = False
        return np.flatnonzero(able)


@dataclass(frozen=True, slots=True, eq=False)
class LocationSolution:
    """An answer with its proof.

    `status`: "optimal" (proven by the solver), "feasible" (the time limit came before the proof),
    "infeasible" (no choice meets the conditions; `conflict` says why), "time_limit" (the limit
    came before any choice was found). `objective` is in the unit of the cost times that of the
    weight (p-median) or in the unit of the weight (MCLP), NaN without a choice. No choice can be
    better than `bound`; `gap` = how far the objective is from it, as a share of the objective.
    `facilities` are the open columns, ascending. `assignment` is (n,): the column that serves each
    row, -1 for the rows in `unserved`. `seconds` is the solver's own run time.

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
    conflict: Sentence | None = None


def relative_gap(objective: float, bound: float) -> float:
    """Distance of objective and bound as a share of |objective|: 0 where equal, NaN unknown."""
    if objective == bound:
        return 0.0
    if objective == 0.0:
        return math.inf
    return abs(objective - bound) / abs(objective)


def build_problem(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    fixed_facilities: Sequence[int] = (),
    forbidden_facilities: Sequence[int] = (),
    groups: Sequence[Hashable] | NDArray[np.generic] | None = None,
    min_per_group: GroupBound | None = None,
    max_per_group: GroupBound | None = None,
) -> LocationProblem:
    """Check all inputs and make a `LocationProblem`.

    `cost_matrix` is demand × facility, each 0 or more, `inf` = unreachable, NaN refused.
    `demand_weight` (n,) is finite, 0 or more, not all 0; None weighs every point 1. `groups` (m,)
    labels the candidates; a bound is one number for every group or a number per label (a label
    left out is not bounded).

    Raises `CostMatrixError` naming every fault. Conditions that are well formed but cannot be met
    together (too few candidates, minima above `p_facilities`) are no fault: solving them gives the
    status "infeasible".
    """
    faults: list[Fault] = []
    cost = _checked_cost(cost_matrix, faults)
    rows, columns = cost.shape
    weight = _checked_weight(demand_weight, rows, faults)
    p = _checked_p(p_facilities, faults)
    fixed = _checked_columns("fixed_facilities", fixed_facilities, columns, faults)
    forbidden = _checked_columns("forbidden_facilities", forbidden_facilities, columns, faults)
    faults += [
        Fault(j, "fixed_facilities", j, "a facility that is not forbidden as well")
        for j in sorted(set(fixed) & set(forbidden))
    ]
    group, names = _checked_groups(groups, columns, faults)
    if groups is None:
        faults += [
            Fault(None, field, bound, "no bound, since no groups are given")
            for field, bound in (("min_per_group", min_per_group), ("max_per_group", max_per_group))
            if bound is not None
        ]
    least = _checked_bound("min_per_group", min_per_group, names, 0, faults)
    most = _checked_bound("max_per_group", max_per_group, names, columns, faults)
    faults += [
        Fault(str(names[g]), "min_per_group", int(least[g]), f"at most the maximum, {most[g]}")
        for g in np.flatnonzero(least > most)
        if max_per_group is not None
    ]
    require_no_faults(faults)
    return LocationProblem(cost, weight, p, fixed, forbidden, group, names, least, most)


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Raise one `CostMatrixError` that names every fault, if there are any."""
    if not faults:
        return
    listed = "; ".join(_described(fault) for fault in faults[:5])
    listed_zh = "；".join(_described_zh(fault) for fault in faults[:5])
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    more_zh = f"；另有 {len(faults) - 5} 处" if len(faults) > 5 else ""
    raise CostMatrixError(
        f"the location problem has {len(faults)} fault(s): {listed}{more}; correct them",
        f"选址问题的输入有 {len(faults)} 处错误：{listed_zh}{more_zh}；请更正",
        faults,
    )


def _described(fault: Fault) -> str:
    place = fault.field if fault.row is None else f"{fault.field}[{fault.row}]"
    return f"{place} is {fault.value}, expected {fault.expected}"


def _described_zh(fault: Fault) -> str:
    place = fault.field if fault.row is None else f"{fault.field}[{fault.row}]"
    return f"{place} 为 {fault.value}，应为 {fault.expected_of('zh')}"


def _checked_cost(values: ArrayLike, faults: list[Fault]) -> Floats:
    cost = np.array(values, dtype=np.float64)
    if cost.ndim != 2 or not cost.size:
        require_no_faults(
            [Fault(None, "cost_matrix", f"of shape {cost.shape}", "demand rows × facility columns")]
        )
    faults += [
        Fault(f"{i}, {j}", "cost_matrix", float(cost[i, j]), "0 or more, inf where unreachable")
        for i, j in np.argwhere(~(cost >= 0.0))
    ]
    return cost


def _checked_weight(values: ArrayLike | None, rows: int, faults: list[Fault]) -> Floats:
    weight = np.ones(rows) if values is None else np.array(values, dtype=np.float64)
    if weight.shape != (rows,):
        shape = f"of shape {weight.shape}"
        faults.append(Fault(None, "demand_weight", shape, f"one number for each of {rows} rows"))
        return np.ones(rows)
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0.0)))
    faults += [
        Fault(int(i), "demand_weight", float(weight[i]), "a finite number of 0 or more")
        for i in wrong
    ]
    if not wrong.size and not weight.any():
        faults.append(Fault(None, "demand_weight", "all 0", "at least one weight above 0"))
    return weight


def _checked_p(value: int, faults: list[Fault]) -> int:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and value >= 1:
        return int(value)
    faults.append(Fault(None, "p_facilities", value, "a whole number of 1 or more"))
    return 1


def _checked_columns(
    field: str, values: Sequence[int], columns: int, faults: list[Fault]
) -> tuple[int, ...]:
    good = []
    for place, value in enumerate(values):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if whole and 0 <= value < columns:
            good.append(int(value))
        else:
            faults.append(Fault(place, field, value, f"a column index from 0 to {columns - 1}"))
    return tuple(sorted(set(good)))


def _checked_groups(
    labels: Sequence[Hashable] | NDArray[np.generic] | None, columns: int, faults: list[Fault]
) -> tuple[Ints, tuple[Hashable, ...]]:
    """Positions of the labels among the names, names in the order of first appearance."""
    if labels is None:
        return np.zeros(columns, dtype=np.int64), ("all",)
    listed = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    if len(listed) != columns:
        faults.append(
            Fault(None, "groups", f"{len(listed)} label(s)", f"one for each of {columns} columns")
        )
        return np.zeros(columns, dtype=np.int64), tuple(dict.fromkeys(listed)) or ("all",)
    faults += [
        Fault(j, "groups", label, "a group label")
        for j, label in enumerate(listed)
        if label is None or (isinstance(label, float) and math.isnan(label))
    ]
    names = tuple(dict.fromkeys(listed))
    position = {name: g for g, name in enumerate(names)}
    return np.array([position[label] for label in listed], dtype=np.int64), names


def _checked_bound(
    field: str,
    bound: GroupBound | None,
    names: tuple[Hashable, ...],
    unbounded: int,
    faults: list[Fault],
) -> Ints:
    result = np.full(len(names), unbounded, dtype=np.int64)
    if bound is None:
        return result
    given = bound if isinstance(bound, Mapping) else dict.fromkeys(names, bound)
    position = {name: g for g, name in enumerate(names)}
    for name, count in given.items():
        whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
        if name not in position:
            known = ", ".join(str(label) for label in names)
            faults.append(Fault(str(name), field, count, f"a group among {known}"))
        elif not whole or count < 0:
            faults.append(Fault(str(name), field, count, "a whole number of 0 or more"))
        else:
            result[position[name]] = count
    return result
