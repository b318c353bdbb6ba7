"""Names of datums and systems, zones from the longitude, and what is refused."""

from __future__ import annotations

from typing import Any

import pyproj
import pyproj.database
import pytest
from builders import ENGLISH
from hypothesis import given
from hypothesis import strategies as st

from geo.datums import gauss_kruger_epsg, require_system, utm_epsg
from geo.errors import CrsError

XIAN_BY_ESRI = (
    'PROJCS["Xian_1980_3_Degree_GK_CM_120E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",'
    'SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)

GK = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS",DATUM["{datum}",'
    'SPHEROID["CGCS2000",6378137.0,{flattening}]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
GK_BY_ESRI = GK.format(datum="D_China_2000", flattening="298.257222101")
GK_BY_CAD = GK.format(datum="D_CGCS_2000", flattening="298.257222101")
FROM_PARIS = (
    'GEOGCS["x",DATUM["WGS_1984",SPHEROID["WGS 84",6378137.0,298.257223563]],'
    'PRIMEM["Paris",2.33722917],UNIT["degree",0.0174532925199433]]'
)


def parameters_of(epsg: int) -> dict[str, Any]:
    """Projection parameters of a plane by name."""
    operation = pyproj.CRS.from_epsg(epsg).coordinate_operation
    assert operation is not None
    return {one.name: one.value for one in operation.params}


def codes_on(datum: str) -> list[int]:
    """All EPSG codes of geographic and projected systems on a datum, retired ones too."""
    kinds = [pyproj.enums.PJType.GEOGRAPHIC_2D_CRS, pyproj.enums.PJType.PROJECTED_CRS]
    found = pyproj.database.query_crs_info(auth_name="EPSG", pj_types=kinds, allow_deprecated=True)
    return [int(one.code) for one in found if one.name.startswith(datum)]


def refused(value: Any) -> CrsError:
    """The error for a system that is not taken, its Chinese in Chinese."""
    with pytest.raises(CrsError) as caught:
        require_system(value)
    return caught.value


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("gcj02", "gcj02"),
        ("GCJ-02", "gcj02"),
        (" Gcj 02 ", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("高德", "gcj02"),
        ("BD-09", "bd09"),
        ("百度坐标", "bd09"),
        ("WGS 84", "wgs84"),
        ("GPS", "wgs84"),
        ("CGCS2000", "cgcs2000"),
        ("2000国家大地坐标系", "cgcs2000"),
        ("EPSG:4549", "EPSG:4549"),
        (4528, "EPSG:4528"),
        (pyproj.CRS.from_epsg(32651), "EPSG:32651"),
        ({"proj": "longlat", "datum": "WGS84", "type": "crs"}, "EPSG:4326"),
        (GK_BY_ESRI, "EPSG:4549"),
        (GK_BY_CAD, "CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
    ],
)
def test_a_system_is_found_however_it_is_spelt(written: Any, name: str) -> None:
    system = require_system(written)
    assert system.name == name
    assert require_system(system) is system
    assert system.offset == (name if name in {"gcj02", "bd09"} else None)


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_web_maps_say_that_they_are_not_cadastral(name: str) -> None:
    accuracy = require_system(name).accuracy
    assert "about 1-2 m, not cadastral" in accuracy.en
    assert "不得用于地籍" in accuracy.zh


def test_accuracy_tells_storage_from_what_is_taken_for_it() -> None:
    assert "nothing is lost" in require_system("EPSG:4549").accuracy.en
    assert "less than 1 m" in require_system("EPSG:32651").accuracy.en
    assert "不到 1 米" in require_system("wgs84").accuracy.zh


@pytest.mark.parametrize("zone", range(25, 46))
def test_three_degree_planes_with_and_without_the_zone_number(zone: int) -> None:
    lon = 3.0 * zone + 1.4
    for prefix, false_easting in [(True, zone * 1e6 + 5e5), (False, 5e5)]:
        values = parameters_of(gauss_kruger_epsg(lon, zone_prefix=prefix))
        assert values["Longitude of natural origin"] == 3 * zone
        assert values["False easting"] == false_easting


@pytest.mark.parametrize("zone", range(13, 24))
def test_six_degree_planes_with_and_without_the_zone_number(zone: int) -> None:
    lon = 6.0 * zone - 5.9
    for prefix, false_easting in [(True, zone * 1e6 + 5e5), (False, 5e5)]:
        values = parameters_of(gauss_kruger_epsg(lon, width_deg=6, zone_prefix=prefix))
        assert values["Longitude of natural origin"] == 6 * zone - 3
        assert values["False easting"] == false_easting


@given(st.floats(-180.0, 180.0), st.floats(-80.0, 84.0))
def test_utm_zones_lie_about_the_longitude(lon: float, lat: float) -> None:
    values = parameters_of(utm_epsg(lon, lat))
    assert abs(lon - values["Longitude of natural origin"]) <= 3.0 + 1e-9
    assert values["False northing"] == (0.0 if lat >= 0.0 else 1e7)


def test_halfway_goes_east() -> None:
    assert gauss_kruger_epsg(120.0, width_deg=6) == 4510
    assert utm_epsg(120.0, 28.0) == 32651
    assert utm_epsg(180.0, 28.0) == 32660


@pytest.mark.parametrize("lon", [71.9, 138.0, float("nan")])
def test_a_longitude_without_a_six_degree_zone_is_refused(lon: float) -> None:
    with pytest.raises(CrsError, match="72 to 138") as caught:
        gauss_kruger_epsg(lon, width_deg=6)
    assert f"经度 {lon:g}" in caught.value.of("zh")


@pytest.mark.parametrize("point", [(181.0, 0.0), (0.0, 85.0), (float("nan"), 0.0)])
def test_a_point_without_a_utm_zone_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(CrsError, match="UTM has no zone") as caught:
        utm_epsg(*point)
    assert "不在 UTM 分带范围内" in caught.value.of("zh")


@pytest.mark.parametrize(
    ("datum", "name", "least"),
    [("Xian 1980", "Xi'an 1980", 65), ("Beijing 1954", "Beijing 1954", 60)],
)
def test_all_codes_of_the_old_datums_are_refused(datum: str, name: str, least: int) -> None:
    codes = codes_on(datum)
    assert len(codes) >= least
    for code in codes:
        error = refused(code)
        assert f"EPSG:{code}" in str(error)
        assert f"is on the datum {name}" in str(error)
        assert "ask the land office for the seven parameters" in str(error)
        assert "七参数" in error.of("zh")


@pytest.mark.parametrize("code", [4610, 2327, 2390, 4214, 2401, 2442, 21413, 21463, 4555, 4568])
def test_codes_that_planners_meet_are_refused(code: int) -> None:
    assert "parameters differ from place to place" in str(refused(code))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("西安80", "西安 1980"),
        ("Xi'an 1980", "西安 1980"),
        ("xian80", "西安 1980"),
        (XIAN_BY_ESRI, "西安 1980"),
        ("+proj=longlat +a=6378140 +rf=298.257", "西安 1980"),
        ("北京54坐标系", "北京 1954"),
        ("Beijing 54", "北京 1954"),
        ("+proj=tmerc +lon_0=120 +x_0=500000 +ellps=krass", "北京 1954"),
        ("+proj=longlat +ellps=krass +towgs84=0,0,0", "北京 1954"),
        ("New Beijing", "新北京 1954"),
    ],
)
def test_old_datums_are_known_by_name_file_and_ellipsoid(written: str, name: str) -> None:
    error = refused(written)
    assert f"采用{name}坐标系" in error.of("zh").replace(" 坐标系", "坐标系")
    assert "transformed to CGCS2000" in str(error)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('LOCAL_CS["cad",UNIT["m",1]]', "engineering (local) system"),
        ("EPSG:5737", "heights only"),
        ("EPSG:4978", "geocentric"),
        ("EPSG:2326", "'Hong Kong 1980', for which no transformation"),
        ("EPSG:4267", "'North American Datum 1927', for which no transformation"),
        ("+proj=longlat +ellps=GRS80", "+ellps=GRS80 names no datum; name the system by its code"),
        ("EPSG:1", "not a known datum"),
        ("gcj03", "give one of cgcs2000, wgs84, gcj02, bd09, or a code"),
        ("", "not a known datum"),
        (None, "None is not a known datum"),
        (3.5, "not a known datum"),
        (FROM_PARIS, "degrees from Greenwich"),
    ],
)
def test_what_has_no_way_to_cgcs2000_is_refused(written: Any, words: str) -> None:
    error = refused(written)
    assert words in str(error)
    assert not any(word in error.of("zh") for word in ENGLISH)


def test_a_plane_without_a_zone_is_refused() -> None:
    assert "does not say which zone" in str(refused("gk3"))
    assert "没有说明是哪一带" in refused("utm").of("zh")
    assert require_system("gk3-zone", lon=120.7, lat=28.0).name == "EPSG:4528"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("EPSG:4979", "Geographic 2D CRS"),
        ("EPSG:4480", "Geographic 2D CRS"),
        ("EPSG:4326+5773", "Geographic 2D CRS"),
        ("EPSG:9000", "Geographic 2D CRS"),
        ("OGC:CRS84", "Geographic 2D CRS"),
        ("EPSG:3857", "Projected CRS"),
        ("+proj=utm +zone=51 +datum=WGS84", "Projected CRS"),
    ],
)
def test_heights_and_modern_datums_are_no_obstacle(written: str, kind: str) -> None:
    assert require_system(written).crs.type_name == kind


def test_parameters_in_the_file_are_used_and_named_as_its_own() -> None:
    shifted = XIAN_BY_ESRI.replace("298.257]]", "298.257],TOWGS84[100.0,2.0,3.0,0.1,0.2,0.3,4.0]]")
    system = require_system(shifted)
    assert "the parameters that the file carries" in system.accuracy.en
    assert "EPSG" not in system.name  # the code would be refused
    zeros = XIAN_BY_ESRI.replace("298.257]]", "298.257],TOWGS84[0.0,0.0,0.0,0.0,0.0,0.0,0.0]]")
    assert "is on the datum Xi'an 1980" in str(refused(zeros))
