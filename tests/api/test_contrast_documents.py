"""Contrasts and audits as documents and on the terminal, from tables made by hand."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from builders import attribute, criterion, features, parsed_siting, siting, words

from api.contrast_console import show_audit, show_contrast
from api.documents.contrast import contrast_document
from api.documents.resolution import audit_document
from api.models.contrast import AuditShape, ContrastShape
from geo.contrast import contrast
from geo.resolution import audit_resolution
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import LANGS, Lang

FOUR = features(
    [
        {"size": 10.0, "firms": 0.0},
        {"size": 0.0, "firms": 10.0},
        {"size": 6.0, "firms": 6.0},
        {"size": 2.0, "firms": 2.0},
    ]
)
AREAS = pd.DataFrame({"name_zh": ["甲"], "name_en": ["District A"]})
RULE = {
    "id": "few",
    "sentence": words("too few firms"),
    "field": "firms",
    "operator": "<",
    "value": 1,
}


def run(weights: dict[str, float] | None = None, **changes: Any) -> SitingResult:
    groups = {"one": [attribute("size"), attribute("firms")]}
    return score_alternatives(
        parsed_siting(siting(groups, **changes)), {"sites": FOUR}, weights=weights
    )


def contrasted(lang: Lang = "en", **changes: Any) -> dict[str, Any]:
    other = run({"size": 0.75, "firms": 0.25}, **changes)
    return contrast_document(contrast(run(), other), areas=AREAS, lang=lang)


def audited(lang: Lang = "en", **measure: Any) -> dict[str, Any]:
    around = {"kind": "within", "layer": "places", "radius_m": 2000, **measure}
    seats = features([{"name_zh": "乙"}], "district")
    tables = {"sites": FOUR, "places": FOUR, "demand": FOUR, "districts": seats}
    scenario = parsed_siting(siting({"one": [criterion("around", around), attribute("size")]}))
    found = audit_resolution(scenario, tables, radius_factors=[0.5, 2.0], cells_m=[5000])
    return audit_document(found, lang=lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"exclusions": [RULE]},
        {"ranking": {"method": "topsis"}},
        {"exclusions": [{**RULE, "value": 9}]},
    ],
)
def test_a_contrast_is_as_its_shape_says(lang: Lang, changes: dict[str, Any]) -> None:
    document = contrasted(lang, **changes)
    written = json.dumps(document, allow_nan=False)
    shaped = ContrastShape.model_validate_json(written).model_dump(mode="json")
    assert shaped == json.loads(written)


def test_a_contrast_by_hand() -> None:
    document = contrasted()
    assert document["a"]["leaders"] == ["site-03"]
    assert document["b"]["leaders"] == ["site-01"]
    assert document["b"]["weights"] == {"size": 0.75, "firms": 0.25}
    assert (document["changes_leader"], document["changes_first_five"]) == (True, False)
    assert document["sentence"].startswith("The leader changes: site 3 first in A, site 1 first")
    assert document["turn"]["part"] == {
        "kind": "weight",
        "criterion": "firms",
        "amount": pytest.approx(0.15),
        "margin": pytest.approx(0.25),
    }
    row = next(row for row in document["alternatives"] if row["id"] == "site-01")
    assert (row["rank_a"], row["rank_b"], row["places_gained"]) == (2, 1, 1)
    assert (row["tied_a"], row["tied_b"], row["district"]) == (True, False, "District A")
    parts = [part for parts in row["parts"].values() for part in parts.values()]
    assert sum(parts) == pytest.approx(row["score_change"]) == pytest.approx(0.25)
    assert row["cause"]["kind"] == "weight"
    assert document["differences"] == [
        "Weights (A to B): size 50.0% to 75.0%, firms 50.0% to 25.0%."
    ]


def test_what_is_not_ranked_in_both_is_null() -> None:
    document = contrasted(exclusions=[RULE])
    row = next(row for row in document["alternatives"] if row["id"] == "site-01")
    assert (row["standing_b"], row["rank_b"], row["score_b"]) == ("excluded", None, None)
    assert (row["places_gained"], row["parts"], row["score_change"]) == (None, None, None)
    assert row["excluded_by_b"] == ["few"]
    assert row["cause"] == {"kind": "left", "passed": 0, "part": None}
    assert document["rules"] == [
        {
            "id": "few",
            "sentence": "too few firms",
            "excluded_a": None,
            "excluded_b": 1,
            "redeclared": False,
        }
    ]


def test_scores_of_another_method_are_not_subtracted() -> None:
    document = contrasted(ranking={"method": "topsis"})
    assert not document["scores_comparable"]
    assert {row["score_change"] for row in document["alternatives"]} == {None}
    assert document["turn"]["margin_a"] is None


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("layer", ["places", "demand"])
def test_an_audit_is_as_its_shape_says(lang: Lang, layer: str) -> None:
    document = audited(lang, layer=layer)
    written = json.dumps(document, allow_nan=False)
    shaped = AuditShape.model_validate_json(written).model_dump(mode="json")
    assert shaped == json.loads(written)
    assert len(document["variations"]) == 3
    assert len(document["failed"]) == (layer == "demand")


def test_an_audit_by_hand() -> None:
    document = audited()
    assert document["leaders"] == ["site-01"]
    wide = document["variations"][1]
    assert (wide["kind"], wide["factor"], wide["criteria"]) == ("reach", 2.0, ["around"])
    assert wide["ranks"] == {"site-01": 1, "site-03": 2, "site-04": 3, "site-02": 4}
    assert (wide["kendall"], wide["movers"]) == (1.0, [])
    cells = document["variations"][2]
    assert (cells["cell_m"], cells["features"]) == (5000, [4, 1])
    assert len(document["notes"]) == 2


def test_a_contrast_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_contrast(contrasted("zh", exclusions=[RULE]), "zh")
    shown = capsys.readouterr().out
    assert "两个方案对照" in shown
    assert "方案甲: made up（中） (made-up, weighted_sum, 2023-01-01)" in shown
    assert "只有方案乙有的排除规则：“too few firms（中）”" in shown
    assert "不再参评" in shown and "2 (并列)" in shown
    show_contrast(contrasted("en"), "en")
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["site", "1", "District", "A", "2", "(tied)", "1", "▲1", "+0.250"] in lines
    assert ["site", "4", "District", "A", "4", "4", "＝", "+0.000"] in lines
    assert "site 1: Up 1 place, from rank 2 (tied) to rank 1" in shown


def test_an_audit_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_audit(audited("en", layer="demand"), "en")
    shown = capsys.readouterr().out
    assert "Resolution audit" in shown
    assert "Could not be run: Demand put together by district: features stand in" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["All", "reaches", "×", "0.5", "1.000", "same", "same", "0"] in lines
    show_audit(audited("zh"), "zh")
    assert "分辨率审查" in capsys.readouterr().out
