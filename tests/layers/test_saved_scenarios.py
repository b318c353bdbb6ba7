"""Scenarios saved in a workspace: saved, listed, read, copied, replaced, deleted, refused."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import attribute, siting, words
from small_workspace import copied, write_small_workspace

from geo.errors import ScenarioError, UnknownScenarioError
from geo.scenario import SitingScenario
from geo.sentence import Sentence
from layers.errors import ConflictError
from layers.facts import data_directory
from layers.scenarios import (
    ScenarioEntry,
    copy_scenario,
    delete_scenario,
    known_ids,
    list_scenarios,
    read_location,
    read_named,
    read_scenario,
    read_siting,
    save_scenario,
    scenario_ids,
    scenario_text,
    validate_scenario,
)
from layers.store.base import Store
from layers.store.geopackage import GeoPackageStore

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
GROUPS = {"only": [attribute("population")]}


def at_noon() -> datetime:
    return NOON


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which nothing is saved; not to be changed."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.gpkg"
    write_small_workspace(path)
    return path


@pytest.fixture
def store(fresh: Path, tmp_path: Path) -> GeoPackageStore:
    return GeoPackageStore(copied(fresh, tmp_path / "a.gpkg"))


def mine(name: str = "mine", **changes: Any) -> dict[str, Any]:
    return siting(GROUPS, id=name, alternatives="districts", **changes)


def staged(name: str, stage: str) -> dict[str, Any]:
    return mine(name, first_stage={"scenario": stage, "leading": 1, "member_field": "name_zh"})


def shipped(name: str) -> str:
    return (data_directory() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def as_text(mapping: Mapping[str, Any]) -> str:
    plain: str = yaml.dump(mapping, allow_unicode=True, Dumper=yaml.SafeDumper)
    return plain


def saved_ids(store: Store) -> list[str]:
    return [entry.id for entry in list_scenarios(store) if entry.saved is not None]


def test_a_text_is_saved_as_written_and_read_back(store: GeoPackageStore) -> None:
    text = "# 我的方案: 注释保留\n" + shipped("county-hubs").replace("id: county-hubs", "id: mine")
    entry = save_scenario(store, text, clock=at_noon)
    hubs = read_location("county-hubs")
    assert entry == ScenarioEntry(
        "mine", "location", hubs.title, date(2023, 1, 1), "2024-05-06T12:00:00.000Z"
    )
    assert scenario_text("mine", store) == text
    read = read_scenario("mine", store)
    assert read == hubs.model_copy(update={"id": "mine"})
    assert read_named("mine", store) == read


def test_a_mapping_is_saved_as_yaml(store: GeoPackageStore) -> None:
    shared = words('温州："核心" #1\n<b>&')
    save_scenario(store, mine(title=shared, assumptions=[shared, shared]), clock=at_noon)
    scenario = read_siting("mine", store)
    assert scenario.title == Sentence(**shared)
    assert scenario.assumptions == [Sentence(**shared)] * 2
    assert "温州" in scenario_text("mine", store)


def test_the_time_is_utc_whatever_the_clock_says(store: GeoPackageStore) -> None:
    china = timezone(timedelta(hours=8))
    entry = save_scenario(store, mine(), clock=lambda: datetime(2024, 1, 1, 4, tzinfo=china))
    assert entry.saved == "2023-12-31T20:00:00.000Z"
    before = datetime.now(UTC)
    saved = save_scenario(store, mine("now")).saved
    assert saved is not None
    assert abs(datetime.fromisoformat(saved) - before) < timedelta(minutes=1)


def test_the_list_has_what_ships_and_what_is_saved(store: GeoPackageStore) -> None:
    assert [entry.id for entry in list_scenarios(store)] == scenario_ids()
    save_scenario(store, mine("zeta"), clock=at_noon)
    save_scenario(store, mine("alpha"), clock=at_noon)
    entries = list_scenarios(store)
    assert [entry.id for entry in entries] == [*scenario_ids(), "alpha", "zeta"]
    assert known_ids(store) == [*scenario_ids(), "alpha", "zeta"]
    assert [entry.saved is not None for entry in entries[-3:]] == [False, True, True]
    assert entries[-1] == ScenarioEntry(
        "zeta", "siting", Sentence("made up（中）", "made up"), date(2023, 1, 1),
        "2024-05-06T12:00:00.000Z",
    )  # fmt: skip
    assert list_scenarios() == [entry for entry in entries if entry.saved is None]


def test_a_taken_id_is_kept_unless_it_is_to_be_replaced(store: GeoPackageStore) -> None:
    save_scenario(store, mine())
    with pytest.raises(ConflictError, match="a scenario 'mine' is saved already; choose") as e:
        save_scenario(store, mine(clause="other"))
    assert "已保存有方案 'mine'" in e.value.of("zh")
    assert read_siting("mine", store).clause == "none"
    save_scenario(store, mine(clause="other"), replace=True)
    assert read_siting("mine", store).clause == "other"
    assert saved_ids(store) == ["mine"]


@pytest.mark.parametrize("replace", [False, True])
def test_the_id_of_a_shipped_scenario_is_refused(store: GeoPackageStore, replace: bool) -> None:
    with pytest.raises(ConflictError, match="'core-zone' ships with the program; choose") as e:
        save_scenario(store, shipped("core-zone"), replace=replace)
    assert "产品已提供方案 'core-zone'；请换一个 id" in e.value.of("zh")
    assert saved_ids(store) == []


@pytest.mark.parametrize(
    "name",
    [
        *("", "Mine", "1mine", "-mine", "my_zone", "my zone", "mine\n", "mine.yaml", "../mine"),
        *("我的", "m" * 64, "a/b", "a\0b", "'; DROP TABLE zones; --", "<script>"),
    ],
)
def test_a_hostile_id_is_refused(store: GeoPackageStore, name: str) -> None:
    with pytest.raises(ScenarioError, match="is no id for a scenario; write a small letter") as e:
        save_scenario(store, mine(name))
    assert "应以小写字母开头" in e.value.of("zh")
    with pytest.raises(ScenarioError, match="is no id for a scenario"):
        copy_scenario(store, "core-zone", name)
    assert saved_ids(store) == []


@pytest.mark.parametrize("name", ["a", "m" * 63, "no", "null", "true", "on", "e1"])
def test_every_id_of_the_right_form_is_taken(store: GeoPackageStore, name: str) -> None:
    save_scenario(store, mine(name))
    copy_scenario(store, name, f"{name}-2"[-63:])
    assert read_siting(name, store).id == name


def test_a_name_is_never_a_path_for_those_who_ask_by_name(
    store: GeoPackageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(shipped("core-zone"), encoding="utf-8")
    assert read_scenario("mine.yaml", store).id == "core-zone"
    for name in ("mine.yaml", str(tmp_path / "mine.yaml"), "../core-zone"):
        with pytest.raises(UnknownScenarioError) as caught:
            read_named(name, store)
        assert "or give the path" not in str(caught.value)
        with pytest.raises(UnknownScenarioError):
            copy_scenario(store, name, "copy")


def test_a_saved_scenario_is_named_among_those_there_are(store: GeoPackageStore) -> None:
    save_scenario(store, mine())
    with pytest.raises(UnknownScenarioError, match=r"unknown scenario 'core'; choose .*, mine$"):
        read_named("core", store)
    with pytest.raises(UnknownScenarioError, match=r"mine, or give the path of a \.yaml file$"):
        read_siting("core", store)


def test_all_faults_are_found_at_once(store: GeoPackageStore) -> None:
    broken = deepcopy(staged("mine", "nowhere")) | {"as_of": "soon", "colour": "red"}
    broken["groups"][0]["criteria"][0]["value"] = {"low": 5, "high": 1}
    del broken["groups"][0]["criteria"][0]["unit"]
    for attempt in (
        lambda: save_scenario(store, broken),
        lambda: save_scenario(store, as_text(broken), origin="mine"),
        lambda: validate_scenario(as_text(broken), store, origin="mine"),
        lambda: validate_scenario(broken),
    ):
        with pytest.raises(ScenarioError, match=r"scenario mine has 5 fault\(s\): ") as caught:
            attempt()
        assert {fault.field for fault in caught.value.faults} == {
            *("first_stage.scenario", "as_of", "colour"),
            *("groups.0.criteria.0.value", "groups.0.criteria.0.unit"),
        }
        assert all(fault.expected_zh for fault in caught.value.faults)
        assert "方案 mine 有 5 处错误：" in caught.value.of("zh")
    assert saved_ids(store) == []


def test_many_faults_are_all_listed_but_not_all_said(store: GeoPackageStore) -> None:
    with pytest.raises(ScenarioError, match=r"has 30 fault.*; and 20 more$") as caught:
        save_scenario(store, mine() | {f"key-{i}": "x" * 10_000 for i in range(30)})
    assert len(caught.value.faults) == 30
    assert all(len(str(fault.value)) <= 81 for fault in caught.value.faults)
    assert "；另有 20 处" in caught.value.of("zh")


@pytest.mark.parametrize(
    ("text", "en"),
    [
        ("", "scenario sent has 1 fault"),
        ("- 1", "scenario sent has 1 fault"),
        ("id: [", "scenario sent is not YAML in UTF-8"),
        ("a: &a [1]\nb: *a", "scenario sent, line 2: the alias *a is not allowed"),
        ("x" * 1_000_001, "scenario sent is longer than 1 MB"),
    ],
)
def test_what_is_no_scenario_is_not_saved(store: GeoPackageStore, text: str, en: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        save_scenario(store, text, origin="sent")
    assert str(caught.value).startswith(en)
    assert saved_ids(store) == []


def nested(levels: int) -> dict[str, Any]:
    inside: dict[str, Any] = {}
    for _ in range(levels):
        inside = {"a": inside}
    return mine(extra=inside)


@pytest.mark.parametrize("levels", [64, 5_000])
def test_a_mapping_too_deep_is_refused(store: GeoPackageStore, levels: int) -> None:
    with pytest.raises(ScenarioError, match="mine nests deeper than 64 levels; write it flat"):
        save_scenario(store, nested(levels))


def test_a_value_that_could_not_be_read_again_is_not_saved(store: GeoPackageStore) -> None:
    for attempt in (save_scenario, lambda store, sent: validate_scenario(sent, store)):
        with pytest.raises(ScenarioError, match="a value of more than 20,000 characters; shor"):
            attempt(store, mine(clause="条" * 20_001))
    save_scenario(store, mine(clause="条" * 20_000))
    assert len(read_siting("mine", store).clause) == 20_000


@pytest.mark.parametrize(
    ("changes", "en"),
    [
        ({"clause": "条" * 400_000}, "is longer than 1 MB"),
        ({"x": list(range(20_001))}, "has more than 20,000 keys and values"),
        ({"x": {str(i): [] for i in range(20_001)}}, "has more than 20,000 keys and values"),
    ],
)
def test_a_mapping_too_long_is_refused(
    store: GeoPackageStore, changes: dict[str, Any], en: str
) -> None:
    for attempt in (save_scenario, lambda store, sent: validate_scenario(sent, store)):
        with pytest.raises(ScenarioError) as caught:
            attempt(store, mine(**changes))
        assert str(caught.value).startswith(f"scenario mine {en}")
    assert saved_ids(store) == []


def test_a_first_stage_may_ship_or_be_saved(store: GeoPackageStore) -> None:
    save_scenario(store, staged("second", "core-district"))
    save_scenario(store, staged("third", "second"))
    third = read_siting("third", store)
    assert third.first_stage is not None
    assert third.first_stage.scenario == read_siting("second", store)
    with pytest.raises(ScenarioError, match="'county-hubs' places facilities"):
        save_scenario(store, staged("mine", "county-hubs"))
    with pytest.raises(ScenarioError, match="scenario that ships or is saved: cloud-w") as e:
        save_scenario(store, staged("mine", "nowhere"))
    assert "应为随产品提供的方案或已保存的方案：" in e.value.of("zh")


def test_first_stages_in_a_circle_are_refused_by_name(store: GeoPackageStore) -> None:
    save_scenario(store, mine("a"))
    save_scenario(store, staged("b", "a"))
    save_scenario(store, staged("c", "b"))
    with pytest.raises(ScenarioError, match="go round in a circle: a → c → b → a; let") as e:
        save_scenario(store, staged("a", "c"), replace=True)
    assert "第一步相互循环：a → c → b → a" in e.value.of("zh")
    with pytest.raises(ScenarioError, match="go round in a circle: self → self"):
        save_scenario(store, staged("self", "self"))
    assert read_siting("a", store).first_stage is None


def test_a_chain_of_first_stages_ends(store: GeoPackageStore) -> None:
    save_scenario(store, mine("s1"))
    for i in range(2, 9):
        save_scenario(store, staged(f"s{i}", f"s{i - 1}"))
    with pytest.raises(ScenarioError, match="more than 8 stages follow each other: s9 → s8") as e:
        save_scenario(store, staged("s9", "s8"))
    assert "前后相接的步骤超过 8 个" in e.value.of("zh")


def test_a_copy_has_a_new_name_and_keeps_its_comments(store: GeoPackageStore) -> None:
    title = Sentence(zh='我的核心区："二"', en="Mine: #2")
    entry = copy_scenario(store, "core-zone", "mine", title=title, clock=at_noon)
    assert (entry.id, entry.title, entry.saved) == ("mine", title, "2024-05-06T12:00:00.000Z")
    source = read_siting("core-zone")
    expected = source.model_copy(update={"id": "mine", "title": title})
    assert read_siting("mine", store) == expected
    changed = set(scenario_text("mine", store).splitlines()) ^ set(
        shipped("core-zone").splitlines()
    )
    assert {line.split(":")[0] for line in changed} == {"id", "title"}
    copy_scenario(store, "mine", "again")
    assert read_siting("again", store) == expected.model_copy(update={"id": "again"})


@pytest.mark.parametrize(
    "text",
    [
        "{head}id: source\ntitle:\n  zh: 题\n  en: title # why\n{rest}",
        "{head}'id':   \"source\"   # here\ntitle: {{zh: 题, en: title}} # why\n{rest}",
        "{head}title: {{zh: 题, en: title}}\n{rest}\nid: source\n",
        "{head}id: |-\n  source\ntitle:\n\n  {{zh: 题,\n   en: title}}\n\n{rest}",
        "id: source\ntitle: &t {{zh: 题, en: title}}\n{rest}",
    ],
)
def test_a_copy_of_any_layout_reads_the_same(store: GeoPackageStore, text: str) -> None:
    rest = {key: value for key, value in mine().items() if key not in ("id", "title")}
    source = text.format(head="# 头\n", rest=as_text(rest))
    save_scenario(store, source, origin="source")
    copy_scenario(store, "source", "copy", title=Sentence("新题", "new"))
    wanted = yaml.safe_load(source) | {"id": "copy", "title": {"zh": "新题", "en": "new"}}
    assert yaml.safe_load(scenario_text("copy", store)) == wanted


def test_a_copy_does_not_take_the_place_of_another(store: GeoPackageStore) -> None:
    save_scenario(store, mine())
    with pytest.raises(ConflictError, match="'mine' is saved already"):
        copy_scenario(store, "core-zone", "mine")
    with pytest.raises(ConflictError, match="'core-zone' ships with the program"):
        copy_scenario(store, "mine", "core-zone")
    with pytest.raises(UnknownScenarioError, match="unknown scenario 'nowhere'; choose"):
        copy_scenario(store, "nowhere", "other")


def test_deleting_takes_one_of_ones_own(store: GeoPackageStore) -> None:
    save_scenario(store, mine())
    delete_scenario(store, "mine")
    assert saved_ids(store) == []
    with pytest.raises(UnknownScenarioError, match="unknown scenario 'mine'"):
        delete_scenario(store, "mine")
    with pytest.raises(ConflictError, match="'core-zone' ships with the program and stays") as e:
        delete_scenario(store, "core-zone")
    assert "随产品提供，不能更改" in e.value.of("zh")


def test_a_first_stage_of_others_is_not_deleted(store: GeoPackageStore) -> None:
    save_scenario(store, mine("base"))
    inside = {"scenario": mine("base"), "leading": 1, "member_field": "name_zh"}
    save_scenario(store, mine("whole", first_stage=inside))
    for name in ("one", "two"):
        save_scenario(store, staged(name, "base"))
    with pytest.raises(ConflictError, match="'base' is the first stage of one, two; delete") as e:
        delete_scenario(store, "base")
    assert "方案 'base' 是 one、two 的第一步" in e.value.of("zh")
    for name in ("one", "two", "base"):
        delete_scenario(store, name)
    assert saved_ids(store) == ["whole"]
    assert isinstance(read_named("whole", store), SitingScenario)


def test_a_rebuild_keeps_saved_scenarios(store: GeoPackageStore) -> None:
    save_scenario(store, mine(), clock=at_noon)
    before = list_scenarios(store)
    write_small_workspace(store.path)
    assert list_scenarios(GeoPackageStore(store.path)) == before
