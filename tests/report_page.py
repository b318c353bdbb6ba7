"""A printed page as a test reads it: its tags, tables, text and pictures."""

from __future__ import annotations

import base64
import struct
import subprocess
import zlib
from html.parser import HTMLParser
from pathlib import Path

import numpy as np


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, tables as rows of texts, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self._style = False
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True
        elif tag in ("br", "small", "span") and self._cell:
            self.tables[-1][-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._style = False
        if tag in ("td", "th"):
            self._cell = False
        elif tag in ("dt", "dd"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        if self._style:
            return
        self.text += data
        if self._cell:
            self.tables[-1][-1][-1] += data

    def table(self, head: str) -> list[list[str]]:
        """Return the rows of the one table whose first row has a cell that is `head`."""
        (found,) = [one for one in self.tables if head in [cell.strip() for cell in one[0]]]
        return [[" ".join(cell.split()) for cell in row] for row in found]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def squeezed(page: str) -> str:
    """Return the text of a page with single spaces."""
    return " ".join(Page(page).text.split())


def pixels(address: str) -> np.ndarray:
    """Return the indices of an indexed PNG, read by its own few rules."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(
            name + body
        )
        parts[name] = body
        at += 12 + size
    columns, rows = struct.unpack(">II", parts[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8)
    lines = lines.reshape(rows, columns + 1)
    assert not lines[:, 0].any(), "no line is filtered"
    return lines[:, 1:]


def printed(page: str, chromium: str, folder: Path) -> tuple[list[str], str]:
    """Print a page as a browser does: the text of each sheet, and what pdfinfo says."""
    source, pdf = folder / "report.html", folder / "report.pdf"
    source.write_text(page, encoding="utf-8")
    quiet = ["--disable-gpu", "--no-first-run", "--disable-sync", "--disable-component-update"]
    command = [chromium, "--headless", "--no-sandbox", *quiet, "--disable-background-networking"]
    profile = f"--user-data-dir={folder / 'profile'}"
    last = ["--no-pdf-header-footer", f"--print-to-pdf={pdf}", source.as_uri()]
    subprocess.run([*command, profile, *last], check=True, capture_output=True, timeout=120)
    laid, facts = (
        subprocess.run(one, check=True, capture_output=True, text=True).stdout
        for one in (["pdftotext", "-layout", str(pdf), "-"], ["pdfinfo", str(pdf)])
    )
    return laid.split("\f")[:-1], facts
