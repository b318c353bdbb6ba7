"""Large grids: coarse blocks first, then units at the edge of what the blocks gave."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints, Mask
from geo.delineation.ceilings import bound_of_units
from geo.delineation.faults import require_no_faults
from geo.delineation.neighbours import Neighbours
from geo.delineation.obstacles import obstacle
from geo.delineation.problem import Objective, ZoneKeywords, ZoneProblem, build_zone_problem
from geo.delineation.solution import ZoneSolution, no_zone, zone_solution
from geo.delineation.starts import Plan
from geo.delineation.zone import solve_zone_problem, solver, watch_of
from geo.errors import Fault
from geo.location.solution import Proof, Status
from geo.location.watch import Report, Watch
from geo.sentence import Sentence

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Coarsening:
    """What was made smaller, and what that leaves unproven.

    Of `units`, the coarse question had `coarse_units`; the last refinement decided on `edge_units`
    within `band` steps of the edge, `rounds` times in all. `proven_coarse` and `proven_edge`: each
    was solved to the end. What is left out is told in `sentence`.
    """

    units: int
    coarse_units: int
    edge_units: int
    band: int
    rounds: int
    proven_coarse: bool
    proven_edge: bool

    @property
    def sentence(self) -> Sentence:
        """The coarsening in words."""
        return Sentence(
            f"{self.units:,} 个单元先合并为 {self.coarse_units:,} 个粗块求解，再在边缘 {self.band} "
            f"步以内的 {self.edge_units:,} 个单元上细化 {self.rounds} 次；"
            "上界不考虑连片，对全部单元成立",
            f"{self.units:,} units were solved as {self.coarse_units:,} coarse blocks, then "
            f"refined {self.rounds} time(s) on the {self.edge_units:,} units within {self.band} "
            "steps of the edge; the bound leaves contiguity aside and holds for all units",
        )


@dataclass(frozen=True, slots=True)
class RefinedZone:
    """A zone of fine units found by way of coarse ones, and how the question was reduced.

    `zone` is "feasible" unless its bound is met: contiguous and within the limits, but the proofs
    behind it are of the coarse question and of the edge. Its bound is that of all units without
    contiguity.
    """

    zone: ZoneSolution
    coarsening: Coarsening


def solve_zone_refined(
    values: ArrayLike,
    areas_m2: ArrayLike,
    adjacency: Any,
    *,
    blocks: ArrayLike,
    min_m2: float,
    max_m2: float,
    band: int = 2,
    objective: Objective = "total",
    threshold: float = 0.0,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **said: Unpack[ZoneKeywords],
) -> RefinedZone:
    """Find a good contiguous zone on a grid too large to be solved as it is.

    `blocks` (n,) gives each unit its coarse block (8 × 8 cells, a street block); a block whose
    units that may be in are not connected counts as several. The coarse question is solved as
    `solve_zone` would, then the units within `band` steps of the edge of its zone (1 or more) are
    decided anew, what lies deeper being in and what lies farther being out, until the edge stays or
    8 rounds are over. Half the time limit is for the coarse question.

    All else as for `solve_zone`, but for holes, which may not be forbidden here. Where no blocks
    meet the limits, which proves nothing of the units, the status is "time_limit" with no members.
    Raises `ZoneError` for bad input.
    """
    problem = build_zone_problem(
        values,
        areas_m2,
        adjacency,
        min_m2=min_m2,
        max_m2=max_m2,
        objective=objective,
        threshold=threshold,
        **said,
    )
    block = _checked_blocks(blocks, problem, band)
    watch = watch_of(time_limit_s, report)
    why = obstacle(problem, watch)
    if why is not None:
        proof = Proof("infeasible", math.nan, watch.seconds, solver())
        none = Coarsening(problem.units, 0, 0, band, 0, proven_coarse=False, proven_edge=False)
        return RefinedZone(no_zone(proof, why.conflict, why.nearest), none)
    piece = _pieces(problem, block)
    coarse = _merged(problem, piece)
    half = watch.part()
    if half.time_limit_s is not None:
        half.time_limit_s /= 2.0
    found = solve_zone_problem(coarse, half)
    bound = bound_without_contiguity(problem)
    coarsening = Coarsening(
        problem.units, coarse.units, 0, band, 0, found.status == "optimal", proven_edge=False
    )
    if not found.members:
        found = replace(found, status="time_limit", bound=bound, conflict=None, nearest=None)
        return RefinedZone(found, coarsening)
    zone = np.isin(piece, found.members)
    return _refined(problem, zone, coarsening, bound, watch)


def _refined(
    problem: ZoneProblem, zone: Mask, coarsening: Coarsening, bound: float, watch: Watch
) -> RefinedZone:
    rounds, edge_units, is_proven = 0, 0, True
    best, nodes = zone, 0
    while rounds < _ROUNDS and not watch.is_over:
        edge = _edge(problem, best, coarsening.band)
        group = _grouped(problem, best, edge)
        near = _merged(problem, group, held=int(group[best & ~edge].max(initial=-1)) + 1)
        start = np.zeros(near.units, dtype=bool)
        start[np.unique(group[best & (group >= 0)])] = True
        found = solve_zone_problem(near, watch.part(), hint=Plan(start, -math.inf))
        rounds, edge_units, nodes = rounds + 1, int(edge.sum()), nodes + found.nodes
        is_proven = found.status == "optimal"
        if not found.members:
            break
        better = np.isin(group, found.members)
        if problem.objective_of(better) <= problem.objective_of(best) * (1.0 + 1e-12):
            break
        best = better
    objective = problem.objective_of(best)
    status: Status = "optimal" if objective >= bound - 1e-9 * abs(bound) else "feasible"
    by = f"coarse blocks, then the edge, by {solver()}"
    proof = Proof(status, bound, watch.seconds, by, nodes)
    told = replace(coarsening, edge_units=edge_units, rounds=rounds, proven_edge=is_proven)
    return RefinedZone(zone_solution(problem, best, proof), told)


def bound_without_contiguity(problem: ZoneProblem) -> float:
    """What no zone can beat, contiguous or not: the dearest units first, the last one in part.

    Boundary is left out but for what a unit shares with no other.
    """
    model = problem.model()
    return bound_of_units(model, model.alive, model.low, model.high)


def _checked_blocks(given: ArrayLike, problem: ZoneProblem, band: int) -> Ints:
    faults: list[Fault] = []
    units = problem.units
    if problem.hole_rule is not None:
        faults.append(
            Fault(
                None,
                "holes",
                "'forbidden'",
                '"allowed", since blocks do not show the holes in them',
                '"allowed"（粗块看不出其中的孔洞）',
            )
        )
    block = np.asarray(given)
    if block.shape != (units,) or block.dtype.kind not in "iu":
        faults.append(
            Fault(
                None,
                "blocks",
                f"of shape {block.shape}",
                f"whole numbers of the shape ({units},)",
                f"形状为 ({units},) 的整数",
            )
        )
    if band < 1:
        faults.append(Fault(None, "band", band, "a whole number of 1 or more", "不小于 1 的整数"))
    require_no_faults(faults)
    return block.astype(np.int64)


def _pieces(problem: ZoneProblem, block: Ints) -> Ints:
    """Number of the coarse unit of each unit that may be in, -1 of the others.

    Only neighbours of one block are joined, so that contiguous blocks are contiguous units.
    """
    from geo.delineation.graph_kernels import label

    near = problem.neighbours
    same = block[near.tail] == block[near.head]
    inner = Neighbours(near.tail[same], near.head[same], near.length_m[same])
    first, other, _ = inner.arcs(problem.units)
    return np.asarray(label(first, other, ~problem.excluded), dtype=np.int64)


def _edge(problem: ZoneProblem, zone: Mask, band: int) -> Mask:
    """Units that may be in, within so many steps of the edge of a zone, on both sides."""
    near = problem.neighbours
    parted = zone[near.tail] != zone[near.head]
    edge = np.zeros(problem.units, dtype=bool)
    edge[near.tail[parted]] = edge[near.head[parted]] = True
    for _ in range(band - 1):
        touching = edge[near.tail] | edge[near.head]
        edge[near.tail[touching]] = edge[near.head[touching]] = True
    return edge & ~problem.excluded


def _grouped(problem: ZoneProblem, zone: Mask, edge: Mask) -> Ints:
    """Number of each unit in the question at the edge: the inside as pieces, the far side -1."""
    from geo.delineation.graph_kernels import label

    first, other, _ = problem.neighbours.arcs(problem.units)
    inside = label(first, other, zone & ~edge)
    group = np.full(problem.units, -1, dtype=np.int64)
    count = int(inside.max(initial=-1)) + 1
    group[edge] = count + np.arange(int(edge.sum()))
    return np.where(inside >= 0, inside, group)


def _merged(problem: ZoneProblem, group: Ints, held: int = 0) -> ZoneProblem:
    """The question with units merged by number, those of -1 left out; the first `held` are in.

    What a group shares with a unit that is left out counts as boundary with no neighbour.
    """
    size = int(group.max(initial=-1)) + 1
    kept = group >= 0

    def summed(each: Floats) -> Floats:
        total = np.bincount(group[kept], weights=each[kept], minlength=size)
        return np.asarray(total, dtype=np.float64)

    area = summed(problem.areas_m2)
    near = problem.neighbours
    tail, head = group[near.tail], group[near.head]
    apart = (tail != head) & (tail >= 0) & (head >= 0)
    key = np.minimum(tail, head)[apart] * size + np.maximum(tail, head)[apart]
    pairs, place = np.unique(key, return_inverse=True)
    length = np.zeros(len(pairs))
    np.add.at(length, place, near.length_m[apart])
    outer = summed(problem.outer_m)
    for mine, theirs in ((tail, head), (head, tail)):
        alone = (mine >= 0) & (theirs < 0)
        np.add.at(outer, mine[alone], near.length_m[alone])
    must = np.zeros(size, dtype=bool)
    must[group[problem.must & kept]] = True
    must[:held] = True
    return replace(
        problem,
        values=summed(problem.values * problem.areas_m2) / area,
        areas_m2=area,
        neighbours=Neighbours(pairs // size, pairs % size, length),
        must=must,
        excluded=np.zeros(size, dtype=bool),
        outer_m=outer,
    )
