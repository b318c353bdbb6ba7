"""The resolution audit: does a ranking hold at other radii, and on coarser layers?

Figures counted within a radius or over units depend on both (the modifiable areal unit problem,
Openshaw 1984). The audit runs a scenario again with each reach changed, and with the layers that
are counted put together in cells or districts, and sets every ranking beside the declared one.
What happens to reference levels stands in `geo.resolution.reach`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Protocol

import numpy as np

from geo.arrays import Mask
from geo.contrast import chosen_of, first_inside, first_of, name_of, ranks_among
from geo.criteria import Tables
from geo.errors import OuzhiError, ScenarioError
from geo.methods import LEADING
from geo.ranking import agreement
from geo.resolution.variants import Change, Features, plan_aggregations, plan_reaches
from geo.scenario import SitingScenario
from geo.scoring import Ranks, SitingResult, score_alternatives
from geo.sentence import Sentence

RADIUS_FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0)
CELLS_M = (2_000.0, 5_000.0, 10_000.0)
_SHOWN = 3

LEVELS = Sentence(
    zh="改变半径时，计数、合计与引力可达性按倍数的平方折回原有面积后再评价（相当于参考水平乘以倍数的"
    "平方），否则看到的只是参考水平用尽；密度、占比与 z 值不折算。",
    en="With another radius counts, sums and gravity are brought back to the declared area by the "
    "square of the factor before they are valued (as if the reference levels were multiplied by "
    "it): otherwise one would see the levels run out. Densities, shares and z-scores stay as they "
    "are.",
)
COARSE = Sentence(
    zh="聚合时数量相加，位置取按数量加权的平均；按区县聚合时放在区县驻地。最近距离、属性、区内合计与"
    "热点不聚合。",
    en="Where features are put together their amounts add up, at the mean position weighted by "
    "amount, or at the seat of the district. Distances to the nearest, attributes, sums of members "
    "and hot spots are left as they are.",
)


class Score(Protocol):
    """What runs a scenario: `geo.scoring.score_alternatives`, or the same with settings."""

    def __call__(
        self,
        scenario: SitingScenario,
        tables: Tables,
        *,
        weights: Mapping[str, float] | None,
        as_of: date | None,
    ) -> SitingResult:
        """Rank the alternatives of a scenario."""
        ...


@dataclass(frozen=True, slots=True)
class Variation:
    """A ranking of the same alternatives under a change, beside the declared one.

    `features` has how many features are counted before and after they are put together, over all
    criteria touched; None where they are not. `rank` is in the order of the base's alternatives, 0
    where not ranked; `kendall` is tau-b over
    those ranked in both, NaN where it does not exist. `greatest_change` is in places, up or down,
    and `movers` are the ids of all that move so far (none where nobody moves).
    """

    change: Change
    features: Features | None
    rank: Ranks
    kendall: float
    leaders: tuple[str, ...]
    leading: tuple[str, ...]
    leaders_inside: tuple[str, ...]
    changes_leader: bool
    changes_leading: bool
    changes_leader_inside: bool
    changes_chosen: bool
    greatest_change: int
    movers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResolutionAudit:
    """The declared ranking, every variation of it, and the changes that could not be run."""

    base: SitingResult
    variations: tuple[Variation, ...]
    failed: tuple[tuple[Change, Sentence], ...]

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """How levels and positions are dealt with, as far as it matters."""
        kinds = {one.change.kind for one in self.variations}
        coarse = (COARSE,) if kinds & {"cells", "districts"} else ()
        return (*((LEVELS,) if "reach" in kinds else ()), *coarse)

    @property
    def sentence(self) -> Sentence:
        """Say in how many variations the leader and the first five hold, and where they do not."""
        return _summary(self)

    def describe(self, variation: Variation) -> Sentence:
        """Say what one variation does to the decision, and who moves farthest."""
        return _describe(self, variation)

    def name(self, alternative: str) -> Sentence:
        """Name of an alternative by its id."""
        for table in (self.base.alternatives, self.base.excluded):
            found = table[table["id"] == alternative]
            if len(found):
                return name_of(found.iloc[0])
        return Sentence(alternative, alternative)


def audit_resolution(
    scenario: SitingScenario,
    tables: Tables,
    *,
    radius_factors: Sequence[float] = RADIUS_FACTORS,
    cells_m: Sequence[float] = CELLS_M,
    weights: Mapping[str, float] | None = None,
    as_of: date | None = None,
    score: Score = score_alternatives,
) -> ResolutionAudit:
    """Run a scenario at other radii and on coarser layers, and compare the rankings.

    Radii: all at once (of a first stage too), and where there are several each alone. Coarser
    layers: the targets of counts, sums, kernel densities and gravity in cells of each size, and
    the layer `demand` by districts. `weights` and `as_of` are those of the run. Raises
    `ScenarioError` for a factor or cell that is not a number above 0, and as `score` does for the
    scenario as declared; a variation that cannot be run is kept in `failed`.
    """
    _require_above_zero("radius_factors", radius_factors)
    _require_above_zero("cells_m", cells_m)
    base = score(scenario, tables, weights=weights, as_of=as_of)
    plans = chain(
        plan_reaches(scenario, tables, radius_factors), plan_aggregations(scenario, tables, cells_m)
    )
    found, failed = [], []
    for change, build in plans:
        try:
            varied, changed, features = build()
            result = score(varied, changed, weights=weights, as_of=as_of)
        except OuzhiError as error:
            failed.append((change, error.sentence))
        else:
            found.append(_compare(base, result, change, features))
    return ResolutionAudit(base, tuple(found), tuple(failed))


def _require_above_zero(name: str, numbers: Sequence[float]) -> None:
    wrong = [number for number in numbers if not (math.isfinite(number) and number > 0)]
    if wrong:
        listed = ", ".join(f"{number:g}" for number in wrong)
        raise ScenarioError(
            f"{name} has {listed}; expected numbers above 0",
            f"{name} 中有 {listed}；应为大于 0 的数",
        )


def _compare(
    base: SitingResult, result: SitingResult, change: Change, features: Features | None
) -> Variation:
    place = {name: i for i, name in enumerate(result.alternatives["id"])}
    at = np.array([place.get(name, -1) for name in base.alternatives["id"]], dtype=np.intp)
    common = at >= 0
    rank = np.where(common, result.rank[at], 0)
    moved = np.where(common, np.abs(base.rank - rank), 0)
    greatest = int(moved.max())
    leaders, leading = first_of(result, 1), first_of(result, LEADING)
    inside = first_inside(result)
    movers = tuple(base.alternatives["id"][(moved == greatest) & (moved > 0)])
    return Variation(
        change=change,
        features=features,
        rank=rank,
        kendall=_kendall(base.rank, rank, common),
        leaders=leaders,
        leading=leading,
        leaders_inside=inside,
        changes_leader=set(leaders) != set(first_of(base, 1)),
        changes_leading=set(leading) != set(first_of(base, LEADING)),
        changes_leader_inside=set(inside) != set(first_inside(base)),
        changes_chosen=set(chosen_of(result)) != set(chosen_of(base)),
        greatest_change=greatest,
        movers=movers,
    )


def _kendall(base: Ranks, rank: Ranks, common: Mask) -> float:
    if not common.any():
        return float("nan")
    pair = {"base": ranks_among(base, common)[common], "varied": ranks_among(rank, common)[common]}
    return float(agreement(pair).kendall[0, 1])


def _describe(audit: ResolutionAudit, one: Variation) -> Sentence:
    zh, en = one.change.title.zh, one.change.title.en
    if one.features is not None:
        before, after = one.features
        zh, en = f"{zh}（{before} 个并为 {after} 个）", f"{en} ({before} into {after})"
    said = [_leader(audit, one), _leading(audit, one), _tau(one.kendall), _movers(audit, one)]
    return Sentence(
        f"{zh}：{'，'.join(part.zh for part in said)}。", f"{en}: {', '.join(p.en for p in said)}."
    )


def _leader(audit: ResolutionAudit, one: Variation) -> Sentence:
    names = _listed(audit, one.leaders)
    if one.changes_leader:
        return Sentence(f"首选改为{names.zh}", f"the leader becomes {names.en}")
    return Sentence(f"首选仍为{names.zh}", f"the leader is still {names.en}")


def _leading(audit: ResolutionAudit, one: Variation) -> Sentence:
    if not one.changes_leading:
        return Sentence("前五名不变", "the first five stay the same")
    new = [name for name in one.leading if name not in first_of(audit.base, LEADING)]
    names = _listed(audit, new)
    if not new:
        return Sentence("前五名有退出", "some of the first five drop out")
    return Sentence(f"前五名新进{names.zh}", f"{names.en} new among the first five")


def _tau(kendall: float) -> Sentence:
    if math.isnan(kendall):
        return Sentence("名次相关无从计算", "no correlation of the ranks")
    return Sentence(f"τ-b {kendall:.3f}", f"tau-b {kendall:.3f}")


def _movers(audit: ResolutionAudit, one: Variation) -> Sentence:
    if not one.movers:
        return Sentence("名次均无变动", "nobody moves")
    names, ids = _listed(audit, one.movers), list(audit.base.alternatives["id"])
    first = ids.index(one.movers[0])
    if len(one.movers) > 1:
        far = "1 place" if one.greatest_change == 1 else f"{one.greatest_change} places"
        return Sentence(
            f"变动最大的是{names.zh}（各 {one.greatest_change} 位）",
            f"{names.en} move farthest ({far} each)",
        )
    old, new = audit.base.rank[first], one.rank[first]
    return Sentence(
        f"变动最大的是{names.zh}（第 {old} 名到第 {new} 名）",
        f"{names.en} moves farthest (rank {old} to {new})",
    )


def _summary(audit: ResolutionAudit) -> Sentence:
    tried = audit.variations
    if not tried and not audit.failed:
        return Sentence(
            "没有准则带有可变的范围或可聚合的图层，无需审查分辨率。",
            "No criterion has a reach to change or a layer to put together: there is nothing to "
            "audit.",
        )
    names, count = _listed(audit, first_of(audit.base, 1)), len(tried)
    led = sum(not one.changes_leader for one in tried)
    five = sum(not one.changes_leading for one in tried)
    said = [
        Sentence(
            f"{count} 种范围与聚合的变化中，首选（{names.zh}）在 {led} 种中不变，前五名在 {five} "
            "种中不变。",
            f"The leader ({names.en}) holds in {led} of {count} variations of reach and "
            f"aggregation, the first five in {five}.",
        ),
        *_inside(audit),
        *_chosen(audit),
        *_least_alike(tried),
        *_turned(audit),
    ]
    if audit.failed:
        number = len(audit.failed)
        said.append(Sentence(f"另有 {number} 种无法运行。", f"{number} more could not be run."))
    return Sentence("".join(one.zh for one in said), " ".join(one.en for one in said))


def _inside(audit: ResolutionAudit) -> list[Sentence]:
    """In how many variations the leader inside the leading districts holds."""
    if audit.base.first_stage is None or not audit.variations:
        return []
    names = _listed(audit, first_inside(audit.base))
    held = sum(not one.changes_leader_inside for one in audit.variations)
    return [
        Sentence(
            f"领先的县（市、区）内的首选（{names.zh}）在 {held} 种中不变。",
            f"The leader within the leading districts ({names.en}) holds in {held}.",
        )
    ]


def _chosen(audit: ResolutionAudit) -> list[Sentence]:
    """In how many variations the choice per group holds, where the scenario makes one."""
    if audit.base.scenario.per_group is None or not audit.variations:
        return []
    held = sum(not one.changes_chosen for one in audit.variations)
    return [
        Sentence(f"分组选出的备选在 {held} 种中不变。", f"The choice per group holds in {held}.")
    ]


def _least_alike(tried: Sequence[Variation]) -> list[Sentence]:
    known = [one for one in tried if not math.isnan(one.kendall)]
    if not known:
        return []
    least = min(known, key=lambda one: one.kendall)
    zh, en = least.change.title.zh, least.change.title.en
    return [
        Sentence(
            f"名次相关（Kendall τ-b）最低为 {least.kendall:.3f}（{zh}）。",
            f"The ranks correlate with Kendall's tau-b {least.kendall:.3f} at least ({en}).",
        )
    ]


def _turned(audit: ResolutionAudit) -> list[Sentence]:
    """The variations under which others lead, the first few of them."""
    turned = [one for one in audit.variations if one.changes_leader]
    if not turned:
        return []
    zh, en = [], []
    for one in turned[:_SHOWN]:
        names = _listed(audit, one.leaders)
        zh.append(f"{names.zh}（{one.change.title.zh}）")
        en.append(f"{names.en} ({one.change.title.en})")
    rest = len(turned) - _SHOWN
    return [
        Sentence(
            f"改由他者居首：{'；'.join(zh)}{f'；另有 {rest} 种' if rest > 0 else ''}。",
            f"Others lead: {'; '.join(en)}{f'; and {rest} more' if rest > 0 else ''}.",
        )
    ]


def _listed(audit: ResolutionAudit, ids: Sequence[str]) -> Sentence:
    names = [audit.name(name) for name in ids[:_SHOWN]]
    rest = len(ids) - len(names)
    return Sentence(
        "、".join(f"“{one.zh}”" for one in names) + (f"等 {len(ids)} 个" if rest else ""),
        ", ".join(one.en for one in names) + (f" and {rest} more" if rest else "") or "nobody",
    )
