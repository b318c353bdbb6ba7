"""Odds of a ranking: what is not in doubt does not move, what is moves as far as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CITY_HALL, attribute, criterion, features, parsed_siting, siting

from geo.errors import CriterionError
from geo.odds import DOUBTS, Odds, rank_odds
from geo.scoring import score_alternatives


def two_sites(
    *, accuracy_m: float, doubt: str | None = None
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Site A is large and out of reach of the one station, B empty and 2 km from it."""
    lon, lat = CITY_HALL
    distance = {"kind": "distance_to_nearest", "layer": "stations"}
    near = criterion("near", distance, direction="cost", value={"low": 0, "high": 20})
    scenario = siting({"size": [attribute("size")], "near": [near]})
    sites = features(
        [
            {"size": 9.3, "ref_lon": lon, "ref_lat": lat + 0.5, "doubt_fields": doubt},
            {"size": 0.0, "ref_lon": lon, "ref_lat": lat + 0.018, "doubt_fields": None},
        ]
    )
    stations = features([{"ref_lon": lon, "ref_lat": lat}], "station")
    return scenario, {
        "sites": sites.assign(accuracy_m=accuracy_m),
        "stations": stations.assign(accuracy_m=0.0),
    }


def odds_of(tables: dict[str, pd.DataFrame], scenario: dict[str, Any], **more: Any) -> Odds:
    return rank_odds(
        score_alternatives(parsed_siting(scenario), tables), tables, draws=2000, **more
    )


def test_without_any_doubt_only_the_weights_can_move_a_rank() -> None:
    scenario, tables = two_sites(accuracy_m=0.0)
    odds = odds_of(tables, scenario)
    for doubt in ("values", "positions"):
        assert set(np.unique(odds.alone[doubt].rank_acceptability)) <= {0.0, 1.0}
    assert odds.moves_most == ["weights", "weights"]


def test_the_weights_alone_give_the_closed_form() -> None:
    """A is worth (0.93, 0), B (0, v): A leads while its weight exceeds v / (v + 0.93)."""
    scenario, tables = two_sites(accuracy_m=0.0)
    odds = odds_of(tables, scenario)
    v = score_alternatives(parsed_siting(scenario), tables).values[1, 1]
    share = 0.93 / (v + 0.93)
    first = odds.alone["weights"].among_first(1)
    assert first == pytest.approx([share, 1.0 - share], abs=4 * odds.together.half_width)


def test_a_doubtful_position_moves_only_by_positions() -> None:
    scenario, tables = two_sites(accuracy_m=4000.0)
    odds = odds_of(tables, scenario)
    assert odds.alone["values"].rank_spread.max() == 0.0
    assert odds.alone["positions"].rank_spread.max() > 0.0


def test_a_doubtful_value_moves_only_by_values() -> None:
    scenario, tables = two_sites(accuracy_m=0.0, doubt="size")
    odds = odds_of(tables, scenario)
    assert odds.alone["values"].rank_spread.max() > 0.0
    assert odds.alone["positions"].rank_spread.max() == 0.0


def test_rows_sum_to_one_and_a_seed_repeats_itself() -> None:
    scenario, tables = two_sites(accuracy_m=4000.0, doubt="size")
    one, same, other = (odds_of(tables, scenario, seed=seed) for seed in (3, 3, 4))
    for doubt in DOUBTS:
        assert one.alone[doubt].rank_acceptability.sum(axis=1) == pytest.approx(1.0)
    np.testing.assert_array_equal(one.together.rank_acceptability, same.together.rank_acceptability)
    assert (one.together.rank_acceptability != other.together.rank_acceptability).any()


def test_no_draw_is_refused_in_words() -> None:
    scenario, tables = two_sites(accuracy_m=0.0)
    result = score_alternatives(parsed_siting(scenario), tables)
    with pytest.raises(CriterionError, match="draws") as caught:
        rank_odds(result, tables, draws=0)
    assert "0" in caught.value.of("zh")
