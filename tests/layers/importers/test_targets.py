"""Names of the layers that a file may be brought into."""

from __future__ import annotations

import pytest

from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, LayerSpec
from layers.errors import ImportFileError
from layers.importers.targets import LONGEST, require_target

OWN = LayerSpec("wells", Sentence("水井", "Wells"), "Point", (), Sentence("", ""), free=True)
SPECS = {**LAYERS, "wells": OWN}


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "districts"])
def test_layers_of_the_catalogue_are_found(name: str) -> None:
    assert require_target(name, SPECS) is LAYERS[name]


def test_a_free_layer_is_found_and_a_new_name_is_new() -> None:
    assert require_target("wells", SPECS) is OWN
    for name in ("w", "survey_2026", "a" * LONGEST, "targets_2", "rtree", "gpkg"):
        assert require_target(name, SPECS) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "1st", "_x", "Wells", "wells ", "we-lls", "a.b", "a b", "a\n", "水井", "🗺", "é"),
        *("'; DROP TABLE zones; --", "../x", "..", "a%00", "a\0", "a" * (LONGEST + 1), "x" * 300),
        *("zones;", 'a"b', "a`b", "\udcff", "ａ"),
    ],
)
def test_a_name_that_is_none_is_refused_and_shown_safely(name: str) -> None:
    with pytest.raises(ImportFileError) as caught:
        require_target(name, SPECS)
    said = caught.value
    assert "lower-case letters, digits and underscores" in said.of("en")
    assert "只含小写字母、数字和下划线" in said.of("zh")
    assert said.of("en").isprintable()
    assert len(said.of("en")) < 500
    assert said.faults[0].field == "layer"
    (said.of("en") + said.of("zh") + str(said.faults[0].value)).encode()


@pytest.mark.parametrize(
    "name",
    [
        *("gpkg_contents", "rtree_zones_geom", "sqlite_master", "ouzhi_revisions", "pg_class"),
        *("spatial_ref_sys", "geometry_columns", "layer_styles", "st_area", "idx_zones"),
    ],
)
def test_names_of_the_database_are_refused(name: str) -> None:
    with pytest.raises(ImportFileError, match="kept for the database itself") as caught:
        require_target(name, SPECS)
    assert "留给数据库自身使用" in caught.value.of("zh")


@pytest.mark.parametrize("name", list(TABLES))
def test_tables_are_refused_and_say_where_they_come_from(name: str) -> None:
    with pytest.raises(ImportFileError, match="table without geometry") as caught:
        require_target(name, SPECS)
    assert "ouzhi build --tables" in caught.value.of("zh")


def test_districts_come_from_the_boundary_package() -> None:
    with pytest.raises(ImportFileError, match="ouzhi build --boundaries") as caught:
        require_target("districts", SPECS)
    assert "边界数据包" in caught.value.of("zh")
