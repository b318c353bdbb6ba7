"""How near targets are to many places: the nearest, sums within a radius, decay, hot spots.

Array doors: `Places` and amounts in, arrays with one number per origin out. Work goes block by
block over neighbouring origins and the targets that may matter to them (`geo.chords`), so memory
does not grow with the number of pairs. Every answer is a `Measured`: the value at the recorded
positions, and the least and the greatest that it can be when origins and targets lie anywhere
within their accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.chords import (
    Block,
    Curvature,
    Indices,
    Places,
    Runs,
    arc_of,
    between_m,
    curvature_over,
    geodesic_m,
)
from geo.errors import CriterionError

_LEVELS = 16
"""Accuracies of targets that a nearest distance tells apart."""

_SLACK = 1e-3
"""Share of a distance by which arcs may order levels otherwise than chords, out to 5,000 km."""

_MANY = 16
"""From this part of a block's pairs on, those certainly inside are kept apart from the others."""

_EXACT_M = 2e-3
"""Distances from chords this near to a radius are left to PROJ; twice what they may be off."""

Decay = Callable[[Floats], Floats]
"""What one unit counts at a distance in m, never more at a greater distance."""


class Measured(NamedTuple):
    """Value, least and greatest per origin, each (n,); least ≤ value ≤ greatest."""

    value: Floats
    low: Floats
    high: Floats


def nearest_m(origins: Runs, targets: Places) -> Measured:
    """Geodesic distance in m to the nearest target; `inf` where there is none.

    Equal to PROJ's to 1 mm (to 1 µm up to 100 km). Bounds: the least over the targets of distance
    less both accuracies, never below 0, and the least of distance plus both. Beyond 16 different
    accuracies of targets neighbouring ones are taken together at the greater, so that the bounds
    may be wider than need be, never narrower.
    """
    level, doubt = _levels(targets.accuracy_m)
    order = np.argsort(level, kind="stable")
    ends = np.searchsorted(level[order], np.arange(len(doubt) + 1))
    shifts = np.stack([np.zeros(len(doubt)), -doubt, doubt])[: 3 if doubt.any() else 1]
    there = targets.take(order)
    found = np.full((len(shifts), len(origins)), np.inf)
    curvature = curvature_over(origins.places, targets)
    for block in origins.blocks_nearest(there):
        pairs = _contenders(block, np.searchsorted(block.targets, ends), shifts, curvature)
        origin, target = block.origins.take(pairs.column), block.targets.take(pairs.row)
        distance = between_m(origins.places, origin, there, target)
        for best, shift in zip(found, shifts, strict=True):
            np.minimum.at(best, origin, distance + shift[level[order]].take(target))
    accuracy = origins.places.accuracy_m
    value, low, high = found[0], found[1 % len(found)], found[2 % len(found)]
    low = np.maximum(low - accuracy, 0.0)
    return Measured(value, np.minimum(low, value), np.maximum(high + accuracy, value))


def _levels(accuracy_m: Floats) -> tuple[Indices, Floats]:
    """Number each accuracy by its level, and give each level's greatest: (m,) and (levels,)."""
    different, place = np.unique(accuracy_m, return_inverse=True)
    count = min(_LEVELS, len(different))
    level = np.arange(len(different)) * count // max(1, len(different))
    last = np.searchsorted(level, np.arange(count), side="right") - 1
    return level[place], different[last]


def _contenders(block: Block, bounds: Indices, shifts: Floats, curvature: Curvature) -> _Pairs:
    """List the pairs of a block that may be nearest after one of the shifts (ways, levels).

    Rows between two `bounds` are of one level and shifted alike. A pair contends where its chord is
    within what rounding and curvature leave open of the least, and its level may be the best.
    """
    levels = np.flatnonzero(np.diff(bounds))
    parts = [block.squared_m2[bounds[k] : bounds[k + 1]] for k in levels]
    least = np.stack([part.min(axis=0) for part in parts]).astype(np.float64)
    limit = least + curvature.twice_blur_m2(least) + 12.0 * block.rounding_m2
    if len(levels) > 1:
        chord = np.sqrt(np.maximum(least, block.rounding_m2))
        arc = arc_of(chord, curvature.middle)
        slack = _SLACK * chord + block.rounding_m2 / chord
        may = np.zeros(arc.shape, dtype=np.bool_)
        for shift in shifts[:, levels, None]:
            may |= arc - slack + shift <= (arc + slack + shift).min(axis=0)
        limit[~may] = -np.inf
    limit = limit.astype(block.squared_m2.dtype)
    near = [part <= most for part, most in zip(parts, limit, strict=True)]
    return _pairs_of(near[0] if len(near) == 1 else np.concatenate(near), int(bounds[0]))


class _Pairs(NamedTuple):
    """Pairs of a block: row and column of each."""

    row: Indices
    column: Indices


def _pairs_of(wanted: Mask, first: int = 0) -> _Pairs:
    """List the pairs wanted, row after row; rows count from `first`."""
    flat = np.flatnonzero(wanted)
    rows, width = wanted.shape
    ends = np.searchsorted(flat, np.arange(rows + 1) * width)
    row = np.repeat(np.arange(rows), np.diff(ends))
    return _Pairs(row + first, flat - row * width)


def sum_within(origins: Runs, targets: Places, *, amount: ArrayLike, radius_m: float) -> Measured:
    """Sum of `amount` (m,) over the targets at most `radius_m` away, the boundary inside.

    PROJ itself decides about pairs that chords put at the boundary. Bounds: what is inside for
    certain and what is inside at all, a negative amount counting where it is worse.
    """
    each = _amounts(amount, targets)
    parts = [part for part in (np.maximum(each, 0.0), np.minimum(each, 0.0)) if part.any()]
    value, low, high = (np.zeros(len(origins)) for _ in range(3))
    for reached in _reached(origins, targets, radius_m):
        rows = reached.origins
        for part in parts:
            _, possible, inside, certain = reached.sums(part)
            most = certain + inside + possible
            value[rows] += certain + inside
            low[rows] += np.minimum(certain, most)
            high[rows] += np.maximum(certain, most)
    return Measured(value, np.minimum(low, value), np.maximum(high, value))


@dataclass(frozen=True, slots=True)
class _Reached:
    """Pairs of a block by what they are: 0 outside, 1 possibly inside, 2 as recorded, 3 certainly.

    `certain` (k, b) are those certainly inside where they are many; the others are `pairs`, each of
    its `kind`.
    """

    origins: Indices
    targets: Indices
    certain: Mask | None
    pairs: _Pairs
    kind: Indices

    def sums(self, each: Floats) -> Floats:
        """Add up a number of each target's, (m,), by kind and origin: (4, b)."""
        of_row, width = each[self.targets], len(self.origins)
        place = self.pairs.column + self.kind * width
        added = np.bincount(place, weights=of_row.take(self.pairs.row), minlength=4 * width)
        result = np.asarray(added, dtype=np.float64).reshape(4, width)
        if self.certain is not None:
            result[3] += of_row @ self.certain
        return result


def _reached(origins: Runs, targets: Places, radius_m: float) -> Iterator[_Reached]:
    """Yield blocks of origins with the pairs that may be within the radius, each decided."""
    _require_above_zero(radius_m)
    curvature = curvature_over(origins.places, targets)
    error = origins.places.accuracy_m + targets.accuracy_m.max(initial=0.0)
    blur = curvature.blur_m(radius_m + error)
    least = curvature.squared_chord_m2(radius_m - error - blur)
    most = curvature.squared_chord_m2(radius_m + error + blur)
    for block in origins.blocks_within(targets, radius_m + error + blur):
        squared, margin = block.squared_m2, 2.0 * block.rounding_m2
        open_ = squared <= (most[block.origins] + margin).astype(squared.dtype)
        certain = None
        if np.count_nonzero(open_) > open_.size // _MANY:
            certain = squared <= (least[block.origins] - margin).astype(squared.dtype)
            open_ &= ~certain
        pairs = _pairs_of(open_)
        kind = _decide(block, pairs, origins.places, targets, radius_m, curvature)
        yield _Reached(block.origins, block.targets, certain, pairs, kind)


def _decide(
    block: Block,
    pairs: _Pairs,
    origins: Places,
    targets: Places,
    radius_m: float,
    curvature: Curvature,
) -> Indices:
    """Decide pairs by their chords, near the boundary by their arcs, and on it by PROJ."""
    origin, target = block.origins.take(pairs.column), block.targets.take(pairs.row)
    error = origins.accuracy_m.take(origin) + targets.accuracy_m.take(target)
    flat = pairs.row * block.squared_m2.shape[1] + pairs.column
    distance = curvature.arc_m(block.squared_m2.ravel().take(flat).astype(np.float64))
    most = error.max(initial=0.0)
    unsure = curvature.unsure_m(np.array([max(radius_m - most, 0.0)]), block.rounding_m2)[0]
    for nearer_m, measure in (
        (unsure + float(curvature.blur_m(radius_m + most)), between_m),
        (_EXACT_M, geodesic_m),
    ):
        off = np.abs(distance - radius_m)
        near = np.flatnonzero(np.minimum(off, np.abs(off - error)) <= nearer_m)
        if len(near):
            distance[near] = measure(origins, origin[near], targets, target[near])
    kind: Indices = (distance - error <= radius_m).astype(np.intp)
    kind += distance <= radius_m
    kind += distance + error <= radius_m
    return kind


def sum_decaying(
    origins: Runs,
    targets: Places,
    *,
    amount: ArrayLike,
    decay: Decay,
    reach_m: float = np.inf,
) -> Measured:
    """Sum of `amount` (m,) times `decay` of the distance, over the targets within `reach_m`.

    Beyond `reach_m` the decay has to be 0 of itself. Distances are good to 1 mm at 50 km and to 1
    part in 10 million at 100 km. Bounds: every pair as near and as far as both accuracies let it
    be, which encloses all that positions can make.
    """
    each = _amounts(amount, targets)
    gain, loss = np.maximum(each, 0.0), np.minimum(each, 0.0)
    value, low, high = (np.zeros(len(origins)) for _ in range(3))
    curvature = curvature_over(origins.places, targets)
    accuracy = origins.places.accuracy_m
    reach = reach_m + accuracy + targets.accuracy_m.max(initial=0.0)
    for block in origins.blocks_within(targets, reach, double=True):
        rows, up, down = block.origins, gain[block.targets], loss[block.targets]
        distance = curvature.arc_m(np.asarray(block.squared_m2, dtype=np.float64))
        value[rows] = low[rows] = high[rows] = (up + down) @ decay(distance)
        error = accuracy[rows] + targets.accuracy_m[block.targets, None]
        if error.any():
            least, most = decay(distance + error), decay(np.maximum(distance - error, 0.0))
            low[rows] = up @ least + down @ most
            high[rows] = up @ most + down @ least
    return Measured(value, np.minimum(low, value), np.maximum(high, value))


def hot_spot(origins: Runs, targets: Places, *, field: ArrayLike, radius_m: float) -> Measured:
    """Getis and Ord's Gi* of a field (m,) around each origin: a z-score.

    Weights are 1 for the targets at most `radius_m` away, 0 beyond: with W of m targets inside, Gi*
    = Σ (x - mean) / (s √((m W - W²) / (m - 1))), s the standard deviation over all m (Ord & Getis
    1995). 0 where nothing is told: a constant field, no target inside, all of them inside. Bounds:
    the least and the greatest over every choice of the targets that may be inside or not; for each
    number of them that is the sum of as many of the smallest or largest deviations. Raises
    `CriterionError` where there is no target.
    """
    each = _amounts(field, targets)
    if not len(each):
        raise CriterionError(
            "Gi* compares with the mean of all targets and there is none; give at least one",
            "Gi* 以全部要素的均值为参照，而要素数为零；请至少给出一个",
        )
    deviation = standardised(each)
    value, low, high = (np.zeros(len(origins)) for _ in range(3))
    for reached in _reached(origins, targets, radius_m):
        rows = reached.origins
        sums, counts = reached.sums(deviation), reached.sums(np.ones(len(each)))
        value[rows] = z_score(sums[2] + sums[3], counts[2] + counts[3], len(each))
        open_ = np.flatnonzero((reached.kind == 1) | (reached.kind == 2))
        origin = reached.pairs.column[open_]
        step = deviation[reached.targets[reached.pairs.row[open_]]]
        order = np.lexsort((step, origin))
        sure = _Inside(sums[3], counts[3], len(each))
        low[rows] = sure.after(origin[order], step[order], np.minimum)
        high[rows] = sure.after(origin[order[::-1]], step[order[::-1]], np.maximum)
    return Measured(value, np.minimum(low, value), np.maximum(high, value))


@dataclass(frozen=True, slots=True)
class _Inside:
    """Of each origin of a block what is inside for certain: sum of deviations, number of `all`."""

    total: Floats
    number: Floats
    all: int

    def after(self, row: Indices, step: Floats, extreme: np.ufunc) -> Floats:
        """Least or greatest Gi* of each while its pairs join one after the other, as they come.

        Pairs of one row stand together.
        """
        result = z_score(self.total, self.number, self.all)
        if len(row):
            begins = np.flatnonzero(np.diff(row, prepend=-1))
            length = np.diff(np.append(begins, len(row)))
            joined = np.cumsum(step)
            before = np.repeat(joined[begins] - step[begins], length)
            place = np.arange(1, len(row) + 1) - np.repeat(begins, length)
            joined += self.total[row] - before
            scores = z_score(joined, self.number[row] + place, self.all)
            result[row[begins]] = extreme(result[row[begins]], extreme.reduceat(scores, begins))
        return result


def standardised(field: Floats) -> Floats:
    """Deviations from the mean in standard deviations (over all, not all but one); 0 if alike."""
    alike = not len(field) or np.ptp(field) == 0.0
    return np.zeros(len(field)) if alike else (field - field.mean()) / field.std()


def z_score(total: Floats, number: ArrayLike, all_: int) -> Floats:
    """Gi* from the sum of standardised deviations inside, and how many of all are inside.

    0 where none or all of them are. Broadcasts.
    """
    inside = np.asarray(number, dtype=np.float64)
    room = inside * (all_ - inside) / max(1, all_ - 1)
    result: Floats = np.divide(
        total, np.sqrt(room), out=np.zeros(np.shape(total)), where=room > 0.0
    )
    return result


def _amounts(amount: ArrayLike, targets: Places) -> Floats:
    each = np.atleast_1d(np.asarray(amount, dtype=np.float64))
    if each.shape != (len(targets),) or not np.isfinite(each).all():
        raise CriterionError(
            f"amounts must be {len(targets)} finite numbers, one per target",
            f"数量应为 {len(targets)} 个有限数，每个要素一个",
        )
    return each


def _require_above_zero(radius_m: float) -> None:
    if not (np.isfinite(radius_m) and radius_m > 0.0):
        raise CriterionError(
            f"a radius of {radius_m:g} m cannot be used; give a finite number above 0",
            f"半径 {radius_m:g} 米无法使用；请给出大于 0 的有限数",
        )
