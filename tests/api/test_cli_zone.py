"""`ouzhi zone` on Wenzhou: printed in both languages, one JSON object, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely

from api.models.zone import ZoneDocument
from api.zone_command import zone_options

Run = Callable[..., tuple[int, str, str]]

ASKED = ("zone", "core-zone", "--min-mu", "1500", "--max-mu", "3000", "--cell-m", "500")
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
        (("--objective", "best"), 2, "objective is best, expected one of total, mean"),
        (("--cell-m", "0.5"), 2, "take cells of"),
        (("--weights", "moon=1"), 2, "weights (moon) cannot be used"),
        (("--time-limit", "0"), 2, "time_limit_s is 0.0, expected a number above 0"),
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


def test_what_is_asked_on_the_command_line_reaches_the_answer(run: Run) -> None:
    code, out, err = run(
        *QUICK,
        *("--district", "乐清市", "--exclude", "zones", "--cut-offs", "rail_distance=0.3"),
        *("--setbacks", "hubs=500", "--zones", "2", "--spacing-m", "2000", "--lang", "en"),
        *("--snap-to", "districts", "--snap-m", "100", "--json"),
    )
    assert code == 0, err
    document = json.loads(out)
    ZoneDocument.model_validate(document)
    assert [one["rule"] for one in document["ledger"]] == [
        *("exclude:zones", "setback:hubs:500", "cut_off:rail_distance")
    ]
    assert [one["name"] for one in document["ledger"]] == [
        "excluded by name (Old industrial zones)",
        "nearer than 500 m to Logistics hubs and cold chain",
        "below the cut-off: Distance to a railway station",
    ]
    assert [one["name"] for one in document["holds"] if one["layer"] == "districts"] == [
        "Yueqing City"
    ]
    assert len(document["further"]) == document["group"]["placed"] - 1 == 1
    assert document["runner_up"] is None
    assert 0.0 <= document["snap"]["share"] <= 1.0
    assert document["snap"]["area_mu"] == pytest.approx(document["area_mu"])
    assert {one["checked"] for one in document["overlaps"]} == {False}
    assert len(document["overlaps"]) == 7


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("--district", "nowhere"), "district is nowhere, expected the id or name of one of"),
        (("--include", "zone-06,moon"), "include is moon, expected the id of a feature"),
        (("--include", "moon", "--include", "zone-06"), "include is moon, expected the id"),
        (("--setbacks", "hubs"), "setbacks are written name=metres"),
        (("--cut-offs", "rail_distance=2"), "cut_offs.rail_distance is 2.0, expected"),
        (("--closed-land-use", "forest"), "layer land_use has no feature; import it first"),
        (("--bridges", "hubs"), "there are no barriers to cross"),
        (("--zones", "0"), "zones is 0"),
    ],
)
def test_what_the_layers_have_not_is_told_by_name(
    run: Run, said: tuple[str, ...], message: str
) -> None:
    code, _, err = run(*QUICK, *said, "--lang", "en")
    assert code == 2
    assert message in err


def test_an_option_may_be_given_once_or_several_times() -> None:
    once = zone_options(
        min_mu=1.0, max_mu=2.0, include=["zone-06, zone-40"], setbacks=["hubs=5,zones=6"]
    )
    twice = zone_options(
        min_mu=1.0, max_mu=2.0, include=["zone-06", "zone-40"], setbacks=["hubs=5", "zones=6"]
    )
    assert once == twice
    assert once.include == ("zone-06", "zone-40")
    assert once.setbacks == {"hubs": 5.0, "zones": 6.0}


def test_what_comes_nearest_is_printed(run: Run) -> None:
    code, out, _ = run(*QUICK, "--min-mu", "9e6", "--max-mu", "9.1e6", "--lang", "zh")
    assert code == 3
    assert "最接近的可得面积为 " in out
