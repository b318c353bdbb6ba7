"""Documents as text for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geo.sentence import Lang

Document = dict[str, Any]


class _Terminal(Console):
    """A console that leaves a reader who went away to `api.failures`."""

    def on_broken_pipe(self) -> None:
        """Pass the error on; the base class would end the program with exit code 1."""
        raise BrokenPipeError


_console = _Terminal(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)

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
    "first": ("居首", "First"),
    "first_five": ("前五", "Among first five"),
    "moved_by": ("最受何影响", "Moved most by"),
    "weights": ("权重", "weights"),
    "values": ("数值", "values"),
    "positions": ("点位", "positions"),
    "excluded": ("排除", "Excluded"),
    "warnings": ("注意", "Mind"),
    "load": ("服务人口（估计）", "Residents (estimated)"),
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
    "objective": ("目标值", "objective"),
    "bound": ("界", "bound"),
    "gap": ("间隙", "gap"),
    "mean": ("平均距离（公里）", "mean distance (km)"),
    "farthest": ("最远（公里）", "farthest (km)"),
}
_SHOWN = 15


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key][0 if lang == "zh" else 1]


def _table(headers: Iterable[str], rows: Iterable[Iterable[str]], numeric: set[int]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, header in enumerate(headers):
        table.add_column(header, justify="right" if i in numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console.print(table)


def _name(row: Document, lang: Lang) -> str:
    return str(row[f"name_{lang}"] or row["name_zh"])


def _heading(document: Document) -> None:
    _console.print()
    _console.print(Text(f"{document['title']}  ({document['as_of']})", style="bold"))
    if document.get("heading"):
        _console.print(Text(f"! {document['heading']}", style="yellow"))


def _mind(document: Document, lang: Lang) -> None:
    for sentence in document["warnings"]:
        if sentence != document.get("heading"):
            _console.print(Text(f"{_word('warnings', lang)}: {sentence}", style="dim"))


def show_build(document: Document, lang: Lang) -> None:
    """Print what a build made."""
    headers = [_word(key, lang) for key in ("layer", "title", "features")]
    rows = [[one["id"], one["title"], f"{one['features']:,}"] for one in document["layers"]]
    _table(headers, rows, {2})
    _console.print(f"{_word('written', lang)}: {document['path']}  sha256:{document['hash'][:16]}")
    for note in document["notes"]:
        _console.print(Text(note, style="dim"))


def show_layers(document: Document, lang: Lang) -> None:
    """Print the layers of a workspace."""
    headers = [_word(key, lang) for key in ("layer", "title", "features", "note")]
    rows = [
        [d["id"], d["title"], f"{d['features']:,}", d["note"] or ""] for d in document["layers"]
    ]
    _table(headers, rows, {2})


def show_area(document: Document, lang: Lang) -> None:
    """Print areas: groups or features, then the total."""
    groups = "by" in document
    rows = document["by"] if groups else document["features"]
    keys = ("m2", "mu", "ha", "km2", "acre", "plane", "perimeter")
    headers = ["", *(_word(key, lang) for key in keys)]
    cells = [[_label(row, lang), *_measures(row)] for row in rows]
    cells.append([_word("total", lang), *_measures(document["total"])])
    _table(headers, cells, set(range(1, 8)))


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
    _console.print(Text(document["sentence"], style="bold"))
    _console.print(f"{_share(document['share'])}  [{_share(low)} – {_share(high)}]")
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
    _table(headers, rows, {1, 2, 3})
    for sentence in document["assumptions"]:
        _console.print(Text(f"{_word('warnings', lang)}: {sentence}", style="dim"))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


_WORDY = {"name", "district", "moved_by"}


def _ranked(row: Document, lang: Lang) -> dict[str, str]:
    """The cells of one ranked alternative, by column."""
    low, high = row["score_interval"]
    tie = f" ({_word('tied', lang)})" if row["tied_with"] else ""
    most = row.get("moved_most_by")
    return {
        "rank": f"{row['rank']}{tie}",
        "name": _name(row, lang),
        "district": row["district"],
        "score": f"{row['score']:.3f}",
        "interval": f"{low:.3f}–{high:.3f}",
        "accuracy": "–" if row["accuracy_m"] is None else f"±{row['accuracy_m']:,.0f}",
        "leading": str(row["rank_in_leading"] or "–"),
        "first": _share(row.get("first_share")),
        "first_five": _share(row.get("among_first_five_share")),
        "moved_by": _word(most, lang) if most else "–",
    }


def show_ranking(document: Document, lang: Lang) -> None:
    """Print a ranking: the first ones, the ledger of exclusions, and what to mind."""
    _heading(document)
    columns = ["rank", "name", "district", "score", "interval", "accuracy"]
    columns += ["leading"] if document["first_stage"] is not None else []
    columns += ["first", "first_five", "moved_by"] if document["odds"] is not None else []
    shown = [_ranked(row, lang) for row in document["alternatives"][:_SHOWN]]
    headers = [_word(column, lang) for column in columns]
    rows = [[cells[column] for column in columns] for cells in shown]
    _table(headers, rows, {i for i, c in enumerate(columns) if c not in _WORDY})
    if document["odds"] is not None:
        _console.print(Text(document["odds"]["sentence"], style="dim"))
    for rule in document["rules"]:
        _console.print(f"{_word('excluded', lang)} {rule['excluded']}: {rule['sentence']}")
    _mind(document, lang)


def show_hubs(document: Document, lang: Lang) -> None:
    """Print every reading of a hub plan."""
    _heading(document)
    for one in document["readings"]:
        _console.print()
        _console.print(Text(f"{one['title']}: {one['status']}", style="bold"))
        if one["objective"] is not None:
            _console.print(
                f"{_word('objective', lang)} {one['objective']:,.0f} {one['objective_unit']}, "
                f"{_word('bound', lang)} {one['bound']:,.0f}, "
                f"{_word('gap', lang)} {one['gap']:.4%} ({one['solver']}, {one['seconds']:.2f} s)"
            )
            _console.print(one["proof"])
        if one["mean_distance_m"] is not None:
            _console.print(
                f"{_word('mean', lang)} {one['mean_distance_m'] / 1000:.1f}, "
                f"{_word('farthest', lang)} {one['max_distance_m'] / 1000:.1f}"
            )
        for sentence in filter(None, (one["decomposes"], one["infeasible_because"])):
            _console.print(Text(sentence, style="dim"))
        headers = [_word(key, lang) for key in ("name", "district", "load")]
        rows = [
            [_name(f, lang), str(f["district"]), f"{f['load']:,.0f}"] for f in one["facilities"]
        ]
        _table(headers, rows, {2})
    _mind(document, lang)


def show_report(document: Document, lang: Lang) -> None:
    """Print where a report was written."""
    for path in document["written"]:
        _console.print(f"{_word('written', lang)}: {path}")
