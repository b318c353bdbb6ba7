"""Whether a scenario fits a workspace: every layer, field and criterion that it names is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from geo.errors import Fault, ScenarioError
from geo.scenario import (
    AllocationScenario,
    AttributeMeasure,
    CategoriesSpec,
    CriterionSpec,
    DistanceMeasure,
    Filter,
    GroupSpec,
    HubScenario,
    ImportanceDraws,
    IntervalDraws,
    JudgedWeights,
    LocationScenario,
    MembersMeasure,
    PointWeights,
    RankedWeights,
    RatioMeasure,
    Scenario,
    ShareInsideMeasure,
    SiteConditions,
    SitingScenario,
    SpatialMeasure,
    StakeholderWeights,
    StatedWeights,
    TargetSpec,
)
from geo.sentence import Sentence

Tables = Mapping[str, pd.DataFrame]
_NOT_READ = ("geometry",)
_LISTED_FAULTS = 10
_LONGEST_VALUE = 80


def check_against(scenario: Scenario, layers: Tables) -> list[Fault]:
    """Find all faults of a scenario on the layers of a workspace, each with its place.

    A fault is a layer or field that is not there, a field that is measured but holds no numbers, a
    site to be like that is none of the alternatives, and weights for what is no criterion (or
    group) of the scenario. Data that is only missing is none.
    """
    if isinstance(scenario, LocationScenario):
        return [*_demand(scenario, layers), *_location(scenario, layers)]
    if isinstance(scenario, AllocationScenario):
        return list(_demand(scenario, layers))
    return list(_siting(scenario, layers, ""))


def refusal_of(origin: str, faults: Sequence[Fault]) -> ScenarioError:
    """One error with every fault; the sentence names the first ones."""
    said = faults[:_LISTED_FAULTS]
    rest = len(faults) - len(said)
    return ScenarioError(
        f"scenario {origin} has {len(faults)} fault(s): "
        f"{'; '.join(f'{one.field}: {one.expected}' for one in said)}"
        f"{f'; and {rest} more' if rest else ''}",
        f"方案 {origin} 有 {len(faults)} 处错误："
        f"{'；'.join(f'{one.field}：{one.expected_zh}' for one in said)}"
        f"{f'；另有 {rest} 处' if rest else ''}",
        [
            Fault(one.row, one.field, brief(one.value), one.expected, one.expected_zh)
            for one in faults
        ],
    )


def brief(value: object) -> object:
    """A value short enough to be repeated in a message."""
    if isinstance(value, bool | int | float | None):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _siting(scenario: SitingScenario, layers: Tables, before: str) -> Iterator[Fault]:
    yield from _layer(scenario.alternatives, layers, f"{before}alternatives")
    own = layers.get(scenario.alternatives)
    for place, spec in _criteria(scenario.groups, f"{before}groups"):
        yield from _criterion(spec, own, layers, place)
    for i, rule in enumerate(scenario.exclusions):
        yield from _field(rule.field, own, f"{before}exclusions.{i}.field")
    if scenario.per_group is not None:
        yield from _field(scenario.per_group.field, own, f"{before}per_group.field")
    yield from _weights(scenario, before)
    stage = scenario.first_stage
    if stage is not None:
        yield from _field(stage.member_field, own, f"{before}first_stage.member_field")
        yield from _siting(stage.scenario, layers, f"{before}first_stage.scenario.")


def _criteria(groups: Sequence[GroupSpec], before: str) -> Iterator[tuple[str, CriterionSpec]]:
    for i, group in enumerate(groups):
        for j, spec in enumerate(group.criteria):
            yield f"{before}.{i}.criteria.{j}", spec
        yield from _criteria(group.groups, f"{before}.{i}.groups")


def _criterion(
    spec: CriterionSpec, own: pd.DataFrame | None, layers: Tables, place: str
) -> Iterator[Fault]:
    measure, at = spec.measure, f"{place}.measure"
    match measure:
        case AttributeMeasure():
            check = _field if isinstance(spec.value, CategoriesSpec) else _number
            yield from check(measure.field, own, f"{at}.field")
        case RatioMeasure():
            yield from _number(measure.numerator, own, f"{at}.numerator")
            yield from _number(measure.denominator, own, f"{at}.denominator")
        case MembersMeasure():
            yield from _field(measure.own_field, own, f"{at}.own_field")
            yield from _measured(measure, layers, at)
        case _:
            yield from _measured(measure, layers, at)
    like = spec.value.like if isinstance(spec.value, TargetSpec) else None
    if like is not None and own is not None and not own["id"].isin([like]).any():
        told = Sentence("某个备选的 id", "the id of an alternative")
        yield Fault.stating(None, f"{place}.value.like", like, told)


def _measured(measure: MembersMeasure | SpatialMeasure, layers: Tables, at: str) -> Iterator[Fault]:
    """A measure over another layer: the layer, the fields of its filter, what it adds up."""
    yield from _layer(measure.layer, layers, f"{at}.layer")
    table = layers.get(measure.layer)
    for field in measure.filter:
        yield from _field(field, table, f"{at}.filter.{field}")
    if isinstance(measure, MembersMeasure):
        yield from _field(measure.member_field, table, f"{at}.member_field")
    if not isinstance(measure, DistanceMeasure | ShareInsideMeasure) and measure.field is not None:
        yield from _number(measure.field, table, f"{at}.field")


def _demand(scenario: HubScenario, layers: Tables) -> Iterator[Fault]:
    """The demand of a scenario that places or shares out."""
    demand = layers.get(scenario.demand)
    yield from _layer(scenario.demand, layers, "demand")
    yield from _fields_of(scenario.demand_filter, demand, "demand_filter")
    yield from _field(scenario.group_field, demand, "group_field")
    for field in scenario.weight_factors:
        yield from _field(field, demand, f"weight_factors.{field}")
    if demand is not None and "demand_weight" not in demand.columns:
        told = Sentence("带有 demand_weight 字段的图层", "a layer with the field demand_weight")
        yield Fault.stating(None, "demand", scenario.demand, told)
    error = scenario.demand_error
    if error is not None:
        yield from _number(error.low, demand, "demand_error.low")
        yield from _number(error.high, demand, "demand_error.high")
        if error.total_by is not None:
            yield from _field(error.total_by, demand, "demand_error.total_by")


def _location(scenario: LocationScenario, layers: Tables) -> Iterator[Fault]:
    """The candidates of a scenario that places, and all that is said of them."""
    table = layers.get(scenario.candidates)
    yield from _layer(scenario.candidates, layers, "candidates")
    yield from _fields_of(scenario.candidate_filter, table, "candidate_filter")
    yield from _field(scenario.group_field, table, "group_field")
    if scenario.existing is not None:
        standing = layers.get(scenario.existing.layer)
        yield from _layer(scenario.existing.layer, layers, "existing.layer")
        yield from _fields_of(scenario.existing.filter, standing, "existing.filter")
        yield from _field(scenario.group_field, standing, "group_field")
    yield from _sites(scenario, table, "")
    for i, tier in enumerate(scenario.tiers):
        yield from _fields_of(tier.candidate_filter, table, f"tiers.{i}.candidate_filter")
        yield from _sites(tier, table, f"tiers.{i}.")
    yield from _bonus(scenario, table, layers)
    yield from _futures(scenario, layers)


def _sites(said: SiteConditions, table: pd.DataFrame | None, before: str) -> Iterator[Fault]:
    """What is said of candidates by filter and by field."""
    for key in ("forced", "forbidden", "exclusive"):
        for i, wanted in enumerate(getattr(said, key)):
            yield from _fields_of(wanted, table, f"{before}{key}.{i}")
    for key in ("capacity", "least_load", "opening_cost"):
        amount = getattr(said, key)
        if isinstance(amount, str):
            yield from _number(amount, table, f"{before}{key}")


def _bonus(
    scenario: LocationScenario, table: pd.DataFrame | None, layers: Tables
) -> Iterator[Fault]:
    bonus = scenario.bonus
    if bonus is None:
        return
    if bonus.field is not None:
        yield from _number(bonus.field, table, "bonus.field")
    if bonus.scenario is not None:
        yield from _siting(bonus.scenario, layers, "bonus.scenario.")
        if bonus.scenario.alternatives != scenario.candidates:
            told = Sentence(
                f"比选 {scenario.candidates} 的方案",
                f"a scenario that scores {scenario.candidates}",
            )
            yield Fault.stating(None, "bonus.scenario", bonus.scenario.id, told)


def _futures(scenario: LocationScenario, layers: Tables) -> Iterator[Fault]:
    """What the futures read of the demand."""
    demand = layers.get(scenario.demand)
    for i, future in enumerate(scenario.futures):
        for j, one in enumerate(future.factors):
            yield from _fields_of(one.filter, demand, f"futures.{i}.factors.{j}.filter")


def _weights(scenario: SitingScenario, before: str) -> Iterator[Fault]:
    criteria = [spec.id for spec in scenario.criteria]
    groups = [group.id for group in scenario.groups]
    for place, spec in _stated(scenario, f"{before}weights"):
        known = groups if spec.over == "groups" else criteria
        for at, name in _named(spec, place):
            if name not in known:
                yield _unknown(at, name, known)
        named = {name for _, name in _named(spec, place)}
        for name in known:
            if name not in named:
                told = Sentence(f"给 {name} 的数", f"a number for {name}")
                yield Fault.stating(None, place, None, told)
    for at, name in _drawn(scenario, f"{before}weight_draws"):
        if name not in criteria:
            yield _unknown(at, name, criteria)


def _drawn(scenario: SitingScenario, place: str) -> Iterator[tuple[str, str]]:
    """The places and names of the criteria whose drawn weights are bound."""
    match scenario.weight_draws:
        case IntervalDraws(intervals=intervals):
            yield from ((f"{place}.intervals.{name}", name) for name in intervals)
        case ImportanceDraws(importance=importance):
            yield from ((f"{place}.importance.{name}", name) for name in importance)


def _stated(scenario: SitingScenario, place: str) -> Iterator[tuple[str, StatedWeights]]:
    match scenario.weights:
        case StakeholderWeights(people=people):
            yield from ((f"{place}.people.{i}.weights", p.weights) for i, p in enumerate(people))
        case PointWeights() | RankedWeights() | JudgedWeights():
            yield place, scenario.weights


def _named(spec: StatedWeights, place: str) -> Iterator[tuple[str, str]]:
    """The places and names of the criteria or groups for which weights are stated."""
    match spec:
        case PointWeights(points=points):
            yield from ((f"{place}.points.{name}", name) for name in points)
        case RankedWeights(importance=importance):
            yield from ((f"{place}.importance.{name}", name) for name in importance)
        case JudgedWeights(judgements=judgements):
            for i, one in enumerate(judgements):
                yield f"{place}.judgements.{i}.of", one.of
                yield f"{place}.judgements.{i}.over", one.over


def _layer(name: str, layers: Tables, place: str) -> Iterator[Fault]:
    if name not in layers:
        yield _unknown(place, name, layers)


def _fields_of(wanted: Filter, table: pd.DataFrame | None, place: str) -> Iterator[Fault]:
    for field in wanted:
        yield from _field(field, table, f"{place}.{field}")


def _field(name: str, table: pd.DataFrame | None, place: str) -> Iterator[Fault]:
    """A field that is not there; a layer that is not there has its own fault."""
    if table is not None and name not in _fields(table):
        yield _unknown(place, name, _fields(table))


def _number(name: str, table: pd.DataFrame | None, place: str) -> Iterator[Fault]:
    """A field that is not there or holds no numbers."""
    yield from _field(name, table, place)
    if table is not None and name in _fields(table) and not _is_numeric(table[name]):
        yield Fault.stating(None, place, name, Sentence("数值字段", "a field of numbers"))


def _is_numeric(column: pd.Series) -> bool:
    try:
        column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True


def _fields(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if name not in _NOT_READ]


def _unknown(place: str, name: str, known: Iterable[str]) -> Fault:
    listed = list(known)
    told = Sentence(f"{'、'.join(listed)} 之一", f"one of {', '.join(listed)}")
    return Fault.stating(None, place, name, told)
