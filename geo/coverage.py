"""Which demand lies within a service radius: how much, how surely, and where."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints, Mask
from geo.errors import CostMatrixError, Fault

Labels = Sequence[Hashable] | NDArray[np.generic] | pd.Series

COLUMNS = ("group", "share", "covered", "uncovered")


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Demand inside and outside, in the unit of the demand weight.

    `share` = covered / (covered + uncovered), NaN where there is no weight at all; `low_share`
    counts what is surely inside, `high_share` what is possibly inside. `by_group` has the columns
    group, share, covered, uncovered, one row per group in the order of first appearance; its sums
    are the totals; a missing label is a group of its own (None), a group without weight has the
    share NaN. `covered_mask` is (n,). `reaching` (n,) is how many facilities reach each point, and
    `overlap` the weight that two or more reach.
    """

    share: float
    covered: float
    uncovered: float
    low_share: float
    high_share: float
    by_group: pd.DataFrame
    covered_mask: Mask
    reaching: Ints
    overlap: float


def coverage(
    distance_m: ArrayLike,
    *,
    radius_m: float,
    demand_weight: ArrayLike,
    distance_error_m: ArrayLike | None = None,
    groups: Labels | None = None,
) -> Coverage:
    """Cover each demand point whose nearest facility is at most `radius_m` away.

    `distance_m` is (n demand points, m facilities), `inf` where there is no way; m may be 0: then
    nothing is covered. The boundary is inside. `distance_error_m` (broadcast to the distances) is
    how far each may be off, as a rule the accuracy of the point plus that of the facility, `inf`
    where not known: a point is surely inside where distance + error ≤ radius for some facility,
    possibly where distance − error ≤ radius. None: the distances are taken as exact. `groups` (n,)
    labels the points; None is one group "all".

    Raises `CostMatrixError` naming every fault: shapes that do not fit, NaN or negative distances,
    errors or weights, infinite weights, a radius that is not above 0.
    """
    distance = np.asarray(distance_m, dtype=np.float64)
    weight = np.asarray(demand_weight, dtype=np.float64)
    error = np.asarray(0.0 if distance_error_m is None else distance_error_m, dtype=np.float64)
    _require_sound(distance, weight, error, radius_m)
    reaching = (distance <= radius_m).sum(axis=1)
    exists = np.isfinite(distance)
    off = np.broadcast_to(error, distance.shape)
    surely = (exists & (distance + off <= radius_m)).any(axis=1)
    possibly = (exists & (np.where(exists, distance, 0.0) - off <= radius_m)).any(axis=1)
    return covered_by(
        reaching > 0,
        demand_weight=weight,
        surely=surely,
        possibly=possibly,
        reaching=reaching,
        groups=groups,
    )


def covered_by(
    covered_mask: ArrayLike,
    *,
    demand_weight: ArrayLike,
    surely: ArrayLike | None = None,
    possibly: ArrayLike | None = None,
    reaching: ArrayLike | None = None,
    groups: Labels | None = None,
) -> Coverage:
    """Sum up demand points (n,) already told inside or outside, for instance by a drawn polygon.

    `surely` and `possibly` (None: as `covered_mask`) give the interval, `reaching` (None: 1 where
    covered) the overlap. Raises `CostMatrixError` where lengths differ, and for weights that are
    negative or not finite.
    """
    mask = np.asarray(covered_mask, dtype=np.bool_)
    weight = np.asarray(demand_weight, dtype=np.float64)
    least = mask if surely is None else np.asarray(surely, dtype=np.bool_)
    most = mask if possibly is None else np.asarray(possibly, dtype=np.bool_)
    number = (mask if reaching is None else np.asarray(reaching)).astype(np.int64)
    labels = ["all"] * len(mask) if groups is None else list(groups)
    faults = _length_faults(
        len(mask), demand_weight=weight, surely=least, possibly=most, reaching=number, groups=labels
    )
    faults += _weight_faults(weight)
    if faults:
        raise _error(faults)
    covered, total = math.fsum(weight[mask]), math.fsum(weight)
    return Coverage(
        share=_share(covered, total),
        covered=covered,
        uncovered=math.fsum(weight[~mask]),
        low_share=_share(math.fsum(weight[least]), total),
        high_share=_share(math.fsum(weight[most]), total),
        by_group=_by_group(labels, weight, mask),
        covered_mask=mask,
        reaching=number,
        overlap=math.fsum(weight[number > 1]),
    )


def _share(part: float, total: float) -> float:
    return part / total if total else float("nan")


def _is_missing(label: object) -> bool:
    is_nan = isinstance(label, float) and math.isnan(label)
    return label is None or label is pd.NA or label is pd.NaT or is_nan


def _by_group(labels: list[Hashable], weight: Floats, mask: Mask) -> pd.DataFrame:
    keys = [None if _is_missing(label) else label for label in labels]
    names = list(dict.fromkeys(keys))
    place = {name: g for g, name in enumerate(names)}
    member = np.array([place[key] for key in keys], dtype=np.int64)
    covered = np.bincount(member[mask], weights=weight[mask], minlength=len(names))
    uncovered = np.bincount(member[~mask], weights=weight[~mask], minlength=len(names))
    share = [_share(c, c + u) for c, u in zip(covered, uncovered, strict=True)]
    table = pd.DataFrame({"share": share, "covered": covered, "uncovered": uncovered})
    table.insert(0, "group", pd.Series(names, dtype=object))
    return table


def _require_sound(distance: Floats, weight: Floats, error: Floats, radius_m: float) -> None:
    if distance.ndim != 2:
        raise _error([Fault(None, "distance_m", f"of shape {distance.shape}", "(points, places)")])
    faults = []
    if not (np.isfinite(radius_m) and radius_m > 0.0):
        faults.append(Fault(None, "radius_m", radius_m, "a finite number of metres above 0"))
    if weight.shape != distance.shape[:1]:
        shape = f"of shape {weight.shape}"
        faults.append(Fault(None, "demand_weight", shape, f"one for each of {len(distance)} rows"))
    faults += _weight_faults(weight)
    try:
        np.broadcast_to(error, distance.shape)
    except ValueError:
        shape = f"of shape {error.shape}"
        faults.append(Fault(None, "distance_error_m", shape, f"a shape for {distance.shape}"))
    for field, values in (("distance_m", distance), ("distance_error_m", error)):
        faults += [
            Fault(", ".join(map(str, at)), field, float(values[tuple(at)]), "0 m or more")
            for at in np.argwhere(~(values >= 0.0))
        ]
    if faults:
        raise _error(faults)


def _weight_faults(weight: Floats) -> list[Fault]:
    return [
        Fault(int(i), "demand_weight", float(weight.flat[i]), "a finite number of 0 or more")
        for i in np.flatnonzero(~(np.isfinite(weight) & (weight >= 0.0)))
    ]


def _length_faults(rows: int, **parts: NDArray[np.generic] | list[Hashable]) -> list[Fault]:
    return [
        Fault(None, field, f"{len(values)} long", f"one for each of {rows} points")
        for field, values in parts.items()
        if len(values) != rows
    ]


def _error(faults: list[Fault]) -> CostMatrixError:
    first = faults[0]
    place = f"{first.field}" if first.row is None else f"{first.field}[{first.row}]"
    return CostMatrixError(
        f"coverage cannot be measured: {len(faults)} fault(s), the first: {place} is "
        f"{first.value}, expected {first.expected}; correct them",
        f"无法计算覆盖：输入有 {len(faults)} 处错误，首个：{place} 为 {first.value}，"
        f"应为 {first.expected}；请更正",
        faults,
    )
