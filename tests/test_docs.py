"""The docs are whole: everything the program has stands under its heading in both languages."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel
from shapes import require_shape

from api.app import create_app
from api.cli import app as commands
from api.openapi import DescribedApp, operations
from api.settings import Settings
from geo.criteria import describe
from geo.hubs import place_hubs
from geo.scenario import FirstStage, LocationScenario, SitingScenario
from geo.scoring import score_alternatives
from geo.sentence import LANGS, Lang
from layers.catalog import LAYERS, TABLES
from layers.scenarios import read_location, read_scenario, read_siting, scenario_ids
from layers.schemas import SCHEMAS
from layers.store.geopackage import GeoPackageStore

DOCS = Path(__file__).resolve().parent.parent / "docs"
REFERENCE: dict[Lang, str] = {"zh": "reference.zh.md", "en": "reference.md"}
CATALOGUE: dict[Lang, str] = {"zh": "catalogue.zh.md", "en": "catalogue.md"}
HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEY_ROW = re.compile(r"^\| `([\w.]+)` \| (.+) \|$", re.MULTILINE)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return BLOCK.sub("", text)


def headings(text: str) -> list[str]:
    return [title for _, title in HEADING.findall(without_code(text))]


def section(text: str, title: str) -> str:
    """The text under one heading, up to the next of the same or a higher level."""
    found = next(one for one in HEADING.finditer(text) if one[2].startswith(title))
    rest = text[found.end() :]
    after = [one for one in HEADING.finditer(rest) if len(one[1]) <= len(found[1])]
    return rest[: after[0].start()] if after else rest


def missing(wanted: Iterable[str], name: str) -> list[str]:
    """What has no heading of its own that begins with it."""
    there = headings(read(name))
    return [one for one in wanted if not any(title.startswith(one) for title in there)]


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
    assert len(wanted) > 30
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
def test_every_layer_and_table_has_its_heading_and_its_fields(lang: Lang) -> None:
    text = read(CATALOGUE[lang])
    for layer in LAYERS.values():
        part = section(text, f"`{layer.id}` {layer.title.of(lang)}")
        for field in layer.fields:
            assert f"| `{field.name}` | {field.title.of(lang)} |" in part, (layer.id, field.name)
    for name, columns in SCHEMAS.items():
        part = section(text, f"`{name}.csv`")
        assert [c.name for c in columns] == re.findall(r"^\| `(\w+)`", part, re.MULTILINE), name
    for table, title in TABLES.items():
        assert title.of(lang) in section(text, f"`{table}.csv`")


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_has_its_heading_and_its_options(lang: Lang) -> None:
    text = read(REFERENCE[lang])
    group: Any = typer.main.get_command(commands)
    assert len(group.commands) >= 8
    for name, command in group.commands.items():
        part = section(text, f"`ouzhi {name}`")
        given = [opt for param in command.params for opt in param.opts if opt != "--help"]
        absent = [opt for opt in given if f"`{opt}`" not in part]
        assert absent == [], name
    documented = re.findall(r"^### `ouzhi (\w+)`", text, re.MULTILINE)
    assert documented == list(group.commands)


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
    documented = re.findall(r"^### `((?:GET|POST) \S+)`", text, re.MULTILINE)
    assert sorted(documented) == sorted(title for title, _ in routes)


@pytest.mark.parametrize("lang", LANGS)
def test_every_setting_has_its_heading(lang: Lang) -> None:
    prefix = Settings.model_config["env_prefix"]
    wanted = [f"`{prefix}{name.upper()}`" for name in Settings.model_fields]
    group: Any = typer.main.get_command(commands)
    used = {param.envvar for one in group.commands.values() for param in one.params if param.envvar}
    assert used == {"OUZHI_WORKSPACE", "OUZHI_LANG"}
    assert missing([*wanted, *(f"`{name}`" for name in used)], REFERENCE[lang]) == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_of_another_city_is_explained(lang: Lang) -> None:
    title = {"zh": "别的城市", "en": "Another city"}[lang]
    part = section(read(REFERENCE[lang]), title)
    assert set(re.findall(r"`(\w+)\.csv`", part)) == set(SCHEMAS)


@pytest.mark.parametrize("lang", LANGS)
def test_the_example_of_an_error_is_one(lang: Lang) -> None:
    ((_, body),) = [one for one in BLOCK.findall(read(REFERENCE[lang])) if one[0] == "json"]
    require_shape("problem", json.loads(body))


def examples(lang: Lang) -> tuple[str, str]:
    """The siting and the location scenario of the reference."""
    siting, location = (
        body for kind, body in BLOCK.findall(read(REFERENCE[lang])) if kind == "yaml"
    )
    return siting, location


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_examples_are_the_same_in_both_languages() -> None:
    assert [yaml.safe_load(text) for text in examples("zh")] == [
        yaml.safe_load(text) for text in examples("en")
    ]


def test_the_siting_example_parses_and_runs(workspace: Path, tmp_path: Path) -> None:
    scenario = read_siting(written(tmp_path, examples("en")[0]))
    result = score_alternatives(scenario, GeoPackageStore(workspace).read_layers())
    assert len(result.alternatives) + len(result.excluded) == 12
    assert {"龙港市", "洞头区"} <= set(result.excluded["name_zh"])
    assert result.leading.sum() >= 4
    assert (result.values.max(axis=0) > 0).all()


def test_the_location_example_parses_and_runs(workspace: Path, tmp_path: Path) -> None:
    scenario = read_location(written(tmp_path, examples("en")[1]))
    result = place_hubs(scenario, GeoPackageStore(workspace).read_layers())
    assert [one.solution.status for one in result.readings] == ["optimal", "optimal"]
    assert [len(one.solution.facilities) for one in result.readings] == [3, 4]


def keys_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Dotted names of every key a scenario file may have; a stage before is an id there."""
    for name, field in model.model_fields.items():
        place = f"{path}{name}"
        yield place
        if not (model is FirstStage and name == "scenario"):
            for inner in models_in(field.annotation):
                yield from keys_of(inner, f"{place}.")


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def keys_used(value: Any, known: set[str], path: str = "") -> Iterator[str]:
    """Dotted names of the keys that a document uses."""
    if isinstance(value, list):
        for one in value:
            yield from keys_used(one, known, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if f"{path}{name}" in known:
                yield f"{path}{name}"
                yield from keys_used(inner, known, f"{path}{name}.")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("model", "place", "titles"),
    [
        (SitingScenario, 0, {"zh": "比选方案", "en": "Siting"}),
        (LocationScenario, 1, {"zh": "布点方案", "en": "Location"}),
    ],
)
def test_an_example_uses_every_key_and_every_key_is_explained(
    lang: Lang, model: type[BaseModel], place: int, titles: dict[Lang, str]
) -> None:
    known = set(keys_of(model))
    assert len(known) > 15
    used = set(keys_used(yaml.safe_load(examples(lang)[place]), known))
    assert known - used == set()
    rows = KEY_ROW.findall(section(read(REFERENCE[lang]), titles[lang]))
    assert {key for key, _ in rows} == known
    assert len(rows) == len(known)
    assert all(len(meaning) > 1 for _, meaning in rows)


@pytest.mark.parametrize(
    "name", ["reference.md", "reference.zh.md", "catalogue.md", "catalogue.zh.md"]
)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", without_code(read(name))):
        file, _, anchor = target.partition("#")
        assert (DOCS / file).exists(), target
        if anchor:
            titles = [title.lower().replace(" ", "-") for title in headings(read(file))]
            assert anchor in titles, target


def test_both_languages_have_the_same_headings() -> None:
    for names in (REFERENCE, CATALOGUE):
        levels = [
            [len(one) for one, _ in HEADING.findall(without_code(read(names[lang])))]
            for lang in LANGS
        ]
        assert levels[0] == levels[1]
