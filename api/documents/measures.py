"""Areas and coverages as documents."""

from __future__ import annotations

import pandas as pd

from api.documents.values import Document, district_namer, plain, texts
from geo.coverage import Coverage
from geo.criteria import STAND_IN_M
from geo.measure import MEASURES, totals
from geo.sentence import Lang, Sentence


def area_document(table: pd.DataFrame, by: pd.Series | None = None) -> Document:
    """Measures per feature, in total and per group; `table` has `id` and the measures."""
    whole = totals(table)
    document: Document = {
        "features": [
            {k: plain(v) for k, v in row.items()}
            for row in table[["id", *MEASURES, "crs"]].to_dict("records")
        ],
        "total": {k: plain(whole.iloc[0][k]) for k in ("features", *MEASURES)},
    }
    if by is not None:
        grouped = totals(table, by)
        document["by"] = [
            {"group": plain(key), **{k: plain(v) for k, v in row.items()}}
            for key, (_, row) in zip(grouped.index, grouped.iterrows(), strict=True)
        ]
    return document


_STRAIGHT = Sentence(
    zh=f"距离为椭球面直线距离；精度不优于 {STAND_IN_M / 1000:g} 公里的设施不参与",
    en="Distances are straight lines on the ellipsoid; facilities no better located than "
    f"{STAND_IN_M / 1000:g} km take no part",
)
_INTERVAL = Sentence(
    zh="区间只反映位置精度（95% 半径），不含人口估计的误差",
    en="The interval shows the accuracy of positions (95 % radius) only, not of the population",
)


def coverage_document(
    covered: Coverage,
    *,
    unit: Sentence,
    sentence: Sentence,
    estimated: bool,
    areas: pd.DataFrame,
    lang: Lang,
) -> Document:
    """Covered and uncovered amounts, the share with its interval, and by district."""
    named = district_namer(areas, lang)
    demand = Sentence(zh="需求是估计的镇街人口", en="Demand is the estimated population of towns")
    return {
        "share": plain(covered.share),
        "covered": covered.covered,
        "uncovered": covered.uncovered,
        "unit": unit.of(lang),
        "interval": [plain(covered.low_share), plain(covered.high_share)],
        "overlap": covered.overlap,
        "by_district": [
            {
                "district": named(row["group"]),
                "share": plain(row["share"]),
                "covered": row["covered"],
                "uncovered": row["uncovered"],
            }
            for row in covered.by_group.to_dict("records")
        ],
        "sentence": sentence.of(lang),
        "assumptions": texts([demand if estimated else None, _STRAIGHT, _INTERVAL], lang),
    }
