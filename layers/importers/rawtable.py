"""A table as a text format gives it: lists of plain values and well-known binary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geo.sentence import Sentence
from layers.importers.formats import refusal
from layers.importers.limits import Limits

SPLIT = Sentence("请分成几个文件", "split it into several files")


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns of (n,) values by name, (n,) geometries or None, (n,) labels or None: from 1."""

    columns: Sequence[tuple[str, Sequence[Any]]]
    geometry: Sequence[bytes | None] | None
    crs: str | None
    labels: Sequence[str] | None = None
    north_first: bool = False


def require_features(count: int, limits: Limits) -> None:
    """Raise `ImportFileError` where a table has more rows than are read."""
    if count > limits.features:
        raise refusal(
            Sentence(
                f"超过 {limits.features} 行（至少 {count} 行）",
                f"has more than {limits.features} rows (at least {count})",
            ),
            SPLIT,
        )


def require_columns(count: int, limits: Limits) -> None:
    """Raise `ImportFileError` where a table has more columns than are read."""
    if count > limits.columns:
        raise refusal(
            Sentence(
                f"有 {count} 列，至多 {limits.columns} 列",
                f"has {count} columns, of which {limits.columns} are allowed",
            )
        )
