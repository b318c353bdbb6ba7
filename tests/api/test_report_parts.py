"""The parts of a report: numbers in words, the conclusion, annexes, frames, files."""

from __future__ import annotations

from itertools import combinations
from math import hypot, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from builders import attribute, criterion, features, parsed_siting, siting
from hypothesis import given
from hypothesis import strategies as st

from api.palette import ramp
from api.reports import numerals
from api.reports.annexes import disagreeing_tasks, read_targets
from api.reports.conclusion import conclude, rivals_of_first
from api.reports.files import write_files
from api.reports.frame import Frame, place_badges, place_label
from geo.scoring import SitingResult, score_alternatives
from layers.errors import WorkspaceError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(None, "—"), (nan, "—"), (pd.NA, "—"), (0, "0"), (7.0, "7"), (0.256, "0.26")],
        *[(12.34, "12.3"), (123.4, "123"), (1234567, "1,234,567"), (np.float64(9.5), "9.50")],
    ],
)
def test_figures_have_about_three_digits(value: object, text: str) -> None:
    assert numerals.figure(value) == text


def test_printed_figures_keep_the_decimals_they_have() -> None:
    assert [numerals.exact(v) for v in (73.5, 4337.55, 800, np.int64(11000), None)] == [
        *("73.5", "4,337.55", "800", "11,000", "—")
    ]


def test_distances_and_residents_carry_a_sensible_unit() -> None:
    assert [numerals.metres(v, "zh") for v in (999, 1000, 11_608.8)] == [
        *("999 米", "1 公里", "11.6 公里")
    ]
    assert numerals.metres(2500, "en") == "2.50 km"
    assert numerals.residents(3_039_184.7, "zh") == "303.9 万"
    assert numerals.residents(3_039_184.7, "en") == "3,039,000"
    assert numerals.percent(0.0625, 2) == "6.25%"


def test_rivals_are_those_whose_interval_reaches_the_first() -> None:
    interval = np.array([[0.5, 0.7], [0.2, 0.5], [0.1, 0.49], [0.3, 0.6]])
    assert rivals_of_first(interval) == [1, 3], "touching counts as overlapping"
    assert rivals_of_first(interval[:1]) == []


def ranked(sizes: list[float], accuracy_m: float = 0.0, **changes: object) -> SitingResult:
    """Rank sites of the given size by size alone, or by their distance to one place."""
    scenario = siting({"g": [attribute("size", **changes)]}, alternatives="zones")
    rows = [{"size": size, "accuracy_m": accuracy_m, "doubt_fields": None} for size in sizes]
    zones = features(rows, prefix="zone")
    return score_alternatives(parsed_siting(scenario), {"zones": zones})


def said(result: SitingResult) -> tuple[str, str]:
    found = conclude(result, str)
    parts = [*found.statement, *found.provisos]
    return "".join(one.zh for one in parts), " ".join(one.en for one in parts)


def test_a_clear_first_place_is_called_certain() -> None:
    result = ranked([8, 3, 1])
    assert conclude(result, str).certain
    chinese, english = said(result)
    assert "zone1（甲）得分最高，为 0.800（得分区间 0.800–0.800）" in chinese
    assert "比第二名zone2（甲，0.300，区间 0.300–0.300）高 0.500" in chinese
    assert "首位在现有数据精度内是确定的" in chinese
    assert "不能断定" not in chinese
    assert "the first place is certain" in english
    assert "0.500 ahead of the second, zone 2" in english


def test_an_overlapping_first_place_cannot_be_told_apart() -> None:
    scenario = siting({"g": [attribute("size")]}, alternatives="zones")
    rows = [{"size": size, "doubt_fields": "size"} for size in (8, 7, 6, 5, 4)]
    zones = features(rows, prefix="zone")
    result = score_alternatives(parsed_siting(scenario), {"zones": zones})
    assert not conclude(result, str).certain
    chinese, english = said(result)
    assert "与zone2、zone3、zone4等 4 处的区间重叠" in chinese
    assert "不能断定首位优于它们" in chinese
    assert "zone 2, zone 3, zone 4 and 1 more" in english


def test_a_shared_first_place_is_said() -> None:
    chinese, english = said(ranked([8, 8, 1]))
    assert "zone1、zone2并列第一，得分 0.800" in chinese
    assert "zone 1, zone 2 share the first place" in english


def test_one_alternative_alone_is_ahead_of_nobody() -> None:
    chinese, _ = said(ranked([5]))
    assert "得分最高，为 0.500" in chinese
    assert "第二名" not in chinese


def test_proxies_are_named_without_their_reason() -> None:
    stands = {"zh": "代替“产业”：没有数据", "en": "stands for industry: no data"}
    chinese, english = said(ranked([5, 1], proxy_for=stands))
    assert "1 项准则中有 1 项是代用指标（理由见方法）：“size（中）”代替“产业”。" in chinese
    assert "没有数据" not in chinese
    assert "1 of the 1 criteria are proxies (reasons under Method): “size” stands for" in english


def test_accuracy_of_positions_stands_in_the_provisos() -> None:
    place = {"kind": "distance_to_nearest", "layer": "places"}
    scenario = siting({"g": [criterion("far", place, direction="cost")]}, alternatives="zones")
    zones = features([{"accuracy_m": 500.0}, {"accuracy_m": 5000.0, "ref_lon": 120.8}])
    tables = {"zones": zones, "places": features([{}], prefix="place")}
    chinese, english = said(score_alternatives(parsed_siting(scenario), tables))
    assert "为 500 米至 5 公里，居首者为 500 米" in chinese
    assert "500 m to 5 km" in english


def test_targets_add_up_what_is_given() -> None:
    table = pd.DataFrame(
        {
            "region": ["甲", "乙", "全市"],
            "row_kind": ["region", "region", "printed_total"],
            **{name: [2.0, 3.0, 4.0] for name in ("renovate_mu", "demolish_mu", "build_10k_m2")},
            "resupply_mu": [2.0, nan, 4.0],
        }
    )
    targets = read_targets(table)
    assert targets is not None
    assert targets.sums == {
        **{"renovate_mu": 5.0, "demolish_mu": 5.0, "resupply_mu": 2.0, "build_10k_m2": 5.0}
    }
    assert targets.printed is not None
    assert targets.printed["region"] == "全市"
    assert [row["region"] for row in targets.regions] == ["甲", "乙"]
    assert read_targets(pd.DataFrame({"id": []})) is None


def test_a_task_disagrees_only_where_more_is_needed_than_the_total() -> None:
    texts = dict.fromkeys(("no", "indicator_zh", "indicator_en", "unit_zh", "unit_en"), "x")
    rows = [{**texts, "total": t, "per_district_min": m} for t, m in ((96, 8), (95, 8), (6, None))]
    (found,) = disagreeing_tasks(pd.DataFrame(rows), 12)
    assert (found.total, found.needed, found.enough_for) == (95.0, 96.0, 11)
    assert disagreeing_tasks(pd.DataFrame({"id": []}), 12) == []


FRAME = Frame(0.0, 0.0, 10_000.0, 5_000.0, 100.0)


def test_a_frame_puts_north_at_the_top() -> None:
    assert FRAME.point(0.0, 5_000.0) == (0.0, 0.0)
    assert FRAME.point(10_000.0, 0.0) == (100.0, 50.0)
    assert (FRAME.height, FRAME.bar_km()) == (50.0, 2.0)
    assert FRAME.holds(10_000.0, 0.0)
    assert not FRAME.holds(10_000.1, 0.0)


def test_polygons_are_cut_at_the_window() -> None:
    (half,) = FRAME.cut(shapely.box(5_000, 0, 20_000, 5_000))
    assert half.area == pytest.approx(5_000 * 5_000)
    assert FRAME.cut(shapely.box(20_000, 0, 30_000, 10)) == []
    assert FRAME.path(FRAME.cut(shapely.box(20_000, 0, 30_000, 10))) == ""
    ring = shapely.box(0, 0, 4_000, 4_000).difference(shapely.box(1_000, 1_000, 2_000, 2_000))
    assert FRAME.path(FRAME.cut(ring)).count("Z") == 2


@given(st.lists(st.tuples(st.floats(20, 380), st.floats(20, 180)), max_size=10))
def test_badges_hide_no_other_badge(points: list[tuple[float, float]]) -> None:
    wide = Frame(0.0, 0.0, 400.0, 200.0, 400.0)
    placed = place_badges(points, radius=5.0, frame=wide)
    assert len(placed) == len(points)
    for one, other in combinations(placed, 2):
        assert hypot(one[0] - other[0], one[1] - other[1]) > 10.0
    for x, y in placed:
        assert 4.9 <= x <= 395.1
        assert 4.9 <= y <= 195.1


def test_a_label_keeps_away_from_marks_and_inside_its_polygon() -> None:
    wide = Frame(0.0, 0.0, 400.0, 400.0, 400.0)
    polygon = shapely.box(0, 0, 400, 400)
    x, y = place_label(polygon, wide, [(200.0, 200.0)])
    assert hypot(x - 200, y - 200) >= 34
    assert 0 < x < 400
    assert 0 < y < 400
    home = place_label(polygon, wide, [])
    assert hypot(home[0] - 200, home[1] - 200) < 20


def test_the_ramp_runs_from_pale_to_deep() -> None:
    assert (ramp(0.0), ramp(1.0)) == ("#eef0d6", "#093c3c")
    assert (ramp(-1.0), ramp(2.0)) == (ramp(0.0), ramp(1.0))
    light = [sum(int(ramp(i / 10)[k : k + 2], 16) for k in (1, 3, 5)) for i in range(11)]
    assert light == sorted(light, reverse=True)


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    first, blocked = tmp_path / "first.html", tmp_path / "file" / "second.html"
    first.write_text("before")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match=r"second\.html cannot be written") as no:
        write_files({first: "after", blocked: "x"})
    assert "无法写入" in no.value.of("zh")
    assert first.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "first.html"]
    write_files({first: "后来"})
    assert first.read_text(encoding="utf-8") == "后来"
    assert first.stat().st_mode & 0o044, "others may read what the user's mask allows"
