"""A delineated zone as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from api.console import show_heading, show_warnings
from api.documents.values import Document
from api.hub_console import STATUS
from api.terminal import show_table, terminal
from geo.sentence import Lang, Sentence

_WORDS: Mapping[str, Sentence] = {
    "first": Sentence("最好的范围", "The best zone"),
    "next": Sentence("次好的范围（相距 1 公里以上）", "The next best, 1 km or more away"),
    "total": Sentence("目标值（适宜性超出阈值 × 平方米）", "objective (suitability above it × m²)"),
    "mean": Sentence("目标值（平均适宜性）", "objective (mean suitability)"),
    "bound": Sentence("界", "bound"),
    "gap": Sentence("间隙", "gap"),
    "nodes": Sentence("节点", "nodes"),
    "mu": Sentence("亩", "mu"),
    "ha": Sentence("公顷", "ha"),
    "suitability": Sentence("平均适宜性", "mean suitability"),
    "bounds": Sentence("四至", "Four bounds"),
    "holds": Sentence("范围内", "Inside"),
    "criterion": Sentence("准则", "Criterion"),
    "weight": Sentence("权重", "Weight"),
    "value": Sentence("范围内均值", "Mean over the zone"),
    "further": Sentence("另一分区", "Another zone"),
    "alternative": Sentence("另一方案", "An alternative"),
    "rule": Sentence("排除规则", "Closed by"),
    "cells": Sentence("格元", "Cells"),
    "area": Sentence("亩", "mu"),
    "alone": Sentence("仅此一条（亩）", "by it alone, mu"),
    "kind": Sentence("控制线与地类", "Control lines and land use"),
    "in_zone": Sentence("范围内（亩）", "In the zone, mu"),
    "in_search": Sentence("搜索范围内（亩）", "In the search area, mu"),
    "unchecked": Sentence("未核对", "not checked"),
    "odds": Sentence("范围有多稳", "How sure the zone is"),
    "often": Sentence("入选比例不低于", "In so many of the draws, or more"),
    "corner": Sentence("界址点（示意）", "Corner (sketch)"),
    "north": Sentence("X 北（米）", "North (m)"),
    "east": Sentence("Y 东，含带号（米）", "East with zone number (m)"),
    "edge": Sentence("边长（米）", "Edge (m)"),
}


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key].of(lang)


def show_zone(document: Document, lang: Lang) -> None:
    """Print the zone, its proof, its bounds in words, and the next best beside it."""
    show_heading(document)
    kind = document["objective_kind"]
    _show_one(document, _word("first", lang), kind, lang)
    terminal.print(Text(document["reduction"]["sentence"]))
    rows = [
        [
            one["name"],
            f"{one['weight']:.3f}",
            "–" if one["mean"] is None else f"{one['mean']:,.2f} {one['unit']}",
        ]
        for one in document["criteria"]
    ]
    show_table([_word(key, lang) for key in ("criterion", "weight", "value")], rows, {1, 2})
    _show_ground(document, lang)
    for one in document["further"]:
        _show_one(one, _word("further", lang), kind, lang)
    for part in ("group", "barrier"):
        if document[part] is not None:
            terminal.print(Text(document[part]["sentence"]))
    for one in document["alternatives"]:
        _show_one(one, _word("alternative", lang), kind, lang)
    if document["runner_up"] is not None:
        _show_one(document["runner_up"], _word("next", lang), kind, lang)
    if document["odds"] is not None:
        _show_odds(document["odds"], lang)
    show_warnings(document, lang)


def _show_odds(odds: Document, lang: Lang) -> None:
    """How sure the zone is."""
    terminal.print()
    terminal.print(Text(_word("odds", lang), style="bold"))
    terminal.print(Text(odds["sentence"]))
    rows = [[f"{one['share']:.0%}", f"{one['area_mu']:,.1f}"] for one in odds["bands"]]
    show_table([_word(key, lang) for key in ("often", "area")], rows, {0, 1})
    for said in odds["drawn"]:
        terminal.print(Text(said))


def _show_ground(document: Document, lang: Lang) -> None:
    """What was closed, and what of lines and land use lies inside."""
    if document["ledger"]:
        heads = [_word(key, lang) for key in ("rule", "cells", "area", "alone")]
        rows = [
            [one["name"], f"{one['cells']:,}", f"{one['area_mu']:,.1f}", f"{one['alone_mu']:,.1f}"]
            for one in document["ledger"]
        ]
        show_table(heads, rows, {1, 2, 3})

    def figure(one: Document, key: str) -> str:
        if not one["checked"]:
            return _word("unchecked", lang)
        return "–" if one[key] is None else f"{one[key]:,.2f}"

    rows = [
        [one["name"], figure(one, "zone_mu"), figure(one, "searched_mu")]
        for one in document["overlaps"]
    ]
    show_table([_word(key, lang) for key in ("kind", "in_zone", "in_search")], rows, {1, 2})


def _show_one(one: Document, title: str, kind: str, lang: Lang) -> None:
    terminal.print()
    terminal.print(Text(f"{title}: {STATUS[one['status']].of(lang)}", style="bold"))
    if one["infeasible_because"] is not None:
        terminal.print(Text(one["infeasible_because"]))
        if one.get("nearest") is not None:
            terminal.print(Text(one["nearest"]))
    if one["geometry"] is None:
        return
    digits = ",.0f" if kind == "total" else ".6f"
    bound = "–" if one["bound"] is None else format(one["bound"], digits)
    gap = "–" if one["gap"] is None else f"{one['gap']:.4%}"
    terminal.print(
        f"{_word(kind, lang)} {one['objective']:{digits}}, {_word('bound', lang)} {bound}, "
        f"{_word('gap', lang)} {gap} ({one['solver']}; {_word('nodes', lang)} {one['nodes']:,}; "
        f"{one['seconds']:.1f} s)"
    )
    terminal.print(
        f"{one['area_mu']:,.2f} {_word('mu', lang)} ({one['area_ha']:,.2f} {_word('ha', lang)}), "
        f"{_word('suitability', lang)} {one['suitability']:.4f}"
    )
    terminal.print(Text(f"{_word('bounds', lang)}: {one['four_bounds'][lang]}"))
    held = [
        part["name"] if part["share"] is None else f"{part['name']} {part['share']:.1%}"
        for part in one["holds"]
    ]
    terminal.print(Text(f"{_word('holds', lang)}: {', '.join(held)}"))
    if one["snap"] is not None:
        terminal.print(Text(one["snap"]["sentence"]))
    if one["corners"] is not None:
        rows = [
            [at["point"], f"{at['north_m']:.3f}", f"{at['east_m']:.3f}", f"{at['edge_m']:.3f}"]
            for at in one["corners"]
        ]
        heads = [_word(key, lang) for key in ("corner", "north", "east", "edge")]
        show_table(heads, rows, {1, 2, 3})
