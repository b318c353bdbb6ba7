"""Whether the conditions of a location problem can be met together, and if not, why not."""

from __future__ import annotations

from collections.abc import Sequence

from geo.location.conditions import Conditions
from geo.location.conflicts.asked import Asked
from geo.location.conflicts.demands import Meeting, demands_of, smallest_core
from geo.location.conflicts.relaxations import least_relaxations
from geo.location.conflicts.words import Words
from geo.location.problem import LocationProblem
from geo.location.solution import Conflict
from geo.location.watch import Watch

_LONGEST_S = 20.0
_LOOK_S = 1.0
"""So long it may take to find that nothing is in conflict."""


def conflict_of(
    problem: LocationProblem,
    *,
    radius: float | None = None,
    serve_all: bool = False,
    names: Sequence[str] | None = None,
    known: bool = False,
    time_limit_s: float = _LONGEST_S,
) -> Conflict | None:
    """Say which conditions contradict each other; None where a choice meets them all.

    Only pairs of a cost of at most `radius` serve (inside, in the unit of the cost; None: all that
    are finite). `serve_all`: every row that an allowed candidate reaches within it must be served;
    else rows may be left out, and capacities decide nothing. `names` (m,) are those of the
    candidates, None: their column numbers.

    What is said in one breath is one demand: one number for many groups, all fixed or forbidden
    candidates, all exclusive sets, all capacities, all least loads, service of all rows. `demands`
    are the fewest of these in conflict, each with the members that matter (`smallest_core`);
    `relaxations` the least change of each kind that mends it alone (`least_relaxations`).

    Counts alone are told without a solver. `known`: that no choice exists is proven already, so
    that time spent without an answer does not count as none; `time_limit_s` bounds the whole, after
    which the demands may not be the fewest and relaxations may be missing.
    """
    asked = Asked.of(problem, radius, serve_all)
    if not known and not _may_conflict(asked):
        return None
    look = Meeting(asked, Watch(time_limit_s if known else min(time_limit_s, _LOOK_S)))
    found = look.holds(asked.members)
    if (found and (look.is_exact or not known)) or (found is None and not known):
        return None
    meeting = Meeting(asked, Watch(time_limit_s))
    core = smallest_core(meeting, demands_of(asked))
    relaxations = least_relaxations(meeting, [demand.kind for demand in core])
    words = Words(asked, names)
    return Conflict(
        tuple(words.demand(demand) for demand in core),
        tuple(words.relaxation(one) for one in relaxations),
    )


def _may_conflict(asked: Asked) -> bool:
    """Whether more than the counts is said, or the counts contradict each other."""
    conditions = asked.problem.conditions
    more = bool(conditions.exclusive) or len(asked.rows) > 0 or asked.loads_matter
    return more or not counts_agree(conditions)


def counts_agree(conditions: Conditions) -> bool:
    """Whether total, groups, fixed and forbidden candidates can be met, all else aside."""
    least, most = conditions.ranges()
    p = conditions.p
    return bool((least <= most).all()) and (p is None or least.sum() <= p <= most.sum())
