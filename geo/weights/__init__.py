"""Weights of criteria and the reasons for them; what is returned always sums to 1.

Stated by people: `direct`, `swing`, `rank_order_centroid`, `rank_sum`, `ahp`; read off the data:
`entropy`, `critic`; of several people: `combine_weights`, `combine_judgements`; known only within
limits: `WeightSet`.
"""

from __future__ import annotations

from geo.weights.ahp import (
    ACCEPTABLE_RATIO,
    AhpResult,
    Judgement,
    ahp,
    random_index,
    require_judgements,
)
from geo.weights.bounds import WeightSet, ordered, within
from geo.weights.objective import critic, entropy
from geo.weights.rank_order import rank_order_centroid, rank_sum
from geo.weights.shares import normalise, override
from geo.weights.stakeholders import GroupWeights, combine_judgements, combine_weights
from geo.weights.stated import direct, swing

__all__ = [
    "ACCEPTABLE_RATIO",
    "AhpResult",
    "GroupWeights",
    "Judgement",
    "WeightSet",
    "ahp",
    "combine_judgements",
    "combine_weights",
    "critic",
    "direct",
    "entropy",
    "normalise",
    "ordered",
    "override",
    "random_index",
    "rank_order_centroid",
    "rank_sum",
    "require_judgements",
    "swing",
    "within",
]
