"""Why the leaders lead, criterion by criterion, and why others were left out, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from api.palette import group_colour
from api.reports import numerals
from geo.scenario import CategoriesSpec
from geo.scoring import SitingResult
from geo.sentence import Lang, Sentence
from layers.catalog import LAYERS, FieldSpec

LEADERS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One alternative under one criterion: performance with its unit, and the contribution."""

    performance: str
    contribution: float


@dataclass(frozen=True, slots=True)
class CriterionReason:
    """One criterion: its name, weight, proxy mark, and a cell per leader."""

    name: str
    weight: float
    proxy: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class GroupReason:
    """One group of criteria with its sum per leader."""

    title: str
    weight: float
    colour: str
    sums: list[float]
    criteria: list[CriterionReason]


def explain_leaders(result: SitingResult, lang: Lang) -> list[GroupReason]:
    """Contributions of the first five, by group and criterion; all cells add up to the scores."""
    leaders = range(min(LEADERS, len(result.alternatives)))
    column = {criterion.id: j for j, criterion in enumerate(result.criteria)}
    groups = []
    for at, group in enumerate(result.scenario.groups):
        rows = []
        for criterion in group.leaves():
            j = column[criterion.id]
            cells = [
                Cell(_performed(result, i, j), float(result.contributions[i, j])) for i in leaders
            ]
            name = f"{criterion.name.of(lang)}"
            unit = criterion.unit.of(lang)
            named = f"{name}（{unit}）" if lang == "zh" else f"{name} ({unit})"
            weight = result.weights[criterion.id]
            rows.append(CriterionReason(named, weight, criterion.proxy_for is not None, cells))
        sums = [sum(row.cells[i].contribution for row in rows) for i in leaders]
        weight = sum(row.weight for row in rows)
        title = group.title.of(lang)
        groups.append(GroupReason(title, weight, group_colour(at), sums, rows))
    return groups


def _performed(result: SitingResult, i: int, j: int) -> str:
    """A performance as a figure, a category by its name."""
    value, spec = float(result.performance.value[i, j]), result.criteria[j].value
    if result.performance.missing[i, j]:
        return numerals.NOT_GIVEN
    if isinstance(spec, CategoriesSpec):
        return list(spec.values)[round(value)]
    return numerals.figure(value)


@dataclass(frozen=True, slots=True)
class Excluded:
    """One alternative that a rule takes out, with the value that does it."""

    id: str
    district: str
    value: str


@dataclass(frozen=True, slots=True)
class RuleReason:
    """One rule: its sentence, clause and assumption in one language, and whom it takes out."""

    sentence: str
    clause: str | None
    assumption: str | None
    excluded: list[Excluded]


_MISSING = Sentence("缺少必需的数值", "A required value is not given")


def explain_exclusions(result: SitingResult, lang: Lang) -> list[RuleReason]:
    """The ledger by rule, each with the values that decided; then those without a value."""
    units = {
        field.name: f" {field.unit.of(lang)}"
        for field in _fields_of(result.scenario.alternatives)
        if field.unit
    }
    reasons = []
    for j, rule in enumerate(result.scenario.exclusions):
        rows = result.excluded[result.ledger[:, j]]
        unit = units.get(rule.field, "")
        listed = [
            _excluded(row, f"{_printed(row[rule.field])}{unit}") for _, row in rows.iterrows()
        ]
        assumption = rule.assumption.of(lang) if rule.assumption else None
        reasons.append(RuleReason(rule.sentence.of(lang), rule.clause, assumption, listed))
    unruled = result.excluded[~result.ledger.any(axis=1)]
    if len(unruled):
        listed = [_excluded(row, numerals.NOT_GIVEN) for _, row in unruled.iterrows()]
        reasons.append(RuleReason(_MISSING.of(lang), None, None, listed))
    return reasons


def _excluded(row: pd.Series, value: str) -> Excluded:
    return Excluded(str(row["id"]), str(row["district"]), value)


def _printed(value: object) -> str:
    return value if isinstance(value, str) else numerals.exact(value)


def _fields_of(layer: str) -> tuple[FieldSpec, ...]:
    """The fields whose units are known: those of the catalogue."""
    return LAYERS[layer].fields if layer in LAYERS else ()
