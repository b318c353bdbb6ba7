"""The resolution audit as a document."""

from __future__ import annotations

from api.documents.values import Document, plain, texts
from geo.contrast import first_inside, first_of
from geo.methods import LEADING
from geo.resolution import ResolutionAudit, Variation
from geo.resolution.variants import Change
from geo.sentence import Lang


def audit_document(audit: ResolutionAudit, *, lang: Lang) -> Document:
    """Every variation beside the ranking as declared, and those that could not be run."""
    base = audit.base
    return {
        "sentence": audit.sentence.of(lang),
        "notes": texts(audit.notes, lang),
        "leaders": list(first_of(base, 1)),
        "first_five": list(first_of(base, LEADING)),
        "leaders_inside": list(first_inside(base)),
        "variations": [_variation(audit, one, lang) for one in audit.variations],
        "failed": [
            {**_change(change, lang), "sentence": reason.of(lang)}
            for change, reason in audit.failed
        ],
    }


def _change(change: Change, lang: Lang) -> Document:
    return {
        "kind": change.kind,
        "criteria": list(change.criteria),
        "factor": change.factor,
        "cell_m": change.cell_m,
        "title": change.title.of(lang),
    }


def _variation(audit: ResolutionAudit, one: Variation, lang: Lang) -> Document:
    ids = audit.base.alternatives["id"]
    return {
        **_change(one.change, lang),
        "features": list(one.features) if one.features else None,
        "kendall": plain(one.kendall),
        "changes_leader": one.changes_leader,
        "changes_first_five": one.changes_leading,
        "changes_leader_inside": one.changes_leader_inside,
        "changes_chosen": one.changes_chosen,
        "leaders": list(one.leaders),
        "first_five": list(one.leading),
        "leaders_inside": list(one.leaders_inside),
        "greatest_change": one.greatest_change,
        "movers": list(one.movers),
        "ranks": {name: rank or None for name, rank in zip(ids, one.rank.tolist(), strict=True)},
        "sentence": audit.describe(one).of(lang),
    }
