"""Two rankings side by side: who rises, who falls, and what each criterion has to do with it.

From ranking A to ranking B the score by the weighted sum changes by exactly the sum, over the
criteria of both, of

    (w_b - w_a) (v_a + v_b) / 2     the part of the weight
    (v_b - v_a) (w_a + w_b) / 2     the part of the value
    w_b v_b, or - w_a v_a           the part of a criterion that only B, or only A, counts

The first two are the symmetric split of a change of a product (the Shapley value of its two
factors; Sun 1998), so that B against A gives the same parts with the other sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.contrast.declarations import (
    ContrastedCriterion,
    ContrastedRule,
    contrast_criteria,
    contrast_rules,
)
from geo.errors import ScenarioError
from geo.methods import LEADING
from geo.ranking import MOST_COMPARED, Agreement, agreement, ranks
from geo.scenario import Method
from geo.scoring import Ranks, SitingResult
from geo.sentence import Sentence

Standing = Literal["ranked", "excluded", "absent"]
"""How an alternative stands in a result; absent: its layer does not have it."""

MISSING_VALUE = "missing_value"
"""Stands in the place of a rule for an alternative without a value that a criterion requires."""

_KEPT = ("id", "name_zh", "name_en", "district")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two results: a value per alternative of the contrast, in its order.

    `rank` is 0 where the alternative is not ranked here, `rank_among_common` 0 unless it is ranked
    in both results; `tied`: shares its rank; `score` is NaN where not ranked. `excluded_by` has the
    ids of the rules that take it out, or `MISSING_VALUE`.
    """

    result: SitingResult
    standing: tuple[Standing, ...]
    rank: Ranks
    rank_among_common: Ranks
    tied: Mask
    score: Floats
    excluded_by: tuple[tuple[str, ...], ...]

    @property
    def method(self) -> Method:
        """The method that ranked."""
        return self.result.scenario.ranking.method

    @property
    def leaders(self) -> tuple[str, ...]:
        """Ids of all on the first rank."""
        return first_of(self.result, 1)

    @property
    def leading(self) -> tuple[str, ...]:
        """Ids of the first five, more where a tie runs across."""
        return first_of(self.result, LEADING)

    @property
    def leaders_inside(self) -> tuple[str, ...]:
        """Ids of the first inside the leading districts; empty without a first stage."""
        return first_inside(self.result)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the choice per group; empty where the scenario makes none."""
        return chosen_of(self.result)


@dataclass(frozen=True, slots=True)
class Parts:
    """What each criterion adds to the change of the score: (alternatives, criteria) each.

    Of the weighted sum, whatever method ranked. Rows of alternatives that are not ranked in both
    results are NaN.
    """

    weight: Floats
    value: Floats
    presence: Floats

    @property
    def total(self) -> Floats:
        """All three together: (alternatives, criteria); a row adds up to the change of the sum."""
        result: Floats = self.weight + self.value + self.presence
        return result


@dataclass(frozen=True, slots=True)
class Contrast:
    """Ranking A and ranking B over the alternatives of both, matched by id.

    `alternatives` (id, names, district): those ranked in A, best first, then those ranked in B
    alone, then those ranked in neither. `criteria` are those of A, then those of B alone, and so
    are `rules`; words are those of B where both declare it. `agreement` compares the ranks among
    the common alternatives; None where there is none.
    """

    a: Side
    b: Side
    alternatives: pd.DataFrame
    criteria: tuple[ContrastedCriterion, ...]
    rules: tuple[ContrastedRule, ...]
    parts: Parts
    agreement: Agreement | None

    @property
    def common(self) -> Mask:
        """Which alternatives are ranked in both results."""
        return (self.a.rank > 0) & (self.b.rank > 0)

    @property
    def places_gained(self) -> Ranks:
        """Rank in A less rank in B: above 0 for a rise; 0 unless ranked in both."""
        return np.where(self.common, self.a.rank - self.b.rank, 0)

    @property
    def gained_among_common(self) -> Ranks:
        """Places gained among the alternatives ranked in both."""
        return self.a.rank_among_common - self.b.rank_among_common

    @property
    def left_ahead(self) -> Ranks:
        """How many that are ranked in A alone stand ahead in A: places gained as they leave."""
        return np.where(self.common, self.a.rank - self.a.rank_among_common, 0)

    @property
    def entered_ahead(self) -> Ranks:
        """How many that are ranked in B alone stand ahead in B: places lost as they enter."""
        return np.where(self.common, self.b.rank - self.b.rank_among_common, 0)

    @property
    def gained_by_others(self) -> Ranks:
        """Places gained as others leave and enter; with those among the common ones, all."""
        return self.left_ahead - self.entered_ahead

    @property
    def additive(self) -> bool:
        """Whether both scores are weighted sums, so that they compare and their parts add up."""
        return self.a.method == self.b.method == "weighted_sum"

    @property
    def score_change(self) -> Floats:
        """Score in B less score in A; NaN unless ranked in both by the weighted sum."""
        nothing = np.full(len(self.alternatives), np.nan)
        return self.b.score - self.a.score if self.additive else nothing

    @property
    def changes_leader(self) -> bool:
        """Whether others lead."""
        return set(self.a.leaders) != set(self.b.leaders)

    @property
    def changes_leading(self) -> bool:
        """Whether the first five are not the same ones, in whatever order."""
        return set(self.a.leading) != set(self.b.leading)

    @property
    def changes_chosen(self) -> bool:
        """Whether others are chosen per group."""
        return set(self.a.chosen) != set(self.b.chosen)

    def row(self, name: str) -> int:
        """Return the row of the alternative of this id."""
        return int(np.flatnonzero(self.alternatives["id"] == name)[0])

    def name(self, row: int) -> Sentence:
        """The alternative's name in both languages."""
        return name_of(self.alternatives.iloc[row])


def contrast(a: SitingResult, b: SitingResult) -> Contrast:
    """Put two rankings side by side.

    Raises `ScenarioError` where no alternative stands in both layers, where an id stands twice in
    one, and for more than 5,000 alternatives, whose moves past each other are not followed.
    """
    _require_common(a, b)
    rows = _rows(a, b)
    both = set(a.alternatives["id"]) & set(b.alternatives["id"])
    common = np.array([name in both for name in rows], dtype=np.bool_)
    one, other = _side(a, rows, common), _side(b, rows, common)
    compared = None
    if common.any():
        shared = {"a": one.rank_among_common[common], "b": other.rank_among_common[common]}
        compared = agreement(shared, size=min(LEADING, int(common.sum())))
    criteria = contrast_criteria(a, b)
    return Contrast(
        a=one,
        b=other,
        alternatives=pd.DataFrame(list(rows.values())),
        criteria=criteria,
        rules=contrast_rules(a, b),
        parts=_parts(one, other, criteria, rows, common),
        agreement=compared,
    )


def first_of(result: SitingResult, size: int) -> tuple[str, ...]:
    """Ids of the first `size`, more where a tie runs across the last place."""
    last = result.rank[min(size, len(result.rank)) - 1]
    return tuple(result.alternatives["id"][result.rank <= last])


def first_inside(result: SitingResult) -> tuple[str, ...]:
    """Ids of the first inside the leading districts; empty without a first stage."""
    return tuple(result.alternatives["id"][result.rank_in_leading == 1])


def chosen_of(result: SitingResult) -> tuple[str, ...]:
    """Ids chosen per group, best first; empty where the scenario makes no such choice."""
    return tuple(result.alternatives["id"][result.chosen])


def name_of(row: pd.Series) -> Sentence:
    """Name of an alternative in both languages, the Chinese one where there is no English one."""
    english = row.get("name_en")
    return Sentence(str(row["name_zh"]), str(row["name_zh"] if pd.isna(english) else english))


def ranks_among(rank: Ranks, some: Mask) -> Ranks:
    """Ranks of some alternatives among themselves, ties kept: (alternatives,), 0 for the others."""
    among = np.zeros(len(rank), dtype=np.int64)
    among[some] = ranks(-rank[some].astype(np.float64))
    return among


def _rows(a: SitingResult, b: SitingResult) -> dict[str, dict[str, object]]:
    """What is kept of every alternative, by its id, in the order of the contrast."""
    rows: dict[str, dict[str, object]] = {}
    for table in (a.alternatives, b.alternatives, a.excluded, b.excluded):
        kept = table[[column for column in _KEPT if column in table.columns]]
        for record in kept.to_dict("records"):
            rows.setdefault(str(record["id"]), {str(key): one for key, one in record.items()})
    return rows


def _ids(result: SitingResult) -> list[str]:
    return [*result.alternatives["id"], *result.excluded["id"]]


def _require_common(a: SitingResult, b: SitingResult) -> None:
    here, there = _ids(a), _ids(b)
    for result, ids in ((a, here), (b, there)):
        twice = sorted({name for name, n in Counter(ids).items() if n > 1})
        if twice:
            raise ScenarioError(
                f"layer {result.scenario.alternatives!r} has {', '.join(twice[:5])} more than "
                "once; alternatives are matched by id, which has to be its own for each",
                f"图层 {result.scenario.alternatives!r} 中 {'、'.join(twice[:5])} 出现多次；"
                "备选按 id 对应，id 不得重复",
            )
    one, other = a.scenario, b.scenario
    if not set(here) & set(there):
        raise ScenarioError(
            f"scenarios {one.id!r} and {other.id!r} have no alternative in common (layers "
            f"{one.alternatives!r} and {other.alternatives!r}); compare scenarios over the same "
            "layer",
            f"方案 {one.id!r} 与 {other.id!r} 没有共同的备选（图层 {one.alternatives!r} 与 "
            f"{other.alternatives!r}）；请比较同一图层上的方案",
        )
    if len({*here, *there}) > MOST_COMPARED:
        raise ScenarioError(
            f"{len({*here, *there}):,} alternatives are too many to put side by side; at most "
            f"{MOST_COMPARED:,}",
            f"{len({*here, *there}):,} 个备选过多，无法逐一对照；至多 {MOST_COMPARED:,} 个",
        )


def _side(result: SitingResult, rows: Collection[str], common: Mask) -> Side:
    ranked = {name: i for i, name in enumerate(result.alternatives["id"])}
    gone = {name: i for i, name in enumerate(result.excluded["id"])}
    rank, score = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), np.nan)
    here = np.array([name in ranked for name in rows], dtype=np.bool_)
    at = [ranked[name] for name in rows if name in ranked]
    rank[here], score[here] = result.rank[at], result.scores[at]
    return Side(
        result=result,
        standing=tuple(
            "ranked" if name in ranked else "excluded" if name in gone else "absent"
            for name in rows
        ),
        rank=rank,
        rank_among_common=ranks_among(rank, common),
        tied=here & (np.bincount(rank)[rank] > 1),
        score=score,
        excluded_by=tuple(_excluded_by(result, gone[n]) if n in gone else () for n in rows),
    )


def _excluded_by(result: SitingResult, row: int) -> tuple[str, ...]:
    met = [result.scenario.exclusions[j].id for j in np.flatnonzero(result.ledger[row])]
    return tuple(met) or (MISSING_VALUE,)


def _parts(
    a: Side,
    b: Side,
    criteria: Sequence[ContrastedCriterion],
    rows: Collection[str],
    common: Mask,
) -> Parts:
    (w_a, v_a), (w_b, v_b) = (_aligned(side.result, criteria, rows) for side in (a, b))
    counted_a, counted_b = ~np.isnan(w_a), ~np.isnan(w_b)
    both = counted_a & counted_b
    entered = np.where(counted_b & ~counted_a, w_b * v_b, 0.0)
    left = np.where(counted_a & ~counted_b, w_a * v_a, 0.0)
    unknown = np.where(common, 0.0, np.nan)[:, None]
    return Parts(
        weight=np.where(both, (w_b - w_a) * (v_a + v_b) / 2.0, 0.0) + unknown,
        value=np.where(both, (v_b - v_a) * (w_a + w_b) / 2.0, 0.0) + unknown,
        presence=entered - left + unknown,
    )


def _aligned(
    result: SitingResult, criteria: Sequence[ContrastedCriterion], rows: Collection[str]
) -> tuple[Floats, Floats]:
    """Weights (criteria,) and values (alternatives, criteria), NaN where not counted or ranked."""
    column = {spec.id: j for j, spec in enumerate(result.scenario.criteria)}
    place = {name: i for i, name in enumerate(result.alternatives["id"])}
    weight = np.array([result.weights.get(one.id, np.nan) for one in criteria])
    value = np.full((len(rows), len(criteria)), np.nan)
    here = [i for i, name in enumerate(rows) if name in place]
    there = [place[name] for name in rows if name in place]
    for j, one in enumerate(criteria):
        if one.id in column:
            value[here, j] = result.values[there, column[one.id]]
    return weight, value
