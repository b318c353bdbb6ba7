"""Systems that cannot be brought to CGCS2000, and why: by their datum, not by a list of codes.

PROJ has no public parameters for them and would take their degrees for CGCS2000 without a word
("ballpark"), wrong by tens to hundreds of metres.
"""

from __future__ import annotations

import re

import pyproj

from geo.errors import CrsError
from geo.sentence import Sentence

_GEOCENTRIC = (
    *("china2000", "cgcs2000", "chinageodeticcoordinatesystem2000", "worldgeodeticsystem1984"),
    *("wgs84", "wgs1984", "internationalterrestrialreferenceframe", "itrf", "igs"),
)
"""Datums that agree with CGCS2000 to about 1 m, as their names begin once signs are dropped."""

_XIAN = Sentence(zh="西安 1980 坐标系", en="Xi'an 1980")
_BEIJING = Sentence(zh="北京 1954 坐标系", en="Beijing 1954")
_NEW_BEIJING = Sentence(zh="新北京 1954 坐标系", en="New Beijing 1954")
_OLD = (
    (re.compile("xian(19)?80|西安(19)?80|80西安"), _XIAN),
    (re.compile("newbeijing|新(19)?54|新北京54"), _NEW_BEIJING),
    (re.compile("beijing(19)?54|北京(19)?54|54北京"), _BEIJING),
)
_OLD_AXES = (
    (6_378_140.0, _XIAN),
    (6_378_245.0, _BEIJING),
)
_WITHOUT_A_PLACE = {
    "Engineering CRS": Sentence(
        zh="是工程（独立、地方）坐标系，与大地坐标没有已知关系",
        en="is an engineering (local) system, with no known tie to the earth",
    ),
    "Vertical CRS": Sentence(zh="只有高程，没有平面位置", en="has heights only, no position"),
    "Geocentric CRS": Sentence(
        zh="是地心空间直角坐标系（X、Y、Z），不能当作平面或经纬度",
        en="is geocentric (X, Y, Z), neither a plane nor longitude and latitude",
    ),
}
_ASK = Sentence(
    zh="请向自然资源主管部门索取七参数，或请其转换为 CGCS2000（EPSG:4490）后再提供",
    en="ask the land office for the seven parameters, or have the file transformed to CGCS2000 "
    "(EPSG:4490) by them",
)


def plain(name: str) -> str:
    """Letters and digits of a name, small: so that D_Xian_1980 and Xian 1980 are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def old_datum(name: str, axis_m: float | None = None) -> Sentence | None:
    """Name the old Chinese datum that a name, or else an ellipsoid's axis in m, belongs to."""
    key = plain(name)
    for pattern, title in _OLD:
        if pattern.search(key):
            return title
    if axis_m is not None and key.startswith("unknown"):
        for axis, title in _OLD_AXES:
            if abs(axis_m - axis) < 0.5:
                return title
    return None


def refusal_of_old(title: Sentence, written: str) -> CrsError:
    """Build the error for an old Chinese datum without parameters."""
    return CrsError(
        f"{written} is on the datum {title.en}: its parameters differ from place to place and are "
        f"not public, and a guess is wrong by tens to hundreds of metres; {_ASK.en}",
        f"{written} 采用{title.zh}：转换参数各地不同且不公开，臆测会差几十到几百米；{_ASK.zh}",
    )


def require_horizontal(crs: pyproj.CRS, written: str) -> pyproj.CRS:
    """Return the horizontal part of a CRS in two dimensions; heights are none of its business.

    Raises `CrsError` for local, vertical and geocentric systems.
    """
    if crs.is_compound:
        return require_horizontal(crs.sub_crs_list[0], written)
    inner = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    reason = _WITHOUT_A_PLACE.get(inner.type_name)
    if reason is None and not (inner.is_geographic or inner.is_projected):
        reason = Sentence(
            zh=f"是不支持的坐标系类型（{inner.type_name}）",
            en=f"is of a kind that is not supported ({inner.type_name})",
        )
    if reason is not None:
        raise CrsError(f"{written} {reason.en}; {_ASK.en}", f"{written} {reason.zh}；{_ASK.zh}")
    return crs if crs.is_bound else crs.to_2d()


def require_known_datum(crs: pyproj.CRS, written: str) -> None:
    """Raise `CrsError` unless the datum agrees with CGCS2000 or brings its own parameters.

    Parameters are a TOWGS84 that is not all zeros: zeros stand in many files and say nothing,
    except on the ellipsoid of WGS 84.
    """
    geodetic = crs.geodetic_crs
    datum = "" if geodetic is None or geodetic.datum is None else geodetic.datum.name
    ellipsoid = crs.ellipsoid
    axis = 0.0 if ellipsoid is None else float(ellipsoid.semi_major_metre)
    shift = parameters(crs)
    if any(shift) or (shift and axis == 6_378_137.0):
        return
    if plain(datum).removeprefix("d").startswith(_GEOCENTRIC):
        _require_greenwich_degrees(crs, written)
        return
    old = old_datum(datum, axis)
    if old is not None:
        raise refusal_of_old(old, written)
    if plain(datum).startswith("unknown"):
        raise CrsError(
            f"{written} names no datum; name the system by its code if you know it, for instance "
            f"EPSG:4549; else {_ASK.en}",
            f"{written} 没有注明大地基准；若知道是哪种坐标系，请用代码注明，例如 EPSG:4549；"
            f"否则{_ASK.zh}",
        )
    raise CrsError(
        f"{written} is on the datum {datum!r}, for which no transformation to CGCS2000 is known "
        f"here; {_ASK.en}",
        f"{written} 采用的大地基准 {datum!r} 没有到 CGCS2000 的已知转换；{_ASK.zh}",
    )


def parameters(crs: pyproj.CRS) -> list[float]:
    """Return the three or seven parameters to WGS 84 that a CRS carries itself, or none."""
    operation = crs.coordinate_operation if crs.is_bound else None
    return [] if operation is None else [float(value) for value in operation.towgs84]


def _require_greenwich_degrees(crs: pyproj.CRS, written: str) -> None:
    meridian = crs.prime_meridian
    odd_meridian = meridian is not None and meridian.longitude != 0.0
    geodetic = crs.geodetic_crs
    units = set() if geodetic is None else {axis.unit_name for axis in geodetic.axis_info[:2]}
    if odd_meridian or (crs.is_geographic and units != {"degree"}):
        raise CrsError(
            f"{written} does not count in degrees from Greenwich; have the file transformed to "
            "EPSG:4490",
            f"{written} 不是以格林尼治起算的度；请先把文件转换为 EPSG:4490",
        )
