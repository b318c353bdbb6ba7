"""The page on quality names every reason of a repair, and its code runs."""

from __future__ import annotations

import pytest
from doc_pages import QUALITY as PAGE
from doc_pages import blocks, read, section

from geo.repair import reasons
from geo.sentence import LANGS, Lang, Sentence

GEOMETRIES: dict[Lang, str] = {"zh": "几何", "en": "Geometries"}


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_has_every_reason_and_no_other(lang: Lang) -> None:
    lines = section(read(PAGE[lang]), GEOMETRIES[lang]).splitlines()
    told = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    known = [one.of(lang) for one in vars(reasons).values() if isinstance(one, Sentence)]
    assert told[2:] == known
    assert len(known) == 11


@pytest.mark.parametrize("lang", LANGS)
def test_its_code_runs_and_says_what_the_page_says(
    lang: Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(read(PAGE[lang]), "python")
    names: dict[str, object] = {}
    exec(compile(code, PAGE[lang], "exec"), names)
    printed = capsys.readouterr().out
    assert {"zh": "蝴蝶结", "en": "bow-tie"}[lang] in printed
    assert "20000.0" in printed
