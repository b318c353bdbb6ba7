"""Tiers of facilities from a scenario: located together, each at the scenario's candidates."""

from __future__ import annotations

import numpy as np

from geo.arrays import Floats
from geo.criteria import distances_m
from geo.hubs.places import Places
from geo.hubs.sites import groups_of, tier_keywords
from geo.location import LocationProblem, LocationSolution, Watch, build_problem
from geo.location.solution import Proof, chosen_solution, no_solution
from geo.location.tiers.hierarchy import Tier, TieredSolution, solve_tiers
from geo.scenario import LocationScenario, Reading


def locate_tiers(
    scenario: LocationScenario,
    reading: Reading,
    places: Places,
    *,
    lowest: Floats,
    between: Floats,
    weight: Floats,
    watch: Watch,
) -> TieredSolution:
    """Locate all tiers of a reading together.

    `lowest` (n, m) are the ways from demand to candidates, `between` (m, m) those between
    candidates, `weight` (n,) the demand. Each tier may stand at any candidate of the scenario that
    its filter keeps; with `nested` only where one of the tier below stands.
    """
    tiers = [
        Tier(
            name=tier.title,
            p_facilities=reading.tier_counts[tier.id].p_facilities,
            cost_matrix=between if level else lowest,
            leg_factor=tier.leg_factor,
            sites=tier_keywords(scenario, tier, reading, places),
        )
        for level, tier in enumerate(scenario.tiers)
    ]
    return solve_tiers(
        tiers,
        demand_weight=weight,
        nested=scenario.nested,
        time_limit_s=watch.time_limit_s,
        report=watch.report,
    )


def lowest_tier(problem: LocationProblem, found: TieredSolution) -> LocationSolution:
    """The plan of the lowest tier, which serves the demand, under the proof of all tiers jointly.

    `problem` asks for the lowest tier alone. The objective and bound are those of all tiers.
    """
    proof = Proof(
        found.status, found.bound, found.seconds, found.solver, found.nodes, found.root_gap
    )
    if not found.tiers:
        return no_solution(problem, proof, found.conflict)
    plan = found.tiers[0]
    return chosen_solution(
        problem, plan.facilities, plan.assignment, found.objective, proof, flows=plan.flows
    )


def lowest_problem(
    scenario: LocationScenario, reading: Reading, places: Places, lowest: Floats, weight: Floats
) -> LocationProblem:
    """The question of the lowest tier alone."""
    tier = scenario.tiers[0]
    return build_problem(
        lowest,
        p_facilities=reading.tier_counts[tier.id].p_facilities,
        demand_weight=weight,
        **tier_keywords(scenario, tier, reading, places),
    )


def between_m(scenario: LocationScenario, reading: Reading, places: Places) -> Floats:
    """Ways between candidates in m with circuity, `inf` where service is ruled out: (m, m)."""
    ways = distances_m(places.candidates, places.candidates)[0] * scenario.circuity
    if not reading.own_district_only:
        return ways
    groups = groups_of(scenario, places.candidates).to_numpy()
    return np.where(groups[:, None] == groups[None, :], ways, np.inf)
