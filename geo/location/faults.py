"""All faults of a question in one error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import CostMatrixError, Fault

_SHOWN = 5
_LONGEST = 60


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Raise one `CostMatrixError` that names every fault, if there are any."""
    if not faults:
        return
    listed = "; ".join(_described(fault) for fault in faults[:_SHOWN])
    listed_zh = "；".join(_described_zh(fault) for fault in faults[:_SHOWN])
    left = len(faults) - _SHOWN
    more = f"; and {left} more" if left > 0 else ""
    more_zh = f"；另有 {left} 处" if left > 0 else ""
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


def as_numbers(field: str, values: ArrayLike, faults: list[Fault]) -> Floats:
    """`values` as numbers; what is none (texts, ragged rows) is a fault and comes back empty."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(
            Fault(None, field, shortened(values), "numbers in regular rows", "行列整齐的数")
        )
        return np.zeros(0)


def shortened(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_whole(value: object) -> bool:
    """Whether it is an integer; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
