"""The docs are whole: everything the program has stands under its heading in both languages."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from doc_pages import (
    CATALOGUE,
    DOCS,
    PAGES,
    REFERENCE,
    ROOT,
    anchors,
    blocks,
    links,
    missing,
    outline,
    read,
    rows,
    section,
    without_code,
)
from pydantic import BaseModel
from shapes import require_shape

from api.app import create_app
from api.cli import app as commands
from api.models import ReportRequest, RunRequest
from api.models.zone import ZoneRequest
from api.openapi import DescribedApp, operations
from api.settings import Settings
from geo.criteria import describe
from geo.scenario import SitingScenario
from geo.sentence import LANGS, Lang
from layers.catalog import LAYERS, TABLES
from layers.scenarios import read_scenario, scenario_ids
from layers.schemas import SCHEMAS
from layers.store.geopackage import GeoPackageStore


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_catalogue", DOCS / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_catalogue_is_what_the_program_says_of_itself(catalogue: ModuleType) -> None:
    for name, text in catalogue.pages().items():
        assert read(name) == text, f"run `python docs/catalogue.py` to write {name} again"


@pytest.mark.parametrize("lang", LANGS)
def test_every_criterion_rule_and_reading_has_its_heading(lang: Lang) -> None:
    wanted = []
    for name in scenario_ids():
        scenario = read_scenario(name)
        wanted.append(f"`{name}` {scenario.title.of(lang)}")
        if isinstance(scenario, SitingScenario):
            wanted += [f"`{name}.{c.id}` {c.name.of(lang)}" for c in scenario.criteria]
            wanted += [f"`{name}.{r.id}` {r.sentence.of(lang)}" for r in scenario.exclusions]
        else:
            wanted += [f"`{name}.{r.id}` {r.title.of(lang)}" for r in scenario.readings]
    assert len(wanted) > 80
    assert missing(wanted, CATALOGUE[lang]) == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_criterion_has_its_sentence(lang: Lang) -> None:
    text = read(CATALOGUE[lang])
    for name in scenario_ids():
        scenario = read_scenario(name)
        if isinstance(scenario, SitingScenario):
            for spec in scenario.criteria:
                part = section(text, f"`{name}.{spec.id}`")
                assert describe(spec).of(lang) in part, spec.id
                assert spec.proxy_for is None or spec.proxy_for.of(lang) in part, spec.id


@pytest.mark.parametrize("lang", LANGS)
def test_every_choice_per_group_and_every_group_is_named(lang: Lang) -> None:
    text = read(CATALOGUE[lang])
    siting = [one for one in map(read_scenario, scenario_ids()) if isinstance(one, SitingScenario)]
    assert any(one.per_group for one in siting)
    for scenario in siting:
        part = section(text, f"`{scenario.id}` ")
        assert scenario.per_group is None or scenario.per_group.sentence.of(lang) in part
        for top in scenario.groups:
            assert all(group.title.of(lang) in part for group in top.family() if group.criteria)


@pytest.mark.parametrize("lang", LANGS)
def test_every_layer_and_table_has_its_heading_and_its_fields(lang: Lang) -> None:
    text = read(CATALOGUE[lang])
    for layer in LAYERS.values():
        part = section(text, f"`{layer.id}` {layer.title.of(lang)}")
        for field in layer.fields:
            assert f"| `{field.name}` | {field.title.of(lang)} |" in part, (layer.id, field.name)
    for name, columns in SCHEMAS.items():
        part = section(text, f"`{name}.csv`")
        assert [c.name for c in columns] == re.findall(r"^\| `(\w+)`", part, re.MULTILINE), name
    for table, spec in TABLES.items():
        assert spec.title.of(lang) in section(text, f"`{table}.csv`")


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command with its words, those of groups of commands too."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(words), command
        return
    for name, one in inner.items():
        yield from leaves(one, (*words, name))


def all_commands() -> dict[str, Any]:
    return dict(leaves(typer.main.get_command(commands)))


def options_of(command: Any) -> set[str]:
    return {opt for param in command.params for opt in param.opts if opt != "--help"}


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_has_its_heading_and_its_options(lang: Lang) -> None:
    text = read(REFERENCE[lang])
    documented = re.findall(r"^### `ouzhi ([\w -]+)`", text, re.MULTILINE)
    assert sorted(documented) == sorted(all_commands())
    assert len(documented) >= 8
    for name, command in all_commands().items():
        part = section(text, f"`ouzhi {name}`")
        given = options_of(command)
        assert [opt for opt in sorted(given) if f"`{opt}`" not in part] == [], name
        told = re.findall(r"`(--[\w-]+)`", part)
        assert [opt for opt in told if opt not in given] == [], name


@pytest.mark.parametrize("lang", LANGS)
def test_every_route_has_its_heading_and_its_parameters(lang: Lang, workspace: Path) -> None:
    text = read(REFERENCE[lang])
    described = create_app(GeoPackageStore(workspace))
    assert isinstance(described, DescribedApp)
    routes = [(f"{m.upper()} {path}", one) for path, m, one in operations(described.openapi())]
    for title, operation in routes:
        part = section(text, f"`{title}`")
        for parameter in operation["parameters"]:
            if parameter["in"] == "query" and parameter["name"] != "lang":
                assert f"`{parameter['name']}`" in part, (title, parameter["name"])
    documented = re.findall(r"^### `([A-Z]+ /\S+)`", text, re.MULTILINE)
    assert sorted(documented) == sorted(title for title, _ in routes)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("POST /api/scenarios/{scenario_id}/run", RunRequest),
        ("POST /api/scenarios/{scenario_id}/zone", ZoneRequest),
        ("POST /api/reports", ReportRequest),
    ],
)
def test_every_key_of_a_body_is_explained_and_no_other(
    lang: Lang, route: str, body: type[BaseModel]
) -> None:
    explained = rows(section(read(REFERENCE[lang]), f"`{route}`"))
    assert sorted(key for key, _ in explained) == sorted(body.model_fields)


@pytest.mark.parametrize("lang", LANGS)
def test_every_shape_is_linked(lang: Lang) -> None:
    there = {path.name for path in (DOCS / "schemas").glob("*.json")}
    linked = {target.removeprefix("schemas/") for target in links(read(REFERENCE[lang]))}
    assert there - linked == set()
    assert len(there) > 10


@pytest.mark.parametrize("lang", LANGS)
def test_every_setting_has_its_heading(lang: Lang) -> None:
    prefix = Settings.model_config["env_prefix"]
    wanted = [f"`{prefix}{name.upper()}`" for name in Settings.model_fields]
    used = {param.envvar for one in all_commands().values() for param in one.params if param.envvar}
    assert used == {"OUZHI_WORKSPACE", "OUZHI_LANG", "OUZHI_AUTHOR"}
    assert missing([*wanted, *(f"`{name}`" for name in used)], REFERENCE[lang]) == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_of_another_city_is_explained(lang: Lang) -> None:
    title = {"zh": "别的城市", "en": "Another city"}[lang]
    part = section(read(REFERENCE[lang]), title)
    assert set(re.findall(r"`(\w+)\.csv`", part)) == set(SCHEMAS)


@pytest.mark.parametrize("lang", LANGS)
def test_the_example_of_an_error_is_one(lang: Lang) -> None:
    (body,) = blocks(read(REFERENCE[lang]), "json")
    require_shape("problem", json.loads(body))


@pytest.mark.parametrize("name", [page[lang] for page in PAGES for lang in LANGS])
def test_every_link_leads_somewhere(name: str) -> None:
    found = links(read(name))
    assert found
    for target in found:
        file, _, anchor = target.partition("#")
        assert (DOCS / file).exists(), target
        if anchor:
            assert anchor in anchors(read(file or name)), target


def test_both_languages_have_the_same_headings() -> None:
    for page in PAGES:
        levels = [[level for level, _ in outline(read(page[lang]))] for lang in LANGS]
        assert levels[0] == levels[1]
        assert len(levels[0]) > 5


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_commands_of_the_readme_are_those_of_the_program() -> None:
    lines = [
        shlex.split(line, comments=True)[1:]
        for block in blocks(README, "sh")
        for line in block.splitlines()
        if "bin/ouzhi" in line
    ]
    known = all_commands()
    assert len(lines) > 15
    for words in lines:
        named = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        given = [word for word in words if word.startswith("-")]
        assert set(given) <= options_of(known[named]), words
        if named in ("score", "hubs"):
            assert words[1] in scenario_ids(), words


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in links(README):
        if target.startswith("#"):
            assert target[1:] in anchors(README), target
        elif not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_the_readme_names_every_scenario_that_ships() -> None:
    assert [name for name in scenario_ids() if f"`{name}`" not in without_code(README)] == []


def test_the_lines_of_python_of_the_readme_run(
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "workspaces").mkdir()
    (tmp_path / "workspaces" / "温州市.gpkg").symlink_to(workspace)
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(README, "python")
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.count("工业") > 1
