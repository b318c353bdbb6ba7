"""Pages of the docs taken apart: headings, sections, rows of tables, blocks of code, links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from geo.sentence import Lang

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REFERENCE: dict[Lang, str] = {"zh": "reference.zh.md", "en": "reference.md"}
CATALOGUE: dict[Lang, str] = {"zh": "catalogue.zh.md", "en": "catalogue.md"}
SCENARIOS: dict[Lang, str] = {"zh": "scenarios.zh.md", "en": "scenarios.md"}
METHODS: dict[Lang, str] = {"zh": "methods.zh.md", "en": "methods.md"}
PLACEMENT: dict[Lang, str] = {"zh": "placement.zh.md", "en": "placement.md"}
ZONES: dict[Lang, str] = {"zh": "zones.zh.md", "en": "zones.md"}
DATUMS: dict[Lang, str] = {"zh": "datums.zh.md", "en": "datums.md"}
BENCHMARKS: dict[Lang, str] = {"zh": "benchmarks.zh.md", "en": "benchmarks.md"}
CHECK: dict[Lang, str] = {"zh": "check.zh.md", "en": "check.md"}
IMPORTS: dict[Lang, str] = {"zh": "imports.zh.md", "en": "imports.md"}
QUALITY: dict[Lang, str] = {"zh": "quality.zh.md", "en": "quality.md"}
EXCEL: dict[Lang, str] = {"zh": "excel.zh.md", "en": "excel.md"}
BOUNDARY_POINTS: dict[Lang, str] = {"zh": "boundary-points.zh.md", "en": "boundary-points.md"}
EXPORTS: dict[Lang, str] = {"zh": "exports.zh.md", "en": "exports.md"}
HISTORY: dict[Lang, str] = {"zh": "history.zh.md", "en": "history.md"}
PAGES = (
    *(REFERENCE, SCENARIOS, METHODS, PLACEMENT, ZONES, DATUMS, CHECK, IMPORTS, BENCHMARKS),
    *(QUALITY, EXCEL, BOUNDARY_POINTS, EXPORTS, HISTORY, CATALOGUE),
)

_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `([\w.-]+)` \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(name: str) -> str:
    """Return the text of a page of `docs`."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    """Contents of the fenced blocks of one language, in order."""
    return [body for name, body in _BLOCK.findall(text) if name == kind]


def without_code(text: str) -> str:
    return _BLOCK.sub("", text)


def outline(text: str) -> list[tuple[int, str]]:
    """Level and title of every heading."""
    return [(len(marks), title) for marks, title in _HEADING.findall(without_code(text))]


def headings(text: str) -> list[str]:
    return [title for _, title in outline(text)]


def section(text: str, title: str) -> str:
    """The text under one heading, up to the next of the same or a higher level."""
    found = next(one for one in _HEADING.finditer(text) if one[2].startswith(title))
    rest = text[found.end() :]
    after = [one for one in _HEADING.finditer(rest) if len(one[1]) <= len(found[1])]
    return rest[: after[0].start()] if after else rest


def rows(text: str) -> list[tuple[str, str]]:
    """Key and meaning of every row whose first cell is one key."""
    return _ROW.findall(text)


def missing(wanted: Iterable[str], name: str) -> list[str]:
    """What has no heading of its own that begins with it."""
    there = headings(read(name))
    return [one for one in wanted if not any(title.startswith(one) for title in there)]


def links(text: str) -> list[str]:
    return _LINK.findall(without_code(text))


def anchors(text: str) -> set[str]:
    """Addresses of the headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(text)}
