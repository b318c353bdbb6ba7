"""Bounds told from whole lines of costs, in single precision, against those from lists."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from geo.arrays import Floats, Ints
from geo.location.median import kernels, lagrange
from geo.location.median.branching_kernels import halves
from geo.location.median.interchange import greedy_choice
from geo.location.median.lagrange import Node, Relaxation, first_prices, relaxed
from geo.location.median.model import MedianModel, build_model
from geo.location.median.search import Search, climbed, decided
from geo.location.median.tree import search
from geo.location.problem import build_problem


def drawn(seed: int, *, scale: float = 1.0) -> MedianModel:
    """Forty points in the plane, four of them to open, at odd costs of about `scale`."""
    points = np.random.default_rng(seed).random((40, 2))
    cost = scale * np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return build_model(build_problem(cost, p_facilities=4))[0]


def listed_and_lined(model: MedianModel) -> tuple[Relaxation, Relaxation]:
    """The relaxation of every other column, from lists and from lines."""
    root, kept = relaxed(model, greedy_choice(model)), np.arange(0, len(model.site), 2)
    return root.among(kept), root.packed().among(kept)


def node_of(model: MedianModel, columns: int) -> Node:
    prices = first_prices(model, greedy_choice(model), None)
    return Node(np.zeros(columns, dtype=np.int8), np.zeros(columns, np.int64), 0, -math.inf, prices)


def bound_by_hand(model: MedianModel, columns: Ints, price: Floats) -> float:
    """Σ u + the p least Σ min(0, loss − u), added up exactly."""
    worth = [
        math.fsum(np.minimum(model.loss[:, j] - price, 0.0).tolist()) for j in columns.tolist()
    ]
    return math.fsum([*price.tolist(), *sorted(worth)[: model.rules.p]])


@pytest.mark.parametrize("scale", [1.0, 1e-7, 123456789.123])
def test_a_bound_from_lines_is_the_lagrangian_at_its_prices(scale: float) -> None:
    for seed in range(20):
        model = drawn(seed, scale=scale)
        lined = listed_and_lined(model)[1]
        assert len(lined.lists[5]) == len(model.site)
        node = node_of(model, len(lined.columns))
        run = Search(model, lambda *_: True, greedy_choice(model), math.inf)
        run.upper = model.total(run.chosen)
        climbed(run, lined, node, 120, 0.0)
        by_hand = bound_by_hand(model, lined.columns, node.price)
        assert node.bound == pytest.approx(by_hand, rel=1e-13), seed


def test_lines_and_lists_weigh_alike() -> None:
    for seed in range(20):
        model = drawn(seed)
        told = []
        for root in listed_and_lined(model):
            node = node_of(model, len(root.columns))
            for exact in (False, True):
                worth = np.zeros(len(root.columns))
                total = kernels.weigh(
                    root.lists,
                    root.site,
                    node.price,
                    np.zeros(0),
                    root.rules.arrays,
                    worth,
                    exact,
                )
                told.append([total, *worth])
        in_lists, again, single, exactly = np.array(told)
        assert in_lists.tolist() == again.tolist()
        assert exactly == pytest.approx(in_lists, rel=1e-12)
        assert single == pytest.approx(in_lists, rel=1e-5, abs=1e-5)
        assert (single[1:] != exactly[1:]).any()


def test_what_lines_decide_is_what_lists_decide() -> None:
    closed = 0
    for seed in range(30):
        model = drawn(seed)
        best = search(model, greedy_choice(model), lambda *_: True, prices=None)
        assert best.is_proven
        root = relaxed(model, best.chosen)
        states = []
        for one in (root.among(np.arange(40)), root.packed().among(np.arange(40))):
            node = node_of(model, 40)
            climbed(best, root, node, 200, 0.0)
            assert node.bound <= best.upper * (1.0 + 1e-12)
            decided(best, one, node)
            states.append(node.state)
        assert states[0].tolist() == states[1].tolist()
        assert (states[0][best.chosen] >= 0).all() or node.bound > best.stop
        closed += int((states[0] < 0).sum())
    assert closed > 100


def test_a_search_proves_the_same_from_lines_and_from_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uppers = []
    for sparse in (10**9, 0):
        monkeypatch.setattr(lagrange, "_SPARSE", sparse)
        runs = [
            search(drawn(seed), greedy_choice(drawn(seed)), lambda *_: True, prices=None)
            for seed in range(12)
        ]
        assert all(run.is_proven for run in runs)
        uppers.append([run.upper for run in runs])
    assert uppers[0] == uppers[1]


def test_lines_are_left_where_rows_list_few_columns() -> None:
    model = drawn(3)
    root = relaxed(model, np.arange(4))
    sparse = replace(root, lists=(np.zeros(41, dtype=np.int64), *root.lists[1:]))
    assert sparse.packed().lines is None
    assert root.packed().lines is not None


def test_halves_gather_the_nearest_that_are_half_open_together() -> None:
    place = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 30.0])
    apart = np.abs(place[:, None] - place[None]).astype(np.float32)
    share = np.array([0.3, 0.0, 0.25, 0.2, 0.25, 1.0])
    every, kind = np.ones(6, dtype=np.bool_), np.zeros(6, dtype=np.int64)
    columns, seeds = np.arange(6), np.array([0, 5])
    uneven, reach = halves(apart, columns, seeds, every, kind, share)
    assert uneven.tolist() == pytest.approx([0.05, 0.5])
    assert reach.tolist() == [6.0, 9.5]
    alone = halves(apart, columns, seeds[:1], every, np.arange(6), share)
    assert np.isinf(alone[0]).all()
    two = every & (place < 3.0) & (place != 1.0)
    assert halves(apart, columns, seeds[:1], two, kind, share)[1].tolist() == [1.0]
