"""What each condition costs: the objective without it, solved again and proven.

A price is the difference of two proven objectives of whole problems, not a dual value, which says
little of whole facilities. Leaving conditions out can only make the best plan better: where leaving
out several together gains nothing, each of them costs nothing, and they are not solved one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.arrays import Ints, Mask
from geo.location.cells import Solve, is_empty, is_plan, required_rows
from geo.location.choices.condition_words import Kind, said_price, said_without
from geo.location.conditions import Conditions
from geo.location.problem import LocationProblem
from geo.location.solution import LocationSolution
from geo.location.watch import Watch
from geo.sentence import Sentence

_ROUNDING = 1e-9
"""Objectives that differ by a smaller share are equal."""
_MOST_SETS = 20
"""More exclusive sets (a least separation makes one of each near pair) are priced as a whole."""
_MORE_CAPACITY = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class ConditionPrice:
    """What the objective would be without a condition, and by how much that is better.

    `subject` are the columns ("fixed", "forbidden"), the positions of the groups ("group_min",
    "group_max") or of the exclusive sets that are left out, () for what concerns all. `price`: so
    much better, in the unit of the objective (below 0: worse), whichever way the model goes; NaN
    where no plan is left or none was found in time. It lies between `least` and `most`, which are
    equal to it where both objectives are proven.
    """

    kind: Kind
    subject: tuple[int, ...]
    objective: float
    price: float
    least: float
    most: float
    sentence: Sentence
    solution: LocationSolution


@dataclass(frozen=True, slots=True, eq=False)
class ConditionPrices:
    """The plan that meets every condition and the price of each; not `complete`: time was short."""

    base: LocationSolution
    prices: tuple[ConditionPrice, ...]
    complete: bool


def condition_prices(
    solve: Solve,
    problem: LocationProblem,
    watch: Watch,
    *,
    maximise: bool = False,
    serve_all: bool | None = None,
    names: Sequence[Sentence] | None = None,
    unit: Sentence | None = None,
) -> ConditionPrices:
    """Solve the problem, then again without each condition, and say what each costs.

    Left out one by one, and all of a kind together where there are several: fixed and forbidden
    columns, exclusive sets (those of a least separation together), group minima and maxima, least
    loads; and one facility more, one less, and 10 % more capacity everywhere. Conditions that
    follow from others in every plan (a minimum of 0, a maximum of the size or of p) are not listed.
    Rows that nobody may serve under the conditions stay out of the comparison where the model
    serves all (`serve_all`, `maximise`: as for `k_best_plans`). `names` (m,) and `unit` are for the
    sentences. A problem without a plan has no prices: its `base` says why.
    """
    base = solve(problem, watch.part())
    if base.status not in ("optimal", "feasible"):
        return ConditionPrices(base, (), base.status == "infeasible")
    serves = not maximise if serve_all is None else serve_all
    compared = _compared(problem, base) if serves else problem
    pricing = _Pricing(
        solve=solve,
        problem=compared,
        watch=watch,
        base=base,
        sign=-1.0 if maximise else 1.0,
        serves=serves,
        names=names,
        unit=unit or Sentence("", ""),
    )
    found: list[ConditionPrice] = []
    for family in _families(problem.conditions):
        found += pricing.prices_of(family)
    return ConditionPrices(base, tuple(found), not watch.is_over)


def _compared(problem: LocationProblem, base: LocationSolution) -> LocationProblem:
    """The problem in which rows that the base plan cannot serve stay unreachable."""
    cost = problem.cost.copy()
    cost[np.array(base.unserved, dtype=np.int64)] = np.inf
    return replace(problem, cost=cost)


@dataclass(frozen=True, slots=True)
class _Family:
    """Conditions of one kind; `whole` lists them together too, `single` one by one."""

    kind: Kind
    members: tuple[int, ...]
    single: bool = True

    @property
    def whole(self) -> bool:
        return not self.single or len(self.members) > 1


def _families(conditions: Conditions) -> Iterator[_Family]:
    """Conditions that may matter, by kind."""
    size = np.bincount(conditions.group, minlength=len(conditions.group_min))
    fixed = np.bincount(conditions.group[conditions.fixed], minlength=len(size))
    able = np.bincount(conditions.group[~conditions.forbidden], minlength=len(size))
    most = able if conditions.p is None else np.minimum(able, conditions.p)
    shut = conditions.group_max[conditions.group] == 0
    sets = range(len(conditions.exclusive))
    families = [
        _Family("fixed", _places(conditions.fixed)),
        _Family("forbidden", _places(conditions.forbidden & ~shut)),
        _Family("exclusive", tuple(sets), len(sets) <= _MOST_SETS),
        _Family("group_min", _places(conditions.group_min > fixed)),
        _Family("group_max", _places(conditions.group_max < most)),
    ]
    yield from (family for family in families if family.members)
    if np.isfinite(conditions.capacity).any():
        yield _Family("capacity", (), False)
    if (conditions.least_load > 0.0).any():
        yield _Family("least_load", (), False)
    steps: tuple[Kind, ...] = ("one_more", "one_less") if conditions.p is not None else ()
    for kind in steps:
        changed = _without(conditions, kind, ())
        if changed.p and not is_empty(changed):
            yield _Family(kind, (), False)


def _places(mask: Mask) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())


def _without(conditions: Conditions, kind: Kind, members: Sequence[int]) -> Conditions:
    """Return the conditions with these members of one kind left out."""
    at = np.array(members, dtype=np.int64)
    changed: dict[str, Any]
    match kind:
        case "fixed" | "forbidden":
            changed = {kind: _with(getattr(conditions, kind), at, False)}
        case "exclusive":
            left = (one for s, one in enumerate(conditions.exclusive) if s not in set(members))
            changed = {"exclusive": tuple(left)}
        case "group_min":
            changed = {"group_min": _with(conditions.group_min, at, 0)}
        case "group_max":
            changed = {"group_max": _with(conditions.group_max, at, conditions.size)}
        case "capacity":
            changed = {"capacity": conditions.capacity * _MORE_CAPACITY}
        case "least_load":
            changed = {"least_load": np.zeros(conditions.size)}
        case "one_more" | "one_less":
            changed = {"p": (conditions.p or 0) + (1 if kind == "one_more" else -1)}
    return replace(conditions, **changed)


def _with(values: Any, at: Ints, value: int) -> Any:
    changed = values.copy()
    changed[at] = value
    return changed


@dataclass(frozen=True, slots=True, eq=False)
class _Pricing:
    """Solves again without some conditions and compares with the base plan."""

    solve: Solve
    problem: LocationProblem
    watch: Watch
    base: LocationSolution
    sign: float
    serves: bool
    names: Sequence[Sentence] | None
    unit: Sentence

    def prices_of(self, family: _Family) -> list[ConditionPrice]:
        """The whole family and its single members, as far as time allows."""
        known: dict[tuple[int, ...], LocationSolution] = {}
        self._look(family, family.members, known)
        asked = [family.members] if family.whole else []
        asked += [(one,) for one in family.members] if family.single else []
        return [
            self._priced(family, subject, known[subject]) for subject in asked if subject in known
        ]

    def _look(
        self,
        family: _Family,
        members: tuple[int, ...],
        known: dict[tuple[int, ...], LocationSolution],
    ) -> None:
        """Solve without `members`; halve them where that gains anything."""
        if self.watch.is_over:
            return
        found = known[members] = self._solved(family.kind, members)
        if len(members) < 2 or not family.single:
            return
        if self._gains_nothing(found):
            known.update({(one,): self.base for one in members})
            return
        half = len(members) // 2
        self._look(family, members[:half], known)
        self._look(family, members[half:], known)

    def _solved(self, kind: Kind, members: tuple[int, ...]) -> LocationSolution:
        conditions = _without(self.problem.conditions, kind, members)
        watch = self.watch.part(incumbent=self.base.objective, bound=self.base.bound)
        return self.solve(replace(self.problem, conditions=conditions), watch)

    def _gains_nothing(self, found: LocationSolution) -> bool:
        proven = found.status == self.base.status == "optimal"
        gain = self.sign * (self.base.objective - found.objective)
        return proven and gain <= _ROUNDING * abs(self.base.objective)

    def _priced(
        self, family: _Family, subject: tuple[int, ...], found: LocationSolution
    ) -> ConditionPrice:
        """Compare with the base plan, which is a plan without the condition as well."""
        base, sign, kind = self.base, self.sign, family.kind
        is_found = is_plan(found, required_rows(base, self.serves))
        better = [sign * found.objective] if is_found else []
        better += [sign * base.objective] if kind not in ("one_more", "one_less") else []
        reached = min(better, default=math.nan) if found.status != "infeasible" else math.nan
        proven = found.status == base.status == "optimal"
        price = sign * base.objective - reached
        least = price if proven else sign * base.bound - reached
        most = price if proven else sign * (base.objective - found.bound)
        every = family.whole and subject == family.members
        said = said_without(self.problem.conditions, kind, subject, every, self.names)
        return ConditionPrice(
            kind=kind,
            subject=subject,
            objective=sign * reached,
            price=price,
            least=least,
            most=most,
            sentence=said_price(said, (price, least, most), base.objective, self.unit),
            solution=found,
        )
