"""Which datum a file is in, held against what the workspace knows: its districts and its places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum_evidence import DatumEvidence, KnownPlaces, weigh_readings
from geo.datums import System, gauss_kruger_epsg, require_system
from geo.sentence import Sentence
from layers.importers.titles import COMMON_TITLES, plain_title

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.catalog import LayerSpec
    from layers.importers.source import SourceTable

DISTRICT_FIELDS = ("host_district", "district")
"""Fields that state a district, the first one that a file has: 经开区 counts in 龙湾区."""

NAME_FIELD = "name_zh"
PLACES = ("towns", "places", "zones")
"""Layers whose features are known by name."""

_DISTRICT_HEADERS = ("host_district", "计入的县(市、区)", "district", *COMMON_TITLES["district"])
_NAME_HEADERS = ("name_zh", *COMMON_TITLES["name_zh"], "地块名称")
_CONTRADICTIONS = frozenset(
    {
        *("wrong_datum", "wrong_plane", "swapped_axes"),
        *("metres_called_degrees", "degrees_called_metres", "none_fits"),
    }
)
_ZONE_M = 1_000_000.0

_NOTHING = Sentence(
    zh="没有可供判断的位置：文件中没有坐标有限的几何，也没有经纬度列。",
    en="There is no position to weigh: the file has no geometry with finite coordinates, and no "
    "columns of longitude and latitude.",
)
_NO_GROUND = Sentence(
    zh="工作区里没有县（市、区）的边界，无从判断坐标基准。",
    en="The workspace has no boundaries of districts to hold the coordinates against.",
)
_NO_NAMES = KnownPlaces([], np.zeros(0), np.zeros(0), np.zeros(0))

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a workspace knows: polygons of districts in EPSG:4490 with names, places by name."""

    districts: Shapes
    names: tuple[str, ...]
    places: KnownPlaces

    @classmethod
    def from_layers(cls, layers: Mapping[str, gpd.GeoDataFrame]) -> Ground:
        """Take it from the layers of a workspace; those that are missing or empty say nothing."""
        table = layers.get("districts")
        if table is None or table.empty:
            return cls(np.zeros(0, dtype=object), (), _NO_NAMES)
        shapes = table.geometry.to_numpy()
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        names = tuple(str(name) for name in table["name_zh"].to_numpy()[there])
        return cls(np.asarray(shapes[there], dtype=object), names, _known_places(layers))


@dataclass(frozen=True, slots=True, eq=False)
class DatumCheck:
    """What was found about the coordinates of a file.

    `geometry_types` are those of its positions. `declared` is what was said of them, `by_file`
    whether the file itself did; `weighed` of the `features` were held against the workspace.
    `district_column` and `name_column` are the columns that were used, None where there is none.
    `evidence` is None where there is nothing to weigh.
    """

    geometry_types: tuple[str, ...]
    declared: System | None
    by_file: bool
    features: int
    weighed: int
    district_column: str | None
    name_column: str | None
    evidence: DatumEvidence | None
    sentence: Sentence

    @property
    def contradicted(self) -> bool:
        """Whether the evidence speaks against what was declared, or against every reading."""
        return self.evidence is not None and self.evidence.finding in _CONTRADICTIONS

    @property
    def lines(self) -> tuple[Sentence, ...]:
        """What was found in one sentence, then the evidence."""
        return (self.sentence, *(self.evidence.evidence if self.evidence else ()))


def check_datum(
    source: SourceTable,
    ground: Ground,
    *,
    system: str | None = None,
    mapping: Mapping[str, str] | None = None,
    spec: LayerSpec | None = None,
    most: int | None = None,
) -> DatumCheck:
    """Hold the coordinates of a table against a workspace; nothing is moved.

    `system` is what a person says they are, in the place of what the file says; `mapping` names
    columns that hold fields (a district, a name, longitude and latitude); `spec` is the layer that
    the file is meant for, whose titles name columns too. With `most` at most so many features are
    weighed, evenly from first to last. Raises `CrsError` for a system that is unknown or refused.
    """
    mapping = mapping or {}
    shapes = positions(source, mapping)
    declared = declared_system(system or source.crs, shapes)
    columns = [str(name) for name in source.columns.columns]
    fields, headers = _of_districts(spec)
    district = column_of(columns, mapping, fields, headers)
    name = column_of(columns, mapping, (NAME_FIELD,), _NAME_HEADERS)
    rows = _weighed(shapes, most)
    found, sentence = None, _NOTHING
    if not len(ground.districts):
        sentence = _NO_GROUND
    elif len(rows):
        found = weigh_readings(
            shapes[rows],
            districts=ground.districts,
            district_names=ground.names,
            stated_districts=_texts(source.columns, district, rows),
            names=_texts(source.columns, name, rows),
            known_places=ground.places,
            declared=declared,
        )
        sentence = found.sentence
    return DatumCheck(
        geometry_types=_types_of(shapes),
        declared=declared,
        by_file=system is None,
        features=len(source),
        weighed=0 if found is None else len(rows) - found.without_position,
        district_column=district,
        name_column=name,
        evidence=found,
        sentence=sentence,
    )


def positions(source: SourceTable, mapping: Mapping[str, str]) -> Shapes:
    """Geometries of a table, east first, None where there is none: (n,).

    They come from its geometry, else from columns that give positions.
    """
    if source.geometry is None:
        from layers.importers.positions import positions_of

        found = positions_of(source.columns, mapping)
        return np.full(len(source), None, dtype=object) if found is None else found.geometry
    if not source.north_first:
        return source.geometry
    turned = shapely.transform(source.geometry, lambda xy: xy[:, ::-1])
    return np.asarray(turned, dtype=object)


def declared_system(name: str | None, shapes: Shapes) -> System | None:
    """The system that was said; planes with a zone number take it from the first easting.

    None where nothing is said. Raises `CrsError` for a system that is unknown or refused.
    """
    if name is None:
        return None
    width = {"gk3-zone": 3, "gk6-zone": 6}.get(name.strip().lower().replace("_", "-"))
    xy = shapely.get_coordinates(shapes) if width else np.zeros((0, 2))
    xy = xy[np.isfinite(xy).all(axis=1)]
    if width is None or not len(xy):
        return require_system(name)
    zone = float(xy[0, 0] // _ZONE_M)
    meridian = 3.0 * zone if width == 3 else 6.0 * zone - 3.0
    code = gauss_kruger_epsg(meridian, width_deg=3 if width == 3 else 6, zone_prefix=True)
    return require_system(f"EPSG:{code}")


def column_of(
    columns: Sequence[str],
    mapping: Mapping[str, str],
    fields: Sequence[str],
    headers: Sequence[str],
) -> str | None:
    """The column that holds one of `fields`: as mapped, else the first of `headers` that is there.

    Case, blanks and full-width forms do not matter. None where there is none.
    """
    for field in fields:
        for column, target in mapping.items():
            if target == field and column in columns:
                return column
    known = {plain_title(column): column for column in reversed(columns)}
    return next((known[header] for header in headers if header in known), None)


def _of_districts(spec: LayerSpec | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that state the district of a feature, and headers of columns that do."""
    if spec is None:
        return DISTRICT_FIELDS, _DISTRICT_HEADERS
    first = (spec.district_field, *DISTRICT_FIELDS)
    titles = [field.title for field in spec.fields if field.name == spec.district_field]
    named = (
        spec.district_field,
        *(plain_title(text) for one in titles for text in (one.zh, one.en)),
    )
    return first, (*named, *_DISTRICT_HEADERS)


def _types_of(shapes: Shapes) -> tuple[str, ...]:
    """Names of the types of geometry that occur."""
    kinds, first = np.unique(shapely.get_type_id(shapes), return_index=True)
    return tuple(shapes[row].geom_type for kind, row in zip(kinds, first, strict=True) if kind >= 0)


def _weighed(shapes: Shapes, most: int | None) -> NDArray[np.intp]:
    """Rows to weigh: all, or of those with a geometry at most so many, evenly; none without any."""
    there = np.flatnonzero(_placed(shapes))
    if not len(there):
        return there
    if most is None or len(there) <= most:
        return np.arange(len(shapes), dtype=np.intp)
    return there[np.unique(np.linspace(0, len(there) - 1, most).astype(np.intp))]


def _placed(shapes: Shapes) -> NDArray[np.bool_]:
    """Whether each has coordinates, and all of them finite."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    placed = np.asarray(shapely.get_num_coordinates(shapes) > 0, dtype=bool)
    placed[owner[~np.isfinite(xy).all(axis=1)]] = False
    return placed


def _texts(
    columns: pd.DataFrame, name: str | None, rows: NDArray[np.intp]
) -> list[str | None] | None:
    if name is None:
        return None
    values = columns[name].to_numpy()[rows]
    return [value.strip() if isinstance(value, str) else None for value in values]


def _known_places(layers: Mapping[str, gpd.GeoDataFrame]) -> KnownPlaces:
    names: list[str] = []
    figures: list[NDArray[np.float64]] = []
    for layer in PLACES:
        table = layers.get(layer)
        if table is None or table.empty:
            continue
        found = table[["ref_lon", "ref_lat", "accuracy_m"]].to_numpy(dtype=float, na_value=np.nan)
        known = np.isfinite(found).all(axis=1)
        names.extend(str(name) for name in table["name_zh"].to_numpy()[known])
        figures.append(found[known])
    if not figures:
        return _NO_NAMES
    lon, lat, accuracy = np.concatenate(figures).T
    return KnownPlaces.from_columns(names, lon, lat, accuracy)


__all__ = [
    "DatumCheck",
    "Ground",
    "check_datum",
    "column_of",
    "declared_system",
    "positions",
]
