"""Weights of several bodies in a scenario: the geometric mean, kept apart, each fault by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from builders import attribute, group, parsed_siting, siting, words
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import WeightsError
from geo.weighting import Weighting, weigh

GROUPS = [group("own", [attribute("a"), attribute("b")]), group("other", [attribute("c")])]


def body(name: str, weights: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "name": words(name), "weights": weights, **more}


def direct(a: float, b: float, c: float) -> dict[str, Any]:
    return {"method": "direct", "points": {"a": a, "b": b, "c": c}}


def judged(*pairs: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"of": of, "over": over, "times": times} for of, over, times in pairs]
    return {"method": "ahp", "judgements": listed, **more}


def agreed(*people: Mapping[str, Any]) -> Weighting:
    weights = {"method": "stakeholders", "people": list(people)}
    return weigh(parsed_siting(siting({}, groups=GROUPS, weights=weights)), np.empty((0, 0)))


def refusal(*people: Mapping[str, Any]) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        agreed(*people)
    return caught.value


def test_the_geometric_mean_by_hand_and_everybody_kept_apart() -> None:
    """(1, 1, 2) / 4 and (4, 1, 2) / 7: roots of 4, 1, 4 are 2, 1, 2."""
    found = agreed(body("commerce", direct(1, 1, 2)), body("land", direct(4, 1, 2)))
    assert found.weights == pytest.approx({"a": 0.4, "b": 0.2, "c": 0.4}, abs=1e-12)
    assert [one.id for one in found.opinions] == ["commerce", "land"]
    assert found.opinions[0].weights == {"a": 0.25, "b": 0.25, "c": 0.5}
    assert found.opinions[1].weights == pytest.approx({"a": 4 / 7, "b": 1 / 7, "c": 2 / 7})
    assert (found.method, found.vetoed) == ("stakeholders", ())
    assert found.describe()[0].en == "Weights: geometric mean of what several bodies give."
    assert found.describe()[0].zh == "权重：多方意见的几何平均。"


def test_who_has_twice_the_say_counts_as_two() -> None:
    first, second = direct(1, 1, 2), direct(4, 1, 2)
    double = agreed(body("x", first, say=2), body("y", second))
    thrice = agreed(body("x", first), body("w", first), body("y", second))
    assert double.weights == pytest.approx(thrice.weights, abs=1e-12)
    silent = agreed(body("x", first), body("y", second, say=0))
    assert silent.weights == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5}, abs=1e-12)
    assert [one.say for one in silent.opinions] == [1.0, 0.0]


@given(
    st.lists(st.tuples(*[st.floats(0.01, 100.0)] * 3), min_size=1, max_size=5),
)
def test_the_geometric_mean_of_any_bodies(rows: list[tuple[float, float, float]]) -> None:
    found = agreed(*(body(f"p{i}", direct(*row)) for i, row in enumerate(rows)))
    raw = [1.0, 1.0, 1.0]
    for row in rows:
        raw = [r * (x / sum(row)) ** (1 / len(rows)) for r, x in zip(raw, row, strict=True)]
    expected = [one / sum(raw) for one in raw]
    assert list(found.weights.values()) == pytest.approx(expected, rel=1e-9)
    for one, row in zip(found.opinions, rows, strict=True):
        assert list(one.weights.values()) == pytest.approx([x / sum(row) for x in row])


def test_a_nought_of_one_body_is_a_veto_that_is_said() -> None:
    found = agreed(body("x", direct(1, 1, 0)), body("y", direct(1, 1, 2)))
    assert found.weights == pytest.approx({"a": 0.5, "b": 0.5, "c": 0.0}, abs=1e-12)
    assert found.vetoed == ("c",)
    said = found.describe()[-1]
    assert said.en == "Somebody gives 0 to c, so the geometric mean gives 0 too."
    assert said.zh == "准则 c 有人给 0，几何平均后为 0。"
    agreed_on = agreed(body("x", direct(1, 1, 0)), body("y", direct(3, 1, 0)))
    assert agreed_on.vetoed == ()


def test_vetoes_on_everything_are_refused() -> None:
    error = refusal(body("x", direct(1, 0, 0)), body("y", direct(0, 1, 1)))
    assert "every criterion has a weight of 0 from somebody" in str(error)
    assert "每项准则都有人给 0 权重" in error.of("zh")


def test_bodies_may_weigh_by_different_methods() -> None:
    """ROC gives 11, 5, 2 of 18; the judgements 6 : 3 : 1; the swings of groups 2 : 1."""
    ranked = {"method": "rank_order_centroid", "importance": {"a": 1, "b": 2, "c": 3}}
    swung = {"method": "swing", "over": "groups", "points": {"own": 100, "other": 50}}
    found = agreed(
        body("x", ranked), body("y", judged(("a", "b", 2), ("b", "c", 3))), body("z", swung)
    )
    raw = np.cbrt([11 * 6 * 1, 5 * 3 * 1, 2 * 1 * 1])
    assert list(found.weights.values()) == pytest.approx((raw / raw.sum()).tolist(), abs=1e-12)
    assert [one.judgement is not None for one in found.opinions] == [False, True, False]


CIRCLE = judged(("a", "b", 9), ("b", "c", 9), ("a", "c", "1/9"))


def test_whose_judgements_contradict_is_shouted_with_their_name() -> None:
    found = agreed(body("calm", direct(1, 1, 1)), body("torn", CIRCLE))
    shouted = found.describe()[-1]
    assert shouted.en.startswith("torn: CAUTION: ")
    assert shouted.zh.startswith("torn（中）：注意：")
    assert "“a” to “b”" in shouted.en
    assert not any("calm" in one.en for one in found.describe())


def test_criteria_and_groups_keep_their_own_names_whoever_comes_first() -> None:
    """One body judges criteria and contradicts itself, another judges the groups."""
    torn = body("torn", CIRCLE)
    calm = body("calm", judged(("own", "other", 2), over="groups"))
    for people in ((torn, calm), (calm, torn)):
        assert "“a” to “b”" in agreed(*people).describe()[-1].en


def test_faults_of_all_bodies_are_named_at_once_each_with_its_body() -> None:
    error = refusal(
        body("land", {"method": "direct", "points": {"a": 1, "z": 1}}),
        body("calm", direct(1, 1, 1)),
        body("post", direct(-1, 1, 1)),
    )
    for said in ("land", "unknown criterion z", "no number for b, c", "post", "a=-1"):
        assert said in str(error)
    assert "calm" not in str(error)
    for said in ("land", "没有准则 z", "未给出 b、c", "post", "a=-1"):
        assert said in error.of("zh")


def test_nobody_with_a_say_is_refused() -> None:
    error = refusal(body("x", direct(1, 1, 1), say=0))
    assert "not all zero" in str(error)
    assert "不全为零" in error.of("zh")
