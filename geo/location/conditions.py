"""What planners say about the facilities, in one vocabulary for every model."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints, Mask
from geo.errors import Fault
from geo.location.faults import as_numbers, is_whole, shortened
from geo.location.quotas import GroupBound, checked_bounds, checked_groups


class SiteKeywords(TypedDict, total=False):
    """What every model may be told of its m candidates; indices are columns of the cost matrix.

    `fixed_facilities` are open, `forbidden_facilities` are not. Of each set in
    `exclusive_facilities` at most one is open. Two columns whose entry in `facility_distance`
    (m, m; the lower of both directions) is below `min_separation` are never open together (exactly
    the separation is allowed). `groups` (m,) labels candidates (districts); `min_per_group` and
    `max_per_group` are one number for every group, or a number per label (a label left out is not
    bounded).

    `capacity` (one number or (m,), `inf`: none) is the most demand weight an open facility serves,
    `least_load` the least. With `split_demand` a point may be served by several facilities in
    shares, else by one. `existing_facilities` stand already: open they cost nothing to open, closed
    they cost `closing_cost`; all others cost `opening_cost` when they are open. `bonus` is what an
    open facility is worth. These three are one number or (m,), in the unit of the objective, which
    they are part of.
    """

    fixed_facilities: Sequence[int]
    forbidden_facilities: Sequence[int]
    exclusive_facilities: Sequence[Sequence[int]]
    facility_distance: ArrayLike | None
    min_separation: float | None
    groups: Sequence[Hashable] | NDArray[np.generic] | None
    min_per_group: GroupBound | None
    max_per_group: GroupBound | None
    capacity: ArrayLike | None
    least_load: ArrayLike | None
    split_demand: bool
    existing_facilities: Sequence[int]
    opening_cost: ArrayLike | None
    closing_cost: ArrayLike | None
    bonus: ArrayLike | None


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """A checked vocabulary for m candidates. Make it by `build_conditions`.

    `p`: exactly so many are open; None: as many as serve the objective. `fixed`, `forbidden`: (m,)
    masks. `group` (m,) is the position of each candidate's group in `group_names`, `group_min` and
    `group_max` bound how many of a group are open (one unbounded group where none were given).
    `exclusive`: sorted columns of which at most one is open, two or more in each. `capacity` (m,)
    is `inf` and `least_load` (m,) 0 where nothing was said. `site_cost` (m,) is what opening each
    column adds to what it costs altogether (below 0: it saves), `base_cost` what is paid in any
    case: Σ closing costs of what exists.
    """

    p: int | None
    fixed: Mask
    forbidden: Mask
    group: Ints
    group_names: tuple[Hashable, ...]
    group_min: Ints
    group_max: Ints
    exclusive: tuple[tuple[int, ...], ...]
    capacity: Floats
    least_load: Floats
    split: bool
    site_cost: Floats
    base_cost: float

    @property
    def size(self) -> int:
        """How many candidates there are: m."""
        return len(self.group)

    @property
    def is_loaded(self) -> bool:
        """Whether loads matter: some capacity is finite or some least load above 0."""
        return bool(np.isfinite(self.capacity).any() or (self.least_load > 0.0).any())

    @property
    def has_costs(self) -> bool:
        """Whether opening or closing anything costs or is worth anything."""
        return bool(self.site_cost.any()) or self.base_cost != 0.0

    @property
    def has_groups(self) -> bool:
        """Whether the count of any group is bounded."""
        size = np.bincount(self.group, minlength=len(self.group_names))
        return bool((self.group_min > 0).any() or (self.group_max < size).any())

    @property
    def allowed(self) -> Ints:
        """Columns that may be open: not forbidden, and their group may have any. Ascending."""
        return np.flatnonzero(~self.forbidden & (self.group_max[self.group] > 0))

    def site_total(self, chosen: ArrayLike) -> float:
        """What opening `chosen` (and closing what exists and is not chosen) costs altogether."""
        columns = np.asarray(chosen, dtype=np.int64)
        return math.fsum([self.base_cost, *self.site_cost[columns].tolist()])

    def ranges(self) -> tuple[Ints, Ints]:
        """Least and most open facilities of each group, given fixed ones and candidates."""
        groups = len(self.group_names)
        fixed = np.bincount(self.group[self.fixed], minlength=groups)
        able = np.bincount(self.group[self.allowed], minlength=groups)
        return np.maximum(self.group_min, fixed), np.minimum(self.group_max, able)

    def among(self, columns: Ints, *, p: int | None = None) -> Conditions:
        """Return the same conditions with only `columns` left, numbered from 0; `p` replaces ours.

        What the columns left out would have cost stays out: they are closed.
        """
        place = {int(column): j for j, column in enumerate(columns)}
        exclusive = (tuple(place[j] for j in one if j in place) for one in self.exclusive)
        return Conditions(
            p=self.p if p is None else p,
            fixed=self.fixed[columns],
            forbidden=self.forbidden[columns],
            group=self.group[columns],
            group_names=self.group_names,
            group_min=self.group_min,
            group_max=self.group_max,
            exclusive=tuple(one for one in exclusive if len(one) > 1),
            capacity=self.capacity[columns],
            least_load=self.least_load[columns],
            split=self.split,
            site_cost=self.site_cost[columns],
            base_cost=self.base_cost,
        )

    def allows(self, chosen: ArrayLike) -> bool:
        """Whether a choice of columns meets count, fixed, forbidden, groups and exclusions."""
        columns = np.asarray(chosen, dtype=np.int64)
        opened = np.zeros(self.size, dtype=np.bool_)
        opened[columns] = True
        count = np.bincount(self.group[columns], minlength=len(self.group_names))
        return bool(
            (self.p is None or opened.sum() == self.p)
            and opened[self.fixed].all()
            and not opened[self.forbidden].any()
            and (count >= self.group_min).all()
            and (count <= self.group_max).all()
            and all(opened[list(one)].sum() <= 1 for one in self.exclusive)
        )


def build_conditions(
    columns: int,
    faults: list[Fault],
    *,
    p_facilities: int | None = None,
    fixed_facilities: Sequence[int] = (),
    forbidden_facilities: Sequence[int] = (),
    exclusive_facilities: Sequence[Sequence[int]] = (),
    facility_distance: ArrayLike | None = None,
    min_separation: float | None = None,
    groups: Sequence[Hashable] | NDArray[np.generic] | None = None,
    min_per_group: GroupBound | None = None,
    max_per_group: GroupBound | None = None,
    capacity: ArrayLike | None = None,
    least_load: ArrayLike | None = None,
    split_demand: bool = False,
    existing_facilities: Sequence[int] = (),
    opening_cost: ArrayLike | None = None,
    closing_cost: ArrayLike | None = None,
    bonus: ArrayLike | None = None,
) -> Conditions:
    """Check what was said of `columns` candidates (`SiteKeywords`); faults are added to `faults`.

    What comes back is to be used only where no fault was added. Conditions that are well formed
    but cannot be met together are no fault: solving them gives the status "infeasible".
    """
    p = None if p_facilities is None else _checked_p(p_facilities, faults)
    fixed = _mask("fixed_facilities", fixed_facilities, columns, faults)
    forbidden = _mask("forbidden_facilities", forbidden_facilities, columns, faults)
    existing = _mask("existing_facilities", existing_facilities, columns, faults)
    faults += [
        Fault(
            int(j),
            "fixed_facilities",
            int(j),
            "a facility that is not forbidden as well",
            "未同时被禁止的设施",
        )
        for j in np.flatnonzero(fixed & forbidden)
    ]
    group, names = checked_groups(groups, columns, faults)
    least, most = checked_bounds(
        groups is None, names, columns, min_per_group, max_per_group, faults
    )
    room = _per_column("capacity", capacity, columns, np.inf, faults, infinite=True)
    load = _per_column("least_load", least_load, columns, 0.0, faults)
    faults += [
        Fault(
            int(j),
            "least_load",
            float(load[j]),
            f"at most the capacity, {room[j]:g}",
            f"不大于容量 {room[j]:g}",
        )
        for j in np.flatnonzero(load > room)
    ]
    opening = _per_column("opening_cost", opening_cost, columns, 0.0, faults)
    closing = _per_column("closing_cost", closing_cost, columns, 0.0, faults)
    worth = _per_column("bonus", bonus, columns, 0.0, faults, negative=True)
    return Conditions(
        p=p,
        fixed=fixed,
        forbidden=forbidden,
        group=group,
        group_names=names,
        group_min=least,
        group_max=most,
        exclusive=(
            *_checked_sets(exclusive_facilities, columns, faults),
            *_too_near(facility_distance, min_separation, columns, faults),
        ),
        capacity=room,
        least_load=load,
        split=bool(split_demand),
        site_cost=np.where(existing, -closing, opening) - worth,
        base_cost=math.fsum(closing[existing]),
    )


def _checked_p(value: int, faults: list[Fault]) -> int:
    if is_whole(value) and value >= 1:
        return int(value)
    faults.append(
        Fault(None, "p_facilities", value, "a whole number of 1 or more", "不小于 1 的整数")
    )
    return 1


def _checked_columns(
    field: str, values: Sequence[int], columns: int, faults: list[Fault]
) -> list[int]:
    good = []
    try:
        listed = list(values)
    except TypeError:
        faults.append(
            Fault(None, field, shortened(values), "a list of column indices", "列号的列表")
        )
        return []
    for place, value in enumerate(listed):
        if is_whole(value) and 0 <= value < columns:
            good.append(int(value))
        else:
            faults.append(
                Fault(
                    place,
                    field,
                    value,
                    f"a column index from 0 to {columns - 1}",
                    f"0 至 {columns - 1} 的列号",
                )
            )
    return sorted(set(good))


def _mask(field: str, values: Sequence[int], columns: int, faults: list[Fault]) -> Mask:
    mask = np.zeros(columns, dtype=np.bool_)
    mask[_checked_columns(field, values, columns, faults)] = True
    return mask


def _checked_sets(
    sets: Sequence[Sequence[int]], columns: int, faults: list[Fault]
) -> list[tuple[int, ...]]:
    try:
        listed = list(sets)
    except TypeError:
        faults.append(
            Fault(
                None,
                "exclusive_facilities",
                shortened(sets),
                "a list of lists of column indices",
                "列号列表的列表",
            )
        )
        return []
    found = [_checked_columns("exclusive_facilities", one, columns, faults) for one in listed]
    return [tuple(one) for one in found if len(one) > 1]


def _too_near(
    facility_distance: ArrayLike | None,
    min_separation: float | None,
    columns: int,
    faults: list[Fault],
) -> list[tuple[int, ...]]:
    """Pairs of columns that are nearer to each other than the least separation."""
    if min_separation is None:
        return []
    if facility_distance is None:
        faults.append(
            Fault(
                None,
                "min_separation",
                min_separation,
                "no separation, since no facility_distance is given",
                "未给出 facility_distance，不能设最小间距",
            )
        )
        return []
    if not min_separation >= 0.0:
        faults.append(
            Fault(None, "min_separation", min_separation, "a number of 0 or more", "不小于 0 的数")
        )
    distance = as_numbers("facility_distance", facility_distance, faults)
    if distance.shape != (columns, columns) or np.isnan(distance).any():
        faults.append(
            Fault(
                None,
                "facility_distance",
                f"{distance.shape}",
                f"the shape ({columns}, {columns}) without NaN",
                f"形状为（{columns}, {columns}）且不含 NaN",
            )
        )
        return []
    near = np.triu(np.minimum(distance, distance.T) < min_separation, 1)
    return [(int(i), int(j)) for i, j in np.argwhere(near)]


def _per_column(
    field: str,
    values: ArrayLike | None,
    columns: int,
    unsaid: float,
    faults: list[Fault],
    *,
    infinite: bool = False,
    negative: bool = False,
) -> Floats:
    """One number for each column: (m,)."""
    if values is None:
        return np.full(columns, unsaid)
    before = len(faults)
    given = as_numbers(field, values, faults)
    if len(faults) > before:
        return np.full(columns, unsaid)
    if given.shape not in ((), (columns,)):
        faults.append(
            Fault(
                None,
                field,
                f"{given.shape}",
                f"one number, or the shape ({columns},)",
                f"一个数，或形状 ({columns},)",
            )
        )
        return np.full(columns, unsaid)
    every: Floats = np.broadcast_to(given, (columns,)).copy()
    wrong = np.isnan(every) | (np.isinf(every) & ~(infinite & (every > 0.0)))
    if not negative:
        wrong |= every < 0.0
    expected = "a finite number" if negative else "a number of 0 or more"
    expected_zh = "有限的数" if negative else "不小于 0 的数"
    faults += [
        Fault(int(j), field, float(every[j]), expected, expected_zh) for j in np.flatnonzero(wrong)
    ]
    return np.where(wrong, unsaid, every)
