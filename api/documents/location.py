"""Hub plans as documents."""

from __future__ import annotations

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
from geo.criteria import is_located
from geo.hubs import LocationResult, ReadingResult
from geo.scenario import LocationScenario
from geo.sentence import Lang, Sentence
from layers import cautions


def location_definition(scenario: LocationScenario, lang: Lang) -> Document:
    """A location scenario before it is run."""
    return {
        "id": scenario.id,
        "kind": "location",
        "title": scenario.title.of(lang),
        "as_of": scenario.as_of.isoformat(),
        "clause": scenario.clause,
        "readings": [
            {
                "id": r.id,
                "title": r.title.of(lang),
                "clause": r.clause.of(lang),
                "p_facilities": r.p_facilities,
            }
            for r in scenario.readings
        ],
        "conflict": scenario.conflict.of(lang) if scenario.conflict else None,
        "service_radius_m": scenario.service_radius_m,
        "assumptions": texts(scenario.assumptions, lang),
    }


def location_document(
    result: LocationResult, *, sources: pd.DataFrame, areas: pd.DataFrame, lang: Lang
) -> Document:
    """A hub plan: the first reading on top, all readings below, with bound, gap and assumptions."""
    scenario = result.scenario
    named = district_namer(areas, lang)
    readings = [_reading(result, solved, named, lang) for solved in result.readings]
    return {
        "scenario": scenario.id,
        "kind": "location",
        "title": scenario.title.of(lang),
        "as_of": result.as_of.isoformat(),
        "clause": scenario.clause,
        **{key: value for key, value in readings[0].items() if key not in ("title", "clause")},
        "conflict": scenario.conflict.of(lang) if scenario.conflict else None,
        "assumptions": texts(scenario.assumptions, lang),
        "readings": readings,
        "warnings": texts(
            [
                *cautions.about_sources(sources, scenario.sources, result.as_of),
                *scenario.assumptions,
                scenario.conflict,
            ],
            lang,
        ),
        "sources": source_documents(sources, scenario.sources, lang),
    }


_DECOMPOSES = Sentence(
    zh="每个县（市、区）只由本地设施服务，问题分解为各县（市、区）各自的小问题，逐一精确求解",
    en="Each district is served by its own facilities only, so the problem falls apart into one "
    "small problem per district, each solved exactly",
)
_OBJECTIVE_UNIT = {
    "p_median": Sentence(zh="人·米", en="residents × m"),
    "mclp": Sentence(zh="人", en="residents"),
}


def _reading(result: LocationResult, solved: ReadingResult, named: Namer, lang: Lang) -> Document:
    solution = solved.solution
    served = solution.assignment >= 0
    rows = np.flatnonzero(served)
    distance = solved.distance_m[rows, solution.assignment[rows]]
    weight = solved.weight
    loaded = float(weight[rows].sum())
    ids = result.candidates["id"].to_numpy()
    demand = result.demand["id"].to_numpy()
    return {
        "reading": solved.reading.id,
        "title": solved.reading.title.of(lang),
        "clause": solved.reading.clause.of(lang),
        "model": result.model,
        "p_facilities": solved.reading.p_facilities,
        "status": solution.status,
        "objective": plain(solution.objective),
        "objective_unit": _OBJECTIVE_UNIT[result.model].of(lang),
        "bound": plain(solution.bound),
        "gap": plain(solution.gap),
        "seconds": solution.seconds,
        "solver": solution.solver,
        "proof": cautions.PROOF.of(lang),
        "facilities": [_facility(result, solved, j, named) for j in solution.facilities],
        "assignment": {str(demand[i]): str(ids[solution.assignment[i]]) for i in rows},
        "unserved": _unserved(result, solved, lang),
        "mean_distance_m": float(weight[rows] @ distance / loaded) if loaded else None,
        "max_distance_m": float(distance.max()) if len(rows) else None,
        "decomposes": _DECOMPOSES.of(lang) if solved.blocks else None,
        "infeasible_because": solution.conflict.of(lang) if solution.conflict else None,
    }


def _facility(result: LocationResult, solved: ReadingResult, j: int, named: Namer) -> Document:
    row = result.candidates.iloc[j]
    mine = solved.solution.assignment == j
    return {
        "id": row["id"],
        "name_zh": row["name_zh"],
        "name_en": plain(row["name_en"]) or row["name_zh"],
        "district": named(row.get("district")),
        "lon": float(row["ref_lon"]),
        "lat": float(row["ref_lat"]),
        "accuracy_m": plain(row["accuracy_m"]),
        "load": float(solved.weight[mine].sum()),
        "demand_points": int(mine.sum()),
    }


_NOT_LOCATED = Sentence(zh="位置不明", en="its place is not known")
_UNREACHED = {
    "p_median": Sentence(zh="没有可达的候选点", en="no candidate can reach it"),
    "mclp": Sentence(zh="在服务半径之外", en="outside the service radius"),
}


def _unserved(result: LocationResult, solved: ReadingResult, lang: Lang) -> list[Document]:
    rows = result.demand.iloc[list(solved.solution.unserved)]
    reasons = np.where(
        is_located(rows), _UNREACHED[result.model].of(lang), _NOT_LOCATED.of(lang)
    ).tolist()
    return [
        {"id": row["id"], "name_zh": row["name_zh"], "reason": reason}
        for (_, row), reason in zip(rows.iterrows(), reasons, strict=True)
    ]
