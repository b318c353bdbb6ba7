"""Facilities in tiers: demand below the lowest, each tier served by the one above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import CostMatrixError, Fault
from geo.location.conditions import Conditions, SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.faults import require_no_faults, shortened
from geo.location.gaps import relative_gap
from geo.location.milp import solver_name
from geo.location.problem import LocationProblem, build_problem
from geo.location.solution import Conflict, Flows, Reason, Status
from geo.location.tiers.chain import Chain, closed_out
from geo.location.tiers.loads import cheapest_loaded
from geo.location.tiers.plans import Plan, cheapest_ways, loaded_in_turn
from geo.location.tiers.search import Found, cheapest, ended, least_bound, root_bound
from geo.location.tiers.starts import Failed, First, in_turn
from geo.location.watch import Report, Watch
from geo.sentence import Sentence

Method = Literal["together", "in_turn"]


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    """One tier of facilities, of which `p_facilities` are opened.

    `cost_matrix` is (units below, m): what one unit of demand weight costs on the way from a demand
    row (the lowest tier) or from a column of the tier below to each of the m candidates, `inf`
    where it cannot go; `leg_factor` multiplies it (0 or more; below 1: goods travel bundled).
    `sites` says all else of the candidates (`SiteKeywords`). `stands_at` (m,): the column of the
    tier below at whose place each candidate stands, -1 for none; None: candidate j stands at j.
    """

    name: Sentence | str
    p_facilities: int
    cost_matrix: ArrayLike
    leg_factor: float = 1.0
    sites: SiteKeywords = field(default_factory=SiteKeywords)
    stands_at: Sequence[int] | None = None

    @property
    def title(self) -> Sentence:
        """The name in both languages."""
        return Sentence(self.name, self.name) if isinstance(self.name, str) else self.name


@dataclass(frozen=True, slots=True, eq=False)
class TierPlan:
    """One tier of a plan.

    `facilities`: open columns, ascending. `assignment` is (units below,): the column that each is
    served by (its greatest share where it is split), -1 for units that are not open, not reachable,
    or send nothing in a plan with loads. `load` (demand weight) is in the order of `facilities`.
    `objective`: Σ weight × cost × leg factor of the leg to this tier, with its sites. `flows`: who
    sends to whom in which share where the tiers bear loads, else None.
    """

    name: Sentence
    facilities: tuple[int, ...]
    assignment: Ints
    load: Floats
    objective: float
    site_cost: float
    flows: Flows | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TieredSolution:
    """A plan of all tiers, the lowest first, with its proof.

    `status`, `objective`, `bound`, `gap`, `seconds`, `nodes` and `root_gap` as in
    `LocationSolution`, for all tiers jointly. `method`: whether the tiers were located together or
    in turn, and with `first`, which end came first. `unserved` rows have no way to the top
    (`reasons`). `tiers` is empty where there is no plan; `conflict` then says why, if it is known
    that there is none. Optimal means: for this model and these data.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    seconds: float
    solver: str
    method: Method
    first: First | None = None
    tiers: tuple[TierPlan, ...] = ()
    unserved: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()
    nodes: int = 0
    root_gap: float = math.nan
    conflict: Conflict | None = None


def solve_tiers(
    tiers: Sequence[Tier],
    *,
    demand_weight: ArrayLike | None = None,
    nested: bool = False,
    method: Method = "together",
    first: First = "lower",
    bounded: bool = False,
    time_limit_s: float | None = None,
    report: Report | None = None,
) -> TieredSolution:
    """Locate two or more tiers so that all demand goes up to the top at least cost.

    The cost is Σ over legs of weight × cost × leg factor, with costs and bonuses of sites; one flow
    up, single assignment (Şahin & Süral 2007, Computers & Operations Research 34). With `nested` a
    candidate is open only where the one of the tier below at its place is (`Tier.stands_at`).

    `method` "together": one search, exact unless time ends it: the path formulation in a linear
    program of openings cut by flows of each row (Benders 1962), and branch and bound. Where a tier
    has capacities or least loads the cheapest ways are tried first, then a program of flows; demand
    goes whole to the lowest tier unless its `split_demand`, above it may always be split.

    "in_turn": tier after tier, a heuristic; `first` "lower": each tier at least cost of its own leg
    for what the one below sends, "upper": the top as if all were open below, and so down. `bound`
    is then what is told at once, or with `bounded` that of all tiers jointly, from the linear
    program. What works together may fail in turn: "infeasible" is then said of the order only.

    Rows without a way to the top are `unserved` and no part of the objective; all others must be
    served. The lowest of equally cheap columns serves. `time_limit_s` and `report`: as for all
    models. Raises `CostMatrixError` naming all faults of the first tier that has any.
    """
    watch = Watch(time_limit_s, report)
    problems = _checked(tiers, demand_weight, method, first)
    stands = _checked_stands(tiers, problems, nested)
    names = [tier.title for tier in tiers]
    run = _Run(watch, names, method, first if method == "in_turn" else None)
    conflict = _counts_in_conflict(problems, stands, names)
    if conflict is not None:
        return run.without_plan("infeasible", conflict=conflict)
    chain = _chain(tiers, problems, stands)
    if method == "together":
        return run.together(chain)
    return run.in_turn(chain, first, bounded)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """One call: its stopwatch, and what its answer says of itself."""

    watch: Watch
    names: Sequence[Sentence]
    method: Method
    first: First | None

    def together(self, chain: Chain) -> TieredSolution:
        """Search all tiers at once."""
        plan: Plan | None = None
        if _is_loaded(chain):
            found, plan = cheapest_loaded(chain, self.watch)
        else:
            found = cheapest(chain, self.watch)
        if found.choice is None:
            conflict = _no_choice() if found.status == "infeasible" else None
            return self.without_plan(found.status, found.bound, found.nodes, conflict)
        return self.planned(chain, plan or cheapest_ways(chain, found.choice), found)

    def in_turn(self, chain: Chain, first: First, bounded: bool) -> TieredSolution:
        """Locate tier after tier."""
        if _is_loaded(chain):
            plan = loaded_in_turn(chain, self.watch, share_s=math.inf)
        else:
            choice = in_turn(chain, first, self.watch)
            plan = choice if isinstance(choice, Failed) else cheapest_ways(chain, choice)
        if isinstance(plan, Failed):
            if self.watch.is_over:
                return self.without_plan("time_limit", least_bound(chain))
            return self.without_plan("infeasible", conflict=_no_turn(self.names[plan.tier], first))
        cost = plan.cost(chain)
        bound = root_bound(chain, cost, self.watch) if bounded else least_bound(chain)
        return self.planned(chain, plan, ended(plan.choice, cost, bound, 0, math.nan))

    def without_plan(
        self,
        status: Status,
        bound: float = math.nan,
        nodes: int = 0,
        conflict: Conflict | None = None,
    ) -> TieredSolution:
        """Answer that there is no plan, or none yet."""
        return TieredSolution(
            status=status,
            objective=math.nan,
            bound=bound,
            gap=math.nan,
            seconds=self.watch.seconds,
            solver=solver_name(),
            method=self.method,
            first=self.first,
            nodes=nodes,
            conflict=conflict,
        )

    def planned(self, chain: Chain, plan: Plan, found: Found) -> TieredSolution:
        """Answer with a plan."""
        cost = plan.cost(chain)
        bound = min(found.bound, cost)
        unserved = np.setdiff1d(np.arange(len(chain.weight)), chain.reachable)
        return TieredSolution(
            status=found.status,
            objective=cost,
            bound=bound,
            gap=relative_gap(cost, bound),
            seconds=self.watch.seconds,
            solver=solver_name(),
            method=self.method,
            first=self.first,
            tiers=tuple(_tier_plan(chain, plan, t, name) for t, name in enumerate(self.names)),
            unserved=tuple(unserved.tolist()),
            reasons=tuple("unreachable" for _ in unserved),
            nodes=found.nodes,
            root_gap=relative_gap(cost, min(found.root_bound, cost)),
        )


def _tier_plan(chain: Chain, plan: Plan, tier: int, name: Sentence) -> TierPlan:
    flows, chosen = plan.sent[tier], plan.choice[tier]
    assignment = np.full(chain.legs[tier].shape[0], -1, dtype=np.int64)
    order = np.argsort(flows.share, kind="stable")
    assignment[flows.row[order]] = flows.column[order]
    sites = chain.conditions[tier].site_total(chosen)
    return TierPlan(
        name=name,
        facilities=tuple(chosen.tolist()),
        assignment=assignment,
        load=plan.load(chain, tier)[chosen],
        objective=plan.leg_cost(chain, tier) + sites,
        site_cost=sites,
        flows=flows if _is_loaded(chain) else None,
    )


def _is_loaded(chain: Chain) -> bool:
    return any(held.is_loaded for held in chain.conditions)


def _checked(
    tiers: Sequence[Tier], demand_weight: ArrayLike | None, method: Method, first: First
) -> list[LocationProblem]:
    """Every tier as a checked problem of its own."""
    faults = (
        [] if len(tiers) > 1 else [_fault("tiers", len(tiers), "two tiers or more", "至少两级")]
    )
    for field_, value, known in (
        ("method", method, ("together", "in_turn")),
        ("first", first, ("lower", "upper")),
    ):
        if value not in known:
            faults.append(_fault(field_, value, " or ".join(known), "或".join(known)))
    require_no_faults(faults)
    problems: list[LocationProblem] = []
    for tier in tiers:
        below = problems[-1].conditions.size if problems else None
        problems.append(_checked_tier(tier, below, None if problems else demand_weight))
    if method == "in_turn" and first == "upper" and any(p.conditions.is_loaded for p in problems):
        expected = "lower, since capacities or least loads are given"
        require_no_faults([_fault("first", first, expected, "lower（给出了容量或最低负荷）")])
    return problems


def _checked_tier(
    tier: Tier, below: int | None, demand_weight: ArrayLike | None
) -> LocationProblem:
    title = tier.title
    try:
        problem = build_problem(
            tier.cost_matrix,
            p_facilities=tier.p_facilities,
            counted=True,
            demand_weight=demand_weight,
            **tier.sites,
        )
        faults = []
        rows = len(problem.cost)
        if below is not None and rows != below:
            en, zh = f"as many as candidates below, {below}", f"与下一级候选点数相同，即 {below}"
            faults.append(_fault("rows of cost_matrix", rows, en, zh))
        if not (tier.leg_factor >= 0.0 and math.isfinite(tier.leg_factor)):
            faults.append(
                _fault("leg_factor", tier.leg_factor, "a number of 0 or more", "不小于 0 的数")
            )
        require_no_faults(faults)
    except CostMatrixError as error:
        en, zh = f"{title.en}: {error.of('en')}", f"{title.zh}：{error.of('zh')}"
        raise CostMatrixError(en, zh, error.faults) from error
    return problem


def _checked_stands(
    tiers: Sequence[Tier], problems: Sequence[LocationProblem], nested: bool
) -> list[Ints | None]:
    """The column below at whose place each column stands, where tiers are nested."""
    stands: list[Ints | None] = [None]
    faults: list[Fault] = []
    for t in range(1, len(tiers)):
        below, own = problems[t - 1].conditions.size, problems[t].conditions.size
        given = tiers[t].stands_at
        if not nested:
            stands.append(None)
        elif given is None:
            if below != own:
                en = f"given for the {own} candidates of {tiers[t].title.en}"
                zh = f"为 {tiers[t].title.zh} 的 {own} 个候选点给出"
                faults.append(_fault("stands_at", None, en, zh))
            stands.append(np.arange(own))
        else:
            places = np.asarray(given)
            whole = places.shape == (own,) and np.issubdtype(places.dtype, np.integer)
            if not whole or (places < -1).any() or (places >= below).any():
                en = f"{own} columns of the tier below, from 0 to {below - 1}, or -1"
                zh = f"下一级的 {own} 个列号（0 至 {below - 1}），或 -1"
                faults.append(_fault("stands_at", shortened(given), en, zh))
            stands.append(places)
    require_no_faults(faults)
    return stands


def _fault(field_: str, value: object, en: str, zh: str) -> Fault:
    return Fault(None, field_, value, en, zh)


def _chain(
    tiers: Sequence[Tier], problems: Sequence[LocationProblem], stands: Sequence[Ints | None]
) -> Chain:
    """The chain that is searched; a candidate above one that may not be open may not be either."""
    held: list[Conditions] = []
    for problem, places in zip(problems, stands, strict=True):
        own = problem.conditions if not held else replace(problem.conditions, split=True)
        if places is not None:
            able = np.isin(places, [-1, *held[-1].allowed.tolist()])
            own = replace(own, forbidden=own.forbidden | ~able)
        held.append(own)
    legs = [
        p.cost * tier.leg_factor if tier.leg_factor else np.where(np.isfinite(p.cost), 0.0, p.cost)
        for p, tier in zip(problems, tiers, strict=True)
    ]
    return Chain(closed_out(legs, held), problems[0].demand_weight, tuple(held), tuple(stands))


def _counts_in_conflict(
    problems: Sequence[LocationProblem], stands: Sequence[Ints | None], names: Sequence[Sentence]
) -> Conflict | None:
    """A tier whose own conditions contradict each other, or too many above too few."""
    total = float(problems[0].demand_weight.sum())
    for problem, name in zip(problems, names, strict=True):
        alone = LocationProblem(
            np.zeros((1, problem.conditions.size)),
            np.array([total]),
            replace(problem.conditions, split=True),
        )
        found = conflict_of(alone, serve_all=problem.conditions.is_loaded)
        if found is not None:
            return Conflict(
                tuple(_of(name, one) for one in found.demands),
                tuple(_of(name, one) for one in found.relaxations),
            )
    for t, places in enumerate(stands):
        low, high = problems[t - 1].conditions.p, problems[t].conditions.p
        if places is not None and (places >= 0).all() and (high or 0) > (low or 0):
            return _too_many_above(names[t - 1 : t + 1], low or 0, high or 0)
    return None


def _of(name: Sentence, said: Sentence) -> Sentence:
    return Sentence(f"{name.zh}：{said.zh}", f"{name.en}: {said.en}")


def _too_many_above(names: Sequence[Sentence], low: int, high: int) -> Conflict:
    below, above = names
    return Conflict(
        (
            Sentence(f"{below.zh}总数为 {low} 处", f"{below.en}: {low} in total"),
            Sentence(f"{above.zh}总数为 {high} 处", f"{above.en}: {high} in total"),
            Sentence(
                f"{above.zh}只能设在{below.zh}所在之处",
                f"{above.en} stand only where {below.en} stand",
            ),
        ),
        (
            Sentence(f"把{below.zh}增至 {high} 处", f"raise {below.en} to {high}"),
            Sentence(f"把{above.zh}减至 {low} 处", f"lower {above.en} to {low}"),
            Sentence("不要求上级设在下级所在之处", "do not nest the tiers"),
        ),
    )


def _no_choice() -> Conflict:
    return Conflict(
        (
            Sentence(
                "各级的条件单独都能满足，但没有一组选择能让全部可达需求逐级送到顶级",
                "each tier's conditions can be met alone, but no choice of all tiers lets all "
                "demand that has a way go up to the top",
            ),
        )
    )


def _no_turn(name: Sentence, first: First) -> Conflict:
    order = (
        Sentence("由下而上", "from below")
        if first == "lower"
        else Sentence("由上而下", "from above")
    )
    return Conflict(
        (
            Sentence(
                f"{order.zh}逐级选址时，{name.zh}已无可行的位置",
                f"located in turn {order.en}, {name.en} finds no place any more",
            ),
        ),
        (Sentence("各级一并选址", "locate the tiers together"),),
    )
