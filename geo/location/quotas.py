"""Quotas: how many facilities a group of candidates may hold."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Ints
from geo.errors import Fault
from geo.location.faults import is_whole

GroupBound = int | Mapping[Any, int]


def checked_groups(
    labels: Sequence[Hashable] | NDArray[np.generic] | None, columns: int, faults: list[Fault]
) -> tuple[Ints, tuple[Hashable, ...]]:
    """Positions of the labels among the names, names in the order of first appearance."""
    if labels is None:
        return np.zeros(columns, dtype=np.int64), ("all",)
    listed = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    if len(listed) != columns:
        faults.append(
            Fault(
                None,
                "groups",
                len(listed),
                f"as many labels as columns, {columns}",
                f"与列数相同，即 {columns}",
            )
        )
        return np.zeros(columns, dtype=np.int64), tuple(dict.fromkeys(listed)) or ("all",)
    faults += [
        Fault(j, "groups", label, "a group label", "组名")
        for j, label in enumerate(listed)
        if label is None or (isinstance(label, float) and math.isnan(label))
    ]
    names = tuple(dict.fromkeys(listed))
    position = {name: g for g, name in enumerate(names)}
    return np.array([position[label] for label in listed], dtype=np.int64), names


def checked_bounds(
    ungrouped: bool,
    names: tuple[Hashable, ...],
    columns: int,
    min_per_group: GroupBound | None,
    max_per_group: GroupBound | None,
    faults: list[Fault],
) -> tuple[Ints, Ints]:
    """Least and most open facilities of each group as they were said."""
    if ungrouped:
        faults += [
            Fault(None, field, bound, "no bound, since no groups are given", "未给出分组，不能设限")
            for field, bound in (("min_per_group", min_per_group), ("max_per_group", max_per_group))
            if bound is not None
        ]
    least = _checked_bound("min_per_group", min_per_group, names, 0, faults)
    most = _checked_bound("max_per_group", max_per_group, names, columns, faults)
    faults += [
        Fault(
            str(names[g]),
            "min_per_group",
            int(least[g]),
            f"at most the maximum, {most[g]}",
            f"不大于上限 {most[g]}",
        )
        for g in np.flatnonzero(least > most)
        if max_per_group is not None
    ]
    return least, most


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
        if name not in position:
            known = ", ".join(str(label) for label in names)
            faults.append(
                Fault(str(name), field, count, f"a group among {known}", f"{known} 之中的组")
            )
        elif not is_whole(count) or count < 0:
            faults.append(
                Fault(str(name), field, count, "a whole number of 0 or more", "不小于 0 的整数")
            )
        else:
            result[position[name]] = count
    return result
