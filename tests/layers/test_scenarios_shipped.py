"""The scenarios that ship: every name they use exists, every clause is from a known document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.criteria import STAND_IN_M, select
from geo.scenario import (
    AttributeMeasure,
    CategoriesSpec,
    CriterionSpec,
    EqualWeights,
    Filter,
    MembersMeasure,
    RatioMeasure,
    SitingScenario,
    UniformDraws,
)
from geo.scoring import score_alternatives
from geo.sentence import Sentence
from layers.catalog import LAYERS
from layers.facts import read_tables
from layers.scenarios import read_siting
from layers.store.geopackage import GeoPackageStore

NEW = ["cold-chain", "county-clusters", "ecommerce-parks", "pilots", "transition-plants"]
SITING = ["core-district", "core-zone", *NEW]
ZONES = [name for name in NEW if name != "county-clusters"]
LATIN = {"IP"}  # printed in the Chinese of the documents themselves

siting = cache(read_siting)

Layers = Mapping[str, gpd.GeoDataFrame]
Cases = list[tuple[str, CriterionSpec]]


def criteria() -> Cases:
    return [(name, spec) for name in SITING for spec in siting(name).criteria]


def each_criterion() -> pytest.MarkDecorator:
    cases = criteria()
    return pytest.mark.parametrize(
        ("scenario", "spec"), cases, ids=[f"{name}.{spec.id}" for name, spec in cases]
    )


@pytest.fixture(scope="module")
def layers(workspace: Path) -> Layers:
    store = GeoPackageStore(workspace)
    return {name: store.read_layer(name) for name in LAYERS}


@pytest.fixture(scope="module")
def sources() -> pd.DataFrame:
    return read_tables()["sources"].set_index("id")


@pytest.fixture(scope="module")
def zones(layers: Layers) -> gpd.GeoDataFrame:
    return layers["zones"].set_index("id")


def sentences(scenario: SitingScenario) -> Iterator[Sentence]:
    """All that the file itself says in two languages, units apart."""
    yield scenario.title
    yield from scenario.assumptions
    yield from (one.title for top in scenario.groups for one in top.family())
    for spec in scenario.criteria:
        yield from (spec.name, spec.measure.what, *([spec.proxy_for] if spec.proxy_for else []))
    for rule in scenario.exclusions:
        yield from (rule.sentence, *([rule.assumption] if rule.assumption else []))
    if scenario.per_group is not None:
        yield scenario.per_group.sentence


def fields_used(spec: CriterionSpec, alternatives: str) -> list[tuple[str, str]]:
    """Each layer and field that a criterion reads."""
    measure = spec.measure
    if isinstance(measure, AttributeMeasure | RatioMeasure):
        own = ("field", "numerator", "denominator")
        return [(alternatives, getattr(measure, name)) for name in own if hasattr(measure, name)]
    named = [*measure.filter, getattr(measure, "field", None)]
    used = [(measure.layer, name) for name in named if name is not None]
    if isinstance(measure, MembersMeasure):
        used += [(measure.layer, measure.member_field), (alternatives, measure.own_field)]
    return used


def filter_of(spec: CriterionSpec) -> Filter:
    return getattr(spec.measure, "filter", {})


# names that must exist


@pytest.mark.parametrize("name", SITING)
def test_each_is_read_by_its_own_id_on_the_day_of_wenzhou(name: str) -> None:
    scenario = siting(name)
    assert scenario.id == name
    assert scenario.as_of.isoformat() == "2023-01-01"
    assert scenario.alternatives in LAYERS


@each_criterion()
def test_layers_and_fields_are_in_the_catalogue(scenario: str, spec: CriterionSpec) -> None:
    for layer, field in fields_used(spec, siting(scenario).alternatives):
        assert field in {one.name for one in LAYERS[layer].fields}, (layer, field)


@each_criterion()
def test_no_value_of_a_filter_is_a_slip(scenario: str, spec: CriterionSpec, layers: Layers) -> None:
    """Each listed value is in the data, and all fields together keep at least one feature."""
    table = layers[getattr(spec.measure, "layer", siting(scenario).alternatives)]
    for field, allowed in filter_of(spec).items():
        if isinstance(allowed, list):
            assert len(set(allowed)) == len(allowed)
            assert set(allowed) <= set(table[field].dropna())
    assert not select(table, filter_of(spec)).empty


@each_criterion()
def test_every_category_of_the_data_has_its_worth(
    scenario: str, spec: CriterionSpec, layers: Layers
) -> None:
    if not isinstance(spec.value, CategoriesSpec):
        return
    assert isinstance(spec.measure, AttributeMeasure)
    column = layers[siting(scenario).alternatives][spec.measure.field]
    assert set(spec.value.values) == set(column.dropna())


@pytest.mark.parametrize("name", SITING)
def test_exclusions_and_choices_name_fields_and_values_that_exist(
    name: str, layers: Layers
) -> None:
    scenario = siting(name)
    own = layers[scenario.alternatives]
    for rule in scenario.exclusions:
        assert rule.field in own.columns
        if isinstance(rule.value, list):
            assert set(rule.value) <= set(own[rule.field].dropna())
    if scenario.per_group is not None:
        assert own[scenario.per_group.field].notna().all()


# documents


@each_criterion()
def test_sources_are_known(scenario: str, spec: CriterionSpec, sources: pd.DataFrame) -> None:
    assert spec.sources, scenario
    assert set(spec.sources) <= set(sources.index)


@pytest.mark.parametrize("name", SITING)
def test_clauses_name_documents_that_are_on_file(name: str, sources: pd.DataFrame) -> None:
    scenario = siting(name)
    clauses = [scenario.clause, *(rule.clause for rule in scenario.exclusions if rule.clause)]
    for clause in clauses:
        number = re.match(r"温政办〔\d{4}〕\d+号", clause)
        assert number is not None, clause
        assert number[0] in set(sources["number"]), clause
        assert len(clause) > len(number[0]), "the document without its clause"


@pytest.mark.parametrize("name", SITING)
def test_the_document_of_the_clause_is_among_the_sources(name: str, sources: pd.DataFrame) -> None:
    scenario = siting(name)
    number = scenario.clause.split("号")[0] + "号"
    governing = set(sources.index[sources["number"] == number])
    assert governing & {source for spec in scenario.criteria for source in spec.sources}


@each_criterion()
def test_a_document_named_in_words_is_among_the_sources(
    scenario: str, spec: CriterionSpec, sources: pd.DataFrame
) -> None:
    listed = " ".join(sources["number"].reindex(spec.sources).dropna())
    for number in re.findall(r"(\d{2}) ?号文", spec.measure.what.zh):
        assert f"〕{number}号" in listed, scenario
    named = re.findall(r"[Dd]ocument (\d{2})", spec.measure.what.en)
    assert set(named) == set(re.findall(r"(\d{2}) ?号文", spec.measure.what.zh))


@pytest.mark.parametrize("name", SITING)
def test_nobody_is_left_out_without_a_clause_or_an_assumption(name: str) -> None:
    for rule in siting(name).exclusions:
        assert rule.clause or rule.assumption, rule.id


@pytest.mark.parametrize("name", ["core-zone", *NEW])
@pytest.mark.parametrize("source", ["wz-2022-74", "wz-2022-79"])
def test_the_end_of_a_document_is_told(name: str, source: str, sources: pd.DataFrame) -> None:
    scenario = siting(name)
    if not any(source in spec.sources for spec in scenario.criteria):
        return
    end = str(sources.loc[source, "valid_to"])
    assert any(end in words.zh and end in words.en for words in scenario.assumptions)


# words


@pytest.mark.parametrize("name", SITING)
def test_everything_is_said_in_both_languages(name: str) -> None:
    for words in sentences(siting(name)):
        assert re.search(r"[一-鿿]", words.zh), words
        assert set(re.findall(r"[A-Za-z]+", words.zh)) <= LATIN, words.zh
        assert re.search(r"[A-Za-z]", words.en), words
        assert not re.search(r"[　-鿿＀-￯]", words.en), words.en


@each_criterion()
def test_what_is_measured_fits_into_its_sentence(scenario: str, spec: CriterionSpec) -> None:
    """Chinese needs no change; in English a distance, density or gravity has it inside."""
    inside = spec.measure.kind in ("distance_to_nearest", "gravity", "kernel_density")
    assert spec.measure.what.en[0].islower() == inside, scenario
    assert not spec.measure.what.zh.endswith(("。", "；"))


@each_criterion()
def test_units_are_given_in_both_languages_or_in_none(scenario: str, spec: CriterionSpec) -> None:
    assert bool(spec.unit.zh) == bool(spec.unit.en) == (spec.value.kind != "categories"), scenario


@pytest.mark.parametrize("name", SITING)
def test_what_is_ours_is_said_to_be_ours(name: str) -> None:
    said = siting(name).assumptions
    assert any("由本工具" in one.zh and re.search(r"\bours\b", one.en) for one in said)
    assert any("量起" in one.zh and "measured from" in one.en for one in said)


@pytest.mark.parametrize("name", SITING)
def test_no_document_gives_weights(name: str) -> None:
    scenario = siting(name)
    assert scenario.weights == EqualWeights()
    assert scenario.weight_draws == UniformDraws()


# each scenario against its clause


@pytest.mark.parametrize("name", ["core-district", "core-zone", "county-clusters"])
def test_document_78_is_judged_in_its_four_words(name: str) -> None:
    scenario = siting(name)
    tops = [group.id for group in scenario.groups]
    assert tops == ["industry", "location", "carrier", "support"]
    assert all(word in scenario.groups[i].title.zh for i, word in enumerate("业位体套"))


@pytest.mark.parametrize(
    ("name", "task"), [("county-clusters", "task-02"), ("ecommerce-parks", "task-04")]
)
def test_the_choice_per_place_is_that_of_the_task_list(name: str, task: str) -> None:
    tasks = read_tables()["tasks"].set_index("id")
    chosen = siting(name).per_group
    assert chosen is not None
    assert chosen.choose == tasks.loc[task, "per_district_min"] == 1
    quoted = re.findall(r"“(各地[^”]+)”", chosen.sentence.zh)
    assert len(quoted) == 1
    assert quoted[0] in str(tasks.loc[task, "clause"])


def test_places_are_those_of_the_bodies_in_charge(layers: Layers) -> None:
    """Clusters are the districts' task; parks, pilots and plants also the development area's."""
    tasks = read_tables()["tasks"].set_index("id")["bodies"]
    assert "管委会" not in tasks["task-02"]
    assert "经开区" in tasks["task-04"]
    assert layers["towns"]["district"].nunique() == 12
    for name in ("ecommerce-parks", "pilots", "transition-plants"):
        chosen = siting(name).per_group
        assert chosen is not None
        assert chosen.field == "district"
        assert "经开区" in chosen.sentence.zh
    assert layers["zones"]["district"].nunique() == 13


def test_pilots_are_one_or_two_of_a_hundred_mu_and_more(zones: gpd.GeoDataFrame) -> None:
    scenario = siting("pilots")
    (rule,) = scenario.exclusions
    assert (rule.field, rule.operator, rule.value) == ("area_mu", "<", 100)
    assert rule.assumption is None
    assert int((zones["area_mu"] < 100).sum()) == 9
    assert scenario.per_group is not None
    assert scenario.per_group.choose == 2
    assert "1-2个" in scenario.per_group.sentence.zh
    assert "one or two" in scenario.per_group.sentence.en


def test_cold_chain_keeps_every_line_class_and_has_no_number_per_place() -> None:
    scenario = siting("cold-chain")
    assert [rule.field for rule in scenario.exclusions] == ["industries"]
    assert scenario.per_group is None
    routes = [spec.id for spec in scenario.criteria if "第7条“" in spec.measure.what.zh]
    kinds = [name.split("_")[0] for name in routes]
    assert kinds == ["existing", "expressway", "rail", "port", "airport"]


@pytest.mark.parametrize(
    ("scenario", "criterion", "words"),
    [
        (
            "ecommerce-parks",
            "consumer_goods",
            "鞋(?!服机械)|服装|服饰|针织|眼镜|箱包|皮具|家具|家居|文教|徽章|教玩具|宠物|节日灯|竹木",
        ),
        ("cold-chain", "food_industry_distance", "食品|水产"),
    ],
)
def test_industries_are_listed_by_the_words_that_are_declared(
    scenario: str, criterion: str, words: str, zones: gpd.GeoDataFrame
) -> None:
    (spec,) = [one for one in siting(scenario).criteria if one.id == criterion]
    listed = filter_of(spec)["industries"]
    printed = zones["industries"].dropna()
    assert set(listed) == set(printed[printed.str.contains(words)])


def test_trades_that_do_not_go_with_food_are_listed_by_their_words(
    zones: gpd.GeoDataFrame,
) -> None:
    (rule,) = siting("cold-chain").exclusions
    words = "皮革$|皮革皮件|合成革|化工|电镀|铸造|冶炼|金属压延"
    printed = zones["industries"].dropna()
    assert set(rule.value) == set(printed[printed.str.contains(words)])  # type: ignore[arg-type]
    assert rule.clause is None
    assert rule.assumption is not None


@pytest.mark.parametrize("name", ZONES)
def test_the_bends_of_size_are_printed_in_document_74(name: str) -> None:
    """20 mu (5(3)), 100 mu (3), 200 and 300 mu (5(11)); 500 mu is said to be ours."""
    scenario = siting(name)
    bends = {
        level
        for spec in scenario.criteria
        for level in getattr(spec.value, "levels", []) + getattr(spec.value, "thresholds", [])
    }
    assert {100.0, 300.0} & bends
    for level in bends - {20.0, 100.0, 200.0, 300.0}:
        assert any(f"{level:g} 亩和各档分值" in words.zh for words in scenario.assumptions)


def test_only_located_science_parks_count_in_a_district(layers: Layers) -> None:
    """A stand-in's district is as unknown as its place."""
    (spec,) = [one for one in siting("core-district").criteria if one.id == "tech_parks"]
    known = layers["places"]["accuracy_m"]
    assert set(filter_of(spec)["accuracy_m"]) == set(known[known < STAND_IN_M])


# on the real workspace


@pytest.mark.parametrize("name", NEW)
def test_every_criterion_tells_the_alternatives_apart(name: str, layers: Layers) -> None:
    result = score_alternatives(siting(name), layers)
    for j, spec in enumerate(result.criteria):
        worth = result.values[:, j]
        assert np.ptp(worth) > 0.5, spec.id
        assert max((worth == end).mean() for end in (0.0, 1.0)) < 0.8, spec.id
    assert len(result.alternatives) + len(result.excluded) == len(
        layers[result.scenario.alternatives]
    )


@pytest.mark.parametrize("name", [name for name in NEW if name != "cold-chain"])
def test_each_place_has_its_choice(name: str, layers: Layers) -> None:
    result = score_alternatives(siting(name), layers)
    asked = result.scenario.per_group
    assert asked is not None
    assert result.groups is not None
    chosen = result.groups[result.chosen].value_counts()
    there = result.groups.value_counts()
    for place, count in there.to_dict().items():
        assert chosen[str(place)] >= min(asked.choose, count)


def test_each_chosen_town_has_an_industry_to_build_on(layers: Layers) -> None:
    """“On the basis of clustered industry”: none of the twelve is without a listed zone."""
    result = score_alternatives(siting("county-clusters"), layers)
    chosen = result.alternatives[result.chosen]
    assert chosen["district"].nunique() == 12
    assert set(chosen["name_zh"]) <= set(layers["zones"]["town"])


def test_the_only_zone_of_wencheng_is_its_pilot(layers: Layers) -> None:
    result = score_alternatives(siting("pilots"), layers)
    chosen = result.alternatives[result.chosen]
    assert chosen["area_mu"].min() >= 100
    assert list(chosen.loc[chosen["district"] == "文成县", "id"]) == ["zone-78"]
    assert set(result.excluded["id"]) == {f"zone-{n}" for n in (12, 22, 29, 41, 42, 44, 46, 47, 50)}
