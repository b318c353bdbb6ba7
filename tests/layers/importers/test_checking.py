"""Which datum a file is in: Wenzhou's own places written in other systems, and columns by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_workspace import small_workspace

from geo.datums import write_as
from geo.errors import CrsError
from layers.importers.checking import Ground, check_datum, column_of
from layers.importers.source import SourceTable
from layers.store.geopackage import GeoPackageStore

Layers = Mapping[str, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def layers(workspace: Path) -> Layers:
    return GeoPackageStore(workspace).read_layers()


@pytest.fixture(scope="module")
def ground(layers: Layers) -> Ground:
    return Ground.from_layers(layers)


def table(
    shapes: Any, *, crs: str | None = None, north_first: bool = False, **columns: Any
) -> SourceTable:
    """A table as a reader gives it, with columns of text."""
    frame = pd.DataFrame(columns, dtype=object)
    rows = [str(row + 2) for row in range(len(shapes))]
    return SourceTable(
        name="a",
        format="CSV",
        columns=frame,
        rows=rows,
        geometry=np.asarray(shapes, dtype=object),
        crs=crs,
        north_first=north_first,
    )


@pytest.fixture(scope="module")
def towns(layers: Layers) -> Callable[..., SourceTable]:
    """Return the towns of Wenzhou with their names, written in a system."""
    frame = layers["towns"]

    def written(system: str, **options: Any) -> SourceTable:
        shapes = write_as(frame.geometry.to_numpy(), system)
        return table(shapes, 名称=list(frame["name_zh"]), **options)

    return written


def near_borders(layers: Layers, metres: float = 200.0) -> tuple[Any, list[str]]:
    """Points just inside districts, along their borders, with the names of the districts."""
    shapes, names = [], []
    for name, outline in zip(
        layers["districts"]["name_zh"], layers["districts"].geometry, strict=True
    ):
        largest = max(shapely.get_parts(outline), key=lambda part: part.area)
        inner = largest.buffer(-metres / 100_000.0)
        edge = max(shapely.get_parts(inner), key=lambda part: part.area).exterior
        shapes.extend(shapely.line_interpolate_point(edge, np.linspace(0, 1, 20), normalized=True))
        names.extend([str(name)] * 20)
    return np.array(shapes, dtype=object), names


@pytest.mark.parametrize("truth", ["gcj02", "bd09"])
def test_names_of_known_places_give_a_web_map_away(
    towns: Callable[..., SourceTable], ground: Ground, truth: str
) -> None:
    found = check_datum(towns(truth), ground, system="wgs84")
    assert found.evidence is not None
    assert found.evidence.finding == "wrong_datum"
    assert found.evidence.reading is not None
    assert found.evidence.reading.id == truth
    assert found.contradicted
    assert (found.name_column, found.district_column) == ("名称", None)
    assert f"Import them as {truth}" in found.sentence.en
    assert f"请按 {truth} 导入" in found.sentence.zh
    assert any("known places of the same name" in line.en for line in found.lines)


def test_the_stated_district_settles_a_datum_with_its_shares(
    layers: Layers, ground: Ground
) -> None:
    shapes, names = near_borders(layers)
    found = check_datum(table(write_as(shapes, "gcj02"), 县区=names), ground, system="wgs84")
    assert found.evidence is not None
    assert found.evidence.finding == "wrong_datum"
    assert found.district_column == "县区"
    shares = {row.reading.id: row.share_in_stated for row in found.evidence.rows}
    assert shares["gcj02"] is not None
    assert shares["cgcs2000"] is not None
    assert shares["gcj02"] > 0.9 > shares["cgcs2000"] + 0.2
    said = found.lines[1]
    percent = f"{100 * shares['gcj02']:.0f}%"
    assert "Read as GCJ-02" in said.en
    assert percent in said.en
    assert percent in said.zh


def test_what_is_as_declared_is_not_contradicted(
    towns: Callable[..., SourceTable], ground: Ground
) -> None:
    found = check_datum(towns("EPSG:4549", crs="EPSG:4549"), ground)
    assert found.evidence is not None
    assert found.evidence.finding == "as_declared"
    assert not found.contradicted
    assert found.by_file
    assert found.declared is not None
    assert found.declared.name == "EPSG:4549"
    assert found.weighed == found.features == len(towns("wgs84"))


def test_what_a_person_says_goes_before_what_the_file_says(
    towns: Callable[..., SourceTable], ground: Ground
) -> None:
    found = check_datum(towns("gcj02", crs="EPSG:4326"), ground, system="gcj02")
    assert found.evidence is not None
    assert found.evidence.finding == "as_declared"
    assert not found.by_file


@pytest.mark.parametrize(
    ("truth", "said", "finding"),
    [
        ("EPSG:4549", "EPSG:4490", "metres_called_degrees"),
        ("cgcs2000", "EPSG:4549", "degrees_called_metres"),
        ("EPSG:4549", "EPSG:4528", "wrong_plane"),
        ("EPSG:4528", "gk3-zone", "as_declared"),
        ("EPSG:4528", None, "found"),
    ],
)
def test_planes_and_degrees_are_told_apart(
    towns: Callable[..., SourceTable], ground: Ground, truth: str, said: str | None, finding: str
) -> None:
    found = check_datum(towns(truth), ground, system=said)
    assert found.evidence is not None
    assert found.evidence.finding == finding
    assert found.contradicted == (finding not in ("found", "as_declared"))


def test_swapped_axes_are_found_and_a_file_that_says_north_first_is_not_swapped(
    towns: Callable[..., SourceTable], ground: Ground
) -> None:
    sound = towns("EPSG:4549")
    assert sound.geometry is not None
    turned = shapely.transform(sound.geometry, lambda xy: xy[:, ::-1])
    names = list(sound.columns["名称"])
    swapped = check_datum(table(turned, 名称=names), ground, system="EPSG:4549")
    assert swapped.evidence is not None
    assert swapped.evidence.finding == "swapped_axes"
    said = check_datum(table(turned, 名称=names, north_first=True), ground, system="EPSG:4549")
    assert said.evidence is not None
    assert said.evidence.finding == "as_declared"


def test_a_point_in_the_middle_of_a_district_cannot_tell(layers: Layers, ground: Ground) -> None:
    middle = layers["districts"].geometry.representative_point().to_numpy()
    names = list(layers["districts"]["name_zh"])
    found = check_datum(table(middle, 县区=names), ground, system="wgs84")
    assert found.evidence is not None
    assert found.evidence.finding == "cannot_tell"
    assert not found.contradicted
    assert "Cannot tell" in found.sentence.en
    assert "无法判断" in found.sentence.zh


def test_a_file_of_another_city_fits_no_reading(ground: Ground) -> None:
    far = shapely.points(np.linspace(116.0, 116.5, 12), np.full(12, 39.9))
    found = check_datum(table(far), ground, system="wgs84")
    assert found.evidence is not None
    assert found.evidence.finding == "none_fits"
    assert found.contradicted


def test_nothing_to_weigh_is_said(ground: Ground) -> None:
    shapes = [None, shapely.Point(), shapely.Point(float("nan"), 28.0)]
    found = check_datum(table(shapes), ground)
    assert found.evidence is None
    assert (found.features, found.weighed) == (3, 0)
    assert "no position to weigh" in found.sentence.en
    assert "没有可供判断的位置" in found.sentence.zh
    assert not found.contradicted


def test_a_workspace_without_boundaries_says_so() -> None:
    layers, _ = small_workspace()
    empty = Ground.from_layers({**layers, "districts": layers["districts"].iloc[:0]})
    found = check_datum(table([shapely.Point(120.7, 28.0)]), empty)
    assert found.evidence is None
    assert "no boundaries of districts" in found.sentence.en
    assert "没有县（市、区）的边界" in found.sentence.zh


def test_rows_without_a_position_are_counted_and_left_out(
    towns: Callable[..., SourceTable], ground: Ground
) -> None:
    sound = towns("wgs84")
    assert sound.geometry is not None
    shapes = [None, shapely.Point(float("inf"), 28.0), *sound.geometry]
    names = ["甲", "乙", *sound.columns["名称"]]
    found = check_datum(table(shapes, 名称=names), ground, system="wgs84")
    assert found.features - found.weighed == 2
    assert any("without a position, left out: 2" in line.en for line in found.lines)


def test_a_sample_is_spread_over_the_whole_file_and_comes_to_the_same(
    towns: Callable[..., SourceTable], ground: Ground
) -> None:
    whole = check_datum(towns("gcj02"), ground, system="wgs84")
    part = check_datum(towns("gcj02"), ground, system="wgs84", most=60)
    assert part.weighed == 60
    assert part.evidence is not None
    assert whole.evidence is not None
    assert part.evidence.finding == whole.evidence.finding == "wrong_datum"


@pytest.mark.parametrize("name", ["EPSG:2384", "Beijing 1954"])
def test_an_old_datum_is_refused_and_not_weighed(
    towns: Callable[..., SourceTable], ground: Ground, name: str
) -> None:
    with pytest.raises(CrsError, match="seven parameters"):
        check_datum(towns("wgs84", crs=name), ground)


COLUMNS = ["序号", " 所属县（市、区） ", "名 称", "区"]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({}, " 所属县（市、区） "),
        ({"区": "district"}, "区"),
        ({"区": "town"}, " 所属县（市、区） "),
        ({"区": "district", "序号": "host_district"}, "序号"),
        ({"没有": "district"}, " 所属县（市、区） "),
    ],
)
def test_the_column_of_districts_is_mapped_or_told_by_its_header(
    mapping: dict[str, str], expected: str
) -> None:
    headers = ("district", "所属县(市、区)")
    assert column_of(COLUMNS, mapping, ("host_district", "district"), headers) == expected
    assert column_of(["序号"], mapping, ("town",), headers) is None
