"""Slow, obvious location models: every set of columns is tried, every way of serving weighed.

Nothing here comes from the product. What planners say (`sites`) is read anew from the words of
`SiteKeywords`; shares of split demand come from SciPy's linear programs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import oracles
from scipy.optimize import linprog

INF = math.inf
Choice = tuple[int, ...]
Prices = list[list[float]]


@dataclass(frozen=True)
class Case:
    """A question: costs (n rows of m), weights, how many to open (None: any number), conditions."""

    cost: Prices
    weight: list[float]
    p: int | None
    radius: float = 0.0
    sites: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> range:
        return range(len(self.cost[0]))

    @property
    def rows(self) -> range:
        return range(len(self.cost))

    @property
    def keywords(self) -> dict[str, Any]:
        """What every door is called with, beside the matrix and a radius."""
        return {"p_facilities": self.p, "demand_weight": self.weight, **self.sites}

    @property
    def radius_keywords(self) -> dict[str, Any]:
        """The same for a model with a radius."""
        return {"service_radius": self.radius, **self.keywords}

    def saying(self, **sites: Any) -> Case:
        """The same question with more said, or said otherwise."""
        return replace(self, sites={**self.sites, **sites})

    def per_column(self, name: str, unsaid: float) -> list[float]:
        given = self.sites.get(name)
        value = unsaid if given is None else given
        if isinstance(value, int | float):
            return [float(value)] * len(self.columns)
        return [float(one) for one in value]

    @property
    def is_loaded(self) -> bool:
        return any(math.isfinite(c) for c in self.per_column("capacity", INF)) or any(
            self.per_column("least_load", 0.0)
        )


def group_bounds(case: Case, name: str) -> dict[Any, int]:
    """Least or most open columns by label, of the labels that are bounded."""
    bound, labels = case.sites.get(name), case.sites.get("groups")
    if bound is None or labels is None:
        return {}
    return dict(bound) if isinstance(bound, dict) else dict.fromkeys(labels, bound)


def exclusions(case: Case) -> list[Sequence[int]]:
    """Sets of columns of which at most one is open, with the pairs that stand too near."""
    sets = list(case.sites.get("exclusive_facilities", ()))
    separation, distance = case.sites.get("min_separation"), case.sites.get("facility_distance")
    if separation is not None and distance is not None:
        sets += [
            (i, j)
            for i, j in itertools.combinations(case.columns, 2)
            if min(distance[i][j], distance[j][i]) < separation
        ]
    return sets


def meets(case: Case, chosen: Sequence[int]) -> bool:
    """Whether a choice of columns meets the conditions (loads aside)."""
    return (
        (case.p is None or len(chosen) == case.p)
        and oracles.keeps(
            chosen,
            fixed=case.sites.get("fixed_facilities", ()),
            forbidden=case.sites.get("forbidden_facilities", ()),
            groups=case.sites.get("groups"),
            min_per_group=group_bounds(case, "min_per_group"),
            max_per_group=group_bounds(case, "max_per_group"),
        )
        and all(len(set(one) & set(chosen)) <= 1 for one in exclusions(case))
    )


def open_sets(case: Case) -> Iterator[Choice]:
    """Every choice of columns that meets the conditions (loads aside)."""
    sizes = range(len(case.columns) + 1) if case.p is None else (case.p,)
    for size in sizes:
        for chosen in itertools.combinations(case.columns, size):
            if meets(case, chosen):
                yield chosen


def allowed(case: Case) -> list[int]:
    """Columns that may be open at all: not forbidden, and their group may have any."""
    forbidden, groups = case.sites.get("forbidden_facilities", ()), case.sites.get("groups")
    most = group_bounds(case, "max_per_group")
    return [
        j
        for j in case.columns
        if j not in forbidden and (groups is None or most.get(groups[j], 1) > 0)
    ]


def reachable(case: Case, most: float = INF) -> list[int]:
    """Rows that some allowed column reaches, at a finite cost of at most `most`."""
    return [
        i
        for i in case.rows
        if any(case.cost[i][j] <= most and case.cost[i][j] < INF for j in allowed(case))
    ]


def opening_effects(case: Case) -> list[float]:
    """What opening each column adds to what all sites cost."""
    opening, closing = case.per_column("opening_cost", 0.0), case.per_column("closing_cost", 0.0)
    bonus, existing = case.per_column("bonus", 0.0), set(case.sites.get("existing_facilities", ()))
    return [(-closing[j] if j in existing else opening[j]) - bonus[j] for j in case.columns]


def site_cost(case: Case, chosen: Choice) -> float:
    """Opening what is new, closing what exists and is not chosen, less what is worth something."""
    opening, closing = case.per_column("opening_cost", 0.0), case.per_column("closing_cost", 0.0)
    bonus, existing = case.per_column("bonus", 0.0), set(case.sites.get("existing_facilities", ()))
    paid = [opening[j] for j in chosen if j not in existing]
    paid += [closing[j] for j in existing if j not in chosen]
    return math.fsum([*paid, *(-bonus[j] for j in chosen)])


def service(
    case: Case, chosen: Choice, price: Prices, owed: Sequence[int], *, spare: Sequence[int] = ()
) -> float | None:
    """Least Σ price over ways to serve rows from `chosen` within the loads; None: there is none.

    A price of `inf` bars a pair. Rows in `spare` may stay unserved, at no price, or in part.
    """
    if not case.is_loaded:
        least = [min((price[i][j] for j in chosen), default=INF) for i in owed]
        least += [min([0.0, *(price[i][j] for j in chosen)]) for i in spare]
        return math.fsum(least) if INF not in least else None
    if case.sites.get("split_demand"):
        return _in_shares(case, chosen, price, owed, spare)
    return _whole(case, chosen, price, owed, spare)


def _whole(
    case: Case, chosen: Choice, price: Prices, owed: Sequence[int], spare: Sequence[int]
) -> float | None:
    room, least = case.per_column("capacity", INF), case.per_column("least_load", 0.0)
    rows = [*owed, *spare]
    options = [[j for j in chosen if price[i][j] < INF] for i in rows]
    options = [one + [-1] * (k >= len(owed)) for k, one in enumerate(options)]
    best: float | None = None
    for way in itertools.product(*options):
        load = dict.fromkeys(chosen, 0.0)
        for i, j in zip(rows, way, strict=True):
            if j >= 0:
                load[j] += case.weight[i]
        if any(not least[j] <= load[j] <= room[j] for j in chosen):
            continue
        total = math.fsum(price[i][j] for i, j in zip(rows, way, strict=True) if j >= 0)
        best = total if best is None else min(best, total)
    return best


def _in_shares(
    case: Case, chosen: Choice, price: Prices, owed: Sequence[int], spare: Sequence[int]
) -> float | None:
    room, least = case.per_column("capacity", INF), case.per_column("least_load", 0.0)
    pairs = [(i, j) for i in [*owed, *spare] for j in chosen if price[i][j] < INF]
    if not pairs:
        return None if owed or any(least[j] for j in chosen) else 0.0
    served = np.array([[float(i == row) for i, _ in pairs] for row in owed])
    partly = np.array([[float(i == row) for i, _ in pairs] for row in spare])
    load = np.array([[case.weight[i] * (j == at) for i, j in pairs] for at in chosen])
    bounded = [k for k, j in enumerate(chosen) if room[j] < INF]
    upper = np.vstack([load[bounded], -load, partly.reshape(-1, len(pairs))])
    most = [room[chosen[k]] for k in bounded] + [-least[j] for j in chosen] + [1.0] * len(spare)
    answer = linprog(
        [price[i][j] for i, j in pairs],
        A_ub=upper,
        b_ub=most,
        A_eq=served if owed else None,
        b_eq=np.ones(len(owed)) if owed else None,
    )
    assert answer.status in (0, 2), answer.message
    return float(answer.fun) if answer.status == 0 else None


def _prices(case: Case, most: float, of: Callable[[float, float], float]) -> Prices:
    """Price of each pair by weight and cost, `inf` beyond `most` or where unreachable."""
    return [
        [of(w, c) if c <= most and c < INF else INF for c in row]
        for w, row in zip(case.weight, case.cost, strict=True)
    ]


Value = Callable[[Case, Choice], float | None]
"""What a model says of one choice: its objective, None where the choice cannot serve."""


def median_value(case: Case, chosen: Choice) -> float | None:
    """Σ weight × cost of those who serve, with sites: p-median and facility location."""
    price = _prices(case, INF, lambda w, c: w * c)
    total = service(case, chosen, price, reachable(case))
    return None if total is None else total + site_cost(case, chosen)


def covered_value(case: Case, chosen: Choice) -> float | None:
    """Weight served within the radius, less the cost of sites: MCLP."""
    price = _prices(case, case.radius, lambda w, c: -w)
    total = service(case, chosen, price, (), spare=reachable(case, case.radius))
    return None if total is None else -total - site_cost(case, chosen)


def count_value(case: Case, chosen: Choice) -> float | None:
    """How many are open, or what they cost where anything does: LSCP."""
    price = _prices(case, case.radius, lambda w, c: 0.0)
    if service(case, chosen, price, reachable(case, case.radius)) is None:
        return None
    costs = any(opening_effects(case)) or site_cost(case, ()) != 0.0
    return site_cost(case, chosen) if costs else float(len(chosen))


def worst_value(case: Case, chosen: Choice) -> float | None:
    """Greatest weight × cost of a pair that serves: p-center."""
    price = _prices(case, INF, lambda w, c: w * c)
    levels = sorted({one for row in price for one in row if one < INF} | {0.0})
    for level in levels:
        within = [[0.0 if one <= level else INF for one in row] for row in price]
        if service(case, chosen, within, reachable(case)) is not None:
            return level
    return None


def backup_values(case: Case, chosen: Choice) -> tuple[float, float, bool]:
    """Weight covered once or more, weight covered twice or more, whether all coverable rows are."""
    times = [sum(row[j] <= case.radius for j in chosen) for row in case.cost]
    first = math.fsum(w for w, k in zip(case.weight, times, strict=True) if k >= 1)
    second = math.fsum(w for w, k in zip(case.weight, times, strict=True) if k >= 2)
    return first, second, all(times[i] for i in reachable(case, case.radius))


def backup_value(case: Case, chosen: Choice) -> float | None:
    """BACOP1: weight covered twice, less the cost of sites, where all that can be is covered."""
    _, second, all_covered = backup_values(case, chosen)
    return second - site_cost(case, chosen) if all_covered else None


def backup_share_value(share: float) -> Value:
    """BACOP2: share × weight covered + (1 − share) × weight covered twice, less sites."""

    def value(case: Case, chosen: Choice) -> float | None:
        first, second, _ = backup_values(case, chosen)
        return share * first + (1.0 - share) * second - site_cost(case, chosen)

    return value


def ranked(case: Case, value: Value, *, maximise: bool = False) -> list[tuple[float, Choice]]:
    """Every choice that works with its objective, best first."""
    found = [
        (worth, chosen) for chosen in open_sets(case) if (worth := value(case, chosen)) is not None
    ]
    return sorted(found, key=lambda one: (-one[0] if maximise else one[0], one[1]))


def best(case: Case, value: Value, *, maximise: bool = False) -> float | None:
    """The objective that no choice beats, None where no choice works."""
    order = ranked(case, value, maximise=maximise)
    return order[0][0] if order else None


def tolerance(case: Case, objective: float) -> float:
    """What rounding may change: 1e-9 of the objective, or of the sites' costs that cancel in it."""
    names = ("opening_cost", "closing_cost", "bonus")
    sites = math.fsum(abs(one) for name in names for one in case.per_column(name, 0.0))
    return 1e-9 * max(abs(objective), sites)
