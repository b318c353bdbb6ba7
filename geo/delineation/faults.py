"""All faults of a zone question in one error."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import Fault, OuzhiError

_SHOWN = 5


class ZoneError(OuzhiError):
    """Units, their values, areas or neighbours, or the limits of a zone are not as they must be."""


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Raise one `ZoneError` that names every fault, if there are any."""
    if not faults:
        return
    listed = "; ".join(_described(fault, "en") for fault in faults[:_SHOWN])
    listed_zh = "；".join(_described(fault, "zh") for fault in faults[:_SHOWN])
    left = len(faults) - _SHOWN
    more = f"; and {left} more" if left > 0 else ""
    more_zh = f"；另有 {left} 处" if left > 0 else ""
    raise ZoneError(
        f"the zone question has {len(faults)} fault(s): {listed}{more}; correct them",
        f"划定范围的输入有 {len(faults)} 处错误：{listed_zh}{more_zh}；请更正",
        faults,
    )


def _described(fault: Fault, lang: str) -> str:
    place = fault.field if fault.row is None else f"{fault.field}[{fault.row}]"
    if lang == "zh":
        return f"{place} 为 {fault.value}，应为 {fault.expected_of('zh')}"
    return f"{place} is {fault.value}, expected {fault.expected}"
