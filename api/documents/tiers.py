"""Facilities in tiers as documents."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from api.documents.sites import site_document
from api.documents.values import Document, Namer, plain
from geo.location.tiers.hierarchy import TieredSolution, TierPlan
from geo.scenario import TierSpec
from geo.sentence import Lang, Sentence

_TOGETHER = Sentence(zh="各级一并求解", en="all tiers are located together")
_IN_TURN = {
    "lower": Sentence(
        zh="由下而上逐级求解（启发式）", en="tier after tier from below (a heuristic)"
    ),
    "upper": Sentence(
        zh="由上而下逐级求解（启发式）", en="tier after tier from the top (a heuristic)"
    ),
}


def tiers_document(
    solved: TieredSolution | None,
    specs: Sequence[TierSpec],
    candidates: pd.DataFrame,
    named: Namer,
    lang: Lang,
) -> Document | None:
    """All tiers, the lowest first, and who serves whom between them; null without a plan.

    Columns of every tier are rows of `candidates`.
    """
    if solved is None or not solved.tiers:
        return None
    above = [*solved.tiers[1:], None]
    how = _TOGETHER if solved.method == "together" else _IN_TURN[solved.first or "lower"]
    return {
        "method": solved.method,
        "sentence": how.of(lang),
        "tiers": [
            {
                "id": spec.id,
                "title": spec.title.of(lang),
                "leg_factor": spec.leg_factor,
                "objective": plain(tier.objective),
                "site_cost": tier.site_cost,
                "facilities": _facilities(tier, upper, candidates, named),
            }
            for spec, tier, upper in zip(specs, solved.tiers, above, strict=True)
        ],
    }


def _facilities(
    tier: TierPlan, upper: TierPlan | None, candidates: pd.DataFrame, named: Namer
) -> list[Document]:
    """The sites of one tier, each with the site above that serves it (null at the top)."""
    found = []
    for place, j in enumerate(tier.facilities):
        served = -1 if upper is None else int(upper.assignment[j])
        found.append(
            {
                **site_document(candidates.iloc[j], named),
                "load": float(tier.load[place]),
                "served_by": None if served < 0 else str(candidates["id"].iloc[served]),
            }
        )
    return found
