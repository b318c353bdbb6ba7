"""The cheapest columns that cover all rows, under conditions, and whether so many can."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.choice import count_rows, open_bounds
from geo.location.conditions import Conditions
from geo.location.covers.bounds import grain_of
from geo.location.covers.dominance import core_of
from geo.location.covers.incidence import Incidence
from geo.location.covers.local_cuts import Cut
from geo.location.covers.relaxation import WIDTHS, relaxation_of
from geo.location.covers.search import CoverSearch
from geo.location.covers.set_cover_search import small_cover
from geo.location.milp import (
    INFINITY,
    Milp,
    SparseRows,
    scale_for,
    solve_milp,
    solver_name,
    stacked,
)
from geo.location.relay import relayed
from geo.location.watch import Progress, Watch

_SAME = 1e-6
_QUICK = 0.02
_ROUNDS = 200
_INSTANT = 1e-9
SOLVER = "row-weighting local search"


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The best cover found (None: none), its cost, what no cover can beat, how it was proven."""

    chosen: Ints | None
    value: float
    bound: float
    proven: bool
    nodes: int = 0
    root_bound: float = math.nan
    solver: str = SOLVER


def is_free(conditions: Conditions) -> bool:
    """Whether any set of columns that holds the fixed ones meets the conditions but for p."""
    return not conditions.has_groups and not conditions.exclusive


def cheapest_cover(
    incidence: Incidence, conditions: Conditions, cost: Floats, watch: Watch
) -> Cover:
    """Open columns of the least total `cost` (m,) so that every row is covered.

    All columns of the incidence are allowed. `conditions.p` is met where it is said. Exact:
    Toregas, Swain, ReVelle & Bergman (1971), on the core that dominance leaves, from a cover found
    by local search and a relaxation with local cuts, by HiGHS. `watch` hears of costs.
    """
    if conditions.p is not None or not is_free(conditions):
        tight = relaxation_of(incidence, cost, math.inf, lambda least: watch.go_on(bound=least))
        none = Cover(None, math.inf, tight.bound, False)
        return _by_milp(incidence, conditions, cost, none, tight.cuts, watch)
    free = np.flatnonzero(conditions.fixed | (cost <= 0.0))
    core = core_of(incidence, np.where(cost > 0.0, cost, 1.0), free)
    spent = math.fsum(cost[core.must])
    best = Cover(np.zeros(0, dtype=np.int64), 0.0, 0.0, True)
    if core.incidence.rows:
        rest = _unbound(conditions, core.columns)
        best = _cheapest_of_core(core.incidence, rest, cost[core.columns], watch, spent)
    assert best.chosen is not None
    chosen = np.sort(np.r_[core.must, core.columns[best.chosen]])
    return replace(
        best,
        chosen=_lean(incidence, chosen, conditions, cost),
        value=best.value + spent,
        bound=best.bound + spent,
        root_bound=best.root_bound + spent,
    )


def _cheapest_of_core(
    incidence: Incidence, rest: Conditions, cost: Floats, watch: Watch, spent: float
) -> Cover:
    """Cover the core; `spent` is what must be opened costs, which `watch` hears of as well."""
    known, least = math.inf, 0.0

    def told(total: float, bound: float = 0.0) -> bool:
        seen = min(total, known)
        return watch.go_on(incumbent=seen + spent, bound=min(max(bound, least), seen) + spent)

    found = small_cover(incidence, cost, told, effort=_QUICK)
    known = math.fsum(cost[found])
    tight = relaxation_of(
        incidence, cost, _just_above(known, cost), lambda bound: told(known, bound)
    )
    least = _raised(tight.bound, cost)
    if known > least and not watch.is_over:
        found = min(
            found,
            small_cover(incidence, cost, told, enough=least),
            key=lambda one: math.fsum(cost[one]),
        )
    value = math.fsum(cost[found])
    least = min(least, value)
    best = Cover(found, value, least, least >= value, root_bound=least)
    if best.proven or watch.is_over:
        return best
    return _by_milp(incidence, rest, cost, best, tight.cuts, watch, spent)


def is_coverable(
    incidence: Incidence, conditions: Conditions, watch: Watch, *, quick: bool = False
) -> tuple[Ints | None, bool]:
    """Find a choice that meets the conditions (p is said) and covers every row.

    Returns the choice or None, and whether that is certain: not where `watch` ended the search, or
    where a `quick` look by local search and linear relaxation did not tell.
    """
    p = conditions.p
    assert p is not None
    if is_free(conditions):
        return _coverable_freely(incidence, conditions, watch, quick)
    search = CoverSearch.of(incidence, conditions)
    if search.greedy():
        search.improve(_ROUNDS, lambda value: value < incidence.weight.sum() and not watch.is_over)
        if (search.state[1] > 0).all():
            return search.chosen, True
    model = _cover_model(incidence, conditions, np.ones(incidence.columns), most=p)
    relaxed = solve_milp(replace(model, integers=0), watch=watch)
    if relaxed.status == "infeasible":
        return None, True
    return (None, False) if quick else _exactly(model, watch)


def _coverable_freely(
    incidence: Incidence, conditions: Conditions, watch: Watch, quick: bool
) -> tuple[Ints | None, bool]:
    """Answer on the core: some p columns cover all where no more do, since others may be added."""
    core = core_of(incidence, np.ones(incidence.columns), np.flatnonzero(conditions.fixed))
    p = conditions.p or 0
    room = p - len(core.must)
    if room < 0 or (room == 0 and core.incidence.rows):
        return None, True
    found = np.zeros(0, dtype=np.int64)
    if core.incidence.rows:
        ones = np.ones(len(core.columns))
        found = small_cover(
            core.incidence, ones, lambda _: watch.go_on(), enough=room, effort=_QUICK
        )
    if len(found) > room:
        rest = _unbound(conditions, core.columns)
        exact, certain = _rare_cover(core.incidence, rest, room, watch, quick)
        if exact is None:
            return None, certain
        found = exact
    chosen = np.r_[core.must, core.columns[found]]
    others = np.setdiff1d(np.arange(incidence.columns), chosen)
    return np.sort(np.r_[chosen, others[: p - len(chosen)]]), True


def _rare_cover(
    incidence: Incidence, rest: Conditions, most: int, watch: Watch, quick: bool
) -> tuple[Ints | None, bool]:
    """Whether at most so many columns cover: no where the relaxation asks more, else by HiGHS."""
    ones = np.ones(incidence.columns)
    widths = () if quick else WIDTHS
    enough = _just_above(most + 1.0, ones)
    tight = relaxation_of(incidence, ones, enough, lambda _: watch.go_on(), widths=widths)
    if _raised(tight.bound, ones) > most:
        return None, True
    if quick:
        return None, False
    return _exactly(_cover_model(incidence, rest, ones, tight.cuts, most), watch)


def _exactly(model: Milp, watch: Watch) -> tuple[Ints | None, bool]:
    """Let HiGHS find any choice that meets the model, or that there is none."""
    if watch.is_over:
        return None, False
    inner = Watch(watch.left_s and max(watch.left_s, _INSTANT), lambda seen: _unfound(seen, watch))
    answer = solve_milp(model, watch=inner)
    if answer.values is not None:
        return np.flatnonzero(answer.values > 0.5), True
    return None, answer.status == "infeasible"


def _unfound(seen: Progress, watch: Watch) -> bool:
    """Go on only while no choice is found: the first is as good as any."""
    return watch.go_on(nodes=seen.nodes) and math.isnan(seen.incumbent)


def _unbound(conditions: Conditions, columns: Ints) -> Conditions:
    """Conditions of the core: nothing is fixed there any more."""
    return replace(conditions.among(columns), p=None, fixed=np.zeros(len(columns), dtype=np.bool_))


def _lean(incidence: Incidence, chosen: Ints, conditions: Conditions, cost: Floats) -> Ints:
    """Close what costs nothing, is not fixed and covers nothing alone, from the highest on."""
    opened = np.zeros(incidence.columns, dtype=np.bool_)
    opened[chosen] = True
    times = incidence.times(opened)
    for j in chosen[::-1]:
        rows = incidence.row[incidence.first[j] : incidence.first[j + 1]]
        if cost[j] == 0.0 and not conditions.fixed[j] and (times[rows] > 1).all():
            opened[j] = False
            times[rows] -= 1
    return np.flatnonzero(opened)


def _by_milp(
    incidence: Incidence,
    conditions: Conditions,
    cost: Floats,
    best: Cover,
    cuts: tuple[Cut, ...],
    watch: Watch,
    spent: float = 0.0,
) -> Cover:
    """Let HiGHS say what is cheapest, from the best cover known (if any), or prove that it is."""
    scale = scale_for(float(np.abs(cost).sum())) if not (cost == 1.0).all() else 1.0
    start, known = None, math.nan
    if best.chosen is not None:
        start, known = np.zeros(incidence.columns), best.value + spent
        start[best.chosen] = 1.0
    answer = solve_milp(
        _cover_model(incidence, conditions, cost * scale, cuts),
        watch=relayed(watch, known=known, bound=best.bound + spent, maximise=False),
        start=start,
        told=lambda one: _snapped(one / scale, cost) + spent,
        searching=start is None,
    )
    chosen, value = best.chosen, best.value
    if answer.values is not None:
        found = np.flatnonzero(answer.values > 0.5)
        if math.fsum(cost[found]) < value:
            chosen, value = found, math.fsum(cost[found])
    bound = min(float(np.fmax(_raised(answer.bound / scale, cost), best.bound)), value)
    root = float(np.fmax(_raised(answer.root_bound / scale, cost), best.bound))
    proven = answer.status != "stopped" or bound >= value
    return Cover(chosen, value, bound, proven, answer.nodes, root, f"{SOLVER}, {solver_name()}")


def _raised(bound: float, cost: Floats) -> float:
    """Return the least total of `cost` at or above a bound, where totals go by steps."""
    step = grain_of(cost)
    if not step or not math.isfinite(bound):
        return bound
    return math.ceil(bound / step - _SAME) * step


def _snapped(total: float, cost: Floats) -> float:
    """Return the total of `cost` that HiGHS' rounding has missed by little, if any is so near."""
    step = grain_of(cost)
    if not step or not math.isfinite(total):
        return total
    whole = float(np.rint(total / step))
    return whole * step if abs(total / step - whole) < _SAME else total


def _just_above(known: float, cost: Floats) -> float:
    """What a bound must reach so that no total of `cost` below `known` is left."""
    step = grain_of(cost)
    return known - step + 2.0 * _SAME * step


def _cover_model(
    incidence: Incidence,
    conditions: Conditions,
    cost: Floats,
    cuts: tuple[Cut, ...] = (),
    most: int | None = None,
) -> Milp:
    """Columns: y per facility; Σ y ≥ 1 over the facilities in reach of each row, and the cuts."""
    n, m = incidence.rows, incidence.columns
    cover = SparseRows(
        incidence.owner,
        incidence.column,
        np.ones(len(incidence.column)),
        np.ones(n),
        np.full(n, INFINITY),
    )
    parts = [cover, count_rows(conditions)]
    if cuts:
        parts.append(
            SparseRows(
                np.repeat(np.arange(len(cuts)), [len(cut.columns) for cut in cuts]),
                np.concatenate([cut.columns for cut in cuts]),
                np.concatenate([cut.weight for cut in cuts]),
                np.array([cut.least for cut in cuts]),
                np.full(len(cuts), INFINITY),
            )
        )
    if most is not None:
        zero = np.zeros(m, dtype=np.int64)
        parts.append(
            SparseRows(zero, np.arange(m), np.ones(m), np.zeros(1), np.array([float(most)]))
        )
    lower, upper = open_bounds(conditions)
    return Milp(cost, 0.0, lower, upper, stacked(*parts), integers=m)
