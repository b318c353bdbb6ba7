"""A file brought into a layer: checked against the ground, prepared, and put in one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.errors import CrsError, Fault
from geo.sentence import Sentence
from layers.errors import ImportFileError, OvertakenError
from layers.importers.checking import DatumCheck, Ground, check_datum
from layers.importers.edits import merge_edits, split_edits
from layers.importers.preparing import Known, Prepared, PrepareOptions, prepare
from layers.importers.targets import require_target
from layers.quality import require_quality
from layers.store.base import Put
from layers.store.rows import rows_of

if TYPE_CHECKING:
    from layers.catalog import FieldSpec, LayerSpec
    from layers.importers.source import SourceTable
    from layers.quality.report import QualityReport
    from layers.store.base import Store

MOST_WEIGHED = 5_000
"""So many features are held against the workspace, evenly over the file; `ouzhi check` takes all"""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What a person asks of an import.

    `filename` is how the file is called; `system` what its coordinates are in, in the place of
    what it says itself; `mapping` names columns that hold fields. `source`, `data_date` and
    `accuracy_m` are of all features that give none of their own. `today` (ISO 8601) is the date of
    the data where none is given. With `replace` features that the file lacks are deleted.
    """

    layer: str
    filename: str
    today: str
    author: str
    system: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    accept_repair: bool = False
    replace: bool = False
    dry_run: bool = False
    accuracy_m: float | None = None
    source: str | None = None
    data_date: str | None = None
    why: str | None = None
    title: Sentence | None = None

    @property
    def reason(self) -> str:
        """What the history says of the change."""
        return self.why or self.filename


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """What an import came to, or would come to where it was dry.

    `title` is the layer's, `revision` None where nothing differed or nothing was written, `check`
    None where the system of the file is refused.
    """

    order: ImportOrder
    source: SourceTable
    title: Sentence
    new_layer: bool
    report: QualityReport
    check: DatumCheck | None
    put: Put = field(default_factory=Put)
    revision: int | None = None


class RefusedImportError(ImportFileError):
    """The rows of a file have faults; nothing of it is written. `result` has the whole report."""

    def __init__(self, error: ImportFileError, result: Imported) -> None:
        super().__init__(error.sentence.en, error.sentence.zh, error.faults)
        self.result = result


def bring_in(store: Store, source: SourceTable, order: ImportOrder) -> Imported:
    """Bring a table into a layer of a workspace: all of it as one revision, or nothing.

    Features of an id that is there already are changed, new ones added; columns that the file lacks
    keep their value. Nothing becomes a revision where nothing differs. Raises `RefusedImportError`
    with all faults at once, `ImportFileError` for a layer that nothing can be brought into,
    `OvertakenError` where somebody else changed the layer meanwhile, and `WorkspaceError` where the
    workspace cannot be written.
    """
    seen = int(store.metadata["revision"])
    spec = require_target(order.layer, store.specs())
    source, edits = split_edits(source)
    check = _weighed(store, source, spec, order)
    known = None if spec is None else store.read_layer(spec.id)
    districts = store.read_layer("districts")
    prepared = _prepared(source, spec, order, Known(districts, known))
    report = _with_title(_with_evidence(prepared.report, check), spec, order)
    frame = prepared.frame
    if edits is not None and known is not None and report.ok:
        merge = merge_edits(frame, edits, known)
        frame, report = merge.frame, replace(report, faults=(*report.faults, *merge.faults))
    result = Imported(
        order, source, prepared.spec.title, new_layer=spec is None, report=report, check=check
    )
    _require_sound(result)
    if order.dry_run:
        return replace(result, put=foreseen(known, prepared.spec, frame, order.replace))
    return _written(store, result, prepared.spec, frame, seen)


def foreseen(
    known: gpd.GeoDataFrame | None, spec: LayerSpec, frame: pd.DataFrame, delete_missing: bool
) -> Put:
    """What putting a frame into a layer would do, without doing it; see `Change.put`.

    `known` is the layer as it stands, None where it is still to be made.
    """
    if known is None:
        return Put(inserted=len(frame))
    fields = [field for field in spec.fields if field.name in frame.columns]
    bare = known if "geometry" in frame.columns else pd.DataFrame(known[[*_names(fields)]])
    now = dict(zip(known[spec.key], rows_of(bare, spec, fields).digests(fields), strict=True))
    then = dict(zip(frame[spec.key], rows_of(frame, spec, fields).digests(fields), strict=True))
    updated = sum(key in now and now[key] != digest for key, digest in then.items())
    inserted = sum(key not in now for key in then)
    deleted = sum(key not in then for key in now) if delete_missing else 0
    return Put(inserted, updated, len(then) - inserted - updated, deleted)


def _names(fields: list[FieldSpec]) -> list[str]:
    return [field.name for field in fields]


def _weighed(
    store: Store, source: SourceTable, spec: LayerSpec | None, order: ImportOrder
) -> DatumCheck | None:
    """The evidence on the file's system; None where it is refused, which preparing will tell."""
    try:
        return check_datum(
            source,
            Ground.from_layers(store.read_layers()),
            system=order.system,
            mapping=order.mapping,
            spec=spec,
            most=MOST_WEIGHED,
        )
    except CrsError:
        return None


def _prepared(
    source: SourceTable, spec: LayerSpec | None, order: ImportOrder, known: Known
) -> Prepared:
    options = PrepareOptions(
        layer=order.layer,
        as_of=order.data_date or order.today,
        as_of_given=order.data_date is not None,
        mapping=order.mapping,
        system=order.system,
        accept_repair=order.accept_repair,
        accuracy_m=order.accuracy_m,
        source=order.source,
        source_name=order.filename,
        title=order.title,
    )
    return prepare(source, spec, options=options, known=known)


def _with_evidence(report: QualityReport, check: DatumCheck | None) -> QualityReport:
    """A report that warns where the evidence speaks against the declared system."""
    if check is None or check.evidence is None:
        return report
    if check.declared is None:
        return replace(report, notes=(*report.notes, check.sentence))
    if not check.contradicted:
        return report
    warning = Fault.stating(None, None, None, check.evidence.paragraph)
    return replace(report, warnings=(warning, *report.warnings))


def _with_title(report: QualityReport, spec: LayerSpec | None, order: ImportOrder) -> QualityReport:
    """A report that says so where a layer is there already and keeps its title."""
    if spec is None or order.title in (None, spec.title):
        return report
    kept = Sentence(
        f"图层 {spec.id} 已有，标题仍为“{spec.title.zh}”",
        f"the layer {spec.id} is there already and keeps its title {spec.title.en}",
    )
    return replace(report, notes=(*report.notes, kept))


def _require_sound(result: Imported) -> None:
    try:
        require_quality(result.report)
    except ImportFileError as error:
        raise RefusedImportError(error, result) from None


def _written(
    store: Store, result: Imported, spec: LayerSpec, frame: pd.DataFrame, seen: int
) -> Imported:
    order = result.order
    with store.changing(author=order.author, reason=order.reason, kind="import") as change:
        _require_not_overtaken(store, spec.id, seen, change.revision - 1)
        if result.new_layer:
            change.add_layer(spec)
        put = change.put(spec.id, frame, delete_missing=order.replace)
        number = change.revision
    made = put.changed or result.new_layer
    return replace(result, put=put, revision=number if made else None)


def _require_not_overtaken(store: Store, layer: str, seen: int, last: int) -> None:
    """Raise `OvertakenError` where a layer was changed after a revision; nobody can any more."""
    if last <= seen or layer not in store.specs() or not store.differences(seen, last, layer):
        return
    raise OvertakenError(
        f"somebody else changed the layer {layer!r} while the file was checked against it "
        f"(revision {last}); import the file again",
        f"核对文件期间，图层 {layer!r} 已有人改动（修订 {last}）；请重新导入",
    )
