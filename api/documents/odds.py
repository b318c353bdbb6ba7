"""How sure a ranking is, as a document."""

from __future__ import annotations

from collections.abc import Sequence

from api.documents.values import Document, plain
from geo.odds import DOUBTS, Odds
from geo.sentence import Lang, Sentence

BAND_SHARE = 0.9
"""A band of ranks leaves at most 5 % of the draws on either side."""

MOST_PAIRS = 200
"""Beyond so many alternatives the table of pairs is left out."""

_ODDS = Sentence(
    zh="名次的概率：{draws:,} 次抽取，种子 {seed}；{weights}，"
    "存疑与缺失的数值在其区间内均匀，点位在其 95% 半径的圆内均匀并限于本县（市、区）；"
    "按加权求和；抽样误差不超过 ±{half:.2%}（95%）",
    en="Odds of the ranks: {draws:,} draws, seed {seed}; {weights}, doubtful and missing values "
    "uniform in their interval, positions uniform on the disc of their 95 % radius inside the "
    "district; by the weighted sum; sampling error at most ±{half:.2%} (95 %)",
)
_MOST = {
    "weights": Sentence("权重", "weights"),
    "values": Sentence("数值", "values"),
    "positions": Sentence("点位", "positions"),
}


def odds_document(odds: Odds | None, lang: Lang) -> Document | None:
    """How the odds were drawn, which doubt matters most over all, and who beats whom how often."""
    if odds is None:
        return None
    together = odds.together
    half = together.half_width
    spread = odds.spreads.mean(axis=1)
    most = DOUBTS[int(spread.argmax())] if spread.max() > 0.0 else None
    return {
        "draws": odds.draws,
        "seed": odds.seed,
        "half_width": half,
        "band_share": BAND_SHARE,
        "sentence": _ODDS.of(lang).format(
            draws=odds.draws, seed=odds.seed, half=half, weights=odds.weights.of(lang)
        ),
        "moved_most_by": most,
        "spread": dict(zip(DOUBTS, spread.tolist(), strict=True)),
        "pairwise": together.pairwise.tolist() if len(together.tied) <= MOST_PAIRS else None,
    }


ODDS_KEYS = (
    *("rank_acceptability", "rank_band", "first_share", "among_first_five_share"),
    *("first_in_group_share", "holistic", "confidence_factor", "central_weights"),
    *("moved_most_by", "rank_spread", "odds_sentence"),
)


def alternative_odds(odds: Odds | None, ranks: Sequence[int], lang: Lang) -> list[Document]:
    """The odds of every alternative of these ranks, in their order; null where none were drawn."""
    if odds is None:
        return [dict.fromkeys(ODDS_KEYS) for _ in ranks]
    together, spreads, most = odds.together, odds.spreads, odds.moves_most
    five = min(5, len(together.tied))
    first, among = together.among_first(1), together.among_first(five)
    bands, holistic, in_group = (
        together.rank_band(BAND_SHARE),
        together.holistic(),
        together.first_in_group,
    )
    return [
        {
            "rank_acceptability": together.rank_acceptability[i].tolist(),
            "rank_band": [int(end) for end in bands[i]],
            "first_share": float(first[i]),
            "among_first_five_share": float(among[i]),
            "first_in_group_share": None if in_group is None else plain(float(in_group[i])),
            "holistic": float(holistic[i]),
            "confidence_factor": float(together.confidence_factor[i]),
            "central_weights": [plain(weight) for weight in together.central_weights[i].tolist()],
            "moved_most_by": most[i],
            "rank_spread": dict(zip(DOUBTS, spreads[:, i].tolist(), strict=True)),
            "odds_sentence": _line(
                rank, float(first[i]), float(among[i]), five, bands[i].tolist(), most[i]
            ).of(lang),
        }
        for i, rank in enumerate(ranks)
    ]


def _line(
    rank: int, first: float, among: float, five: int, band: Sequence[int], most: str | None
) -> Sentence:
    """Rank 1, first in 62 % of cases, among the first five in 97 %; moved most by …"""
    zh = (
        f"第 {rank} 位；{first:.0%} 的情形下居首，{among:.0%} 的情形下在前 {five} 位；"
        f"九成情形下在第 {band[0]}–{band[1]} 位"
    )
    en = (
        f"Rank {rank}; first in {first:.0%} of cases, among the first {five} in {among:.0%}; "
        f"between ranks {band[0]} and {band[1]} in nine of ten"
    )
    if most is None:
        return Sentence(f"{zh}。", f"{en}.")
    doubt = _MOST[most]
    return Sentence(f"{zh}；最受{doubt.zh}影响。", f"{en}; moved most by {doubt.en}.")
