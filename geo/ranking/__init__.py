"""From values and weights to scores and ranks, by several methods, side by side."""

from __future__ import annotations

from geo.ranking.comparison import METHODS, Agreement, agreement
from geo.ranking.dominance import dominated, dominators
from geo.ranking.ideal_point import NORMS, Norm, topsis
from geo.ranking.outranking import MOST_COMPARED, Flows, Preference, promethee_ii
from geo.ranking.scores import (
    TIE_DECIMALS,
    contributions,
    owa,
    ranks,
    tied_with,
    weighted_product,
    weighted_sum,
)

__all__ = [
    "METHODS",
    "MOST_COMPARED",
    "NORMS",
    "TIE_DECIMALS",
    "Agreement",
    "Flows",
    "Norm",
    "Preference",
    "agreement",
    "contributions",
    "dominated",
    "dominators",
    "owa",
    "promethee_ii",
    "ranks",
    "tied_with",
    "topsis",
    "weighted_product",
    "weighted_sum",
]
