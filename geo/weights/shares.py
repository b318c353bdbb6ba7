"""Shares of criteria from any numbers, and a planner's own in the place of some; sum 1."""

from __future__ import annotations

import math
from collections.abc import Mapping

from geo.errors import Fault, WeightsError


def normalise(weights: Mapping[str, float]) -> dict[str, float]:
    """Divide by the sum, added in the order given.

    Raises `WeightsError`, all faults at once, where a weight is negative or not a finite number,
    or where all are zero.
    """
    faults = [
        Fault(
            row=None,
            field=name,
            value=weight,
            expected="a finite number >= 0",
            expected_zh="不小于 0 的有限数",
        )
        for name, weight in weights.items()
        if not math.isfinite(weight) or weight < 0
    ]
    if faults:
        listed = ", ".join(f"{fault.field}={fault.value}" for fault in faults)
        raise WeightsError(
            f"weights must be finite and not negative; got {listed}",
            f"权重必须是不小于零的有限数；收到 {listed}",
            faults,
        )
    total = 0.0
    for weight in weights.values():
        total += weight
    if total <= 0.0:
        raise WeightsError(
            "all weights are zero; give at least one criterion a positive weight",
            "所有权重都为零；请至少给一项准则正的权重",
        )
    if not math.isfinite(total):
        raise WeightsError(
            f"the weights add up to more than a number can hold; give smaller ones, got "
            f"{', '.join(f'{name}={weight:g}' for name, weight in weights.items())}",
            "权重之和超出数值范围；请用较小的数，收到 "
            f"{'、'.join(f'{name}={weight:g}' for name, weight in weights.items())}",
        )
    return {name: weight / total for name, weight in weights.items()}


def override(defaults: Mapping[str, float], changes: Mapping[str, float]) -> dict[str, float]:
    """Put a planner's numbers in the place of the defaults and bring the sum back to 1.

    Criteria that are not named keep their default number before the division. Raises
    `WeightsError` for an unknown criterion, naming those that exist, and as `normalise` does.
    """
    unknown = [name for name in changes if name not in defaults]
    if unknown:
        raise WeightsError(
            f"unknown criterion {', '.join(unknown)}; this scenario has {', '.join(defaults)}",
            f"没有准则 {'、'.join(unknown)}；本方案的准则有 {'、'.join(defaults)}",
        )
    return normalise({name: float(changes.get(name, weight)) for name, weight in defaults.items()})
