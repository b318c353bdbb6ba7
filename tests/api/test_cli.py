"""The command line: its answers, the same as an independent reading of the facts gives."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import siting_oracle
import yaml

from geo.measure import MEASURES
from layers.catalog import LAYERS
from layers.facts import data_directory
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parents[2]
RING = "[[120,28],[120.1,28],[120.1,28.1],[120,28]]"
POLYGON = f'{{"type":"Polygon","coordinates":[{RING}]}}'


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, Any]]:
    """Run a command that must succeed and return its one JSON object."""

    def call(*arguments: str) -> dict[str, Any]:
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        document = json.loads(out)
        assert isinstance(document, dict)
        return document

    return call


Answer = Callable[..., dict[str, Any]]


def shipped(name: str) -> dict[str, Any]:
    text = (data_directory() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


def all_weights(value: str) -> str:
    criteria = [c["id"] for group in shipped("core-zone")["groups"] for c in group["criteria"]]
    return ",".join(f"{name}={value}" for name in criteria)


SCORE = ("score", "core-zone")
COVER = ("coverage", "--facilities", "hubs", "--demand", "demand")


def ouzhi(*arguments: str) -> list[str]:
    program = "import sys\nfrom api.cli import main\nsys.exit(main())"
    return [sys.executable, "-c", program, *arguments]


@pytest.mark.parametrize(
    "arguments", [SCORE, ("area", "--layer", "towns", "--json"), ("hubs", "county-hubs", "--json")]
)
def test_a_reader_who_leaves_early_is_no_error(
    arguments: tuple[str, ...], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OUZHI_WORKSPACE", str(workspace))
    with subprocess.Popen(
        ouzhi(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert (process.wait(), err) == (0, b"")


def test_help_is_quick_because_it_loads_little(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys\nfrom api.cli import main\ncode = main(['--help'])\n"
        "heavy = {'geopandas', 'pandas', 'numpy', 'pyproj', 'shapely', 'fastapi', 'pydantic_core'}"
        "\nprint(sorted(heavy & set(sys.modules)), file=sys.stderr)\nsys.exit(code)"
    )
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "geopandas" not in done.stderr
    assert done.stderr.strip() in ("[]", "['pydantic_core']")
    for command in ("build", "layers", "area", "coverage", "score", "hubs", "report", "serve"):
        assert command in done.stdout


@pytest.mark.parametrize("command", ["build", "layers", "area", "coverage", "score", "hubs"])
def test_every_command_has_help(command: str, run: Run) -> None:
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    for option in ("--lang", "--json", "--workspace"):
        assert option in out


def test_build_says_what_it_made(answer: Answer, tmp_path: Path) -> None:
    built = answer("build", "--city", "丽水", "--out", "l.gpkg", "--lang", "en")
    assert built["city"] == "丽水市"
    assert [layer["id"] for layer in built["layers"]] == list(LAYERS)
    assert {layer["crs"] for layer in built["layers"]} == {"EPSG:4490"}
    assert built["hash"] == GeoPackageStore(tmp_path / "l.gpkg").metadata["hash"]
    assert "no data yet" in built["notes"][0]
    assert [one.name for one in tmp_path.iterdir()] == ["l.gpkg"]


def test_a_build_stands_where_the_other_commands_look(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OUZHI_WORKSPACE")
    answer("build", "--city", "温州", "--boundaries", "tianditu")
    assert (tmp_path / "workspaces" / "温州市.gpkg").is_file()
    assert answer("layers")["boundaries"] == "tianditu"


def test_layers_lists_the_catalogue_with_what_is_missing(answer: Answer) -> None:
    listed = {layer["id"]: layer for layer in answer("layers", "--lang", "en")["layers"]}
    assert list(listed) == list(LAYERS)
    assert listed["zones"]["features"] == 80
    assert listed["zones"]["note"] is None
    assert listed["control_lines"]["empty"]
    assert "cannot be shipped" in listed["control_lines"]["note"]
    assert listed["control_lines"]["extent"] is None
    west, south, east, north = listed["towns"]["extent"]
    assert 119 < west < east < 122
    assert 26 < south < north < 29


def test_area_by_district_gives_the_published_figures(answer: Answer) -> None:
    document = answer("area", "--layer", "zones", "--by", "district")
    assert document["total"]["area_mu"] == pytest.approx(35_121.3, rel=1e-6)
    groups = {row["group"]: row["area_mu"] for row in document["by"]}
    assert groups["鹿城区"] == pytest.approx(3056, rel=1e-6)
    assert groups["经开区"] == pytest.approx(429, rel=1e-6)
    assert groups["平阳县"] == pytest.approx(8359, rel=1e-6)
    assert len(groups) == 13


def test_area_of_a_file(answer: Answer, tmp_path: Path) -> None:
    (tmp_path / "drawn.json").write_text(POLYGON)
    (row,) = answer("area", "drawn.json")["features"]
    assert row["area_m2"] / row["area_mu"] == pytest.approx(2000 / 3)
    assert set(row) == {"id", "crs", *MEASURES}


def test_coverage_adds_up_by_district(answer: Answer) -> None:
    document = answer(*COVER, "--radius-m", "10000")
    assert document["covered"] + document["uncovered"] == pytest.approx(9_572_903)
    for key in ("covered", "uncovered"):
        assert sum(d[key] for d in document["by_district"]) == pytest.approx(document[key])
    assert len(document["by_district"]) == 12


NUMBERS = {
    *("no", "area_mu", "enterprises", "above_scale_enterprises", "output_100m_yuan"),
    *("lon", "lat", "accuracy_m", "population"),
}


def facts(name: str) -> list[dict[str, Any]]:
    """A table of facts read by hand: numbers as numbers, what is not given as None."""
    with (data_directory() / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            {k: (float(v) if k in NUMBERS else v) if v else None for k, v in row.items()}
            for row in csv.DictReader(file)
        ]
    for row in rows:
        row["ref_lon"], row["ref_lat"] = row.get("lon"), row.get("lat")
    return rows


@pytest.fixture(scope="module")
def tables(workspace: Path) -> dict[str, list[dict[str, Any]]]:
    """The facts as the oracle wants them; demand as built, districts at their seats."""
    read = {name: facts(name) for name in ("zones", "places", "clusters", "hubs")}
    demand = GeoPackageStore(workspace).read_layer("demand")
    columns = ["ref_lon", "ref_lat", "accuracy_m", "demand_weight"]
    seats = {place["name_zh"]: place for place in read["places"]}
    people = {row["district"]: row["population"] for row in facts("population")}
    districts = [
        {**seats[row["seat_place"]], "id": row["name_zh"], "name_zh": row["name_zh"]}
        for row in facts("areas")
        if row["name_zh"] in people
    ]
    for row in districts:
        row["population"] = people[row["name_zh"]]
    return {**read, "demand": demand[columns].to_dict("records"), "districts": districts}


@pytest.mark.parametrize(("name", "key"), [("core-zone", "id"), ("core-district", "name_zh")])
def test_the_shipped_ranking_is_that_of_the_slow_oracle_on_the_facts(
    name: str, key: str, answer: Answer, tables: dict[str, list[dict[str, Any]]]
) -> None:
    document = answer("score", name)
    expected = siting_oracle.run(shipped(name), tables)
    found = {row[key]: row for row in document["alternatives"]}
    assert {i: row["rank"] for i, row in found.items()} == expected.rank
    assert {i: row["score"] for i, row in found.items()} == pytest.approx(expected.score)
    for i, row in found.items():
        assert row["values"] == pytest.approx(expected.values[i], abs=1e-9)
        assert row["score_interval"] == pytest.approx(list(expected.interval[i]))
        low, high = row["score_interval"]
        assert low <= row["score"] <= high
    excluded = {row[key]: row["excluded_by"] for row in document["excluded"]}
    assert excluded == expected.excluded


def test_contributions_add_to_the_score_in_the_order_of_the_criteria(answer: Answer) -> None:
    document = answer(*SCORE)
    order = [criterion["id"] for criterion in document["criteria"]]
    for row in document["alternatives"]:
        total = 0.0
        for name in order:
            total += row["contributions"][name]
        assert total == row["score"]
    assert sum(c["weight"] for c in document["criteria"]) == pytest.approx(1.0)
    assert [round(group["weight"], 12) for group in document["groups"]] == [0.25] * 4
    assert document["heading"].startswith("未核对三区三线")


def test_the_ledger_of_the_core_zone(answer: Answer) -> None:
    document = answer(*SCORE)
    assert [rule["excluded"] for rule in document["rules"]] == [9, 24]
    assert len(document["alternatives"]) + len(document["excluded"]) == 80
    for row in document["excluded"]:
        assert len(row["reasons"]) == len(row["excluded_by"]) > 0


def test_zones_that_share_a_point_tie_on_every_distance(answer: Answer) -> None:
    document = answer(*SCORE)
    found = {row["id"]: row for row in document["alternatives"]}
    spatial = [c["id"] for c in document["criteria"] if c["id"].endswith(("_distance", "_nearby"))]
    pairs = [(row, found[other]) for row in found.values() for other in row["shares_point_with"]]
    assert len(spatial) == 9
    assert pairs
    for row, other in pairs:
        assert [row["performance"][c] for c in spatial] == [
            other["performance"][c] for c in spatial
        ]


def test_weights_on_the_command_line_are_brought_to_one(answer: Answer) -> None:
    only = all_weights("0").replace("centre_distance=0", "centre_distance=5")
    document = answer(*SCORE, "--weights", only)
    weights = {c["id"]: c["weight"] for c in document["criteria"]}
    assert weights.pop("centre_distance") == 1.0
    assert set(weights.values()) == {0.0}
    for row in document["alternatives"]:
        assert row["score"] == row["values"]["centre_distance"]


def test_expired_rules_are_told_on_a_later_day(answer: Answer) -> None:
    before, after = (
        answer(*SCORE, "--lang", "en"),
        answer(*SCORE, "--as-of", "2026-01-01", "--lang", "en"),
    )
    expired = "(2022-2024) has expired on 2026-01-01 (valid to 2025-11-15)"
    assert not [w for w in before["warnings"] if expired in w]
    assert [w for w in after["warnings"] if expired in w]
    assert after["as_of"] == "2026-01-01"


@pytest.mark.parametrize(
    ("name", "total", "share"), [("county-hubs", 6, 12), ("forward-warehouses", 20, 24)]
)
def test_hub_plans_state_both_readings_with_their_proof(
    name: str, total: int, share: int, answer: Answer
) -> None:
    document = answer("hubs", name, "--lang", "en")
    by_total, by_share = document["readings"]
    assert (len(by_total["facilities"]), len(by_share["facilities"])) == (total, share)
    assert document["facilities"] == by_total["facilities"]
    for reading in (by_total, by_share):
        assert reading["status"] == "optimal"
        assert reading["gap"] <= 1e-6
        assert reading["proof"] == "It is optimal for this model and these data"
        assert sum(f["demand_points"] for f in reading["facilities"]) == 195
        assert len(reading["assignment"]) == 195
        assert reading["unserved"] == []
    assert "estimated" in " ".join(document["assumptions"])
    assert by_share["decomposes"]
    assert not by_total["decomposes"]
    assert "inference" in document["conflict"]


def test_covering_serves_only_within_the_radius(answer: Answer) -> None:
    document = answer("hubs", "county-hubs", "--model", "mclp", "--reading", "total")
    (reading,) = document["readings"]
    assert reading["max_distance_m"] <= 20_000
    assert len(reading["assignment"]) + len(reading["unserved"]) == 195
    assert sum(f["load"] for f in reading["facilities"]) == pytest.approx(reading["objective"])


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("layers",), "老旧工业区", "Old industrial zones"),
        (("area", "--layer", "zones", "--by", "line_class"), "（未给出）", "(not given)"),
        ((*COVER, "--radius-m", "5000"), "5 公里以内（含）", "within 5 km"),
        (SCORE, "未核对三区三线", "Not checked against the control lines"),
        (("hubs", "county-hubs"), "此最优性只对本模型和这些数据成立", "It is optimal"),
    ],
)
def test_a_terminal_reads_either_language(
    arguments: tuple[str, ...], zh: str, en: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert zh in out
    code, out, err = run(*arguments, "--lang", "en")
    assert (code, err) == (0, "")
    assert en in out
    monkeypatch.setenv("OUZHI_LANG", "en")
    assert en in run(*arguments)[1]
