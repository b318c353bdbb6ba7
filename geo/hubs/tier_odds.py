"""How often each candidate is chosen in each tier when demand, places and ways are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats
from geo.hubs.draws import build_draws
from geo.hubs.places import Places
from geo.hubs.tiers import between_m, locate_tiers
from geo.location import Watch
from geo.location.choices.selection import wilson_half_width
from geo.scenario import LocationScenario, Reading


@dataclass(frozen=True, slots=True, eq=False)
class TierSelection:
    """What the draws counted, tier by tier, the lowest first.

    `shares` (m,) each: share of draws in which a candidate is open, `half_widths` its sampling
    error at 95 % (Wilson 1927). `draws` were solved, `unproven` of them only to a gap; `complete`:
    as many as were asked for.
    """

    shares: tuple[Floats, ...]
    half_widths: tuple[Floats, ...]
    draws: int
    unproven: int
    complete: bool


def tier_selection(
    scenario: LocationScenario,
    reading: Reading,
    places: Places,
    lowest: Floats,
    weight: Floats,
    watch: Watch,
    *,
    draws: int,
    seed: int,
    territories: Mapping[str, BaseGeometry] | None,
) -> TierSelection:
    """Locate all tiers together in `draws` possible worlds and count which candidates they open.

    `lowest` (n, m) are the ways from demand, `inf` where service is ruled out. Equal seeds give
    equal answers. Where `watch` ends the run, the draws so far are counted.
    """
    drawn = build_draws(scenario, places, lowest, weight, territories=territories)
    generator = np.random.default_rng(seed)
    recorded = between_m(scenario, reading, places) / scenario.circuity
    counts = np.zeros((len(scenario.tiers), len(places.candidates)))
    solved = unproven = 0
    for _ in range(draws):
        demand = drawn.draw_weight(generator)
        ways, between = drawn.ways.draw_between(generator, recorded)
        if watch.is_over:
            break
        found = locate_tiers(
            scenario,
            reading,
            places,
            lowest=ways,
            between=between,
            weight=demand,
            watch=watch.part(nodes=solved),
        )
        for level, plan in enumerate(found.tiers):
            counts[level, list(plan.facilities)] += 1.0
        solved += bool(found.tiers)
        unproven += bool(found.tiers) and found.status != "optimal"
    shares = tuple(counts / max(solved, 1))
    return TierSelection(
        shares,
        tuple(wilson_half_width(share, solved) for share in shares),
        solved,
        unproven,
        solved == draws,
    )
