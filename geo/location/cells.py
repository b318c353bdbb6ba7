"""A part of all plans: those that open some columns for certain and others not at all.

Searches over plans (the k best, the least regret) split the plans into such parts and ask a model
for the best plan of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Ints
from geo.location.conditions import Conditions
from geo.location.problem import LocationProblem
from geo.location.solution import LocationSolution
from geo.location.watch import Watch

Solve = Callable[[LocationProblem, Watch], LocationSolution]
"""A model: the best plan of a checked problem, as far as its watch allows."""


def narrowed(conditions: Conditions, *, opened: ArrayLike, closed: ArrayLike) -> Conditions:
    """Return the same conditions with `opened` columns fixed and `closed` ones forbidden too."""
    fixed, forbidden = conditions.fixed.copy(), conditions.forbidden.copy()
    fixed[np.asarray(opened, dtype=np.int64)] = True
    forbidden[np.asarray(closed, dtype=np.int64)] = True
    return replace(conditions, fixed=fixed, forbidden=forbidden)


def is_empty(conditions: Conditions) -> bool:
    """Whether the counts alone, or what excludes each other, leave no plan."""
    least, most = conditions.ranges()
    p = conditions.p
    return bool(
        (conditions.fixed & conditions.forbidden).any()
        or (least > most).any()
        or (p is not None and not least.sum() <= p <= most.sum())
        or any(conditions.fixed[list(one)].sum() > 1 for one in conditions.exclusive)
    )


def required_rows(best: LocationSolution, serve_all: bool) -> Ints:
    """Rows that every plan must serve: those that the best plan of all serves, if any must.

    A model leaves out a row that no allowed column can serve. Where closing columns brings that
    about, the part has no plan of the whole problem.
    """
    return np.flatnonzero(best.assignment >= 0) if serve_all else np.zeros(0, dtype=np.int64)


def is_plan(found: LocationSolution, required: Ints) -> bool:
    """Whether the best plan of a part is a plan of the whole problem."""
    return found.status in ("optimal", "feasible") and not (found.assignment[required] < 0).any()
