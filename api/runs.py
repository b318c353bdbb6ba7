"""Load, run, show: one scenario on the layers of a workspace, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from api.documents.location import location_definition, location_document
from api.documents.siting import siting_definition, siting_document
from api.documents.values import Document
from geo.errors import Fault, InfeasibleError, ScenarioError, WeightsError
from geo.hubs import LOCATION_MODELS, LocationModel, place_hubs
from geo.odds import rank_odds
from geo.scenario import LocationScenario, SitingScenario
from geo.scoring import score_alternatives
from geo.sentence import Lang
from layers.scenarios import read_location, read_scenario, read_siting, scenario_ids
from layers.store.base import Store


def parse_weights(text: str | None) -> dict[str, float]:
    """Read `criterion=number,…`; raises `WeightsError` with every part that is not so written."""
    weights: dict[str, float] = {}
    faults = []
    for part in filter(None, (text or "").split(",")):
        name, _, number = part.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            faults.append(Fault(None, name.strip(), part, "criterion=number", "准则=数值"))
    if faults:
        listed = ", ".join(str(fault.value) for fault in faults)
        raise WeightsError(
            f"weights are written criterion=number,criterion=number; cannot read {listed}",
            f"权重应写成 准则=数值,准则=数值；无法识别 {listed}",
            faults,
        )
    return weights


def run_siting(
    store: Store,
    name: str,
    *,
    weights: Mapping[str, float] | None = None,
    as_of: date | None = None,
    smaa: int | None = None,
    seed: int = 0,
    lang: Lang,
) -> Document:
    """Rank the alternatives of a scenario on the layers of a workspace.

    `smaa` draws weights, values and positions that often and adds the odds of every rank.
    """
    scenario, layers = read_siting(name), store.read_layers()
    result = score_alternatives(scenario, layers, weights=weights, as_of=as_of)
    odds = None
    if smaa is not None:
        districts = layers["districts"]
        territories = dict(zip(districts["name_zh"], districts.geometry, strict=True))
        odds = rank_odds(result, layers, territories=territories, draws=smaa, seed=seed)
    return siting_document(
        result,
        layers,
        sources=store.read_table("sources"),
        areas=store.read_table("areas"),
        odds=odds,
        lang=lang,
    )


def run_location(
    store: Store,
    name: str,
    *,
    reading: str | None = None,
    model: str = "p_median",
    time_limit_s: float | None = None,
    as_of: date | None = None,
    lang: Lang,
) -> Document:
    """Solve the readings of a location scenario on the layers of a workspace."""
    scenario, layers = read_location(name), store.read_layers()
    result = place_hubs(
        scenario,
        layers,
        model=require_model(model),
        reading=reading,
        as_of=as_of,
        time_limit_s=time_limit_s,
    )
    return location_document(
        result, sources=store.read_table("sources"), areas=store.read_table("areas"), lang=lang
    )


def require_feasible(plan: Document) -> None:
    """Raise `InfeasibleError` with the reason where a reading of a hub plan has no solution."""
    reasons = [
        f"{one['title']}: {one['infeasible_because']}"
        for one in plan["readings"]
        if one["status"] == "infeasible"
    ]
    if reasons:
        raise InfeasibleError("; ".join(reasons), "；".join(reasons))


def require_model(name: str) -> LocationModel:
    """Return the location model; raise `ScenarioError` naming those that exist."""
    for model in LOCATION_MODELS:
        if name == model:
            return model
    raise ScenarioError(
        f"unknown model {name!r}; choose {', '.join(LOCATION_MODELS)}",
        f"没有模型 {name!r}；可选 {'、'.join(LOCATION_MODELS)}",
    )


def scenario_list(lang: Lang) -> Document:
    """The scenarios that ship."""
    scenarios = [read_scenario(name) for name in scenario_ids()]
    return {
        "scenarios": [
            {"id": s.id, "kind": s.kind, "title": s.title.of(lang), "as_of": s.as_of.isoformat()}
            for s in scenarios
        ]
    }


def scenario_definition(name: str, lang: Lang) -> Document:
    """One scenario as declared."""
    match read_scenario(name):
        case SitingScenario() as scenario:
            return siting_definition(scenario, lang)
        case LocationScenario() as scenario:
            return location_definition(scenario, lang)
