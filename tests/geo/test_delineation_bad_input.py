"""What a zone question refuses, and what it answers where there is no zone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from delineation_oracles import ZoneCase, grid_case, grid_pairs, is_contiguous
from scipy.sparse import coo_array

from geo.delineation import ZoneError, solve_zone
from geo.errors import OuzhiError

CASE = grid_case(3, 3, 2, 4, 1)


def refused(*arguments: Any, **said: Any) -> ZoneError:
    """The error of a question; the grid stands where nothing else is given."""
    given = [*arguments, *CASE.arguments[len(arguments) :]]
    with pytest.raises(ZoneError) as caught:
        solve_zone(*given, **{**CASE.keywords, **said})
    assert isinstance(caught.value, OuzhiError)
    return caught.value


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ({"min_m2": 5}, "min_m2 is 5, expected at most max_m2 (4 m²)", "不大于 max_m2（4 平方米）"),
        (
            {"min_m2": -1},
            "min_m2 is -1, expected a finite number of 0 or more",
            "不小于 0 的有限数",
        ),
        ({"max_m2": math.nan}, "max_m2 is nan, expected a finite number of 0 or more", "max_m2"),
        (
            {"must_include": [9]},
            "must_include[0] is 9, expected a unit number from 0 to 8",
            "0 至 8",
        ),
        ({"must_exclude": [1, -2]}, "must_exclude[1] is -2, expected a unit number", "单元编号"),
        ({"must_include": [0.5]}, "must_include is not a list of whole numbers", "单元编号"),
        (
            {"must_include": [3], "must_exclude": [3]},
            "must_include[3] is 3, expected a unit that must_exclude does not name",
            "未列入 must_exclude 的单元",
        ),
        ({"objective": "best"}, 'objective is \'best\', expected "total" or "mean"', '"total" 或'),
        ({"threshold": math.inf}, "threshold is inf, expected a finite number", "有限数"),
        (
            {"perimeter_price": -0.1},
            "perimeter_price is -0.1, expected a finite number of",
            "有限数",
        ),
        ({"perimeter_price": 1.0}, "edge_lengths_m is None, expected the lengths", "共有边长"),
        ({"edge_lengths_m": [1.0]}, "edge_lengths_m is of shape (1,), expected the shape", "形状"),
        (
            {"edge_lengths_m": [-1.0] * 12},
            "edge_lengths_m[0] is -1.0, expected a finite length",
            "米",
        ),
        ({"holes": "none"}, 'holes is \'none\', expected "allowed" or "forbidden"', "holes"),
        (
            {"holes": "forbidden"},
            "open_units is empty, expected the units at the edge",
            "研究区边缘",
        ),
        ({"time_limit_s": 0.0}, "time_limit_s is 0.0, expected a number above 0", "大于 0 的数"),
        ({"outer_lengths_m": [1.0]}, "outer_lengths_m is of shape (1,)", "形状 (9,)"),
    ],
)
def test_what_is_said_is_checked(said: dict[str, Any], en: str, zh: str) -> None:
    error = refused(**said)
    assert en in str(error)
    assert zh in error.of("zh")
    assert len(error.faults) >= 1


def test_units_are_checked_and_every_fault_is_told() -> None:
    values = [*CASE.values[:7], math.nan, math.inf]
    areas = [1.0, -2.0, 0.0, *([1.0] * 6)]
    error = refused(values, areas)
    assert "4 fault(s)" in str(error)
    assert "areas_m2[1] is -2.0, expected a finite area above 0 m²" in str(error)
    assert "areas_m2[2] is 0.0" in str(error)
    assert "values[7] is nan, expected a finite number, or the unit in must_exclude" in str(error)
    assert "values[7] 为 nan，应为 有限数，或将该单元列入 must_exclude" in error.of("zh")


def test_a_missing_value_of_an_excluded_unit_is_no_fault() -> None:
    values = [*CASE.values[:8], math.nan]
    found = solve_zone(values, CASE.areas, CASE.pairs, **CASE.keywords, must_exclude=[8])
    assert found.status == "optimal"
    assert 8 not in found.members


def test_neighbours_are_checked() -> None:
    pairs = [*CASE.pairs, (0, 9), (-1, 2)]
    error = refused(CASE.values, CASE.areas, pairs)
    assert "adjacency[12] is (0, 9), expected two unit numbers from 0 to 8" in str(error)
    assert "adjacency[13] is (-1, 2)" in str(error)
    assert "0 至 8 的两个单元编号" in error.of("zh")
    assert "adjacency is of shape (9,)" in str(refused(CASE.values, CASE.areas, list(range(9))))
    assert "whole numbers" in str(refused(CASE.values, CASE.areas, [(0.5, 1.0)]))
    wide = coo_array(np.ones((3, 3)))
    assert "adjacency is of shape (3, 3)" in str(refused(CASE.values, CASE.areas, wide))
    twice = [*CASE.pairs, (1, 0)]
    error = refused(CASE.values, CASE.areas, twice, edge_lengths_m=[1.0] * 12 + [2.0])
    assert "edge_lengths_m[0, 1] is 1 and 2, expected one length for one pair" in str(error)


def test_values_and_areas_go_together() -> None:
    assert "values is of shape (8,), expected the shape (9,)" in str(refused(CASE.values[:8]))
    assert "values is not numeric" in str(refused(["a"] * 9))
    assert "areas_m2 is empty, expected at least one unit" in str(refused([], [], []))


def test_all_units_excluded() -> None:
    case = CASE.saying(must_exclude=list(range(9)))
    found = solve_zone(*case.arguments, **case.keywords)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert found.conflict.sentence.en == (
        "all 9 units are excluded. Least relaxation: take units out of must_exclude"
    )
    assert found.nearest is None
    assert math.isnan(found.objective)
    assert math.isnan(found.bound)


def test_more_than_anything_connected_names_the_largest_piece() -> None:
    """A barrier cuts a row of six in two and four: five cannot be had."""
    pairs = [(0, 1), (2, 3), (3, 4), (4, 5)]
    case = ZoneCase([1.0] * 6, [10.0] * 6, pairs, 50.0, 60.0)
    found = solve_zone(*case.arguments, **case.keywords)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert found.conflict.demands[0].en == (
        "at least 50 m² are asked for, "
        "and the largest piece (4 units, from number 2 on) has only 40 m²"
    )
    assert "最大的连片（4 个单元，自单元 2 起）只有 40 平方米" in found.conflict.sentence.zh
    assert found.conflict.relaxations[0].en == "lower min_m2 to 40 m²"
    assert found.nearest is not None
    assert found.nearest.members == (2, 3, 4, 5)
    assert found.nearest.area_m2 == 40.0
    assert found.nearest.proven
    mended = solve_zone(*case.between(40.0, 60.0).arguments, **case.between(40.0, 60.0).keywords)
    assert mended.members == (2, 3, 4, 5)
    bridged = solve_zone(case.values, case.areas, [*pairs, (1, 2)], **case.keywords)
    assert bridged.status == "optimal"


def test_units_on_both_sides_of_a_barrier_cannot_both_be_in() -> None:
    case = ZoneCase([1.0] * 6, [1.0] * 6, [(0, 1), (1, 2), (3, 4), (4, 5)], 1, 6)
    case = case.saying(must_include=[0, 5])
    found = solve_zone(*case.arguments, **case.keywords)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert found.conflict.demands[0].en == (
        "the units that must be in lie in 2 pieces that nothing joins: 0 | 5"
    )
    assert "必选单元位于互不连通的 2 片：0 | 5" in found.conflict.sentence.zh


def test_units_too_far_apart_for_the_area() -> None:
    case = ZoneCase([1.0] * 16, [1.0] * 16, grid_pairs(4, 4), 2, 5).saying(must_include=[0, 15])
    found = solve_zone(*case.arguments, **case.keywords)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert found.conflict.demands[0].en == (
        "at most 5 m² are allowed, and joining the 2 units that must be in takes at least 7 m²"
    )
    assert found.conflict.relaxations[0].en == "raise max_m2 to 7 m²"
    assert found.nearest is not None
    assert found.nearest.area_m2 == 7.0
    assert {0, 15} <= set(found.nearest.members)
    assert is_contiguous(case.pairs, found.nearest.members)
    wider = case.between(2, 7)
    assert solve_zone(*wider.arguments, **wider.keywords).status == "optimal"


def test_lumps_that_do_not_add_up_name_the_nearest_area() -> None:
    case = ZoneCase([1.0] * 3, [10.0, 7.0, 10.0], [(0, 1), (1, 2)], 11.0, 16.0)
    found = solve_zone(*case.arguments, **case.keywords)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert "no contiguous set that keeps the other conditions has an area from 11 m² to 16 m²" in (
        found.conflict.sentence.en
    )
    assert [one.en for one in found.conflict.relaxations] == [
        "lower min_m2 to 10 m²",
        "raise max_m2 to 17 m²",
    ]
    assert found.nearest is not None
    assert found.nearest.proven
    assert found.nearest.area_m2 in {10.0, 17.0}
    assert is_contiguous(case.pairs, found.nearest.members)
