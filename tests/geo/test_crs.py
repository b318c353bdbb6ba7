"""The working plane of a place, and the guards against mixing systems."""

from __future__ import annotations

import math
from typing import Any

import pyproj
import pytest
from builders import CITY_HALL
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS, require_crs, require_same_crs, working_crs, working_epsg
from geo.errors import CrsError
from geo.measure import transformer


def test_city_hall_stands_where_the_survey_has_it() -> None:
    code = f"EPSG:{working_epsg(CITY_HALL[0])}"
    assert code == "EPSG:4549"
    east, north = transformer(STORAGE_CRS, code).transform(*CITY_HALL)
    assert east == pytest.approx(568759.7, abs=0.05)
    assert north == pytest.approx(3097973.7, abs=0.05)


@pytest.mark.parametrize("meridian", range(75, 136, 3))
def test_the_plane_has_its_central_meridian_and_no_zone_prefix(meridian: int) -> None:
    operation = working_crs(meridian).coordinate_operation
    assert operation is not None
    values: dict[str, Any] = {parameter.name: parameter.value for parameter in operation.params}
    assert values["Longitude of natural origin"] == meridian
    assert values["False easting"] == 500_000.0
    assert values["Scale factor at natural origin"] == 1.0


@given(st.floats(73.5, 136.4999))
def test_no_longitude_is_farther_than_half_a_zone_from_its_meridian(lon: float) -> None:
    meridian = 75 + 3 * (working_epsg(lon) - 4534)
    assert -1.5 <= lon - meridian < 1.5 + 1e-9


def test_halfway_between_two_meridians_goes_east() -> None:
    assert working_epsg(118.5) == 4549
    assert working_epsg(math.nextafter(118.5, 0)) == 4548


@pytest.mark.parametrize("lon", [73.49, 136.5, -120.0, 500.0, 568759.7, math.nan, math.inf])
def test_a_longitude_without_a_zone_is_refused(lon: float) -> None:
    with pytest.raises(CrsError, match=r"73\.5 to 136\.5") as caught:
        working_epsg(lon)
    assert f"{lon:g}" in str(caught.value)
    assert f"{lon:g}" in caught.value.of("zh")
    assert "经度" in caught.value.of("zh")


def test_data_without_a_system_are_refused() -> None:
    with pytest.raises(CrsError, match="no coordinate reference system; state one"):
        require_crs(None)


@pytest.mark.parametrize("name", ["EPSG:1", "nonsense", ""])
def test_an_unknown_system_is_named(name: str) -> None:
    with pytest.raises(CrsError) as caught:
        require_crs(name)
    assert repr(name) in str(caught.value)
    assert "EPSG:4490" in caught.value.of("zh")


def test_the_same_system_passes_however_it_is_written() -> None:
    one = pyproj.CRS.from_epsg(4490)
    assert require_same_crs("EPSG:4490", one).to_epsg() == 4490
    assert require_same_crs(one.to_wkt(), 4490).to_epsg() == 4490
    assert require_same_crs("OGC:CRS84", "EPSG:4326").equals("OGC:CRS84")


def test_mixing_two_systems_names_both() -> None:
    with pytest.raises(CrsError, match="EPSG:4490 and EPSG:4549") as caught:
        require_same_crs("EPSG:4490", "EPSG:4549")
    assert "EPSG:4490" in caught.value.of("zh")
    assert "EPSG:4549" in caught.value.of("zh")
