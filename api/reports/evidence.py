"""The evidence behind a result: how well things are located, and which documents are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from api.documents.values import plain
from geo.criteria import STAND_IN_M
from geo.sentence import Lang, Sentence
from layers import cautions
from layers.catalog import LAYERS
from layers.store.base import Store

BINS_M = (1000.0, 2000.0, 3000.0, 5000.0)
_LOCATED = ("zones", "clusters", "hubs", "places", "towns")
_BASES = ("read", "inferred", "recalled")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Positions of one layer: how many lie within each radius of `BINS_M`, worse, and stand-ins.

    `bases` counts how the positions were found: read, inferred, recalled.
    """

    title: Sentence
    features: int
    within: list[int]
    worse: int
    stand_ins: int
    bases: list[int]


def accuracies(layers: Mapping[str, pd.DataFrame]) -> list[Accuracy]:
    """Count accuracies of every layer of points that has features; bins include their bound."""
    return [
        _accuracy(LAYERS[name].title, layers[name]) for name in _LOCATED if not layers[name].empty
    ]


def _accuracy(title: Sentence, frame: pd.DataFrame) -> Accuracy:
    radius = frame["accuracy_m"].astype(float)
    bounds = [-1.0, *BINS_M]
    within = [
        int(((radius > low) & (radius <= high)).sum())
        for low, high in zip(bounds, BINS_M, strict=False)
    ]
    stand_ins = int((radius >= STAND_IN_M).sum())
    return Accuracy(
        title=title,
        features=len(frame),
        within=within,
        worse=int((radius > BINS_M[-1]).sum()) - stand_ins,
        stand_ins=stand_ins,
        bases=[int((frame["basis_kind"] == basis).sum()) for basis in _BASES],
    )


STATUS = {
    "in_force": Sentence("施行中", "in force"),
    "expired": Sentence("已过有效期", "expired"),
    "not_yet": Sentence("尚未施行", "not yet in force"),
    "draft": Sentence("征求意见稿", "draft"),
    "repealed": Sentence("已废止", "repealed"),
    "undated": Sentence("无期限", "no dates"),
}


def city_name(store: Store, lang: Lang) -> str:
    """The city of a workspace; in English its Chinese name where it has no other."""
    city = store.metadata.get("city", "")
    return city if lang == "zh" else store.metadata.get("city_en") or city


def source_rows(
    sources: pd.DataFrame, used: Iterable[str], on: date, lang: Lang
) -> list[dict[str, object]]:
    """The documents used, with validity and status on the day of judgement."""
    wanted = sources[sources["id"].isin(set(used))]
    return [
        {
            "id": row["id"],
            "title": plain(row[f"title_{lang}"]) or row["title_zh"],
            "number": plain(row["number"]),
            "valid_from": plain(row["valid_from"]),
            "valid_to": plain(row["valid_to"]),
            "status_id": cautions.status_on(row, on),
            "status": STATUS[cautions.status_on(row, on)].of(lang),
            "licence": plain(row[f"licence_{lang}"]),
            "note": plain(row[f"note_{lang}"]),
        }
        for _, row in wanted.iterrows()
    ]


def cited_in(sources: pd.DataFrame, clauses: Iterable[object]) -> list[str]:
    """Ids of the documents whose number a clause begins with."""
    texts = [str(clause) for clause in clauses]
    numbered = sources[sources["number"].notna()]
    cited = numbered["number"].map(lambda number: any(t.startswith(number) for t in texts))
    return list(numbered.loc[cited.astype(bool), "id"])
