"""Options of a run as they are typed on a command line: weights, draws of weights, pairs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationError

from api.models.base import Shape
from api.refusals import refusal
from geo.errors import Fault, ScenarioError, WeightsError

Value = TypeVar("Value")
Options = TypeVar("Options", bound=Shape)


def parse_weights(text: str | None) -> dict[str, float]:
    """Read `criterion=number,…`; raises `WeightsError` with every part that is not so written."""
    return _named(text or "", float, "number", "数值")


def parse_weight_draws(text: str) -> dict[str, Any]:
    """Read what weights are drawn from, as a scenario declares it.

    `uniform`, `fixed`, `declared` or `declared:CONCENTRATION`, `intervals:area=0.1..0.3,…`,
    `importance:area=1,…`. Raises `WeightsError` for anything else.
    """
    kind, colon, rest = text.partition(":")
    match kind:
        case "uniform" | "fixed" | "declared" if not colon:
            return {"kind": kind}
        case "declared":
            return {"kind": kind, "concentration": rest}
        case "intervals":
            return {"kind": kind, "intervals": _named(rest, _ends, "low..high", "下界..上界")}
        case "importance":
            return {"kind": kind, "importance": _named(rest, int, "rank", "次序")}
    known = "uniform, fixed, declared:100, intervals:area=0.1..0.3, importance:area=1"
    raise WeightsError(
        f"{text!r} does not say what weights are drawn from; write {known}",
        f"{text!r} 没有说明权重怎样抽取；可写 {known}",
    )


def parse_pair(text: str) -> dict[str, str | None]:
    """Read `B` or `B:A`: what would put B ahead of A, of the leader where A is left out."""
    ahead, _, behind = text.partition(":")
    return {"ahead": ahead, "behind": behind or None}


def parse_comparison(
    scenario: str | None, weights: str | None, method: str | None
) -> dict[str, Any] | None:
    """What to compare with; raises `ScenarioError` for settings of no scenario."""
    if scenario is None:
        if weights is not None or method is not None:
            raise ScenarioError(
                "--compare-weights and --compare-method belong to --compare SCENARIO; name it",
                "--compare-weights 与 --compare-method 须与 --compare 方案 同用；请写明方案",
            )
        return None
    return {"scenario": scenario, "weights": parse_weights(weights) or None, "method": method}


def options_of(shape: type[Options], **given: Any) -> Options:
    """Build the options of a run; raises one error with every value that cannot be used."""
    try:
        return shape(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise refusal(error.errors()) from error


def parse_day(text: str | None) -> date | None:
    """Read a day, written 2023-01-01; raises `ScenarioError` for anything else."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(
            f"{text!r} is not a day; write it as 2023-01-01",
            f"{text!r} 不是日期；请写成 2023-01-01",
        ) from error


def _named(text: str, read: Callable[[str], Value], form: str, form_zh: str) -> dict[str, Value]:
    """Read `name=value,…`; raises `WeightsError` with every part that is not so written."""
    found: dict[str, Value] = {}
    faults = []
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        try:
            found[name.strip()] = read(value)
        except ValueError:
            expected = f"criterion={form}"
            faults.append(Fault(None, name.strip(), part, expected, f"准则={form_zh}"))
    if faults:
        listed = ", ".join(str(fault.value) for fault in faults)
        raise WeightsError(
            f"weights are written criterion={form},criterion={form}; cannot read {listed}",
            f"权重应写成 准则={form_zh},准则={form_zh}；无法识别 {listed}",
            faults,
        )
    return found


def _ends(text: str) -> tuple[float, float]:
    low, _, high = text.partition("..")
    return float(low), float(high)
