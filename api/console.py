"""Documents as text for a terminal."""

from __future__ import annotations

from rich.text import Text

from api.contrast_console import show_audit, show_contrast
from api.documents.values import Document
from api.terminal import name_of, show_table, terminal
from geo.sentence import Lang

_WORDS: dict[str, tuple[str, str]] = {
    "layer": ("图层", "Layer"),
    "title": ("名称", "Title"),
    "features": ("要素数", "Features"),
    "note": ("说明", "Note"),
    "rank": ("名次", "Rank"),
    "tied": ("并列", "tied"),
    "score": ("得分", "Score"),
    "interval": ("得分区间", "Interval"),
    "name": ("名称", "Name"),
    "district": ("县（市、区）", "District"),
    "leading": ("领先区县内名次", "Rank in leading districts"),
    "accuracy": ("位置精度（米）", "Accuracy (m)"),
    "in_group": ("组内名次", "Rank in group"),
    "band": ("九成名次", "Ranks, 90 %"),
    "first_in_group": ("组内居首", "First in group"),
    "moved_over_all": (
        "总体上最受何影响（名次标准差的均值）",
        "Moved most, over all (mean sd of ranks)",
    ),
    "would_lead": ("单独看居首者为", "alone would put first"),
    "single_rule": (
        "只因一条规则落选（括号内为若放宽的名次）",
        "Lost to a single rule (rank if it alone were let in)",
    ),
    "first": ("居首", "First"),
    "first_five": ("前五", "Among first five"),
    "moved_by": ("最受何影响", "Moved most by"),
    "weights": ("权重", "weights"),
    "values": ("数值", "values"),
    "positions": ("点位", "positions"),
    "excluded": ("排除", "Excluded"),
    "warnings": ("注意", "Mind"),
    "mu": ("亩", "mu"),
    "ha": ("公顷", "ha"),
    "km2": ("平方公里", "km²"),
    "m2": ("平方米", "m²"),
    "acre": ("英亩", "acres"),
    "plane": ("平面面积（平方米）", "Plane area (m²)"),
    "perimeter": ("周长（米）", "Perimeter (m)"),
    "total": ("合计", "Total"),
    "not_given": ("（未给出）", "(not given)"),
    "share": ("占比", "Share"),
    "covered": ("已覆盖", "Covered"),
    "uncovered": ("未覆盖", "Uncovered"),
    "written": ("已写入", "Written"),
}
_SHOWN = 15


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key][0 if lang == "zh" else 1]


def show_heading(document: Document) -> None:
    """Print the title with its day, and what stands above every answer."""
    terminal.print()
    terminal.print(Text(f"{document['title']}  ({document['as_of']})", style="bold"))
    if document.get("heading"):
        terminal.print(Text(f"! {document['heading']}", style="yellow"))


def show_warnings(document: Document, lang: Lang) -> None:
    """Print what a reader must know, below the answer."""
    for sentence in document["warnings"]:
        if sentence != document.get("heading"):
            terminal.print(Text(f"{_word('warnings', lang)}: {sentence}", style="dim"))


def show_build(document: Document, lang: Lang) -> None:
    """Print what a build made."""
    headers = [_word(key, lang) for key in ("layer", "title", "features")]
    rows = [[one["id"], one["title"], f"{one['features']:,}"] for one in document["layers"]]
    show_table(headers, rows, {2})
    terminal.print(f"{_word('written', lang)}: {document['path']}  sha256:{document['hash'][:16]}")
    for note in document["notes"]:
        terminal.print(Text(note, style="dim"))


def show_layers(document: Document, lang: Lang) -> None:
    """Print the layers of a workspace."""
    headers = [_word(key, lang) for key in ("layer", "title", "features", "note")]
    rows = [
        [d["id"], d["title"], f"{d['features']:,}", d["note"] or ""] for d in document["layers"]
    ]
    show_table(headers, rows, {2})


def show_area(document: Document, lang: Lang) -> None:
    """Print areas: groups or features, then the total."""
    groups = "by" in document
    rows = document["by"] if groups else document["features"]
    keys = ("m2", "mu", "ha", "km2", "acre", "plane", "perimeter")
    headers = ["", *(_word(key, lang) for key in keys)]
    cells = [[_label(row, lang), *_measures(row)] for row in rows]
    cells.append([_word("total", lang), *_measures(document["total"])])
    show_table(headers, cells, set(range(1, 8)))


def _label(row: Document, lang: Lang) -> str:
    label = row["group"] if "group" in row else row["id"]
    return _word("not_given", lang) if label is None else str(label)


def _measures(row: Document) -> list[str]:
    return [
        f"{row['area_m2']:,.1f}",
        f"{row['area_mu']:,.2f}",
        f"{row['area_ha']:,.4f}",
        f"{row['area_km2']:,.4f}",
        f"{row['area_acre']:,.2f}",
        f"{row['plane_area_m2']:,.1f}",
        f"{row['perimeter_m']:,.1f}",
    ]


def show_coverage(document: Document, lang: Lang) -> None:
    """Print a coverage: total with its interval, then by district."""
    low, high = document["interval"]
    terminal.print(Text(document["sentence"], style="bold"))
    terminal.print(f"{_share(document['share'])}  [{_share(low)} – {_share(high)}]")
    unit = document["unit"]
    headers = [_word("district", lang), _word("share", lang)]
    headers += [
        f"{_word(key, lang)}（{unit}）" if lang == "zh" else f"{_word(key, lang)} ({unit})"
        for key in ("covered", "uncovered")
    ]
    rows = [
        [
            str(row["district"] or _word("not_given", lang)),
            _share(row["share"]),
            f"{row['covered']:,.0f}",
            f"{row['uncovered']:,.0f}",
        ]
        for row in document["by_district"]
    ]
    rows.append(
        [
            _word("total", lang),
            _share(document["share"]),
            f"{document['covered']:,.0f}",
            f"{document['uncovered']:,.0f}",
        ]
    )
    show_table(headers, rows, {1, 2, 3})
    for sentence in document["assumptions"]:
        terminal.print(Text(f"{_word('warnings', lang)}: {sentence}", style="dim"))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


_WORDY = {"name", "district", "moved_by"}


def _ranked(row: Document, lang: Lang) -> dict[str, str]:
    """The cells of one ranked alternative, by column."""
    tie = f" ({_word('tied', lang)})" if row["tied_with"] else ""
    most, ends, band = row["moved_most_by"], row["score_interval"], row["rank_band"]
    return {
        "rank": f"{row['rank']}{tie}",
        "name": name_of(row, lang),
        "district": row["district"],
        "score": f"{row['score']:.3f}",
        "interval": "–" if ends is None else f"{ends[0]:.3f}–{ends[1]:.3f}",
        "accuracy": "–" if row["accuracy_m"] is None else f"±{row['accuracy_m']:,.0f}",
        "leading": str(row["rank_in_leading"] or "–"),
        "in_group": f"{row['rank_in_group'] or '–'}{' ✓' if row['chosen'] else ''}",
        "band": "–" if band is None else f"{band[0]}–{band[1]}",
        "first": _share(row["first_share"]),
        "first_five": _share(row["among_first_five_share"]),
        "first_in_group": _share(row["first_in_group_share"]),
        "moved_by": _word(most, lang) if most else "–",
    }


def _columns(document: Document) -> list[str]:
    odds, per_group = document["odds"] is not None, document["per_group"] is not None
    columns = ["rank", "name", "district", "score", "interval", "accuracy"]
    columns += ["leading"] if document["first_stage"] is not None else []
    columns += ["in_group"] if per_group else []
    columns += ["band", "first", "first_five"] if odds else []
    columns += ["first_in_group"] if odds and per_group else []
    return columns + (["moved_by"] if odds else [])


def show_ranking(document: Document, lang: Lang) -> None:
    """Print a ranking: the first (or chosen) ones, how sure, what would change it, the ledger."""
    show_heading(document)
    columns = _columns(document)
    per_group = document["per_group"]
    shown = document["alternatives"][:_SHOWN]
    if per_group is not None:
        terminal.print(Text(per_group["sentence"], style="dim"))
        shown = [row for row in document["alternatives"] if row["chosen"]][: 4 * _SHOWN]
    rows = [[cells[c] for c in columns] for cells in (_ranked(row, lang) for row in shown)]
    headers = [_word(column, lang) for column in columns]
    show_table(headers, rows, {i for i, c in enumerate(columns) if c not in _WORDY})
    _reasons(document, lang)
    for rule in document["rules"]:
        terminal.print(f"{_word('excluded', lang)} {rule['excluded']}: {rule['sentence']}")
    _lost_to_one_rule(document, lang)
    if document["contrast"] is not None:
        show_contrast(document["contrast"], lang)
    if document["audit"] is not None:
        show_audit(document["audit"], lang)
    show_warnings(document, lang)


def _reasons(document: Document, lang: Lang) -> None:
    """How sure the order is, whether the method matters, and what would have to change."""
    odds, changes = document["odds"], document["changes"]
    if odds is not None:
        terminal.print(Text(odds["sentence"], style="dim"))
        most = odds["moved_most_by"]
        if most is not None:
            spread = ", ".join(
                f"{_word(doubt, lang)} ±{size:.1f}" for doubt, size in odds["spread"].items()
            )
            terminal.print(f"{_word('moved_over_all', lang)}: {_word(most, lang)} ({spread})")
    terminal.print(Text(document["method"]["sentence"], style="dim"))
    terminal.print(document["methods"]["sentence"])
    for body in document["weighting"]["stakeholders"]:
        first = [name for name, rank in body["ranks"].items() if rank == 1]
        terminal.print(f"{body['name']}: {_word('would_lead', lang)} {', '.join(first)}")
    if changes is not None:
        terminal.print(changes["sentence"])
        asked = changes["asked"] or next(iter(changes["overtakings"]), None)
        if asked is not None:
            terminal.print(asked["sentence"])


def _lost_to_one_rule(document: Document, lang: Lang) -> None:
    """The best of those that a single rule takes out, with the rank that they would have."""
    lost = [row for row in document["excluded"] if row["single_rule"] and row["would_rank"]]
    best = sorted(lost, key=lambda row: row["would_rank"])[:5]
    if best:
        listed = ", ".join(f"{name_of(row, lang)} ({row['would_rank']})" for row in best)
        terminal.print(f"{_word('single_rule', lang)} {len(lost)}: {listed}")


def show_report(document: Document, lang: Lang) -> None:
    """Print where a report was written."""
    for path in document["written"]:
        terminal.print(f"{_word('written', lang)}: {path}")
