"""Tiny location problems in every word of the vocabulary, and what must hold of any answer."""

from __future__ import annotations

import math
from typing import Any

import location_oracles as oracle
import numpy as np
import pytest
from hypothesis import strategies as st
from location_oracles import INF, Case

from geo.location import LocationSolution, relative_gap


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    loaded: bool = False,
    free: bool = False,
    costs: bool = True,
    exact: bool = False,
) -> Case:
    """Ties, equal rows, unreachable pairs, weights of 0, and any of what planners say.

    `loaded`: with capacities or least loads (then smaller); `free`: p may be None; `costs`: sites
    may cost or be worth something; `exact`: in whole numbers, as where there are loads.
    """
    exact = exact or loaded
    rows = draw(st.integers(1, 5 if loaded else 6))
    columns = draw(st.integers(1, 4 if loaded else 6))
    p = draw(st.none() | st.integers(1, columns) if free else st.integers(1, columns))
    case = Case(
        cost=draw(matrices(rows, columns, exact=exact)),
        weight=draw(weights(rows, exact=exact)),
        p=p,
        radius=draw(st.sampled_from([1.0, 2.0, 3.0, 4.5])),
        sites=draw(sets(columns)) | draw(group_words(columns)) | draw(distance_words(columns)),
    )
    if costs:
        case = case.saying(**draw(cost_words(columns)))
    return case.saying(**draw(load_words(columns))) if loaded else case


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int, *, exact: bool) -> list[list[float]]:
    entry = st.sampled_from([0.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1.0, INF])
    entry = entry if exact or draw(st.booleans()) else entry | st.floats(0.0, 1e5)
    row = st.lists(entry, min_size=columns, max_size=columns)
    matrix = draw(st.lists(row, min_size=rows, max_size=rows))
    if rows > 1 and draw(st.booleans()):
        matrix[-1] = list(matrix[0])
    return matrix


@st.composite
def weights(draw: st.DrawFn, rows: int, *, exact: bool) -> list[float]:
    entry = st.integers(0, 4).map(float)
    entry = entry if exact or draw(st.booleans()) else entry | st.floats(0.0, 1e4)
    return draw(st.lists(entry, min_size=rows, max_size=rows).filter(any))


@st.composite
def sets(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    """Fixed, forbidden, existing and exclusive columns; each said half the time."""
    order = draw(st.permutations(range(columns)))
    fixed = order[: draw(st.sampled_from([0, 0, 0, 0, 1, 2]))]
    left = order[len(fixed) :]
    some = st.lists(st.integers(0, columns - 1), max_size=5)
    words: dict[str, Any] = {
        "fixed_facilities": fixed,
        "forbidden_facilities": left[: draw(st.sampled_from([0, 0, 0, 1, 2]))],
        "exclusive_facilities": draw(st.just([]) | st.lists(some, max_size=2)),
    }
    return {name: value for name, value in words.items() if value or draw(st.booleans())}


@st.composite
def distance_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    if not draw(st.sampled_from([False, False, True])):
        return {}
    row = st.lists(st.integers(0, 5).map(float), min_size=columns, max_size=columns)
    return {
        "facility_distance": draw(st.lists(row, min_size=columns, max_size=columns)),
        "min_separation": draw(st.sampled_from([1.0, 2.0, 0.0, None])),
    }


@st.composite
def group_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    if not draw(st.booleans()):
        return {}
    labels = draw(st.lists(st.sampled_from("abc"), min_size=columns, max_size=columns))
    names = sorted(set(labels))
    words: dict[str, Any] = {"groups": labels}
    least = {name: draw(st.sampled_from([0, 0, 0, 1, 2])) for name in names}
    most = {name: least[name] + draw(st.sampled_from([1, 2, 3, 0])) for name in names}
    if draw(st.booleans()):
        words["min_per_group"] = least
    elif draw(st.booleans()):
        words["min_per_group"] = min(least.values())
    if draw(st.booleans()):
        words["max_per_group"] = most
    elif draw(st.booleans()):
        words["max_per_group"] = max(most.values())
    return words


@st.composite
def cost_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for name, low in (("opening_cost", 0), ("closing_cost", 0), ("bonus", -4)):
        if draw(st.sampled_from([False, False, True])):
            amount = st.integers(low, 9).map(float)
            words[name] = draw(amount | st.lists(amount, min_size=columns, max_size=columns))
    if draw(st.booleans()):
        words["existing_facilities"] = draw(
            st.lists(st.integers(0, columns - 1), max_size=columns, unique=True)
        )
    return words


@st.composite
def load_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    """Some capacity is finite, or some least load above 0; demand whole or split."""
    room = draw(
        st.lists(st.integers(3, 14).map(float) | st.just(INF), min_size=columns, max_size=columns)
    )
    least = [min(one, float(draw(st.sampled_from([0, 0, 0, 1, 2, 3])))) for one in room]
    words: dict[str, Any] = {"split_demand": draw(st.booleans())}
    if draw(st.sampled_from([True, True, False])) or not any(least):
        words["capacity"] = room if any(one < INF for one in room) else 6.0
    if (any(least) and draw(st.booleans())) or "capacity" not in words:
        words["least_load"] = least
    return words


def near(case: Case, objective: float) -> Any:
    """Equal but for rounding."""
    return pytest.approx(objective, rel=0.0, abs=oracle.tolerance(case, objective))


def require_answer(
    case: Case,
    found: LocationSolution,
    best: float | None,
    *,
    maximise: bool = False,
    in_part: bool = False,
) -> None:
    """The status agrees with brute force (`best` None: nothing works), and so does the value.

    `in_part`: a row may be served in part where demand is split.
    """
    if best is None:
        assert (found.status, found.facilities) == ("infeasible", ())
        assert found.unserved == tuple(case.rows)
        assert (found.assignment == -1).all() and len(found.assignment) == len(case.cost)
        assert math.isnan(found.objective)
        assert found.conflict is not None and found.conflict.demands
        assert found.conflict.sentence.zh and found.conflict.sentence.en
        return
    assert found.status == "optimal"
    assert found.conflict is None
    assert found.objective == near(case, best)
    assert found.bound == near(case, best)
    require_honest(case, found, best, maximise=maximise, in_part=in_part)


def require_honest(
    case: Case,
    found: LocationSolution,
    best: float,
    *,
    maximise: bool = False,
    in_part: bool = False,
) -> None:
    """Whatever the status: the plan is allowed, and the best of all lies between it and bound."""
    slack, sign = oracle.tolerance(case, best), -1.0 if maximise else 1.0
    assert sign * found.bound <= sign * found.objective
    assert sign * found.bound <= sign * best + slack
    assert sign * best <= sign * found.objective + slack
    gap = relative_gap(found.objective, found.bound)
    assert found.gap == gap or (math.isnan(gap) and math.isnan(found.gap))
    assert found.seconds >= 0.0
    assert found.nodes >= 0
    assert found.solver
    require_allowed(case, found.facilities)
    assert found.site_cost == pytest.approx(oracle.site_cost(case, found.facilities), abs=1e-9)
    require_service(case, found, in_part=in_part)


def require_allowed(case: Case, facilities: tuple[int, ...]) -> None:
    assert all(type(j) is int for j in facilities)
    assert facilities == tuple(sorted(set(facilities)))
    assert set(facilities) <= set(case.columns)
    assert oracle.meets(case, facilities)


def flows_of(case: Case, found: LocationSolution) -> list[tuple[int, int, float]]:
    """(row, column, share) of all that is served."""
    if found.flows is not None:
        rows, columns = found.flows.row.tolist(), found.flows.column.tolist()
        return list(zip(rows, columns, found.flows.share.tolist(), strict=True))
    return [(i, int(j), 1.0) for i, j in enumerate(found.assignment) if j >= 0]


def require_service(case: Case, found: LocationSolution, *, in_part: bool) -> None:
    """Assignment, shares, loads, reach and the unserved rows agree with each other and the case."""
    assert found.assignment.shape == (len(case.cost),)
    assert found.unserved == tuple(np.flatnonzero(found.assignment < 0).tolist())
    assert len(found.reasons) == len(found.unserved)
    flows = flows_of(case, found)
    split = bool(case.sites.get("split_demand"))
    loads = zip(case.per_column("capacity", INF), case.per_column("least_load", 0.0), strict=True)
    bounded = {j for j, (room, least) in enumerate(loads) if room < INF or least}
    assert found.flows is None or split
    assert found.flows is not None or not (split and bounded & set(oracle.allowed(case)))
    share = dict.fromkeys(case.rows, 0.0)
    load = dict.fromkeys(found.facilities, 0.0)
    reach = dict.fromkeys(found.facilities, -INF)
    for i, j, part in flows:
        assert j in load and math.isfinite(case.cost[i][j])
        assert 0.0 < part <= 1.0 + 1e-9
        share[i] += part
        load[j] += part * case.weight[i]
        reach[j] = max(reach[j], case.cost[i][j])
    for i, j in enumerate(found.assignment.tolist()):
        assert (share[i] > 0.0) == (j >= 0)
        assert share[i] <= 1.0 + 1e-6
        assert in_part or j < 0 or share[i] >= 1.0 - 1e-6
        shares = {column: part for row, column, part in flows if row == i}
        assert j < 0 or shares[j] == max(shares.values())
    room, least = case.per_column("capacity", INF), case.per_column("least_load", 0.0)
    for k, j in enumerate(found.facilities):
        assert found.load[k] == pytest.approx(load[j], rel=1e-9, abs=1e-9)
        assert least[j] - 1e-6 <= load[j] <= room[j] + 1e-6
        assert found.reach[k] == reach[j] or (reach[j] == -INF and math.isnan(found.reach[k]))
    reached = set(oracle.reachable(case))
    for i, reason in zip(found.unserved, found.reasons, strict=True):
        assert (reason == "unreachable") == (i not in reached)


def served_total(case: Case, found: LocationSolution) -> float:
    """Σ weight × cost × share of what is served."""
    return math.fsum(
        case.weight[i] * case.cost[i][j] * part for i, j, part in flows_of(case, found)
    )


def served_weight(case: Case, found: LocationSolution) -> float:
    return math.fsum(case.weight[i] * part for i, _, part in flows_of(case, found))


def require_nearest(case: Case, found: LocationSolution, most: float = INF) -> None:
    """Every row goes to its nearest open column (the lowest of equals), if within `most`."""
    for i, row in enumerate(case.cost):
        nearest = min(found.facilities, key=lambda j, row=row: (row[j], j), default=-1)  # type: ignore[misc]
        inside = nearest >= 0 and row[nearest] <= most and row[nearest] < INF
        assert found.assignment[i] == (nearest if inside else -1)
