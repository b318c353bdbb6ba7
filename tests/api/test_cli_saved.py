"""`ouzhi scenarios …` and `ouzhi results …`: what they print, write and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import attribute, siting
from small_workspace import change_layer, copied

from api.models.base import Shape
from api.models.saved import Rerun, ResultList, SavedScenario, StoredResult, Validation
from layers.facts import data_directory
from layers.scenarios import list_scenarios, read_named, scenario_ids
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]
Answer = Callable[..., dict[str, Any]]


@pytest.fixture
def store(workspace: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace that the commands use: a copy in a folder of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    path = copied(workspace, folder / "a.gpkg")
    monkeypatch.setenv("OUZHI_WORKSPACE", str(path))
    return GeoPackageStore(path)


@pytest.fixture
def answer(run: Run, store: GeoPackageStore) -> Answer:
    """Run a command that must succeed and return its one JSON object."""

    def call(*arguments: str) -> dict[str, Any]:
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        document = json.loads(out)
        assert isinstance(document, dict)
        return document

    return call


def refused(run: Run, *arguments: str, code: int = 2) -> tuple[str, str]:
    """The sentences in English and Chinese; the same stand in the problem document."""
    said = []
    for lang, title in (("en", "Bad input"), ("zh", "输入有误")):
        got, out, err = run(*arguments, "--lang", lang)
        assert (got, out) == (code, "")
        got, out, problem = run(*arguments, "--lang", lang, "--json")
        assert (got, out) == (code, "")
        detail = json.loads(problem)["detail"]
        assert err.splitlines()[0] == f"{title}: {detail}"
        said.append(detail)
    return said[0], said[1]


def shipped(name: str) -> str:
    return (data_directory() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def mine(path: Path, name: str = "mine", **changes: Any) -> str:
    """Write a scenario file over the zones and return its name."""
    own = {"id": name, "alternatives": "zones", **changes}
    mapping = siting({"g": [attribute("area_mu")]}, **own)
    (path / f"{name}.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True), "utf-8")
    return f"{name}.yaml"


def saved_ids(store: GeoPackageStore) -> list[str]:
    return [entry.id for entry in list_scenarios(store) if entry.saved]


def shaped(shape: type[Shape], document: dict[str, Any]) -> dict[str, Any]:
    shape.model_validate(document)
    return document


def test_a_file_is_saved_listed_shown_run_and_exported(
    answer: Answer, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    file = mine(tmp_path)
    saved = shaped(SavedScenario, answer("scenarios", "save", file, "--lang", "en"))
    assert (saved["id"], saved["title"], saved["faults"]) == ("mine", "made up", [])
    listed = {one["id"]: one["saved"] for one in answer("scenarios", "list")["scenarios"]}
    assert listed == {**dict.fromkeys(scenario_ids(), False), "mine": True}
    shown = answer("scenarios", "show", "mine")
    assert (shown["id"], [one["id"] for one in shown["criteria"]]) == ("mine", ["area_mu"])
    text = (tmp_path / file).read_text("utf-8")
    assert run("scenarios", "show", "mine") == (0, f"{text.rstrip()}\n", "")
    assert answer("score", "mine")["scenario"] == "mine"
    written = answer("scenarios", "export", "mine", "-o", "out/copy.yaml")
    assert written == {"id": "mine", "written": "out/copy.yaml"}
    assert (tmp_path / "out" / "copy.yaml").read_text("utf-8") == text


def test_text_for_people_is_in_their_language(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    file = mine(tmp_path, alternatives="moons")
    code, out, _ = run("scenarios", "save", file)
    assert code == 0
    saved, *misfits = out.splitlines()
    assert saved == "已保存: mine  made up（中）"
    assert misfits[0].startswith("与此工作区不符: alternatives: moons — districts、zones")
    lines = run("scenarios", "list", "--lang", "en")[1].splitlines()
    assert len(lines) == len(scenario_ids()) + 1
    assert lines[-1].split() == ["mine", "siting", "2023-01-01", "made", "up", "(saved)"]
    assert lines[0].endswith("(ships)")
    assert len({line.index(" 2023-") for line in lines}) == 1
    assert run("scenarios", "delete", "mine")[1] == "已删除: mine\n"
    out = run("scenarios", "export", "core-zone", "-o", "x.yaml", "--lang", "en")[1]
    assert out == "Written: x.yaml\n"
    assert run("scenarios", "validate", "x.yaml")[1] == "方案有效，可在此工作区运行\n"
    assert run("results", "list", "--lang", "en")[1] == "No result is stored yet\n"


def test_validating_lists_every_fault(
    answer: Answer, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    good = shaped(Validation, answer("scenarios", "validate", mine(tmp_path)))
    assert good == {"valid": True, "faults": []}
    bad = mine(tmp_path, "bad", as_of="soon", colour="red")
    en, zh = refused(run, "scenarios", "validate", bad)
    assert "scenario bad.yaml has 2 fault(s): " in en
    assert "方案 bad.yaml 有 2 处错误：" in zh
    lines = run("scenarios", "validate", bad, "--lang", "en")[2].splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["as_of", "colour"]
    moons = mine(tmp_path, "moons", alternatives="moons")
    assert (
        "scenario moons.yaml has 1 fault(s): alternatives"
        in refused(run, "scenarios", "validate", moons)[0]
    )
    assert saved_ids(store) == []


@pytest.mark.parametrize(
    ("content", "en", "zh"),
    [
        (b"a: [1", "scenario x.yaml is not YAML in UTF-8", "不是 UTF-8 编码的 YAML"),
        ("标题".encode("gbk"), "scenario x.yaml is not YAML in UTF-8", "不是 UTF-8 编码的 YAML"),
        (b"a: &a [1]\nb: *a", "x.yaml, line 2: the alias *a is not allowed", "别名 *a 不可用"),
        (b"[" * 200_000, "x.yaml, line 1: nested deeper than 64 levels", "层数超过 64"),
        (b"# " + b"x" * 1_000_000, "scenario x.yaml is longer than 1 MB", "超过 1 MB"),
        (b"a: 1\na: 2", "has keys more than once: a (line 2)", "有重复的键：a（第 2 行）"),
    ],
)
@pytest.mark.parametrize("command", ["save", "validate"])
def test_what_is_no_scenario_is_one_sentence(
    command: str, content: bytes, en: str, zh: str, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    said = refused(run, "scenarios", command, "x.yaml")
    assert en in said[0]
    assert zh in said[1]
    assert saved_ids(store) == []


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        (("save", "no.yaml"), "file no.yaml cannot be read (No such file", "无法读取方案文件"),
        (("save", "own"), "file own cannot be read (Is a directory)", "无法读取方案文件"),
        (("show", "moon"), "unknown scenario 'moon'; choose cloud-", "没有方案 'moon'"),
        (("show", "own/x.yaml"), "unknown scenario 'own/x.yaml'", "没有方案"),
        (("export", "moon", "-o", "x.yaml"), "unknown scenario 'moon'", "没有方案 'moon'"),
        (("export", "core-zone", "-o", "own"), "own is a folder; name the file", "own 是文件夹"),
        (("copy", "moon", "mine"), "unknown scenario 'moon'", "没有方案 'moon'"),
        (("copy", "core-zone", "My"), "'My' is no id for a scenario", "不能作方案的 id"),
        (("copy", "core-zone", "pilots"), "'pilots' ships with the program", "产品已提供方案"),
        (("copy", "core-zone", "m", "--title-zh", "题"), "a title needs both", "标题须有两种语言"),
        (("delete", "core-zone"), "ships with the program and stays as it is", "不能更改"),
        (("delete", "moon"), "unknown scenario 'moon'", "没有方案 'moon'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: tuple[str, ...], en: str, zh: str, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    said = refused(run, "scenarios", *arguments)
    assert en in said[0]
    assert zh in said[1]
    assert saved_ids(store) == []
    assert [one.name for one in tmp_path.iterdir()] == ["own"]


def test_saving_again_needs_replace(
    answer: Answer, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    answer("scenarios", "save", mine(tmp_path, clause="first"))
    second = mine(tmp_path, clause="second")
    assert (
        "'mine' is saved already; choose another id" in refused(run, "scenarios", "save", second)[0]
    )
    assert read_named("mine", store).clause == "first"
    answer("scenarios", "save", second, "--replace")
    assert read_named("mine", store).clause == "second"


def test_a_copy_is_made_and_a_first_stage_is_held(
    answer: Answer, run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    titles = ("--title-zh", "我的", "--title-en", "Mine")
    copy = answer("scenarios", "copy", "core-district", "base", *titles)
    assert shaped(SavedScenario, copy)["title"] == "我的"
    answer("scenarios", "copy", "core-zone", "second")
    answer("scenarios", "export", "second", "-o", "s.yaml")
    file = tmp_path / "s.yaml"
    text = file.read_text("utf-8").replace("scenario: core-district", "scenario: base")
    file.write_text(text, "utf-8")
    answer("scenarios", "save", "s.yaml", "--replace")
    assert answer("score", "second")["first_stage"]["scenario"] == "base"
    said = refused(run, "scenarios", "delete", "base")
    assert "scenario 'base' is the first stage of second; delete that first" in said[0]
    for name in ("second", "base"):
        assert answer("scenarios", "delete", name) == {"deleted": name}
    assert saved_ids(store) == []


@pytest.fixture
def kept(run: Run, answer: Answer) -> str:
    """The id of a stored run of the core zone with odds."""
    code, out, err = run("score", "core-zone", "--smaa", "100", "--seed", "3", "--save", "--json")
    assert code == 0
    assert len(json.loads(out)["alternatives"]) > 20
    (one,) = shaped(ResultList, answer("results", "list"))["results"]
    assert err == f"已保存: {one['id']}\n"
    return str(one["id"])


def test_a_stored_result_is_listed_shown_and_rerun(kept: str, answer: Answer, run: Run) -> None:
    document = shaped(StoredResult, answer("results", "show", kept))
    assert (document["options"]["smaa"], document["options"]["seed"]) == (100, 3)
    assert document["changed_layers"] == []
    assert document["document"]["scenario"] == "core-zone"
    again = shaped(Rerun, answer("results", "rerun", kept, "--lang", "en"))
    assert again["equal"]
    assert again["document"] == document["document"]
    assert again["sentence"] == f"All {again['compared']:,} numbers are the same."
    listed = run("results", "list", "--lang", "en")[1]
    assert listed.split()[0] == kept
    assert "core-zone" in listed
    shown = run("results", "show", kept)[1]
    assert "方案: core-zone" in shown
    assert "图层: zones  sha256:" in shown
    assert document["document"]["alternatives"][0]["name_zh"] in shown
    assert run("results", "rerun", kept)[1].endswith("个数值全部相同。\n")


def test_a_rerun_on_other_data_names_the_layer(kept: str, store: GeoPackageStore, run: Run) -> None:
    change_layer(store.path, "hubs", "ref_lon", lambda lon: lon + 0.1)
    code, out, err = run("results", "rerun", kept, "--lang", "en")
    assert (code, err) == (0, "")
    sentence, *differences = out.splitlines()
    assert sentence.endswith("numbers differ; since then the layers hubs have changed.")
    assert 0 < len(differences) <= 100
    assert all(" → " in line for line in differences)
    assert "此后有变化的图层: hubs" in run("results", "show", kept)[1]


@pytest.mark.parametrize("command", ["show", "rerun", "delete"])
def test_an_unknown_result_says_how_to_list_them(
    command: str, run: Run, store: GeoPackageStore
) -> None:
    en, zh = refused(run, "results", command, "0" * 12)
    assert en == f"there is no stored result '{'0' * 12}'; list them with `ouzhi results list`"
    assert "没有已存的结果" in zh


def test_a_build_keeps_scenarios_and_results(
    kept: str, answer: Answer, store: GeoPackageStore
) -> None:
    answer("scenarios", "copy", "core-zone", "mine")
    before = answer("results", "list"), list_scenarios(store)
    built = answer("build", "--city", "温州市", "--out", str(store.path))
    assert built["hash"] == store.metadata["hash"]
    assert (answer("results", "list"), list_scenarios(GeoPackageStore(store.path))) == before
    assert answer("results", "rerun", kept)["equal"]
    assert answer("results", "delete", kept) == {"deleted": kept}
    assert answer("results", "list") == {"results": []}


@pytest.mark.parametrize("group", ["scenarios", "results"])
def test_every_command_has_help(group: str, run: Run) -> None:
    commands = {
        "scenarios": ("list", "show", "validate", "save", "copy", "delete", "export"),
        "results": ("list", "show", "rerun", "delete"),
    }
    for command in commands[group]:
        code, out, err = run(group, command, "--help")
        assert (code, err) == (0, "")
        for option in ("--lang", "--json", "--workspace"):
            assert option in out
