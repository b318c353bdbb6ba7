"""What was asked of a hub plan beyond the plan, as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from api.documents.values import Document
from api.terminal import name_of, show_table, terminal
from geo.sentence import Lang, Sentence

_WORDS: Mapping[str, Sentence] = {
    "alternatives": Sentence("最好的方案", "Best plans"),
    "place": Sentence("次序", "Place"),
    "objective": Sentence("目标值", "Objective"),
    "worse": Sentence("差", "Worse by"),
    "added": Sentence("换入", "In"),
    "dropped": Sentence("换出", "Out"),
    "prices": Sentence("各条件的代价", "What each condition costs"),
    "fronts": Sentence("两个目标之间", "Between two aims"),
    "robust": Sentence("各种未来情形中最大后悔最小的方案", "Plan of least greatest regret"),
    "regret": Sentence("后悔", "Regret"),
    "best": Sentence("该情形最好", "Best for it"),
    "future": Sentence("未来情形", "Future"),
    "bound": Sentence("界", "bound"),
    "share": Sentence("占比", "Share"),
    "selection": Sentence("入选的比例", "How often each is chosen"),
    "chosen": Sentence("入选", "Chosen"),
    "error": Sentence("抽样误差（95%）", "Sampling error (95 %)"),
    "name": Sentence("名称", "Name"),
    "in_plan": Sentence("在方案中", "In the plan"),
    "district": Sentence("县（市、区）", "District"),
    "load": Sentence("经手需求（估计）", "Demand handled (estimated)"),
    "above": Sentence("上一级", "Tier above"),
    "points": Sentence("点", "points"),
    "incomplete": Sentence("（时间不够，未求全）", " (time was short, not all were found)"),
}
_POINTS_SHOWN = 12
_BESIDE_SHOWN = 6


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key].of(lang)


def show_answers(one: Document, lang: Lang) -> None:
    """Print what was asked of one reading and answered, in the order of the options."""
    if one["tiers"] is not None:
        _show_tiers(one["tiers"], lang)
    if one["alternatives"]:
        _show_alternatives(one, lang)
    if one["fronts"] is not None:
        _show_fronts(one["fronts"], lang)
    if one["prices"] is not None:
        _show_prices(one["prices"], lang)
    if one["selection"] is not None:
        _show_selection(one["selection"], lang)
    for sentence in one["unanswered"]:
        terminal.print(Text(sentence, style="dim"))
    if one["robust"] is not None:
        _show_robust(one["robust"], one["objective_unit"], lang)


def _title(text: str) -> None:
    terminal.print(Text(text, style="bold"))


def _show_alternatives(one: Document, lang: Lang) -> None:
    plans = one["alternatives"]
    _title(f"{_word('alternatives', lang)}: {one['alternatives_proof']}")
    names = {f["id"]: name_of(f, lang) for plan in plans for f in plan["facilities"]}
    rows = [
        [
            str(plan["rank"]),
            f"{plan['objective']:,.0f}",
            _share(plan["worse_by"]),
            _listed(plan["added"], names),
            _listed(plan["dropped"], names),
        ]
        for plan in plans
    ]
    headers = [_word(key, lang) for key in ("place", "objective", "worse", "added", "dropped")]
    show_table(headers, rows, {0, 1, 2})


def _show_tiers(tiers: Document, lang: Lang) -> None:
    """Every tier with its sites, and which site above serves each."""
    terminal.print(Text(tiers["sentence"], style="dim"))
    names = {f["id"]: name_of(f, lang) for tier in tiers["tiers"] for f in tier["facilities"]}
    for tier in tiers["tiers"]:
        _title(f"{tier['title']}: {len(tier['facilities'])}")
        rows = [
            [
                name_of(one, lang),
                str(one["district"]),
                f"{one['load']:,.0f}",
                names.get(one["served_by"], "–"),
            ]
            for one in tier["facilities"]
        ]
        headers = [_word(key, lang) for key in ("name", "district", "load", "above")]
        show_table(headers, rows, {2})


def _listed(ids: list[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(one, one) for one in ids) or "–"


def _show_fronts(fronts: Document, lang: Lang) -> None:
    _title(_word("fronts", lang))
    for front in fronts.values():
        points = front["points"]
        short = "" if front["complete"] else _word("incomplete", lang)
        terminal.print(f"  {front['sentence']}{short}: {len(points)} {_word('points', lang)}")
        for point in points[:_POINTS_SHOWN]:
            terminal.print(f"    {point['first']:,.0f}  {point['second']:,.0f}")
        if len(points) > _POINTS_SHOWN:
            terminal.print("    …")


def _show_prices(prices: Document, lang: Lang) -> None:
    short = "" if prices["complete"] else _word("incomplete", lang)
    _title(f"{_word('prices', lang)}{short}")
    for price in prices["prices"]:
        terminal.print(Text(f"  - {price['sentence']}"))


def _show_robust(robust: Document, unit: str, lang: Lang) -> None:
    """The plan for all futures: its greatest regret with its bound, its sites, each future."""
    _title(_word("robust", lang))
    if robust["infeasible_because"]:
        terminal.print(Text(robust["infeasible_because"]))
    if not robust["facilities"]:
        return
    told, unit = (_share, "") if robust["relative"] else (_amount, f" {unit}")
    terminal.print(
        f"  {_word('regret', lang)} {told(robust['regret'])}{unit}, "
        f"{_word('bound', lang)} {told(robust['bound'])} ({robust['seconds']:.2f} s)"
    )
    terminal.print(Text("  " + ", ".join(name_of(one, lang) for one in robust["facilities"])))
    rows = [
        [
            one["name"],
            _amount(one["objective"]),
            _amount(one["best_objective"]),
            _amount(one["regret"]),
            _share(one["share"]),
        ]
        for one in robust["futures"]
    ]
    headers = [_word(key, lang) for key in ("future", "objective", "best", "regret", "share")]
    show_table(headers, rows, {1, 2, 3, 4})


def _show_selection(selection: Document, lang: Lang) -> None:
    """Every site of the plan, and those that are chosen most often beside."""
    _title(_word("selection", lang))
    for sentence in (selection["drawn"], selection["sentence"]):
        terminal.print(Text(f"  {sentence}"))
    beside = [one for one in selection["candidates"] if not one["in_plan"]][:_BESIDE_SHOWN]
    shown = [one for one in selection["candidates"] if one["in_plan"]] + beside
    rows = [
        [
            name_of(one, lang),
            "✓" if one["in_plan"] else "",
            "–" if one["share"] is None else f"{one['share']:.0%}",
            "–" if one["half_width"] is None else f"±{one['half_width']:.1%}",
        ]
        for one in shown
    ]
    show_table([_word(key, lang) for key in ("name", "in_plan", "chosen", "error")], rows, {2, 3})


def _amount(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3%}"
