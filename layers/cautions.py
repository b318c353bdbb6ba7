"""Cautions: what a reader must know before using a result, found in the data themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.control_lines import GROWTH, LINES, GroundKind
from geo.criteria import located
from geo.crs import STORAGE_CRS
from geo.measure import area_m2
from geo.sentence import Sentence

NOT_CHECKED = Sentence(
    zh="未核对三区三线：永久基本农田、生态保护红线、城镇开发边界尚未导入",
    en="Not checked against the control lines: permanent farmland, ecological red line and urban "
    "growth boundary have not been imported",
)
PROOF = Sentence(
    zh="此最优性只对本模型和这些数据成立",
    en="It is optimal for this model and these data",
)
OUR_WEIGHTS = Sentence(
    zh="权重由本工具给出：各组相等，组内相等；文件没有规定权重",
    en="The weights are ours: groups equal, and equal inside a group; no document gives any",
)
CHANGED_WEIGHTS = Sentence(
    zh="权重由使用者改动，不是默认权重；文件没有规定权重",
    en="The weights were changed by the user from our defaults; no document gives any",
)
STATED_WEIGHTS = Sentence(
    zh="权重出自方案的声明，不是文件的规定；换一套权重，名次可能改变",
    en="The weights are those that the scenario declares; no document gives any, and other "
    "weights may give another order",
)
INDICATIVE = Sentence(
    zh="示意范围：公报未公布工业区边界，图上形状的面积等于公布面积，位置和形状不是实际边界",
    en="Indicative footprints: the gazette publishes no boundary; the shape drawn has exactly the "
    "published area, its place and form are not the real ones",
)

_NAMED = 5
"""So many alternatives are named in a caution."""

_SLIVER_M2 = 1.0
"""Overlaps up to this are the width of a line, not ground."""


def heading(layers: Mapping[str, pd.DataFrame]) -> Sentence | None:
    """The line above every answer about sites while not all kinds of control lines are there."""
    lines = layers.get("control_lines")
    if lines is None or lines.empty:
        return NOT_CHECKED
    there = [_parts_of(lines, kind) for kind in LINES]
    missing = [kind.name for kind, part in zip(LINES, there, strict=True) if part.empty]
    if not missing:
        return None
    return Sentence(
        f"未核对全部三区三线：{'、'.join(name.zh for name in missing)}尚未导入",
        "Not checked against all control lines: not imported yet are "
        f"{', '.join(name.en for name in missing)}",
    )


def about_control_lines(lines: pd.DataFrame | None, alternatives: pd.DataFrame) -> list[Sentence]:
    """Say of each kind of control line that is there how many alternatives it speaks against.

    Those of a surveyed polygon count where it overlaps a closed line, or reaches beyond the growth
    boundary, by more than 1 m²; all others by their reference point, edges inside the line. The
    first five are named.
    """
    if lines is None or lines.empty or alternatives.empty:
        return []
    shapes = _standing(alternatives)
    found = []
    for kind in LINES:
        part = _parts_of(lines, kind)
        if part.empty:
            continue
        union = shapely.union_all(part["geometry"].to_numpy())
        shapely.prepare(union)
        against = _against(shapes, union, growth=kind is GROWTH)
        zh, en = (
            (f"不全在{kind.name.zh}之内", f"not inside the {kind.name.en}")
            if kind is GROWTH
            else (f"与{kind.name.zh}重叠", f"on {kind.name.en}")
        )
        count, total = int(against.sum()), len(shapes)
        names = alternatives.loc[against].head(_NAMED)
        listed = "、".join(str(name) for name in names["name_zh"])
        listed_en = ", ".join(
            str(zh if pd.isna(en) else en)
            for zh, en in zip(names["name_zh"], names["name_en"], strict=True)
        )
        more = count > _NAMED
        found.append(
            Sentence(
                f"{total} 处备选中有 {count} 处{zh}"
                + (f"：{listed}{'等' if more else ''}" if count else ""),
                f"{count} of {total} alternatives are {en}"
                + (f": {listed_en}{' and others' if more else ''}" if count else ""),
            )
        )
    return found


def _parts_of(lines: pd.DataFrame, kind: GroundKind) -> pd.DataFrame:
    if "kind" not in lines.columns:
        return lines.iloc[:0]
    return lines[[kind.is_called(str(text)) for text in lines["kind"]]]


def _standing(alternatives: pd.DataFrame) -> NDArray[np.object_]:
    """Where each stands: its surveyed polygon, else its reference point, None where not known."""
    known = alternatives[["ref_lon", "ref_lat"]].to_numpy(dtype=float, na_value=np.nan)
    shapes = np.asarray(shapely.points(known), dtype=object)
    shapes[np.isnan(known).any(axis=1)] = None
    surveyed = (alternatives["geometry_kind"] == "surveyed").to_numpy()
    if surveyed.any():
        shapes[surveyed] = alternatives["geometry"].to_numpy()[surveyed]
    return shapes


def _against(shapes: NDArray[np.object_], union: object, *, growth: bool) -> NDArray[np.bool_]:
    """Whether a kind of line speaks against each shape; not of one whose place is not known."""
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    meets = shapely.intersects(shapes, union)
    against = np.asarray(known & (~meets if growth else meets), dtype=bool)
    flat = np.flatnonzero(known & meets & (shapely.get_dimensions(shapes) == 2))
    cut = shapely.difference if growth else shapely.intersection
    pieces = cut(shapes[flat], union)
    against[flat] = area_m2(pieces, STORAGE_CRS) > _SLIVER_M2
    return against


def status_on(source: pd.Series, on: date) -> str:
    """Status of a document on a day: `draft` and `repealed` as recorded, else by its dates.

    `not_yet` before `valid_from`, `expired` after `valid_to` (the last day is still in force),
    `in_force` between; a document without dates is `undated`.
    """
    recorded = source.get("status")
    if isinstance(recorded, str) and recorded in ("draft", "repealed"):
        return recorded
    begin, end = source.get("valid_from"), source.get("valid_to")
    if pd.isna(begin) and pd.isna(end):
        return "undated"
    if not pd.isna(begin) and on < date.fromisoformat(str(begin)):
        return "not_yet"
    if not pd.isna(end) and on > date.fromisoformat(str(end)):
        return "expired"
    return "in_force"


def about_sources(sources: pd.DataFrame, used: Iterable[str], on: date) -> list[Sentence]:
    """One caution per used document that is not in force on the scenario's day."""
    found = []
    for _, row in sources[sources["id"].isin(set(used))].iterrows():
        until = row.get("valid_to")
        match status_on(row, on):
            case "not_yet":
                found.append(
                    Sentence(
                        f"{row['title_zh']}在 {on} 尚未施行（{row['valid_from']} 起）",
                        f"{row['title_en']} is not yet in force on {on} (from {row['valid_from']})",
                    )
                )
            case "expired":
                found.append(
                    Sentence(
                        f"{row['title_zh']}在 {on} 已过有效期（至 {until}）",
                        f"{row['title_en']} has expired on {on} (valid to {until})",
                    )
                )
            case "draft":
                found.append(
                    Sentence(
                        f"{row['title_zh']}是征求意见稿，不是生效文件",
                        f"{row['title_en']} is a draft, not law",
                    )
                )
    return found


def about_positions(frame: pd.DataFrame) -> list[Sentence]:
    """Say how many positions are recalled, shared, or stand in for an unknown place."""
    found = []
    if "basis_kind" in frame.columns and (
        recalled := int((frame["basis_kind"] == "recalled").sum())
    ):
        found.append(
            Sentence(
                f"{recalled} 个点位凭一般知识标定（“recalled”），没有读到来源",
                f"{recalled} positions are recalled from general knowledge, not read in a source",
            )
        )
    shared = frame.duplicated(["ref_lon", "ref_lat"], keep=False) & frame["ref_lon"].notna()
    if shared.any():
        points = len(frame.loc[shared, ["ref_lon", "ref_lat"]].drop_duplicates())
        found.append(
            Sentence(
                f"{int(shared.sum())} 个工业区共用 {points} 个点位，它们的空间准则相同",
                f"{int(shared.sum())} zones share {points} points, so they tie on spatial criteria",
            )
        )
    return found


def about_stand_ins(layer: Sentence, frame: pd.DataFrame) -> list[Sentence]:
    """Say how many features of a layer are left out because their place is not known."""
    unknown = len(frame) - len(located(frame))
    if not unknown:
        return []
    return [
        Sentence(
            f"{layer.zh}中有 {unknown} 处位置不明，不参与距离计算",
            f"{unknown} of {layer.en} are not located and take no part in distances",
        )
    ]


def about_dates(layer: Sentence, frame: pd.DataFrame, on: date) -> list[Sentence]:
    """Say how many sites of a layer are dated, by year, after the day of judgement.

    Only layers with a `status` are dated by when their sites were seen; `as_of` may be a year only.
    """
    if "status" not in frame.columns:
        return []
    years = pd.to_numeric(frame["as_of"].str[:4], errors="coerce")
    later = int((years > on.year).sum())
    if not later:
        return []
    return [
        Sentence(
            f"{layer.zh}中有 {later} 处的记载晚于 {on.year} 年",
            f"{later} of {layer.en} are dated after {on.year}",
        )
    ]


def about_doubts(frame: pd.DataFrame) -> list[Sentence]:
    """Say how many features carry a printed value that is in doubt."""
    doubted = int(frame["doubt_fields"].notna().sum()) if "doubt_fields" in frame.columns else 0
    if not doubted:
        return []
    return [
        Sentence(
            f"{doubted} 个工业区有存疑的印刷值，照印刷值计分，并按区间给出得分范围",
            f"{doubted} zones have a doubtful printed value: scored as printed, with an interval",
        )
    ]
