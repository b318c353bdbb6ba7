"""Scenarios from mappings: built whole, or refused with every fault and its place."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from geo.errors import Fault, ScenarioError
from geo.scenario.location import AllocationScenario, LocationScenario
from geo.scenario.siting import SitingScenario
from geo.sentence import Sentence

Scenario = SitingScenario | LocationScenario | AllocationScenario
_ADAPTER: TypeAdapter[Scenario] = TypeAdapter(
    Annotated[Scenario, Field(discriminator="kind")], config=ConfigDict(extra="forbid")
)


def parse_scenario(mapping: object, *, origin: str) -> Scenario:
    """Build a scenario from a mapping; `origin` names it in messages.

    Raises `ScenarioError` with every fault and its place (``groups.0.criteria.1.unit``).
    """
    try:
        return _ADAPTER.validate_python(mapping)
    except ValidationError as error:
        found = [(_place(item), _value(item), _expected(item)) for item in error.errors()]
    raise ScenarioError(
        f"scenario {origin} has {len(found)} fault(s): "
        f"{'; '.join(f'{place}: {expected.en}' for place, _, expected in found)}",
        f"方案 {origin} 有 {len(found)} 处错误："
        f"{'；'.join(f'{place}：{expected.zh}' for place, _, expected in found)}",
        [Fault.stating(None, place, value, expected) for place, value, expected in found],
    )


_TAGGED = {"value", "weights", "weight_draws", "measure"}
"""Keys after which pydantic names the alternative it chose, which stands in no file."""

_FILTERS = {"filter", "demand_filter", "candidate_filter"}
"""Keys after whose fields pydantic does the same."""

_FILTER_LISTS = {"forced", "forbidden", "exclusive"}
"""Keys after whose places and fields it does."""


def _place(item: Any) -> str:
    parts = [str(part) for part in item["loc"][1:]]
    kept = [
        part
        for i, part in enumerate(parts)
        if not (i > 0 and parts[i - 1] in _TAGGED)
        and not (i > 1 and parts[i - 2] in _FILTERS)
        and not (i > 2 and parts[i - 3] in _FILTER_LISTS)
    ]
    return ".".join(kept) or "(top)"


def _value(item: Any) -> object:
    """What stands at a place; nothing where the key itself is missing."""
    return None if item["type"] == "missing" else item["input"]


_NUMBER, _WHOLE, _DAY = "应为数值", "应为整数", "应为日期，写作 2023-01-01"
_EXPECTED_ZH = {
    "missing": "缺少此键",
    "extra_forbidden": "未知的键，请删去或检查拼写",
    "literal_error": "应为 {expected}",
    "union_tag_invalid": "{discriminator} 应为 {expected_tags}",
    "union_tag_not_found": "缺少键 {discriminator}",
    "string_type": "应为文字",
    "string_pattern_mismatch": "应符合 {pattern}",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "too_long": "至多 {max_length} 项",
    "invalid_key": "键应为文字",
    "too_short": "至少要有 {min_length} 项",
    "greater_than": "应大于 {gt:g}",
    "greater_than_equal": "应不小于 {ge:g}",
    "less_than": "应小于 {lt:g}",
    "less_than_equal": "应不大于 {le:g}",
    "finite_number": "应为有限的数",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "model_type": "应为键与值",
    "model_attributes_type": "应为键与值",
    "dict_type": "应为键与值",
    "refused": "{zh}",
}


def _expected(item: Any) -> Sentence:
    """What was expected at a place, in words."""
    message = str(item["msg"])
    if item["type"] == "extra_forbidden":
        message = "unknown key, remove it or check its spelling"
    known = _EXPECTED_ZH.get(item["type"])
    context = {
        key: value.replace(" or ", "、") if key == "expected" else value
        for key, value in item.get("ctx", {}).items()
    }
    return Sentence(zh=known.format(**context) if known else message, en=message)
