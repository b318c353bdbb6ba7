"""Exclusions: `<` is strict, what is not given is never taken out, the ledger says by what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, siting, words

from geo.errors import ScenarioError
from geo.exclusions import build_ledger, excluded_by
from geo.scenario import Exclusion

SITES = features(
    [{"size": 99.999, "line": "一级"}, {"size": 100, "line": None}, {"size": None, "line": "二级"}]
)


def rule(**changes: Any) -> Exclusion:
    declared = {"id": "r", "sentence": words("r"), "field": "size", "operator": "<", "value": 100}
    scenario = siting({"one": [attribute("size")]}, exclusions=[{**declared, **changes}])
    return parsed_siting(scenario).exclusions[0]


def test_below_is_strict_and_what_is_not_given_stays() -> None:
    assert excluded_by(rule(), SITES).tolist() == [True, False, False]


def test_below_holds_for_nullable_integers_too() -> None:
    table = pd.DataFrame({"size": pd.array([99, 100, None], dtype="Int64")})
    assert excluded_by(rule(), table).tolist() == [True, False, False]


def test_a_list_takes_out_exactly_its_values() -> None:
    line = rule(field="line", operator="in", value=["一级"])
    assert excluded_by(line, SITES).tolist() == [True, False, False]
    both = SITES.assign(line=["一级、二级", "一级", "三级"])
    assert excluded_by(line, both).tolist() == [False, True, False]


def test_the_ledger_has_a_column_per_rule() -> None:
    rules = [rule(), rule(id="s", field="line", operator="in", value=["一级", "二级"])]
    assert build_ledger(rules, SITES).tolist() == [[True, True], [False, False], [False, True]]
    assert build_ledger([], SITES).shape == (3, 0)
    assert not build_ledger([], SITES).any(axis=1).any()


def test_an_unknown_field_names_those_that_exist() -> None:
    with pytest.raises(ScenarioError, match="names field 'weight'; the layer has id, ") as caught:
        excluded_by(rule(field="weight"), SITES)
    assert "size" in str(caught.value)
    assert "用到字段 'weight'" in caught.value.of("zh")


@pytest.mark.parametrize(("operator", "value"), [("<", ["a"]), ("in", 3.0)])
def test_an_operator_that_does_not_fit_its_value_is_refused(operator: str, value: object) -> None:
    with pytest.raises(ScenarioError, match="use '<' with a number or 'in' with a list"):
        excluded_by(rule(operator=operator, value=value), SITES)


def test_the_ledger_is_boolean() -> None:
    assert build_ledger([rule()], SITES).dtype == np.bool_
