"""The process that opens a file of others: told what to read on stdin, it answers by a pipe.

It runs by itself, with an empty environment, in a folder of its own that holds a copy of the file
under a name of ours. The table goes out as an Arrow stream, faults and notes as `ANSWER`.
"""

from __future__ import annotations

import gc
import json
import mimetypes
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from geo.errors import OuzhiError
from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.archives import Dataset, open_archive
from layers.importers.confinement import allow_memory, confine, do_without
from layers.importers.findings import Findings, document_of, shown
from layers.importers.formats import ANOTHER, BY_ID, FormatId, refusal
from layers.importers.limits import Limits
from layers.importers.sandbox import fence
from layers.importers.sniffing import sniff

if TYPE_CHECKING:
    from layers.importers.source import SourceTable
    from layers.importers.stream import TableWriter

SOURCE = Path("source")
"""The copy of the file, whatever it is called outside; a folder for several files."""

ANSWER = Path("answer.json")

_LISTED = 12
_NOT_NEEDED = ("geopandas", "pandas", "shapely")
"""What pyogrio and pyarrow import where it is there; without it the child starts twice as fast."""

_PACKAGES = ("numpy", "pyarrow", "pyogrio", "pandas", "shapely", "pyproj", "openpyxl")
"""Whose folders this process may still read once it is fenced in."""

_WITH_PANDAS: tuple[FormatId, ...] = ("csv", "xlsx", "boundary-points")
_GDAL: tuple[FormatId, ...] = ("geopackage", "shapefile", "flatgeobuf", "dxf", "filegdb")


@dataclass(frozen=True, slots=True)
class Task:
    """What the parent asks: a table of the file, or the names of its tables."""

    name: str
    layer: str | None
    only_list: bool
    drivers: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Table:
    """One table that may be read: what it is called, whether it may have rows, how to read it."""

    name: str
    filled: bool
    read: Callable[[], None]


def main() -> None:
    """Read the task, confine this process, answer; the exit code is 0 whenever there is one."""
    request = json.load(sys.stdin.buffer)
    limits = Limits(**request.pop("limits"))
    drivers = tuple(request.pop("drivers"))
    task = Task(**request, drivers=drivers, limits=limits)
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    confine(limits)
    fence(_PACKAGES)
    gc.disable()  # of millions of lists none is garbage, and looking takes most of the time
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            answer = _answer(task, pipe, said)
    except OuzhiError as error:
        answer = {"error": [error.of("en"), error.of("zh")], **document_of(error.faults, ())}
    except MemoryError:
        answer = {"memory": True}
    except Exception:
        answer = {"failure": traceback.format_exc(limit=-12)}
    ANSWER.write_text(json.dumps(answer), encoding="utf-8")


def _answer(task: Task, pipe: BinaryIO, said: Sequence[warnings.WarningMessage]) -> dict[str, Any]:
    findings = Findings(task.limits.findings)
    tables = _tables(task, pipe, findings)
    if task.only_list:
        return {"tables": [table.name for table in tables]}
    _chosen(tables, task, findings).read()
    for text in dict.fromkeys(shown(str(warning.message)) for warning in said):
        findings.note(Sentence(f"读取时的提示：{text}", f"said while reading: {text}"))
    return document_of(findings.faults(), findings.notes())


def _tables(task: Task, pipe: BinaryIO, findings: Findings) -> list[Table]:
    """Every table that the file offers, by the names to choose them by."""

    stem = Path(task.name).stem
    if SOURCE.is_dir():
        path, format_id = _of_folder(SOURCE, task.name)
        datasets = [Dataset(format_id, stem, lambda: path)]
    else:
        found = sniff(SOURCE, task.name)
        if found == "zip":
            datasets = open_archive(SOURCE, task.name, Path(), task.limits)
        else:
            if found == "shapefile":
                raise _lone_shapefile()
            datasets = [Dataset(found, stem, lambda: SOURCE)]
    tables: list[Table] = []
    for dataset in datasets:
        offered = _tables_of(dataset, task, pipe, findings)
        if len(datasets) > 1 and len(offered) == 1:
            offered = [Table(dataset.name, offered[0].filled, offered[0].read)]
        elif len(datasets) > 1:
            offered = [Table(f"{dataset.name}/{t.name}", t.filled, t.read) for t in offered]
        tables += offered
    return tables


def _of_folder(folder: Path, name: str) -> tuple[Path, FormatId]:
    """The Shapefile or file geodatabase that the parent copied file by file."""
    shp = next(folder.glob("*.shp"), None)
    if shp is not None:
        if sniff(shp, name) != "shapefile":
            raise refusal(
                Sentence("名为 .shp，内容却不是 Shapefile", "is .shp only by name"), ANOTHER
            )
        return shp, "shapefile"
    base = Path("source.gdb")
    folder.rename(base)
    return base, "filegdb"


def _lone_shapefile() -> ImportFileError:
    return ImportFileError(
        "a Shapefile is several files and only the .shp is here: put .shp, .shx, .dbf, .prj and "
        ".cpg into one ZIP and bring that in",
        "Shapefile 由多个文件组成，这里只有 .shp：请将 .shp、.shx、.dbf、.prj、.cpg 打包为一个 ZIP "
        "后导入",
    )


def _tables_of(dataset: Dataset, task: Task, pipe: BinaryIO, findings: Findings) -> list[Table]:
    if dataset.format_id not in _WITH_PANDAS:
        do_without(*_NOT_NEEDED, *(("pyproj",) if dataset.format_id in _GDAL else ()))
    mimetypes.knownfiles.clear()  # openpyxl asks for them; they lie in /etc
    from layers.importers.stream import TableWriter

    writer = TableWriter(pipe, findings, task.limits)
    format_id: FormatId = dataset.format_id
    if format_id in _GDAL:
        return _gdal_tables(dataset, task, writer, findings)
    if format_id == "xlsx":
        return _sheets(_renamed(dataset.place(), ".xlsx"), dataset.name, task, writer, findings)

    def read() -> None:
        _read_plain(dataset, task, writer, findings)

    return [Table(dataset.name, True, read)]


def _sheets(
    path: Path, name: str, task: Task, writer: TableWriter, findings: Findings
) -> list[Table]:
    """The sheets of a workbook; where none is asked for, the reader of sheets finds the one."""
    from layers.importers.spreadsheets import sheet_names

    def reader(sheet: str | None) -> Callable[[], None]:
        return lambda: _read_sheet(path, sheet, writer, findings)

    if task.layer is None and not task.only_list:
        return [Table(name, True, reader(None))]
    return [Table(sheet, True, reader(sheet)) for sheet in sheet_names(path)]


def _gdal_tables(
    dataset: Dataset, task: Task, writer: TableWriter, findings: Findings
) -> list[Table]:
    from layers.importers.geopackages import tables_of
    from layers.importers.vectors import (
        cad_layers,
        only_table,
        read_vectors,
        start_gdal,
        vector_tables,
    )

    format_id: FormatId = dataset.format_id
    driver = BY_ID[format_id].driver
    assert driver is not None

    def reader(
        path: Callable[[], Path], table: str | None, name: str, cad_layer: str | None = None
    ) -> Callable[[], None]:
        def read() -> None:
            at = path()
            allow_memory(task.limits.memory_for(_size(at)))
            gdal = start_gdal(driver, task.drivers)
            inner = only_table(gdal, at, format_id) if table is None else table
            read_vectors(gdal, at, inner, name, format_id, writer, findings, cad_layer=cad_layer)
            writer.close()

        return read

    if format_id == "shapefile":
        return [
            Table(dataset.name, True, reader(lambda: _whole(dataset.place()), None, dataset.name))
        ]
    path = _renamed(dataset.place(), BY_ID[format_id].suffixes[0])
    if format_id == "dxf" and (task.layer is not None or task.only_list):
        names = cad_layers(start_gdal(driver, task.drivers), path)
        return [Table(name, True, reader(lambda: path, None, name, name)) for name in names]
    if format_id in ("flatgeobuf", "dxf"):
        return [Table(dataset.name, True, reader(lambda: path, None, dataset.name))]
    offered = (
        tables_of(path)
        if format_id == "geopackage"
        else vector_tables(start_gdal(driver, task.drivers), path, format_id)
    )
    return [Table(name, filled, reader(lambda: path, name, name)) for name, filled in offered]


def _whole(shp: Path) -> Path:
    from layers.importers.shapefiles import require_whole

    require_whole(shp)
    return shp


def _renamed(path: Path, suffix: str) -> Path:
    """The file under a name that ends as its format does, which drivers look at."""
    target = path.with_suffix(suffix)
    return path.rename(target) if path != target else path


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else path.parent.glob(f"{path.stem}.*")
    return sum(file.stat().st_size for file in files)


def _read_plain(dataset: Dataset, task: Task, writer: TableWriter, findings: Findings) -> None:
    """Read what is no GDAL format and has one table."""
    path: Path = dataset.place()
    allow_memory(task.limits.memory_for(path.stat().st_size))
    format_id: FormatId = dataset.format_id
    name: str = dataset.name
    if format_id == "geojson":
        from layers.importers.geojson import read_geojson

        writer.write_raw(read_geojson(path, findings, task.limits), name, format_id)
    elif format_id == "kml":
        from layers.importers.kml import read_kml

        writer.write_raw(read_kml(path, findings, task.limits), name, format_id)
    elif format_id == "geoparquet":
        from layers.importers.parquet import read_parquet

        read_parquet(path, name, writer, findings, task.limits)
    elif format_id == "csv":
        from layers.importers.spreadsheets import read_csv_table

        _write_source(read_csv_table(path, None), name, format_id, writer, findings)
    else:
        from layers.importers.boundary_points import read_boundary_points

        _write_source(read_boundary_points(path), name, format_id, writer, findings)
    writer.close()


def _read_sheet(path: Path, sheet: str | None, writer: TableWriter, findings: Findings) -> None:
    from layers.importers.spreadsheets import read_xlsx_table

    _write_source(read_xlsx_table(path, sheet), None, "xlsx", writer, findings)
    writer.close()


def _write_source(
    source: SourceTable,
    name: str | None,
    format_id: FormatId,
    writer: TableWriter,
    findings: Findings,
) -> None:
    """Hand on a table that another reader made; `name` in place of its own, which is ours."""
    import shapely

    from layers.importers.rawtable import RawTable

    for fault in source.faults:
        findings.fault(
            fault.row, fault.field, fault.value, Sentence(fault.expected_zh, fault.expected)
        )
    for note in source.notes:
        findings.note(note)
    frame = source.columns
    shapes = None if source.geometry is None else list(shapely.to_wkb(source.geometry))
    table = RawTable(
        columns=[(str(c), frame.iloc[:, i].tolist()) for i, c in enumerate(frame.columns)],
        geometry=shapes,
        crs=source.crs,
        labels=[str(row) for row in source.rows],
        north_first=source.north_first,
    )
    writer.write_raw(table, name or source.name, format_id)


def _chosen(tables: Sequence[Table], task: Task, findings: Findings) -> Table:
    """The table asked for, else the only one with rows; raises `ImportFileError` naming all."""
    listed = ", ".join(table.name for table in tables[:_LISTED])
    listed += f" … ({len(tables)})" if len(tables) > _LISTED else ""
    if task.layer is not None:
        exact = [table for table in tables if table.name == task.layer]
        near = [table for table in tables if table.name.lower() == task.layer.lower()]
        if not (exact or near):
            raise ImportFileError(
                f'the file has no layer or sheet "{task.layer[:80]}"; it has: {listed}',
                f"文件中没有图层或工作表“{task.layer[:80]}”；现有：{listed}",
            )
        return (exact or near)[0]
    filled = [table for table in tables if table.filled]
    if len(filled) > 1:
        raise ImportFileError(
            f"the file has {len(filled)} layers or sheets; name the one to read: {listed}",
            f"文件中有 {len(filled)} 个图层或工作表，请指明读取哪一个：{listed}",
        )
    chosen = (filled or tables)[0]
    left = [table.name for table in tables if table is not chosen]
    if left:
        names = ", ".join(left[:_LISTED])
        findings.note(
            Sentence(f"未读取没有内容的图层：{names}", f"layers without rows were left: {names}")
        )
    return chosen
