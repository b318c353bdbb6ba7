from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from median_cases import allowed_totals, drawn
from numpy.typing import NDArray

from geo.location.median import bounding, root
from geo.location.median import search as search_under_way
from geo.location.median.interchange import free_states, greedy_choice, improved, lowest_choice
from geo.location.median.lagrange import Node, first_prices, relaxed
from geo.location.median.model import MedianModel, build_model
from geo.location.median.search import Search, climbed, decided
from geo.location.median.tree import search
from geo.location.problem import LocationProblem, build_problem

TOLERANCE = 1e-9


@pytest.fixture
def short_sighted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps and no help by interchange: nearly everything is left to the branching."""
    monkeypatch.setattr(root, "_FIRST_STEPS", 60)
    monkeypatch.setattr(root, "_ROUNDS", 1)
    monkeypatch.setattr(root, "_ROUND_STEPS", 5)
    monkeypatch.setattr(root, "_LONG", 0)
    monkeypatch.setattr(root, "_LAST_STEPS", 2)
    monkeypatch.setattr(bounding, "_STEPS", 3)
    monkeypatch.setattr(bounding, "_TRIAL_STEPS", 1)
    monkeypatch.setattr(search_under_way, "improved", lambda _, chosen: np.sort(chosen))
    monkeypatch.setattr(search_under_way, "shaken_choice", lambda _, chosen, *__, **___: chosen)


def model_of(problem: LocationProblem) -> MedianModel:
    return build_model(problem)[0]


@pytest.mark.usefixtures("short_sighted")
def test_branching_finds_what_trying_all_finds_from_the_worst_start() -> None:
    nodes = solved = 0
    for seed in range(150):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        worst = np.searchsorted(columns, sets[int(totals.argmax())])
        run = search(model, worst, lambda *_: True, prices=None)
        assert run.is_proven, seed
        assert run.upper == pytest.approx(totals.min(), rel=TOLERANCE, abs=TOLERANCE), seed
        assert problem.conditions.allows(columns[run.chosen]), seed
        nodes, solved = nodes + run.nodes, solved + 1
    assert solved > 90
    assert nodes > 5 * solved


@pytest.mark.usefixtures("short_sighted")
def test_bounds_and_incumbents_only_get_better_and_never_cross() -> None:
    told_of = 0
    for seed in range(0, 60, 3):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        seen: list[tuple[float, float]] = []

        def told(upper: float, bound: float, _: int, seen: list[Any] = seen) -> bool:
            seen.append((upper, bound))
            return len(seen) < 40

        search(model, np.searchsorted(columns, sets[0]), told, prices=None)
        if not seen:
            continue
        uppers, bounds = np.array(seen).T
        told_of += len(seen)
        assert (np.diff(uppers) <= 0.0).all()
        assert (np.diff(bounds) >= 0.0).all()
        assert (bounds <= totals.min() * (1 + TOLERANCE) + TOLERANCE).all()
        assert (uppers >= totals.min() * (1 - TOLERANCE) - TOLERANCE).all()
    assert told_of > 100


def test_what_a_bound_decides_holds_in_every_better_choice() -> None:
    decisions = 0
    for seed in range(90):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if len(totals) < 2:
            continue
        model, columns = build_model(problem)
        order = np.argsort(totals)
        known = np.searchsorted(columns, sets[order[len(order) // 8]])
        run = Search(model, lambda *_: True, known, model.total(known))
        root = relaxed(model, known)
        m = len(columns)
        node = Node(
            model.fixed.astype(np.int8),
            np.zeros(m, dtype=np.int64),
            0,
            -math.inf,
            first_prices(model, known, None),
        )
        climbed(run, root, node, 150, 0.0)
        decided(run, root, node)
        better = totals < run.upper * (1.0 - 1e-8) - 1e-8
        if not better.any():
            continue
        assert node.bound <= totals.min() * (1.0 + TOLERANCE) + TOLERANCE, seed
        opened = np.zeros((int(better.sum()), problem.conditions.size), dtype=np.bool_)
        opened[np.arange(len(opened))[:, None], sets[better]] = True
        assert opened[:, columns[node.state == 1]].all(), seed
        assert not opened[:, columns[node.state == -1]].any(), seed
        decisions += int((node.state != 0).sum() - model.fixed.sum())
    assert decisions > 100


def test_an_area_is_a_bound_on_the_choices_that_open_one_of_it() -> None:
    for seed in range(0, 90, 3):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        area = np.zeros(len(columns), dtype=np.int64)
        home = model.rules.group == model.rules.group[-1]
        area[np.flatnonzero(home)[-3:]] = 1
        inside = columns[area == 1]
        held = np.isin(sets, inside).any(axis=1)
        known = np.searchsorted(columns, sets[0])
        run = Search(model, lambda *_: True, known, math.inf)
        run.upper = float(totals.max()) + 1.0
        node = Node(
            model.fixed.astype(np.int8), area, 1, -math.inf, first_prices(model, known, None)
        )
        climbed(run, relaxed(model, known), node, 100, 0.0)
        best = totals[held].min() if held.any() else math.inf
        assert node.bound <= best * (1.0 + TOLERANCE) + TOLERANCE, seed


def swaps(problem: LocationProblem, chosen: NDArray[np.int64]) -> list[tuple[int, int, float]]:
    """Every single swap that keeps the conditions: leaving, entering, total."""
    found = []
    loss = problem.cost * problem.demand_weight[:, None]
    for leaving in chosen:
        for entering in range(problem.conditions.size):
            if entering in chosen:
                continue
            other = np.append(chosen[chosen != leaving], entering)
            if problem.conditions.allows(other):
                total = loss[:, other].min(axis=1).sum() + problem.conditions.site_cost[other].sum()
                found.append((int(leaving), entering, float(total)))
    return found


def test_no_single_swap_betters_what_interchange_leaves() -> None:
    looked = 0
    for seed in range(150):
        problem = drawn(seed)
        if not np.isfinite(problem.cost).all():
            continue
        model, columns = build_model(problem)
        chosen = greedy_choice(model)
        if not model.allows(chosen):
            continue
        total = model.total(chosen)
        around = swaps(problem, columns[chosen])
        assert all(other >= total - 1e-8 * abs(total) for *_, other in around), seed
        looked += len(around)
    assert looked > 500


def test_lowest_choice_leaves_no_equal_swap_for_a_lower_column() -> None:
    rng = np.random.default_rng(5)
    moved = 0
    for _ in range(60):
        cost = rng.integers(0, 3, (4, 9)).astype(np.float64)
        problem = build_problem(cost, p_facilities=3, exclusive_facilities=[[0, 1]])
        model = model_of(problem)
        chosen = improved(model, np.array([6, 7, 8]))
        lowest = lowest_choice(model, chosen)
        total = model.total(lowest)
        assert total == model.total(chosen)
        assert not any(
            entering < leaving and other <= total
            for leaving, entering, other in swaps(problem, lowest)
        )
        moved += int((lowest != chosen).any())
    assert moved > 10


def test_interchange_ends_where_all_choices_are_equal() -> None:
    for cost in (np.zeros((3, 6)), np.ones((3, 6)), np.array([[1.0, 3.0, 0.0, 2.0, 6.0, 5.0]])):
        model = model_of(build_problem(cost, p_facilities=4))
        assert len(greedy_choice(model)) == 4
        assert not free_states(model).any()


def test_rows_with_the_same_costs_are_merged_and_their_weights_added() -> None:
    cost = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [5.0, 6.0]])
    model, _ = build_model(build_problem(cost, p_facilities=1, demand_weight=[2.0, 1.0, 3.0, 0.0]))
    assert model.member.tolist() == [0, 1, 0, -1]
    assert model.loss.tolist() == [[5.0, 10.0], [3.0, 4.0]]
    assert model.weight.tolist() == [5.0, 1.0]


def test_a_row_without_weight_stays_where_some_column_cannot_serve_it() -> None:
    cost = np.array([[1.0, 2.0], [3.0, math.inf]])
    model = model_of(build_problem(cost, p_facilities=1, demand_weight=[1.0, 0.0]))
    assert model.loss.tolist() == [[1.0, 2.0], [0.0, math.inf]]
