"""The ranking method, the others beside it, and how the weights came about, as documents."""

from __future__ import annotations

from api.documents.values import Document, plain, texts
from geo.methods import Methods, beside, describe_method
from geo.ranking import METHODS
from geo.scoring import SitingResult
from geo.sentence import Lang, Sentence
from geo.weights import AhpResult

MOST_LISTED = 5_000
"""Ranks by every method are listed for up to so many alternatives."""


def method_document(result: SitingResult, lang: Lang) -> Document:
    """The method that ranks here, with its settings."""
    spec = result.scenario.ranking
    return {
        "id": spec.method,
        "name": METHODS[spec.method].of(lang),
        "sentence": describe_method(spec).of(lang),
        "additive": spec.method == "weighted_sum",
    }


def methods_document(result: SitingResult, found: Methods, lang: Lang) -> Document:
    """Every method side by side: correlations, leaders, and whether the choice matters."""
    compared = found.agreement
    spec = result.scenario.ranking
    names = [
        Sentence(str(row["name_zh"]), str(plain(row["name_en"]) or row["name_zh"]))
        for row in result.alternatives.head(MOST_LISTED).to_dict("records")
    ]
    ids = result.alternatives["id"]
    few = len(ids) <= MOST_LISTED
    return {
        "methods": [
            {
                "id": method,
                "name": METHODS[method].of(lang),
                "sentence": describe_method(beside(spec, method)).of(lang),
                "leaders": [str(ids.iloc[one]) for one in compared.leaders[method][:10]],
            }
            for method in found.scores
        ],
        "kendall": [[plain(one) for one in row] for row in compared.kendall.tolist()],
        "spearman": [[plain(one) for one in row] for row in compared.spearman.tolist()],
        "changes_leader": compared.changes_leader,
        "changes_leading": compared.changes_leading,
        "leading_size": compared.size,
        "sentence": compared.describe(names if few else None).of(lang),
        "left_out": [METHODS[method].of(lang) for method in found.left_out],
    }


def weighting_document(result: SitingResult, lang: Lang) -> Document:
    """How the weights came about, how consistent they are, and what each body would rank first."""
    weighting = result.weighting
    return {
        "method": weighting.method,
        "changed": weighting.changed,
        "sentences": texts(weighting.describe(), lang),
        "consistency": _consistency(weighting.judgement, weighting.names, lang),
        "stakeholders": [
            {
                "id": one.id,
                "name": one.name.of(lang),
                "say": one.say,
                "weights": one.weights,
                "consistency": _consistency(one.judgement, one.names, lang),
                "ranks": ranks_of(result, one.weights),
            }
            for one in weighting.opinions
        ],
    }


def _consistency(
    judged: AhpResult | None, names: tuple[Sentence, ...], lang: Lang
) -> Document | None:
    if judged is None:
        return None
    worst = judged.most_inconsistent
    return {
        "ratio": judged.consistency_ratio,
        "acceptable": judged.acceptable,
        "random_index": judged.random_index,
        "lambda_max": judged.lambda_max,
        "missing_pairs": judged.missing,
        "sentence": judged.describe(names).of(lang),
        "most_inconsistent": None
        if worst is None
        else {
            "of": names[worst.i].of(lang),
            "over": names[worst.j].of(lang),
            "value": worst.value,
            "mended": worst.mended,
            "on_scale": worst.on_scale,
            "ratio_then": worst.consistency_ratio,
        },
    }


def ranks_of(result: SitingResult, weights: dict[str, float]) -> dict[str, int]:
    """Rank of each listed alternative under other weights, by the result's method."""
    rank = result.rank_under(weights)
    ids = result.alternatives["id"].head(MOST_LISTED)
    return {str(name): int(one) for name, one in zip(ids, rank, strict=False)}
