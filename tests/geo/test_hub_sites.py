"""What planners say of candidates, from layers: each condition by filter, checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, location, parsed_location, parsed_siting, siting

from geo.errors import CostMatrixError, CriterionError, CrsError, ScenarioError
from geo.hubs import LocationResult, place_hubs
from geo.hubs.places import Places, build_places
from geo.hubs.sites import facility_count, site_keywords
from geo.location import SiteKeywords

STEP = 0.1
"""Towns in a row, a tenth of a degree apart: the first and the last are the furthest."""


def row_of_towns(count: int = 6) -> dict[str, pd.DataFrame]:
    """Towns in a row, half of them in district 甲, half in 乙, each the demand of one resident."""
    rows = [
        {
            "ref_lon": 120.2 + STEP * i,
            "ref_lat": 28.0,
            "district": "甲" if i < count // 2 else "乙",
            "kind": "镇" if i % 2 else "街道",
            "room": 2.0,
            "score": 10.0 * i,
        }
        for i in range(count)
    ]
    towns = features(rows, "town")
    demand = features(rows, "demand").assign(demand_weight=1.0)
    works = features(
        [{"ref_lon": 121.2, "ref_lat": 28.0, "district": "乙", "kind": "works"}], "hub"
    )
    return {"demand": demand, "towns": towns, "hubs": works}


TOWNS = row_of_towns()


def solved(readings: list[dict[str, Any]], **changes: Any) -> LocationResult:
    return place_hubs(parsed_location(location(readings, **changes)), TOWNS)


def opened(result: LocationResult) -> list[str]:
    chosen = list(result.readings[0].solution.facilities)
    return result.candidates["id"].iloc[chosen].tolist()


def told(reading: Mapping[str, Any], **changes: Any) -> tuple[SiteKeywords, Places, int | None]:
    scenario = parsed_location(location([{"id": "a", **reading}], **changes))
    places = build_places(scenario, TOWNS)
    first = scenario.readings[0]
    sites = site_keywords(scenario, first, places, TOWNS)
    return sites, places, facility_count(scenario, first, places)


TWO = {"id": "two", "p_facilities": 2}


def test_nothing_said_leaves_the_choice_free() -> None:
    assert opened(solved([TWO])) == ["town-02", "town-05"]


def test_forced_and_forbidden_candidates_are_named_by_filter() -> None:
    result = solved([TWO], forced=[{"id": ["town-01"]}], forbidden=[{"id": ["town-05", "town-04"]}])
    assert "town-01" in opened(result)
    assert not {"town-05", "town-04"} & set(opened(result))


def test_several_filters_mean_any_of_them_and_fields_all_of_them() -> None:
    wanted = [{"kind": ["镇"], "district": ["甲"]}, {"id": ["town-06"]}]
    sites, _, _ = told(TWO, forbidden=wanted)
    assert sites["forbidden_facilities"] == [1, 5]


def test_of_an_exclusive_set_one_is_open() -> None:
    result = solved([TWO], exclusive=[{"id": ["town-02", "town-05"]}])
    assert len({"town-02", "town-05"} & set(opened(result))) <= 1


def test_facilities_keep_their_distance() -> None:
    metres = build_places(parsed_location(location([TWO])), TOWNS).distance_m[0, 4]
    apart = solved([TWO], min_separation_m=metres)
    first, second = apart.readings[0].solution.facilities
    assert second - first >= 4


@pytest.mark.parametrize("key", ["forced", "forbidden", "exclusive"])
def test_a_filter_that_meets_nothing_is_refused(key: str) -> None:
    with pytest.raises(ScenarioError, match=rf"{key}\.0 of scenario .* meets no candidate") as e:
        solved([TWO], **{key: [{"id": ["town-99"]}]})
    assert "没有符合的候选点" in e.value.of("zh")


def test_forced_and_forbidden_at_once_is_refused_by_name() -> None:
    with pytest.raises(ScenarioError, match=r"both forces .* and forbids town-03;") as caught:
        solved([TWO], forced=[{"id": ["town-03"]}], forbidden=[{"district": ["甲"]}])
    assert "town3" in caught.value.of("zh")


def test_an_unknown_field_of_a_filter_is_named() -> None:
    with pytest.raises(CriterionError, match="no field 'hue'"):
        solved([TWO], forced=[{"hue": ["red"]}])


HUBS = {"layer": "hubs"}


def test_what_stands_in_another_layer_joins_the_candidates_and_is_kept() -> None:
    result = solved([TWO], existing=HUBS)
    assert result.existing.tolist() == [False] * 6 + [True]
    assert result.candidates["id"].iloc[6] == "hub-01"
    assert "hub-01" in opened(result)
    assert len(opened(result)) == 2


def test_what_is_not_counted_stands_beside_the_new_ones() -> None:
    result = solved([TWO], existing={**HUBS, "counted": False})
    assert len(opened(result)) == 3
    assert "hub-01" in opened(result)


def test_numbers_per_district_count_new_ones_only_where_what_stands_is_not_counted() -> None:
    each = {**TWO, "per_district": 1}
    counted, _, total = told(each, existing=HUBS)
    assert (counted["min_per_group"], total) == (1, 2)
    beside, _, total = told(each, existing={**HUBS, "counted": False})
    assert (beside["min_per_group"], total) == ({"甲": 1, "乙": 2}, 3)
    result = solved([each], existing={**HUBS, "counted": False})
    districts = result.candidates["district"].iloc[list(result.readings[0].solution.facilities)]
    assert sorted(districts) == ["乙", "乙", "甲"]


def test_what_stands_among_the_candidates_is_marked_not_doubled() -> None:
    result = solved([TWO], existing={"layer": "towns", "filter": {"id": ["town-06"]}})
    assert len(result.candidates) == 6
    assert np.flatnonzero(result.existing).tolist() == [5]
    assert "town-06" in opened(result)


def test_what_stands_beside_the_filter_of_the_candidates_is_added() -> None:
    result = solved(
        [TWO],
        candidate_filter={"district": ["甲"]},
        existing={"layer": "towns", "filter": {"id": ["town-03", "town-06"]}},
    )
    assert result.candidates["id"].tolist() == ["town-01", "town-02", "town-03", "town-06"]
    assert result.existing.tolist() == [False, False, True, True]


def test_closing_is_paid_where_it_is_worth_it() -> None:
    cheap = solved([TWO], existing={**HUBS, "closing_cost": 1.0})
    assert "hub-01" not in opened(cheap)
    free = solved([TWO]).readings[0].solution
    closed = cheap.readings[0].solution
    assert closed.objective == pytest.approx(free.objective + 1.0)
    dear = solved([TWO], existing={**HUBS, "closing_cost": 1e9})
    assert "hub-01" in opened(dear)


def test_opening_costs_spare_what_stands() -> None:
    sites, _, _ = told(TWO, existing={**HUBS, "closing_cost": 3.0}, opening_cost=5.0)
    assert sites["opening_cost"] == 5.0
    assert sites["closing_cost"] == 3.0
    assert sites["existing_facilities"] == [6]


def test_amounts_are_numbers_or_fields_of_the_candidates() -> None:
    sites, _, _ = told(TWO, capacity="room", least_load=1, split_demand=True)
    capacity = sites["capacity"]
    assert capacity is not None
    assert np.asarray(capacity).tolist() == [2.0] * 6
    assert (sites["least_load"], sites["split_demand"]) == (1.0, True)
    with pytest.raises(CriterionError, match="'name_zh' is not a number"):
        told(TWO, capacity="name_zh")


def test_a_bonus_by_a_field_draws_the_choice() -> None:
    one = {"id": "one", "p_facilities": 1}
    assert opened(solved([one])) == ["town-03"]
    assert opened(solved([one], bonus={"field": "score", "worth": 1e6})) == ["town-06"]


def test_a_bonus_by_a_score_draws_the_choice_and_what_is_excluded_gets_none() -> None:
    rule = {
        "id": "no_streets",
        "sentence": {"zh": "不选街道", "en": "no streets"},
        "field": "score",
        "operator": ">=",
        "value": 40,
    }
    scored = parsed_siting(
        siting(
            {"g": [attribute("score", value={"low": 0, "high": 100})]},
            alternatives="towns",
            exclusions=[rule],
        )
    )
    sites, _, _ = told(TWO, bonus={"scenario": scored, "worth": 100.0})
    bonus = sites["bonus"]
    assert bonus is not None
    assert np.asarray(bonus) == pytest.approx([0.0, 10.0, 20.0, 30.0, 0.0, 0.0])


def test_costs_stay_with_the_unit_they_are_stated_in() -> None:
    scenario = parsed_location(location([TWO], opening_cost=1.0))
    with pytest.raises(ScenarioError, match="stated in residents × m; mclp counts in residents"):
        place_hubs(scenario, TOWNS, model="mclp")
    free = parsed_location(location([{"id": "free"}], model="lscp"))
    with pytest.raises(ScenarioError, match="states no number of facilities, so it cannot be sol"):
        place_hubs(free, TOWNS, model="p_median")


def test_at_most_so_many_per_district() -> None:
    sites, _, _ = told({"p_facilities": 3, "per_district": {"甲": 2}, "per_district_most": 2})
    assert (sites["min_per_group"], sites["max_per_group"]) == ({"甲": 2}, 2)
    result = solved([{"id": "a", "p_facilities": 3, "per_district": {"甲": 2}}])
    districts = result.candidates["district"].iloc[list(result.readings[0].solution.facilities)]
    assert (districts == "甲").sum() >= 2
    with pytest.raises(CostMatrixError, match=r"丙.* expected a group among 甲, 乙"):
        solved([{"id": "a", "p_facilities": 3, "per_district": {"丙": 2}}])


def framed(crs: str) -> gpd.GeoDataFrame:
    towns = TOWNS["towns"]
    shapes = gpd.points_from_xy(towns["ref_lon"], towns["ref_lat"])
    return gpd.GeoDataFrame(towns, geometry=shapes, crs=crs)


def test_layers_in_different_systems_are_refused() -> None:
    demand = framed("EPSG:4490").assign(demand_weight=1.0)
    scenario = parsed_location(location([TWO]))
    mixed = {"demand": demand, "towns": framed("EPSG:4549")}
    with pytest.raises(CrsError, match="different coordinate systems"):
        place_hubs(scenario, mixed)
    same = {"demand": demand, "towns": framed("EPSG:4490")}
    assert place_hubs(scenario, same).readings[0].solution.status == "optimal"


def test_too_many_pairs_are_refused_before_they_are_measured() -> None:
    many = pd.concat([TOWNS["towns"]] * 16_667, ignore_index=True)
    tables = {"demand": many.assign(demand_weight=1.0), "towns": many}
    with pytest.raises(CostMatrixError, match=r"100,002 × 100,002, which needs 80\.0 GB"):
        place_hubs(parsed_location(location([TWO])), tables)
