"""Where facilities go: location models with their proof, on cost matrices."""

from __future__ import annotations

from geo.location.blocks import Block, decomposes
from geo.location.cells import Solve
from geo.location.choices.fronts import (
    Front,
    FrontPoint,
    cost_coverage_front,
    coverage_front,
    mean_worst_front,
)
from geo.location.choices.k_best import RankedPlans, k_best_plans
from geo.location.choices.prices import ConditionPrice, ConditionPrices, condition_prices
from geo.location.choices.regret import Future, FutureOutcome, Regret, minimax_regret, solve_regret
from geo.location.choices.selection import Selection, WarmMedian, selection_acceptability
from geo.location.conditions import Conditions, SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.covers.backup_coverage import solve_backup_coverage
from geo.location.covers.lscp import solve_lscp
from geo.location.covers.mclp import solve_mclp
from geo.location.covers.p_center import solve_p_center
from geo.location.gaps import relative_gap
from geo.location.loads.facility_location import solve_facility_location
from geo.location.median.p_median import solve_p_median
from geo.location.problem import LocationProblem, build_problem
from geo.location.solution import Conflict, Flows, LocationSolution, Status
from geo.location.sparse_costs import SparseCosts
from geo.location.tiers.hierarchy import Tier, TieredSolution, TierPlan, solve_tiers
from geo.location.watch import Progress, Report, Watch

__all__ = [
    "Block",
    "ConditionPrice",
    "ConditionPrices",
    "Conditions",
    "Conflict",
    "Flows",
    "Front",
    "FrontPoint",
    "Future",
    "FutureOutcome",
    "LocationProblem",
    "LocationSolution",
    "Progress",
    "RankedPlans",
    "Regret",
    "Report",
    "Selection",
    "SiteKeywords",
    "Solve",
    "SparseCosts",
    "Status",
    "Tier",
    "TierPlan",
    "TieredSolution",
    "WarmMedian",
    "Watch",
    "build_problem",
    "condition_prices",
    "conflict_of",
    "cost_coverage_front",
    "coverage_front",
    "decomposes",
    "k_best_plans",
    "mean_worst_front",
    "minimax_regret",
    "relative_gap",
    "selection_acceptability",
    "solve_backup_coverage",
    "solve_facility_location",
    "solve_lscp",
    "solve_mclp",
    "solve_p_center",
    "solve_p_median",
    "solve_regret",
    "solve_tiers",
]
