"""The odds of a zone as they are told: keys, shapes, both languages."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from api.documents.zone_odds import odds_document
from api.models.zone_odds import ZoneOddsShape
from geo.measure import M2_PER_MU
from geo.sentence import Sentence
from geo.zone_plan.odds import ZoneOdds
from geo.zone_plan.odds.bands import Band

HOLED = shapely.box(120.0, 28.0, 120.4, 28.4).difference(shapely.box(120.1, 28.1, 120.2, 28.2))
ODDS = ZoneOdds(
    draws=80,
    asked=100,
    seed=7,
    without=0,
    share=np.array([[0.5, np.nan]]),
    agreement=0.25,
    core_m2=30.0 * M2_PER_MU,
    bands=(
        Band(0.5, 600.0 * M2_PER_MU, shapely.MultiPolygon([HOLED])),
        Band(0.95, 0.0, shapely.MultiPolygon()),
    ),
    search_gap=0.0125,
    moving=2,
    features=5,
    weights=Sentence("权重固定", "weights held"),
)


def test_the_document_has_the_shape_that_is_declared() -> None:
    told = odds_document(ODDS, "en")
    ZoneOddsShape.model_validate(json.loads(json.dumps(told, allow_nan=False)))
    assert (told["draws"], told["asked"], told["seed"], told["core_mu"]) == (80, 100, 7, 30.0)
    first, last = told["bands"]
    assert first["geometry"]["type"] == last["geometry"]["type"] == "MultiPolygon"
    assert last["geometry"]["coordinates"] == []
    assert shapely.geometry.shape(first["geometry"]).equals(shapely.MultiPolygon([HOLED]))
    assert len(first["geometry"]["coordinates"][0]) == 2
    assert first["area_mu"] == pytest.approx(600.0)


def test_the_document_speaks_both_languages_and_knows_no_nan() -> None:
    assert "80 draws" in odds_document(ODDS, "en")["sentence"]
    assert "80 次抽样" in odds_document(ODDS, "zh")["sentence"]
    assert any("80 of 100" in one for one in odds_document(ODDS, "en")["drawn"])
    assert any("1.25 %" in one for one in odds_document(ODDS, "zh")["drawn"])
    none = replace(ODDS, agreement=math.nan, search_gap=math.nan, without=80)
    told = odds_document(none, "en")
    assert (told["agreement"], told["search_gap"]) == (None, None)
    ZoneOddsShape.model_validate(json.loads(json.dumps(told, allow_nan=False)))
