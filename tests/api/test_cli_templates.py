"""Templates and boundary points through the commands: out, edited, and in again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from small_workspace import copied

from geo.measure import transform
from layers.catalog import LAYERS
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(workspace: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace that the commands use: a copy in a folder of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    path = copied(workspace, folder / "a.gpkg")
    monkeypatch.setenv("OUZHI_WORKSPACE", str(path))
    return GeoPackageStore(path)


def export(run: Run, layer: str, path: Path, lang: str = "zh") -> Path:
    code, _, err = run("export", layer, "-o", str(path), "--lang", lang)
    assert code == 0, err
    return path


def bring(run: Run, path: Path, layer: str, *arguments: str) -> dict[str, Any]:
    code, out, err = run("import", str(path), "--layer", layer, *arguments, "--json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    return document


def edit(path: Path, cells: dict[tuple[str, str], object]) -> Path:
    """Set cells of the first sheet, each named by its feature's id and the title of its column."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    titles = {page.cell(1, place).value: place for place in range(1, page.max_column + 1)}
    rows = {page.cell(row, 1).value: row for row in range(2, page.max_row + 1)}
    for (feature, title), value in cells.items():
        page.cell(rows[feature], titles[title]).value = value  # type: ignore[assignment]
    book.save(path)
    return path


def differences(before: pd.DataFrame, after: pd.DataFrame) -> dict[tuple[str, str], object]:
    """Every value that differs, geometries by their bytes, with what it is now."""
    assert before["id"].tolist() == after["id"].tolist()
    found: dict[tuple[str, str], object] = {}
    for name in before.columns:
        for feature, old, new in zip(before["id"], before[name], after[name], strict=True):
            both_missing = name != "geometry" and pd.isna(old) and pd.isna(new)
            if not both_missing and (old is pd.NA or new is pd.NA or old != new):
                found[feature, name] = new
    return found


@pytest.mark.parametrize(
    ("lang", "layers"),
    [("zh", ("zones", "towns", "clusters", "places", "demand")), ("en", ("zones", "hubs"))],
)
def test_a_template_that_nobody_edited_changes_nothing(
    run: Run, store: GeoPackageStore, tmp_path: Path, lang: str, layers: tuple[str, ...]
) -> None:
    for layer in layers:
        path = export(run, layer, tmp_path / f"{layer}.xlsx", lang)
        document = bring(run, edit(path, {}), layer)
        counts = [document[key] for key in ("inserted", "updated", "deleted")]
        assert (layer, document["revision"], counts) == (layer, None, [0, 0, 0])
        assert document["unchanged"] == len(store.read_layer(layer)) > 0


def test_exactly_what_was_edited_changes(run: Run, store: GeoPackageStore, tmp_path: Path) -> None:
    before = store.read_layer("zones")
    path = export(run, "zones", tmp_path / "zones.xlsx")
    edit(
        path,
        {
            ("zone-02", "亩均评价等级"): "A",
            ("zone-03", "列入负面清单"): "是",
            ("zone-04", "亩均税收（万元/亩）"): "３０万元/亩",
            ("zone-05", "现状主导产业"): None,
        },
    )
    document = bring(run, path, "zones")
    assert (document["updated"], document["unchanged"]) == (4, len(before) - 4)
    assert differences(before, store.read_layer("zones")) == {
        ("zone-02", "per_mu_class"): "A",
        ("zone-03", "negative_list"): True,
        ("zone-04", "tax_10k_yuan_per_mu"): 30.0,
        ("zone-05", "industries"): None,
    }


def test_a_point_moves_with_its_longitude(run: Run, store: GeoPackageStore, tmp_path: Path) -> None:
    before = store.read_layer("hubs")
    moved = before["id"].iloc[1]
    path = export(run, "hubs", tmp_path / "hubs.xlsx")
    assert bring(run, edit(path, {(moved, "经度（度）"): 120.7}), "hubs")["updated"] == 1
    after = store.read_layer("hubs").set_index("id")
    assert after.geometry[moved].x == 120.7
    assert after.geometry[moved].y == before.geometry.iloc[1].y
    assert after["ref_lon"][moved] == 120.7
    others = differences(before, store.read_layer("hubs"))
    assert {feature for feature, _ in others} == {moved}


def test_what_others_changed_since_stays_and_a_clash_is_told(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    first = export(run, "zones", tmp_path / "first.xlsx")
    second = export(run, "zones", tmp_path / "second.xlsx")
    bring(run, edit(first, {("zone-02", "亩均评价等级"): "A"}), "zones")
    edit(second, {("zone-03", "亩均评价等级"): "B"})
    assert bring(run, second, "zones")["updated"] == 1
    classes = store.read_layer("zones").set_index("id")["per_mu_class"]
    assert (classes["zone-02"], classes["zone-03"]) == ("A", "B")
    edit(second, {("zone-02", "亩均评价等级"): "C"})
    code, _, err = run("import", str(second), "--layer", "zones", "--lang", "en")
    assert code == 2
    assert "somebody has changed it to 'A' since" in err
    assert store.read_layer("zones").set_index("id")["per_mu_class"]["zone-02"] == "A"


def test_boundary_points_there_and_back(run: Run, store: GeoPackageStore, tmp_path: Path) -> None:
    before = store.read_layer("zones")
    path = export(run, "zones", tmp_path / "zones.txt")
    asked = ("--map", "地块编号=id", "--map", "地块面积（公顷）=", "--accuracy-m", "0.05")
    document = bring(run, path, "zones", *asked)
    assert (document["inserted"], document["updated"]) == (0, len(before))
    after = store.read_layer("zones")
    assert after["id"].tolist() == before["id"].tolist()
    plane = [
        transform(one.geometry.to_numpy(), "EPSG:4490", "EPSG:4549") for one in (before, after)
    ]
    moved = shapely.get_coordinates(plane[0]) - shapely.get_coordinates(plane[1])
    assert np.hypot(*moved.T).max() < 0.001
    kept = [field.name for field in LAYERS["zones"].own_fields if field.name not in _MEASURED]
    assert {name for _, name in differences(before[["id", *kept]], after[["id", *kept]])} == set()


_MEASURED = ("area_m2", "footprint_offset_m")
