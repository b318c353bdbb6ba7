"""A table of a file made ready for its layer: mapped, read, moved, mended, named and measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Ints, Mask
from geo.crs import STORAGE_CRS
from geo.repair import type_of
from geo.sentence import Sentence
from layers.catalog import FieldSpec, LayerSpec, free_layer
from layers.importers.mapping import ColumnPlan, plan_columns, plan_new_fields
from layers.importers.positions import positions_of
from layers.importers.source import SourceTable
from layers.quality.draft import Draft
from layers.quality.geometry import fit_shapes, mend_shapes, refuse_gaps
from layers.quality.identity import derive_ids, refuse_repeats, refuse_same_names
from layers.quality.indicative import draw_footprints, takes_points
from layers.quality.placing import Worth, measure, value_geometry
from layers.quality.report import Ledger, QualityReport
from layers.quality.requirements import refuse_missing, warn_of_districts
from layers.quality.systems import Stated, read_stated
from layers.quality.values import Reading, infer_type
from layers.schemas import layer_columns

Shapes = NDArray[np.object_]

_MEASURED = "area_m2"


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """What a planner says of a file.

    `layer` is the id of the layer, `title` that of a new one. `as_of` is the date of the data
    (ISO 8601); without `as_of_given` it is the day of the import, and only new features and
    geometries take it. `mapping` goes from source column to field. `system` is what the
    coordinates are in, in the place of what the file says. `accuracy_m` (95 % radius) and
    `geometry_kind` are of all features that have none of their own. `source` says where the data
    come from, `source_name` is the file's name, taken where nothing says it.
    """

    layer: str
    as_of: str
    as_of_given: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None
    accept_repair: bool = False
    accuracy_m: float | None = None
    geometry_kind: str | None = None
    source: str | None = None
    source_name: str = ""
    title: Sentence | None = None

    @property
    def worth(self) -> Worth:
        """What it says of the geometries."""
        return Worth(
            kind=self.geometry_kind,
            accuracy_m=self.accuracy_m,
            source=self.source or self.source_name or self.layer,
            source_given=self.source is not None,
            as_of=self.as_of,
            as_of_given=self.as_of_given,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the workspace has: its districts, and the features of the layer as they stand."""

    districts: gpd.GeoDataFrame | None = None
    standing: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Features fit to be put into their layer, and what was found on the way.

    `frame` has the fields that the file or a rule gives, in the order of `spec`, and `geometry` in
    EPSG:4490, which is not there in an update of values alone. Where the report has faults it has
    no rows.
    """

    frame: pd.DataFrame
    spec: LayerSpec
    report: QualityReport


@dataclass(frozen=True, slots=True, eq=False)
class _Located:
    """Geometries as a file gives them, None without any, and the columns they were read from."""

    shapes: Shapes | None
    columns: tuple[str, ...]


def prepare(
    source: SourceTable,
    spec: LayerSpec | None,
    *,
    options: PrepareOptions,
    known: Known | None = None,
) -> Prepared:
    """Make a table of a file ready for a layer; `spec` is None where the layer is still to be made.

    Columns become fields as the planner says, else by name or title. Values are read as their field
    wants them. Geometries are read in the system stated, never in a guessed one, brought to
    EPSG:4490 in the type of the layer and mended by structure; a repair that changes more than 1 %
    of the area is a fault unless accepted. Ids stand once; some layers derive them from content. A
    feature that stands keeps what the file does not say; a table without positions updates values
    by id. A zone that is a point with an area is drawn as an indicative footprint. Every fault of
    the file is in the report, nothing is raised for it.
    """
    known = known or Known()
    ledger = Ledger(source.rows, faults=list(source.faults), notes=list(source.notes))
    located = _locate(source, options, ledger)
    unplaced = {fault.row for fault in ledger.faults if fault.row is not None}
    target, plan = _planned(source, spec, options, located, ledger)
    draft = _draft(source, target, plan, located, known, ledger)
    _settle(draft, source, options, known, unplaced)
    refuse_repeats(draft)
    refuse_same_names(draft)
    refuse_missing(draft, located=located.shapes is not None or spec is None)
    warn_of_districts(draft, known.districts)
    ledger.sort()
    report = QualityReport(
        layer=options.layer,
        rows=len(source),
        faults=tuple(ledger.faults),
        warnings=tuple(ledger.warnings),
        repairs=tuple(ledger.repairs),
        notes=tuple(ledger.notes),
        columns=tuple((column, name) for name, column in plan.fields.items()),
        left_out=plan.left_out,
    )
    return Prepared(_frame(draft, whole=report.ok), target, report)


def _locate(source: SourceTable, options: PrepareOptions, ledger: Ledger) -> _Located:
    """The geometries of a file: its own, or those that columns of it give."""
    if not len(source):
        due = Sentence("文件中没有要素；请检查所选的表或工作表", "the file has no features in it")
        ledger.refuse(None, None, None, due)
    if source.geometry is not None:
        return _Located(source.geometry, ())
    found = positions_of(source.columns, options.mapping, source.rows)
    if found is None:
        return _Located(None, ())
    ledger.faults += found.faults
    return _Located(found.geometry, found.columns)


def _planned(
    source: SourceTable,
    spec: LayerSpec | None,
    options: PrepareOptions,
    located: _Located,
    ledger: Ledger,
) -> tuple[LayerSpec, ColumnPlan]:
    """The layer and the fields that the columns become; what becomes nothing is told."""
    names = [str(one) for one in source.columns.columns]
    if spec is None:
        target, plan = _new_layer(source, names, options, located, ledger)
    else:
        target = spec
        plan = plan_columns(
            names,
            spec,
            options.mapping,
            taken=located.columns,
            cut_names="shapefile" in source.format.lower(),
        )
        plan = _without_measured(plan, spec, ledger)
    ledger.faults += plan.faults
    ledger.notes += plan.notes
    if plan.left_out:
        ledger.note(
            f"未采用的列：{'、'.join(plan.left_out)}；如需导入，请用 --map 列=字段 指明",
            f"columns left out: {', '.join(plan.left_out)}; name a field for one with --map "
            "column=field",
        )
    return target, plan


def _without_measured(plan: ColumnPlan, spec: LayerSpec, ledger: Ledger) -> ColumnPlan:
    if spec.free or _MEASURED not in plan.fields:
        return plan
    fields = {name: column for name, column in plan.fields.items() if name != _MEASURED}
    ledger.note(
        f"列“{plan.fields[_MEASURED]}”不读取：椭球面积由几何量算",
        f"the column {plan.fields[_MEASURED]} is not read: the ellipsoidal area is measured here",
    )
    return replace(plan, fields=fields)


def _new_layer(
    source: SourceTable,
    names: Sequence[str],
    options: PrepareOptions,
    located: _Located,
    ledger: Ledger,
) -> tuple[LayerSpec, ColumnPlan]:
    """A layer of the user's own, with a field for each column of the file."""
    title = options.title or Sentence(options.layer, options.layer)
    bare = free_layer(options.layer, title, "Geometry", ())
    own, plan = plan_new_fields(names, bare.fields, options.mapping, taken=located.columns)
    fields = tuple(
        FieldSpec(name, Sentence(column, column), type=infer_type(_cells(source, column)))
        for name, column in own
    )
    if located.shapes is None:
        due = Sentence(
            "新图层须有位置：几何、WKT 列，或经纬度两列（--map 列=lon、--map 列=lat）",
            "a new layer needs positions: a geometry, a column of WKT, or columns of longitude and "
            "latitude (--map column=lon, --map column=lat)",
        )
        ledger.refuse(None, None, None, due)
        return free_layer(options.layer, title, "Geometry", fields), _whole(plan, own)
    kind = type_of(located.shapes)
    return free_layer(options.layer, title, kind, fields), _whole(plan, own)


def _whole(plan: ColumnPlan, own: Sequence[tuple[str, str]]) -> ColumnPlan:
    return replace(plan, fields={**plan.fields, **dict(own)})


def _cells(source: SourceTable, column: str) -> Shapes:
    return source.columns[column].to_numpy(dtype=object)


def _draft(
    source: SourceTable,
    spec: LayerSpec,
    plan: ColumnPlan,
    located: _Located,
    known: Known,
    ledger: Ledger,
) -> Draft:
    """Read the values of all columns, and find the rows that stand already."""
    columns = {column.name: column for column in layer_columns(spec)}
    values = {
        one.name: Reading(
            one, columns[one.name], plan.fields[one.name], plan.units.get(one.name)
        ).read(_cells(source, plan.fields[one.name]), ledger)
        for one in spec.fields
        if one.name in plan.fields
    }
    moved = np.full(len(source), located.shapes is not None)
    standing = None if known.standing is None or known.standing.empty else known.standing
    place = _places(values.get(spec.key), standing, len(source), spec.key)
    return Draft(spec, ledger, plan.fields, values, located.shapes, standing, place, moved)


def _places(ids: pd.Series | None, standing: gpd.GeoDataFrame | None, count: int, key: str) -> Ints:
    """Where in the layer each row's id stands, -1 where it does not."""
    if ids is None or standing is None:
        return np.full(count, -1, dtype=np.int64)
    index = pd.Index(standing[key].to_numpy(dtype=object))
    first = np.flatnonzero(~index.duplicated() & ~index.isna())
    found = index[first].get_indexer(pd.Index(ids.to_numpy(dtype=object)))
    place = np.full(count, -1, dtype=np.int64)
    place[found >= 0] = first[found[found >= 0]]
    return place


def _settle(
    draft: Draft,
    source: SourceTable,
    options: PrepareOptions,
    known: Known,
    unplaced: Collection[int | str],
) -> None:
    """Bring the geometries to their place and type, mend and measure them, and name the rows.

    `unplaced` are the rows whose position could not be read, which is told already.
    """
    if draft.shapes is None:
        value_geometry(draft, options.worth)
        return
    geometry_type = draft.spec.geometry_type or "Geometry"
    fitted = _fitted(draft.shapes, draft, geometry_type)
    stated = Stated(options.system, source.crs, source.north_first)
    draft.shapes = read_stated(fitted, stated, draft.ledger, known.districts)
    if draft.shapes is None:
        value_geometry(draft, options.worth)
        return
    draft.shapes = mend_shapes(
        draft.shapes,
        geometry_type,
        draft.ledger,
        ids=draft.value(draft.spec.key).array,
        accept_repair=options.accept_repair,
    )
    _keep_standing(draft, unplaced)
    draft.keep_near_shapes()
    if takes_points(draft.spec):
        draw_footprints(draft, known.districts)
    derive_ids(draft, [*draft.headers])
    draft.place = _places(
        draft.values.get(draft.spec.key), draft.standing, len(draft), draft.spec.key
    )
    value_geometry(draft, options.worth)
    measure(draft)


def _fitted(shapes: Shapes, draft: Draft, geometry_type: str) -> Shapes:
    """Geometries in the type of the layer; points of zones stay points."""
    point = np.asarray(shapely.get_type_id(shapes) == shapely.GeometryType.POINT, dtype=bool)
    if not takes_points(draft.spec) or not point.any():
        return fit_shapes(shapes, geometry_type, draft.ledger)
    rest = shapes.copy()
    rest[point] = None
    fitted = fit_shapes(rest, geometry_type, draft.ledger)
    fitted[point] = shapes[point]
    return fitted


def _keep_standing(draft: Draft, unplaced: Collection[int | str]) -> None:
    """Take the geometry that stands where a row gives none; of a new feature that is a fault."""
    assert draft.shapes is not None
    empty = np.asarray(shapely.is_empty(draft.shapes), dtype=bool)
    none = shapely.is_missing(draft.shapes) | empty
    kept: Mask = none & draft.stands
    if kept.any():
        draft.shapes[kept] = draft.stood_shapes()[kept]
        draft.moved = draft.moved & ~kept
        draft.ledger.note(
            f"{int(kept.sum()):,} 个要素没有给出位置，保留图层中原有的几何",
            f"{int(kept.sum()):,} features come without a position and keep the geometry that "
            "stands",
        )
    told = {one.row for one in draft.ledger.faults if one.field == "geometry"} | {*unplaced}
    silent = np.array([row not in told for row in draft.ledger.rows], dtype=bool)
    refuse_gaps(draft.shapes, none & ~draft.stands & silent, draft.ledger)
    draft.shapes[empty & ~kept] = None


def _frame(draft: Draft, *, whole: bool) -> pd.DataFrame:
    """The fields that have values, in the order of the layer; without rows where not `whole`."""
    names = [one.name for one in draft.spec.fields if one.name in draft.values]
    frame = pd.DataFrame({name: draft.values[name] for name in names}, columns=names)
    frame = frame if whole else frame.iloc[:0]
    if draft.shapes is None:
        return frame
    shapes = draft.shapes if whole else draft.shapes[:0]
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=STORAGE_CRS)
    return placed
