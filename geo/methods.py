"""Ranking methods side by side on the same values and weights, and whether the choice matters.

All methods read the values in [0, 1] that the value functions give: natural units, directions and
levels are settled there, so that methods differ in how they put criteria together and in nothing
else. TOPSIS normalises these values as its `norm` says; PROMETHEE II takes a difference up to
`indifference` for nothing and one from `preference` on for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never, get_args

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.ranking import (
    METHODS,
    MOST_COMPARED,
    NORMS,
    Agreement,
    Preference,
    agreement,
    owa,
    promethee_ii,
    ranks,
    topsis,
    weighted_product,
    weighted_sum,
)
from geo.scenario import Method, RankingSpec
from geo.sentence import Sentence
from geo.value import Direction

ALL_METHODS: tuple[Method, ...] = get_args(Method)
_MONOTONE = ("weighted_sum", "weighted_product", "owa")
NEUTRAL, CAUTIOUS = 0.5, 0.3
"""Attitudes to risk: of the weighted sum, and of what stands beside it in its place (ours)."""

LEADING = 5
"""How many leading alternatives a decision is about."""


@dataclass(frozen=True, slots=True)
class Methods:
    """Scores and ranks of the same alternatives by every method, each (alternatives,).

    `agreement` compares the rankings; its `describe` says whether the choice of the method changes
    the decision. `left_out`: methods that cannot serve so many alternatives.
    """

    scores: Mapping[Method, Floats]
    ranks: Mapping[Method, NDArray[np.int64]]
    agreement: Agreement
    left_out: tuple[Method, ...] = ()


def score_by(spec: RankingSpec, values: Floats, weights: Floats) -> Floats:
    """Score of each alternative by the method of `spec`: (alternatives,), the greater the better.

    `values` (alternatives, criteria) in [0, 1], `weights` (criteria,) summing to 1. Raises as the
    methods in `geo.ranking` do.
    """
    method = spec.method
    benefits: list[Direction | int] = ["benefit"] * values.shape[1]
    match method:
        case "weighted_sum":
            return weighted_sum(values, weights)
        case "weighted_product":
            return weighted_product(values, weights)
        case "topsis":
            return topsis(values, weights, benefits, norm=spec.norm)
        case "promethee_ii":
            kind = Preference("linear", q=spec.indifference, p=spec.preference)
            return promethee_ii(values, weights, benefits, preference=kind).net
        case "owa":
            return owa(values, weights, attitude=spec.attitude)
    assert_never(method)


def is_monotone(method: Method) -> bool:
    """Whether a score depends on the alternative's own values alone and never falls with them."""
    return method in _MONOTONE


def beside(spec: RankingSpec, method: Method) -> RankingSpec:
    """Return the settings with which a method stands beside the one that ranks.

    Those of `spec`; but an ordered weighted average of a neutral attitude is the weighted sum
    itself and would agree with it by definition, so a cautious one stands there.
    """
    neutral = method == "owa" and spec.method != "owa" and spec.attitude == NEUTRAL
    changed = {"attitude": CAUTIOUS} if neutral else {}
    return spec.model_copy(update={"method": method, **changed})


def compare_methods(spec: RankingSpec, values: Floats, weights: Floats) -> Methods:
    """Rank by every method with the settings of `spec` and compare the rankings."""
    left_out: tuple[Method, ...] = ("promethee_ii",) if len(values) > MOST_COMPARED else ()
    scores = {
        method: score_by(beside(spec, method), values, weights)
        for method in ALL_METHODS
        if method not in left_out
    }
    found = {method: ranks(score) for method, score in scores.items()}
    leading = min(LEADING, max(len(values) - 1, 1))
    compared = agreement({str(method): rank for method, rank in found.items()}, size=leading)
    return Methods(scores, found, compared, left_out)


def describe_method(spec: RankingSpec) -> Sentence:
    """Say the method of `spec` with its settings."""
    name = METHODS[spec.method]
    norm = NORMS[spec.norm]
    settings = {
        "weighted_sum": Sentence("各准则的贡献相加", "the contributions add up"),
        "weighted_product": Sentence(
            "评价值的加权连乘：任一准则为 0 则总分为 0",
            "weighted values multiplied: a 0 on any criterion makes the score 0",
        ),
        "topsis": Sentence(
            f"在评价值上计算与最优、最劣的距离；{norm.zh}",
            f"distances to the best and the worst, on the values; {norm.en}",
        ),
        "promethee_ii": Sentence(
            f"两两比较评价值：相差不超过 {spec.indifference:g} 视为无差别，"
            f"达到 {spec.preference:g} 视为完全优先（门槛由本工具设定）",
            f"values compared in pairs: indifferent up to {spec.indifference:g}, fully preferred "
            f"from {spec.preference:g} on (thresholds are ours)",
        ),
        "owa": Sentence(
            f"按评价值高低加权，风险态度 {spec.attitude:g}（0 谨慎，0.5 中性，1 大胆）",
            f"weighted by order of the values, attitude to risk {spec.attitude:g} (0 cautious, "
            "0.5 neutral, 1 bold)",
        ),
    }[spec.method]
    return Sentence(f"{name.zh}：{settings.zh}", f"{name.en}: {settings.en}")
