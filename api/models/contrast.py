"""Shapes of two rankings side by side, and of the resolution audit."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from api.models.base import Shape
from geo.contrast import Standing
from geo.contrast.causes import CauseKind, PartKind
from geo.resolution.variants import VariantKind
from geo.scenario import Method


class ContrastSide(Shape):
    """One of the two rankings; lists are of ids. `leaders_inside`: within the leading districts."""

    scenario: str
    title: str
    as_of: date
    method: Method
    weights: dict[str, float]
    ranked: int
    excluded: int
    leaders: list[str]
    first_five: list[str]
    leaders_inside: list[str]
    chosen: list[str]


class ContrastPart(Shape):
    """The part that moves a difference of scores most; `margin` is what all parts add up to."""

    kind: PartKind
    criterion: str
    amount: float
    margin: float


class ContrastTurn(Shape):
    """What turns the leader: the score of `before` less that of `after`, in A and in B.

    `before` leads A; `after` leads B in its place or, where it stays, is next behind it.
    """

    before: str
    after: str | None
    margin_a: float | None
    margin_b: float | None
    part: ContrastPart | None


class ContrastedCriterionShape(Shape):
    """A criterion of either ranking; a weight is null where it is not counted."""

    id: str
    name: str
    weight_a: float | None
    weight_b: float | None
    redeclared: bool


class ContrastedRuleShape(Shape):
    """A rule of either ranking, and how many it takes out; null where it does not stand."""

    id: str
    sentence: str
    excluded_a: int | None
    excluded_b: int | None
    redeclared: bool


class CriterionParts(Shape):
    """What one criterion adds to the change of the weighted sum."""

    weight: float
    value: float
    presence: float


class ContrastCause(Shape):
    """Why an alternative stands elsewhere; the part is a mean against the `passed` ones."""

    kind: CauseKind
    passed: int
    part: ContrastPart | None


class ContrastedAlternative(Shape):
    """An alternative of either ranking.

    `places_gained` = `gained_among_common` + `left_ahead` - `entered_ahead`; all parts together are
    the change of the weighted sum. Null unless ranked in both.
    """

    id: str
    name_zh: str
    name_en: str
    district: str | None
    standing_a: Standing
    standing_b: Standing
    rank_a: int | None
    rank_b: int | None
    tied_a: bool
    tied_b: bool
    score_a: float | None
    score_b: float | None
    score_change: float | None
    places_gained: int | None
    gained_among_common: int | None
    left_ahead: int | None
    entered_ahead: int | None
    parts: dict[str, CriterionParts] | None
    excluded_by_a: list[str]
    excluded_by_b: list[str]
    cause: ContrastCause
    sentence: str


class ContrastShape(Shape):
    """Ranking A and ranking B: whether the decision changes, and why."""

    a: ContrastSide
    b: ContrastSide
    sentence: str
    changes_leader: bool
    changes_first_five: bool
    changes_chosen: bool
    turn: ContrastTurn
    common: int
    kendall: float | None
    spearman: float | None
    agreement: str
    scores_comparable: bool
    scores: str
    differences: list[str]
    criteria: list[ContrastedCriterionShape]
    rules: list[ContrastedRuleShape]
    alternatives: list[ContrastedAlternative]


class ChangeShape(Shape):
    """What a variation changes: reaches by a factor, or points put together by cell or district."""

    kind: VariantKind
    criteria: list[str]
    factor: float | None
    cell_m: float | None
    title: str


class VariationShape(ChangeShape):
    """The ranking under a change, beside the one as declared.

    `features`: how many are counted before and after they are put together. `ranks` has every
    alternative of the ranking as declared, null where it is not ranked here.
    """

    features: list[int] | None = Field(min_length=2, max_length=2)
    kendall: float | None
    changes_leader: bool
    changes_first_five: bool
    changes_leader_inside: bool
    changes_chosen: bool
    leaders: list[str]
    first_five: list[str]
    leaders_inside: list[str]
    greatest_change: int
    movers: list[str]
    ranks: dict[str, int | None]
    sentence: str


class FailedVariation(ChangeShape):
    """A change that could not be run, and why."""

    sentence: str


class AuditShape(Shape):
    """The resolution audit: the same scenario at other radii and on coarser layers."""

    sentence: str
    notes: list[str]
    leaders: list[str]
    first_five: list[str]
    leaders_inside: list[str]
    variations: list[VariationShape]
    failed: list[FailedVariation]
