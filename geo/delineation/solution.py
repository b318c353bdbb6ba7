"""What a zone question answers: the zone, and its proof."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.arrays import Mask
from geo.delineation.problem import ZoneProblem
from geo.location.gaps import relative_gap
from geo.location.solution import Conflict, Proof, Status


@dataclass(frozen=True, slots=True)
class NearestZone:
    """What comes nearest to an area that cannot be had: contiguous, with every other condition.

    `proven`: nothing comes nearer; else nothing nearer was found in time.
    """

    members: tuple[int, ...]
    area_m2: float
    proven: bool


@dataclass(frozen=True, slots=True)
class ZoneSolution:
    """A contiguous zone with its proof.

    `status`: "optimal" (proven), "feasible" (the time limit or a cancel came before the proof),
    "infeasible" (no zone meets the conditions: `conflict` says why, `nearest` what comes nearest in
    area, None where nothing connects what must be in), "time_limit" (the limit came before any
    zone was found). `objective` is Σ (value − threshold) · area_m2, or Σ value · area_m2 by
    Σ area_m2, less the priced boundary; NaN without a zone. No zone is better than `bound`; `gap`
    is how far the objective is from it as a share of |objective|, 0 where both are equal.

    `members` are units, ascending. `mean_value` is the mean of their values by area, `boundary_m`
    the length of the zone's boundary as far as lengths were given. `grown` is the objective of the
    best zone that greedy growth from any unit comes to (NaN where it comes to none): what the
    search adds is `objective` − `grown`. With a time limit growth takes a quarter of it at most,
    the likeliest units first. `seconds` is the run time, `nodes` the parts of the search looked at,
    `root_gap` the gap of the first relaxation before any branching (NaN where there was none to
    tell).

    Optimal means: for this model and these data.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    members: tuple[int, ...]
    seconds: float
    solver: str
    area_m2: float = 0.0
    mean_value: float = math.nan
    boundary_m: float = 0.0
    grown: float = math.nan
    nodes: int = 0
    root_gap: float = math.nan
    conflict: Conflict | None = None
    nearest: NearestZone | None = None


def zone_solution(
    problem: ZoneProblem, mask: Mask, proof: Proof, *, grown: float = math.nan
) -> ZoneSolution:
    """The answer of a zone: measured anew from the problem, not taken from the search."""
    objective = problem.objective_of(mask)
    area_m2 = problem.area_of(mask)
    value = math.fsum(problem.values[mask] * problem.areas_m2[mask])
    bound = objective if proof.status == "optimal" else max(proof.bound, objective)
    return ZoneSolution(
        status=proof.status,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        members=tuple(np.flatnonzero(mask).tolist()),
        seconds=proof.seconds,
        solver=proof.solver,
        area_m2=area_m2,
        mean_value=value / area_m2,
        boundary_m=problem.boundary_of(mask),
        grown=grown,
        nodes=proof.nodes,
        root_gap=proof.root_gap,
    )


def no_zone(
    proof: Proof, conflict: Conflict | None = None, nearest: NearestZone | None = None
) -> ZoneSolution:
    """Answer without a zone: infeasible with its reason, or out of time without one."""
    return ZoneSolution(
        status=proof.status,
        objective=math.nan,
        bound=proof.bound,
        gap=math.nan,
        members=(),
        seconds=proof.seconds,
        solver=proof.solver,
        nodes=proof.nodes,
        conflict=conflict,
        nearest=nearest,
    )
