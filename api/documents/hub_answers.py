"""What was asked of a hub plan beyond the plan, as documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from api.documents.sites import site_document
from api.documents.values import Document, Namer, plain
from geo.hubs import HubQuestions, LocationResult, ReadingResult
from geo.hubs.answers import HubFronts
from geo.location.choices.fronts import Front
from geo.location.choices.k_best import RankedPlans
from geo.location.choices.prices import ConditionPrice, ConditionPrices
from geo.location.choices.regret import Regret
from geo.location.gaps import relative_gap
from geo.scenario import LocationScenario
from geo.sentence import Lang, Sentence

Shown = Callable[[ReadingResult], Document]
"""Shows a reading with another plan in the place of its own."""

_ALL_PROVEN = Sentence(
    zh="前 {count} 个方案按次序已证明最好",
    en="these {count} plans are proven to be the best, in this order",
)
_SOME_PROVEN = Sentence(
    zh="前 {proven} 个方案按次序已证明最好；其余是到时为止找到的最好方案",
    en="the first {proven} are proven to be the best in this order; the others are the best found "
    "in time",
)
_NO_MORE = Sentence(zh="；再没有别的方案", en="; there is no other plan")


_NO_FRONTS = Sentence(
    zh="两个目标之间的方案须给定设施个数",
    en="plans between two aims need a number of facilities",
)
_NO_REGRET = Sentence(
    zh="最大后悔最小的方案只对没有容量与最低负荷的 p-中位求解",
    en="the plan of least regret is found for the p-median without capacities and least loads only",
)


_NO_TIERS = Sentence(
    zh="追问（最好的几个方案、两个目标、条件的代价、未来情形、抽取）只对不分级的方案回答",
    en="further questions (best plans, two aims, prices, futures, draws) are answered for plans "
    "without tiers only",
)


def unanswered(solved: ReadingResult, asked: HubQuestions) -> Iterator[Sentence]:
    """Why a question has no answer here, where there is a plan to ask it of."""
    if not solved.solution.facilities:
        return
    if solved.tiers is not None:
        if asked != HubQuestions(seed=asked.seed):
            yield _NO_TIERS
        return
    if asked.fronts and solved.fronts is None:
        yield _NO_FRONTS
    if asked.robust and solved.regret is None:
        yield _NO_REGRET


def ranked_documents(
    ranked: RankedPlans | None, solved: ReadingResult, ids: pd.Series, shown: Shown, lang: Lang
) -> Document:
    """The best distinct plans in order, each with what it has that the best one has not."""
    if ranked is None:
        return {"alternatives": [], "alternatives_proof": None}
    first = ranked.plans[0] if ranked.plans else None
    found = []
    for place, plan in enumerate(ranked.plans):
        assert first is not None
        added, dropped = set(plan.facilities), set(first.facilities)
        found.append(
            {
                **shown(replace(solved, solution=plan)),
                "rank": place + 1,
                "proven": place < ranked.proven,
                "worse_by": plain(relative_gap(first.objective, plan.objective)),
                "added": ids.iloc[sorted(added - dropped)].tolist(),
                "dropped": ids.iloc[sorted(dropped - added)].tolist(),
            }
        )
    return {"alternatives": found, "alternatives_proof": _proof(ranked).of(lang)}


def _proof(ranked: RankedPlans) -> Sentence:
    count = len(ranked.plans)
    known = _ALL_PROVEN if ranked.proven == count else _SOME_PROVEN
    more = _NO_MORE if ranked.exhausted else Sentence("", "")
    values = {"count": count, "proven": ranked.proven}
    return Sentence(known.zh.format(**values) + more.zh, known.en.format(**values) + more.en)


def regret_document(
    regret: Regret | None, candidates: pd.DataFrame, named: Namer, lang: Lang
) -> Document | None:
    """The plan of least greatest regret, and how it does in each future."""
    if regret is None:
        return None
    return {
        "status": regret.status,
        "relative": regret.relative,
        "regret": plain(regret.regret),
        "bound": plain(regret.bound),
        "gap": plain(regret.gap),
        "root_gap": plain(regret.root_gap),
        "nodes": regret.nodes,
        "seconds": regret.seconds,
        "facilities": [site_document(candidates.iloc[j], named) for j in regret.facilities],
        "futures": [
            {
                "name": one.name.of(lang),
                "objective": plain(one.plan.objective),
                "best_objective": plain(one.optimum.objective),
                "best_status": one.optimum.status,
                "regret": plain(one.regret),
                "share": plain(one.share),
            }
            for one in regret.outcomes
        ],
        "infeasible_because": regret.conflict.sentence.of(lang) if regret.conflict else None,
    }


_DRAWN = Sentence(
    zh="{draws:,} 次抽取，种子 {seed}：{what}；每次重新求最优方案",
    en="{draws:,} draws, seed {seed}: {what}; the best plan is found anew in each",
)
_DEMAND = Sentence(zh="需求在其区间内均匀抽取", en="demand uniform in its interval")
_POSITIONS = Sentence(
    zh="点位在其 95% 半径的圆内均匀并限于本县（市、区）",
    en="positions uniform on the disc of their 95 % radius inside the district",
)
_DETOURS = Sentence(
    zh="每条路程的绕行系数在 {low:g} 与 {high:g} 之间均匀",
    en="a detour factor uniform between {low:g} and {high:g} for each way",
)


def selection_document(
    solved: ReadingResult, result: LocationResult, seed: int, named: Namer, lang: Lang
) -> Document | None:
    """How often each candidate is chosen, those of the plan and those ever chosen, oftenest first.

    What the plan loses against the best plan of each draw stands beside it.
    """
    found = solved.selection
    if found is None:
        return None
    mine = set(solved.solution.facilities)
    shown = [j for j in np.argsort(-found.share, kind="stable") if found.share[j] > 0 or j in mine]
    how = _DRAWN.of(lang).format(
        draws=found.draws, seed=seed, what=_drawn_from(result.scenario, lang)
    )
    return {
        "draws": found.draws,
        "seed": seed,
        "complete": found.complete,
        "unproven": found.unproven,
        "skipped": found.skipped,
        "failed": found.failed,
        "held_share": plain(found.held),
        "mean_regret": plain(found.mean_regret),
        "high_regret": plain(found.high_regret),
        "distinct_plans": len(found.plans),
        "sentence": found.sentence.of(lang),
        "drawn": how,
        "candidates": [
            {
                **site_document(result.candidates.iloc[j], named),
                "share": plain(found.share[j]),
                "half_width": plain(found.half_width[j]),
                "in_plan": j in mine,
            }
            for j in map(int, shown)
        ],
    }


def _drawn_from(scenario: LocationScenario, lang: Lang) -> str:
    """What is drawn, as far as the scenario declares it."""
    parts = [_DEMAND] if scenario.demand_error else []
    error = scenario.cost_error
    if error is not None:
        low, high = error.circuity
        parts += [_POSITIONS] if error.positions else []
        parts.append(
            Sentence(_DETOURS.zh.format(low=low, high=high), _DETOURS.en.format(low=low, high=high))
        )
    return ("，" if lang == "zh" else ", ").join(part.of(lang) for part in parts)


def prices_document(prices: ConditionPrices | None, lang: Lang) -> Document | None:
    """What each condition costs, the dearest first."""
    if prices is None:
        return None
    return {
        "complete": prices.complete,
        "prices": [
            {
                "kind": one.kind,
                "sentence": one.sentence.of(lang),
                "price": plain(one.price),
                "least": plain(one.least),
                "most": plain(one.most),
                "objective": plain(one.objective),
            }
            for one in sorted(prices.prices, key=_dearest_first)
        ],
    }


def _dearest_first(one: ConditionPrice) -> float:
    """Where a price stands; one that is not known stands last."""
    return math.inf if math.isnan(one.price) else -one.price


def fronts_document(fronts: HubFronts | None, ids: pd.Series, lang: Lang) -> Document | None:
    """The fronts between two aims, each point with its sites."""
    if fronts is None:
        return None
    return {
        "mean_worst": _front(fronts.mean_worst, ids, lang),
        "cost_coverage": _front(fronts.cost_coverage, ids, lang),
        "number_coverage": _front(fronts.number_coverage, ids, lang),
    }


def _front(front: Front, ids: pd.Series, lang: Lang) -> Document:
    return {
        "sentence": front.words.of(lang),
        "complete": front.complete,
        "points": [
            {
                "first": point.first,
                "second": point.second,
                "status": point.solution.status,
                "facilities": ids.iloc[list(point.solution.facilities)].tolist(),
            }
            for point in front.points
        ],
    }
