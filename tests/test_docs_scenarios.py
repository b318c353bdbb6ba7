"""The page of scenario files is whole: every key explained, every key used in an example that runs.

Parts, kinds and keys come from the models of `geo.scenario`, so that a new one without its heading,
its row or its example fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from doc_pages import SCENARIOS, blocks, headings, read, rows, section
from pydantic import BaseModel
from scenario_parts import choice_of, parts, words_of

from geo.criteria import describe
from geo.hubs import allocate, place_hubs
from geo.odds import weight_sampler
from geo.scenario import (
    AllocationScenario,
    Bonus,
    CriterionSpec,
    FirstStage,
    LocationScenario,
    SitingScenario,
)
from geo.scoring import score_alternatives
from geo.sentence import LANGS, Lang
from layers.scenarios import (
    read_hubs,
    read_location,
    read_scenario,
    read_siting,
    validate_scenario,
)
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

OPTIONAL = {"en": ("optional", "left out"), "zh": ("可省", "省去")}


@cache
def examples(lang: Lang) -> list[dict[str, Any]]:
    return [yaml.safe_load(text) for text in blocks(read(SCENARIOS[lang]), "yaml")]


def whole(kind: str) -> dict[str, Any]:
    (one,) = [example for example in examples("en") if example.get("kind") == kind]
    return one


def fragments(of: type[BaseModel]) -> list[dict[str, Any]]:
    """The examples that are keys of a criterion, or of a scenario."""
    pieces = [example for example in examples("en") if "id" not in example]
    return [one for one in pieces if set(one) <= set(of.model_fields)]


def with_criterion(piece: dict[str, Any]) -> dict[str, Any]:
    """The siting example with a single criterion, in which the piece stands."""
    siting = whole("siting")
    group = siting["groups"][0]
    alone = {**group, "criteria": [{**group["criteria"][0], **piece}]}
    kept = {key: value for key, value in siting.items() if key not in ("weights", "first_stage")}
    return {**kept, "groups": [alone]}


def complete() -> list[dict[str, Any]]:
    """Every example as a whole scenario."""
    return [
        whole("siting"),
        whole("location"),
        whole("allocation"),
        *({**whole("location"), **piece} for piece in fragments(LocationScenario)),
        *(with_criterion(piece) for piece in fragments(CriterionSpec)),
        *({**whole("siting"), **piece} for piece in fragments(SitingScenario)),
    ]


def called(piece: dict[str, Any]) -> str:
    """The kind that a piece is an example of, for the name of its test."""
    (first, *_) = piece.values()
    return str(first.get("kind", first.get("method")))


def written(folder: Path, scenario: dict[str, Any]) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(scenario, allow_unicode=True), encoding="utf-8")
    return str(path)


def keys_used(part: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """Part and name of every key that is written; a stage before is an id in the file."""
    if isinstance(part, BaseModel):
        for name in part.model_fields_set:
            yield type(part), name
            if not (isinstance(part, FirstStage | Bonus) and name == "scenario"):
                yield from keys_used(getattr(part, name))
    elif isinstance(part, dict):
        for value in part.values():
            yield from keys_used(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from keys_used(value)


def chosen_in(value: Any, key: str) -> Iterator[str]:
    """Every word that stands behind a key, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        for inner in value.values():
            yield from chosen_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from chosen_in(inner, key)


def test_parts_are_found_in_all_corners_of_a_scenario() -> None:
    titles = set(parts())
    assert {"`kind: allocation`", "`existing`", "`tier_counts`", "`futures`"} <= titles
    assert {"`kind: siting`", "`kind: location`", "`groups`", "`filter`", "`decay`"} <= titles
    assert {"`kind: hot_spot`", "`kind: target`", "`judgements`", "`people`"} <= titles
    assert {"`method: direct`, `method: swing`", "`kind: fixed`", "`readings`"} <= titles


@pytest.mark.parametrize("lang", LANGS)
def test_every_part_has_its_heading_and_no_other_is_there(lang: Lang) -> None:
    titles = [
        title.replace("、", ", ") for title in headings(read(SCENARIOS[lang])) if title[0] == "`"
    ]
    found = [[part for part in parts() if _begins(title, part)] for title in titles]
    assert [title for title, owners in zip(titles, found, strict=True) if not owners] == []
    assert sorted(part for owners in found for part in owners) == sorted(parts())


def _begins(title: str, part: str) -> bool:
    return title == part or title.startswith(f"{part} ")


def part_section(lang: Lang, title: str) -> str:
    written_so = title if lang == "en" else title.replace(", ", "、")
    return section(read(SCENARIOS[lang]), written_so)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("title", parts())
def test_every_key_of_a_part_is_explained_and_no_other(lang: Lang, title: str) -> None:
    model = parts()[title]
    explained = rows(part_section(lang, title))
    assert sorted(key for key, _ in explained) == sorted(model.model_fields)
    for key, meaning in explained:
        field = model.model_fields[key]
        says_so = any(word in meaning for word in OPTIONAL[lang])
        assert says_so is not field.is_required(), (key, meaning)
        unsaid = [word for word in words_of(field.annotation) if f"`{word}`" not in meaning]
        assert unsaid == [], key


def test_the_examples_are_the_same_in_both_languages() -> None:
    assert examples("zh") == examples("en")


def test_every_example_is_a_whole_scenario_or_a_piece_of_one() -> None:
    pieces = [fragments(of) for of in (CriterionSpec, SitingScenario, LocationScenario)]
    assert min(map(len, pieces)) > 4
    assert sum(map(len, pieces)) > 30
    assert len(complete()) == len(examples("en")) == sum(map(len, pieces)) + 3


@pytest.mark.parametrize("title", [title for title in parts() if ": " in title])
def test_every_kind_has_an_example_under_its_heading(title: str) -> None:
    key, words = choice_of(parts()[title])
    own = [yaml.safe_load(text) for text in blocks(part_section("en", title), "yaml")]
    if words in (["siting"], ["location"], ["allocation"]):
        own = [whole(words[0])]
    assert set(words) <= set(chosen_in(own, key))


def test_every_method_of_ranking_has_an_example() -> None:
    ranking = parts()["`ranking`"]
    shown = [
        piece["ranking"]["method"] for piece in fragments(SitingScenario) if "ranking" in piece
    ]
    assert sorted(shown) == sorted(words_of(ranking.model_fields["method"].annotation))


def test_the_examples_use_every_key_of_every_part(tmp_path: Path) -> None:
    used = {
        one
        for example in complete()
        for one in keys_used(read_scenario(written(tmp_path, example)))
    }
    known = {(model, key) for model in parts().values() for key in model.model_fields}
    assert {(model.__name__, key) for model, key in known - used} == set()
    assert used == known


@pytest.fixture(scope="module")
def store(workspace: Path) -> MemoryStore:
    """The workspace, read once."""
    return MemoryStore(GeoPackageStore(workspace))


def test_every_example_fits_the_workspace(store: MemoryStore) -> None:
    for example in complete():
        validate_scenario(example, store, origin=str(example["id"]))


def test_the_siting_example_runs(store: MemoryStore, tmp_path: Path) -> None:
    scenario = read_siting(written(tmp_path, whole("siting")))
    result = score_alternatives(scenario, store.read_layers())
    assert len(result.alternatives) + len(result.excluded) == 80
    assert (result.ledger.sum(axis=0) > 0).all()
    assert result.leading.any()
    assert 6 <= result.chosen.sum() < len(result.alternatives)
    assert (np.ptp(result.values, axis=0) > 0).all()


def test_the_location_example_runs(store: MemoryStore, tmp_path: Path) -> None:
    scenario = read_location(written(tmp_path, whole("location")))
    result = place_hubs(scenario, store.read_layers())
    assert [one.solution.status for one in result.readings] == ["optimal", "optimal"]
    assert [len(one.solution.facilities) for one in result.readings] == [3, 4]


@pytest.mark.parametrize("piece", fragments(LocationScenario), ids=lambda piece: next(iter(piece)))
def test_a_piece_of_a_location_scenario_runs(
    piece: dict[str, Any], store: MemoryStore, tmp_path: Path
) -> None:
    scenario = read_location(written(tmp_path, {**whole("location"), **piece}))
    first = place_hubs(scenario, store.read_layers(), time_limit_s=300.0).readings[0]
    plan = first.tiers or first.solution
    assert plan.status == "optimal"


def test_the_allocation_example_runs(store: MemoryStore, tmp_path: Path) -> None:
    scenario = read_hubs(written(tmp_path, whole("allocation")))
    assert isinstance(scenario, AllocationScenario)
    shares = allocate(scenario, store.read_layers()).readings[0].shares
    assert shares is not None
    assert shares.units.sum() == 20
    assert min(shares.by_group.values()) >= 8


@pytest.mark.parametrize("piece", fragments(CriterionSpec), ids=called)
def test_a_piece_of_a_criterion_tells_the_zones_apart(
    piece: dict[str, Any], store: MemoryStore, tmp_path: Path
) -> None:
    scenario = read_siting(written(tmp_path, with_criterion(piece)))
    result = score_alternatives(scenario, store.read_layers())
    assert len(set(np.round(result.values[:, 0], 6))) > 2
    assert all(describe(result.criteria[0]).of(lang) for lang in LANGS)


@pytest.mark.parametrize("piece", fragments(SitingScenario), ids=called)
def test_a_piece_of_a_scenario_ranks_the_zones(
    piece: dict[str, Any], store: MemoryStore, tmp_path: Path
) -> None:
    scenario = read_siting(written(tmp_path, {**whole("siting"), **piece}))
    result = score_alternatives(scenario, store.read_layers())
    assert result.rank[0] == 1
    assert sum(result.weights.values()) == pytest.approx(1.0)
    sampler, _ = weight_sampler(scenario.weight_draws, result.weights)
    drawn = sampler.batch(np.random.default_rng(0), 50)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(50))
