"""What is kept of surfaces: found again, measured again only where changed, never too much."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from small_workspace import change_layer, copied

from api import surfaces
from api.surfaces import Surfaces
from geo.arrays import Floats
from geo.scenario import SitingScenario
from geo.suitability import Declared, Grid, Surface, compacted
from geo.zone_plan import build_ground
from layers.errors import LayerError
from layers.facts import data_directory
from layers.scenarios import read_siting, save_scenario
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore
from layers.surfaces import SurfaceFolder


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the criteria that were measured, in order."""
    seen: list[str] = []
    over = Declared.over

    def tell(self: Declared, grid: Grid, layers: Any) -> Floats:
        seen.append(self.spec.id)
        return over(self, grid, layers)

    monkeypatch.setattr(Declared, "over", tell)
    return seen


def require_same(one: Surface, other: Surface) -> None:
    """Every number of two surfaces is the same, bit by bit."""
    assert one.grid == other.grid
    assert one.criteria == other.criteria
    assert one.rules == other.rules
    for found, wanted in (
        ([one.share], [other.share]),
        (one.performance, other.performance),
        (one.levels, other.levels),
        (one.met, other.met),
    ):
        assert [x.tobytes() for x in found] == [x.tobytes() for x in wanted]


def fresh(path: Path) -> tuple[Surfaces, SurfaceFolder]:
    """What a server that has just started knows of a workspace."""
    folder = SurfaceFolder(path.with_suffix(".surfaces"))
    return Surfaces(MemoryStore(GeoPackageStore(path)), folder), folder


SIZES: dict[str, Any] = {"cell_m": 500.0, "reach_m": 1_000.0}


def test_a_server_started_again_finds_what_was_measured(
    workspace: Path, tmp_path: Path, measured: list[str]
) -> None:
    path = copied(workspace, tmp_path / "a.gpkg")
    first = fresh(path)[0].lay(read_siting("core-zone"), **SIZES)
    assert len(measured) == len(first.specs)
    measured.clear()
    again, folder = fresh(path)
    loaded = again.known(first.surface.digest)
    assert not measured
    assert [name for name, _ in folder.headers()] == [loaded.digest]
    require_same(loaded.compact.whole(), first.surface.compact.whole())
    assert loaded.ledger == first.surface.ledger
    assert loaded.specs == first.specs
    assert again.lay(read_siting("core-zone"), **SIZES).surface.digest == loaded.digest
    assert not measured


def test_only_what_a_change_of_data_touches_is_measured_again(
    workspace: Path, tmp_path: Path, measured: list[str]
) -> None:
    path = copied(workspace, tmp_path / "a.gpkg")
    before = fresh(path)[0].lay(read_siting("core-zone"), **SIZES)
    change_layer(path, "demand", "demand_weight", lambda weight: weight * 2)
    measured.clear()
    after = fresh(path)[0].lay(read_siting("core-zone"), **SIZES)
    assert measured == ["population_nearby"]
    assert after.surface.digest != before.surface.digest
    layers = GeoPackageStore(path).read_layers()
    wanted = build_ground(read_siting("core-zone"), layers, **SIZES).surface
    require_same(after.surface.compact.whole(), wanted)
    k = [one.id for one in after.specs].index("population_nearby")
    now, then = (one.surface.compact.performance[k] for one in (after, before))
    assert float(np.nanmax(now)) == pytest.approx(2.0 * float(np.nanmax(then)))


def other_zone(store: GeoPackageStore) -> SitingScenario:
    """The core zone with another value function for one criterion and another way to one."""
    text = (data_directory() / "scenarios" / "core-zone.yaml").read_text(encoding="utf-8")
    said = json.loads(json.dumps(yaml.safe_load(text) | {"id": "other-zone"}, default=str))
    criteria = {one["id"]: one for group in said["groups"] for one in group["criteria"]}
    criteria["centre_distance"]["value"] = {"low": 1, "high": 30}
    criteria["rail_distance"]["measure"]["circuity"] = 1.5
    save_scenario(store, said)
    return read_siting("other-zone", store)


def test_a_changed_scenario_measures_only_what_is_new_in_it(
    workspace: Path, tmp_path: Path, measured: list[str]
) -> None:
    """For another value function the levels alone; for another way the criterion."""
    path = copied(workspace, tmp_path / "a.gpkg")
    store = GeoPackageStore(path)
    scenario = other_zone(store)
    desk = fresh(path)[0]
    before = desk.lay(read_siting("core-zone"), **SIZES)
    measured.clear()
    after = desk.lay(scenario, **SIZES)
    assert measured == ["rail_distance"]
    assert after.surface.digest != before.surface.digest
    wanted = build_ground(scenario, store.read_layers(), **SIZES).surface
    require_same(after.surface.compact.whole(), wanted)
    centre = [one.id for one in after.specs].index("centre_distance")
    levels, former = (one.surface.compact.levels[centre] for one in (after, before))
    assert (levels != former).any()
    measured.clear()
    desk.known(after.surface.digest)
    fresh(path)[0].lay(scenario, **SIZES)
    assert not measured


def test_a_damaged_surface_is_measured_again(
    workspace: Path, tmp_path: Path, measured: list[str]
) -> None:
    path = copied(workspace, tmp_path / "a.gpkg")
    first = fresh(path)[0].lay(read_siting("core-zone"), **SIZES)
    (file,) = path.with_suffix(".surfaces").iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    measured.clear()
    again = fresh(path)[0].lay(read_siting("core-zone"), **SIZES)
    assert len(measured) == len(again.specs)
    require_same(again.surface.compact.whole(), first.surface.compact.whole())


def test_surfaces_and_tiles_that_nobody_asks_for_leave_the_memory(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surfaces, "_SURFACE_BYTES", 1)
    desk = Surfaces(MemoryStore(GeoPackageStore(workspace)))
    first = desk.lay(read_siting("core-zone"), **SIZES).surface.digest
    assert desk.known(first).digest == first
    desk.lay(read_siting("core-zone"), cell_m=600.0, reach_m=1_000.0)
    with pytest.raises(LayerError, match="ask for the surface again"):
        desk.known(first)
    assert desk.lay(read_siting("core-zone"), **SIZES).surface.digest == first


def test_who_asks_at_once_waits_for_the_same_surface(
    workspace: Path, tmp_path: Path, measured: list[str]
) -> None:
    desk, folder = fresh(copied(workspace, tmp_path / "a.gpkg"))
    scenario = read_siting("core-zone")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(desk.lay, scenario, **SIZES) for _ in range(4)]
        found = [one.result().surface for one in asked]
    assert len({id(one) for one in found}) == 1
    assert len(measured) == len(found[0].specs)
    assert len(list(folder.headers())) == 1


def test_what_was_compressed_is_what_was_cut(workspace: Path) -> None:
    desk = Surfaces(MemoryStore(GeoPackageStore(workspace)))
    laid = desk.lay(read_siting("core-zone"), **SIZES)
    column, row = 427, 214
    tile = desk.tile(laid.surface.digest, zoom=9, column=column, row=row)
    assert desk.tile(laid.surface.digest, zoom=9, column=column, row=row) is tile
    shown = laid.surface.compact.tile(zoom=9, column=column, row=row)
    assert shown is not None
    assert gzip.decompress(tile.zipped) == shown[0].tobytes() + shown[1].tobytes()
    assert tile.content == gzip.decompress(tile.zipped)


def test_a_survey_measures_what_the_library_measures(workspace: Path) -> None:
    store = MemoryStore(GeoPackageStore(workspace))
    desk = Surfaces(store)
    laid = desk.lay(read_siting("core-zone"), **SIZES, weights={"centre_distance": 0.5})
    ground = build_ground(
        read_siting("core-zone"), store.read_layers(), **SIZES, weights={"centre_distance": 0.5}
    )
    assert laid.changed
    assert laid.weights == ground.weights
    require_same(laid.surface.compact.whole(), compacted(ground.surface).whole())
