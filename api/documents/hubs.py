"""What documents of plans and of allocations have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from api.documents.values import Document, source_documents, texts
from geo.scenario import HubScenario
from geo.sentence import Lang
from layers import cautions


def hub_definition(scenario: HubScenario, lang: Lang) -> Document:
    """What every scenario that places or shares out declares."""
    return {
        "id": scenario.id,
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "readings": [
            {
                "id": r.id,
                "title": r.title.of(lang),
                "clause": r.clause.of(lang),
                "p_facilities": r.p_facilities,
                "tiers": {name: count.p_facilities for name, count in r.tier_counts.items()},
            }
            for r in scenario.readings
        ],
        "conflict": scenario.conflict.of(lang) if scenario.conflict else None,
        "assumptions": texts(scenario.assumptions, lang),
    }


def hub_frame(
    scenario: HubScenario,
    as_of: date,
    readings: Sequence[Document],
    *,
    sources: pd.DataFrame,
    lang: Lang,
) -> Document:
    """The first reading on top, all readings below, with what a reader must know of them."""
    first = {key: value for key, value in readings[0].items() if key not in ("title", "clause")}
    return {
        "scenario": scenario.id,
        "title": scenario.title.of(lang),
        "as_of": as_of.isoformat(),
        "clause": scenario.clause,
        **first,
        "conflict": scenario.conflict.of(lang) if scenario.conflict else None,
        "assumptions": texts(scenario.assumptions, lang),
        "readings": list(readings),
        "warnings": texts(
            [
                *cautions.about_sources(sources, scenario.sources, as_of),
                *scenario.assumptions,
                scenario.conflict,
            ],
            lang,
        ),
        "sources": source_documents(sources, scenario.sources, lang),
    }
