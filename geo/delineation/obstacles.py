"""Why there is no zone, in words, and what comes nearest."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel, pieces
from geo.delineation.problem import ZoneProblem
from geo.delineation.search import Outcome, search
from geo.delineation.solution import NearestZone
from geo.delineation.starts import first_plans, joined
from geo.delineation.terms import Terms
from geo.location.solution import Conflict
from geo.location.watch import Watch
from geo.sentence import Sentence

_LONGEST_S = 20.0
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no zone meets the conditions, and the nearest that can be had."""

    conflict: Conflict
    nearest: NearestZone | None = None


def obstacle(problem: ZoneProblem, watch: Watch) -> Obstacle | None:
    """What shows without a search that there is no zone: None where nothing does.

    All units excluded; what must be in lies in several pieces, or takes more than the area; no
    piece is large enough.
    """
    alive, terms = ~problem.excluded, problem.terms
    if not alive.any():
        unit = terms.unit
        said = Sentence(f"所有{unit.zh}均已排除", f"all {problem.units:,} {unit.en} are excluded")
        return Obstacle(Conflict((said,), (terms.open_up,)))
    model = problem.model()
    piece = pieces(model, alive)
    areas = np.bincount(piece[alive], weights=problem.areas_m2[alive])
    must = np.flatnonzero(problem.must)
    if must.size:
        homes = np.unique(piece[must])
        if homes.size > 1:
            return Obstacle(Conflict((_apart(terms, must, piece),), (terms.link,)))
        areas = np.where(np.arange(len(areas)) == homes[0], areas, -1.0)
    best = int(np.argmax(areas))
    if areas[best] < problem.min_m2 * (1.0 - 1e-9):
        return _too_small(problem, piece == best, bool(must.size))
    return _too_wide(problem, model, must, watch) if must.size else None


def _apart(terms: Terms, must: Ints, piece: Ints) -> Sentence:
    groups = [must[piece[must] == home] for home in np.unique(piece[must])]
    unit, named = terms.unit, Sentence("", "")
    if terms.numbered:
        shown = [", ".join(map(str, group[:_NAMED])) for group in groups[:_NAMED]]
        named = Sentence(f"：{' | '.join(shown)}", f": {' | '.join(shown)}")
    return Sentence(
        f"必选{unit.zh}位于互不连通的 {len(groups)} 片{named.zh}",
        f"the {unit.en} that must be in lie in {len(groups)} pieces that nothing joins{named.en}",
    )


def _too_small(problem: ZoneProblem, mask: Mask, with_must: bool) -> Obstacle:
    terms, area, count = problem.terms, problem.area_of(mask), int(mask.sum())
    asked, held, unit = terms.area(problem.min_m2), terms.area(area), terms.unit
    which = Sentence("最大的连片", "the largest piece")
    if with_must:
        which = Sentence(f"含必选{unit.zh}的连片", f"the piece with the {unit.en} that must be in")
    first = int(np.flatnonzero(mask)[0])
    since = Sentence(f"，自{unit.zh} {first} 起", f", from number {first} on")
    if not terms.numbered:
        since = Sentence("", "")
    demand = Sentence(
        f"要求至少 {asked.zh}，而{which.zh}（{count:,} 个{unit.zh}{since.zh}）只有 {held.zh}",
        f"at least {asked.en} are asked for, and {which.en} ({count:,} {unit.en}{since.en}) has "
        f"only {held.en}",
    )
    least = _set(terms.least, Sentence("降至", "lower"), held)
    nearest = NearestZone(tuple(np.flatnonzero(mask).tolist()), area, proven=True)
    return Obstacle(Conflict((demand,), (least, terms.open_up)), nearest)


def _set(
    limit: Sentence, verb: Sentence, area: Sentence, doubt: Sentence | None = None
) -> Sentence:
    """A limit moved, in words."""
    doubtful = doubt or Sentence("", "")
    return Sentence(
        f"将 {limit.zh} {verb.zh} {area.zh}{doubtful.zh}",
        f"{verb.en} {limit.en} to {area.en}{doubtful.en}",
    )


def _too_wide(problem: ZoneProblem, model: ZoneModel, must: Ints, watch: Watch) -> Obstacle | None:
    """Whether what must be in can be joined within the largest area."""
    most, terms = problem.max_m2 * (1.0 + 1e-9), problem.terms
    alone = problem.area_of(problem.must)
    quick = joined(model, must, model.alive, model.area)
    if alone <= most and quick is not None and problem.area_of(quick) <= most:
        return None
    whole = problem.area_of(model.alive)
    outcome = _searched(model, -model.area, float(model.area.min()), whole, watch)
    if not math.isfinite(outcome.best.worth) or -outcome.bound <= most:
        return None
    area = -outcome.best.worth
    doubt = None if outcome.proven else Sentence("（尚未证明为最小）", " (not proven least)")
    allowed, needed, unit = terms.area(problem.max_m2), terms.area(-outcome.bound), terms.unit
    demand = Sentence(
        f"最多允许 {allowed.zh}，而连通 {len(must)} 个必选{unit.zh}至少需要 {needed.zh}",
        f"at most {allowed.en} are allowed, and joining the {len(must)} {unit.en} that must be in "
        f"takes at least {needed.en}",
    )
    least = _set(terms.most, Sentence("提高到", "raise"), terms.area(area), doubt)
    members = tuple(np.flatnonzero(outcome.best.mask).tolist())
    return Obstacle(
        Conflict((demand,), (least,)), NearestZone(members, area, proven=outcome.proven)
    )


def obstacle_of_sizes(problem: ZoneProblem, model: ZoneModel, watch: Watch) -> Obstacle:
    """What a search has proven: no connected set has an area within the limits."""
    largest = float(model.area[model.alive].sum())
    smallest = float(model.area[model.alive].min())
    below = _searched(model, model.area, smallest, model.high, watch)
    above = _searched(model, -model.area, model.low, largest, watch)
    offers, relaxations, terms = [], [], problem.terms
    if math.isfinite(below.best.worth):
        area = problem.area_of(below.best.mask)
        offers.append((problem.min_m2 - area, below, area))
        relaxations.append(_moved(terms, terms.least, Sentence("降至", "lower"), area, below))
    if math.isfinite(above.best.worth):
        area = problem.area_of(above.best.mask)
        offers.append((area - problem.max_m2, above, area))
        relaxations.append(_moved(terms, terms.most, Sentence("提高到", "raise"), area, above))
    low, high = terms.area(problem.min_m2), terms.area(problem.max_m2)
    demand = Sentence(
        f"没有一个符合其他条件的连片面积在 {low.zh}至 {high.zh}之间",
        f"no contiguous set that keeps the other conditions has an area from {low.en} to {high.en}",
    )
    conflict = Conflict((demand,), tuple(relaxations))
    if not offers:
        return Obstacle(conflict)
    _, nearest, area = min(offers, key=lambda offer: offer[0])
    members = tuple(np.flatnonzero(nearest.best.mask).tolist())
    proven = below.proven and above.proven
    return Obstacle(conflict, NearestZone(members, area, proven=proven))


def _moved(
    terms: Terms, limit: Sentence, verb: Sentence, area: float, outcome: Outcome
) -> Sentence:
    doubt = None if outcome.proven else Sentence("（尚未证明为最近）", " (not proven nearest)")
    return _set(limit, verb, terms.area(area), doubt)


def _searched(model: ZoneModel, gain: Floats, low: float, high: float, watch: Watch) -> Outcome:
    """The best zone for other gains and limits, within a time of its own."""
    none = np.zeros(0)
    other = replace(
        model,
        gain=np.where(model.alive, gain, 0.0),
        low=low,
        high=high,
        mean=False,
        length=np.zeros_like(model.length),
        outer=np.zeros_like(model.outer) if model.outer.size else none,
    )
    left = _LONGEST_S if watch.left_s is None else min(max(watch.left_s, 0.5), _LONGEST_S)
    timed = Watch(left, None, watch.clock)
    start, _ = first_plans(other, timed)
    return search(other, timed, start)
