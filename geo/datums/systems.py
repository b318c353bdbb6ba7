"""The registry of datums and coordinate systems that a planner may name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import pyproj

from geo.crs import STORAGE_CRS, require_crs
from geo.datums.planes import gauss_kruger_epsg, utm_epsg
from geo.datums.refusals import (
    old_datum,
    parameters,
    plain,
    refusal_of_old,
    require_horizontal,
    require_known_datum,
)
from geo.errors import CrsError
from geo.sentence import Sentence

Offset = Literal["gcj02", "bd09"]
DatumName = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
DATUMS: tuple[DatumName, ...] = get_args(DatumName)
"""Datums in degrees, longitude first."""

PlaneKind = Literal["gk3", "gk3-zone", "gk6", "gk6-zone", "utm"]
PLANE_KINDS: tuple[PlaneKind, ...] = get_args(PlaneKind)
"""Planes whose zone follows from the longitude: to write, not to read."""


@dataclass(frozen=True, slots=True)
class System:
    """A system in which coordinates may be given: a CRS, and for web maps the offset on top.

    `crs` has two dimensions and is used east, north; `offset` moves its degrees. `title` and
    `accuracy` are for people.
    """

    name: str
    crs: pyproj.CRS
    offset: Offset | None
    title: Sentence
    accuracy: Sentence

    @property
    def in_degrees(self) -> bool:
        """Whether coordinates are longitude and latitude."""
        return bool(self.crs.is_geographic)


SystemLike = str | int | pyproj.CRS | System

_EXACT = Sentence(
    zh="CGCS2000，本产品的存储基准：无转换误差",
    en="CGCS2000, in which everything is stored: nothing is lost",
)
_WGS = Sentence(
    zh="按 CGCS2000 读取：两者因板块运动相差不到 1 米",
    en="read as CGCS2000, from which it differs by less than 1 m (plate motion since 2000)",
)
_WEB_MAP = Sentence(
    zh="约 1—2 米，不得用于地籍：官方转换未公开，此处为通行的公开公式",
    en="about 1-2 m, not cadastral: the official transform is not public, this is the formula "
    "that is published",
)
_CARRIED = Sentence(
    zh="精度取决于文件自带的转换参数，本产品未作核对",
    en="as good as the parameters that the file carries, which are not checked here",
)
_TITLES: dict[DatumName, Sentence] = {
    "cgcs2000": Sentence(zh="CGCS2000 经纬度", en="CGCS2000 degrees"),
    "wgs84": Sentence(zh="WGS 84 经纬度", en="WGS 84 degrees"),
    "gcj02": Sentence(zh="GCJ-02（高德、腾讯地图）", en="GCJ-02 (AMap, Tencent)"),
    "bd09": Sentence(zh="BD-09（百度地图）", en="BD-09 (Baidu)"),
}
_ALIASES: dict[str, DatumName] = {
    **{plain(name): name for name in DATUMS},
    **dict.fromkeys(("gcj", "高德", "腾讯", "火星坐标", "火星坐标系", "国测局"), "gcj02"),
    **dict.fromkeys(("bd", "bd09ll", "百度", "百度坐标", "百度坐标系"), "bd09"),
    **dict.fromkeys(("wgs", "wgs1984", "gps"), "wgs84"),
    **dict.fromkeys(("国家2000", "2000国家大地坐标系", "大地2000"), "cgcs2000"),
}
_ACCURACIES = {"cgcs2000": _EXACT, "wgs84": _WGS, "gcj02": _WEB_MAP, "bd09": _WEB_MAP}
_CODES = {"cgcs2000": STORAGE_CRS, "wgs84": "EPSG:4326"}


def require_system(
    value: SystemLike, *, lon: float | None = None, lat: float | None = None
) -> System:
    """Return the system that a planner names: a datum, a plane, a code or a CRS.

    Datums: `cgcs2000`, `wgs84`, `gcj02`, `bd09`, however they are spelt, Chinese names too. Planes
    `gk3`, `gk6` (CGCS2000 Gauss-Krüger by central meridian), `gk3-zone`, `gk6-zone` (the zone
    number before the easting) and `utm` take their zone from `lon` and `lat`, degrees. All else is
    a CRS as pyproj knows it. Raises `CrsError` for what is unknown, local, on Xi'an 1980, Beijing
    1954 or another datum without parameters, and for a plane without a longitude.
    """
    if isinstance(value, System):
        return value
    if isinstance(value, str):
        key = plain(value)
        if key in _ALIASES:
            return _datum(_ALIASES[key])
        kind = next((kind for kind in PLANE_KINDS if plain(kind) == key), None)
        if kind is not None:
            return _crs_system(f"EPSG:{_plane_epsg(kind, lon, lat)}")
        old = old_datum(value) if value.strip() and "+proj" not in value else None
        if old is not None and "[" not in value:
            raise refusal_of_old(old, repr(value))
    return _crs_system(_named(value))


def _datum(name: DatumName) -> System:
    offset = name if name in {"gcj02", "bd09"} else None
    return System(
        name=name,
        crs=pyproj.CRS.from_user_input(_CODES.get(name, STORAGE_CRS)),
        offset=offset,
        title=_TITLES[name],
        accuracy=_ACCURACIES[name],
    )


def _plane_epsg(kind: PlaneKind, lon: float | None, lat: float | None) -> int:
    if lon is None or lat is None:
        raise CrsError(
            f"{kind} does not say which zone; name the system by its code, for instance EPSG:4549",
            f"{kind} 没有说明是哪一带；请用代码注明坐标系，例如 EPSG:4549",
        )
    if kind == "utm":
        return utm_epsg(lon, lat)
    return gauss_kruger_epsg(
        lon, width_deg=3 if kind.startswith("gk3") else 6, zone_prefix=kind.endswith("zone")
    )


@lru_cache(maxsize=256)
def _crs_system(value: str | int | pyproj.CRS) -> System:
    given = _require_known(value)
    code = None if given.is_bound else given.to_epsg()
    name = str(value) if given.name == "unknown" else given.name
    written = name if code is None else f"EPSG:{code} ({given.name})"
    crs = require_horizontal(given, written)
    require_known_datum(crs, written)
    accuracy = _CARRIED if any(parameters(crs)) else _WGS
    if accuracy is _WGS and "china2000" in plain(_datum_name(crs)):
        accuracy = _EXACT
    name = name if code is None else f"EPSG:{code}"
    return System(name, crs, None, Sentence(zh=written, en=written), accuracy)


def _named(value: object) -> str | int | pyproj.CRS:
    """What a CRS is remembered by: its name or code, else the CRS itself."""
    return value if isinstance(value, str | int) else _require_known(value)


def _datum_name(crs: pyproj.CRS) -> str:
    geodetic = crs.geodetic_crs
    return "" if geodetic is None or geodetic.datum is None else str(geodetic.datum.name)


def _require_known(value: object) -> pyproj.CRS:
    try:
        return require_crs(value)
    except CrsError as error:
        names = ", ".join(DATUMS)
        raise CrsError(
            f"{value!r} is not a known datum or coordinate reference system; give one of {names}, "
            "or a code such as EPSG:4549",
            f"{value!r} 不是已知的大地基准或坐标参考系；请用 {'、'.join(DATUMS)} 之一，"
            "或 EPSG:4549 这样的代码",
        ) from error
