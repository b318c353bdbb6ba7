"""Weights that a planner states in points: direct rating and swing."""

from __future__ import annotations

from collections.abc import Mapping

from geo.errors import Fault, WeightsError
from geo.weights.shares import normalise

BEST_SWING = 100.0
"""Points of the swing that matters most."""


def direct(points: Mapping[str, float]) -> dict[str, float]:
    """Share out points given directly to each criterion, in the order given; 0 is allowed.

    Raises `WeightsError` as `normalise` does.
    """
    return normalise(points)


def swing(points: Mapping[str, float]) -> dict[str, float]:
    """Swing weights (von Winterfeldt & Edwards 1986, ch. 8).

    The criterion whose swing from its worst to its best level matters most gets 100 points, every
    other its part of that, 0 to 100. Raises `WeightsError`, all faults at once, where a number of
    points is outside 0 to 100 or not finite, and where no criterion has 100.
    """
    faults = [
        Fault(None, name, value, "0 to 100 points", "0 至 100 分")
        for name, value in points.items()
        if not 0.0 <= value <= BEST_SWING
    ]
    if not faults and BEST_SWING not in points.values():
        most = max(points.values(), default=0.0)
        wanted, wanted_zh = "100 points for the swing that matters most", "最重要的摆幅计 100 分"
        faults.append(Fault(None, None, most, wanted, wanted_zh))
    if faults:
        listed, listed_zh = (
            ", ".join(f"{fault.field or most}={fault.value}" for fault in faults)
            for most in ("most points", "最高分")
        )
        raise WeightsError(
            "swing weights go from 0 to 100, and the swing that matters most has 100; got "
            f"{listed}",
            f"摆幅权重应在 0 至 100 之间，最重要的摆幅计 100 分；收到 {listed_zh}",
            faults,
        )
    return normalise(points)
