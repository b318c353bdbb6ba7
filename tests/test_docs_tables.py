"""The pages on Excel and on boundary points say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doc_pages import BOUNDARY_POINTS, EXCEL, blocks, read, section

from geo.sentence import LANGS, Lang
from layers.importers.boundary_points import COLUMNS, read_boundary_points
from layers.importers.cells import number_of
from layers.importers.templates import FOLLOWS

NUMBERS = {"zh": "数的写法", "en": "Numbers as people write them"}
LEFT = {"zh": "不随表格走的", "en": "What does not travel"}
FAULT = {"zh": "错误", "en": "a fault"}


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_the_page_is_read_as_it_says(lang: Lang) -> None:
    table = section(read(EXCEL[lang]), NUMBERS[lang])
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    for written, unit, said in lines[2:]:
        expected = None if said == FAULT[lang] else float(said)
        assert number_of(written, unit) == expected, written
    assert len(lines) == 12


@pytest.mark.parametrize("lang", LANGS)
def test_every_field_that_does_not_travel_is_named(lang: Lang) -> None:
    part = section(read(EXCEL[lang]), LEFT[lang])
    assert set(re.findall(r"`(\w+)`", part)) == set(FOLLOWS)


@pytest.mark.parametrize("lang", LANGS)
def test_the_text_of_the_page_is_read(lang: Lang, tmp_path: Path) -> None:
    (text,) = blocks(read(BOUNDARY_POINTS[lang]), "text")
    path = tmp_path / "points.txt"
    path.write_text(text, encoding="utf-8")
    table = read_boundary_points(path)
    assert table.faults == ()
    assert table.notes == ()
    assert table.crs == "EPSG:4528"
    assert table.columns[COLUMNS[0]].tolist() == ["A-01"]
