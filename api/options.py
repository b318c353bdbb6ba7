"""Options of a run as they are typed on a command line: weights, draws of weights, pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationError

from api.models.base import Shape
from api.refusals import refusal
from geo.errors import Fault, OuzhiError, ScenarioError, WeightsError
from geo.sentence import Lang, Sentence

Value = TypeVar("Value")
Options = TypeVar("Options", bound=Shape)


def parse_weights(text: str | None) -> dict[str, float]:
    """Read `criterion=number,…`; raises `WeightsError` with every part that is not so written."""
    return _named(text or "", float, _of_weights("数值", "number"))


def parse_names(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """Read `name,name`, given once or several times; `none` is no name at all, None no option."""
    if texts is None:
        return None
    names = [part.strip() for text in texts for part in text.split(",")]
    return tuple(name for name in names if name and name not in ("none", "无"))


def parse_numbers(
    texts: Sequence[str] | None, option: str, value: Sentence
) -> dict[str, float] | None:
    """Read `name=number,…` of an option, given once or several times, None where it is not given.

    Raises `ScenarioError` with every part that is not so written.
    """
    if texts is None:
        return None
    form = _Form(Sentence(f"{option} ", option), Sentence("名称", "name"), value, ScenarioError)
    return _named(",".join(texts), float, form)


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
            return {
                "kind": kind,
                "intervals": _named(rest, _ends, _of_weights("下界..上界", "low..high")),
            }
        case "importance":
            return {"kind": kind, "importance": _named(rest, int, _of_weights("次序", "rank"))}
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


@dataclass(frozen=True, slots=True)
class _Form:
    """How an option of names and values is written, and the error where it is not."""

    option: Sentence
    name: Sentence
    value: Sentence
    error: type[OuzhiError]

    def of(self, lang: Lang) -> str:
        """One part, as it should be."""
        return f"{self.name.of(lang)}={self.value.of(lang)}"


def _of_weights(zh: str, en: str) -> _Form:
    names = Sentence("准则", "criterion")
    return _Form(Sentence("权重", "weights"), names, Sentence(zh, en), WeightsError)


def _named(text: str, read: Callable[[str], Value], form: _Form) -> dict[str, Value]:
    """Read `name=value,…`; raises the form's error with every part that is not so written."""
    found: dict[str, Value] = {}
    faults = []
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        try:
            found[name.strip()] = read(value)
        except ValueError:
            faults.append(Fault(None, name.strip(), part, form.of("en"), form.of("zh")))
    if faults:
        listed = ", ".join(str(fault.value) for fault in faults)
        raise form.error(
            f"{form.option.en} are written {form.of('en')},{form.of('en')}; cannot read {listed}",
            f"{form.option.zh}应写成 {form.of('zh')},{form.of('zh')}；无法识别 {listed}",
            faults,
        )
    return found


def _ends(text: str) -> tuple[float, float]:
    low, _, high = text.partition("..")
    return float(low), float(high)
