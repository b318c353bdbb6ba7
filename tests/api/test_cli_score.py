"""`ouzhi score` with its options: methods, draws of weights, overtaking, comparing, keeping."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shapes import require_shape

from api.options import parse_weight_draws
from geo.errors import WeightsError

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("uniform", {"kind": "uniform"}),
        ("fixed", {"kind": "fixed"}),
        ("declared", {"kind": "declared"}),
        ("declared:40", {"kind": "declared", "concentration": "40"}),
        ("intervals:a=0.1..0.3,b=0..1", {"kind": "intervals", "intervals": {"a": (0.1, 0.3), "b": (0.0, 1.0)}}),  # noqa: E501
        ("importance:a=1,b=2", {"kind": "importance", "importance": {"a": 1, "b": 2}}),
    ],
)  # fmt: skip
def test_draws_of_weights_are_read(text: str, read: dict[str, object]) -> None:
    assert parse_weight_draws(text) == read


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "uniform, fixed"),
        ("uniform:3", "uniform, fixed"),
        ("halton", "uniform, fixed"),
        ("intervals:a=0.1", "a=0.1"),
        ("intervals:a=0.1..x,b=2", "a=0.1..x, b=2"),
        ("importance:a=first", "a=first"),
    ],
)
def test_other_draws_are_refused_with_every_part(text: str, part: str) -> None:
    with pytest.raises(WeightsError) as caught:
        parse_weight_draws(text)
    for lang in ("zh", "en"):
        assert part in caught.value.of(lang)


def test_weights_drawn_within_intervals_stay_inside(run: Run) -> None:
    code, out, err = run(
        *("score", "core-district", "--smaa", "80", "--json"),
        *("--smaa-weights", "intervals:population=0.4..0.5"),
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    order = [c["id"] for c in document["criteria"]].index("population")
    central = [row["central_weights"][order] for row in document["alternatives"]]
    assert any(weight is not None for weight in central)
    assert all(weight is None or 0.4 <= weight <= 0.5 for weight in central)


def test_a_method_an_overtaking_and_the_odds_are_shown(run: Run) -> None:
    code, out, err = run(
        *("score", "core-zone", "--method", "topsis", "--overtake", "zone-01", "--smaa", "30"),
        *("--lang", "en"),
    )
    assert (code, err) == (0, "")
    for words in ("TOPSIS:", "The choice of the method", "draws level", "Moved most, over all"):
        assert words in out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_choice_per_place_is_marked(run: Run, lang: str) -> None:
    code, out, err = run("score", "pilots", "--lang", lang)
    assert (code, err) == (0, "")
    assert "✓" in out


def test_a_comparison_is_shown_and_drawn(run: Run, tmp_path: Path) -> None:
    code, out, err = run(
        *("score", "core-zone", "--compare", "core-zone", "--compare-weights", "area=0.6"),
        *("--map", "changes.html", "--lang", "en"),
    )
    assert (code, err) == (0, "")
    assert "Two scenarios side by side" in out
    page = (tmp_path / "changes.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--map", "x.html"), "give --compare too"),
        (("--compare-weights", "area=1"), "belong to --compare"),
        (("--method", "dice"), "method is dice, expected one of weighted_sum"),
        (("--attitude", "2"), "attitude is 2"),
        (("--norm", "l7"), "norm is l7, expected one of vector"),
        (("--smaa", "5", "--smaa-weights", "importance:moon=1"), "unknown criterion moon"),
        (("--overtake", "moon"), "no alternative 'moon'"),
        (("--compare", "core-district"), "no alternative in common"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    run: Run, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    code, out, err = run("score", "core-zone", *options, "--lang", "en")
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_result_is_kept_beside_the_answer(run: Run, workspace: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gpkg"
    own.write_bytes(workspace.read_bytes())
    code, out, err = run("score", "core-district", "--save", "--json", "--workspace", str(own))
    assert code == 0
    require_shape("ranking", json.loads(out))
    name = err.strip().split()[-1]
    code, out, err = run("results", "rerun", name, "--json", "--workspace", str(own))
    assert (code, err) == (0, "")
    assert json.loads(out)["equal"]
