"""What may be asked of a hub plan beyond the plan itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubQuestions:
    """Questions beyond the plan; each costs further runs.

    `k_best`: that many best distinct plans (1: the plan alone). `fronts`: mean against worst way,
    and cost against coverage. `prices`: what each condition costs. `robust`: the plan of least
    greatest regret over the scenario's futures. `draws`: so many draws of demand, positions and
    ways, for the share in which each candidate is chosen, from `seed`.
    """

    k_best: int = 1
    fronts: bool = False
    prices: bool = False
    robust: bool = False
    draws: int | None = None
    seed: int = 0
