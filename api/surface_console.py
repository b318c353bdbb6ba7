"""A suitability surface as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.text import Text

from api.console import show_heading, show_warnings
from api.documents.values import Document
from api.terminal import show_table, terminal
from geo.sentence import Lang, Sentence

_WORDS: Mapping[str, Sentence] = {
    "cells": Sentence(
        "{rows:,} × {columns:,} 个 {cell:g} 米格元（{crs}），搜索范围内 {cells:,} 个，{mu:,.0f} 亩",
        "{rows:,} × {columns:,} cells of {cell:g} m ({crs}), {cells:,} in the search area, "
        "{mu:,.0f} mu",
    ),
    "criterion": Sentence("准则", "Criterion"),
    "weight": Sentence("权重（万分之）", "Weight of 10,000"),
    "least": Sentence("计 0 分", "Worth 0"),
    "most": Sentence("计 1 分", "Worth 1"),
    "rule": Sentence("排除规则", "Exclusion rule"),
    "taken": Sentence("排除（亩）", "Taken (mu)"),
    "alone": Sentence("仅由此排除（亩）", "By it alone (mu)"),
    "hash": Sentence("适宜性面", "Surface"),
    "written": Sentence("已写出", "Written"),
}


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key].of(lang)


def show_surface(document: Document, out: Path | None, lang: Lang) -> None:
    """Print what a surface is made of, and where it was written."""
    show_heading(document)
    told = _word("cells", lang).format(
        rows=document["rows"],
        columns=document["columns"],
        cell=document["cell_m"],
        crs=document["crs"],
        cells=document["cells"],
        mu=document["searched_mu"],
    )
    terminal.print(Text(told))
    rows = [
        [one["name"], f"{one['weight']:,}", *(_figure(one, end) for end in ("least", "most"))]
        for one in document["criteria"]
    ]
    heads = [_word(key, lang) for key in ("criterion", "weight", "least", "most")]
    show_table(heads, rows, {1, 2, 3})
    if document["ledger"]:
        names = {one["id"]: one["name"] for one in document["rules"]}
        taken = [
            [names[one["rule"]], f"{one['area_mu']:,.1f}", f"{one['alone_mu']:,.1f}"]
            for one in document["ledger"]
        ]
        show_table([_word(key, lang) for key in ("rule", "taken", "alone")], taken, {1, 2})
    terminal.print(Text(f"{_word('hash', lang)}: {document['hash']}"))
    if out is not None:
        terminal.print(Text(f"{_word('written', lang)}: {out}"))
    show_warnings(document, lang)


def _figure(criterion: Document, end: str) -> str:
    figure = criterion[end]
    return "–" if figure is None else f"{figure:,.12g} {criterion['unit']}".rstrip()
