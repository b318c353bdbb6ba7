"""A file brought into a layer, as it is asked for on a command line or in a request."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.models.imports import ImportFields
from geo.datums import DATUMS, require_system
from geo.errors import CrsError, Fault
from geo.faults import refuse_faults
from geo.sentence import Lang, Sentence
from layers.clock import Clock, utc_now
from layers.errors import ExportError, ImportFileError
from layers.schemas import Column

if TYPE_CHECKING:
    from layers.importers.importing import Imported, ImportOrder
    from layers.quality import QualityReport
    from layers.store.base import Store

_DATE = Column("data_date", "date")
_LONGEST = 500
"""Characters of a reason, a source or a title."""


def parse_system(crs: str | None, datum: str | None) -> str | None:
    """The system that is named, by its code or its datum; None where neither is.

    Raises `CrsError` where both are, where a datum is none, and for a system that is unknown or
    refused.
    """
    if crs is not None and datum is not None:
        raise CrsError(
            f"both a system ({crs}) and a datum ({datum}) are named; name one of the two",
            f"同时指定了坐标系（{crs}）和基准（{datum}）；请只指定其一",
        )
    if datum is not None:
        name = require_system(datum).name
        if name not in DATUMS:
            raise CrsError(
                f"{datum} is no datum in degrees, which are {', '.join(DATUMS)}; name it with crs",
                f"{datum} 不是以度表示的基准（{'、'.join(DATUMS)}）；请用 crs 指定",
            )
        return name
    if crs is not None and crs.strip().lower() not in ("gk3-zone", "gk6-zone"):
        require_system(crs)
    return crs


def parse_mapping(texts: Sequence[str] | None) -> dict[str, str]:
    """Read `column=field`, each given once; what stands after the last sign is the field.

    Nothing after it leaves the column out.

    Raises `ImportFileError` with every part that is not so written.
    """
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for text in texts or ():
        column, sign, field = text.rpartition("=")
        column, field = column.strip(), field.strip()
        if not sign or not column:
            faults.append(Fault(None, "map", text, "column=field", "列名=字段"))
        elif column in found:
            faults.append(
                Fault(None, "map", text, f"column {column} once", f"列 {column} 只出现一次")
            )
        else:
            found[column] = field
    if faults:
        listed = ", ".join(repr(fault.value) for fault in faults)
        raise ImportFileError(
            f"{listed} does not say which column is which field; write column=field, each column "
            "once",
            f"{listed} 没有说明哪一列是哪个字段；请写 列名=字段，每列一次",
            faults,
        )
    return found


def order_of(
    asked: ImportFields, filename: str, *, author: str, clock: Clock = utc_now
) -> ImportOrder:
    """What is asked for, as the import takes it; `filename` is how the file is called.

    Raises one error for each thing that is not written as it has to be, before any file is read.
    """
    from layers.importers.importing import ImportOrder

    _require_sound(asked)
    return ImportOrder(
        layer=asked.layer,
        filename=filename,
        today=clock().astimezone().date().isoformat(),
        author=asked.author or author,
        system=parse_system(asked.crs, asked.datum),
        mapping=parse_mapping(asked.map),
        accept_repair=asked.accept_repair,
        replace=asked.replace,
        dry_run=asked.dry_run,
        accuracy_m=asked.accuracy_m,
        source=asked.source,
        data_date=asked.data_date,
        why=asked.why,
        title=_title(asked),
    )


def import_into(
    store: Store, path: Path, order: ImportOrder, *, source_layer: str | None = None
) -> Imported:
    """Read a file behind the gate and bring it in; raises `ImportFileError` with all its faults."""
    from layers.importers.importing import bring_in
    from layers.importers.reading import read_source
    from layers.importers.targets import require_target

    require_target(order.layer, store.specs())
    source = read_source(path, filename=order.filename, layer=source_layer)
    return bring_in(store, source, order)


def keep_log_off_terminal() -> None:
    """Keep what the reading of files logs from the terminal, on which one sentence tells it all."""
    logging.getLogger("layers.importers").addHandler(logging.NullHandler())


def write_report(report: QualityReport, path: Path, lang: Lang) -> None:
    """Write the findings as an Excel file; raises `ExportError` where it cannot be written."""
    from layers.quality import write_report_sheet

    try:
        write_report_sheet(report, path, lang)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(
            f"the report cannot be written to {path} ({reason}); give another path",
            f"报告无法写入 {path}（{reason}）；请换一个路径",
        ) from error


def _require_sound(asked: ImportFields) -> None:
    """Raise one `ImportFileError` with every option that is not as it has to be."""
    faults = []
    metres = asked.accuracy_m
    if metres is not None and not (math.isfinite(metres) and metres > 0.0):
        faults.append(
            Fault(None, "accuracy_m", metres, "a number of metres above 0", "大于 0 的米数")
        )
    if asked.data_date is not None and not _is_date(asked.data_date):
        expected = Sentence(
            "日期，如 2026、2026-11 或 2026-11-29", "a date: 2026, 2026-11 or 2026-11-29"
        )
        faults.append(Fault.stating(None, "data_date", asked.data_date, expected))
    for name in ("source", "why", "author", "title_zh", "title_en"):
        text = getattr(asked, name)
        if text is not None and (len(text) > _LONGEST or not text.strip() or not _plain(text)):
            expected = Sentence(
                f"一行文字，1 至 {_LONGEST} 字", f"one line of text, 1 to {_LONGEST} characters"
            )
            faults.append(Fault.stating(None, name, repr(text[:40]), expected))
    if (asked.title_zh is None) != (asked.title_en is None):
        expected = Sentence("中英文标题同时给出", "both titles, or none")
        faults.append(Fault.stating(None, "title", asked.title_zh or asked.title_en, expected))
    refuse_faults(faults, ImportFileError, Sentence("导入选项", "the import"))


def _is_date(text: str) -> bool:
    """Whether text is a year, a month or a day."""
    import pandas as pd

    return bool(_DATE.holds(pd.Series([text], dtype=object)).all())


def _plain(text: str) -> bool:
    """Whether text is one line that can be shown and stored."""
    return text.isprintable() and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _title(asked: ImportFields) -> Sentence | None:
    if asked.title_zh is None or asked.title_en is None:
        return None
    return Sentence(asked.title_zh, asked.title_en)
