"""The terminal: where text goes, and how tables and names look there."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.documents.values import Document
from geo.sentence import Lang


class _Terminal(Console):
    """A console that leaves a reader who went away to `api.failures`."""

    def on_broken_pipe(self) -> None:
        """Pass the error on; the base class would end the program with exit code 1."""
        raise BrokenPipeError


terminal = _Terminal(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)


def show_table(headers: Iterable[str], rows: Iterable[Iterable[str]], numeric: set[int]) -> None:
    """Print aligned columns; those of `numeric` to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, header in enumerate(headers):
        table.add_column(header, justify="right" if i in numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    terminal.print(table)


def name_of(row: Document, lang: Lang) -> str:
    """Name of a feature in a language, the Chinese one where there is no other."""
    return str(row[f"name_{lang}"] or row["name_zh"])
