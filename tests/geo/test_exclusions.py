"""Exclusions: comparisons at their boundary, what is not given stays, margins signed."""

from __future__ import annotations

import operator as compare
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, refused, rule, siting
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ScenarioError
from geo.exclusions import build_ledger, excluded_by, margin_of
from geo.scenario import Exclusion
from geo.scoring import score_alternatives

SITES = features(
    [{"size": 99.999, "line": "一级"}, {"size": 100, "line": None}, {"size": None, "line": "二级"}]
)
NUMBERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": compare.lt,
    "<=": compare.le,
    ">": compare.gt,
    ">=": compare.ge,
}


def declared(name: str = "r", field: str = "size", by: str = "<", value: Any = 100) -> Exclusion:
    mapping = siting({"one": [attribute("size")]}, exclusions=[rule(name, field, by, value)])
    return parsed_siting(mapping).exclusions[0]


@pytest.mark.parametrize(
    ("by", "met"),
    [
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
        (">", [False, False, True]),
        (">=", [False, True, True]),
    ],
)
def test_a_comparison_at_its_boundary(by: str, met: list[bool]) -> None:
    table = pd.DataFrame({"size": [99.999, 100.0, 100.001, np.nan]})
    assert excluded_by(declared(by=by), table).tolist() == [*met, False]


@pytest.mark.parametrize("by", list(NUMBERS))
def test_nullable_integers_and_plain_ones_are_compared_alike(by: str) -> None:
    expected = [NUMBERS[by](one, 100) for one in (99, 100, 101)]
    for kind in ("Int64", "int64", "object"):
        table = pd.DataFrame({"size": pd.array([99, 100, 101], dtype=kind)})
        assert excluded_by(declared(by=by), table).tolist() == expected
    table = pd.DataFrame({"size": pd.array([99, 100, 101, None], dtype="Int64")})
    assert excluded_by(declared(by=by), table).tolist() == [*expected, False]


@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float)), max_size=8),
    st.sampled_from(list(NUMBERS)),
    st.integers(-3, 3),
)
def test_every_number_is_compared_as_written(
    column: list[float | None], by: str, limit: int
) -> None:
    table = pd.DataFrame({"size": pd.Series(column, dtype="float64")})
    found = excluded_by(declared(by=by, value=limit), table)
    assert found.tolist() == [one is not None and NUMBERS[by](one, limit) for one in column]


@given(st.lists(st.sampled_from([None, "a", "b", "a、b", ""]), max_size=8))
def test_a_list_takes_out_exactly_its_values_and_not_in_all_others(
    column: list[str | None],
) -> None:
    for kind in ("object", "str"):
        table = pd.DataFrame({"line": pd.Series(column, dtype=kind)})
        inside = excluded_by(declared(field="line", by="in", value=["a", "z"]), table)
        outside = excluded_by(declared(field="line", by="not in", value=["a", "z"]), table)
        assert inside.tolist() == [one == "a" for one in column]
        assert outside.tolist() == [one is not None and one != "a" for one in column]


def test_a_value_printed_as_two_classes_is_neither() -> None:
    both = SITES.assign(line=["一级、二级", "一级", "三级"])
    line = declared(field="line", by="in", value=["一级"])
    assert excluded_by(line, both).tolist() == [False, True, False]


def test_what_is_not_given_meets_no_rule() -> None:
    table = features([{"size": None, "line": None}]).astype({"size": float})
    rules = [declared(by=by) for by in NUMBERS]
    rules += [declared(field="line", by=by, value=["a"]) for by in ("in", "not in")]
    assert not build_ledger(rules, table).any()
    assert all(np.isnan(margin_of(one, table)).all() for one in rules)


@pytest.mark.parametrize("by", list(NUMBERS))
def test_a_margin_is_threshold_minus_value(by: str) -> None:
    table = pd.DataFrame({"size": [99.5, 100.0, 130.0, np.nan]})
    found = margin_of(declared(by=by), table)
    np.testing.assert_array_equal(found, [0.5, 0.0, -30.0, np.nan])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6))
def test_the_sign_of_a_margin_says_on_which_side_of_the_threshold_a_value_is(
    column: list[float], limit: float
) -> None:
    table = pd.DataFrame({"size": column})
    margin = margin_of(declared(value=limit), table)
    assert ((margin > 0) == excluded_by(declared(by="<", value=limit), table)).all()
    assert ((margin < 0) == excluded_by(declared(by=">", value=limit), table)).all()


@pytest.mark.parametrize("by", ["in", "not in"])
def test_a_list_has_no_margin(by: str) -> None:
    line = declared(field="line", by=by, value=["一级"])
    assert np.isnan(margin_of(line, SITES)).all()


def test_the_ledger_has_a_column_per_rule() -> None:
    rules = [declared(), declared("s", "line", "in", ["一级", "二级"])]
    found = build_ledger(rules, SITES)
    assert found.tolist() == [[True, True], [False, False], [False, True]]
    assert found.dtype == np.bool_
    assert build_ledger([], SITES).shape == (3, 0)
    assert not build_ledger([], SITES).any(axis=1).any()


def test_an_unknown_field_names_those_that_exist() -> None:
    for look in (excluded_by, margin_of):
        with pytest.raises(ScenarioError, match="names field 'weight'; the layer has id, ") as e:
            look(declared(field="weight"), SITES)
        assert "size" in str(e.value)
        assert "用到字段 'weight'" in e.value.of("zh")


def test_an_operator_that_does_not_fit_its_value_is_refused() -> None:
    for by, value in (("<", ["a"]), ("in", 3.0)):
        mapping = siting({"one": [attribute("size")]}, exclusions=[rule("r", "size", by, value)])
        assert f"{by!r} does not go with {value!r}" in str(refused(mapping))


def test_a_text_where_a_number_is_compared_is_refused_not_passed_over() -> None:
    table = features([{"size": "large"}, {"size": "120"}])
    with pytest.raises(ScenarioError, match="'size' is not a number") as caught:
        excluded_by(declared(), table)
    assert "不是数值" in caught.value.of("zh")


RULES = [
    rule("small", "size", "<", 2),
    rule("large", "size", ">", 8),
    rule("r", "line", "in", ["r"]),
]


def test_all_excluded_says_by_what_and_how_many() -> None:
    table = features(
        [
            {"size": 1.0, "line": "r", "own": 1.0},
            {"size": 9.0, "line": None, "own": 1.0},
            {"size": 1.5, "line": "b", "own": None},
            {"size": 5.0, "line": "b", "own": None},
        ]
    )
    groups = {"one": [attribute("own", missing="exclude")]}
    scenario = parsed_siting(siting(groups, exclusions=[*RULES, rule("none", "size", ">", 99)]))
    with pytest.raises(ScenarioError) as caught:
        score_alternatives(scenario, {"sites": table})
    assert "excludes all 4 alternatives" in str(caught.value)
    assert "(small 2, large 1, r 1, a required value missing 2); relax a rule" in str(caught.value)
    assert "全部 4 个备选" in caught.value.of("zh")
    for said in ("small（中） 2", "large（中） 1", "r（中） 1", "缺少必需的数值 2"):
        assert said in caught.value.of("zh")
    assert "none" not in str(caught.value)


def test_who_is_excluded_stands_in_the_ledger_in_the_order_of_the_layer() -> None:
    table = features(
        [
            {"size": 1.0, "line": "r", "own": 1.0},
            {"size": 5.0, "line": None, "own": 3.0},
            {"size": 9.0, "line": "b", "own": 1.0},
            {"size": 5.0, "line": "b", "own": None},
            {"size": None, "line": None, "own": 4.0},
        ]
    )
    groups = {"one": [attribute("own", missing="exclude")]}
    result = score_alternatives(parsed_siting(siting(groups, exclusions=RULES)), {"sites": table})
    assert result.alternatives["id"].tolist() == ["site-05", "site-02"]
    assert result.excluded["id"].tolist() == ["site-01", "site-03", "site-04"]
    assert result.ledger.tolist() == [[True, False, True], [False, True, False], [False] * 3]
    np.testing.assert_array_equal(result.excluded_values, [[0.1], [0.1], [np.nan]])
