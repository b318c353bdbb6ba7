"""The page on datums says what the registry has, and its code runs."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from doc_pages import DATUMS as PAGE
from doc_pages import blocks, read, rows, section

from geo.datum_evidence import Finding
from geo.datums import DATUMS, PLANE_KINDS, require_system
from geo.sentence import LANGS, Lang

TITLES = {"zh": "可以注明什么", "en": "What may be named"}
VERDICTS = {"zh": "怎样发现注错", "en": "How a wrong claim is found"}


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_has_every_name(lang: Lang) -> None:
    table = section(read(PAGE[lang]), TITLES[lang])
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([\w-]+)`", " ".join(cells))) == {*DATUMS, *PLANE_KINDS}


@pytest.mark.parametrize("lang", LANGS)
def test_every_finding_is_explained_and_no_other(lang: Lang) -> None:
    explained = [name for name, _ in rows(section(read(PAGE[lang]), VERDICTS[lang]))]
    assert explained == list(get_args(Finding))


@pytest.mark.parametrize("lang", LANGS)
def test_its_code_runs_and_says_what_the_page_says(
    lang: Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(read(PAGE[lang]), "python")
    names: dict[str, object] = {}
    exec(compile(code, PAGE[lang], "exec"), names)
    printed = capsys.readouterr().out
    assert require_system("gcj02").accuracy.of(lang) in printed
    assert "cannot_tell" in printed
    assert {"zh": "（1/1）的要素落在", "en": "(1 of 1) fall in"}[lang] in printed
