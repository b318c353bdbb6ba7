"""What a report says of a delineated zone, in words a reader without the method can use."""

from __future__ import annotations

from api.documents.values import Document
from api.reports import numerals
from geo.measure import M2_PER_MU, length_m
from geo.sentence import Lang, Sentence
from geo.zone_plan import NEXT_M, Site, ZonePlan
from layers import cautions

_KM_M = 1_000.0

STATUS = {
    "optimal": Sentence("已证最优", "proven optimal"),
    "feasible": Sentence("未证最优，但有界", "not proven optimal, but bounded"),
    "infeasible": Sentence("无可行范围", "infeasible"),
    "time_limit": Sentence("到时限仍未找到", "nothing found within the time limit"),
}


def conclude_zone(zh: Document, en: Document) -> list[Sentence]:
    """The conclusion in two sentences: the zone and its proof, then what stands beside it.

    `zh` and `en` are the document of one plan in either language.
    """
    if zh["geometry"] is None:
        return _none_found(zh, en)
    return [_best(zh, en), _beside(zh, en)]


def _none_found(zh: Document, en: Document) -> list[Sentence]:
    asked = _asked(zh)
    why, why_en = zh["infeasible_because"], en["infeasible_because"]
    said = [
        Sentence(
            f"没有面积 {asked} 亩的连片范围可以给出（{STATUS[zh['status']].zh}）"
            f"{f'：{why}' if why else ''}。",
            f"There is no contiguous zone of {asked} mu to show ({STATUS[en['status']].en})"
            f"{f': {why_en}' if why_en else ''}.",
        )
    ]
    if zh["nearest"] is not None:
        said.append(Sentence(f"{zh['nearest']}。", f"{en['nearest']}."))
    return said


def _asked(zh: Document) -> str:
    return f"{numerals.exact(zh['min_mu'])}–{numerals.exact(zh['max_mu'])}"


def _best(zh: Document, en: Document) -> Sentence:
    searched = numerals.figure(zh["searched_mu"])
    asked = _asked(zh)
    area, hectares = numerals.decimals(zh["area_mu"], 2), numerals.decimals(zh["area_ha"], 2)
    suits = numerals.decimals(zh["suitability"], 3)
    proof = _proven(zh)
    return Sentence(
        f"在 {searched} 亩搜索范围内，面积 {asked} 亩的连片范围以位于{_where(zh, 'zh')}的一处为最好"
        f"：{area} 亩（{hectares} 公顷），平均适宜性 {suits}（满分 1）；{proof.zh}。",
        f"Of all contiguous zones of {asked} mu in the {searched} mu searched, the best lies in "
        f"{_where(en, 'en')}: {area} mu ({hectares} ha) of mean suitability {suits} (out of 1); "
        f"{proof.en}.",
    )


def _proven(one: Document) -> Sentence:
    """What is proven of a zone, as part of a sentence."""
    if one["status"] == "optimal":
        return Sentence(
            "已证明本模型中没有更好的范围", "it is proven that the model has no better one"
        )
    if one["bound"] is None or one["gap"] is None:
        return Sentence(
            "时限内没有算出界，不知道还能好多少",
            "no bound was reached in time, so how much better another could be is not known",
        )
    gap = numerals.percent(one["gap"], 2)
    return Sentence(
        f"时限内未证最优，但已证明任何范围的目标值至多高出它 {gap}",
        f"not proven best in time, but it is proven that none has an objective more than {gap} "
        "above its own",
    )


def _where(one: Document, lang: Lang) -> str:
    """The districts that hold a zone, with their shares where there are several."""
    parts = [held for held in one["holds"] if held["share"] is not None]
    if len(parts) == 1:
        return str(parts[0]["name"])
    said = [f"{held['name']} {numerals.percent(held['share'], 0)}" for held in parts]
    return "、".join(said) if lang == "zh" else ", ".join(said)


def _beside(zh: Document, en: Document) -> Sentence:
    """The next best, and how sure the best is."""
    sure = _sure(zh)
    if zh["group"] is not None:
        several, several_en = (one["group"]["sentence"].rstrip("。.") for one in (zh, en))
        return Sentence(f"{several}；{sure.zh}。", f"{several_en}; {sure.en}.")
    near, near_en = zh["runner_up"], en["runner_up"]
    away = NEXT_M / _KM_M
    if near is None or near["geometry"] is None:
        return Sentence(
            f"与它相隔 {away:g} 公里以上（按格元中心）没有找到符合条件的次好范围；{sure.zh}。",
            f"No second zone that meets the conditions was found {away:g} km or more from it "
            f"(between middles of cells); {sure.en}.",
        )
    less = numerals.percent(
        (zh["objective"] - near["objective"]) / abs(zh["objective"]) if zh["objective"] else None, 1
    )
    area = numerals.decimals(near["area_mu"], 2)
    suits = numerals.decimals(near["suitability"], 3)
    return Sentence(
        f"与它相隔 {away:g} 公里以上（按格元中心）的次好范围在{_where(near, 'zh')}"
        f"（{area} 亩，平均适宜性 {suits}），目标值低 {less}；{sure.zh}。",
        f"The next best, {away:g} km or more from it between middles of cells, lies in "
        f"{_where(near_en, 'en')} ({area} mu, mean suitability {suits}) with an objective {less} "
        f"lower; {sure.en}.",
    )


def _sure(zh: Document) -> Sentence:
    odds = zh.get("odds")
    if not odds:
        return Sentence(
            "没有抽样，权重和点位变动时它是否仍最好未知",
            "nothing was drawn, so whether it stays best under other weights and positions is not "
            "known",
        )
    share, core = numerals.percent(odds["agreement"], 0), numerals.decimals(odds["core_mu"], 1)
    always = Sentence("没有一处次次入选", "no part of it belongs to every one")
    if odds["core_mu"] > 0.0:
        always = Sentence(f"{core} 亩次次入选", f"{core} mu belong to every one")
    return Sentence(
        f"权重和点位一起抽取 {odds['draws']:,} 次，各次最好的范围平均有 {share} 落在此范围内，"
        f"{always.zh}",
        f"with weights and positions drawn {odds['draws']:,} times, {share} of a draw's zone lies "
        f"in this one on average, and {always.en}",
    )


def explain_objective(plan: ZonePlan) -> Sentence:
    """What is made as great as possible."""
    asked = plan.question
    price = f"{asked.perimeter_price:g}"
    priced = Sentence("", "")
    if asked.perimeter_price:
        priced = Sentence(
            f"，每米边界再扣 {price} 平方米，使范围紧凑",
            f", less {price} m² for each metre of boundary, for a compact zone",
        )
    if asked.objective == "mean":
        return Sentence(
            f"目标值是范围内按面积平均的适宜性{priced.zh}（扣减按范围面积均摊）"
            if priced.zh
            else "目标值是范围内按面积平均的适宜性",
            f"The objective is the mean suitability by area{priced.en} (shared out over the area)"
            if priced.en
            else "The objective is the mean suitability by area",
        )
    return Sentence(
        f"目标值是各格元（适宜性 − {asked.threshold:g}）× 面积之和，以平方米计{priced.zh}",
        f"The objective is the sum over its cells of (suitability − {asked.threshold:g}) × area in "
        f"m²{priced.en}",
    )


def explain_proof() -> Sentence:
    """What a bound and a gap are."""
    return Sentence(
        "“界”是任何符合条件的连片范围都不可能超过的目标值，由放宽条件后的问题算出，不依赖已找到的范围；"
        "间隙是界与目标值之差占目标值的比例。间隙为零，即证明没有更好的范围；间隙不为零，"
        f"则至多还能好这么多。{cautions.PROOF.zh}。",
        "The bound is an objective that no contiguous zone meeting the conditions can exceed; it "
        "comes from a problem with fewer conditions and owes nothing to the zone found. The gap is "
        "how far the two are apart, as a share of the objective: none means that no better zone "
        "exists, else it could be better by no more than that. "
        f"{cautions.PROOF.en}.",
    )


def explain_area(site: Site, cell_m: float) -> Sentence:
    """How accurate the acreage is: the measure, and the outline."""
    perimeter = float(length_m([site.geometry], "EPSG:4490")[0])
    shift = perimeter * cell_m / 2.0 / M2_PER_MU
    said, km = numerals.decimals(shift, 0), numerals.decimals(perimeter / _KM_M, 2)
    follows = site.snap is not None and site.snap.share > 0.0
    part = (
        Sentence("未贴合之处", "where no line was near") if follows else Sentence("本身", "itself")
    )
    return Sentence(
        f"面积按界线多边形在 CGCS2000 椭球面上量算，量算误差小于 0.01 亩；"
        f"界线{part.zh}沿 {cell_m:g} 米格元的边（周长 {km} 公里），"
        f"若实地界线整体外移或内移半个格元，面积约增减 {said} 亩",
        "The area is that of the outline on the ellipsoid of CGCS2000, measured to better than "
        f"0.01 mu; the outline {part.en} follows the edges of cells of {cell_m:g} m (perimeter "
        f"{km} km): were all of it half a cell farther out or in, the area would change by about "
        f"{said} mu",
    )
