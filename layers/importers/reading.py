"""Read any file, behind the gate, into a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from layers.importers.columns import objects_of
from layers.importers.findings import Findings, faults_of, notes_of
from layers.importers.gate import ask_child
from layers.importers.geometries import shapes_of
from layers.importers.limits import LIMITS, Limits
from layers.importers.rawtable import require_columns, require_features
from layers.importers.source import SourceTable
from layers.importers.stream import Header, header_of


def read_source(
    path: Path, *, filename: str | None = None, layer: str | None = None, limits: Limits = LIMITS
) -> SourceTable:
    """Read one table of a file; `filename` is what its owner calls it, which is never opened.

    What a file is, its content decides; the name only tells kinds of text apart. `layer` names a
    layer, sheet, or file of a ZIP; without it the only one with rows is read. `path` may also be a
    .shp with its parts beside it or a folder .gdb. Coordinates stay as in the file, east first but
    for boundary points; heights are dropped, arcs drawn straight, open rings closed, each with a
    note; what cannot be kept is a fault with its row. Raises `ImportFileError` in one sentence for
    what is refused: another format, a damaged or hostile file, one past the limits.
    """
    reception = _Reception(limits)
    _, answer = ask_child(
        path,
        filename or path.name,
        layer,
        limits,
        only_list=False,
        receive=reception.take,
    )
    return reception.table(answer)


def list_tables(
    path: Path, *, filename: str | None = None, limits: Limits = LIMITS
) -> tuple[str, ...]:
    """The names of the layers or sheets that `read_source` takes, in the order of the file.

    Raises `ImportFileError` as it does.
    """
    _, answer = ask_child(
        path, filename or path.name, None, limits, only_list=True, receive=lambda _: None
    )
    return tuple(str(name) for name in answer["tables"])


@dataclass(slots=True)
class _Reception:
    """A table as it comes out of the pipe; geometries are built while the child reads on."""

    limits: Limits
    header: Header | None = None
    names: list[str] = field(default_factory=list)
    columns: list[list[Any]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    findings: Findings = field(init=False)

    def __post_init__(self) -> None:
        self.findings = Findings(self.limits.findings)

    def take(self, pipe: IO[bytes]) -> bool:
        """Read the stream to its end."""
        with pa.ipc.open_stream(pipe) as stream:
            self.header, self.names = header_of(stream.schema)
            require_columns(len(self.names), self.limits)
            self.columns = [[] for _ in self.names]
            for batch in stream:
                self._add(batch, self.header)
        return True

    def _add(self, batch: pa.RecordBatch, header: Header) -> None:
        batch.validate(full=True)
        done = len(self.rows)
        require_features(done + batch.num_rows, self.limits)
        if header.labelled:
            rows = [str(label) for label in batch.column(0).to_pylist()]
        else:
            rows = [str(row) for row in range(done + 1, done + batch.num_rows + 1)]
        self.rows += rows
        for index, column in enumerate(self.columns):
            array = batch.column(index + header.labelled)
            column.append(objects_of(array, index in header.coded))
        if header.shaped:
            binary = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False)
            self.shapes.append(shapes_of(binary, rows, self.findings))

    def table(self, answer: dict[str, Any]) -> SourceTable:
        """Everything received, with what the child found and what was found here."""
        assert self.header is not None
        columns = {
            name: pd.Series(_joined(parts), dtype=object, copy=False)
            for name, parts in zip(self.names, self.columns, strict=True)
        }
        self.columns.clear()
        return SourceTable(
            name=self.header.name,
            format=self.header.format,
            columns=pd.DataFrame(columns, index=range(len(self.rows)), copy=False),
            rows=self.rows,
            geometry=_joined(self.shapes) if self.header.shaped else None,
            crs=self.header.crs,
            north_first=self.header.north_first,
            faults=(*faults_of(answer), *self.findings.faults()),
            notes=(*notes_of(answer), *self.findings.notes()),
        )


def _joined(parts: list[Any]) -> Any:
    if not parts:
        return np.zeros(0, dtype=object)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
