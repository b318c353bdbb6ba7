"""The smallest set of demands that cannot be met together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

import numpy as np

from geo.location.conflicts.asked import Asked, Kind, Member
from geo.location.conflicts.elastic import Elastic, Loosening
from geo.location.milp import INFINITY, Milp, SparseRows, solve_milp
from geo.location.watch import Watch

_PAIRS = 20_000
"""With more pairs whole demand is looked at in shares."""
_SWAPS = 400
"""So many looks at most go into whether a like condition could stand in the place of another."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is said in one breath: one number for many groups, all fixed facilities, all sets.

    `value`: the number said of each member where there is one, else 0.
    """

    kind: Kind
    value: int
    members: tuple[Member, ...]


@dataclass(eq=False)
class Meeting:
    """Tells whether conditions of a question can be met together, in shares first, then whole.

    With many pairs whole demand is looked at in shares only (`is_exact` is False then): what
    cannot be met so cannot be met whole either.
    """

    asked: Asked
    watch: Watch

    @cached_property
    def in_shares(self) -> Elastic:
        """Demand may be split."""
        return Elastic.of(self.asked)

    @cached_property
    def whole(self) -> Elastic | None:
        """Demand may not be split, where it matters and the pairs are few."""
        return Elastic.of(self.asked, whole=True) if self._is_whole and self._is_small else None

    @property
    def is_exact(self) -> bool:
        """Whether what can be met in the programs can be met."""
        return self._is_small or not self._is_whole

    def holds(self, kept: Iterable[Member]) -> bool | None:
        """Whether a choice meets the conditions kept; None where time did not tell."""
        loose = set(self.asked.members).difference(kept)
        found = self.in_shares.check(loose, self.watch)
        if found is False or self.whole is None:
            return found
        return self.whole.check(loose, self.watch)

    def fails(self, kept: Iterable[Member]) -> bool:
        """Whether it is proven that no choice meets the conditions kept."""
        return self.holds(kept) is False

    def least(self, kinds: Iterable[Kind]) -> Loosening | None:
        """The least loosening of all conditions of those kinds that lets all be met."""
        among = set(kinds)
        loose = [member for member in self.asked.members if member.kind in among]
        return (self.whole or self.in_shares).least(loose, self.watch)

    @property
    def _is_whole(self) -> bool:
        return self.asked.loads_matter and not self.asked.problem.conditions.split

    @property
    def _is_small(self) -> bool:
        return int(self.asked.reach.sum()) <= _PAIRS


def demands_of(asked: Asked) -> tuple[Demand, ...]:
    """What was said, each thing once."""
    held = asked.problem.conditions
    bound = {"least": held.group_min, "most": held.group_max}
    found: dict[tuple[Kind, int], list[Member]] = {}
    for member in asked.members:
        value = int(bound[member.kind][member.place]) if member.kind in bound else 0
        found.setdefault((member.kind, value), []).append(member)
    return tuple(Demand(kind, value, tuple(some)) for (kind, value), some in found.items())


def smallest_core(meeting: Meeting, demands: Sequence[Demand]) -> tuple[Demand, ...]:
    """Fewest demands that cannot be met together, each with the members that matter.

    Exact by implicit hitting sets (Ignatiev, Previti, Liffiton & Marques-Silva 2015): a smallest
    set that meets every known correction is either in conflict, or shows a new correction. Where
    time does not tell, the answer holds but may not be the smallest.
    """
    corrections: list[tuple[int, ...]] = []
    while True:
        core = _smallest_hitting(len(demands), corrections)
        if len(core) == len(demands) or meeting.fails(_members(demands, core)):
            return _with_what_matters(meeting, [demands[k] for k in core])
        kept = list(core)
        for k in range(len(demands)):
            if k not in kept and meeting.holds(_members(demands, [*kept, k])):
                kept.append(k)
        corrections.append(tuple(k for k in range(len(demands)) if k not in kept))
        if not corrections[-1]:
            return _with_what_matters(meeting, list(demands))


def _members(demands: Sequence[Demand], chosen: Iterable[int]) -> list[Member]:
    return [member for k in chosen for member in demands[k].members]


def _smallest_hitting(size: int, sets: Sequence[tuple[int, ...]]) -> list[int]:
    """Fewest numbers below `size` of which every set holds one; the lowest of the last found."""
    if not sets:
        return []
    row = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    column = np.concatenate([np.array(one, dtype=np.int64) for one in sets])
    rows = SparseRows(
        row, column, np.ones(len(row)), np.ones(len(sets)), np.full(len(sets), INFINITY)
    )
    model = Milp(np.ones(size), 0.0, np.zeros(size), np.ones(size), rows, size)
    values = solve_milp(model, watch=Watch()).values
    assert values is not None, "every correction holds a demand"
    return np.flatnonzero(values > 0.5).tolist()


def _with_what_matters(meeting: Meeting, core: list[Demand]) -> tuple[Demand, ...]:
    """Take away members without which the demands still conflict; keep like ones together."""
    every = [member for demand in core for member in demand.members]
    needed = _irreducible(meeting, [], False, every) if meeting.fails(every) else every
    alike = _alike(meeting, core, needed)
    kept = set(needed) | alike
    shown = [tuple(m for m in demand.members if m in kept) for demand in core]
    return tuple(
        Demand(demand.kind, demand.value, some)
        for demand, some in zip(core, shown, strict=True)
        if some
    )


def _irreducible(
    meeting: Meeting, background: list[Member], grown: bool, among: list[Member]
) -> list[Member]:
    """Members that conflict with the background, none of which can go: QuickXplain (Junker 2004).

    `grown`: the background has new members, which may conflict by themselves.
    """
    if grown and meeting.fails(background):
        return []
    if len(among) == 1:
        return among
    half = len(among) // 2
    first, second = among[:half], among[half:]
    late = _irreducible(meeting, [*background, *first], True, second)
    early = _irreducible(meeting, [*background, *late], bool(late), first)
    return early + late


def _alike(meeting: Meeting, core: list[Demand], needed: list[Member]) -> set[Member]:
    """Members that could stand in the place of a needed one of the same demand, which has more."""
    found: set[Member] = set()
    tries = (
        (other, one)
        for demand in core
        for mine in [[member for member in demand.members if member in needed]]
        if len(mine) > 1
        for other, one in product(demand.members, mine)
        if other not in needed
    )
    for other, one in islice(tries, _SWAPS):
        if other not in found and not meeting.watch.is_over:
            swapped = [other if member == one else member for member in needed]
            if meeting.fails(swapped):
                found.add(other)
    return found
