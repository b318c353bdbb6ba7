"""What a shape refuses, in words: the faults that pydantic finds in a request, as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from geo.errors import Fault, OuzhiError
from geo.sentence import Sentence

_LONGEST = 80
_CHOICE = re.compile(r"'([^']*)'")
_NUMBER = Sentence(zh="数字", en="a number")
_WHOLE = Sentence(zh="整数", en="a whole number")
_OBJECT = Sentence(zh="一个 JSON 对象", en="a JSON object")
_EXPECTED = {
    "missing": Sentence(zh="必填的值", en="a value, which is required"),
    "extra_forbidden": Sentence(
        zh="已知的键；此键未知，请删去或检查拼写",
        en="a known key; this one is unknown, remove it or check its spelling",
    ),
    "json_invalid": Sentence(zh="合法的 JSON（{error}）", en="valid JSON ({error})"),
    "greater_than": Sentence(zh="大于 {gt:g} 的数", en="a number above {gt:g}"),
    "greater_than_equal": Sentence(zh="不小于 {ge:g} 的数", en="a number of {ge:g} or more"),
    "less_than_equal": Sentence(zh="不大于 {le:g} 的数", en="a number of {le:g} or less"),
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "string_type": Sentence(zh="文字", en="text"),
    "literal_error": Sentence(zh=" {choices} 之一", en="one of {choices}"),
    "dict_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "day": Sentence(zh="日期，写作 2023-01-01", en="a day, written 2023-01-01"),
}
_NAMELESS = {
    "missing": Sentence(zh="空", en="not given"),
    "json_invalid": Sentence(zh="无法识别的文字", en="not readable"),
}
_UNION = ("str", "dict[str,any]")
_AS_JSON = Sentence(
    zh="请求头 Content-Type 为 application/json 的 JSON 正文",
    en="a JSON body with the header Content-Type: application/json",
)


class BodyError(OuzhiError):
    """A query or a body does not have the shape that the API says."""


def refusal(errors: Sequence[Any]) -> BodyError:
    """One error with every fault: where it stands, its value, what was expected."""
    faults = list(_merged(errors))
    place, value, expected = faults[0]
    more = len(faults) - 1
    return BodyError(
        f"{place} is {value.en}, expected {expected.en}{f' (and {more} more)' if more else ''}",
        f"{place} 为{value.zh.rstrip()}，应为{expected.zh}{f'（另有 {more} 处）' if more else ''}",
        [Fault.stating(None, place, value.en, expected) for place, value, expected in faults],
    )


def _merged(errors: Iterable[Any]) -> Iterable[tuple[str, Sentence, Sentence]]:
    """Faults by place; what the members of a union expect is joined by "or"."""
    found: dict[str, tuple[Sentence, Sentence]] = {}
    for item in errors:
        place, value, expected = _place(item), _value(item), _expected(item)
        before = found[place][1] if place in found else expected
        if before != expected:
            expected = Sentence(f"{before.zh}或{expected.zh}", f"{before.en} or {expected.en}")
        found[place] = (value, expected)
    return [(place, value, expected) for place, (value, expected) in found.items()]


def _place(item: Any) -> str:
    """`body.weights.area`, without the name of a type that a union adds."""
    parts = [str(part) for part in item["loc"]]
    if item["type"] == "json_invalid":
        return parts[0]
    of_union = item["type"] in ("string_type", "dict_type") and parts[-1] in _UNION
    return ".".join(parts[:-1] if of_union else parts)


def _value(item: Any) -> Sentence:
    if item["type"] in _NAMELESS:
        return _NAMELESS[item["type"]]
    value = item.get("input")
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return Sentence(zh=f" {shown} ", en=shown)


def _expected(item: Any) -> Sentence:
    if isinstance(item.get("input"), bytes):
        return _AS_JSON
    known = _EXPECTED.get(item["type"])
    if known is None:
        return Sentence(zh=str(item["msg"]), en=str(item["msg"]))
    context = dict(item.get("ctx") or {})
    choices = _CHOICE.findall(str(context.get("expected", "")))
    return Sentence(
        zh=known.zh.format(**context, choices="、".join(choices)),
        en=known.en.format(**context, choices=", ".join(choices)),
    )
