"""What would have to change, in words: both languages, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, rule, siting

from geo.changes import (
    OVERTAKEN,
    describe_overtaking,
    describe_stability,
    overtaking,
    position_of,
    what_would_change,
)
from geo.errors import ScenarioError
from geo.scoring import SitingResult, score_alternatives

UNIT = {"low": 0, "high": 1}
LINE = {"kind": "categories", "values": {"first": 0, "second": 1}}


def run(rows: Sequence[dict[str, Any]], *, changes: dict[str, Any] | None = None) -> SitingResult:
    """Two criteria of half the weight each, whose performances are values already."""
    mapping = siting({"one": [attribute("a", value=UNIT), attribute("b", value=UNIT)]})
    scenario = parsed_siting({**mapping, **(changes or {})})
    return score_alternatives(scenario, {"sites": features(rows)})


AHEAD = {"a": 0.8, "b": 0.6}
BEHIND = {"a": 0.2, "b": 0.8}


def test_by_hand() -> None:
    """0.7 against 0.5, d = (-0.6, 0.2): level at weights 1/4, 3/4; or with a at 0.6, b at 1.2."""
    result = run([AHEAD, BEHIND])
    changes = what_would_change(result)
    (one,) = changes.overtakings
    assert one.weights is not None
    assert one.weights.weights == pytest.approx([0.25, 0.75])
    assert changes.stability.radius == pytest.approx(0.5)
    assert {value.criterion: value.performance for value in one.values} == pytest.approx({"a": 0.6})
    assert changes.stable == pytest.approx(np.array([[0.25, 1.0], [0.0, 0.75]]))
    assert describe_stability(result, changes).en == (
        "site 1 stays first as long as less than 25.0% of the weight moves; with exactly that "
        "much site 2 can draw level."
    )
    assert describe_stability(result, changes).zh == (
        "只要移动的权重不足 25.0%，site1就保持首位；恰好移动这么多时，site2可与之持平。"
    )
    said = describe_overtaking(result, one)
    assert said.en == (
        "At least 25.0% of the weight has to move (a from 50.0% to 25.0%, b from 50.0% to "
        "75.0%): then site 2 is level with site 1, and ahead beyond that. Changing one value "
        "alone: a from 0.2 to 0.6 units draws level."
    )
    assert "“a（中）”由 50.0% 改为 25.0%" in said.zh
    assert "只改一项数值：a（中）由 0.2 变为 0.6 units（中）即可持平。" in said.zh


def test_a_leader_that_is_better_everywhere_is_first_whatever_the_weights() -> None:
    result = run([AHEAD, {"a": 0.1, "b": 0.1}])
    changes = what_would_change(result)
    assert changes.stability.radius == np.inf
    assert changes.stable.tolist() == [[0.0, 1.0], [0.0, 1.0]]
    assert describe_stability(result, changes).en == "site 1 is first whatever the weights."
    assert describe_stability(result, changes).zh == "无论权重如何，site1都居首。"
    said = describe_overtaking(result, changes.overtakings[0])
    assert said.en == (
        "No weights put site 2 ahead of site 1. No single value, changed alone, would do."
    )
    assert said.zh == "没有任何权重能让site2超过site1。没有哪一项数值单独改变就够。"


def test_one_alone_has_nobody_to_fear() -> None:
    changes = what_would_change(run([AHEAD]))
    assert changes.overtakings == ()
    assert changes.stability.radius == np.inf


def test_a_shared_first_rank_has_no_radius() -> None:
    result = run([AHEAD, {"a": 0.6, "b": 0.8}, BEHIND])
    changes = what_would_change(result)
    assert changes.stability.radius == 0.0
    assert changes.stability.challengers == (1,)
    assert describe_stability(result, changes).en == "site 1 is level with site 2."
    assert describe_stability(result, changes).zh == "site1与site2并列。"


def test_a_site_without_an_english_name_is_called_by_its_chinese_one() -> None:
    result = run([AHEAD, {**BEHIND, "name_en": None}])
    changes = what_would_change(result)
    assert "with exactly that much site2 can draw level" in describe_stability(result, changes).en
    said = describe_overtaking(result, changes.overtakings[0])
    assert "then site2 is level with site 1" in said.en


def test_a_category_is_not_a_number_to_move_along() -> None:
    """First is one half ahead: only another line would do, and no line is named as a number."""
    groups = {"one": [attribute("a", value=UNIT), attribute("line", value=LINE)]}
    table = features([{"a": 0.5, "line": "second"}, {"a": 0.6, "line": "first"}])
    result = score_alternatives(parsed_siting(siting(groups)), {"sites": table})
    (one,) = what_would_change(result).overtakings
    assert [value.criterion for value in one.values] == ["line"]
    assert one.values[0].change.value == pytest.approx(0.9)
    assert np.isnan(one.values[0].performance)
    assert describe_overtaking(result, one).en.endswith("No single value, changed alone, would do.")


def test_any_two_can_be_asked_about() -> None:
    result = run([AHEAD, {"a": 0.6, "b": 0.5}, BEHIND])
    assert result.alternatives["id"].tolist() == ["site-01", "site-02", "site-03"]
    one = overtaking(result, position_of(result, "site-03"), position_of(result, "site-02"))
    assert (one.ahead, one.behind) == (2, 1)
    assert one.weights is not None
    assert one.weights.distance == pytest.approx(2 * (0.5 - 3 / 7))
    already = overtaking(result, 0, 1)
    assert already.weights is not None
    assert already.weights.distance == 0.0
    assert all(value.change.increase == 0.0 for value in already.values)


def test_the_leader_is_that_of_the_weighted_sum_whatever_method_ranked() -> None:
    """The product gives 0 to (1, 0) but the sum puts it before (0.45, 0.45)."""
    rows = [{"a": 1.0, "b": 0.0}, {"a": 0.45, "b": 0.45}]
    result = run(rows, changes={"ranking": {"method": "weighted_product"}})
    assert result.alternatives["id"].tolist() == ["site-02", "site-01"]
    changes = what_would_change(result)
    assert result.alternatives["id"][changes.leader] == "site-01"
    assert [one.behind for one in changes.overtakings] == [changes.leader]


def test_at_most_twenty_are_asked() -> None:
    rows = [{"a": k / 40, "b": 1 - k / 50} for k in range(30)]
    changes = what_would_change(run(rows))
    assert [one.ahead for one in changes.overtakings] == list(range(1, OVERTAKEN + 1))


def test_a_name_that_is_not_ranked_is_refused() -> None:
    table = pd.DataFrame(features([{"a": 0.5, "b": 0.5}, {"a": 0.0, "b": 0.5}]))
    groups = {"one": [attribute("a", value=UNIT), attribute("b", value=UNIT)]}
    scenario = parsed_siting(siting(groups, exclusions=[rule("r", "a", "<", 0.1)]))
    result = score_alternatives(scenario, {"sites": table})
    with pytest.raises(ScenarioError, match="'moon' in this ranking; give an id such") as unknown:
        position_of(result, "moon")
    assert "排名中没有备选 'moon'" in unknown.value.of("zh")
    with pytest.raises(ScenarioError, match="'site-02' is excluded and has no rank") as out:
        position_of(result, "site-02")
    assert "'site-02' 已被排除" in out.value.of("zh")
