"""Scenarios as text: YAML read within bounds, mappings written as YAML, a copy under a new name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from geo.errors import Fault, ScenarioError
from geo.sentence import Sentence

MOST_BYTES = 1_000_000
"""No scenario is longer: a hundred times what ships."""

MOST_LEVELS = 64
"""No scenario nests deeper; libyaml's composer crashes the process far beyond."""

LONGEST_VALUE = 20_000
"""No single text or number of a scenario has more characters."""

MOST_VALUES = 20_000
"""No scenario has more keys and values together: twenty times what ships."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read_text(path: Path) -> str:
    """Read the text of a scenario file, no more than `MOST_BYTES`; raises `ScenarioError`."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8") if len(content) <= MOST_BYTES else None
    except OSError as error:
        raise ScenarioError(
            f"scenario file {path} cannot be read ({error.strerror}); give the path of a .yaml "
            "file",
            f"无法读取方案文件 {path}（{error.strerror}）；请给出 .yaml 文件的路径",
        ) from error
    except UnicodeDecodeError as error:
        raise _not_yaml(path.name, error) from error
    if text is None:
        raise _too_long(path.name)
    return text.removeprefix("\ufeff")


def read_mapping(text: str, *, origin: str) -> object:
    """Read YAML as plain values; `origin` names it in messages.

    Raises `ScenarioError` for what is no YAML, goes beyond `MOST_BYTES`, `MOST_LEVELS`,
    `MOST_VALUES` or `LONGEST_VALUE`, has an alias (a few of them stand for any amount of text), or
    a key twice in one place (of which YAML would silently drop the first).
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _too_long(origin)
    try:
        wild = _first_wild(text)
        value, twice = (None, []) if wild else _built(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise _not_yaml(origin, error) from error
    if wild:
        raise ScenarioError(f"scenario {origin}, {wild.en}", f"方案 {origin} {wild.zh}")
    if twice:
        raise _written_twice(origin, twice)
    return value


def write_mapping(mapping: Mapping[str, Any], *, origin: str) -> str:
    """Write a mapping as the YAML text of a scenario, keys in their order, days as text.

    Raises `ScenarioError` where it goes beyond `MOST_LEVELS`, `MOST_VALUES` or `MOST_BYTES`.
    """
    levels, values = _extent(mapping)
    if levels > MOST_LEVELS:
        raise ScenarioError(
            f"scenario {origin} nests deeper than {MOST_LEVELS} levels; write it flatter",
            f"方案 {origin} 的层数超过 {MOST_LEVELS}；请减少嵌套",
        )
    if values > MOST_VALUES:
        many = _too_many(None)
        raise ScenarioError(f"scenario {origin} has {many.en}", f"方案 {origin} 有{many.zh}")
    plain = json.dumps(mapping, ensure_ascii=False, default=str)
    if len(plain.encode("utf-8", "replace")) > MOST_BYTES:
        raise _too_long(origin)
    text: str = yaml.dump(
        json.loads(plain),  # nothing shared: PyYAML would write it once, and then aliases
        Dumper=_DUMPER,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
    return text


def renamed(text: str, *, name: str, title: Sentence | None = None, origin: str) -> str:
    """The text of a scenario under another id, and with another title where one is given.

    Comments and layout stay wherever the id and title can be replaced in place. Raises
    `ScenarioError` for a text that is no mapping.
    """
    mapping = read_mapping(text, origin=origin)
    if not isinstance(mapping, dict):
        raise ScenarioError(
            f"scenario {origin} is no mapping of keys to values",
            f"方案 {origin} 不是由键与值组成的",
        )
    changes: dict[str, Any] = {"id": name}
    if title is not None:
        changes["title"] = {"zh": title.zh, "en": title.en}
    wanted = {**mapping, **changes}
    try:
        replaced = _replaced(text, changes)
        if read_mapping(replaced, origin=origin) == wanted:
            return replaced
    except ScenarioError:
        pass  # the layout does not allow it: written anew, without its comments
    return write_mapping(wanted, origin=origin)


def _first_wild(text: str) -> Sentence | None:
    """What makes a text no scenario before anything is built from it, in words."""
    level = values = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            return Sentence(
                f"第 {line} 行：别名 *{event.anchor} 不可用，请把内容写全",
                f"line {line}: the alias *{event.anchor} is not allowed; write out what it "
                "stands for",
            )
        values += isinstance(event, yaml.ScalarEvent)
        if values > MOST_VALUES:
            return _too_many(line)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_VALUE:
            return Sentence(
                f"第 {line} 行：一个值超过 {LONGEST_VALUE:,} 个字符，请缩短",
                f"line {line}: a value of more than {LONGEST_VALUE:,} characters; shorten it",
            )
        level += isinstance(event, yaml.CollectionStartEvent)
        level -= isinstance(event, yaml.CollectionEndEvent)
        if level > MOST_LEVELS:
            return Sentence(
                f"第 {line} 行：层数超过 {MOST_LEVELS}，请减少嵌套",
                f"line {line}: nested deeper than {MOST_LEVELS} levels; write it flatter",
            )
    return None


def _built(text: str) -> tuple[object, list[Fault]]:
    """The value of a YAML document, and a fault for every key that stands twice in one place."""
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, []
        return loader.construct_document(node), _twice(node)
    finally:
        loader.dispose()


def _twice(root: yaml.Node) -> list[Fault]:
    """A fault for every key that stands a second time in one place, in the order of lines."""
    once = Sentence("只写一次", "given once")
    found: list[tuple[int, str, str]] = []
    nodes: list[tuple[str, yaml.Node]] = [("", root)]
    while nodes:
        place, node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        found.append((_line(key), f"{place}{key.value}", key.value))
                    seen.add(key.value)
                    nodes.append((f"{place}{key.value}.", value))
        elif isinstance(node, yaml.SequenceNode):
            nodes += [(f"{place}{i}.", value) for i, value in enumerate(node.value)]
    return [Fault.stating(line, place, name, once) for line, place, name in sorted(found)]


def _line(part: Any) -> int:
    return int(part.start_mark.line) + 1


def _replaced(text: str, changes: Mapping[str, Any]) -> str:
    """The text with the values of some keys of its top level written anew, each on one line."""
    root: Any = yaml.compose(text, Loader=_LOADER)
    spans = [
        (value.start_mark.index, _end(value), _on_one_line(changes[key.value]))
        for key, value in root.value
        if key.value in changes
    ]
    for start, end, written in sorted(spans, reverse=True):
        text = f"{text[:start]}{written}{text[end:]}"
    return text


def _on_one_line(value: object) -> str:
    text: str = yaml.dump(
        value,
        Dumper=_DUMPER,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=True,
        width=MOST_BYTES,
    )
    return text.removesuffix("...\n").rstrip("\n")


def _end(node: Any) -> int:
    """Where a value ends; a block of keys ends with its last value, not with the next line."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    return int(node.end_mark.index)


def _extent(value: object) -> tuple[int, int]:
    """How deep mappings and lists nest and how many keys and values they hold.

    Counted no further than to see that one of them is beyond its bound.
    """
    deepest, values, inside = 0, 0, [(1, value)]
    while inside and deepest <= MOST_LEVELS and values <= MOST_VALUES:
        level, one = inside.pop()
        if isinstance(one, Mapping | list):
            deepest = max(deepest, level)
            values += len(one) if isinstance(one, Mapping) else 0
            parts = one.values() if isinstance(one, Mapping) else one
            inside += [(level + 1, part) for part in parts]
        else:
            values += 1
    return deepest, values


def _too_many(line: int | None) -> Sentence:
    en, zh = ("", "") if line is None else (f"line {line}: ", f"第 {line} 行：")
    return Sentence(
        f"{zh}超过 {MOST_VALUES:,} 个键与值；方案只写声明，不放数据",
        f"{en}more than {MOST_VALUES:,} keys and values; a scenario holds declarations, not data",
    )


def _too_long(origin: str) -> ScenarioError:
    return ScenarioError(
        f"scenario {origin} is longer than 1 MB ({MOST_BYTES:,} bytes); a scenario holds "
        "declarations, not data",
        f"方案 {origin} 超过 1 MB（{MOST_BYTES:,} 字节）；方案只写声明，不放数据",
    )


def _not_yaml(origin: str, error: Exception) -> ScenarioError:
    place = " ".join(str(error).split())
    return ScenarioError(
        f"scenario {origin} is not YAML in UTF-8: {place}",
        f"方案 {origin} 不是 UTF-8 编码的 YAML：{place}",
    )


def _written_twice(origin: str, faults: list[Fault]) -> ScenarioError:
    en = ", ".join(f"{fault.field} (line {fault.row})" for fault in faults)
    zh = "、".join(f"{fault.field}（第 {fault.row} 行）" for fault in faults)
    return ScenarioError(
        f"scenario {origin} has keys more than once: {en}; keep one of each",
        f"方案 {origin} 有重复的键：{zh}；请各留一个",
        faults,
    )
