"""Tiers located together and in turn, against every choice of tiny cases."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, linprog, milp

from geo.errors import CostMatrixError
from geo.location.conditions import SiteKeywords, build_conditions
from geo.location.tiers.bounds import Bounds
from geo.location.tiers.chain import Chain
from geo.location.tiers.hierarchy import Tier, TieredSolution, solve_tiers
from geo.location.watch import Progress, Watch
from geo.sentence import Sentence

INF = math.inf
Choice = tuple[tuple[int, ...], ...]


@st.composite
def questions(draw: st.DrawFn, *, loaded: bool = False) -> dict[str, Any]:
    """Two or three tiers with ties, pairs without a way, weights of 0, groups and fixed columns."""
    count = 2 if loaded else draw(st.sampled_from([2, 2, 3]))
    nested = draw(st.booleans())
    size = draw(st.integers(2, 3 if loaded else 4))
    below = draw(st.integers(1, 4))
    weight = draw(st.lists(st.integers(0, 3), min_size=below, max_size=below).filter(any))
    tiers: list[Tier] = []
    for _ in range(count):
        own = size if nested else draw(st.integers(1, size))
        entry = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 7.25, 9.0, INF])
        row = st.lists(entry, min_size=own, max_size=own)
        cost = draw(st.lists(row, min_size=below, max_size=below))
        factor = draw(st.sampled_from([1.0, 0.5, 0.25]))
        sites: Any = draw(load_words(own) if loaded else site_words(own))
        p = draw(st.integers(1, own))
        tiers.append(Tier(f"tier {len(tiers)}", p, cost, factor, sites))
        below = own
    return {"tiers": tiers, "demand_weight": weight, "nested": nested}


@st.composite
def site_words(draw: st.DrawFn, columns: int) -> SiteKeywords:
    words: SiteKeywords = {}
    if draw(st.sampled_from([False, False, True])):
        words["forbidden_facilities"] = [draw(st.integers(0, columns - 1))]
    elif draw(st.sampled_from([False, False, True])):
        words["fixed_facilities"] = [draw(st.integers(0, columns - 1))]
    if draw(st.sampled_from([False, False, True])):
        amount = st.lists(st.integers(0, 9).map(float), min_size=columns, max_size=columns)
        words["opening_cost"] = draw(amount)
    if draw(st.sampled_from([False, False, True])):
        words["groups"] = draw(st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns))
        words["max_per_group"] = draw(st.integers(1, 2))
    return words


@st.composite
def load_words(draw: st.DrawFn, columns: int) -> SiteKeywords:
    room = st.lists(st.integers(2, 9).map(float), min_size=columns, max_size=columns)
    words: SiteKeywords = {"split_demand": draw(st.booleans())}
    if draw(st.sampled_from([True, True, False])):
        words["capacity"] = draw(room)
    if draw(st.sampled_from([True, False, False])):
        words["least_load"] = draw(st.sampled_from([1.0, 2.0]))
    return words


def legs_of(question: dict[str, Any]) -> list[NDArray[np.float64]]:
    return [np.array(tier.cost_matrix) * tier.leg_factor for tier in question["tiers"]]


def choices(question: dict[str, Any]) -> list[Choice]:
    """Every choice that keeps the conditions of each tier, and nesting."""
    single = []
    for tier in question["tiers"]:
        m = len(tier.cost_matrix[0])
        held = build_conditions(m, [], p_facilities=tier.p_facilities, **tier.sites)
        single.append([c for c in itertools.combinations(range(m), held.p or 0) if held.allows(c)])
    return [
        choice
        for choice in itertools.product(*single)
        if not question["nested"]
        or all(set(high) <= set(low) for low, high in itertools.pairwise(choice))
    ]


def allowed(question: dict[str, Any]) -> list[list[int]]:
    """Columns of each tier that may be open; nested, only above such a one."""
    found: list[list[int]] = []
    for tier in question["tiers"]:
        m = len(tier.cost_matrix[0])
        able = build_conditions(m, [], p_facilities=1, **tier.sites).allowed.tolist()
        if question["nested"] and found:
            able = [j for j in able if j in found[-1]]
        found.append(able)
    return found


def ways(question: dict[str, Any], columns: list[list[int]] | Choice) -> NDArray[np.float64]:
    """Least cost of a unit from each row to the top by those columns, path by path."""
    legs = legs_of(question)
    best = np.full(len(legs[0]), INF)
    for path in itertools.product(*columns):
        cost = legs[0][:, path[0]].copy()
        for leg, (a, b) in zip(legs[1:], itertools.pairwise(path), strict=True):
            cost = cost + leg[a, b]
        best = np.minimum(best, cost)
    return best


def sites(question: dict[str, Any], choice: Choice) -> float:
    return sum(
        sum(tier.sites.get("opening_cost", [0.0] * 9)[j] for j in chosen)
        for tier, chosen in zip(question["tiers"], choice, strict=True)
    )


def cheapest_by_trying(question: dict[str, Any]) -> float | None:
    owed = np.isfinite(ways(question, allowed(question)))
    weight = np.array(question["demand_weight"], dtype=float)
    costs = []
    for choice in choices(question):
        way = ways(question, choice)[owed]
        if np.isfinite(way).all():
            costs.append(float((way * weight[owed]).sum()) + sites(question, choice))
    return min(costs, default=None)


def require_plan(question: dict[str, Any], found: TieredSolution) -> None:
    """The plan keeps the conditions, its assignment goes through open columns, its sums add up."""
    choice = tuple(tier.facilities for tier in found.tiers)
    assert choice in choices(question)
    load = np.array(question["demand_weight"], dtype=float)
    total = 0.0
    for tier, plan, leg in zip(question["tiers"], found.tiers, legs_of(question), strict=True):
        sent = np.flatnonzero(plan.assignment >= 0)
        assert set(plan.assignment[sent].tolist()) <= set(plan.facilities)
        if plan.flows is None:
            flows = [(i, int(plan.assignment[i]), 1.0) for i in sent.tolist()]
        else:
            held = plan.flows
            flows = list(
                zip(held.row.tolist(), held.column.tolist(), held.share.tolist(), strict=True)
            )
        cost = sum(leg[i, j] * load[i] * share for i, j, share in flows if load[i])
        total += cost + plan.site_cost
        assert plan.objective == pytest.approx(cost + plan.site_cost, abs=1e-6)
        above = np.zeros(leg.shape[1])
        for i, j, share in flows:
            above[j] += load[i] * share
        assert plan.load == pytest.approx(above[list(plan.facilities)], abs=1e-6)
        require_loads(tier, plan.facilities, above)
        load = above
    assert found.objective == pytest.approx(total, abs=1e-6)
    assert found.bound <= found.objective


def require_loads(tier: Tier, opened: tuple[int, ...], load: NDArray[np.float64]) -> None:
    held = build_conditions(len(load), [], p_facilities=1, **tier.sites)
    columns = list(opened)
    assert (load[columns] <= held.capacity[columns] + 1e-5).all()
    assert (load[columns] >= held.least_load[columns] - 1e-5).all()


@settings(max_examples=60)
@given(questions())
def test_together_agrees_with_trying_everything(question: dict[str, Any]) -> None:
    best = cheapest_by_trying(question)
    found = solve_tiers(**question)
    if best is None:
        assert (found.status, found.tiers) == ("infeasible", ())
        assert found.conflict is not None and found.conflict.demands
        return
    assert (found.status, found.method, found.first) == ("optimal", "together", None)
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert found.bound == pytest.approx(best, rel=2e-9, abs=1e-9)
    lost = np.flatnonzero(~np.isfinite(ways(question, allowed(question))))
    assert found.unserved == tuple(lost.tolist())
    assert found.reasons == ("unreachable",) * len(lost)
    require_plan(question, found)


@settings(max_examples=40)
@given(questions(), st.sampled_from(["lower", "upper"]), st.booleans())
def test_in_turn_is_a_plan_and_its_bound_holds(
    question: dict[str, Any], first: Any, bounded: bool
) -> None:
    best = cheapest_by_trying(question)
    found = solve_tiers(**question, method="in_turn", first=first, bounded=bounded)
    assert (found.method, found.first) == ("in_turn", first)
    if found.tiers:
        assert best is not None
        near = 1e-9 * max(abs(best), 1.0)
        assert found.bound <= best + near
        assert best <= found.objective + near
        assert found.status == "feasible" or found.objective == pytest.approx(best, abs=near)
        require_plan(question, found)
    else:
        assert found.status == "infeasible"
        assert found.conflict is not None


def loaded_by_trying(question: dict[str, Any]) -> float | None:
    """Least cost over every choice, flows by SciPy: whole to the lowest tier, split above."""
    weight = np.array(question["demand_weight"], dtype=float)
    legs = legs_of(question)
    owed = np.flatnonzero(np.isfinite(ways(question, allowed(question))))
    costs = []
    for choice in choices(question):
        cost = flow_cost(question, choice, legs, weight, owed)
        if cost is not None:
            costs.append(cost)
    return min(costs, default=None)


def flow_cost(
    question: dict[str, Any],
    choice: Choice,
    legs: list[NDArray[np.float64]],
    weight: NDArray[np.float64],
    owed: NDArray[np.int64],
) -> float | None:
    (low, high), (near, far) = choice, legs
    onward = [j for j in low if np.isfinite(far[j, list(high)]).any()]
    idle = [i for i in owed if not weight[i]]
    if not all(np.isfinite(near[i, onward]).any() for i in idle):
        return None
    x = [(i, j) for i in owed if weight[i] for j in low if near[i, j] < INF]
    f = [(j, k) for j in low for k in high if far[j, k] < INF]
    if not x:
        heavy = any(
            any(np.broadcast_to(t.sites.get("least_load", 0), 1)) for t in question["tiers"]
        )
        return None if heavy or any(weight[i] for i in owed) else 0.0
    cost = [weight[i] * near[i, j] for i, j in x] + [far[j, k] for j, k in f]
    rows, lower, upper = [], [], []

    def add(row: list[float], least: float, most: float) -> None:
        rows.append(row)
        lower.append(least)
        upper.append(most)

    for row in owed[weight[owed] > 0]:
        add([float(i == row) for i, _ in x] + [0.0] * len(f), 1.0, 1.0)
    for at in low:
        into = [weight[i] * (j == at) for i, j in x]
        add(into + [-float(j == at) for j, _ in f], 0.0, 0.0)
        add(into + [0.0] * len(f), *limits(question["tiers"][0], at, near.shape[1]))
    for at in high:
        into = [0.0] * len(x) + [float(k == at) for _, k in f]
        add(into, *limits(question["tiers"][1], at, far.shape[1]))
    whole = 0 if question["tiers"][0].sites.get("split_demand") else 1
    found = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), lower, upper),
        integrality=[whole] * len(x) + [0] * len(f),
    )
    return float(found.fun) if found.status == 0 else None


def limits(tier: Tier, column: int, columns: int) -> tuple[float, float]:
    held = build_conditions(columns, [], p_facilities=1, **tier.sites)
    return float(held.least_load[column]), float(held.capacity[column])


@settings(max_examples=30)
@given(questions(loaded=True))
def test_loads_agree_with_trying_everything(question: dict[str, Any]) -> None:
    best = loaded_by_trying(question)
    found = solve_tiers(**question)
    if best is None:
        assert (found.status, found.tiers) == ("infeasible", ())
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    require_plan(question, found)


def of_towns(size: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 80_000.0, (2, size))
    return np.hypot(x[:, None] - x, y[:, None] - y), np.round(generator.lognormal(10, 1, size))


def chain_of(size: int, counts: tuple[int, ...], seed: int) -> Chain:
    cost, weight = of_towns(size, seed)
    held = tuple(build_conditions(size, [], p_facilities=p) for p in counts)
    legs = (cost, *[cost * 0.5] * (len(counts) - 1))
    return Chain(legs, weight, held, (None,) * len(counts))


@pytest.mark.parametrize("seed", range(4))
def test_row_prices_hold_for_every_path_and_are_the_least_cost_at_shares(seed: int) -> None:
    """Level − Σ price·share against SciPy's flow of one row; no path undercuts level − prices."""
    from geo.location.tiers.kernels import price_rows

    chain = chain_of(9, (3, 2), seed)
    generator = np.random.default_rng(seed)
    share = generator.random(18) * (generator.random(18) < 0.6)
    share[:9] *= 3.0 / share[:9].sum()
    share[9:] *= 2.0 / share[9:].sum()
    legs, at = chain.flat
    level, price, worth = price_rows(
        chain.legs[0], chain.weight, legs, at, chain.first, share, 1e12
    )
    for i in range(9):
        path = chain.weight[i] * (chain.legs[0][i][:, None] + chain.legs[1])
        assert (path + price[i, :9, None] + price[i, None, 9:] >= level[i] * (1 - 1e-12)).all()
        through = np.vstack([np.kron(np.eye(9), np.ones(9)), np.kron(np.ones(9), np.eye(9))])
        flow = linprog(path.ravel(), A_ub=through, b_ub=share, A_eq=np.ones((1, 81)), b_eq=[1.0])
        assert worth[i] == pytest.approx(flow.fun, rel=1e-9)


def test_three_tiers_on_towns_are_proven_and_nesting_costs() -> None:
    cost, weight = of_towns(24, 7)
    tiers = [Tier("a", 6, cost), Tier("b", 3, cost, 0.5), Tier("c", 1, cost, 0.25)]
    free = solve_tiers(tiers, demand_weight=weight)
    nested = solve_tiers(tiers, demand_weight=weight, nested=True)
    assert (free.status, nested.status) == ("optimal", "optimal")
    assert nested.objective >= free.objective
    low, middle, top = (set(tier.facilities) for tier in nested.tiers)
    assert top <= middle <= low
    turns = [
        solve_tiers(tiers, demand_weight=weight, method="in_turn", first=first, bounded=True)
        for first in ("lower", "upper")
    ]
    for turn in turns:
        assert turn.bound <= free.objective * (1 + 1e-9) <= turn.objective * (1 + 2e-9)
        assert turn.bound > 0.8 * free.objective


def test_the_answer_names_its_tiers_and_sends_everything_up() -> None:
    cost, weight = of_towns(20, 3)
    names: list[Sentence | str] = [Sentence("农产品集中物流点", "collection points"), "centres"]
    found = solve_tiers(
        [Tier(names[0], 5, cost), Tier(names[1], 2, cost, 0.5)], demand_weight=weight
    )
    assert [plan.name for plan in found.tiers] == [names[0], Sentence("centres", "centres")]
    assert [plan.load.sum() for plan in found.tiers] == pytest.approx([weight.sum()] * 2)
    opened = np.zeros(20, dtype=bool)
    opened[list(found.tiers[0].facilities)] = True
    assert ((found.tiers[1].assignment >= 0) == opened).all()


@pytest.mark.parametrize("limit", [1e-9, 0.05, 0.5])
def test_a_time_limit_gives_a_plan_with_its_bound(limit: float) -> None:
    cost, weight = of_towns(60, 1)
    tiers = [Tier("a", 12, cost), Tier("b", 4, cost, 0.5)]
    whole = solve_tiers(tiers, demand_weight=weight)
    assert whole.status == "optimal"
    found = solve_tiers(tiers, demand_weight=weight, time_limit_s=limit)
    assert found.status in {"optimal", "feasible", "time_limit"}
    assert found.bound <= whole.objective * (1 + 1e-9)
    if found.tiers:
        assert found.objective >= whole.objective * (1 - 1e-9)


def test_progress_never_gets_worse_and_a_cancel_returns_what_there_is() -> None:
    cost, weight = of_towns(60, 1)
    tiers = [Tier("a", 12, cost), Tier("b", 4, cost, 0.5)]
    seen: list[Progress] = []

    def until_a_plan(now: Progress) -> bool:
        seen.append(now)
        return not now.incumbent < INF

    found = solve_tiers(tiers, demand_weight=weight, report=until_a_plan)
    assert found.status in {"feasible", "optimal", "time_limit"}
    assert seen
    seen.clear()
    solve_tiers(tiers, demand_weight=weight, report=seen.append)
    known = [now.incumbent for now in seen if now.incumbent < INF]
    assert known == sorted(known, reverse=True)
    bounds = [now.bound for now in seen if now.bound > -INF]
    assert bounds == sorted(bounds)


def test_more_above_than_below_cannot_be_nested() -> None:
    cost, _ = of_towns(8, 0)
    found = solve_tiers([Tier("points", 2, cost), Tier("centres", 3, cost)], nested=True)
    assert (found.status, found.tiers) == ("infeasible", ())
    assert found.conflict is not None
    assert "centres stand only where points stand" in found.conflict.sentence.en
    assert "raise points to 3; or lower centres to 2" in found.conflict.sentence.en


def test_a_tier_whose_counts_conflict_is_named() -> None:
    cost, _ = of_towns(6, 0)
    sites: SiteKeywords = {"groups": list("aabbcc"), "min_per_group": 1}
    found = solve_tiers([Tier("points", 4, cost), Tier("centres", 2, cost, 1.0, sites)])
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert found.conflict.demands[0].en == "centres: 2 in total"
    assert "centres: raise the total from 2 to 3" in found.conflict.sentence.en


def test_no_choice_of_all_tiers_is_infeasible_and_says_so() -> None:
    apart = [[1.0, INF], [INF, 1.0]]
    found = solve_tiers([Tier("a", 1, apart), Tier("b", 1, [[0.0, INF], [INF, 0.0]])])
    assert (found.status, found.unserved) == ("infeasible", ())
    assert found.conflict is not None
    assert "no choice of all tiers" in found.conflict.sentence.en


def test_what_fails_in_turn_says_so_and_may_work_together() -> None:
    near, above = [[1.0, 2.0]], [[0.0, 0.0], [0.0, 0.0]]
    tiers = [Tier("a", 1, near), Tier("b", 1, above, 1.0, {"forbidden_facilities": [0]})]
    turn = solve_tiers(tiers, nested=True, method="in_turn")
    assert (turn.status, turn.tiers) == ("infeasible", ())
    assert turn.conflict is not None
    assert "located in turn from below, b finds no place any more" in turn.conflict.sentence.en
    assert "locate the tiers together" in turn.conflict.sentence.en
    found = solve_tiers(tiers, nested=True)
    assert [plan.facilities for plan in found.tiers] == [(1,), (1,)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tiers": 1}, "tiers is 1, expected two tiers or more"),
        ({"method": "both"}, "method is both, expected together or in_turn"),
        ({"first": "middle"}, "first is middle, expected lower or upper"),
        ({"leg_factor": -1.0}, "top: .*leg_factor is -1.0"),
        ({"leg_factor": math.nan}, "leg_factor is nan"),
        ({"p_facilities": 0}, "top: .*p_facilities is 0"),
        ({"cost_matrix": [[1.0]]}, "rows of cost_matrix is 1, expected as many as candidates"),
        ({"cost_matrix": [[-1.0] * 3] * 3}, "top: .*cost_matrix"),
        ({"stands_at": [0, 1, 3], "nested": True}, r"stands_at is \[0, 1, 3\]"),
        ({"stands_at": [0.5, 1, 2], "nested": True}, "stands_at is"),
        ({"cost_matrix": [[1.0]] * 3, "nested": True}, "stands_at is None, expected given for"),
        ({"method": "in_turn", "first": "upper", "sites": {"capacity": 9.0}}, "first is upper"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    cost = [[1.0, 2.0, 3.0]] * 3
    upper: dict[str, Any] = {"name": "top", "p_facilities": 1, "cost_matrix": cost}
    upper |= {k: v for k, v in change.items() if k not in ("tiers", "method", "first", "nested")}
    tiers = [Tier("low", 2, cost), Tier(**upper)][: change.get("tiers", 2)]
    asked = {k: v for k, v in change.items() if k in ("method", "first", "nested")}
    with pytest.raises(CostMatrixError, match=words) as caught:
        solve_tiers(tiers, **asked)
    assert "应为" in caught.value.of("zh")


def test_the_linear_program_bounds_from_below_at_every_step() -> None:
    chain = chain_of(20, (5, 2), 2)
    best = solve_tiers(
        [Tier("a", 5, chain.legs[0]), Tier("b", 2, chain.legs[1])], demand_weight=chain.weight
    ).objective
    bounds = Bounds.of(chain, best)
    assert bounds.raised(best, Watch()) is not None
    assert 0.9 * best < bounds.bound <= best * (1 + 1e-9)
