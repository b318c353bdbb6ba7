"""Whole units over members in proportion to their weights, as near as whole units go.

With quota q_i = total × weight_i / Σ weight, the units a_i make Σ (a_i − q_i)² / q_i least, whose
optimum without further conditions is the method of Webster and Sainte-Laguë (Sainte-Laguë 1910;
Balinski & Young 1982). The k-th unit of a member adds (2k − 1) / q_i − 2, more from unit to unit,
so that giving one unit after the other where it adds least is exact: within a group first, up to
its minimum, then among all (Fox 1966; Ibaraki & Katoh 1988 for bounds on groups).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints
from geo.errors import Fault, InfeasibleError, WeightsError

GroupCount = int | Mapping[Any, int]

MOST_UNITS = 1_000_000
"""Units are given one by one; more are refused."""


@dataclass(frozen=True, slots=True, eq=False)
class Apportionment:
    """Units (n,) and quotas (n,) of the members, and by group.

    `objective` is Σ (units − quota)² / quota over members of weight above 0: 0 where every quota
    is whole and given. `least_exchange` is what moving one unit between two members, as far as
    the bounds let it, would add to it at least (`inf`: none may move): 0 or more proves the
    optimum, because for a separable convex sum on such a set a choice that no single exchange
    betters is best (Murota 2003, theorem 6.26).
    """

    units: Ints
    quota: Floats
    objective: float
    least_exchange: float
    by_group: Mapping[Hashable, int]


def apportion(
    total: int,
    weights: ArrayLike,
    *,
    least: ArrayLike | None = None,
    most: ArrayLike | None = None,
    groups: Sequence[Hashable] | NDArray[np.generic] | None = None,
    min_per_group: GroupCount | None = None,
    max_per_group: GroupCount | None = None,
) -> Apportionment:
    """Spread `total` units over n members in proportion to `weights` (n,), exactly and optimally.

    `least` and `most` (one whole number or (n,); None: 0 and no limit) bound each member, both
    inside. `groups` (n,) labels members (districts); `min_per_group` and `max_per_group` bound
    their sums, one number for every group or a number by label (a label left out is not bounded).
    A member of weight 0 gets its `least` and no more. Of equal steps the lowest member's is taken.

    Raises `WeightsError` for values that make no sense, all faults at once, and `InfeasibleError`
    where the bounds leave no way to spread the total.
    """
    bounds = _Bounds.checked(total, weights, least, most, groups, min_per_group, max_per_group)
    bounds.require_room(total)
    quota = total * (bounds.weight / bounds.weight.sum())
    units = bounds.least.copy()
    for g in range(len(bounds.names)):
        members = np.flatnonzero(bounds.group == g)
        missing = int(bounds.group_least[g] - units[members].sum())
        _give(missing, members, units, quota, bounds)
    _give(total - int(units.sum()), range(len(units)), units, quota, bounds)
    counts = np.bincount(bounds.group, weights=units, minlength=len(bounds.names))
    return Apportionment(
        units=units,
        quota=quota,
        objective=_objective(units, quota),
        least_exchange=_least_exchange(units, quota, bounds),
        by_group={name: int(count) for name, count in zip(bounds.names, counts, strict=True)},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """Weights and bounds of members (n,) and groups; `group` holds positions in `names`."""

    weight: Floats
    least: Ints
    most: Ints
    names: tuple[Hashable, ...]
    group: Ints
    group_least: Ints
    group_most: Ints

    @classmethod
    def checked(
        cls,
        total: int,
        weights: ArrayLike,
        least: ArrayLike | None,
        most: ArrayLike | None,
        groups: Sequence[Hashable] | NDArray[np.generic] | None,
        min_per_group: GroupCount | None,
        max_per_group: GroupCount | None,
    ) -> _Bounds:
        faults: list[Fault] = []
        if not _is_count(total) or total > MOST_UNITS:
            faults.append(
                Fault(
                    None,
                    "total",
                    total,
                    f"a whole number from 0 to {MOST_UNITS:,}",
                    f"0 至 {MOST_UNITS:,} 的整数",
                )
            )
            total = 0
        weight = _checked_weights(weights, faults)
        n = len(weight)
        low = _per_member("least", least, n, 0, faults)
        high = np.minimum(_per_member("most", most, n, total, faults), total)
        labels = [None] * n if groups is None else list(np.asarray(groups, dtype=object))
        if len(labels) != n:
            faults.append(_lengths("groups", len(labels), n))
            labels = [None] * n
        names: tuple[Hashable, ...] = tuple(dict.fromkeys(labels))
        place = {name: g for g, name in enumerate(names)}
        fewest = _per_group("min_per_group", min_per_group, place, 0, faults)
        greatest = _per_group("max_per_group", max_per_group, place, total, faults)
        _raise(faults)
        high = np.where(weight / weight.sum() > 0.0, high, low)
        group = np.array([place[label] for label in labels], dtype=np.int64)
        return cls(weight, low, high, names, group, fewest, greatest)

    def require_room(self, total: int) -> None:
        """Raise `InfeasibleError` where the bounds of members or groups contradict each other."""
        groups = len(self.names)
        low = np.bincount(self.group, weights=self.least, minlength=groups).astype(np.int64)
        high = np.bincount(self.group, weights=self.most, minlength=groups).astype(np.int64)
        fewest = np.maximum(low, self.group_least)
        greatest = np.minimum(high, self.group_most)
        for g in np.flatnonzero(fewest > greatest):
            raise InfeasibleError(
                f"{_called(self.names[g], 'en')} must get at least {fewest[g]} units but can get "
                f"at most {greatest[g]}; lower the minimum or raise the maximum",
                f"{_called(self.names[g], 'zh')} 至少应得 {fewest[g]} 个，但最多只能得 "
                f"{greatest[g]} 个；请调低下限或调高上限",
            )
        if fewest.sum() > total:
            raise InfeasibleError(
                f"the minima add up to {fewest.sum()}, more than the total of {total}; lower them "
                f"by {fewest.sum() - total} altogether, or raise the total to {fewest.sum()}",
                f"各下限合计 {fewest.sum()}，超过总数 {total}；请将下限合计调低 "
                f"{fewest.sum() - total}，或将总数提高到 {fewest.sum()}",
            )
        if greatest.sum() < total:
            raise InfeasibleError(
                f"the maxima allow {greatest.sum()} units, less than the total of {total}; raise "
                f"them by {total - greatest.sum()} altogether, or lower the total",
                f"各上限合计只容得下 {greatest.sum()} 个，少于总数 {total}；请将上限合计调高 "
                f"{total - greatest.sum()}，或调低总数",
            )


def _give(count: int, members: Iterable[int], units: Ints, quota: Floats, bounds: _Bounds) -> None:
    """Give `count` units more to `members`, one by one where the next one adds least."""
    in_group = np.bincount(bounds.group, weights=units, minlength=len(bounds.names))
    queue = [(_step(units[i], quota[i]), i) for i in map(int, members) if units[i] < bounds.most[i]]
    heapq.heapify(queue)
    while count > 0:
        _, i = heapq.heappop(queue)
        if in_group[bounds.group[i]] >= bounds.group_most[bounds.group[i]]:
            continue
        units[i] += 1
        in_group[bounds.group[i]] += 1
        count -= 1
        if units[i] < bounds.most[i]:
            heapq.heappush(queue, (_step(units[i], quota[i]), i))


def _step(units: int, quota: float) -> float:
    """What the next unit adds to the objective, but for the constant −2."""
    return (2.0 * float(units) + 1.0) / float(quota)


def _objective(units: Ints, quota: Floats) -> float:
    counts = quota > 0.0
    return math.fsum((units[counts] - quota[counts]) ** 2 / quota[counts])


def _least_exchange(units: Ints, quota: Floats, bounds: _Bounds) -> float:
    """What the cheapest move of one unit that the bounds let happen adds to the objective."""
    counts = quota > 0.0
    safe = np.where(counts, quota, 1.0)
    taken = np.where(counts & (units > bounds.least), -(2.0 * units - 1.0) / safe, np.inf)
    given = np.where(counts & (units < bounds.most), (2.0 * units + 1.0) / safe, np.inf)
    in_group = np.bincount(bounds.group, weights=units, minlength=len(bounds.names))
    may_lose = (in_group > bounds.group_least)[bounds.group]
    may_gain = (in_group < bounds.group_most)[bounds.group]
    between = _least_pair(np.where(may_lose, taken, np.inf), np.where(may_gain, given, np.inf))
    within = [
        _least_pair(taken[bounds.group == g], given[bounds.group == g])
        for g in range(len(bounds.names))
    ]
    return min(between, *within)


def _least_pair(taken: Floats, given: Floats) -> float:
    """Least taken[i] + given[k] over i ≠ k."""
    first = [int(i) for i in np.argsort(taken, kind="stable")[:2]]
    second = [int(k) for k in np.argsort(given, kind="stable")[:2]]
    pairs = [float(taken[i] + given[k]) for i in first for k in second if i != k]
    return min(pairs, default=math.inf)


def _is_count(value: object) -> bool:
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        return False
    return bool(value >= 0)


def _called(name: Hashable, lang: str) -> str:
    if name is not None:
        return str(name)
    return "所有成员合计" if lang == "zh" else "all members together"


def _lengths(field: str, found: int, n: int) -> Fault:
    return Fault(
        None, field, f"{found} value(s)", f"one for each of {n} members", f"{n} 个成员各一个"
    )


def _checked_weights(weights: ArrayLike, faults: list[Fault]) -> Floats:
    weight = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    if weight.ndim != 1 or not weight.size:
        _raise([Fault(None, "weights", f"of shape {weight.shape}", "(n,)", "形状为 (n,)")])
    wrong = ~(np.isfinite(weight) & (weight >= 0.0))
    faults += [
        Fault(int(i), "weights", float(weight[i]), "a finite number of 0 or more", "不小于 0 的数")
        for i in np.flatnonzero(wrong)
    ]
    if not wrong.any() and not 0.0 < weight.sum() < math.inf:
        faults.append(
            Fault(
                None, "weights", f"of sum {weight.sum():g}", "a sum above 0", "总和大于 0 的有限数"
            )
        )
    return np.where(wrong, 1.0, weight)


def _per_member(
    field: str, values: ArrayLike | None, n: int, unsaid: int, faults: list[Fault]
) -> Ints:
    if values is None:
        return np.full(n, unsaid, dtype=np.int64)
    given = np.asarray(values, dtype=np.float64)
    if given.shape not in ((), (n,)):
        faults.append(_lengths(field, given.size, n))
        return np.full(n, unsaid, dtype=np.int64)
    every = np.broadcast_to(given, (n,))
    wrong = ~((every >= 0.0) & (every <= MOST_UNITS) & (every == np.floor(every)))
    faults += [
        Fault(
            int(i),
            field,
            float(every[i]),
            f"a whole number from 0 to {MOST_UNITS:,}",
            f"0 至 {MOST_UNITS:,} 的整数",
        )
        for i in np.flatnonzero(wrong)
    ]
    return np.where(wrong, unsaid, every).astype(np.int64)


def _per_group(
    field: str,
    bound: GroupCount | None,
    place: Mapping[Hashable, int],
    unsaid: int,
    faults: list[Fault],
) -> Ints:
    result = np.full(len(place), unsaid, dtype=np.int64)
    if bound is None:
        return result
    for name, count in (
        bound if isinstance(bound, Mapping) else dict.fromkeys(place, bound)
    ).items():
        if name not in place:
            known = ", ".join(str(one) for one in place)
            faults.append(
                Fault(str(name), field, count, f"a group among {known}", f"{known} 之中的组")
            )
        elif not _is_count(count):
            faults.append(
                Fault(str(name), field, count, "a whole number of 0 or more", "不小于 0 的整数")
            )
        else:
            result[place[name]] = count
    return result


def _raise(faults: list[Fault]) -> None:
    if not faults:
        return
    first = faults[0]
    place = f"{first.field}" if first.row is None else f"{first.field}[{first.row}]"
    raise WeightsError(
        f"units cannot be apportioned: {len(faults)} fault(s), the first: {place} is "
        f"{first.value}, expected {first.expected}; correct them",
        f"无法分配名额：输入有 {len(faults)} 处错误，首个：{place} 为 {first.value}，"
        f"应为 {first.expected_of('zh')}；请更正",
        faults,
    )
