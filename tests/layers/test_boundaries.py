"""Boundaries by city name: of any city, from either source."""

from __future__ import annotations

import pytest
import shapely

from geo.crs import STORAGE_CRS
from geo.measure import area_m2
from layers.boundaries import read_districts, require_boundary_source, require_city
from layers.errors import CityError

WENZHOU = (
    *("鹿城区", "龙湾区", "瓯海区", "洞头区", "永嘉县", "平阳县"),
    *("苍南县", "文成县", "泰顺县", "瑞安市", "乐清市", "龙港市"),
)


@pytest.mark.parametrize("city", ["温州市", "温州"])
def test_a_city_may_be_called_short(city: str) -> None:
    assert require_city(city, "amap") == "温州市"


@pytest.mark.parametrize("name", ["火星市", "", "Wenzhou", "../温州市"])
def test_an_unknown_city_is_named_with_some_that_exist(name: str) -> None:
    with pytest.raises(CityError, match="unknown city") as caught:
        require_city(name, "amap")
    assert repr(name) in str(caught.value)
    assert "for instance" in str(caught.value)
    assert "没有城市" in caught.value.of("zh")
    assert "市" in caught.value.of("zh").split("例如")[1]


def test_a_slip_of_the_pen_brings_the_nearest_name() -> None:
    with pytest.raises(CityError, match="温州市"):
        require_city("温洲市", "amap")


def test_an_unknown_source_names_both() -> None:
    assert require_boundary_source("tianditu") == "tianditu"
    with pytest.raises(CityError, match=r"unknown boundary source 'osm'; use amap .* tianditu"):
        require_boundary_source("osm")


@pytest.mark.parametrize(("source", "km2"), [("amap", 12_288), ("tianditu", 11_634)])
def test_wenzhou_has_twelve_districts_of_the_known_total_area(source: str, km2: int) -> None:
    districts = read_districts("温州市", require_boundary_source(source))
    assert sorted(districts["name_zh"]) == sorted(WENZHOU)
    assert districts["id"].is_monotonic_increasing
    assert districts["id"].str.fullmatch(r"3303\d\d").all()
    assert districts.crs == STORAGE_CRS
    assert shapely.is_valid(districts.geometry).all()
    total = area_m2(districts.geometry.to_numpy(), STORAGE_CRS).sum() / 1e6
    assert total == pytest.approx(km2, abs=1.0)


@pytest.mark.parametrize(
    ("city", "one", "number"), [("丽水市", "莲都区", 9), ("杭州市", "西湖区", 13)]
)
def test_other_cities_have_theirs(city: str, one: str, number: int) -> None:
    districts = read_districts(city, "amap")
    assert one in set(districts["name_zh"])
    assert len(districts) == number
    labels = shapely.points(districts["label_lon"], districts["label_lat"])
    assert shapely.dwithin(districts.geometry.to_numpy(), labels, 0.05).all()
