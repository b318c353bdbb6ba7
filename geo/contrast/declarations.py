"""What two scenarios declare, side by side and matched by id: criteria and exclusion rules."""

from __future__ import annotations

from dataclasses import dataclass

from geo.scenario import CriterionSpec, Exclusion
from geo.scoring import SitingResult
from geo.sentence import Sentence


@dataclass(frozen=True, slots=True)
class ContrastedCriterion:
    """A criterion of either result: its share of the weight in each, None where not counted.

    `redeclared`: measured or valued by another declaration in B.
    """

    id: str
    name: Sentence
    weight_a: float | None
    weight_b: float | None
    redeclared: bool


@dataclass(frozen=True, slots=True)
class ContrastedRule:
    """An exclusion of either result: how many it takes out in each, None where it does not stand.

    `redeclared`: another field, comparison or threshold in B.
    """

    id: str
    sentence: Sentence
    excluded_a: int | None
    excluded_b: int | None
    redeclared: bool


def contrast_criteria(a: SitingResult, b: SitingResult) -> tuple[ContrastedCriterion, ...]:
    """Criteria of A, then those of B alone."""
    one = {spec.id: spec for spec in a.scenario.criteria}
    other = {spec.id: spec for spec in b.scenario.criteria}
    return tuple(
        ContrastedCriterion(
            id=name,
            name=spec.name,
            weight_a=a.weights[name] if name in one else None,
            weight_b=b.weights[name] if name in other else None,
            redeclared=name in one and name in other and _differ(one[name], other[name]),
        )
        for name, spec in (one | other).items()
    )


def _differ(one: CriterionSpec, other: CriterionSpec) -> bool:
    """Whether two declarations of a criterion may give the same feature another value."""
    apart = {"what", "site"}
    measures = [spec.measure.model_dump(exclude=apart) for spec in (one, other)]
    values = [spec.value.model_dump(exclude=apart) for spec in (one, other)]
    rules = [(spec.direction, spec.missing) for spec in (one, other)]
    return measures[0] != measures[1] or values[0] != values[1] or rules[0] != rules[1]


def contrast_rules(a: SitingResult, b: SitingResult) -> tuple[ContrastedRule, ...]:
    """Rules of A, then those of B alone."""
    one = {rule.id: (rule, j) for j, rule in enumerate(a.scenario.exclusions)}
    other = {rule.id: (rule, j) for j, rule in enumerate(b.scenario.exclusions)}
    return tuple(
        ContrastedRule(
            id=name,
            sentence=rule.sentence,
            excluded_a=int(a.ledger[:, one[name][1]].sum()) if name in one else None,
            excluded_b=int(b.ledger[:, other[name][1]].sum()) if name in other else None,
            redeclared=name in one
            and name in other
            and _test(one[name][0]) != _test(other[name][0]),
        )
        for name, (rule, _) in (one | other).items()
    )


def _test(rule: Exclusion) -> dict[str, object]:
    """What a rule tests, without its words."""
    return rule.model_dump(exclude={"sentence", "clause", "assumption"})
