"""What would have to change: the least change of weights or of one value that turns a ranking.

All on the weighted sum. `values` are (alternatives, criteria), `weights` (criteria,) summing to 1.
With d = values of B - values of A, B draws level with A where d·w = 0 and is ahead beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import WeightsError
from geo.linear_programme import minimise
from geo.ranking import TIE_DECIMALS, weighted_sum
from geo.sentence import Sentence
from geo.value import ValueFunction
from geo.weights.bounds import WeightSet

_TIE = 0.5 * 10.0**-TIE_DECIMALS
_SCAN = 4001
_HALVINGS = 200


@dataclass(frozen=True, slots=True)
class WeightChange:
    """The least change of weights (L1) at which one alternative draws level with another.

    `weights` (criteria,), summing to 1: where they are level; any step further in the same
    direction puts the other ahead. `distance`: the sum of all absolute changes, 0 to 2; half of it
    is the weight that moves.
    """

    weights: Floats
    distance: float

    def describe(
        self, current: Floats, criteria: Sequence[Sentence], ahead: Sentence, behind: Sentence
    ) -> Sentence:
        """Say which weights move from what to what for `ahead` to overtake `behind`."""
        moved = np.flatnonzero(np.abs(self.weights - current) > 5e-4)
        pairs = [(criteria[j], float(current[j]), float(self.weights[j])) for j in moved.tolist()]
        zh = "，".join(f"“{name.zh}”由 {old:.1%} 改为 {new:.1%}" for name, old, new in pairs)
        en = ", ".join(f"{name.en} from {old:.1%} to {new:.1%}" for name, old, new in pairs)
        return Sentence(
            zh=f"权重至少移动 {self.distance / 2:.1%}（{zh or '无需改变'}），"
            f"“{ahead.zh}”即与“{behind.zh}”持平，再多则领先。",
            en=f"At least {self.distance / 2:.1%} of the weight has to move ({en or 'nothing'}): "
            f"then {ahead.en} is level with {behind.en}, and ahead beyond that.",
        )


@dataclass(frozen=True, slots=True)
class ValueChange:
    """The least change of one criterion's value with which B draws level with A.

    `criterion`: its column; `value`: what B must be worth there, in [0, 1]; `increase`: by how much
    more than now.
    """

    criterion: int
    value: float
    increase: float


@dataclass(frozen=True, slots=True)
class Stability:
    """How safe the leader is against other weights.

    `radius`: the least L1 change of weights at which anyone draws level with the leader, infinite
    where nobody can, 0 where the first rank is shared. `challengers`: who does so at that radius.
    `change`: the weights that bring it about, None where nobody can.
    """

    leader: int
    radius: float
    challengers: tuple[int, ...]
    change: WeightChange | None


def least_weight_change(
    ahead: ArrayLike, behind: ArrayLike, weights: ArrayLike, *, limits: WeightSet | None = None
) -> WeightChange | None:
    """Return the least L1 change of the weights that lets `ahead` draw level with `behind`.

    `ahead`: values (criteria,) of the one to be put ahead (B), `behind`: of the other (A). None
    where no weights (within the limits) put B ahead: at best it draws level. A distance of 0 where
    B is level or ahead already.

    Exact. Without an order of importance in closed form: weight leaves the criteria of least d and
    goes to those of greatest d, each as far as its limits allow, until d·w = 0. That is the optimum
    of the linear programme, for a change that moves t of weight gains at most what filling the
    greatest and emptying the least d brings, and what one more unit brings never rises with t.
    With an order of importance the linear programme is solved (HiGHS).

    Raises `WeightsError` where the weights are not inside the limits, or not one per criterion,
    not negative and summing to 1.
    """
    current = _require_weights(weights)
    gain = np.asarray(ahead, dtype=np.float64) - np.asarray(behind, dtype=np.float64)
    _require_alike(gain, current)
    if limits is not None and not limits.contains(current):
        raise WeightsError(
            f"the present weights {current.tolist()} lie outside the limits; a change is counted "
            "from weights inside",
            f"现有权重 {current.tolist()} 不在给定范围内；应从范围内的权重起算",
        )
    if gain @ current >= -_TIE:
        return WeightChange(current, 0.0)
    if limits is not None and limits.importance:
        return _by_programme(gain, current, limits)
    room_down = current - (0.0 if limits is None else np.asarray(limits.low))
    room_up = (1.0 if limits is None else np.asarray(limits.high)) - current
    return _by_transport(gain, current, np.maximum(room_down, 0.0), np.maximum(room_up, 0.0))


def least_value_change(
    ahead: ArrayLike, behind: ArrayLike, weights: ArrayLike
) -> list[ValueChange]:
    """Return, least increase first, how one single value of B would let it draw level with A.

    Criterion j needs an increase of (score of A - score of B) / w_j; left out are criteria of
    weight 0 and those that would need a value above 1. Empty where no single value can do it; where
    B is level or ahead already, every criterion needs 0.
    """
    current = _require_weights(weights)
    own = np.asarray(ahead, dtype=np.float64)
    gain = own - np.asarray(behind, dtype=np.float64)
    _require_alike(gain, current)
    gap = max(float(-(gain @ current)), 0.0)
    found = [
        ValueChange(j, min(float(own[j]) + gap / weight, 1.0), gap / weight)
        for j, weight in enumerate(current.tolist())
        if weight > 0.0 and own[j] + gap / weight <= 1.0 + _TIE
    ]
    return sorted(found, key=lambda change: change.increase)


def nearest_performance(function: ValueFunction, present: float, value: float) -> float | None:
    """Return the performance nearest to the present one that is worth at least `value`.

    None where none is. The function is scanned at some thousand points of its curve and the first
    crossing on either side halved down to the last digits: a peak narrower than the scan may be
    missed.
    """
    if float(function(np.array([present]))[0]) >= value:
        return present
    x, _ = function.curve(_SCAN)
    scan = np.unique(np.r_[x, present])
    reached = np.flatnonzero(function(scan) >= value)
    here = int(np.searchsorted(scan, present))
    right, left = reached[reached > here], reached[reached < here]
    ends = [(scan[right[0] - 1], scan[right[0]])] if len(right) else []
    ends += [(scan[left[-1] + 1], scan[left[-1]])] if len(left) else []
    found = [_crossing(function, float(short), float(far), value) for short, far in ends]
    return min(found, key=lambda one: abs(one - present), default=None)


def stability(values: Floats, weights: ArrayLike, *, limits: WeightSet | None = None) -> Stability:
    """Return the leader's stability radius: the least L1 change of weights that costs it the lead.

    Within the radius the leader stays first, whatever weights are chosen. A single alternative
    cannot be overtaken. Errors as in `least_weight_change`.
    """
    current = _require_weights(weights)
    scores = weighted_sum(values, current)
    leader = int(np.argmax(scores))
    changes = {
        other: change
        for other in range(len(values))
        if other != leader
        and (change := least_weight_change(values[other], values[leader], current, limits=limits))
    }
    if not changes:
        return Stability(leader, float("inf"), (), None)
    radius = min(change.distance for change in changes.values())
    first = [other for other, one in changes.items() if one.distance <= radius + _TIE]
    return Stability(leader, radius, tuple(first), changes[first[0]])


def stable_weights(values: Floats, weights: ArrayLike) -> Floats:
    """Return for each criterion the least and greatest weight with which the leader stays first.

    (criteria, 2), ends inside. One weight moves, the others keep their proportions and share the
    rest (equally where they are all 0). Where the first rank is shared, that of the first leader.
    """
    current = _require_weights(weights)
    count = len(current)
    leader = int(np.argmax(weighted_sum(values, current)))
    lead = values[leader] - values
    intervals = np.empty((count, 2))
    for j in range(count):
        others = np.delete(current, j)
        even = np.full(count - 1, 1.0 / max(count - 1, 1))
        share = np.insert(others / others.sum() if others.any() else even, j, 0.0)
        rest = lead @ share
        slope = lead[:, j] - rest if count > 1 else np.zeros(len(lead))
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = -rest / slope
        low = np.max(crossing, initial=0.0, where=slope > _TIE)
        high = np.min(crossing, initial=1.0, where=slope < -_TIE)
        intervals[j] = min(low, current[j]), max(high, current[j])
    return intervals


def _by_transport(
    gain: Floats, current: Floats, room_down: Floats, room_up: Floats
) -> WeightChange | None:
    if _greatest(gain, current - room_down, current + room_up) <= _TIE:
        return None
    givers, takers = np.argsort(gain, kind="stable"), np.argsort(-gain, kind="stable")
    changed, down, up = current.copy(), room_down.copy(), room_up.copy()
    giver = taker = 0
    moved = 0.0
    while giver < len(gain) and taker < len(gain):
        i, j = givers[giver], takers[taker]
        if gain[j] <= gain[i]:
            break
        most = min(down[i], up[j])
        enough = max(-float(gain @ changed), 0.0) / float(gain[j] - gain[i])
        step = min(most, enough)
        changed[i], changed[j], moved = changed[i] - step, changed[j] + step, moved + step
        if enough <= most:
            break
        down[i], up[j] = down[i] - step, up[j] - step
        giver, taker = giver + int(down[i] <= 0.0), taker + int(up[j] <= 0.0)
    return WeightChange(changed, 2.0 * moved)


def _greatest(gain: Floats, low: Floats, high: Floats) -> float:
    """Greatest gain·w with low <= w <= high and sum 1: the greatest gains are filled first."""
    order = np.argsort(-gain, kind="stable")
    room = (high - low)[order]
    free = np.clip(1.0 - low.sum() - (np.cumsum(room) - room), 0.0, room)
    return float(gain @ low + gain[order] @ free)


def _by_programme(gain: Floats, current: Floats, limits: WeightSet) -> WeightChange | None:
    best = limits.least(-gain)
    if gain @ best <= _TIE:
        return None
    count = len(gain)
    one, order = np.eye(count), limits.order_rows()
    rows = np.vstack(
        [
            np.hstack([np.ones((1, count)), -np.ones((1, count))]),
            np.hstack([gain[None, :], -gain[None, :]]),
            np.hstack([order, -order]),
            np.hstack([one, -one]),
        ]
    )
    row_low = np.r_[0.0, -(gain @ current), -(order @ current), np.asarray(limits.low) - current]
    free = np.full(1 + len(order), np.inf)
    row_high = np.r_[0.0, free, np.asarray(limits.high) - current]
    found = minimise(
        np.ones(2 * count),
        rows=rows,
        row_low=row_low,
        row_high=row_high,
        low=np.zeros(2 * count),
        high=np.ones(2 * count),
    )
    if found is None:
        return None
    change = found[:count] - found[count:]
    return WeightChange(current + change, float(np.abs(change).sum()))


def _crossing(function: ValueFunction, short: float, far: float, value: float) -> float:
    """Halve the way from a performance worth too little to one worth enough; the latter's side."""
    for _ in range(_HALVINGS):
        middle = short + (far - short) / 2.0
        if middle in (short, far):
            break
        if float(function(np.array([middle]))[0]) >= value:
            far = middle
        else:
            short = middle
    return far


def _require_weights(weights: ArrayLike) -> Floats:
    given = np.asarray(weights, dtype=np.float64)
    right = given.ndim == 1 and bool(given.size) and bool((np.isfinite(given)).all())
    if not right or (given < 0.0).any() or abs(given.sum() - 1.0) > 1e-9:
        raise WeightsError(
            f"the weights are {given.tolist()}; expected finite numbers >= 0 that sum to 1",
            f"权重为 {given.tolist()}；应为不小于零、总和为 1 的有限数",
        )
    return given


def _require_alike(gain: Floats, weights: Floats) -> None:
    if gain.shape != weights.shape or not np.isfinite(gain).all():
        raise WeightsError(
            f"two alternatives with a known value on each of the {len(weights)} criteria are "
            f"compared; got values of the shape {gain.shape}, missing or infinite: "
            f"{int((~np.isfinite(gain)).sum())}",
            f"比较两个备选对象时，{len(weights)} 项准则均须有评价值；收到的形状为 {gain.shape}，"
            f"缺失或无穷 {int((~np.isfinite(gain)).sum())} 个",
        )
