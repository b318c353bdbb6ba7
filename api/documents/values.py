"""What all documents are made of: plain values, sentences, problems, sources."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import OuzhiError
from geo.sentence import Lang, Sentence

Document = dict[str, Any]
Namer = Callable[[object], str | None]


def plain(value: object) -> Any:
    """A value as JSON knows it: NumPy scalars unwrapped, NaN, NA and infinities as null."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def texts(sentences: Iterable[Sentence | None], lang: Lang) -> list[str]:
    """Sentences in one language, missing ones left out, each once."""
    return list(dict.fromkeys(sentence.of(lang) for sentence in sentences if sentence))


def district_namer(areas: pd.DataFrame, lang: Lang) -> Namer:
    """A function from a district's Chinese name to its name in a language; None stays None."""
    known: dict[str, str] = {}
    if lang == "en" and "name_en" in areas.columns:
        pairs = areas[["name_zh", "name_en"]].dropna().itertuples(index=False, name=None)
        known = {str(zh): str(en) for zh, en in pairs}

    def name(district: object) -> str | None:
        text = plain(district)
        return None if text is None else known.get(str(text), str(text))

    return name


def fault_documents(error: OuzhiError, lang: Lang) -> list[Document]:
    """The single faults of an input, for the `errors` of a problem document."""
    return [
        {
            "row": fault.row,
            "field": fault.field,
            "value": str(fault.value),
            "expected": fault.expected_of(lang),
        }
        for fault in error.faults
    ]


def source_documents(sources: pd.DataFrame, used: Iterable[str], lang: Lang) -> list[Document]:
    """The sources named, in the order of the table: id, title, number, validity, note."""
    wanted = sources[sources["id"].isin(set(used))]
    return [
        {
            "id": row["id"],
            "title": plain(row.get(f"title_{lang}")) or row["id"],
            "number": plain(row.get("number")),
            "valid_from": plain(row.get("valid_from")),
            "valid_to": plain(row.get("valid_to")),
            "licence": plain(row.get(f"licence_{lang}")),
            "note": plain(row.get(f"note_{lang}")),
        }
        for _, row in wanted.iterrows()
    ]
