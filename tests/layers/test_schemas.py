"""Reading and checking tables: a planner's own folder, and every fault of it at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from geo.errors import Fault
from layers import facts
from layers.errors import FactsError
from layers.facts import data_directory, read_tables, require_tables
from layers.schemas import SCHEMAS, Column

TOWNS = (
    "id,name_zh,name_en,district,kind,lon,lat,accuracy_m,basis_kind,source,as_of\n"
    "town-001,碧湖镇,Bihu Town,莲都区,镇,119.79,28.32,1000,read,own survey,2024\n"
)
Edit = Callable[[str, str, str], list[Fault]]


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(FactsError) as caught:
        require_tables(read_tables(folder))
    return list(caught.value.faults)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Copy the facts that ship, replace one text in one file, return the faults."""

    def edited(file: str, old: str, new: str) -> list[Fault]:
        for path in data_directory().glob("*.csv"):
            shutil.copy(path, tmp_path)
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
        return faults_of(tmp_path)

    return edited


# where the facts are


def test_facts_as_installed_come_before_a_folder_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "layers"
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(facts, "__file__", str(package / "facts.py"))
    assert data_directory() == tmp_path / "data"
    (package / "data").mkdir(parents=True)
    assert data_directory() == package / "data"


def test_facts_that_are_nowhere_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "__file__", str(tmp_path / "layers" / "facts.py"))
    with pytest.raises(FactsError, match=r"facts are missing.*install ouzhi again") as caught:
        data_directory()
    assert "请重新安装" in caught.value.of("zh")


def test_finding_the_facts_loads_no_pandas() -> None:
    code = "import sys, layers.facts; print(sorted({'pandas', 'pandera'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# a planner's own folder


def test_a_city_may_give_one_table_only(own: Path) -> None:
    tables = read_tables(own)
    require_tables(tables)
    assert list(tables) == ["towns"]
    assert tables["towns"]["accuracy_m"].tolist() == [1000.0]


def test_columns_that_may_be_empty_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "goals.csv").write_text("id,year,indicator_zh,clause\ng1,2025,园区,一\n")
    tables = read_tables(tmp_path)
    require_tables(tables)
    (row,) = tables["goals"].to_dict("records")
    assert pd.isna(row["value"])
    assert row["unit_zh"] is None
    assert set(row) == {column.name for column in SCHEMAS["goals"]}


def test_types_and_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "tasks.csv").write_text(
        "id,no,task_zh,item_zh,indicator_zh,total,per_district_min,bodies,clause\n"
        "t1,1,a,b,c,8,2,d,e\nt2,1,a,b,c,,,d,e\n"
    )
    tasks = read_tables(tmp_path)["tasks"]
    assert str(tasks["per_district_min"].dtype) == "Int64"
    assert str(tasks["total"].dtype) == "float64"
    assert tasks["total"].isna().tolist() == [False, True]
    assert tasks["indicator_en"].tolist() == [None, None]


def test_a_byte_order_mark_and_windows_lines_are_read(own: Path) -> None:
    file = own / "towns.csv"
    file.write_bytes(b"\xef\xbb\xbf" + TOWNS.replace("\n", "\r\n").encode())
    require_tables(read_tables(own))


def test_a_folder_without_a_table_is_told_what_it_could_hold(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"holds no table; it should have.*zones, towns") as caught:
        read_tables(tmp_path)
    assert "没有数据表" in caught.value.of("zh")


# faults of a file


def test_an_unknown_file_is_refused_by_name(own: Path) -> None:
    (own / "zone.csv").write_text("id\n1\n")
    (fault,) = faults_of(own)
    assert (fault.row, fault.value) == ("zone.csv", "zone")
    assert "zones" in fault.expected


@pytest.mark.parametrize(
    ("content", "row", "expected"),
    [
        (TOWNS.encode("gb18030"), "towns.csv", "a readable file in UTF-8"),
        (b"", "towns.csv:1", "a header row with the name of each column once"),
        (b"id,id\n1,2\n", "towns.csv:1", "a header row with the name of each column once"),
        (b'id,name_zh\n1,"a"b\n', "towns.csv:2", "CSV as in RFC 4180"),
        (TOWNS.encode() + b"town-002,x\n", "towns.csv:3", "11 cells, one per column"),
    ],
)
def test_a_file_that_is_no_table(own: Path, content: bytes, row: str, expected: str) -> None:
    (own / "towns.csv").write_bytes(content)
    (fault,) = faults_of(own)
    assert (fault.row, fault.expected) == (row, expected)


def test_columns_unknown_and_missing_are_named(own: Path) -> None:
    text = TOWNS.replace("kind,lon", "kinds,lon", 1)
    (own / "towns.csv").write_text(text, encoding="utf-8")
    found = {(fault.row, fault.field, fault.expected) for fault in faults_of(own)}
    columns = ", ".join(column.name for column in SCHEMAS["towns"])
    assert found == {
        ("towns.csv:1", "kinds", f"one of the columns {columns}"),
        ("towns.csv:1", "kind", "this column, which has to be there"),
    }


def test_all_faults_come_at_once_with_file_and_line(own: Path) -> None:
    (own / "towns.csv").write_text(
        TOWNS.replace("Bihu Town", '"Bihu\nTown"')
        + "town-001,西屏,,莲都区,村,200,north,0,guessed,,2024-13\n",
        encoding="utf-8",
    )
    (own / "population.csv").write_text(
        "district,population,year,kind,source\n莲都区,12.5,2020,resident_2020,census\n"
    )
    with pytest.raises(FactsError) as caught:
        require_tables(read_tables(own))
    faults = caught.value.faults
    found = {(fault.row, fault.field, fault.value, fault.expected) for fault in faults}
    assert found == {
        ("population.csv:2", "population", "12.5", "a whole number of 0 or more"),
        ("towns.csv:4", "id", "town-001", "a value that no other row has"),
        ("towns.csv:4", "kind", "村", "one of 街道, 镇, 乡, 片区"),
        ("towns.csv:4", "lon", 200.0, "a number from 73 to 136"),
        ("towns.csv:4", "lat", "north", "a number from 3 to 54"),
        ("towns.csv:4", "accuracy_m", 0.0, "a number above 0"),
        ("towns.csv:4", "basis_kind", "guessed", "one of read, inferred, recalled"),
        ("towns.csv:4", "source", None, "text, not empty"),
        ("towns.csv:4", "as_of", "2024-13", "a date: 2022, 2022-10 or 2022-10-13"),
    }
    assert str(caught.value).startswith("9 fault(s) in the tables of facts: population.csv:2 ")
    assert "towns.csv:4 lat: 'north', expected a number from 3 to 54" in str(caught.value)
    assert caught.value.of("zh").startswith("事实数据表有 9 处错误：")
    assert "towns.csv:4 lat：'north'，应为数字，3 至 54；" in caught.value.of("zh")
    assert "towns.csv:4 source：空，应为文字，不能为空" in caught.value.of("zh")


def test_a_long_list_of_faults_is_told_in_part_and_kept_whole(own: Path) -> None:
    rows = "".join(f"town-{i:03d},镇{i},,莲都区,镇,0,0,1,read,s,2024\n" for i in range(2, 9))
    (own / "towns.csv").write_text(TOWNS + rows, encoding="utf-8")
    with pytest.raises(FactsError, match=r"^14 fault\(s\).*; and 4 more$") as caught:
        require_tables(read_tables(own))
    assert len(caught.value.faults) == 14
    assert caught.value.of("zh").endswith("；另有 4 处")


# faults between rows and tables


TOWN_OF_ZONE_4 = "Tengqiao Food Base,鹿城区,103.5,食品、五金,28,2,,2,二级,1,鹿城区,藤桥镇"


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "field", "value"),
    [
        ("zones.csv", "Juguang Park,鹿城区", "Juguang Park,鹿城", 2, "district", "鹿城"),
        (
            *("zones.csv", TOWN_OF_ZONE_4, TOWN_OF_ZONE_4.replace("藤桥镇", "桥下镇")),
            *(5, "town", "鹿城区 桥下镇"),
        ),
        ("clusters.csv", "wz-2022-78", "wz-2022-87", 15, "named_by", "wz-2022-87"),
        ("areas.csv", ",鹿城区中心", ",鹿城中心", 2, "seat_place", "鹿城中心"),
        ("zones.csv", "zone-02,2,", "zone-02,1,", 3, "batch no", "1 1"),
        ("zones.csv", ",58,19,", ",58,59,", 2, "above_scale_enterprises", 59),
        ("town_population.csv", "柳市镇,乐清市", "柳市,乐清市", 3, "name_zh", "乐清市 柳市"),
        ("population.csv", "龙港市,", "龙港镇,", 13, "district", "龙港镇"),
    ],
)
def test_a_relation_that_does_not_hold(
    edit: Edit, file: str, old: str, new: str, row: int, field: str, value: object
) -> None:
    (fault,) = edit(file, old, new)
    assert (fault.row, fault.field, fault.value) == (f"{file}:{row}", field, value)
    assert json.dumps(fault.value)


def test_doubted_fields_need_their_sentences_and_have_to_exist(edit: Edit) -> None:
    found = edit("zones.csv", 'next to it",read,,,,', 'next to it",read,area_mu;size,,,')
    named = {(fault.row, fault.field) for fault in found}
    assert named == {("zones.csv:16", f) for f in ("doubt_fields", "doubt_zh", "doubt_en")}
    assert "area_mu, industries" in next(f.expected for f in found if f.field == "doubt_fields")


# columns


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (Column("n", "integer", low=1), ["1", "12.0", 3], ["0", "1.5", "nan", "inf", "x", "1,000"]),
        (Column("n", "number", above=0), ["0.1", 5e-324], ["0", "-1", "-inf", "NaN", "一"]),
        (Column("n", "number", low=3, high=54), [3, "54"], ["2.999", 54.001]),
        (Column("n", "date"), ["2022", "2022-02", "2024-02-29"], ["22", "2022-13", "2023-02-29"]),
        (Column("n", "day"), ["2022-10-13"], ["2022", "2022-10", "2022-10-32", "13.10.2022"]),
        (Column("n", choices=("一级", "二级")), ["一级"], ["三级", "一级 ", "一级、二级"]),
        (Column("n", parts=("a", "b")), ["a", "a;b"], ["a,b", "a;c", ""]),
        (Column("n", pattern=r"\w+"), ["x_y"], ["x y", ""]),
        (Column("n"), ["text"], ["", " "]),
    ],
)
def test_what_a_column_holds(column: Column, good: list[object], bad: list[object]) -> None:
    held = column.holds(pd.Series(good + bad, dtype=object))
    assert held.tolist() == [True] * len(good) + [False] * len(bad)


def test_every_column_says_what_it_expects() -> None:
    for name, columns in SCHEMAS.items():
        assert len({column.name for column in columns}) == len(columns), name
        assert all(column.expected.en and column.expected.zh for column in columns), name
