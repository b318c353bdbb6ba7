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
    alive = ~problem.excluded
    if not alive.any():
        zh, en = "所有单元均已排除", f"all {problem.units} units are excluded"
        return Obstacle(Conflict((Sentence(zh, en),), (_ALLOW,)))
    model = problem.model()
    piece = pieces(model, alive)
    areas = np.bincount(piece[alive], weights=problem.areas_m2[alive])
    must = np.flatnonzero(problem.must)
    if must.size:
        homes = np.unique(piece[must])
        if homes.size > 1:
            return Obstacle(Conflict((_apart(must, piece),), (_LINK,)))
        areas = np.where(np.arange(len(areas)) == homes[0], areas, -1.0)
    best = int(np.argmax(areas))
    if areas[best] < problem.min_m2 * (1.0 - 1e-9):
        return _too_small(problem, piece == best, bool(must.size))
    return _too_wide(problem, model, must, watch) if must.size else None


_ALLOW = Sentence("从 must_exclude 中去掉部分单元", "take units out of must_exclude")
_LINK = Sentence(
    "加入跨越障碍的相邻关系（如桥梁），或从 must_exclude 中去掉隔开它们的单元，"
    "或只保留其中一片的必选单元",
    "add an edge across the barrier (a bridge), take the units that part them out of "
    "must_exclude, or keep the units of one piece only",
)


def _apart(must: Ints, piece: Ints) -> Sentence:
    groups = [must[piece[must] == home] for home in np.unique(piece[must])]
    shown = [", ".join(map(str, group[:_NAMED])) for group in groups[:_NAMED]]
    return Sentence(
        f"必选单元位于互不连通的 {len(groups)} 片：{' | '.join(shown)}",
        f"the units that must be in lie in {len(groups)} pieces that nothing joins: "
        f"{' | '.join(shown)}",
    )


def _too_small(problem: ZoneProblem, mask: Mask, with_must: bool) -> Obstacle:
    area, count = problem.area_of(mask), int(mask.sum())
    which_zh = "含必选单元的连片" if with_must else "最大的连片"
    which = "the piece with the units that must be in" if with_must else "the largest piece"
    demand = Sentence(
        f"要求至少 {problem.min_m2:,.10g} 平方米，而{which_zh}（{count} 个单元，"
        f"自单元 {int(np.flatnonzero(mask)[0])} 起）只有 {area:,.10g} 平方米",
        f"at least {problem.min_m2:,.10g} m² are asked for, and {which} ({count} units, from unit "
        f"{int(np.flatnonzero(mask)[0])} on) has only {area:,.10g} m²",
    )
    least = Sentence(f"将 min_m2 降至 {area:,.10g} 平方米", f"lower min_m2 to {area:,.10g} m²")
    nearest = NearestZone(tuple(np.flatnonzero(mask).tolist()), area, proven=True)
    return Obstacle(Conflict((demand,), (least, _ALLOW)), nearest)


def _too_wide(problem: ZoneProblem, model: ZoneModel, must: Ints, watch: Watch) -> Obstacle | None:
    """Whether what must be in can be joined within the largest area."""
    most = problem.max_m2 * (1.0 + 1e-9)
    alone = problem.area_of(problem.must)
    quick = joined(model, must, model.alive, model.area)
    if alone <= most and quick is not None and problem.area_of(quick) <= most:
        return None
    whole = problem.area_of(model.alive)
    outcome = _searched(model, -model.area, float(model.area.min()), whole, watch)
    if not math.isfinite(outcome.best.worth) or -outcome.bound <= most:
        return None
    area = -outcome.best.worth
    proven_zh, proven = (
        ("", "") if outcome.proven else ("（尚未证明为最小）", " (not proven least)")
    )
    demand = Sentence(
        f"最多允许 {problem.max_m2:,.10g} 平方米，而连通 {len(must)} 个必选单元至少需要 "
        f"{-outcome.bound:,.10g} 平方米",
        f"at most {problem.max_m2:,.10g} m² are allowed, and joining the {len(must)} units that "
        f"must be in takes at least {-outcome.bound:,.10g} m²",
    )
    least = Sentence(
        f"将 max_m2 提高到 {area:,.10g} 平方米{proven_zh}",
        f"raise max_m2 to {area:,.10g} m²{proven}",
    )
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
    offers = []
    relaxations = []
    if math.isfinite(below.best.worth):
        area = problem.area_of(below.best.mask)
        offers.append((problem.min_m2 - area, below, area))
        relaxations.append(_moved("min_m2", "降至", "lower", area, below))
    if math.isfinite(above.best.worth):
        area = problem.area_of(above.best.mask)
        offers.append((area - problem.max_m2, above, area))
        relaxations.append(_moved("max_m2", "提高到", "raise", area, above))
    demand = Sentence(
        f"没有一个符合其他条件的连片面积在 {problem.min_m2:,.10g} 至 {problem.max_m2:,.10g} "
        "平方米之间",
        f"no contiguous set that keeps the other conditions has an area from "
        f"{problem.min_m2:,.10g} to {problem.max_m2:,.10g} m²",
    )
    conflict = Conflict((demand,), tuple(relaxations))
    if not offers:
        return Obstacle(conflict)
    _, nearest, area = min(offers, key=lambda offer: offer[0])
    members = tuple(np.flatnonzero(nearest.best.mask).tolist())
    proven = below.proven and above.proven
    return Obstacle(conflict, NearestZone(members, area, proven=proven))


def _moved(name: str, zh: str, en: str, area: float, outcome: Outcome) -> Sentence:
    proven_zh, proven = (
        ("", "") if outcome.proven else ("（尚未证明为最近）", " (not proven nearest)")
    )
    return Sentence(
        f"将 {name} {zh} {area:,.10g} 平方米{proven_zh}", f"{en} {name} to {area:,.10g} m²{proven}"
    )


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
