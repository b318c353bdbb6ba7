"""Odds of a ranking: what is not in doubt does not move, what is moves as far as it is.

Draws of weights stand in `test_odds_weights`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CITY_HALL, attribute, criterion, features, parsed_siting, siting, words

from geo.acceptability import Acceptability
from geo.errors import CriterionError
from geo.odds import DOUBTS, Odds, rank_odds
from geo.scenario import UniformDraws
from geo.scoring import SitingResult, score_alternatives


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


UNIT = {"low": 0, "high": 1}
FIXED = {"weight_draws": {"kind": "fixed"}}


def run(
    rows: Sequence[Sequence[float]], columns: Mapping[str, Sequence[Any]] | None = None, **more: Any
) -> tuple[SitingResult, dict[str, pd.DataFrame]]:
    """Criteria a, b, c … whose performances are values already."""
    names = "abcdef"[: len(rows[0])]
    table = features([dict(zip(names, row, strict=True)) for row in rows]).assign(**(columns or {}))
    scenario = siting({"one": [attribute(name, value=UNIT) for name in names]}, **more)
    tables = {"sites": table}
    return score_alternatives(parsed_siting(scenario), tables), tables


def shares(result: SitingResult, odds: Acceptability) -> dict[str, float]:
    return dict(zip(result.alternatives["id"], odds.among_first(1).tolist(), strict=True))


def test_three_criteria_in_closed_form() -> None:
    """(1, 0, 0) leads (0, 1, 1) while its weight is above one half: (1/2)² of the simplex.

    The third, worth 0.8 on the first alone, is never first and second just as often.
    """
    result, tables = run([(1.0, 0.0, 0.0), (0.0, 1.0, 1.0), (0.8, 0.0, 0.0)])
    assert result.alternatives["id"].tolist() == ["site-02", "site-01", "site-03"]
    odds = rank_odds(result, tables)
    found = shares(result, odds.together)
    width = odds.together.half_width
    assert found == pytest.approx({"site-02": 0.75, "site-01": 0.25, "site-03": 0.0}, abs=width)
    third = odds.together.rank_acceptability[2]
    # 0.8 w ahead of 1 - w from w = 5/9 on: (4/9)² of the simplex.
    assert third == pytest.approx([0.0, (4 / 9) ** 2, 1 - (4 / 9) ** 2], abs=width)
    assert odds.draws == 10_000


def test_a_corner_each_gives_a_third_each() -> None:
    result, tables = run([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
    odds = rank_odds(result, tables)
    assert odds.together.rank_acceptability == pytest.approx(np.full((3, 3), 1 / 3), abs=0.01)
    assert odds.together.central_weights == pytest.approx(
        np.where(np.eye(3) > 0, 11 / 18, 3.5 / 18), abs=0.01
    )


def test_a_doubtful_value_in_closed_form() -> None:
    """Doubted, a is uniform from 0 to 1: with 0.3 on b of half the weight it beats 0.8 / 2.

    That is a + 0.3 > 0.8, one half of the draws; the weights are held.
    """
    doubts = {"doubt_fields": ["a", ""]}
    result, tables = run([(0.9, 0.3), (0.4, 0.4)], doubts, **FIXED)
    odds = rank_odds(result, tables)
    width = odds.together.half_width
    assert shares(result, odds.alone["values"]) == pytest.approx(
        {"site-01": 0.5, "site-02": 0.5}, abs=width
    )
    assert shares(result, odds.together) == shares(result, odds.alone["values"])
    assert shares(result, odds.alone["weights"]) == {"site-01": 1.0, "site-02": 0.0}
    assert odds.moves_most == ["values", "values"]


@pytest.mark.parametrize("given", [5.0, None])
def test_a_doubtful_or_missing_value_of_a_bell_in_closed_form(given: float | None) -> None:
    """Uniform within four sigma of the ideal, so worth more than 1/2 within sqrt(2 ln 2) sigma."""
    bell = {"kind": "gaussian", "ideal": 5, "sigma": 1}
    criteria = [attribute("a", value=bell), attribute("b", value=UNIT)]
    scenario = siting({"one": criteria}, **FIXED)
    rows: list[dict[str, Any]] = [
        {"a": given, "b": 0.0, "doubt_fields": "a"},
        {"a": 5.0 + math.sqrt(2 * math.log(2)), "b": 0.0, "doubt_fields": ""},
    ]
    tables = {"sites": features(rows)}
    result = score_alternatives(parsed_siting(scenario), tables)
    odds = rank_odds(result, tables)
    found = shares(result, odds.alone["values"])
    share = math.sqrt(2 * math.log(2)) / 4
    assert found == pytest.approx(
        {"site-01": share, "site-02": 1 - share}, abs=odds.together.half_width
    )


def test_two_sites_that_share_a_point_tie_but_their_true_places_do_not() -> None:
    lon, lat = CITY_HALL
    near = criterion("near", {"kind": "distance_to_nearest", "layer": "stops"}, direction="cost")
    scenario = parsed_siting(siting({"one": [near]}, **FIXED))
    tables = {
        "sites": features([{"ref_lat": lat + 0.05, "accuracy_m": 2000.0}] * 2),
        "stops": features([{"ref_lon": lon, "ref_lat": lat}], "stop"),
    }
    result = score_alternatives(scenario, tables)
    odds = rank_odds(result, tables)
    assert result.rank.tolist() == [1, 1]
    assert odds.alone["values"].tied.tolist() == [1.0, 1.0]
    width = odds.together.half_width
    for one in (odds.alone["positions"], odds.together):
        assert one.among_first(1) == pytest.approx([0.5, 0.5], abs=width)
        assert one.tied.tolist() == [0.0, 0.0]
    assert odds.moves_most == ["positions", "positions"]


def test_held_weights_move_no_rank() -> None:
    result, tables = run([(1.0, 0.0), (0.0, 0.9), (0.5, 0.5)], **FIXED)
    odds = rank_odds(result, tables, draws=500)
    assert not odds.spreads.any()
    assert odds.moves_most == [None, None, None]
    for one in (odds.together, *odds.alone.values()):
        expected = np.zeros((3, 3))
        expected[np.arange(3), result.rank - 1] = 1.0
        np.testing.assert_array_equal(one.rank_acceptability, expected)
        assert one.rank_band().tolist() == [[k, k] for k in result.rank]


def test_the_odds_are_of_the_weighted_sum_whatever_method_ranked() -> None:
    """The product puts (1, 0) last, the sum first."""
    ranked = {"ranking": {"method": "weighted_product"}}
    result, tables = run([(1.0, 0.0), (0.45, 0.45)], **ranked, **FIXED)
    assert result.alternatives["id"].tolist() == ["site-02", "site-01"]
    odds = rank_odds(result, tables, draws=100)
    assert shares(result, odds.together) == {"site-02": 0.0, "site-01": 1.0}


def test_draws_of_a_run_may_replace_those_of_the_scenario() -> None:
    result, tables = run([(1.0, 0.0), (0.0, 0.9)], **FIXED)
    odds = rank_odds(result, tables, draws=4_000, weight_draws=UniformDraws())
    assert odds.alone["weights"].rank_spread.min() > 0.0
    assert shares(result, odds.together) == pytest.approx(
        {"site-01": 1.0 / 1.9, "site-02": 0.9 / 1.9}, abs=0.01
    )


def numbers(odds: Odds) -> list[Any]:
    return [
        array
        for one in (odds.together, *odds.alone.values())
        for array in (one.rank_acceptability, one.central_weights, one.confidence_factor)
    ]


def test_a_seed_gives_the_same_numbers_and_another_those_within_the_sampling_error() -> None:
    scenario, tables = two_sites(accuracy_m=4000.0, doubt="size")
    one, same, other = (odds_of(tables, scenario, seed=seed) for seed in (7, 7, 8))
    for a, b in zip(numbers(one), numbers(same), strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.seed == 7
    for doubt in DOUBTS:
        difference = one.alone[doubt].rank_acceptability - other.alone[doubt].rank_acceptability
        assert np.abs(difference).max() < 4 * one.together.half_width
    assert (one.together.rank_acceptability != other.together.rank_acceptability).any()


def test_first_in_the_group_in_closed_form() -> None:
    """In 甲 two corners of three criteria share alike; in 乙 one stands alone; one is in none."""
    rows = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.2, 0.2, 0.2), (0.9, 0.9, 0.9)]
    chosen = {"choose": 1, "sentence": words("one each"), "field": "host"}
    hosts = {"host": ["甲", "甲", "乙", None]}
    result, tables = run(rows, hosts, per_group=chosen)
    odds = rank_odds(result, tables)
    first = odds.together.first_in_group
    assert first is not None
    found = dict(zip(result.alternatives["id"], first.tolist(), strict=True))
    assert math.isnan(found.pop("site-04"))
    assert found == pytest.approx({"site-01": 0.5, "site-02": 0.5, "site-03": 1.0}, abs=0.01)
    assert sum(found[i] for i in ("site-01", "site-02")) >= 1.0 - 1e-12


def test_who_ties_in_a_group_is_first_together() -> None:
    chosen = {"choose": 1, "sentence": words("one each"), "field": "district"}
    result, tables = run([(0.4, 0.4), (0.4, 0.4), (0.3, 0.3)], per_group=chosen)
    first = rank_odds(result, tables, draws=200).together.first_in_group
    assert first is not None
    assert first.tolist() == [1.0, 1.0, 0.0]


def test_without_groups_nobody_is_first_in_one() -> None:
    result, tables = run([(0.4, 0.4)])
    assert rank_odds(result, tables, draws=10).together.first_in_group is None


def test_the_first_stage_has_the_odds_of_a_run_of_its_own() -> None:
    criteria = [attribute("a", value=UNIT), attribute("b", value=UNIT)]
    first = siting({"one": criteria}, alternatives="hosts")
    stage = {"scenario": parsed_siting(first), "leading": 1, "member_field": "district"}
    second = parsed_siting(siting({"one": [attribute("size")]}, first_stage=stage, **FIXED))
    hosts = features([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.8}], "host")
    tables = {"sites": features([{"size": 1.0}, {"size": 2.0}]), "hosts": hosts}
    odds = rank_odds(score_alternatives(second, tables), tables, draws=1000, seed=5)
    alone = score_alternatives(parsed_siting(first), tables)
    assert odds.first_stage is not None
    expected = rank_odds(alone, tables, draws=1000, seed=5)
    for a, b in zip(numbers(odds.first_stage), numbers(expected), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (odds.first_stage.draws, odds.first_stage.seed) == (1000, 5)
    assert odds.first_stage.moves_most == ["weights", "weights"]
    assert odds.moves_most == [None, None]


def test_the_doubt_that_moves_most_is_the_widest_spread() -> None:
    scenario, tables = two_sites(accuracy_m=4000.0, doubt="size")
    odds = odds_of(tables, scenario)
    for row, most in enumerate(odds.moves_most):
        widest = max(DOUBTS, key=lambda doubt: odds.alone[doubt].rank_spread[row])
        assert most == widest
    np.testing.assert_array_equal(
        odds.spreads,
        [odds.alone[doubt].rank_spread for doubt in ("weights", "values", "positions")],
    )


@pytest.mark.parametrize(
    ("draws", "seed", "name"), [(0, 0, "draws"), (-5, 0, "draws"), (10, -1, "seed")]
)
def test_a_number_of_draws_or_a_seed_out_of_range_is_refused(
    draws: int, seed: int, name: str
) -> None:
    result, tables = run([(0.4, 0.4)])
    with pytest.raises(CriterionError, match=name) as caught:
        rank_odds(result, tables, draws=draws, seed=seed)
    assert str(draws if name == "draws" else seed) in caught.value.of("zh")
