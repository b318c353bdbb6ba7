"""A layer or a stored result written to a file, as it is asked for by a command or a request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import CrsError
from layers.errors import LayerError, ResultError
from layers.store.records import require_layer

if TYPE_CHECKING:
    from geo.sentence import Lang
    from layers.exporters import Export
    from layers.store.base import Store


def system_asked(crs: str | None, datum: str | None) -> str | None:
    """Return the system that is named by its code or by its datum; None where neither is.

    Raises `CrsError` where both are, and where a datum is none.
    """
    from geo.datums import DATUMS, require_system

    if crs is not None and datum is not None:
        raise CrsError(
            f"both a system ({crs}) and a datum ({datum}) are named; name one of the two",
            f"同时指定了坐标系（{crs}）和基准（{datum}）；请只指定其一",
        )
    if datum is None:
        return crs
    name = require_system(datum).name
    if name not in DATUMS:
        raise CrsError(
            f"{datum} is no datum in degrees, which are {', '.join(DATUMS)}; name it with crs",
            f"{datum} 不是以度表示的基准（{'、'.join(DATUMS)}）；请用 crs 指定",
        )
    return name


def export_named(
    store: Store,
    name: str,
    path: Path,
    *,
    format: str | None = None,
    system: str | None = None,
    lang: Lang = "zh",
) -> Export:
    """Write the layer or else the stored result of this id; raises `LayerError` for neither."""
    if name in store.specs():
        return write_layer(store, name, path, format=format, system=system, lang=lang)
    try:
        return write_result(store, name, path, format=format, system=system, lang=lang)
    except ResultError as error:
        shown = ", ".join(store.specs())
        raise LayerError(
            f"there is no layer and no stored result {name!r}; layers are {shown}; list results "
            "with `ouzhi results list`",
            f"没有图层或已存的结果 {name!r}；图层有 {shown.replace(', ', '、')}；"
            "结果可用 `ouzhi results list` 查看",
        ) from error


def write_layer(
    store: Store,
    name: str,
    path: Path,
    *,
    format: str | None = None,
    system: str | None = None,
    lang: Lang = "zh",
) -> Export:
    """Write a layer; raises `LayerError` for an unknown one, and as `export_layer`."""
    from layers.exporters import export_layer, require_format

    require_format(format, path)
    spec = require_layer(name, store.specs())
    return export_layer(
        store.read_layer(name),
        spec,
        path,
        format=format,
        system=system,
        lang=lang,
        workspace=str(store.metadata.get("city", "")),
        revision=str(store.metadata.get("revision", "")),
    )


def write_result(
    store: Store,
    name: str,
    path: Path,
    *,
    format: str | None = None,
    system: str | None = None,
    lang: Lang = "zh",
) -> Export:
    """Write a stored result; raises `ResultError` for an unknown one, and as `export_layer`."""
    from api.result_features import result_layer
    from layers.exporters import export_layer
    from layers.results import read_result

    found = result_layer(read_result(store, name), store)
    export = export_layer(found.frame, found.spec, path, format=format, system=system, lang=lang)
    return replace(export, notes=(*found.notes, *export.notes))
