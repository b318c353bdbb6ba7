"""The order in which a search looks at its roots: the one that holds the bound comes first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from delineation_oracles import grid_pairs
from scipy.ndimage import gaussian_filter

from geo.arrays import Floats
from geo.delineation import build_zone_problem
from geo.delineation import search as searching
from geo.delineation.model import ZoneModel
from geo.delineation.programme import Relaxed
from geo.delineation.rooted import Node, Rooted, branching_unit
from geo.delineation.roots import Unrooted, next_root, relaxed_unrooted, rooted
from geo.delineation.search import search
from geo.delineation.standing import Standing
from geo.delineation.starts import Plan, first_plans
from geo.delineation.visits import Visit
from geo.location.watch import Watch

SIDE = 24


def rough(seed: int) -> ZoneModel:
    """A raster with several hills, a fifth of its cells excluded; a zone is a fourteenth of it."""
    rng = np.random.default_rng(seed)
    values: Floats = gaussian_filter(rng.standard_normal((SIDE, SIDE)), 1.0)
    units = SIDE * SIDE
    return build_zone_problem(
        (values - values.min()).ravel() / np.ptp(values),
        np.ones(units),
        np.array(grid_pairs(SIDE, SIDE)),
        min_m2=40.0,
        max_m2=42.0,
        must_exclude=np.flatnonzero(rng.random(units) < 0.2).tolist(),
    ).model()


def shares_asked(waiting: float, monkeypatch: pytest.MonkeyPatch) -> set[float]:
    """What rounds of cuts must bring at a root while another part may be worth `waiting`."""
    model, watch = rough(1), Watch()
    standing = Standing(model, watch, first_plans(model, watch)[0])
    rest = Unrooted(model.alive.copy(), standing.programme(), standing.rate)
    bound = relaxed_unrooted(standing, rest, math.inf)
    part = rooted(standing, next_root(standing, rest), model.must, rest.upper)
    assert part is not None
    asked: set[float] = set()

    def heard(_: Standing, __: list[float], share: float) -> bool:
        asked.add(share)
        return False

    standing.waiting = waiting
    with monkeypatch.context() as patched:
        patched.setattr(Standing, "stalls", heard)
        Visit.to(standing, part, Node(part.lower, part.upper, bound))
    return asked


def test_a_root_behind_others_must_gain_more_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    (first,), (behind,) = (shares_asked(one, monkeypatch) for one in (-math.inf, math.inf))
    assert 0.0 < first < behind < 1.0


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_a_root_is_split_only_where_it_holds_the_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, watch = rough(seed), Watch()
    kept: list[Standing] = []
    split: list[tuple[float, float]] = []

    def kept_standing(model: ZoneModel, watch: Watch, best: Plan, ceiling: float) -> Standing:
        kept.append(Standing(model, watch, best, ceiling))
        return kept[-1]

    def chosen(part: Rooted, node: Node, answer: Relaxed, watch: Watch) -> int:
        if node.depth == 0:
            split.append((node.bound, kept[-1].waiting))
        return branching_unit(part, node, answer, watch)

    monkeypatch.setattr(searching, "Standing", kept_standing)
    monkeypatch.setattr(searching, "branching_unit", chosen)
    outcome = search(model, watch, first_plans(model, watch)[0])
    assert outcome.proven
    assert split
    assert all(bound >= waiting for bound, waiting in split)
