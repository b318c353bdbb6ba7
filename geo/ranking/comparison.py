"""Rankings side by side: how alike they are, and whether the method changes the decision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.errors import CriterionError
from geo.sentence import Sentence

METHODS: dict[str, Sentence] = {
    "weighted_sum": Sentence(zh="加权求和", en="weighted sum"),
    "weighted_product": Sentence(zh="加权乘积", en="weighted product"),
    "topsis": Sentence(zh="TOPSIS", en="TOPSIS"),
    "promethee_ii": Sentence(zh="PROMETHEE II", en="PROMETHEE II"),
    "owa": Sentence(zh="有序加权平均", en="ordered weighted average"),
}
"""Names of the ranking methods in words; another name is shown as it is."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How k rankings of the same alternatives agree.

    `kendall` (tau-b, ties counted) and `spearman` (on mid-ranks), each (k, k) in the order of
    `methods`; NaN where a ranking puts all on one rank. `leaders`: the first of each method, all
    that share the rank. `leading`: the first `size` of each (more where a tie runs across).
    """

    methods: tuple[str, ...]
    kendall: Floats
    spearman: Floats
    leaders: Mapping[str, tuple[int, ...]]
    leading: Mapping[str, tuple[int, ...]]
    size: int

    @property
    def changes_leader(self) -> bool:
        """Whether two methods name different leaders."""
        return len(set(self.leaders.values())) > 1

    @property
    def changes_leading(self) -> bool:
        """Whether the first `size` are not the same under all methods."""
        return len(set(self.leading.values())) > 1

    def describe(self, names: Sequence[Sentence] | None = None) -> Sentence:
        """Say whether the choice of the method changes the leader and the leading ones."""
        said = _leaders(self, names)
        if len(self.methods) < 2:
            return said
        if self.size <= 1:
            return said
        same = not self.changes_leading
        return Sentence(
            zh=f"{said.zh}前 {self.size} 名{'也相同' if same else '因方法而异'}。",
            en=f"{said.en} The first {self.size} are "
            f"{'the same under all of them' if same else 'not the same under all of them'}.",
        )


def agreement(rankings: Mapping[str, ArrayLike], *, size: int = 1) -> Agreement:
    """Compare rankings: method -> rank of each alternative (alternatives,), 1 the best.

    `size`: how many leading ones a decision is about. Kendall's tau-b (Kendall 1945) and
    Spearman's rho. Raises `CriterionError` where there is no ranking or alternative, where the
    lengths differ, and where a rank is missing.
    """
    methods = tuple(rankings)
    table = [np.asarray(rankings[method], dtype=np.float64) for method in methods]
    _require_rankings(methods, table)
    codes = [np.unique(rank, return_inverse=True)[1].reshape(-1) for rank in table]
    kendall = np.empty((len(codes), len(codes)))
    for i, one in enumerate(codes):
        for j, other in enumerate(codes[: i + 1]):
            kendall[i, j] = kendall[j, i] = _tau_b(one, other)
    spearman = _correlation(np.stack([_mid_ranks(code) for code in codes]))
    return Agreement(
        methods=methods,
        kendall=kendall,
        spearman=spearman,
        leaders={m: _first(rank, 1) for m, rank in zip(methods, table, strict=True)},
        leading={m: _first(rank, size) for m, rank in zip(methods, table, strict=True)},
        size=size,
    )


def _first(rank: Floats, size: int) -> tuple[int, ...]:
    last = np.sort(rank)[min(size, len(rank)) - 1]
    return tuple(np.flatnonzero(rank <= last).tolist())


def _mid_ranks(code: NDArray[np.int64]) -> Floats:
    counts = np.bincount(code)
    middle: Floats = np.cumsum(counts) - (counts - 1) / 2.0
    return middle[code]


def _correlation(rows: Floats) -> Floats:
    centred = rows - rows.mean(axis=1, keepdims=True)
    product = centred @ centred.T
    norm = np.sqrt(np.outer(np.diagonal(product), np.diagonal(product)))
    return np.where(norm > 0.0, product / np.where(norm > 0.0, norm, 1.0), np.nan)


def _tau_b(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Tau-b in O(n log² n): all pairs less ties, less twice the discordant ones."""
    count = len(one)
    pairs = count * (count - 1) // 2
    tied_one, tied_other = _tied_pairs(one), _tied_pairs(other)
    both = _tied_pairs(np.unique(np.stack([one, other]), axis=1, return_inverse=True)[1])
    if pairs in (tied_one, tied_other):
        return float("nan")
    discordant = _inversions(other[np.lexsort((other, one))])
    surplus = pairs - tied_one - tied_other + both - 2 * discordant
    return surplus / math.sqrt((pairs - tied_one) * (pairs - tied_other))


def _tied_pairs(code: NDArray[np.int64]) -> int:
    counts = np.bincount(code.reshape(-1))
    return int((counts * (counts - 1) // 2).sum())


def _inversions(code: NDArray[np.int64]) -> int:
    """Pairs i < j with code[i] > code[j], bit by bit: equal above the bit, 1 before 0 in it."""
    total = 0
    for bit in range(int(code.max(initial=0)).bit_length()):
        above = code >> (bit + 1)
        order = np.argsort(above, kind="stable")
        group, one = above[order], (code[order] >> bit) & 1
        so_far = np.cumsum(one)
        start = np.searchsorted(group, group, side="left")
        before = np.r_[0, so_far][start]
        total += int(((so_far - before) * (1 - one)).sum())
    return total


def _require_rankings(methods: tuple[str, ...], table: list[Floats]) -> None:
    shapes = {method: rank.shape for method, rank in zip(methods, table, strict=True)}
    alike = len(set(shapes.values())) == 1 and all(rank.ndim == 1 and rank.size for rank in table)
    if not alike or any(np.isnan(rank).any() for rank in table):
        listed = ", ".join(f"{method}: {shape}" for method, shape in shapes.items()) or "-"
        raise CriterionError(
            "rankings can be compared where each gives every alternative a rank; got the shapes "
            f"{listed}, some ranks perhaps missing",
            f"只有各排名均给每个备选对象一个名次时才能比较；收到的形状为 {listed}（或有名次缺失）",
        )


def _leaders(compared: Agreement, names: Sequence[Sentence] | None) -> Sentence:
    groups: dict[tuple[int, ...], list[Sentence]] = {}
    for method, leaders in compared.leaders.items():
        name = METHODS.get(method, Sentence(zh=method, en=method))
        groups.setdefault(leaders, []).append(name)
    if len(groups) == 1:
        leaders, by = next(iter(groups.items()))
        who = _who(leaders, names)
        if len(by) == 1:
            return Sentence(zh=f"{by[0].zh}以{who.zh}居首。", en=f"{who.en} first by {by[0].en}.")
        return Sentence(
            zh=f"方法不影响首选：{len(by)} 种方法均以{who.zh}居首。",
            en=f"The choice of the method does not change the leader: all {len(by)} put {who.en} "
            "first.",
        )
    parts = [(_who(leaders, names), by) for leaders, by in groups.items()]
    return Sentence(
        zh="方法会改变首选："
        + "；".join(f"{'、'.join(m.zh for m in by)}以{who.zh}居首" for who, by in parts)
        + "。",
        en="The choice of the method changes the leader: "
        + "; ".join(f"{', '.join(m.en for m in by)} put {who.en} first" for who, by in parts)
        + ".",
    )


def _who(leaders: tuple[int, ...], names: Sequence[Sentence] | None) -> Sentence:
    shown = [
        names[one] if names is not None else Sentence(zh=f"第 {one + 1} 个", en=f"no. {one + 1}")
        for one in leaders
    ]
    together = "并列" if len(leaders) > 1 else ""
    return Sentence(
        zh="、".join(one.zh for one in shown) + together,
        en=" and ".join(one.en for one in shown) + (" (tied)" if together else ""),
    )
