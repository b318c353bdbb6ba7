"""Reports of the last imports of a server, kept in memory."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.documents.imports import import_document
from api.documents.values import Document
from api.imports import write_report
from geo.sentence import Lang
from layers.errors import LayerError

if TYPE_CHECKING:
    from layers.importers.importing import Imported

_KEPT = 20
SHEET_NAME = "report.xlsx"


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import: its document by language, and what its Excel file is made from."""

    id: str
    result: Imported

    @property
    def href(self) -> str:
        """Where the document stands."""
        return f"/api/imports/{self.id}"

    def document(self, lang: Lang) -> Document:
        """What the import came to."""
        return import_document(self.result, lang, f"{self.href}/{SHEET_NAME}")

    def sheet(self, lang: Lang) -> bytes:
        """The report as an Excel file."""
        with tempfile.TemporaryDirectory(prefix="ouzhi-report-") as folder:
            path = Path(folder) / SHEET_NAME
            write_report(self.result.report, path, lang)
            return path.read_bytes()


class ImportRecords:
    """The last twenty imports of a server; older ones are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, ImportRecord] = OrderedDict()
        self._lock = threading.Lock()

    def new_id(self) -> str:
        """A name that nobody can guess."""
        return secrets.token_urlsafe(12)

    def keep(self, name: str, result: Imported) -> ImportRecord:
        """Keep what an import came to under a name of `new_id`."""
        record = ImportRecord(name, result)
        with self._lock:
            self._kept[name] = record
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return record

    def get(self, name: str) -> ImportRecord:
        """Return one; raises `LayerError` (404) for one that is unknown or forgotten."""
        with self._lock:
            record = self._kept.get(name)
        if record is None:
            raise LayerError(
                f"there is no import {name!r}; the server remembers the last {_KEPT}, or it is "
                "not done yet",
                f"没有导入 {name!r}；服务器只记得最近 {_KEPT} 次，或者它尚未完成",
            )
        return record
