"""Pages: templates filled in, every value escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from api.reports import numerals
from geo.sentence import Lang, Sentence

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def fill_page(template: str, values: dict[str, Any], lang: Lang) -> str:
    """Fill a template of this package in one language; a value that is missing is an error."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    def words(sentence: Sentence) -> str:
        return sentence.of(lang)

    tools = {"lang": lang, "say": say, "words": words, "number": numerals}
    return _environment().get_template(template).render(**tools, **values)
