"""Shapes of rankings."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Shape, Source
from api.models.contrast import AuditShape, ContrastShape


class Curve(Shape):
    """Points of a value function, ready to plot."""

    performance: list[float]
    value: list[float]


class ValueFunction(Shape):
    """How a performance is valued; `turns` are where it bends, in the criterion's unit."""

    kind: Literal["linear", "piecewise", "step", "categories", "logistic", "gaussian", "target"]
    sentence: str
    turns: list[float]
    curve: Curve
    categories: list[str] | None


class Criterion(Shape):
    """A criterion with its share of the weight and its sentence.

    `group` is its top group, `subgroup` the one inside that it stands in. `weight` is null before a
    run where the weights are read off the data.
    """

    id: str
    name: str
    group: str
    subgroup: str | None
    unit: str
    direction: Literal["benefit", "cost"]
    weight: float | None
    sentence: str
    proxy_for: str | None
    as_of: date
    sources: list[str]
    missing: str
    missing_count: int | None
    value_function: ValueFunction


class CriterionGroup(Shape):
    """A group of criteria, with the groups inside."""

    id: str
    title: str
    weight: float | None
    criteria: list[str]
    groups: list[CriterionGroup]


class Rule(Shape):
    """An exclusion: its sentence, where it comes from, whether it is borrowed, how many it took."""

    id: str
    sentence: str
    assumption: str | None
    clause: str | None
    excluded: int | None


Doubt = Literal["weights", "values", "positions"]


class Alternative(Shape):
    """A ranked alternative; contributions add up to the score of the weighted sum.

    `score_interval` is null for a method whose score depends on the others. From
    `rank_acceptability` on null unless odds were drawn; `rank_band` holds nine draws of ten.
    """

    id: str
    name_zh: str
    name_en: str
    district: str
    rank: int
    tied_with: list[str]
    score: float
    score_interval: list[float] | None = Field(min_length=2, max_length=2)
    contributions: dict[str, float]
    values: dict[str, float]
    performance: dict[str, float | str | None]
    method_ranks: dict[str, int]
    dominated_by: list[str]
    accuracy_m: float | None
    indicative: bool
    shares_point_with: list[str]
    in_leading: bool
    rank_in_leading: int | None
    group: str | None
    rank_in_group: int | None
    chosen: bool | None
    doubt: str | None
    rank_acceptability: list[float] | None
    rank_band: list[int] | None = Field(min_length=2, max_length=2)
    first_share: float | None
    among_first_five_share: float | None
    first_in_group_share: float | None
    holistic: float | None
    confidence_factor: float | None
    central_weights: list[float | None] | None
    moved_most_by: Doubt | None
    rank_spread: dict[Doubt, float] | None
    odds_sentence: str | None


class OddsShape(Shape):
    """How the odds were drawn; `half_width` is the sampling error of a share at 95 %.

    `spread`: mean standard deviation of the ranks when one doubt alone is drawn. `pairwise` [i][k]:
    share of draws with alternative i ahead of k; null for more than 200.
    """

    draws: int
    seed: int
    half_width: float
    band_share: float
    sentence: str
    moved_most_by: Doubt | None
    spread: dict[Doubt, float]
    pairwise: list[list[float]] | None


class MethodShape(Shape):
    """The method that ranks; `additive` says whether contributions add up to its score."""

    id: str
    name: str
    sentence: str
    additive: bool


class MethodEntry(Shape):
    """One method of those side by side."""

    id: str
    name: str
    sentence: str
    leaders: list[str]


class MethodsShape(Shape):
    """All methods side by side; correlations in the order of `methods`, null where all tie."""

    methods: list[MethodEntry]
    kendall: list[list[float | None]]
    spearman: list[list[float | None]]
    changes_leader: bool
    changes_leading: bool
    leading_size: int
    sentence: str
    left_out: list[str]


class WorstJudgement(Shape):
    """The judgement most at odds with the others, and the value that would mend it."""

    of: str
    over: str
    value: float
    mended: float
    on_scale: str
    ratio_then: float


class Consistency(Shape):
    """How consistent pairwise judgements are (AHP)."""

    ratio: float
    acceptable: bool
    random_index: float
    lambda_max: float
    missing_pairs: int
    sentence: str
    most_inconsistent: WorstJudgement | None


class StakeholderShape(Shape):
    """One body: its own weights, and the ranks that they alone would give."""

    id: str
    name: str
    say: float
    weights: dict[str, float]
    consistency: Consistency | None
    ranks: dict[str, int]


class WeightingShape(Shape):
    """How the weights came about."""

    method: str
    changed: bool
    sentences: list[str]
    consistency: Consistency | None
    stakeholders: list[StakeholderShape]


class WeightStep(Shape):
    """The least change of weights; `distance` is the sum of absolute changes, 0 to 2."""

    distance: float
    weights: dict[str, float]


class ValueStep(Shape):
    """One value that would do: in [0, 1], and in the criterion's unit where there is one."""

    criterion: str
    value: float
    increase: float
    performance: float | None


class OvertakingShape(Shape):
    """What puts `ahead` level with `behind`; null or empty where nothing does."""

    ahead: str
    behind: str
    sentence: str
    weights: WeightStep | None
    values: list[ValueStep]


class ChangesShape(Shape):
    """What would have to change, on the weighted sum; `radius` null: nobody can overtake."""

    leader: str
    radius: float | None
    challengers: list[str]
    sentence: str
    stable_weights: dict[str, list[float]]
    asked: OvertakingShape | None
    overtakings: list[OvertakingShape]


class Margin(Shape):
    """How far an excluded alternative is from a rule's threshold; null for a rule by list."""

    rule: str
    margin: float | None
    sentence: str | None


class Excluded(Shape):
    """An alternative that rules took out; `would_rank`: its rank if it alone were let in."""

    id: str
    name_zh: str
    name_en: str
    district: str | None
    excluded_by: list[str]
    reasons: list[str]
    margins: list[Margin]
    single_rule: bool
    would_rank: int | None


class StageAlternative(Shape):
    """A ranked alternative of the first stage."""

    id: str
    name_zh: str
    name_en: str | None
    rank: int
    score: float
    score_interval: list[float] | None = Field(min_length=2, max_length=2)
    rank_band: list[int] | None = Field(min_length=2, max_length=2)
    first_share: float | None
    odds_sentence: str | None


class Stage(Shape):
    """The stage before."""

    scenario: str
    leading: list[str]
    leading_names: list[str]
    alternatives: list[StageAlternative]


class PerGroupShape(Shape):
    """So many are chosen of each value of a field."""

    field: str
    choose: int
    sentence: str


class Ranking(Shape):
    """A siting scenario run; of more than 5,000 alternatives the first 5,000 are listed.

    `contrast` puts it beside the ranking it was to be compared with, `audit` beside itself at other
    radii and on coarser layers; null where not asked for.
    """

    scenario: str
    kind: Literal["siting"]
    title: str
    as_of: date
    clause: str
    heading: str | None
    layer: str
    method: MethodShape
    methods: MethodsShape
    weighting: WeightingShape
    alternatives: list[Alternative]
    alternatives_total: int
    odds: OddsShape | None
    changes: ChangesShape | None
    per_group: PerGroupShape | None
    excluded: list[Excluded]
    excluded_total: int
    criteria: list[Criterion]
    groups: list[CriterionGroup]
    rules: list[Rule]
    first_stage: Stage | None
    warnings: list[str]
    sources: list[Source]
    contrast: ContrastShape | None
    audit: AuditShape | None


class SitingDefinition(Shape):
    """A siting scenario as declared."""

    id: str
    kind: Literal["siting"]
    title: str
    as_of: date
    clause: str
    alternatives: str
    groups: list[CriterionGroup]
    criteria: list[Criterion]
    rules: list[Rule]
    per_group: PerGroupShape | None
    assumptions: list[str]
