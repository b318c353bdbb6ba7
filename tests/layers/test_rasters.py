"""GeoTIFF: what QGIS reads is what was written, in place, named in both languages, whole or not."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import rasterio
from system_parts import SYSTEM_PYTHON

from geo.sentence import Sentence
from layers import rasters
from layers.errors import WorkspaceError
from layers.rasters import Band, Frame, RasterError, Values, require_place, write_raster
from layers.store.geopackage import GeoPackageStore

FRAME = Frame("EPSG:4549", 469_400.0, 3_155_900.0, 250.0, 40, 60)
KM = Sentence("公里", "km")
TAGS = {"HEADING_ZH": "未核对三区三线", "TITLE_EN": '<a & b>\x00\x07\n"two" lines'}


def values_of(seed: int, frame: Frame = FRAME) -> Values:
    values = np.random.default_rng(seed).random((frame.rows, frame.columns), dtype=np.float32)
    values[: frame.rows // 3] = np.nan
    return values


def bands_of(frame: Frame = FRAME) -> list[Band]:
    names = (Sentence("距市中心", "Distance to the centre"), Sentence("A", "A"))
    return [
        Band(name, KM, partial(values_of, seed, frame), {"NAME_ZH": name.zh})
        for seed, name in enumerate(names)
    ]


@contextmanager
def files_of_at_most(most_bytes: int) -> Iterator[None]:
    """As on a disk that is full."""
    before, limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, limit))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, limit))
        signal.signal(signal.SIGXFSZ, ignored)


def test_bands_come_back_with_their_place_names_and_units(tmp_path: Path) -> None:
    path = tmp_path / "made" / "面.tif"
    write_raster(path, FRAME, bands_of(), tags=TAGS)
    with rasterio.open(path) as file:
        assert file.crs == rasterio.crs.CRS.from_epsg(4549)
        assert tuple(file.transform)[:6] == (250.0, 0.0, 469_400.0, 0.0, -250.0, 3_155_900.0)
        assert file.shape == (40, 60)
        assert file.dtypes == ("float32", "float32")
        assert all(np.isnan(one) for one in file.nodatavals)
        assert file.descriptions == ("距市中心 / Distance to the centre", "A")
        assert file.units == ("公里 / km", "公里 / km")
        assert file.tags()["HEADING_ZH"] == "未核对三区三线"
        assert file.tags()["TITLE_EN"] == '<a & b>  \n"two" lines'
        assert file.tags(1)["NAME_ZH"] == "距市中心"
        for k in range(2):
            np.testing.assert_array_equal(file.read(k + 1), values_of(k))
        x, y = file.xy(0, 0)
        assert (x, y) == (469_400.0 + 125.0, 3_155_900.0 - 125.0)
    assert [one.name for one in path.parent.iterdir()] == ["面.tif"]


def test_a_large_raster_has_smaller_ones_for_a_quick_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasters, "_OVERVIEWS_FROM", 1_000)
    frame = Frame("EPSG:4549", 0.0, 0.0, 25.0, 600, 1_100)
    write_raster(tmp_path / "a.tif", frame, bands_of(frame), tags={})
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.overviews(1) == file.overviews(2) == [2, 4]
        np.testing.assert_array_equal(file.read(1), values_of(0, frame))
        assert file.descriptions[1] == "A"
    write_raster(tmp_path / "b.tif", FRAME, bands_of(), tags={})
    with rasterio.open(tmp_path / "b.tif") as file:
        assert file.overviews(1) == []


@pytest.mark.system("validate_gpkg")
def test_another_gdal_reads_the_same(tmp_path: Path) -> None:
    """The GDAL of the system, as QGIS has it, not the one that wrote the file."""
    path = tmp_path / "a.tif"
    write_raster(path, FRAME, bands_of(), tags=TAGS)
    code = (
        "import json, sys\n"
        "from osgeo import gdal\n"
        "gdal.UseExceptions()\n"
        "said = gdal.Info(sys.argv[1], format='json')\n"
        "file = gdal.Open(sys.argv[1])\n"
        "said['epsg'] = file.GetSpatialRef().GetAuthorityCode(None)\n"
        "said['hex'] = [file.GetRasterBand(k + 1).ReadRaster().hex() for k in range(2)]\n"
        "print(json.dumps(said))\n"
    )
    command = [str(SYSTEM_PYTHON), "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["epsg"] == "4549"
    assert said["geoTransform"] == [469_400.0, 250.0, 0.0, 3_155_900.0, 0.0, -250.0]
    assert said["metadata"][""]["HEADING_ZH"] == "未核对三区三线"
    first = said["bands"][0]
    assert first["description"] == "距市中心 / Distance to the centre"
    assert first["unit"] == "公里 / km"
    assert first["noDataValue"] == "NaN"
    for k, one in enumerate(said["hex"]):
        read = np.frombuffer(bytes.fromhex(one), np.float32).reshape(40, 60)
        np.testing.assert_array_equal(read, values_of(k))


def test_what_stood_there_is_replaced_only_by_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_text("old", encoding="utf-8")
    frame = Frame("EPSG:4549", 0.0, 0.0, 25.0, 400, 600)
    with files_of_at_most(20_000), pytest.raises(WorkspaceError, match="a disk that is not full"):
        write_raster(path, frame, bands_of(frame), tags={})
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    write_raster(path, frame, bands_of(frame), tags={})
    with rasterio.open(path) as file:
        assert file.count == 2


def test_a_file_that_reads_otherwise_is_not_put_there(tmp_path: Path) -> None:
    draws = iter(range(100))
    restless = Band(KM, KM, lambda: values_of(next(draws)))
    with pytest.raises(WorkspaceError, match="band 1 is not whole"):
        write_raster(tmp_path / "a.tif", FRAME, [restless], tags={})
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is a folder; name the file to write") as folder:
        write_raster(tmp_path, FRAME, bands_of(), tags={})
    assert "是文件夹" in folder.value.of("zh")
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be written") as blocked:
        write_raster(file / "a.tif", FRAME, bands_of(), tags={})
    assert "无法写入" in blocked.value.of("zh")


def test_without_the_library_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(RasterError, match=r"install it with `pip install 'ouzhi\[raster\]'`") as no:
        require_place(tmp_path / "a.tif")
    assert "目前没有安装" in no.value.of("zh")
    assert list(tmp_path.iterdir()) == []


def test_nothing_else_loads_the_second_gdal() -> None:
    code = (
        "import sys, api.app, api.cli, api.surfaces, api.surface_command, layers.rasters\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] == 'rasterio'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_both_gdals_work_in_one_program(tmp_path: Path, workspace: Path) -> None:
    before = GeoPackageStore(workspace).read_layer("towns")
    write_raster(tmp_path / "a.tif", FRAME, bands_of(), tags={})
    after = GeoPackageStore(workspace).read_layer("towns")
    assert after.equals(before)
    assert after.crs == before.crs
