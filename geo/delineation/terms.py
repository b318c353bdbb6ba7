"""What units, areas and limits are called where a question has no answer."""

from __future__ import annotations

from dataclasses import dataclass

from geo.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of whoever asks.

    `unit` names the units, by their numbers where these mean anything to the reader (`numbered`).
    Areas are told in `area_unit` of `area_m2` m² each, with `decimals`. `least` and `most` are the
    limits; `open_up` says how units become free, `link` how pieces are joined.
    """

    unit: Sentence
    numbered: bool
    area_unit: Sentence
    area_m2: float
    decimals: int | None
    least: Sentence
    most: Sentence
    open_up: Sentence
    link: Sentence

    def area(self, m2: float) -> Sentence:
        """An area in words."""
        value = m2 / self.area_m2
        told = f"{value:,.10g}" if self.decimals is None else f"{value:,.{self.decimals}f}"
        return Sentence(f"{told} {self.area_unit.zh}", f"{told} {self.area_unit.en}")


def _same(text: str) -> Sentence:
    return Sentence(text, text)


UNITS = Terms(
    unit=Sentence("单元", "units"),
    numbered=True,
    area_unit=Sentence("平方米", "m²"),
    area_m2=1.0,
    decimals=None,
    least=_same("min_m2"),
    most=_same("max_m2"),
    open_up=Sentence("从 must_exclude 中去掉部分单元", "take units out of must_exclude"),
    link=Sentence(
        "加入跨越障碍的相邻关系（如桥梁），或从 must_exclude 中去掉隔开它们的单元，"
        "或只保留其中一片的必选单元",
        "add an edge across the barrier (a bridge), take the units that part them out of "
        "must_exclude, or keep the units of one piece only",
    ),
)
"""The words of who calls with arrays."""
