"""Scenarios on disk: those that ship, and a planner's own file with every fault it may have."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from geo.criteria import describe
from geo.errors import ScenarioError, UnknownScenarioError
from geo.scenario import HubScenario, SitingScenario
from layers.facts import data_directory
from layers.scenario_text import read_text
from layers.scenarios import read_location, read_scenario, read_siting, scenario_ids

IDS = [
    *("cloud-warehouses", "cold-chain", "cold-chain-hubs", "core-district", "core-zone"),
    *("county-clusters", "county-hubs", "ecommerce-parks", "forward-warehouses"),
    *("logistics-tiers", "pilots", "station-allocation", "transition-plants"),
]


def shipped(name: str) -> str:
    return (data_directory() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(name: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(name)
    return caught.value


def test_the_scenarios_ship_and_each_has_its_own_id() -> None:
    assert scenario_ids() == IDS
    assert [read_scenario(name).id for name in IDS] == IDS


@pytest.mark.parametrize("name", ["core-district", "core-zone"])
def test_the_core_zone_is_judged_in_the_four_groups_of_the_document(name: str) -> None:
    scenario = read_siting(name)
    titles = [group.title.zh for group in scenario.groups]
    assert titles == ["电商产业", "区位", "载体", "配套"]
    assert len(scenario.criteria) >= 10
    assert scenario.as_of.isoformat() == "2023-01-01"
    assert any(criterion.proxy_for for criterion in scenario.criteria)


@pytest.mark.parametrize("name", ["core-district", "core-zone"])
def test_every_criterion_has_a_sentence_in_both_languages(name: str) -> None:
    for criterion in read_siting(name).criteria:
        said = describe(criterion)
        assert criterion.unit.en in said.en
        assert criterion.unit.zh in said.zh
        assert said.zh.endswith("。")
        assert "。。" not in said.zh


def test_the_core_zone_has_the_district_as_its_first_stage() -> None:
    stage = read_siting("core-zone").first_stage
    assert stage is not None
    assert stage.scenario == read_siting("core-district")


def test_borrowed_thresholds_are_labelled_as_assumptions() -> None:
    rules = read_siting("core-zone").exclusions
    assert [rule.id for rule in rules] == ["under_100_mu", "primary_line"]
    for rule in rules:
        assert rule.assumption is not None
        assert rule.clause is not None
        assert "74" in rule.clause


def test_an_unknown_scenario_names_those_that_exist() -> None:
    with pytest.raises(UnknownScenarioError) as caught:
        read_scenario("core")
    assert f"choose {', '.join(IDS)}" in str(caught.value)
    assert "、".join(IDS) in caught.value.of("zh")


@pytest.mark.parametrize(
    "name",
    ["no-such-file.yaml", "/etc/passwd", "../core-zone", "", f"{'x' * 5000}.yaml", "a\0.yaml"],
)
def test_a_path_that_is_no_yaml_file_is_unknown(name: str) -> None:
    with pytest.raises(UnknownScenarioError, match=r"or give the path of a \.yaml file"):
        read_scenario(name)


def test_the_wrong_kind_names_the_command_to_use() -> None:
    with pytest.raises(ScenarioError, match="places facilities; run it with `ouzhi hubs county"):
        read_siting("county-hubs")
    with pytest.raises(ScenarioError, match="scores alternatives; run it with `ouzhi score core"):
        read_location("core-zone")
    with pytest.raises(ScenarioError, match="shares facilities out over areas and places none"):
        read_location("station-allocation")


@pytest.mark.parametrize("name", IDS)
def test_a_copy_of_a_shipped_file_is_read_the_same(name: str, tmp_path: Path) -> None:
    assert read_scenario(written(tmp_path, shipped(name))) == read_scenario(name)
    assert isinstance(read_scenario(name), SitingScenario | HubScenario)


def test_an_unknown_key_is_named_with_file_and_place(tmp_path: Path) -> None:
    text = shipped("core-zone").replace("        missing: exclude", "        mising: exclude")
    error = refused(written(tmp_path, text))
    assert "mine.yaml" in str(error)
    fields = {fault.field for fault in error.faults}
    assert fields == {"groups.2.criteria.0.mising", "groups.2.criteria.0.missing"}


@pytest.mark.parametrize(
    "text", ["[1, 2", "a: b: c", "\t- x", "{a: 2023-13-45}", "a: \x00", "- 1\n---\n- 2", "? [a]"]
)
def test_what_is_not_yaml_is_refused(text: str, tmp_path: Path) -> None:
    error = refused(written(tmp_path, text))
    assert "scenario mine.yaml is not YAML in UTF-8" in str(error)
    assert "不是 UTF-8 编码的 YAML" in error.of("zh")
    assert "\n" not in str(error)


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_bytes("标题: 核心区".encode("gbk"))
    assert "is not YAML in UTF-8" in str(refused(str(path)))


@pytest.mark.parametrize("text", ["", "just words", "- 1", "3", "null", "kind: siting"])
def test_yaml_that_is_no_scenario_is_refused(text: str, tmp_path: Path) -> None:
    error = refused(written(tmp_path, text))
    assert "scenario mine.yaml has" in str(error)
    assert error.faults


def test_yaml_never_makes_python_objects(tmp_path: Path) -> None:
    target = tmp_path / "made"
    text = f"kind: !!python/object/apply:pathlib.Path.touch [!!python/name:None '{target}']"
    assert "is not YAML" in str(refused(written(tmp_path, text)))
    assert not target.exists()


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in pairwise("abcdefghij"))


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (BOMB, "line 2: the alias *a is not allowed; write out what it", "第 2 行：别名 *a 不可用"),
        ("a: &x {b: *x}", "line 1: the alias *x is not allowed", "别名 *x 不可用"),
        ("[" * 500_000, "line 1: nested deeper than 64 levels", "第 1 行：层数超过 64"),
        ("{a: " * 200_000, "line 1: nested deeper than 64 levels", "第 1 行：层数超过 64"),
        ("\n".join(f"{' ' * i}a:" for i in range(70)), "line 65: nested deeper", "第 65 行：层数"),
        (f"a: {'9' * 20_001}", "a value of more than 20,000 characters", "超过 20,000 个字符"),
        (f"a: [{'1, ' * 20_000}]", "line 1: more than 20,000 keys and values", "超过 20,000 个键"),
        (f"a: [{'1, ' * 400_000}]", "is longer than 1 MB (1,000,000 bytes)", "超过 1 MB"),
        (f"标题: {'核' * 400_000}", "is longer than 1 MB (1,000,000 bytes)", "超过 1 MB"),
    ],
    ids=["bomb", "loop", "flow", "braces", "block", "number", "many", "long", "long in bytes"],
)
def test_what_would_swell_or_never_end_is_refused(
    text: str, en: str, zh: str, tmp_path: Path
) -> None:
    error = refused(written(tmp_path, text))
    assert str(error).startswith("scenario mine.yaml")
    assert en in str(error)
    assert zh in error.of("zh")


def test_a_key_written_twice_is_refused_with_its_lines(tmp_path: Path) -> None:
    text = shipped("core-zone") + "clause: another\nas_of: 2024-01-01\n"
    lines = text.count("\n")
    error = refused(written(tmp_path, text))
    assert f"clause (line {lines - 1}), as_of (line {lines}); keep one of each" in str(error)
    assert "有重复的键" in error.of("zh")
    assert [(fault.field, fault.row) for fault in error.faults] == [
        ("clause", lines - 1),
        ("as_of", lines),
    ]
    inside = shipped("core-zone").replace("        missing: exclude", "        unit: x")
    assert "groups.2.criteria.0.unit (line" in str(refused(written(tmp_path, inside)))


def test_a_file_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"cannot be read \(Is a directory\)") as caught:
        read_text(tmp_path)
    assert "无法读取方案文件" in caught.value.of("zh")


def test_a_first_stage_cannot_be_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    own = shipped("core-zone").replace("{scenario: core-district", f"{{scenario: '{path}'")
    path.write_text(own, encoding="utf-8")
    error = refused(str(path))
    assert f"give the id of a scenario that ships: {', '.join(IDS)}" in str(error)
    assert "应为随产品提供的方案：" in error.of("zh")


def test_a_first_stage_must_score(tmp_path: Path) -> None:
    text = shipped("core-zone").replace("scenario: core-district", "scenario: county-hubs")
    assert "'county-hubs' places facilities" in str(refused(written(tmp_path, text)))
