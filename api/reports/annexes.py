"""The annexes of the city's documents: figures that stand side by side and disagree."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

TARGETS = ("renovate_mu", "demolish_mu", "resupply_mu", "build_10k_m2")


@dataclass(frozen=True, slots=True)
class Targets:
    """Redevelopment targets: the rows of regions, what they add up to, and the printed total.

    `sums` skips what is not given; `printed` is None where the annex prints no total.
    """

    regions: list[dict[str, object]]
    sums: dict[str, float]
    printed: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class Task:
    """A task whose total is smaller than its share per district times the districts."""

    no: str
    indicator_zh: str
    indicator_en: str
    unit_zh: str
    unit_en: str
    total: float
    per_district_min: float
    needed: float
    enough_for: int


def read_targets(table: pd.DataFrame) -> Targets | None:
    """Put the targets together; None where the workspace has none."""
    if "row_kind" not in table.columns or table.empty:
        return None
    rows = table[["region", *TARGETS]].to_dict("records")
    of_region = (table["row_kind"] == "region").to_numpy()
    regions = [
        {str(k): v for k, v in row.items()} for row, r in zip(rows, of_region, strict=True) if r
    ]
    totals = [
        {str(k): v for k, v in row.items()} for row, r in zip(rows, of_region, strict=True) if not r
    ]
    sums = {name: float(table.loc[of_region, name].sum()) for name in TARGETS}
    return Targets(regions, sums, totals[0] if totals else None)


def disagreeing_tasks(table: pd.DataFrame, districts: int) -> list[Task]:
    """Tasks of the list whose total is less than `districts` times the least share of each."""
    if "per_district_min" not in table.columns:
        return []
    found = []
    for row in table.dropna(subset=["total", "per_district_min"]).to_dict("records"):
        total, least = float(row["total"]), float(row["per_district_min"])
        if least * districts > total:
            texts = {k: str(row[k]) for k in ("no", "indicator_zh", "indicator_en")}
            units = {k: str(row[k]) for k in ("unit_zh", "unit_en")}
            found.append(
                Task(
                    **texts,
                    **units,
                    total=total,
                    per_district_min=least,
                    needed=least * districts,
                    enough_for=int(total // least),
                )
            )
    return found
