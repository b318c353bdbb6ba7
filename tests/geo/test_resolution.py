"""The resolution audit: other radii and coarser layers, by hand and by their laws."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, criterion, features, parsed_siting, siting
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import ScenarioError
from geo.resolution import COARSE, LEVELS, ResolutionAudit, audit_resolution
from geo.resolution.coarsening import AMOUNT
from geo.resolution.reach import reach_of
from geo.resolution.variants import plan_aggregations, plan_reaches
from geo.scenario import RankingSpec, SitingScenario
from geo.scoring import score_alternatives

LAT = 28.0
KM = 1.0 / 110.8
"""A kilometre of latitude in degrees, near enough."""


def around(name: str = "around", **measure: Any) -> dict[str, Any]:
    return criterion(name, {"kind": "within", "layer": "places", "radius_m": 2000, **measure})


def scenario_of(*criteria: Mapping[str, Any], **changes: Any) -> SitingScenario:
    return parsed_siting(siting({"one": criteria}, **changes))


SITES = features([{"ref_lat": LAT}, {"ref_lat": LAT + 20 * KM}])
PLACES = features(
    [
        *({"ref_lat": LAT + 0.5 * KM, "amount": 1.0, "district": "甲"} for _ in range(2)),
        *({"ref_lat": LAT + 23 * KM, "amount": 2.0, "district": "乙"} for _ in range(3)),
    ],
    "place",
)
TABLES = {"sites": SITES, "places": PLACES}


def audit(
    *criteria: Mapping[str, Any], tables: Mapping[str, pd.DataFrame] = TABLES, **settings: Any
) -> ResolutionAudit:
    return audit_resolution(scenario_of(*(criteria or [around()])), tables, **settings)


def test_a_wider_reach_turns_the_leader_by_hand() -> None:
    found = audit(radius_factors=[0.5, 2.0], cells_m=[])
    assert found.base.alternatives["id"].tolist() == ["site-01", "site-02"]
    narrow, wide = found.variations
    assert (narrow.change.kind, narrow.change.factor, narrow.change.cell_m) == ("reach", 0.5, None)
    assert narrow.rank.tolist() == [1, 2]
    assert (narrow.kendall, narrow.changes_leader, narrow.greatest_change) == (1.0, False, 0)
    assert narrow.movers == ()
    assert wide.rank.tolist() == [2, 1]
    assert (wide.kendall, wide.leaders, wide.greatest_change) == (-1.0, ("site-02",), 1)
    assert wide.changes_leader and not wide.changes_leading
    assert wide.movers == ("site-01", "site-02")
    assert found.describe(wide).en == (
        "All reaches × 2: the leader becomes site 2, the first five stay the same, tau-b -1.000, "
        "site 1, site 2 move farthest (1 place each)."
    )
    assert found.describe(narrow).zh == (
        "全部范围 ×0.5：首选仍为“site1”，前五名不变，τ-b 1.000，名次均无变动。"
    )
    assert found.sentence.en == (
        "The leader (site 1) holds in 1 of 2 variations of reach and aggregation, the first five "
        "in 2. The ranks correlate with Kendall's tau-b -1.000 at least (All reaches × 2). Others "
        "lead: site 2 (All reaches × 2)."
    )
    assert found.sentence.zh == (
        "2 种范围与聚合的变化中，首选（“site1”）在 1 种中不变，前五名在 2 种中不变。"
        "名次相关（Kendall τ-b）最低为 -1.000（全部范围 ×2）。"
        "改由他者居首：“site2”（全部范围 ×2）。"
    )
    assert found.notes == (LEVELS,)


@pytest.mark.parametrize("factor", [0.5, 1.5, 4.0])
def test_it_is_as_if_the_levels_went_with_the_area(factor: float) -> None:
    levels = {"kind": "piecewise", "levels": [0, 1, 4], "values": [0, 0.8, 1]}
    other = {**levels, "levels": [0, factor**2, 4 * factor**2]}
    scores = []

    def keep(scenario: SitingScenario, tables: Any, **settings: Any) -> Any:
        result = score_alternatives(scenario, tables, **settings)
        scores.append(dict(zip(result.alternatives["id"], result.scores.tolist(), strict=True)))
        return result

    audit({**around(), "value": levels}, radius_factors=[factor], cells_m=[], score=keep)
    scaled = scenario_of({**around(radius_m=2000 * factor), "value": other})
    result = score_alternatives(scaled, TABLES)
    expected = dict(zip(result.alternatives["id"], result.scores.tolist(), strict=True))
    assert scores[1] == pytest.approx(expected, abs=1e-12)


def test_every_reach_is_changed_with_all_and_alone() -> None:
    travel = {"minutes": 12, "speed_kmh": 30}
    second = criterion("minutes", {"kind": "within", "layer": "places", "travel": travel})
    scenario = scenario_of(around(), second, attribute("size"))
    plans = list(plan_reaches(scenario, TABLES, [0.5, 2.0]))
    changes = [change for change, _ in plans]
    assert [(c.criteria, c.factor) for c in changes] == [
        (("around", "minutes"), 0.5),
        (("around", "minutes"), 2.0),
        (("around",), 0.5),
        (("around",), 2.0),
        (("minutes",), 0.5),
        (("minutes",), 2.0),
    ]
    assert changes[3].title.en == "Reach of “around” × 2 (4 km)"
    assert changes[5].title.zh == "“minutes（中）”的范围 ×2（24 分钟）"
    reaches = [[reach_of(one.measure) for one in build()[0].criteria] for _, build in plans]
    assert reaches[1] == [4000, 12000, None]
    assert reaches[5] == [2000, 12000, None]


def test_criteria_in_nested_groups_are_changed_too() -> None:
    inner = {"id": "in", "title": {"zh": "内", "en": "in"}, "criteria": [around()]}
    outer = {"id": "out", "title": {"zh": "外", "en": "out"}, "groups": [inner]}
    scenario = parsed_siting({**siting({}), "groups": [outer]})
    found = audit_resolution(scenario, TABLES, radius_factors=[2.0], cells_m=[])
    assert found.variations[0].rank.tolist() == [2, 1]
    assert scenario.groups[0].groups[0].criteria[0].measure.model_dump()["radius_m"] == 2000


def test_a_first_stage_is_changed_with_all() -> None:
    first = scenario_of(around("towns_around"), id="first", alternatives="towns")
    towns = SITES.assign(name_zh=["甲", "乙"], id=["town-1", "town-2"])
    stage = {"scenario": first, "leading": 1, "member_field": "host"}
    scenario = scenario_of(attribute("size"), first_stage=stage)
    sites = SITES.assign(host=["甲", "乙"], size=[1.0, 2.0])
    found = audit_resolution(
        scenario, {**TABLES, "sites": sites, "towns": towns}, radius_factors=[2.0], cells_m=[2000]
    )
    wide, cells = found.variations
    assert wide.change.criteria == cells.change.criteria == ("towns_around",)
    assert (wide.leaders_inside, wide.changes_leader_inside) == (("site-02",), True)
    assert not wide.changes_leader and not cells.changes_leader_inside
    assert "The leader within the leading districts (site 1) holds in 1." in found.sentence.en


def test_the_choice_per_group_is_watched() -> None:
    words = {"zh": "每区一个", "en": "one each"}
    per_group = {"field": "district", "choose": 1, "sentence": words}
    found = audit_resolution(
        scenario_of(around(), per_group=per_group), TABLES, radius_factors=[2.0], cells_m=[]
    )
    assert found.variations[0].changes_chosen
    assert "The choice per group holds in 0." in found.sentence.en


def test_cells_move_what_is_counted_by_hand() -> None:
    found = audit(around(field="amount"), radius_factors=[], cells_m=[1.0, 10_000_000])
    fine, coarse = found.variations
    assert (fine.change.kind, fine.features, fine.rank.tolist()) == ("cells", (5, 2), [1, 2])
    assert coarse.features == (5, 1)
    assert coarse.rank.tolist() == [1, 1]
    assert np.isnan(coarse.kendall)
    assert coarse.leaders == ("site-01", "site-02") and coarse.changes_leader
    assert found.notes == (COARSE,)
    assert found.describe(coarse).en == (
        "Put together in cells of 10000 km (5 into 1): the leader becomes site 1, site 2, the "
        "first five stay the same, no correlation of the ranks, site 2 moves farthest (rank 2 to "
        "1)."
    )


def test_demand_stands_at_the_seats_of_its_districts() -> None:
    seats = features(
        [{"name_zh": "甲", "ref_lat": LAT + 22 * KM}, {"name_zh": "乙", "ref_lat": LAT}], "district"
    )
    people = around("people", layer="demand", field="amount")
    tables = {**TABLES, "demand": PLACES, "districts": seats}
    found = audit(people, around(), tables=tables, radius_factors=[], cells_m=[])
    (variation,) = found.variations
    assert (variation.change.kind, variation.change.criteria) == ("districts", ("people",))
    assert variation.features == (5, 2)
    assert variation.rank.tolist() == [1, 2]
    assert found.describe(variation).zh.startswith("需求点按区县聚合（5 个并为 2 个）：")
    alone = audit(people, tables=tables, radius_factors=[], cells_m=[])
    assert alone.variations[0].rank.tolist() == [1, 2]


def test_a_variation_that_cannot_be_run_is_kept_with_its_reason() -> None:
    seats = features([{"name_zh": "甲"}], "district")
    tables = {**TABLES, "demand": PLACES, "districts": seats}
    found = audit(around(layer="demand"), tables=tables, radius_factors=[1.0], cells_m=[])
    ((change, reason),) = found.failed
    assert change.kind == "districts"
    assert "乙" in reason.en and "无法按区县合并" in reason.zh
    assert found.sentence.en.endswith("1 more could not be run.")
    assert found.sentence.zh.endswith("另有 1 种无法运行。")


def test_another_method_is_audited_by_its_own_scoring() -> None:
    score = partial(score_alternatives, ranking=RankingSpec(method="topsis"))
    found = audit(radius_factors=[2.0], cells_m=[], score=score)
    assert found.base.scenario.ranking.method == "topsis"
    assert found.variations[0].rank.tolist() == [2, 1]


def test_chosen_weights_hold_in_every_variation() -> None:
    tables = {**TABLES, "sites": SITES.assign(size=[1.0, 2.0])}
    found = audit(
        around(), attribute("size"), tables=tables, weights={"around": 0.0}, radius_factors=[2.0]
    )
    assert all(not one.changes_leader for one in found.variations)


def test_a_scenario_without_reaches_has_nothing_to_audit() -> None:
    found = audit(attribute("size"), tables={"sites": SITES.assign(size=[1.0, 2.0])})
    assert not found.variations and not found.failed and not found.notes
    assert found.sentence.en.endswith("there is nothing to audit.")
    assert found.sentence.zh.endswith("无需审查分辨率。")


@pytest.mark.parametrize("name", ["radius_factors", "cells_m"])
@pytest.mark.parametrize("number", [0.0, -1.0, float("nan"), float("inf")])
def test_factors_and_cells_that_make_no_sense_are_refused(name: str, number: float) -> None:
    with pytest.raises(ScenarioError, match=f"{name} has .*; expected numbers above 0") as caught:
        audit_resolution(scenario_of(around()), TABLES, **{name: [1.0, number]})  # type: ignore[arg-type]
    assert "应为大于 0 的数" in caught.value.of("zh")


spot = st.fixed_dictionaries(
    {
        "ref_lon": st.sampled_from([120.60, 120.62, 120.65, 120.70]),
        "ref_lat": st.sampled_from([27.98, 28.00, 28.02, 28.05]),
        "amount": st.sampled_from([0.0, 1.0, 3.0]),
    }
)


@settings(max_examples=15)
@given(st.lists(spot, min_size=1, max_size=6), st.lists(spot, min_size=1, max_size=8))
def test_what_changes_nothing_leaves_the_ranking_alone(
    sites: list[dict[str, float]], places: list[dict[str, float]]
) -> None:
    tables = {"sites": features(sites), "places": features(places, "place")}
    criteria = [around(radius_m=3000), around("sums", radius_m=5000, field="amount")]
    found = audit(*criteria, tables=tables, radius_factors=[1.0], cells_m=[0.5])
    for one in found.variations:
        assert one.rank.tolist() == found.base.rank.tolist()
        assert np.isnan(one.kendall) or one.kendall == pytest.approx(1.0)
        assert not one.changes_leader and not one.changes_leading and not one.movers


@settings(max_examples=10)
@given(st.permutations(range(5)))
def test_the_order_of_the_layers_does_not_matter(order: list[int]) -> None:
    turned = {"sites": SITES.iloc[::-1], "places": PLACES.iloc[order]}
    one, other = (
        audit(tables=tables, radius_factors=[2.0], cells_m=[5000.0]) for tables in (TABLES, turned)
    )
    for here, there in zip(one.variations, other.variations, strict=True):
        assert here.rank.tolist() == there.rank.tolist()
        assert (here.leaders, here.movers) == (there.leaders, there.movers)


def test_counts_densities_and_gravity_are_put_together_and_nothing_else() -> None:
    shared = {"layer": "places", "field": "amount", "filter": {"district": ["乙"]}}
    measures: dict[str, dict[str, Any]] = {
        "counted": {"kind": "within", "radius_m": 2000, **shared},
        "dense": {"kind": "kernel_density", "radius_m": 2000, **shared},
        "drawn": {"kind": "gravity", "decay": {"half_m": 2000}, **shared},
        "hot": {"kind": "hot_spot", "radius_m": 2000, **shared},
        "near": {"kind": "distance_to_nearest", "layer": "places"},
    }
    scenario = scenario_of(*(criterion(name, measure) for name, measure in measures.items()))
    ((change, build),) = plan_aggregations(scenario, TABLES, [5000.0])
    varied, tables, counts = build()
    assert change.criteria == ("counted", "dense", "drawn")
    assert counts == (9, 3)
    for spec, declared in zip(varied.criteria, scenario.criteria, strict=True):
        if spec.id in change.criteria:
            measure = spec.measure.model_dump()
            assert (measure["field"], measure["filter"]) == (AMOUNT, {})
            assert tables[measure["layer"]][AMOUNT].tolist() == [6.0]
        else:
            assert spec == declared
    assert set(TABLES) == {"sites", "places"}
