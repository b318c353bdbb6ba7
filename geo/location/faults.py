"""All faults of a question in one error."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import CostMatrixError, Fault

_SHOWN = 5


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
