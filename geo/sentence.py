"""A sentence in both languages of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in Chinese (`zh`) and in English (`en`)."""

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        """Return the statement in one language."""
        return self.zh if lang == "zh" else self.en

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> Sentence:
        """Build from ``{"zh": …, "en": …}``; raises `KeyError` where one is missing."""
        return cls(zh=mapping["zh"], en=mapping["en"])
