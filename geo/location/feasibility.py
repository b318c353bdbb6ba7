"""Whether the counts of a location problem can be met together, told without a solver."""

from __future__ import annotations

import numpy as np

from geo.location.problem import Ints, LocationProblem
from geo.sentence import Sentence


def group_ranges(problem: LocationProblem) -> tuple[Ints, Ints]:
    """Least and most open facilities of each group, given its bounds, fixed ones and candidates."""
    groups = len(problem.group_names)
    fixed = np.bincount(problem.group[list(problem.fixed)], minlength=groups)
    able = np.bincount(problem.group[problem.allowed], minlength=groups)
    return np.maximum(problem.group_min, fixed), np.minimum(problem.group_max, able)


def conflict_of(problem: LocationProblem) -> Sentence | None:
    """Say which counts contradict each other; None where a choice meets them all.

    Exact for the counts: whether the choice also reaches every demand point is for the solver.
    """
    least, most = group_ranges(problem)
    found = [
        Sentence(
            f"{problem.group_names[g]} 至少须设 {least[g]} 处，但最多只能设 {most[g]} 处",
            f"{problem.group_names[g]} needs at least {least[g]} but can have at most {most[g]}",
        )
        for g in np.flatnonzero(least > most)
    ]
    if not found:
        found = _totals(problem.p, int(least.sum()), int(most.sum()))
    if not found:
        return None
    return Sentence("；".join(s.zh for s in found), "; ".join(s.en for s in found))


def _totals(p: int, least: int, most: int) -> list[Sentence]:
    if least > p:
        return [
            Sentence(
                f"总数为 {p} 处，而必设点与各组下限合计 {least} 处",
                f"{p} in total, but fixed facilities and group minima add up to {least}",
            )
        ]
    if most < p:
        return [
            Sentence(
                f"总数为 {p} 处，而可选点与各组上限合计只有 {most} 处",
                f"{p} in total, but candidates and group maxima allow only {most}",
            )
        ]
    return []
