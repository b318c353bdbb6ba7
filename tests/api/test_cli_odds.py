"""`ouzhi score --smaa N`: every alternative with its odds, the same numbers at every run."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from shapes import require_shape

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("scenario", ["core-district", "core-zone"])
def test_every_rank_has_its_odds_on_the_real_workspace(run: Run, scenario: str) -> None:
    code, out, err = run("score", scenario, "--smaa", "400", "--seed", "7", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    require_shape("ranking", document)
    ranked = document["alternatives"]
    for row in ranked:
        odds = row["rank_acceptability"]
        assert sum(odds) == pytest.approx(1.0)
        assert row["first_share"] == pytest.approx(odds[0])
        assert row["among_first_five_share"] == pytest.approx(sum(odds[:5]))
        assert row["moved_most_by"] in {"weights", "values", "positions", None}
    assert sum(row["first_share"] for row in ranked) >= 1.0 - 1e-9
    assert document["odds"]["half_width"] == pytest.approx(0.98 / 400**0.5, rel=1e-3)
    assert run("score", scenario, "--smaa", "400", "--seed", "7", "--json")[1] == out


def test_the_table_shows_the_odds_in_both_languages(run: Run) -> None:
    shown = {
        lang: run("score", "core-district", "--smaa", "50", "--lang", lang)[1]
        for lang in ("zh", "en")
    }
    assert "居首" in shown["zh"]
    assert "50 次抽取" in shown["zh"]
    assert "Among first five" in shown["en"]
    assert "50 draws, seed 0" in shown["en"]


def test_without_draws_there_are_no_odds(run: Run) -> None:
    document = json.loads(run("score", "core-zone", "--json")[1])
    assert document["odds"] is None
    assert all(row["rank_acceptability"] is None for row in document["alternatives"])


@pytest.mark.parametrize("number", ["0", "-5"])
def test_a_number_of_draws_that_is_none_is_refused(run: Run, number: str) -> None:
    code, out, err = run("score", "core-zone", "--smaa", number, "--lang", "en")
    assert (code, out) == (2, "")
    assert number in err
