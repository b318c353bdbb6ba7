"""The cuts of the p-median against every choice that its rules allow."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from median_cases import allowed_totals, drawn
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median import bounding, cutting, root
from geo.location.median import search as search_under_way
from geo.location.median.half_cuts import add_half_cuts
from geo.location.median.lagrange import Node, first_prices, relaxed
from geo.location.median.model import MedianModel, build_model
from geo.location.median.programme import Programme
from geo.location.median.tree import search
from geo.location.problem import build_problem


def programme_of(model: MedianModel, chosen: Ints) -> Programme:
    """The programme of the whole model, from the prices about a choice."""
    m = len(model.site)
    prices = first_prices(model, chosen, None)
    node = Node(model.fixed.astype(np.int8), np.zeros(m, np.int64), 0, -math.inf, prices)
    size = model.total(chosen) + float(np.abs(model.site).sum())
    return Programme.of(relaxed(model, chosen), node, size=size, go_on=lambda: True)


def rounds_of(programme: Programme, rounds: int) -> list[float]:
    """Bounds after each round of cuts."""
    bounds = []
    for _ in range(rounds):
        assert programme.solve()
        bounds.append(programme.bound_of()[0])
        if not add_half_cuts(programme):
            break
    return bounds


def values_of(programme: Programme, model: MedianModel, chosen: Ints) -> Floats:
    """What the variables are in a choice: y, θ in the programme's unit, z."""
    y = np.isin(np.arange(len(model.site)), chosen).astype(np.float64)
    loss = model.loss[:, chosen].min(axis=1) * programme.scale
    levels = programme.levels
    return np.concatenate([y, loss, (loss[levels.row] > levels.loss).astype(np.float64)])


def sides(programme: Programme, values: Floats) -> Floats:
    """What each row of the programme comes to."""
    rows = programme.rows
    each = rows.entry * values[rows.index]
    return np.array(
        [each[a:b].sum() for a, b in itertools.pairwise(rows.first.tolist())], dtype=np.float64
    )


def test_every_allowed_choice_keeps_all_rows_and_costs_no_less_than_the_bound() -> None:
    halves = choices = 0
    for seed in range(120):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        known = np.searchsorted(columns, sets[len(sets) // 2])
        programme = programme_of(model, known)
        bounds = rounds_of(programme, 6)
        assert max(bounds) <= totals.min() + 1e-9 * abs(totals.min()) + 1e-9, seed
        rows = programme.rows
        margin = 1e-6 * (1.0 + np.abs(rows.low))
        for one in sets[:: max(len(sets) // 40, 1)]:
            values = values_of(programme, model, np.searchsorted(columns, one))
            told = sides(programme, values)
            assert (told >= rows.low - margin).all(), seed
            assert (told <= rows.high + margin).all(), seed
            choices += 1
        halves += int((rows.kind == rows.kind.max()).sum())
    assert choices > 1000
    assert halves > 50


def test_any_prices_prove_a_bound() -> None:
    rng = np.random.default_rng(0)
    looked = 0
    for seed in range(0, 60, 2):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        programme = programme_of(model, np.searchsorted(columns, sets[0]))
        rounds_of(programme, 3)
        exact = programme.price.copy()
        for spread in (1e-3, 1.0):
            programme.price = exact + spread * rng.normal(size=len(exact)) * np.abs(exact).max()
            bound, worth = programme.bound_of()
            assert bound <= totals.min() + 1e-9 * abs(totals.min()) + 1e-9, seed
            better = [bound + worth[j] for j in np.searchsorted(columns, sets[totals.argmin()])]
            low = programme.low[np.searchsorted(columns, sets[totals.argmin()])]
            for value, fixed in zip(better, low, strict=True):
                assert fixed or value <= totals.min() + 1e-9 * abs(totals.min()) + 1e-9, seed
            looked += 1
    assert looked > 30


def circles(size: int) -> NDArray[np.float64]:
    """Rows of two circles, each near two columns that are neighbours in its own."""
    cost = np.full((2 * size, 2 * size), 10.0)
    for i in range(2 * size):
        ring = i // size * size
        cost[i, i] = cost[i, ring + (i + 1) % size] = 1.0
    return cost


@pytest.mark.parametrize("size", [5, 7, 9])
def test_a_half_cut_takes_what_odd_circles_leave_to_whole_numbers(size: int) -> None:
    model, _ = build_model(build_problem(circles(size), p_facilities=size))
    programme = programme_of(model, np.arange(size))
    bounds = rounds_of(programme, 4)
    assert bounds[0] == pytest.approx(2 * size, rel=1e-6)  # all open by half
    assert bounds[-1] == pytest.approx(2 * size + 9.0, rel=1e-6)  # one row is far from all open


def test_the_programme_forgets_and_closes_without_losing_its_solution() -> None:
    rng = np.random.default_rng(1)
    cost = np.floor(1000.0 * np.hypot(*(rng.random((2, 60, 1)) - rng.random((2, 1, 60)))))
    model, _ = build_model(build_problem(cost, p_facilities=8))
    chosen = np.arange(8)
    programme = programme_of(model, chosen)
    rounds_of(programme, 3)
    assert programme.solve()
    before = programme.bound_of()[0]
    rows = len(programme.rows.low)
    programme.forget()
    assert len(programme.rows.low) < rows
    assert programme.bound_of()[0] == pytest.approx(before, rel=1e-12)
    y = programme.y
    kept = np.flatnonzero((y > 0.0) | (np.arange(60) % 2 == 0))
    every = programme.root
    node = Node(np.zeros(len(kept), np.int8), np.zeros(len(kept), np.int64), 0, 0.0, np.zeros(60))
    programme.decide(every.among(kept), node)
    assert programme.solve()
    assert programme.bound_of()[0] == pytest.approx(before, rel=1e-9)
    assert np.allclose(programme.y, y[kept])


@pytest.fixture
def only_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps before the cuts and no help by interchange."""
    monkeypatch.setattr(root, "_LONG", 1.0)
    monkeypatch.setattr(root, "_FIRST_STEPS", 60)
    monkeypatch.setattr(root, "_ROUNDS", 1)
    monkeypatch.setattr(root, "_ROUND_STEPS", 5)
    monkeypatch.setattr(search_under_way, "improved", lambda _, chosen: np.sort(chosen))
    monkeypatch.setattr(search_under_way, "shaken_choice", lambda _, chosen, *__, **___: chosen)


@pytest.mark.usefixtures("only_cuts")
def test_cutting_finds_what_trying_all_finds_from_the_worst_start() -> None:
    solved = at_root = 0
    for seed in range(150):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        worst = np.searchsorted(columns, sets[int(totals.argmax())])
        run = search(model, worst, lambda *_: True, prices=None)
        assert run.is_proven, seed
        assert run.upper == pytest.approx(totals.min(), rel=1e-9, abs=1e-9), seed
        assert problem.conditions.allows(columns[run.chosen]), seed
        solved, at_root = solved + 1, at_root + (run.nodes == 0)
    assert solved > 90
    assert at_root > solved // 2


@pytest.mark.usefixtures("only_cuts")
@pytest.mark.parametrize("with_halves", [False, True])
def test_branching_by_the_programme_finds_what_trying_all_finds(
    monkeypatch: pytest.MonkeyPatch, with_halves: bool
) -> None:
    monkeypatch.setattr(cutting, "add_half_cuts", lambda _: 0)
    if not with_halves:
        monkeypatch.setattr(bounding, "add_half_cuts", lambda _: 0)
    monkeypatch.setattr(bounding, "_GROWN", 1.0 if with_halves else 0.0)
    monkeypatch.setattr(cutting, "_dive", lambda *_: None)
    solved = nodes = 0
    for seed in range(150):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        worst = np.searchsorted(columns, sets[int(totals.argmax())])
        run = search(model, worst, lambda *_: True, prices=None)
        assert run.is_proven, seed
        assert run.upper == pytest.approx(totals.min(), rel=1e-9, abs=1e-9), seed
        assert problem.conditions.allows(columns[run.chosen]), seed
        solved, nodes = solved + 1, nodes + run.nodes
    assert solved > 90
    assert nodes > 50


def test_an_end_while_cutting_leaves_a_bound_below_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(root, "_LONG", 1.0)
    rng = np.random.default_rng(3)
    place = rng.random((2, 150))
    cost = np.floor(1000.0 * np.hypot(*(place[:, :, None] - place[:, None])))
    model, _ = build_model(build_problem(cost, p_facilities=15))
    whole = search(model, np.arange(15), lambda *_: True, prices=None)
    assert whole.is_proven
    for turns in range(1, 40, 3):
        left = iter(range(turns))
        run = search(model, np.arange(15), lambda *_, left=left: next(left, -1) >= 0, prices=None)
        assert run.bound <= whole.upper <= run.upper


@pytest.mark.usefixtures("only_cuts")
def test_climbing_goes_on_where_the_programme_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "add_half_cuts", lambda _: 0)
    monkeypatch.setattr(cutting, "_dive", lambda *_: None)
    monkeypatch.setattr(bounding.Solving, "look", lambda *_: None)
    failed = 0
    for seed in range(60):
        problem = drawn(seed)
        sets, totals = allowed_totals(problem)
        if not len(totals):
            continue
        model, columns = build_model(problem)
        worst = np.searchsorted(columns, sets[int(totals.argmax())])
        run = search(model, worst, lambda *_: True, prices=None)
        assert run.is_proven, seed
        assert run.upper == pytest.approx(totals.min(), rel=1e-9, abs=1e-9), seed
        failed += run.nodes > 0
    assert failed > 5


def test_what_the_listener_raises_comes_out_of_the_programme() -> None:
    rng = np.random.default_rng(4)
    place = rng.random((2, 120))
    cost = np.hypot(*(place[:, :, None] - place[:, None]))
    model, _ = build_model(build_problem(cost, p_facilities=12))
    programme = programme_of(model, np.arange(12))

    def told() -> bool:
        raise KeyError("the listener's own")

    programme.go_on = told
    with pytest.raises(KeyError, match="the listener's own"):
        programme.solve()
