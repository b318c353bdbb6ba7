"""Demand: district totals kept, census kept, and the rest spread by the declared rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import features
from hypothesis import given
from hypothesis import strategies as st

from layers.demand import CAP, PROXY_BY_KIND, build_demand

KINDS = st.sampled_from(sorted(PROXY_BY_KIND))


def towns_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return features([{"name_zh": n, "district": d, "kind": k} for n, d, k in rows], "town")


def people(**totals: float) -> pd.DataFrame:
    return pd.DataFrame({"district": list(totals), "population": list(totals.values())})


def figures(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["name_zh", "district", "population", "kind"])


def estimated(
    towns: pd.DataFrame,
    population: pd.DataFrame,
    known: pd.DataFrame | None = None,
    groups: pd.DataFrame | None = None,
    **land: Any,
) -> pd.DataFrame:
    wide = {"land_m2": np.full(len(towns), 1e12), "density_per_m2": 1.0}
    none = figures()
    return build_demand(
        towns,
        population,
        none if known is None else known,
        none if groups is None else groups,
        **{**wide, **land},
    )


@given(
    st.lists(st.tuples(st.sampled_from(["甲", "乙"]), KINDS), min_size=1, max_size=12),
    st.integers(1, 90_000),
)
def test_districts_keep_their_census_total(rows: list[tuple[str, str]], each: int) -> None:
    towns = towns_of(*((f"镇{i}", district, kind) for i, (district, kind) in enumerate(rows)))
    counts = towns["district"].value_counts()
    population = people(**{str(name): float(n * each) for name, n in counts.items()})
    demand = estimated(towns, population)
    sums = demand["demand_weight"].groupby(towns["district"]).sum().to_dict()
    for name, n in counts.items():
        assert sums[name] == pytest.approx(n * each, rel=1e-12)
    assert (demand["demand_weight"] <= CAP * (1 + 1e-12)).all()
    assert (demand["weight_low"] <= demand["demand_weight"]).all()
    assert (demand["demand_weight"] <= demand["weight_high"]).all()


def test_without_figures_only_the_ratio_of_kinds_matters() -> None:
    towns = towns_of(("一", "甲", "街道"), ("二", "甲", "镇"), ("三", "甲", "乡"))
    demand = estimated(towns, people(甲=112_000))
    assert demand["demand_weight"].tolist() == pytest.approx([60_000, 40_000, 12_000])
    assert demand["allocation"].tolist() == ["proxy_kind"] * 3
    assert demand["weight_low"].tolist() == pytest.approx([30_000, 20_000, 6_000])
    assert demand["weight_high"].tolist() == pytest.approx([120_000, 80_000, 24_000])


def test_a_census_figure_stays_as_read() -> None:
    towns = towns_of(("一", "甲", "镇"), ("二", "甲", "镇"), ("三", "甲", "镇"))
    known = figures(("一", "甲", 300_000, "resident_2020"), ("二", "甲", 30_000, "registered"))
    demand = estimated(towns, people(甲=370_000), known)
    assert demand["demand_weight"].tolist() == pytest.approx([300_000, 30_000, 40_000])
    assert demand["allocation"].tolist() == ["census", "proxy_figure", "proxy_kind"]
    assert demand["weight_low"].iloc[0] == pytest.approx(298_500)
    assert demand["weight_high"].iloc[0] == pytest.approx(301_500)


def test_a_name_counts_only_in_its_own_district() -> None:
    towns = towns_of(("桥头镇", "甲", "镇"), ("桥头镇", "乙", "镇"), ("二", "乙", "镇"))
    known = figures(("桥头镇", "乙", 9_000, "resident_2020"))
    demand = estimated(towns, people(甲=50_000, 乙=20_000), known)
    assert demand["demand_weight"].tolist() == pytest.approx([50_000, 9_000, 11_000])


def test_above_the_cap_goes_to_the_others() -> None:
    towns = towns_of(("一", "甲", "街道"), ("二", "甲", "乡"))
    demand = estimated(towns, people(甲=260_000))
    assert demand["demand_weight"].tolist() == pytest.approx([200_000, 60_000])
    assert demand["weight_high"].tolist() == pytest.approx([200_000, 120_000])


def test_a_group_keeps_its_total_and_the_rest_the_rest() -> None:
    towns = towns_of(*((n, "甲", "街道") for n in ("一", "二", "三")), ("四", "甲", "镇"))
    groups = figures(
        ("一+二", "甲", 90_000, "resident_2020"), ("三+四", "甲", 5.0, "resident_2010")
    )
    demand = estimated(towns, people(甲=190_000), groups=groups)
    assert demand["demand_weight"].tolist() == pytest.approx([45_000, 45_000, 60_000, 40_000])


def test_a_group_that_holds_another_keeps_what_is_left() -> None:
    towns = towns_of(*((n, "甲", "街道") for n in ("一", "二", "三")), ("四", "甲", "镇"))
    groups = figures(
        ("all 3 streets of 甲", "甲", 150_000, "resident_2020"),
        ("一+二", "甲", 90_000, "resident_2020"),
    )
    demand = estimated(towns, people(甲=190_000), groups=groups)
    assert demand["demand_weight"].tolist() == pytest.approx([45_000, 45_000, 60_000, 40_000])


def test_a_small_island_gets_no_crowd() -> None:
    towns = towns_of(("岛", "甲", "街道"), ("陆", "甲", "街道"))
    demand = estimated(towns, people(甲=61_000), land_m2=np.array([1e6, 1e9]), density_per_m2=0.001)
    assert demand["demand_weight"].tolist() == pytest.approx([1_000, 60_000])
