"""Every bad input of the command line: one sentence in both languages, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import api.runs
from layers.facts import data_directory

Run = Callable[..., tuple[int, str, str]]
BOW_TIE = '{"type":"Polygon","coordinates":[[[120,28],[121,29],[121,28],[120,29],[120,28]]]}'
SCORE = ("score", "core-zone")
COVER = ("coverage", "--facilities", "hubs", "--demand", "demand")


def all_weights(value: str) -> str:
    """Every criterion of the core zone with the same weight."""
    text = (data_directory() / "scenarios" / "core-zone.yaml").read_text(encoding="utf-8")
    criteria = [c["id"] for group in yaml.safe_load(text)["groups"] for c in group["criteria"]]
    return ",".join(f"{name}={value}" for name in criteria)


BAD: list[tuple[tuple[str, ...], str, str]] = [
    ((), "a command is missing", "缺少命令"),
    (("nonsense",), "No such command 'nonsense'", "命令写法有误"),
    (("layers", "--colour"), "No such option: --colour", "没有选项 --colour"),
    (("score",), "Missing argument", "缺少参数 scenario"),
    ((*SCORE, "--lang", "fr"), "'--lang'", "参数 --lang 的值无效"),
    (COVER, "Missing option '--radius-m'", "缺少参数 --radius-m"),
    ((*COVER, "--radius-m", "far"), "Invalid value for '--radius-m'", "参数 --radius-m 的值无效"),
    ((*COVER, "--radius-m", "-5"), "radius_m is -5", "服务半径 radius_m 为 -5"),
    ((*COVER, "--radius-m", "0"), "radius_m is 0; give", "大于 0 的有限米数"),
    ((*COVER, "--radius-m", "nan"), "radius_m is nan", "radius_m 为 nan"),
    ((*COVER, "--radius-m", "inf"), "radius_m is inf", "radius_m 为 inf"),
    (("build", "--city", "火星市"), "unknown city '火星市'", "没有城市 '火星市'"),
    (("build", "--boundaries", "osm"), "unknown boundary source 'osm'", "没有边界来源 'osm'"),
    (("build", "--tables", "nowhere"), "there is no folder nowhere", "没有文件夹 nowhere"),
    (("build", "--out", "/proc/x/a.gpkg"), "cannot be written to /proc/x", "无法写入工作区"),
    (("area", "--layer", "moons"), "unknown layer 'moons'; the workspace has districts", "moons"),
    (("area", "--layer", "zones", "--by", "hue"), "no field 'hue'; sum up by one of id", "'hue'"),
    (("area", "--layer", "zones", "--by", "geometry"), "no field 'geometry'", "没有字段"),
    (("area", "--layer", "land_use"), "no feature yet", "还没有要素"),
    (("area",), "either a GeoJSON file or --layer", "二者择一"),
    (("area", "nothing.json"), "there is no file nothing.json", "没有文件 nothing.json"),
    (("coverage", "--facilities", "moons", "--demand", "demand", "--radius-m", "1"),
     "unknown layer 'moons'", "没有图层 'moons'"),
    (("coverage", "--facilities", "hubs", "--demand", "moons", "--radius-m", "1"),
     "unknown layer 'moons'", "没有图层 'moons'"),
    (("coverage", "--facilities", "hubs", "--demand", "control_lines", "--radius-m", "1"),
     "layer 'control_lines' (Control lines) has no feature yet", "三区三线"),
    (("score", "moon-zone"), "unknown scenario 'moon-zone'; choose cloud-", "没有方案"),
    (("hubs", "moon-hubs"), "unknown scenario 'moon-hubs'; choose cloud-", "没有方案"),
    (("score", "county-hubs"), "run it with `ouzhi hubs county-hubs`", "设施布点方案"),
    (("hubs", "core-zone"), "run it with `ouzhi score core-zone`", "比选方案"),
    (("hubs", "county-hubs", "--reading", "half"), "unknown reading 'half'", "没有读法 'half'"),
    (("hubs", "county-hubs", "--model", "guess"), "model is guess, expected one", "p_median、"),
    (("hubs", "county-hubs", "--time-limit", "-1"), "time_limit_s is -1", "-1"),
    (("hubs", "county-hubs", "--time-limit", "0"), "expected a number above 0", "大于 0 的数"),
    (("hubs", "county-hubs", "--time-limit", "inf"), "time_limit_s is inf", "应为数字"),
    (("hubs", "county-hubs", "--k-best", "0"), "k_best is 0, expected a number of 1", "不小于 1"),
    (("hubs", "county-hubs", "--draws", "0"), "draws is 0, expected a number of 1", "不小于 1"),
    (("hubs", "county-hubs", "--seed", "-1"), "seed is -1, expected a number of 0", "不小于 0"),
    (("hubs", "station-allocation", "--prices"), "so it has no prices; leave that", "没有 prices"),
    (("hubs", "station-allocation", "--reading", "x"), "unknown reading 'x'", "没有读法 'x'"),
    ((*SCORE, "--weights", "moon=1"), "unknown criterion moon; this scenario has", "没有准则 moon"),
    ((*SCORE, "--weights", "area=-1"), "not negative; got area=-1.0", "收到 area=-1.0"),
    ((*SCORE, "--weights", "area=nan"), "got area=nan", "收到 area=nan"),
    ((*SCORE, "--weights", "area=inf"), "got area=inf", "收到 area=inf"),
    ((*SCORE, "--weights", "area"), "cannot read area", "无法识别 area"),
    ((*SCORE, "--weights", "area=much"), "cannot read area=much", "无法识别 area=much"),
    ((*SCORE, "--weights", "area=1=2"), "cannot read area=1=2", "无法识别 area=1=2"),
    ((*SCORE, "--weights", all_weights("0")), "all weights are zero", "所有权重都为零"),
    ((*SCORE, "--weights", all_weights("1e308")), "add up to more", "权重之和"),
    ((*SCORE, "--as-of", "yesterday"), "'yesterday' is not a day; write it", "不是日期"),
    ((*SCORE, "--as-of", "2023-02-30"), "'2023-02-30' is not a day", "不是日期"),
    ((*SCORE, "--as-of", ""), "'' is not a day", "不是日期"),
    (("layers", "--workspace", "no.gpkg"), "there is no workspace at no.gpkg", "没有工作区"),
    (("layers", "--workspace", "."), "there is no workspace at .", "没有工作区"),
]  # fmt: skip


def require_one_sentence(run: Run, arguments: tuple[str, ...], en: str, zh: str) -> None:
    """Exit 2, nothing on stdout, one sentence in either language, and the same as a problem."""
    for lang, title, said in (("en", "Bad input", en), ("zh", "输入有误", zh)):
        asked = arguments if "--lang" in arguments else (*arguments, "--lang", lang)
        if asked is arguments and lang == "en":
            continue
        code, out, err = run(*asked)
        assert (code, out) == (2, "")
        assert err.startswith(f"{title}: ")
        assert said in err
        code, out, problem = run(*asked, "--json")
        assert (code, out) == (2, "")
        document = json.loads(problem)
        assert (document["status"], document["title"]) == (400, title)
        assert err == f"{title}: {document['detail']}\n"


@pytest.mark.parametrize(("arguments", "en", "zh"), BAD, ids=[" ".join(b[0])[:60] for b in BAD])
def test_bad_input_is_one_sentence_and_writes_nothing(
    arguments: tuple[str, ...], en: str, zh: str, run: Run, tmp_path: Path
) -> None:
    if arguments:
        require_one_sentence(run, arguments, en, zh)
    else:
        require_help(run, en, zh)
    assert list(tmp_path.iterdir()) == []


def require_help(run: Run, en: str, zh: str) -> None:
    """A bare call lists the commands; it is no success, for scripts."""
    for lang, said in (("en", en), ("zh", zh)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OUZHI_LANG", lang)
            code, out, err = run()
        assert (code, out) == (2, "")
        assert said in err
        assert "coverage" in err


@pytest.mark.parametrize(
    ("content", "en", "zh"),
    [
        (b"", "the input is not JSON", "输入不是 JSON"),
        (b"hello", "the input is not JSON", "输入不是 JSON"),
        (b"\xff\xfe\x00", "the input is not JSON", "输入不是 JSON"),
        (b"[]", "the input is not GeoJSON", "输入不是 GeoJSON"),
        (b'{"type":"FeatureCollection"}', "the input is not GeoJSON", "输入不是 GeoJSON"),
        (b'{"type":"FeatureCollection","features":[]}', "no feature; give", "没有要素"),
        (BOW_TIE.encode(), "feature 1: the geometry is invalid", "第 1 个要素：几何无效"),
        (b'{"type":"Polygon","coordinates":[]}', "the geometry is empty", "几何为空"),
        (b'{"type":"Feature","geometry":null}', "the geometry is empty", "几何为空"),
        (b'{"type":"Point","coordinates":[2.3,48.9]}', "outside China", "不在中国境内"),
        (b'{"type":"Point","coordinates":[120,NaN]}', "coordinate is NaN", "坐标含 NaN"),
        (b'{"type":"Point","coordinates":[120,1e999]}', "NaN or infinite", "无穷大"),
    ],
)
def test_a_bad_geojson_file_is_one_sentence(
    content: bytes, en: str, zh: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "drawn.json").write_bytes(content)
    require_one_sentence(run, ("area", "drawn.json"), en, zh)


BAD_FILES = [
    ("core-zone", "alternatives:", "alternativs: x\nalternatives:", "alternativs: unknown key"),
    ("core-zone", "low: 0, high: 50", "low: 50, high: 0", "groups.0.criteria.1.value"),
    ("core-zone", "low: 0, high: 50", "low: -.inf, high: 5", "groups.0.criteria.1.value.low"),
    ("core-zone", "2023-01-01", "2023-13-01", "is not YAML in UTF-8"),
    ("core-zone", "groups:", "groups: [", "is not YAML in UTF-8"),
    ("core-zone", "scenario: core-district", "scenario: mine.yaml", "id of a scenario that ships"),
    ("core-zone", "member_field: host_district", "member_field: hue", "no field 'hue'"),
    ("core-zone", "field: line_class", "field: hue", "names field 'hue'"),
    ("core-zone", "alternatives: zones", "alternatives: moons", "layer 'moons'"),
    ("core-zone", "alternatives: zones", "alternatives: land_use", "layer 'land_use'"),
    ("core-zone", "layer: demand", "layer: moons", "unknown layer 'moons'"),
    ("core-zone", "kind: [airport]", "kind: [spaceport]", "'spaceport'"),
    ("county-hubs", "group_field: district", "group_field: hue", "no field 'hue'"),
    ("county-hubs", "demand: demand", "demand: zones", "no field 'demand_weight'"),
    ("county-hubs", "candidates: towns", "candidates: moons", "layer 'moons'"),
    ("county-hubs", "p_facilities: 6", "p_facilities: none", "readings.0.p_facilities"),
]
BAD_ZH = {
    "unknown key": "未知的键",
    "is not YAML": "不是 UTF-8 编码的 YAML",
    "no field": "没有字段",
    "names field": "用到字段",
    "unknown layer": "没有图层",
    "layer": "图层",
    "ships": "应为随产品提供的方案",
}


@pytest.mark.parametrize(("base", "old", "new", "en"), BAD_FILES)
def test_a_bad_scenario_file_is_one_sentence(
    base: str, old: str, new: str, en: str, run: Run, tmp_path: Path
) -> None:
    text = (data_directory() / "scenarios" / f"{base}.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    command = "score" if base == "core-zone" else "hubs"
    zh = next((said for words, said in BAD_ZH.items() if words in en), en)
    require_one_sentence(run, (command, "mine.yaml"), en, zh)


def test_several_faults_follow_the_sentence_one_a_line(run: Run) -> None:
    code, _, err = run(*SCORE, "--weights", "area=-1,rail_distance=nan", "--lang", "en")
    assert code == 2
    sentence, *faults = err.splitlines()
    assert sentence.startswith("Bad input: weights must be finite")
    assert [line.split(":")[0].strip() for line in faults] == ["rail_distance", "area"]
    _, _, problem = run(*SCORE, "--weights", "area=-1,rail_distance=nan", "--json")
    assert [fault["field"] for fault in json.loads(problem)["errors"]] == ["rail_distance", "area"]


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + bytes(500)])
@pytest.mark.parametrize(
    "command", [("layers",), SCORE, ("hubs", "county-hubs"), (*COVER, "--radius-m", "9")]
)
def test_a_file_that_is_no_workspace_is_one_sentence(
    content: bytes, command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bad.gpkg").write_bytes(content)
    arguments = (*command, "--workspace", "bad.gpkg")
    require_one_sentence(run, arguments, "bad.gpkg is not a readable workspace", "不是可读的工作区")
    assert (tmp_path / "bad.gpkg").read_bytes() == content


def test_a_build_under_a_file_or_over_a_folder_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for target in ("file/a.gpkg", "folder"):
        require_one_sentence(run, ("build", "--city", "丽水市", "--out", target), target, target)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder"]


def test_an_infeasible_plan_exits_3_with_the_reason(run: Run, tmp_path: Path) -> None:
    text = (data_directory() / "scenarios" / "county-hubs.yaml").read_text(encoding="utf-8")
    many = text.replace("p_facilities: 6", "p_facilities: 600")
    (tmp_path / "many.yaml").write_text(many, encoding="utf-8")
    for lang, title in (("en", "No feasible solution: "), ("zh", "没有可行解: ")):
        code, out, err = run("hubs", "many.yaml", "--lang", lang)
        assert code == 3
        assert err.startswith(title)
        assert "600" in err
        assert err.count("\n") == 1
        assert {"en": "optimal (proven)", "zh": "最优（已证明）"}[lang] in out
        assert "600" in out
    code, out, err = run("hubs", "many.yaml", "--json")
    assert code == 3
    statuses = [reading["status"] for reading in json.loads(out)["readings"]]
    assert statuses == ["infeasible", "optimal"]
    assert json.loads(err)["status"] == 422


def test_a_fault_of_ours_exits_1_and_a_stop_exits_130(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: BaseException) -> Callable[..., None]:
        def raising(*_: object, **__: object) -> None:
            raise error

        return raising

    monkeypatch.setattr(api.runs, "solve_named", fail(RuntimeError("broken gear")))
    assert run(*SCORE, "--lang", "en") == (1, "", "Internal error: RuntimeError: broken gear\n")
    monkeypatch.setattr(api.runs, "solve_named", fail(KeyboardInterrupt()))
    code, out, _ = run(*SCORE, "--lang", "en")
    assert (code, out) == (130, "")
