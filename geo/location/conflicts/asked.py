"""What was asked of a location problem, condition by condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.problem import LocationProblem

Kind = Literal[
    "total",
    "least",
    "most",
    "fixed",
    "forbidden",
    "exclusive",
    "capacity",
    "least_load",
    "service",
]
_NONE = np.zeros(0, dtype=np.int64)
ALL = -1
"""The place of all exclusive sets as one condition, where they are too many to tell apart."""
_APART = 200


class Member(NamedTuple):
    """One condition: of a group, column or set (`place`), of `ALL` sets; 0 where there is one."""

    kind: Kind
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question: its conditions, pairs within `radius` (inside), rows that must be served.

    `rows`: those that an allowed candidate reaches within the radius, or none where the model may
    leave them out. They stay the same when a condition is loosened.
    """

    problem: LocationProblem
    radius: float
    rows: Ints

    @classmethod
    def of(cls, problem: LocationProblem, radius: float | None, serve_all: bool) -> Asked:
        """Ask for all that can be served, where `serve_all`."""
        most = np.inf if radius is None else radius
        asked = cls(problem, most, _NONE)
        if not serve_all:
            return asked
        allowed = problem.conditions.allowed
        return replace(asked, rows=np.flatnonzero(asked.reach[:, allowed].any(axis=1)))

    @property
    def reach(self) -> Mask:
        """Which pairs may serve: (n, m)."""
        return np.isfinite(self.problem.cost) & (self.problem.cost <= self.radius)

    @property
    def loads_matter(self) -> bool:
        """Whether who serves whom can decide if the conditions can be met."""
        conditions = self.problem.conditions
        least = bool((conditions.least_load > 0.0).any())
        return least or (conditions.is_loaded and len(self.rows) > 0)

    @property
    def tells_apart(self) -> bool:
        """Whether every exclusive set is a condition of its own."""
        return len(self.problem.conditions.exclusive) <= _APART

    @property
    def members(self) -> tuple[Member, ...]:
        """Every condition that was said, kind by kind."""
        held = self.problem.conditions
        size = np.bincount(held.group, minlength=len(held.group_names))
        found: list[Member] = [] if held.p is None else [Member("total", 0)]
        kinds: tuple[tuple[Kind, Mask], ...] = (
            ("least", held.group_min > 0),
            ("most", held.group_max < size),
            ("fixed", held.fixed),
            ("forbidden", held.forbidden),
            ("exclusive", np.ones(len(held.exclusive) * self.tells_apart, dtype=np.bool_)),
            ("capacity", np.array([self.loads_matter and np.isfinite(held.capacity).any()])),
            ("least_load", np.array([(held.least_load > 0.0).any()])),
            ("service", np.array([len(self.rows) > 0])),
        )
        for kind, said in kinds:
            found += [Member(kind, int(place)) for place in np.flatnonzero(said)]
        if not self.tells_apart:
            found.append(Member("exclusive", ALL))
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Rows of the program that are served: alike rows as one where `count` is above 1.

    `reach` (k, m), `load` (k,): weight together, `owed` (k,): must be served.
    """

    reach: Mask
    load: Floats
    count: Ints
    owed: Mask

    @classmethod
    def of(cls, asked: Asked, *, alone: bool) -> Served:
        """Rows that matter; merged where they reach the same columns unless `alone`."""
        reach, weight = asked.reach, asked.problem.demand_weight
        owed = np.isin(np.arange(len(weight)), asked.rows)
        rows = np.flatnonzero(owed | ((weight > 0.0) & asked.loads_matter & reach.any(axis=1)))
        idle = weight[rows] == 0.0
        key = np.column_stack([np.packbits(reach[rows], axis=1), owed[rows], idle])
        if alone:
            key = np.arange(len(rows))[:, None]
        if not len(rows):
            return cls(reach[:0], weight[:0], _NONE, owed[:0])
        _, first, member = np.unique(key, axis=0, return_index=True, return_inverse=True)
        load = np.zeros(len(first))
        np.add.at(load, member.ravel(), weight[rows])
        count = np.bincount(member.ravel(), minlength=len(first))
        return cls(reach[rows[first]], load, count, owed[rows[first]])
