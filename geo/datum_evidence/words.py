"""What the evidence says, in sentences with their numbers."""

from __future__ import annotations

import re

from geo.datum_evidence.findings import DatumEvidence, Finding, ReadingEvidence
from geo.datum_evidence.readings import Reading
from geo.datum_evidence.sign_test import SIGNIFICANCE, Comparison
from geo.sentence import Sentence

_SHOWN = 3
"""Rivals whose shares are told in words; the table has them all."""

_LEAST_P = 1e-9
"""Chances below this are all the same to a reader."""

_BETWEEN_CHINESE = re.compile(r"(?<=[\u3001-\u9fff\uff00-\uffef]) (?=[\u3001-\u9fff\uff00-\uffef])")


def verdict_sentence(found: DatumEvidence, claimed: Reading | None) -> Sentence:
    """Say in one sentence what was found and what to do."""
    return _tight(_opening(found, claimed))


def evidence_sentences(found: DatumEvidence) -> tuple[Sentence, ...]:
    """Say the shares of the readings in question, how the best differs from them, and the gaps."""
    near = [row for row in found.rows if row.near]
    parts = [row_sentence(row) for row in (near or found.rows)[: _SHOWN + 1]]
    titles = {row.reading.id: row.reading.title for row in found.rows}
    parts.extend(
        comparison_sentence(one, titles[one.reading], titles[one.rival])
        for one in found.comparisons[:_SHOWN]
    )
    if found.candidates and not found.comparisons:
        parts.append(
            Sentence(
                zh="按其他读法，没有一个要素落在全市范围 10 千米以内。",
                en="No other way to read them brings a single feature within 10 km of the city.",
            )
        )
    parts.extend(_gaps(found))
    return tuple(_tight(one) for one in parts)


def _gaps(found: DatumEvidence) -> list[Sentence]:
    parts = []
    if found.unknown_districts:
        several = found.unknown_districts[:_SHOWN]
        count = len(found.unknown_districts)
        parts.append(
            Sentence(
                zh=f"所注的 {count} 个名称不是本市的县（市、区）（{'、'.join(several)}），"
                "这些要素只看是否在市内。",
                en=f"Stated names that are no district of the city: {count} "
                f"({', '.join(several)}); of their features it counts only whether they lie in "
                "the city.",
            )
        )
    if found.without_position:
        parts.append(
            Sentence(
                zh=f"{found.without_position} 个要素没有位置，未计入。",
                en=f"Features without a position, left out: {found.without_position}.",
            )
        )
    return parts


def row_sentence(row: ReadingEvidence) -> Sentence:
    """Say how many features a reading puts where they belong."""
    title = row.reading.title
    parts = []
    if row.stated:
        parts.append(
            Sentence(
                zh=f"{_percent(row.in_stated, row.stated)}（{row.in_stated}/{row.stated}）"
                "的要素落在所注的县（市、区）内",
                en=f"{_percent(row.in_stated, row.stated)} of the features ({row.in_stated} of "
                f"{row.stated}) fall in their stated district",
            )
        )
    if row.stated < row.positions:
        parts.append(
            Sentence(
                zh=f"{_percent(row.in_city, row.positions)}（{row.in_city}/{row.positions}）"
                "的要素在市内",
                en=f"{_percent(row.in_city, row.positions)} of all features ({row.in_city} of "
                f"{row.positions}) lie in the city",
            )
        )
    if row.median_named_m is not None:
        parts.append(
            Sentence(
                zh=f"{row.named} 个同名地点的距离中位数为 {row.median_named_m:,.0f} 米",
                en=f"the {row.named} known places of the same name are {row.median_named_m:,.0f} m "
                "away (median)",
            )
        )
    if not row.near and row.away_m is not None:
        parts.append(
            Sentence(
                zh=f"居中的要素距市中心约 {row.away_m / 1000.0:,.0f} 千米",
                en=f"the middle one is about {row.away_m / 1000.0:,.0f} km from the middle of the "
                "city",
            )
        )
    return Sentence(
        zh=f"按 {title.zh} 读取，" + "，".join(one.zh for one in parts) + "。",
        en=f"Read as {title.en}, " + ", and ".join(one.en for one in parts) + ".",
    )


def comparison_sentence(one: Comparison, title: Sentence, rival: Sentence) -> Sentence:
    """Say where two readings differ and whether that can be chance."""
    total = one.features_for + one.features_against
    if not total:
        return Sentence(
            zh=f"{title.zh} 与 {rival.zh} 对每个要素的说法都一样："
            "没有要素靠近界线或有同名的已知地点。",
            en=f"{title.en} and {rival.en} say the same of every feature: none lies near enough to "
            "a border or bears the name of a known place.",
        )
    places = one.places_for + one.places_against
    return Sentence(
        zh=f"{title.zh} 与 {rival.zh} 的不同见于 {total} 个要素（支持前者 {one.features_for}，"
        f"支持后者 {one.features_against}），分布在 {places} 处（2 千米一格），"
        f"{one.places_for} 处支持前者、{one.places_against} 处支持后者"
        f"（精确符号检验，{_chance(one.p_value)}）。",
        en=f"{title.en} and {rival.en} differ for {total} features ({one.features_for} speak for "
        f"the former, {one.features_against} for the latter) in {places} places (cells of 2 km), "
        f"{one.places_for} for and {one.places_against} against (exact sign test, "
        f"{_chance(one.p_value)}).",
    )


def _opening(found: DatumEvidence, claimed: Reading | None) -> Sentence:
    if not found.candidates:
        return Sentence(
            zh="无法判断：没有一种读法使半数要素落在应在之处；数据可能属于别的城市、"
            "地方坐标系或旧坐标系，请向提供方问明。",
            en="Cannot tell: under no reading do half of the features lie where they should; they "
            "may be of another city, in a local system or on an old datum: ask who made the file.",
        )
    fault = _fault(found, claimed)
    if len(found.candidates) == 1:
        return Sentence(zh=f"{fault.zh}{_remedy(found).zh}", en=f"{fault.en}{_remedy(found).en}")
    limit = SIGNIFICANCE / len(found.comparisons)
    return Sentence(
        zh=f"{fault.zh}{_claim(found, claimed).zh}几者的差别不足为据"
        f"（精确符号检验须 p 不大于 {limit:.2g}）；请向提供方问明坐标系，"
        "或补充各要素所属的县（市、区）、同名的已知地点。",
        en=f"{fault.en}{_claim(found, claimed).en} How they differ is no evidence (the exact sign "
        f"test would have to give p of {limit:.2g} or less); ask who made the file, or add the "
        "district of each feature or places that are known by name.",
    )


def _fault(found: DatumEvidence, claimed: Reading | None) -> Sentence:
    """Say what the coordinates are, and what the file had said where that is something else."""
    swapped = found.finding == "swapped_axes"
    titles = [one.system_title if swapped else one.title for one in found.candidates]
    zh, en = "，或 ".join(one.zh for one in titles), ", or ".join(one.en for one in titles)
    declared = titles[0] if claimed is None else claimed.title
    says_zh, says_en = f"所注为 {declared.zh}", f"the file says {declared.en}, the coordinates are"
    words: dict[Finding, Sentence] = {
        "as_declared": Sentence(
            zh=f"坐标与所注的 {zh} 相符。", en=f"The coordinates are what the file says: {en}."
        ),
        "found": Sentence(zh=f"坐标为 {zh}。", en=f"The coordinates are {en}."),
        "wrong_datum": Sentence(
            zh=f"基准有误：{says_zh}，实为 {zh}。", en=f"Wrong datum: {says_en} {en}."
        ),
        "wrong_plane": Sentence(
            zh=f"投影带有误：{says_zh}，实为 {zh}。", en=f"Wrong plane: {says_en} {en}."
        ),
        "swapped_axes": Sentence(
            zh=f"坐标轴颠倒，北（纬度）在前：坐标为 {zh}。",
            en=f"The axes are swapped, north (latitude) comes first: the coordinates are {en}.",
        ),
        "metres_called_degrees": Sentence(
            zh=f"米被当作度：{says_zh}，实为以米为单位的 {zh}。",
            en=f"Metres called degrees: {says_en} metres of {en}.",
        ),
        "degrees_called_metres": Sentence(
            zh=f"度被当作米：{says_zh}，实为 {zh}。", en=f"Degrees called metres: {says_en} {en}."
        ),
        "cannot_tell": Sentence(
            zh=f"无法判断：坐标为 {zh}。", en=f"Cannot tell: the coordinates are {en}."
        ),
    }
    return words[found.finding]


def _remedy(found: DatumEvidence) -> Sentence:
    if found.finding in {"as_declared", "found"}:
        return Sentence(zh="", en="")
    name, swapped = found.candidates[0].system.name, found.candidates[0].swapped
    return Sentence(
        zh=f"请互换两列，按 {name} 导入。" if swapped else f"请按 {name} 导入。",
        en=f" {'Swap the two columns and import' if swapped else 'Import'} them as {name}.",
    )


def _claim(found: DatumEvidence, claimed: Reading | None) -> Sentence:
    """Say how a file's own claim stands among several candidates."""
    ids = [one.id for one in found.candidates]
    if claimed is None or claimed.id not in ids:
        return Sentence(zh="", en="")
    if claimed.id == ids[0]:
        return Sentence(
            zh=f"所注的 {claimed.title.zh} 最符合，没有证据反对它。",
            en=f" {claimed.title.en}, which the file says, fits best and nothing speaks against "
            "it.",
        )
    best = found.candidates[0].title
    return Sentence(
        zh=f"{best.zh} 比所注的 {claimed.title.zh} 更符合，但不足以推翻所注。",
        en=f" {best.en} fits better than {claimed.title.en}, which the file says, but not by "
        "enough to contradict it.",
    )


def _tight(words: Sentence) -> Sentence:
    """Drop the blanks that titles leave between two Chinese signs."""
    return Sentence(zh=_BETWEEN_CHINESE.sub("", words.zh), en=words.en)


def _chance(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= _LEAST_P else f"p < {_LEAST_P:.0e}"


def _percent(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.0f}%"
