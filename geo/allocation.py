"""A known total spread over members whose own figures are not known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.errors import Fault, InfeasibleError, WeightsError

_ROUNDING = 1e-9


def spread(
    total: float,
    proxy: ArrayLike,
    *,
    fixed: ArrayLike | None = None,
    cap: ArrayLike | None = None,
) -> Floats:
    """Spread `total` over n members in proportion to `proxy`, in the unit of the total: (n,).

    `proxy` is finite and 0 or more where a member is free. `fixed` holds members at a known value
    (NaN: free), whatever the cap says. No free member gets more than `cap` (one number or (n,);
    NaN or `inf`: no cap): what is above goes to the others, again in proportion ("water-filling":
    every free member has min(cap, level × proxy) with one level). A free member of proxy 0 gets 0.
    `math.fsum` of the result is `total` to the last digit, unless caps leave no member to adjust.

    Raises `WeightsError` for values that are negative or missing, all faults at once, and
    `InfeasibleError` where the fixed values exceed the total, or the rest finds no room.
    """
    share, held, most = _checked(total, proxy, fixed, cap)
    result = np.where(np.isnan(held), 0.0, held)
    free = np.isnan(held)
    rest = total - math.fsum(result)
    _require_room(total, rest, free, np.where(share > 0.0, most, 0.0))
    if not free.any() or rest <= 0.0:
        return result
    result[free] = _filled(rest, share[free], most[free])
    below = np.flatnonzero(free & (result < most) & (share > 0.0))
    return _summing_to(total, result, below[np.argsort(-result[below], kind="stable")])


def _summing_to(total: float, values: Floats, adjustable: NDArray[np.int64]) -> Floats:
    """Put what rounding left over on the adjustable values, in their order, until none is left."""
    result = values.copy()
    for member in adjustable:
        left = total - math.fsum(result)
        if left == 0.0:
            break
        result[member] += left
    return result


def _filled(rest: float, share: Floats, most: Floats) -> Floats:
    """Raise one level until the members' min(most, level × share) add up to `rest`."""
    result = np.zeros(len(share))
    rising = share > 0.0
    while rising.any():
        level = rest / share[rising].sum()
        full = rising & (share * level >= most)
        if not full.any():
            result[rising] = share[rising] * level
            break
        result[full] = most[full]
        rest -= float(most[full].sum())
        rising &= ~full
    return result


def _checked(
    total: float, proxy: ArrayLike, fixed: ArrayLike | None, cap: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    share = np.atleast_1d(np.asarray(proxy, dtype=np.float64))
    n = len(share)
    held = np.full(n, np.nan) if fixed is None else np.asarray(fixed, dtype=np.float64)
    most = np.asarray(np.inf if cap is None else cap, dtype=np.float64)
    most = np.where(np.isnan(most), np.inf, most)
    faults = []
    if not (math.isfinite(total) and total >= 0.0):
        faults.append(Fault(None, "total", total, "a finite number of 0 or more"))
    for field, values in (("fixed", held), ("cap", most)):
        if values.shape != (n,) and (field == "fixed" or values.ndim):
            shape = f"of shape {values.shape}"
            faults.append(Fault(None, field, shape, f"one value for each of {n} members"))
    if not any(fault.field in ("fixed", "cap") for fault in faults):
        most = np.broadcast_to(most, n)
        faults += _value_faults(share, held, most)
    _raise(faults)
    return share, held, most


def _value_faults(share: Floats, held: Floats, most: Floats) -> list[Fault]:
    free = np.isnan(held)
    sound = (
        ("proxy", share, ~free | (np.isfinite(share) & (share >= 0.0))),
        ("fixed", held, free | (np.isfinite(held) & (held >= 0.0))),
        ("cap", most, most >= 0.0),
    )
    return [
        Fault(int(i), field, float(values[i]), "a finite number of 0 or more")
        for field, values, good in sound
        for i in np.flatnonzero(~good)
    ]


def _raise(faults: list[Fault]) -> None:
    if not faults:
        return
    first = faults[0]
    place = f"{first.field}" if first.row is None else f"{first.field}[{first.row}]"
    raise WeightsError(
        f"a total cannot be spread: {len(faults)} fault(s), the first: {place} is {first.value}, "
        f"expected {first.expected}; correct them",
        f"无法分摊总量：输入有 {len(faults)} 处错误，首个：{place} 为 {first.value}，"
        f"应为 {first.expected}；请更正",
        faults,
    )


def _require_room(total: float, rest: float, free: NDArray[np.bool_], room: Floats) -> None:
    """Raise `InfeasibleError` unless `rest` fits into the free members' `room`."""
    tolerance = _ROUNDING * total
    fixed = total - rest
    if rest < -tolerance:
        raise InfeasibleError(
            f"the fixed values add up to {fixed:g}, more than the total of {total:g}; "
            "lower them or raise the total",
            f"固定值合计 {fixed:g}，超过总量 {total:g}；请调低固定值或调高总量",
        )
    if not free.any() and rest > tolerance:
        raise InfeasibleError(
            f"all members are fixed and add up to {fixed:g}, less than the total of {total:g}; "
            "free a member or lower the total",
            f"所有成员均为固定值，合计 {fixed:g}，小于总量 {total:g}；请放开一个成员或调低总量",
        )
    largest = float(room[free].sum())
    if rest > largest + tolerance:
        raise InfeasibleError(
            f"{rest:g} is left to spread, but caps and proxies leave room for {largest:g}; "
            "raise the caps, or give more members a proxy above 0",
            f"尚余 {rest:g} 待分摊，而上限与代理值只容得下 {largest:g}；"
            "请提高上限，或为更多成员给出大于 0 的代理值",
        )
