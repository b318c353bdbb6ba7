"""Hub plans as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from api.console import show_heading, show_warnings
from api.documents.values import Document
from api.hub_answers_console import show_answers
from api.terminal import name_of, show_table, terminal
from geo.sentence import Lang, Sentence

_WORDS: Mapping[str, Sentence] = {
    "objective": Sentence("目标值", "objective"),
    "bound": Sentence("界", "bound"),
    "gap": Sentence("间隙", "gap"),
    "root_gap": Sentence("根节点间隙", "gap at the root"),
    "nodes": Sentence("节点", "nodes"),
    "mean": Sentence("平均距离（公里）", "mean distance (km)"),
    "farthest": Sentence("最远（公里）", "farthest (km)"),
    "name": Sentence("名称", "Name"),
    "district": Sentence("县（市、区）", "District"),
    "load": Sentence("服务需求（估计）", "Demand served (estimated)"),
    "reach": Sentence("服务最远（公里）", "Reach (km)"),
    "units": Sentence("个数", "Number"),
    "quota": Sentence("应得数", "Quota"),
    "range": Sentence("九成情形", "Nine draws of ten"),
    "same": Sentence("个数不变", "Same number"),
    "existing": Sentence("（现有）", " (existing)"),
    "unserved": Sentence("未服务", "Not served"),
    "demands": Sentence("不能同时满足", "Cannot be met together"),
    "relaxations": Sentence("最小的放宽（任选其一）", "Least relaxation (any one)"),
}
STATUS: Mapping[str, Sentence] = {
    "optimal": Sentence("最优（已证明）", "optimal (proven)"),
    "feasible": Sentence("可行，尚未证明最优", "feasible, not proven optimal"),
    "infeasible": Sentence("无解", "infeasible"),
    "time_limit": Sentence("到时限仍无方案", "no plan within the time limit"),
}
_UNSERVED_SHOWN = 5


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key].of(lang)


def show_hubs(document: Document, lang: Lang) -> None:
    """Print every reading of a hub plan, or of an allocation."""
    show_heading(document)
    if document["kind"] == "allocation":
        _show_allocation(document, lang)
        return
    for one in document["readings"]:
        terminal.print()
        terminal.print(Text(f"{one['title']}: {STATUS[one['status']].of(lang)}", style="bold"))
        _show_proof(one, lang)
        _show_conflict(one, lang)
        _show_facilities(one, lang)
        _show_unserved(one, lang)
        show_answers(one, lang)
    show_warnings(document, lang)


def _show_proof(one: Document, lang: Lang) -> None:
    """Objective, bound and gap, and what it took to know."""
    if one["objective"] is not None:
        root = (
            "" if one["root_gap"] is None else f"{_word('root_gap', lang)} {one['root_gap']:.4%}, "
        )
        terminal.print(
            f"{one['model_name']}: {_word('objective', lang)} {one['objective']:,.0f} "
            f"{one['objective_unit']}, {_word('bound', lang)} {_amount(one['bound'])}, "
            f"{_word('gap', lang)} {_share(one['gap'])} "
            f"({one['solver']}; {root}{_word('nodes', lang)} {one['nodes']:,}; "
            f"{one['seconds']:.2f} s)"
        )
        terminal.print(one["proof"])
    if one["mean_distance_m"] is not None:
        terminal.print(
            f"{_word('mean', lang)} {one['mean_distance_m'] / 1000:.1f}, "
            f"{_word('farthest', lang)} {one['max_distance_m'] / 1000:.1f}"
        )
    if one["decomposes"]:
        terminal.print(Text(one["decomposes"], style="dim"))


def _show_conflict(one: Document, lang: Lang) -> None:
    """The smallest set of demands that cannot be met together, and what would mend it."""
    for key, sentences in (
        ("demands", one["conflicting_demands"]),
        ("relaxations", one["least_relaxations"]),
    ):
        if sentences:
            terminal.print(f"{_word(key, lang)}:")
        for sentence in sentences:
            terminal.print(Text(f"  - {sentence}"))


def _show_facilities(one: Document, lang: Lang) -> None:
    """The sites of a plan; those of tiers are shown tier by tier."""
    headers = [_word(key, lang) for key in ("name", "district", "load", "reach")]
    rows = [
        [
            name_of(f, lang) + (_word("existing", lang) if f["existing"] else ""),
            str(f["district"]),
            f"{f['load']:,.0f}",
            _km(f["reach_m"]),
        ]
        for f in one["facilities"]
    ]
    if rows and one["tiers"] is None:
        show_table(headers, rows, {2, 3})


def _show_unserved(one: Document, lang: Lang) -> None:
    """Who is not served, by reason, the first names of each."""
    if one["status"] in ("infeasible", "time_limit"):
        return
    by_reason: dict[str, list[str]] = {}
    for row in one["unserved"]:
        by_reason.setdefault(row["reason"], []).append(name_of(row, lang))
    for reason, names in by_reason.items():
        listed = ", ".join(names[:_UNSERVED_SHOWN])
        more = ", …" if len(names) > _UNSERVED_SHOWN else ""
        terminal.print(f"{_word('unserved', lang)} {len(names)} ({reason}): {listed}{more}")


def _show_allocation(document: Document, lang: Lang) -> None:
    """Print every reading of an allocation: the districts with their sums, then their areas."""
    for one in document["readings"]:
        terminal.print()
        terminal.print(Text(f"{one['title']}: {STATUS[one['status']].of(lang)}", style="bold"))
        if one["infeasible_because"]:
            terminal.print(Text(one["infeasible_because"]))
            continue
        terminal.print(
            f"{_word('objective', lang)} {one['objective']:,.2f}: {one['objective_unit']}"
        )
        for sentence in filter(None, (one["proof"], one["odds"])):
            terminal.print(Text(sentence, style="dim"))
        _show_units(one, lang)
    show_warnings(document, lang)


def _show_units(one: Document, lang: Lang) -> None:
    drawn = one["odds"] is not None
    keys = ["district", "name", "units", "quota", *(("range", "same") if drawn else ())]
    rows = []
    for place in one["by_district"]:
        head = [str(place["district"]), "", f"{place['units']:,}", f"{place['quota']:,.2f}"]
        rows.append(head + ["", ""] * drawn)
        members = [row for row in one["allocation"] if row["district"] == place["district"]]
        for row in members:
            if row["units"] > 0:
                cells = ["", name_of(row, lang), f"{row['units']:,}", f"{row['quota']:,.2f}"]
                rows.append(cells + _drawn_cells(row) * drawn)
    show_table([_word(key, lang) for key in keys], rows, set(range(2, len(keys))))


def _drawn_cells(row: Document) -> list[str]:
    low, high = row["range"] or (None, None)
    return [f"{low}–{high}", f"{row['same_share'] or 0.0:.0%}"]


def _amount(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4%}"


def _km(metres: float | None) -> str:
    return "–" if metres is None else f"{metres / 1000:.1f}"
