"""Facilities shared out over areas, as documents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from api.documents.hubs import hub_definition, hub_frame
from api.documents.values import Document, Namer, district_namer, plain
from geo.criteria import column_of
from geo.hubs import AllocationReadingResult, AllocationResult
from geo.scenario import AllocationScenario
from geo.sentence import Lang, Sentence

_SOLVER = "Sainte-Laguë / Fox"
_OBJECTIVE = Sentence(zh="Σ（个数 − 应得数）² ÷ 应得数", en="Σ (number − quota)² / quota")
_PROOF = Sentence(
    zh="已证明：在各项要求之内，任何两处之间移动一个都不会更接近应得数（对本模型和这些数据）",
    en="Proven: within the demands no move of one unit between two areas comes nearer to the "
    "quotas (for this model and these data)",
)
_ODDS = Sentence(
    zh="{draws:,} 次抽取，种子 {seed}；需求在其区间内均匀抽取，“区间”含十次中的九次，"
    "“相同”是个数不变的比例",
    en="{draws:,} draws, seed {seed}; demand uniform in its interval; a range holds nine draws of "
    "ten, “same” is the share in which the number does not change",
)


def allocation_definition(scenario: AllocationScenario, lang: Lang) -> Document:
    """An allocation scenario before it is run."""
    return {
        **hub_definition(scenario, lang),
        "kind": "allocation",
        "draws_known": scenario.demand_error is not None,
    }


def allocation_document(
    result: AllocationResult,
    *,
    seed: int,
    sources: pd.DataFrame,
    areas: pd.DataFrame,
    lang: Lang,
) -> Document:
    """An allocation: the first reading on top, all readings below."""
    named = district_namer(areas, lang)
    readings = [_reading(result, one, seed, named, lang) for one in result.readings]
    frame = hub_frame(result.scenario, result.as_of, readings, sources=sources, lang=lang)
    return {**frame, "kind": "allocation"}


def _reading(
    result: AllocationResult,
    solved: AllocationReadingResult,
    seed: int,
    named: Namer,
    lang: Lang,
) -> Document:
    reading, shares, odds = solved.reading, solved.shares, solved.odds
    objective = shares.objective if shares else None
    return {
        "reading": reading.id,
        "title": reading.title.of(lang),
        "clause": reading.clause.of(lang),
        "p_facilities": reading.p_facilities,
        "status": solved.status,
        "objective": objective,
        "objective_unit": _OBJECTIVE.of(lang),
        "bound": objective,
        "gap": 0.0 if shares else None,
        "seconds": None,
        "solver": _SOLVER,
        "least_exchange": plain(shares.least_exchange) if shares else None,
        "proof": _PROOF.of(lang) if shares else "",
        "infeasible_because": solved.conflict.of(lang) if solved.conflict else None,
        "facilities": [],
        "assignment": {},
        "unserved": [],
        "allocation": _recipients(result, solved, named),
        "by_district": _districts(result, solved, named),
        "odds": _ODDS.of(lang).format(draws=odds.draws, seed=seed) if odds else None,
    }


def _recipients(
    result: AllocationResult, solved: AllocationReadingResult, named: Namer
) -> list[Document]:
    """Every area with its number, those that get most first."""
    shares, odds = solved.shares, solved.odds
    if shares is None:
        return []
    order = np.lexsort((-shares.quota, -shares.units))
    return [
        {
            "id": row["id"],
            "name_zh": row["name_zh"],
            "name_en": plain(row.get("name_en")) or row["name_zh"],
            "district": named(row.get("district")),
            "weight": float(solved.weight[i]),
            "quota": float(shares.quota[i]),
            "units": int(shares.units[i]),
            "range": [int(odds.low[i]), int(odds.high[i])] if odds else None,
            "same_share": float(odds.same[i]) if odds else None,
        }
        for i, row in ((int(i), result.recipients.iloc[int(i)]) for i in order)
    ]


def _districts(
    result: AllocationResult, solved: AllocationReadingResult, named: Namer
) -> list[Document]:
    """Every district with its sum."""
    shares = solved.shares
    if shares is None:
        return []
    groups = column_of(result.recipients, result.scenario.group_field)
    quota = pd.Series(shares.quota).groupby(groups.to_numpy()).sum().to_dict()
    return [
        {"district": named(name), "units": count, "quota": float(quota[name])}
        for name, count in shares.by_group.items()
    ]
