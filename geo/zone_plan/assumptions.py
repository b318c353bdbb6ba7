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
            f"面积 {asked.min_mu:,g} 至 {asked.max_mu:,g} 亩由使用者给出，文件没有规定",
            f"The area of {asked.min_mu:,g} to {asked.max_mu:,g} mu is the user's; no document "
            "gives any",
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
    if dropped:
        said.append(
            Sentence(
                f"只知道备选自身数值的准则不在格元上量算：{dropped}；其余权重按比例放大",
                f"Criteria known of the alternatives alone are not measured on cells: "
                f"{dropped_en}; the other weights are scaled up",
            )
        )
    return said
