"""`ouzhi zone` on Wenzhou: printed in both languages, one JSON object, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely

from api.models.zone import ZoneDocument

Run = Callable[..., tuple[int, str, str]]

ASKED = ("zone", "core-zone", "--min-mu", "1500", "--max-mu", "3000", "--cell-m", "250")
QUICK = (*ASKED, "--time-limit", "20")


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def document(run: Run, kept: dict[str, Any]) -> dict[str, Any]:
    """The answer as JSON, asked for once."""
    if not kept:
        code, out, err = run(*QUICK, "--sketch", "--json", "--lang", "en")
        assert code == 0, err
        kept.update(json.loads(out))
    return kept


def test_the_answer_has_its_shape_and_its_heading(document: dict[str, Any]) -> None:
    ZoneDocument.model_validate(document)
    assert document["status"] in ("optimal", "feasible")
    assert document["gap"] <= 0.05
    assert 1_500.0 <= document["area_mu"] <= 3_000.0
    assert document["heading"].startswith("Not checked against the control lines")
    assert document["warnings"][0] == document["heading"]
    assert any("A sketch, no survey" in one for one in document["warnings"])
    assert set(document["four_bounds"]) == {"zh", "en"}


def test_the_geometry_is_what_the_corners_say(document: dict[str, Any]) -> None:
    zone = shapely.geometry.shape(document["geometry"])
    assert zone.is_valid
    corners = document["corners"]
    assert [one["point"] for one in corners] == [f"J{k + 1}" for k in range(len(corners))]
    ring = [one for one in corners if one["ring"] == 1]
    assert len(ring) == len(zone.exterior.coords) - 1
    assert all(40_000_000 < one["east_m"] < 41_000_000 for one in corners)


def test_corners_come_only_with_the_sketch(run: Run) -> None:
    code, out, _ = run(*QUICK, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["corners"] is None
    assert document["runner_up"]["corners"] is None


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        (
            "zh",
            (
                "! 未核对三区三线",
                "最好的范围",
                "间隙",
                "四至: 东",
                "范围内: ",
                "界址点（示意）",
                "注意: 示意",
            ),
        ),
        (
            "en",
            ("! Not checked", "The best zone", "gap", "Four bounds: east", "Corner (sketch)"),
        ),
    ],
)
def test_it_prints_in_both_languages(run: Run, lang: str, parts: tuple[str, ...]) -> None:
    code, out, err = run(*QUICK, "--sketch", "--lang", lang)
    assert code == 0, err
    for part in parts:
        assert part in out


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (("--min-mu", "3000", "--max-mu", "1500"), 2, "min_mu is 3000.0, expected at most"),
        (("--min-mu", "9e6", "--max-mu", "9.1e6"), 3, "the largest piece"),
        (("--objective", "best"), 2, "objective is best, expected total or mean"),
        (("--cell-m", "0.5"), 2, "take cells of"),
        (("--weights", "moon=1"), 2, "weights (moon) cannot be used"),
        (("--time-limit", "0"), 2, "expected a number above 0"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    run: Run, said: tuple[str, ...], code: int, message: str
) -> None:
    ended, _, err = run(*QUICK, *said, "--lang", "en")
    assert ended == code
    assert message in err
    assert "Traceback" not in err


def test_a_scenario_of_hubs_is_refused(run: Run) -> None:
    code, _, err = run("zone", "county-hubs", *QUICK[2:], "--lang", "en")
    assert code == 2
    assert "run it with `ouzhi hubs county-hubs`" in err
