"""Two rankings side by side as a document."""

from __future__ import annotations

import pandas as pd

from api.documents.values import Document, Namer, district_namer, plain, texts
from geo.contrast import Contrast, Side
from geo.contrast.causes import Cause, Mover, causes_of
from geo.contrast.decision import Decision, decide, describe_agreement, describe_scores
from geo.contrast.differences import describe_differences
from geo.sentence import Lang


def contrast_document(found: Contrast, *, areas: pd.DataFrame, lang: Lang) -> Document:
    """A contrast with its decision, the differences that led to it, and the cause of every move."""
    named, decision, compared = district_namer(areas, lang), decide(found), found.agreement
    return {
        "a": _side(found.a, lang),
        "b": _side(found.b, lang),
        "sentence": decision.sentence.of(lang),
        "changes_leader": decision.changes_leader,
        "changes_first_five": decision.changes_leading,
        "changes_chosen": decision.changes_chosen,
        "turn": _turn(decision),
        "common": int(found.common.sum()),
        "kendall": plain(compared.kendall[0, 1]) if compared else None,
        "spearman": plain(compared.spearman[0, 1]) if compared else None,
        "agreement": describe_agreement(found).of(lang),
        "scores_comparable": found.additive,
        "scores": describe_scores(found).of(lang),
        "differences": texts(describe_differences(found), lang),
        "criteria": [
            {
                "id": one.id,
                "name": one.name.of(lang),
                "weight_a": one.weight_a,
                "weight_b": one.weight_b,
                "redeclared": one.redeclared,
            }
            for one in found.criteria
        ],
        "rules": [
            {
                "id": one.id,
                "sentence": one.sentence.of(lang),
                "excluded_a": one.excluded_a,
                "excluded_b": one.excluded_b,
                "redeclared": one.redeclared,
            }
            for one in found.rules
        ],
        "alternatives": [
            _alternative(found, i, cause, named, lang) for i, cause in enumerate(causes_of(found))
        ],
    }


def _side(side: Side, lang: Lang) -> Document:
    result = side.result
    return {
        "scenario": result.scenario.id,
        "title": result.scenario.title.of(lang),
        "as_of": result.as_of.isoformat(),
        "method": side.method,
        "weights": dict(result.weights),
        "ranked": len(result.alternatives),
        "excluded": len(result.excluded),
        "leaders": list(side.leaders),
        "first_five": list(side.leading),
        "leaders_inside": list(side.leaders_inside),
        "chosen": list(side.chosen),
    }


def _turn(decision: Decision) -> Document:
    return {
        "before": decision.before,
        "after": decision.after,
        "margin_a": plain(decision.margin_a),
        "margin_b": plain(decision.margin_b),
        "part": _mover(decision.mover),
    }


def _mover(mover: Mover | None) -> Document | None:
    if mover is None:
        return None
    return {
        "kind": mover.kind,
        "criterion": mover.criterion,
        "amount": mover.amount,
        "margin": mover.margin,
    }


def _alternative(found: Contrast, i: int, cause: Cause, named: Namer, lang: Lang) -> Document:
    row, name, common = found.alternatives.iloc[i], found.name(i), bool(found.common[i])
    return {
        "id": row["id"],
        "name_zh": name.zh,
        "name_en": name.en,
        "district": named(row.get("district")) or named(row["name_zh"]),
        "standing_a": found.a.standing[i],
        "standing_b": found.b.standing[i],
        "rank_a": int(found.a.rank[i]) or None,
        "rank_b": int(found.b.rank[i]) or None,
        "tied_a": bool(found.a.tied[i]),
        "tied_b": bool(found.b.tied[i]),
        "score_a": plain(found.a.score[i]),
        "score_b": plain(found.b.score[i]),
        "score_change": plain(found.score_change[i]),
        "places_gained": int(found.places_gained[i]) if common else None,
        "gained_among_common": int(found.gained_among_common[i]) if common else None,
        "left_ahead": int(found.left_ahead[i]) if common else None,
        "entered_ahead": int(found.entered_ahead[i]) if common else None,
        "parts": _parts(found, i) if common else None,
        "excluded_by_a": list(found.a.excluded_by[i]),
        "excluded_by_b": list(found.b.excluded_by[i]),
        "cause": {"kind": cause.kind, "passed": cause.passed, "part": _mover(cause.mover)},
        "sentence": cause.sentence.of(lang),
    }


def _parts(found: Contrast, i: int) -> Document:
    parts = found.parts
    return {
        one.id: {
            "weight": float(parts.weight[i, j]),
            "value": float(parts.value[i, j]),
            "presence": float(parts.presence[i, j]),
        }
        for j, one in enumerate(found.criteria)
    }
