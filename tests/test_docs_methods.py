"""The page on methods: every method stands there, and what it says of the program is so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from doc_pages import METHODS, ROOT, read, rows, section
from scenario_parts import kinds_under

from api.documents.odds import BAND_SHARE
from api.models.siting import Alternative, ChangesShape, Criterion, Excluded, OddsShape
from geo.acceptability import share_interval
from geo.methods import ALL_METHODS
from geo.odds import DOUBTS
from geo.ranking import MOST_COMPARED, TIE_DECIMALS
from geo.resolution import CELLS_M, RADIUS_FACTORS
from geo.scenario import CriterionSpec
from geo.sentence import LANGS, Lang
from geo.weighting import METHODS as WEIGHT_METHODS
from geo.weights import ACCEPTABLE_RATIO, rank_order_centroid, rank_sum

TITLES: Mapping[str, dict[Lang, str]] = {
    "criteria": {"zh": "准则", "en": "Criteria"},
    "values": {"zh": "评价函数", "en": "Value functions"},
    "weights": {"zh": "权重", "en": "Weights"},
    "ranking": {"zh": "排名方法", "en": "Ranking methods"},
    "odds": {"zh": "名次有多稳", "en": "How sure"},
    "resolution": {"zh": "分辨率审查", "en": "Resolution audit"},
    "reading": {"zh": "怎样读", "en": "Reading the screen"},
}
SHOWN = (Alternative, ChangesShape, Criterion, Excluded, OddsShape)


def part(name: str, lang: Lang) -> str:
    return section(read(METHODS[lang]), TITLES[name][lang])


@pytest.mark.parametrize("lang", LANGS)
def test_every_method_has_its_row_and_no_other_is_there(lang: Lang) -> None:
    measures, values = kinds_under(CriterionSpec, "measure"), kinds_under(CriterionSpec, "value")
    assert (len(measures), len(values)) == (9, 7)
    assert {key for key, _ in rows(part("criteria", lang))} == measures
    assert {key for key, _ in rows(part("values", lang))} == values
    assert {key for key, _ in rows(part("weights", lang))} == set(WEIGHT_METHODS)
    assert {key for key, _ in rows(part("ranking", lang))} == set(ALL_METHODS)


@pytest.mark.parametrize("lang", LANGS)
def test_every_module_named_exists(lang: Lang) -> None:
    named = re.findall(r"`((?:geo|layers|api)/[\w/]+\.py)`", read(METHODS[lang]))
    assert [one for one in named if not (ROOT / one).is_file()] == []
    assert len(named) == len(set(named)) > 30


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_of_the_screen_is_a_key_of_the_answer(lang: Lang) -> None:
    keys = re.findall(r"^\| [^|]+ \| `(\w+)` \|", part("reading", lang), re.MULTILINE)
    known = {name for shape in SHOWN for name in shape.model_fields}
    assert [key for key in keys if key not in known] == []
    assert len(keys) == len(set(keys)) > 12


@pytest.mark.parametrize("lang", LANGS)
def test_the_numbers_on_the_page_are_those_of_the_program(lang: Lang) -> None:
    four = {"a": 1, "b": 2, "c": 3, "d": 4}
    weights = part("weights", lang)
    assert f"{rank_order_centroid(four)['a']:.2f}" in weights
    assert f"{rank_sum(four)['a']:.2f}" in weights
    assert f"{ACCEPTABLE_RATIO:.2f}" in weights
    ranking = part("ranking", lang)
    assert f"{MOST_COMPARED:,}" in ranking
    assert {"zh": "九位小数", "en": "nine decimals"}[lang] in ranking
    assert TIE_DECIMALS == 9
    odds = part("odds", lang)
    assert f"{0.98 / 10_000**0.5:.4f}" in odds
    assert (
        f"{share_interval(0.0, 10_000)[1]:.2%}".replace("%", {"zh": "%", "en": " %"}[lang]) in odds
    )
    assert {f"`{name}`" for name in ("moved_most_by", "rank_spread")} <= set(
        re.findall(r"`\w+`", odds)
    )
    assert DOUBTS == ("weights", "values", "positions")
    assert BAND_SHARE == 0.9
    audit = part("resolution", lang)
    assert all(f"{factor:g}" in audit for factor in RADIUS_FACTORS)
    assert all(f"{cell / 1000:g}" in audit for cell in CELLS_M)
