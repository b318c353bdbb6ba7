"""What no document says, and a zone rests on."""

from __future__ import annotations

from geo.measure import M2_PER_MU
from geo.sentence import Sentence
from geo.zone_plan.plan import ZonePlan


def assumptions(plan: ZonePlan) -> list[Sentence]:
    """The assumptions of an answer, the user's and ours, in both languages."""
    asked, cells = plan.question, plan.question.cell_m
    dropped = "、".join(one.name.zh for one in plan.ground.left_out)
    dropped_en = ", ".join(one.name.en for one in plan.ground.left_out)
    said = [
        Sentence(
            f"面积 {asked.min_mu:,.10g} 至 {asked.max_mu:,.10g} 亩由使用者给出，文件没有规定",
            f"The area of {asked.min_mu:,.10g} to {asked.max_mu:,.10g} mu is the user's; no "
            "document gives any",
        ),
        Sentence(
            f"搜索范围为镇街中心与工业区点位周围 {asked.reach_m:,g} 米、陆域边界之内"
            f"（{plan.searched_m2 / M2_PER_MU:,.0f} 亩），由本工具给出",
            f"Searched are {asked.reach_m:,g} m around town centres and zones, inside the land "
            f"boundary ({plan.searched_m2 / M2_PER_MU:,.0f} mu): our assumption",
        ),
        Sentence(
            f"以 {cells:g} 米格元计算，界线沿格元边，不是实地界线",
            f"Computed in cells of {cells:g} m: the bounds follow their edges, not the ground",
        ),
    ]
    if asked.objective == "total":
        said.append(
            Sentence(
                f"适宜性低于 {asked.threshold:g} 的格元计为减分，此阈值由本工具或使用者给出",
                f"Cells of less suitability than {asked.threshold:g} count against a zone; the "
                "threshold is ours or the user's",
            )
        )
    if asked.perimeter_price:
        said.append(
            Sentence(
                f"每米周长扣 {asked.perimeter_price:g} 平方米，使范围紧凑；"
                "此价由本工具或使用者给出",
                f"Each metre of boundary costs {asked.perimeter_price:g} m², for a compact "
                "zone; the price is ours or the user's",
            )
        )
    said += [*_of_the_ground(plan), *_of_several(plan)]
    if dropped:
        said.append(
            Sentence(
                f"只知道备选自身数值的准则不在格元上量算：{dropped}；其余权重按比例放大",
                f"Criteria known of the alternatives alone are not measured on cells: "
                f"{dropped_en}; the other weights are scaled up",
            )
        )
    return said


def _of_the_ground(plan: ZonePlan) -> list[Sentence]:
    """What the user closed, opened or asked to be in."""
    asked = plan.question
    said = []
    lines = [one for one in plan.overlaps if one.layer == "control_lines"]
    missing = [one.name for one in lines if not one.checked]
    if 0 < len(missing) < len(lines):
        said.append(
            Sentence(
                f"控制线中{'、'.join(one.zh for one in missing)}尚未导入，未核对",
                f"Of the control lines {', '.join(one.en for one in missing)} is not imported, and "
                "not checked",
            )
        )
    if asked.district is not None:
        said.append(
            Sentence(
                f"只在使用者指定的 {asked.district} 内搜索",
                f"Only {asked.district} is searched, as the user says",
            )
        )
    for names, zh, en in (
        (asked.include, "使用者要求划入", "The user wants in the zone"),
        (asked.exclude, "使用者要求不得划入", "The user wants out of it"),
        (asked.barriers, "使用者指定的屏障", "Barriers that the user names"),
        (asked.bridges, "使用者指定的桥梁", "Bridges that the user names"),
    ):
        if names:
            said.append(Sentence(f"{zh}：{'、'.join(names)}", f"{en}: {', '.join(names)}"))
    if asked.include:
        said.append(
            Sentence(
                "按图上形状划入要素；示意范围的位置和形状不是实际边界",
                "Features are taken in by their shape as drawn; an indicative footprint is not the "
                "real one",
            )
        )
    if asked.cut_offs or asked.setbacks or asked.closed_land_use is not None:
        said.append(
            Sentence(
                "取值下限、退让距离与不得占用的地类由使用者给出",
                "Cut-offs, setbacks and closed land use are the user's",
            )
        )
    elif any(one.closed and one.layer == "land_use" for one in plan.overlaps):
        said.append(
            Sentence(
                "耕地、林地、水域、湿地不得划入，按地类名称判别，由本工具给出",
                "Farmland, forest, water and wetland are closed, told by the names of land use: "
                "our assumption",
            )
        )
    if asked.barriers:
        said.append(
            Sentence(
                "屏障两侧的边计为周长，跨桥的范围也计",
                "The sides along a barrier count as boundary, of a zone on both banks too",
            )
        )
    return said


def _of_several(plan: ZonePlan) -> list[Sentence]:
    """How several zones, and alternatives, are placed."""
    asked = plan.question
    if asked.zones > 1:
        return [
            Sentence(
                f"各分区面积要求相同，格元中心两两相距不少于 {asked.spacing_m:,g} 米；"
                "先定核心，再依次定其余，不为其余移动核心",
                f"All zones have the same limits, the middles of their cells {asked.spacing_m:,g} "
                "m or more apart; the core is placed first and not moved for the others",
            )
        ]
    if asked.alternatives:
        return [
            Sentence(
                f"每个另求的范围至少去掉此前各范围 {asked.difference:.0%} 的面积",
                f"Each alternative leaves out {asked.difference:.0%} or more of the area of each "
                "before",
            )
        ]
    return []
