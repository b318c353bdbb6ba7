"""The three kinds of control lines (三区三线): where nobody builds, and where one does."""

from __future__ import annotations

from dataclasses import dataclass

from geo.sentence import Sentence


@dataclass(frozen=True, slots=True)
class GroundKind:
    """A kind of ground: its id, its name, parts of names that tell it, first digits of its code."""

    id: str
    name: Sentence
    told_by: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def is_called(self, text: str) -> bool:
        """Whether somebody who says `text` means this kind."""
        return text in (self.id, self.name.zh, self.name.en)


FARMLAND_LINE = GroundKind(
    "permanent_farmland", Sentence("永久基本农田", "permanent farmland (control line)")
)
RED_LINE = GroundKind("ecological_red_line", Sentence("生态保护红线", "ecological red line"))
GROWTH = GroundKind("urban_growth_boundary", Sentence("城镇开发边界", "urban growth boundary"))
LINES = (FARMLAND_LINE, RED_LINE, GROWTH)
"""Kinds of control lines: the first two are closed, the third is where one builds."""
