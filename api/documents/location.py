"""Hub plans as documents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from api.documents.hub_answers import (
    fronts_document,
    prices_document,
    ranked_documents,
    regret_document,
    selection_document,
    unanswered,
)
from api.documents.hubs import hub_definition, hub_frame
from api.documents.sites import site_document
from api.documents.tiers import tiers_document
from api.documents.values import Document, Namer, district_namer, plain, texts
from geo.criteria import is_located
from geo.hubs import (
    MODEL_WORDS,
    HubQuestions,
    LocationResult,
    ReadingResult,
    unserved_because,
)
from geo.hubs.plans import AS_PLANNED
from geo.location import Flows, LocationSolution
from geo.scenario import LocationScenario
from geo.sentence import Lang, Sentence
from layers import cautions


def location_definition(scenario: LocationScenario, lang: Lang) -> Document:
    """A location scenario before it is run."""
    return {
        **hub_definition(scenario, lang),
        "kind": "location",
        "model": scenario.model,
        "model_sentence": MODEL_WORDS[scenario.model].sentence.of(lang),
        "service_radius_m": scenario.service_radius_m,
        "tiers": [{"id": one.id, "title": one.title.of(lang)} for one in scenario.tiers],
        "futures": [{"id": one.id, "title": one.title.of(lang)} for one in scenario.futures],
        "draws_known": scenario.demand_error is not None or scenario.cost_error is not None,
    }


def location_document(
    result: LocationResult,
    asked: HubQuestions = AS_PLANNED,
    *,
    sources: pd.DataFrame,
    areas: pd.DataFrame,
    lang: Lang,
) -> Document:
    """A hub plan: the first reading on top, all readings below, with bound, gap and assumptions."""
    named = district_namer(areas, lang)
    readings = [
        {
            **reading_document(result, solved, named, lang),
            "tiers": tiers_document(
                solved.tiers, result.scenario.tiers, result.candidates, named, lang
            ),
            "selection": selection_document(solved, result, asked.seed, named, lang),
            "unanswered": texts(unanswered(solved, asked), lang),
        }
        for solved in result.readings
    ]
    frame = hub_frame(result.scenario, result.as_of, readings, sources=sources, lang=lang)
    return {**frame, "kind": "location"}


_DECOMPOSES = Sentence(
    zh="每个县（市、区）只由本地设施服务，问题分解为各县（市、区）各自的小问题，逐一精确求解",
    en="Each district is served by its own facilities only, so the problem falls apart into one "
    "small problem per district, each solved exactly",
)


def reading_document(
    result: LocationResult, solved: ReadingResult, named: Namer, lang: Lang
) -> Document:
    """One reading: the plan with its proof, and what else was asked of it."""
    words, solution = MODEL_WORDS[solved.model], solved.solution
    ids = result.candidates["id"]

    def shown(other: ReadingResult) -> Document:
        return plan_document(result, other, named, lang)

    return {
        "reading": solved.reading.id,
        "title": solved.reading.title.of(lang),
        "clause": solved.reading.clause.of(lang),
        "model": solved.model,
        "model_name": words.title.of(lang),
        "model_sentence": words.sentence.of(lang),
        "p_facilities": solved.reading.p_facilities,
        **shown(solved),
        "objective_unit": words.unit.of(lang),
        "proof": cautions.PROOF.of(lang),
        "decomposes": _DECOMPOSES.of(lang) if solved.blocks else None,
        **_conflict(solution, lang),
        **ranked_documents(solved.ranked, solved, ids, shown, lang),
        "fronts": fronts_document(solved.fronts, ids, lang),
        "prices": prices_document(solved.prices, lang),
        "robust": regret_document(solved.regret, result.candidates, named, lang),
    }


def _conflict(solution: LocationSolution, lang: Lang) -> Document:
    """Why there is no plan: in one sentence, and its parts."""
    found = solution.conflict
    return {
        "infeasible_because": found.sentence.of(lang) if found else None,
        "conflicting_demands": texts(found.demands, lang) if found else [],
        "least_relaxations": texts(found.relaxations, lang) if found else [],
    }


def plan_document(
    result: LocationResult, solved: ReadingResult, named: Namer, lang: Lang
) -> Document:
    """One choice of sites: its proof, its facilities, whom they serve, and whom not."""
    solution = solved.solution
    flows = flows_of(solution)
    distance = solved.distance_m[flows.row, flows.column]
    moved = solved.weight[flows.row] * flows.share
    ids, demand = result.candidates["id"].to_numpy(), result.demand["id"].to_numpy()
    served = np.flatnonzero(solution.assignment >= 0)
    return {
        "status": solution.status,
        "objective": plain(solution.objective),
        "bound": plain(solution.bound),
        "gap": plain(solution.gap),
        "root_gap": plain(solution.root_gap),
        "nodes": solution.nodes,
        "seconds": solution.seconds,
        "solver": solution.solver,
        "site_cost": solution.site_cost,
        "facilities": [
            _facility(result, solved, place, named) for place in range(len(solution.facilities))
        ],
        "assignment": {str(demand[i]): str(ids[solution.assignment[i]]) for i in served},
        "shares": _shares(solution, demand, ids),
        "unserved": unserved_documents(result, solved, lang),
        "mean_distance_m": float(moved @ distance / moved.sum()) if moved.any() else None,
        "max_distance_m": float(distance.max()) if len(distance) else None,
    }


def flows_of(solution: LocationSolution) -> Flows:
    """Who serves whom in which share, whole demand as a share of 1."""
    if solution.flows is not None:
        return solution.flows
    served = np.flatnonzero(solution.assignment >= 0)
    return Flows(served, solution.assignment[served], np.ones(len(served)))


def _shares(
    solution: LocationSolution, demand: np.ndarray, ids: np.ndarray
) -> list[Document] | None:
    """Who serves whom in which share, where demand is split."""
    flows = solution.flows
    if flows is None:
        return None
    return [
        {"id": str(demand[i]), "facility": str(ids[j]), "share": float(share)}
        for i, j, share in zip(flows.row, flows.column, flows.share, strict=True)
    ]


def _facility(result: LocationResult, solved: ReadingResult, place: int, named: Namer) -> Document:
    solution, drawn = solved.solution, solved.selection
    j = solution.facilities[place]
    flows = flows_of(solution)
    return {
        **site_document(result.candidates.iloc[j], named),
        "existing": bool(result.existing[j]),
        "load": float(solution.load[place]),
        "reach_m": plain(solution.reach[place]),
        "demand_points": int((flows.column == j).sum()),
        "chosen_share": plain(drawn.share[j]) if drawn else None,
        "chosen_half_width": plain(drawn.half_width[j]) if drawn else None,
    }


def unserved_documents(result: LocationResult, solved: ReadingResult, lang: Lang) -> list[Document]:
    """Who is not served, and why; empty where there is no plan."""
    codes = dict(zip(solved.solution.unserved, solved.solution.reasons, strict=False))
    known = is_located(result.demand)
    found = []
    for i, reason in unserved_because(result, solved):
        row = result.demand.iloc[i]
        found.append(
            {
                "id": row["id"],
                "name_zh": row["name_zh"],
                "name_en": plain(row.get("name_en")) or row["name_zh"],
                "code": codes[i] if known[i] else "not_located",
                "reason": reason.of(lang),
            }
        )
    return found
