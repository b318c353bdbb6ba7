"""Raster files: bands over a grid as one GeoTIFF, which QGIS and every GIS opens.

They are written by rasterio, which brings a GDAL of its own beside the one that reads layers; so it
is an extra (`raster`), imported by nothing but the writing itself.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import OuzhiError
from geo.sentence import Sentence
from layers.errors import WorkspaceError

Values = NDArray[np.float32]

_BLOCK = 256
_OVERVIEWS_FROM = 2_048
"""Sides of more cells than this get overviews, for a quick look at the whole."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that the XML in which GDAL keeps tags cannot hold."""


class RasterError(OuzhiError):
    """A raster file cannot be made here."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band: what it is called, its unit, what is said about it, and its values when asked.

    `values` gives (rows, columns), NaN where there is no data.
    """

    title: Sentence
    unit: Sentence
    values: Callable[[], Values]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a raster lies: plane (EPSG), outer north-west corner and side of the cells in m."""

    crs: str
    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int


def write_raster(
    path: Path, frame: Frame, bands: Sequence[Band], *, tags: Mapping[str, str]
) -> None:
    """Write bands of 4-byte numbers, NaN no data, to a GeoTIFF; what stood there is replaced.

    Names of bands and units stand there in both languages, Chinese first; `tags` are of the whole
    file. It is written beside its place, read back and compared, and put there only then. Raises
    `RasterError` where rasterio is not installed and `WorkspaceError` where the file cannot be
    written.
    """
    rasterio = require_place(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / "draft.tif"
            _write(rasterio, draft, frame, bands, tags)
            _require_whole(rasterio, draft, bands)
            draft.replace(path)
    except (OSError, rasterio.errors.RasterioError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"{path} cannot be written ({reason}); name a file in a folder that you may write to, "
            "on a disk that is not full",
            f"无法写入 {path}（{reason}）；请指定可写文件夹中的文件，并确认磁盘未满",
        ) from error


def require_place(path: Path) -> Any:
    """Require that a raster may be written to a path, before work is done for it; the library.

    Raises as `write_raster`, as far as it can be told beforehand.
    """
    rasterio = _rasterio()
    if path.is_dir():
        raise WorkspaceError(
            f"{path} is a folder; name the file to write, for instance {path / 'surface.tif'}",
            f"{path} 是文件夹；请写明文件名，例如 {path / 'surface.tif'}",
        )
    return rasterio


def _rasterio() -> Any:
    """The library; raises `RasterError` where it is not installed."""
    try:
        import rasterio
        import rasterio.crs
        import rasterio.enums
        import rasterio.errors
    except ImportError as error:
        raise RasterError(
            "writing a GeoTIFF needs the package rasterio, which is not installed; install it with "
            "`pip install 'ouzhi[raster]'`, or `pip install rasterio`",
            "写 GeoTIFF 需要 rasterio 包，目前没有安装；请运行 `pip install 'ouzhi[raster]'` "
            "或 `pip install rasterio`",
        ) from error
    return rasterio


def _write(
    rasterio: Any, draft: Path, frame: Frame, bands: Sequence[Band], tags: Mapping[str, str]
) -> None:
    side = frame.cell_m
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "nodata": np.nan,
        "count": len(bands),
        "height": frame.rows,
        "width": frame.columns,
        "crs": rasterio.crs.CRS.from_string(frame.crs),
        "transform": rasterio.Affine(side, 0.0, frame.west_m, 0.0, -side, frame.north_m),
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
        "interleave": "band",
        "compress": "deflate",
        "predictor": 3,
        "bigtiff": "if_safer",
    }
    with rasterio.open(draft, "w", **profile) as file:
        file.update_tags(**_readable(tags))
        for number, band in enumerate(bands, start=1):
            file.set_band_description(number, _both(band.title))
            file.set_band_unit(number, _both(band.unit))
            file.update_tags(number, **_readable(band.tags))
            file.write(band.values(), number)
    smaller = _overviews(frame)
    if smaller:
        with rasterio.open(draft, "r+") as file:
            file.build_overviews(smaller, rasterio.enums.Resampling.nearest)
    with draft.open("rb") as written:
        os.fsync(written.fileno())


def _require_whole(rasterio: Any, draft: Path, bands: Sequence[Band]) -> None:
    """Raise `OSError` where the file does not hold what was written: GDAL may keep that to itself.

    A disk that is full is noticed when the file is closed, and that raises nothing.
    """
    with rasterio.open(draft) as file:
        for number, band in enumerate(bands, start=1):
            if not np.array_equal(file.read(number), band.values(), equal_nan=True):
                raise OSError(f"band {number} is not whole")


def _overviews(frame: Frame) -> list[int]:
    factors, longest = [], max(frame.rows, frame.columns)
    factor = 2
    while longest > _OVERVIEWS_FROM and longest // factor >= _BLOCK:
        factors.append(factor)
        factor *= 2
    return factors


def _both(words: Sentence) -> str:
    """Words in both languages, once where they are the same."""
    said = words.zh if words.zh == words.en else f"{words.zh} / {words.en}"
    return _CONTROL.sub(" ", said)


def _readable(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: _CONTROL.sub(" ", value) for name, value in tags.items()}
