"""A file made ready for its layer: every fault at once, nothing guessed, nothing lost."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import shapely
from quality_cases import (
    CITY,
    SQUARE,
    TODAY,
    columns_of,
    districts,
    faults,
    only,
    prepared,
    said,
    standing_of,
    table,
    zone,
)

from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, area_m2
from layers.catalog import LAYERS
from layers.errors import ImportFileError
from layers.importers.preparing import Known, PrepareOptions, prepare
from layers.quality import require_quality

BOW_TIE = shapely.Polygon([(120.7, 28.0), (120.702, 28.002), (120.702, 28.0), (120.7, 28.002)])


def parcels(*shapes: object, **columns: Sequence[object]) -> dict[str, Sequence[object]]:
    return {"id": [f"p-{row}" for row in range(len(shapes))], **columns}


# a frame fit for its layer


def test_a_frame_has_the_fields_given_or_following_in_the_order_of_the_layer() -> None:
    columns: dict[str, list[object]] = {"note": ["甲"], "id": ["p-1"], "stated_area_m2": [275_000]}
    done = prepared(table(columns, [SQUARE]), "parcels")
    assert done.report.ok, said(done.report)
    names = [one.name for one in LAYERS["parcels"].fields]
    given = ["id", "area_m2", "stated_area_m2", "note", "source", "as_of", "geometry_kind"]
    assert list(done.frame.columns) == [*given, "ref_lon", "ref_lat", "geometry"]
    assert [name for name in names if name in done.frame.columns] == list(done.frame.columns)[:-1]
    row = done.frame.iloc[0]
    assert row["area_m2"] == area_m2(np.array([SQUARE], dtype=object), STORAGE_CRS)[0]
    assert (row["source"], row["as_of"], row["geometry_kind"]) == (
        "file.geojson",
        TODAY,
        "boundary",
    )
    assert row["geometry"].geom_type == "MultiPolygon"
    assert shapely.covers(SQUARE, shapely.Point(row["ref_lon"], row["ref_lat"]))
    assert done.frame.crs.to_epsg() == 4490
    assert done.frame["note"].dtype == object
    assert done.frame["stated_area_m2"].dtype == np.float64


def test_points_are_measured_from_themselves() -> None:
    columns = {"id": ["t-1"], "name_zh": ["某镇"], "district": ["鹿城区"], "kind": ["镇"]}
    done = prepared(table(columns, [shapely.Point(120.65, 28.0)]), "towns", accuracy_m=50.0)
    assert done.report.ok, said(done.report)
    row = done.frame.iloc[0]
    assert (row["ref_lon"], row["ref_lat"], row["accuracy_m"]) == (120.65, 28.0, 50.0)
    assert (row["geometry_kind"], row["basis_kind"]) == ("point", "read")


def test_values_stay_missing_where_a_file_gives_none() -> None:
    columns: dict[str, list[object]] = {
        "id": ["r-1", "r-2"],
        "oneway": ["是", None],
        "speed_kmh": [None, "６０"],
    }
    lines = [shapely.LineString([(120.7, 28), (120.71, 28)])] * 2
    done = prepared(table(columns, lines), "roads")
    assert done.report.ok, said(done.report)
    assert done.frame["oneway"].tolist() == [True, pd.NA]
    assert done.frame["speed_kmh"].tolist()[1] == 60.0
    assert math.isnan(done.frame["speed_kmh"][0])
    assert "accuracy_m" not in done.frame


def test_the_same_file_twice_gives_the_same_frame_and_ids() -> None:
    columns: dict[str, list[object]] = {"note": ["甲", "乙", "甲"], "owner": [None, "某公司", None]}
    shapes = [SQUARE, CITY, SQUARE]
    first = prepared(table(columns, shapes), "parcels").frame
    again = prepared(table(dict(reversed(columns.items())), shapes), "parcels").frame
    assert first["id"].tolist() == again["id"].tolist()
    assert first["id"][2] == f"{first['id'][0]}-2"
    assert all(len(name.split("-")[0]) == 12 for name in first["id"])
    other = prepared(table({**columns, "note": ["丙", "乙", "甲"]}, shapes), "parcels").frame
    assert other["id"].tolist()[1:] == [first["id"][1], first["id"][0]]


# ids


def test_a_derived_id_follows_from_every_value_and_from_what_is_missing() -> None:
    lines = [shapely.LineString([(120.7, 28), (120.71, 28)])] * 4
    flags = prepared(table({"oneway": [True, False, None, True]}, lines), "roads").frame["id"]
    assert len({*flags[:3]}) == 3
    assert flags[3] == f"{flags[0]}-2"
    large = [2**63 - 1, 2**63 - 2, 0, None]
    whole = prepared(table({"n": large}, lines), None).frame["id"]
    assert len({*whole}) == 4
    speeds = [60.0, 60.5, None, "60"]
    real = prepared(table({"speed_kmh": speeds}, lines), "roads").frame["id"]
    assert real[3] == f"{real[0]}-2"
    assert len({*real[:3]}) == 3


def test_an_id_that_stands_twice_names_both_rows() -> None:
    done = prepared(table({"id": ["a", "b", "a"]}, [SQUARE] * 3), "parcels")
    assert faults(done) == [("4", "id", "a")]
    assert "row 2 has it already" in done.report.faults[0].expected
    assert "第 2 行" in done.report.faults[0].expected_zh


def test_a_layer_of_named_things_asks_for_its_ids() -> None:
    columns = columns_of({**zone("x"), "编码": "z-1"})
    del columns["id"]
    done = prepared(table(columns, [SQUARE]), "zones")
    assert ("id" in [one.field for one in done.report.faults]) and not done.report.ok
    assert "--map column=id" in done.report.faults[0].expected
    mapped = prepared(table(columns, [SQUARE]), "zones", mapping={"编码": "id"})
    assert mapped.report.ok, said(mapped.report)
    assert mapped.frame["id"].tolist() == ["z-1"]


@pytest.mark.parametrize("name", ["'; DROP TABLE zones; --", "", "a b", "../etc", "🏭", "-x"])
def test_an_id_that_is_no_name_is_a_fault(name: str) -> None:
    done = prepared(table(columns_of(zone(name)), [SQUARE]), "zones")
    assert [(one.row, one.field) for one in done.report.faults] == [("2", "id")]


def test_batch_and_number_together_name_one_zone() -> None:
    source = table(columns_of(zone("z-1", no=1), zone("z-2", no=1, batch=1)), [SQUARE] * 2)
    standing = standing_of(prepared(source, "zones"))
    assert prepared(source, "zones", standing=standing).report.ok
    rows = [zone("z-3", no=1), zone("z-4", no=2), zone("z-5", no=2)]
    done = prepared(table(columns_of(*rows), [SQUARE] * 3), "zones", standing=standing)
    assert faults(done) == [("2", "batch, no", "2 1"), ("4", "batch, no", "2 2")]
    assert "z-1 has the same" in done.report.faults[0].expected
    assert "row 3 has the same" in done.report.faults[1].expected
    free = table({"id": ["z-1", "z-3"], "no": [7, 1]}, None)
    assert prepared(free, "zones", standing=standing).report.faults[0].row == "3"


def test_no_zone_has_more_firms_above_scale_than_firms() -> None:
    rows = [zone("z-1", enterprises=5, above_scale_enterprises=5), zone("z-2", enterprises=5)]
    standing = standing_of(prepared(table(columns_of(*rows), [SQUARE] * 2), "zones"))
    update = table({"id": ["z-1", "z-2"], "above_scale_enterprises": [6, 3]})
    done = prepared(update, "zones", standing=standing)
    assert faults(done) == [("2", "above_scale_enterprises", 6)]
    assert done.report.faults[0].expected == "no more than enterprises"


# bad values


def test_every_fault_of_a_file_is_told_at_once_with_its_row_and_value() -> None:
    columns = columns_of(
        zone("z-1", enterprises="许多", line_class="三级", batch=0),
        zone("z-1", enterprises="１１２", per_mu_class="E", rd_percent=101),
        zone("z-3", name_zh=None, negative_list="也许", area_mu="nan"),
    )
    done = prepared(table(columns, [SQUARE, BOW_TIE, None]), "zones")
    told = faults(done)
    for expected in (
        ("2", "enterprises", "许多"),
        ("2", "line_class", "三级"),
        ("2", "batch", 0),
        ("3", "per_mu_class", "E"),
        ("3", "rd_percent", 101),
        ("4", "negative_list", "也许"),
        ("4", "name_zh", None),
        ("4", "area_mu", "nan"),
        ("3", "id", "z-1"),
        ("3", "geometry", "invalid"),
        ("4", "geometry", None),
    ):
        assert expected in told, expected
    assert len(told) == 11
    with pytest.raises(ImportFileError, match=r"has 11 fault.*and 6 more") as caught:
        require_quality(done.report)
    assert "11 处错误" in caught.value.of("zh")
    assert len(caught.value.faults) == 11


def test_a_cell_that_cannot_be_read_is_told_once() -> None:
    row = zone("z-1", lon=120.65, lat=28.0, area_mu="很大", accuracy_m=-5, name_zh=" ")
    done = prepared(
        table(columns_of(row, zone("z-2", lon=120.65, lat=28.0, area_mu=None))), "zones"
    )
    assert sorted(faults(done), key=str) == [
        ("2", "accuracy_m", -5),
        ("2", "area_mu", "很大"),
        ("2", "name_zh", None),
        ("3", "area_mu", None),
    ]


def test_full_width_digits_and_units_are_numbers() -> None:
    row = zone("z-1", area_mu="１１２亩", enterprises="５８家", rd_percent="3.5%")
    done = prepared(table(columns_of(row), [SQUARE]), "zones")
    assert done.report.ok, said(done.report)
    got = done.frame.iloc[0]
    assert (got["area_mu"], got["enterprises"], got["rd_percent"]) == (112.0, 58, 3.5)


def test_hostile_text_is_text() -> None:
    evil = "'; DROP TABLE parcels; --"
    done = prepared(table(parcels(1, note=[evil], owner=['=1+1 🏭\n"x"']), [SQUARE]), "parcels")
    assert done.report.ok
    named = prepared(table(parcels(1, **{evil: [1], "🏭": [2]}), [SQUARE]), "parcels")
    assert named.report.left_out == (evil, "🏭")
    assert f"columns left out: {evil}, 🏭" in said(named.report)
    assert (done.frame["note"][0], done.frame["owner"][0]) == (evil, '=1+1 🏭\n"x"')


def test_required_columns_that_are_missing_are_told_once_each() -> None:
    done = prepared(table({"id": ["z-1", "z-2"]}, [SQUARE, SQUARE]), "zones")
    missing = [one.field for one in done.report.faults]
    assert missing == ["accuracy_m", "name_zh", "no", "district", "area_mu", "batch"]
    assert "--accuracy-m" in done.report.faults[0].expected
    assert "2 new features must have" in done.report.faults[1].expected


def test_a_file_without_rows_is_refused() -> None:
    assert "no features" in only(prepared(table({"id": []}, []), "parcels")).expected


def test_a_district_that_is_none_is_a_warning() -> None:
    done = prepared(table(parcels(1, 2, district=["鹿城区", "经开区"]), [SQUARE] * 2), "parcels")
    assert done.report.ok
    assert [(one.row, one.value) for one in done.report.warnings] == [("3", "经开区")]


# updates of what stands


def test_a_table_without_positions_updates_by_id_and_nothing_else() -> None:
    standing = standing_of(
        prepared(table(columns_of(zone("z-1"), zone("z-2")), [SQUARE] * 2), "zones")
    )
    done = prepared(
        table({"id": ["z-2"], "tax_10k_yuan_per_mu": ["12.5"]}), "zones", standing=standing
    )
    assert done.report.ok, said(done.report)
    assert list(done.frame.columns) == ["id", "tax_10k_yuan_per_mu"]
    stranger = prepared(table({"id": ["z-3"], "batch": [2]}), "zones", standing=standing)
    assert faults(stranger) == [("2", "id", "z-3")]
    nameless = prepared(table({"note": ["甲"]}), "parcels")
    assert only(nameless).field == "geometry"


def test_an_unchanged_file_changes_nothing_the_day_after() -> None:
    source = table(columns_of(zone("z-1")), [SQUARE])
    standing = standing_of(prepared(source, "zones"))
    done = prepared(source, "zones", standing=standing, as_of="2026-11-30", source_name="again.shp")
    for name in done.frame.columns:
        assert done.frame[name].tolist() == standing[name].tolist(), name
    named = prepared(source, "zones", standing=standing, as_of="2026-11-30", as_of_given=True)
    assert named.frame["as_of"].tolist() == ["2026-11-30"]


def test_surveyed_boundaries_take_the_place_of_footprints_by_id() -> None:
    point = columns_of(zone("z-1", lon=120.65, lat=28.0, industries="鞋"))
    first = standing_of(prepared(table(point, crs=None), "zones", system="cgcs2000"))
    assert first["geometry_kind"].tolist() == ["indicative"]
    silent = prepared(table({"id": ["z-1"]}, [SQUARE]), "zones", standing=first)
    assert only(silent).field == "accuracy_m"
    done = prepared(table({"id": ["z-1"]}, [SQUARE]), "zones", standing=first, accuracy_m=0.5)
    assert done.report.ok, said(done.report)
    row = done.frame.iloc[0]
    assert (row["geometry_kind"], row["accuracy_m"], row["basis_kind"]) == ("surveyed", 0.5, "read")
    assert math.isnan(row["footprint_offset_m"])
    assert shapely.covers(SQUARE, shapely.Point(row["ref_lon"], row["ref_lat"]))
    assert row["area_m2"] == area_m2(np.array([SQUARE], dtype=object), STORAGE_CRS)[0]
    assert "industries" not in done.frame
    assert [one.field for one in done.report.warnings] == ["area_mu"]


def test_a_second_batch_of_points_gets_footprints_of_its_area_beside_those_that_stand() -> None:
    first = prepared(
        table(columns_of(zone("z-1", lon=120.65, lat=28.0)), crs=None), "zones", system="wgs84"
    )
    standing = standing_of(first)
    rows = [
        zone("z-2", lon=120.65, lat=28.0, area_mu=500.0),
        zone("z-3", lon=120.651, lat=28.0, area_mu=120.0),
        zone("z-4", lon=120.75, lat=28.0, area_mu=120.0, district="经开区"),
    ]
    done = prepared(table(columns_of(*rows), crs="EPSG:4490"), "zones", standing=standing)
    assert done.report.ok, said(done.report)
    shapes = done.frame["geometry"].to_numpy()
    assert area_m2(shapes, STORAGE_CRS) == pytest.approx(
        np.array([500.0, 120.0, 120.0]) * M2_PER_MU, rel=1e-8
    )
    everything = np.concatenate([shapes, standing.geometry.to_numpy()])
    assert shapely.intersects(everything[:, None], everything[None, :]).sum() == 4
    assert done.frame["host_district"].tolist() == ["鹿城区", "鹿城区", "龙湾区"]
    hosts = dict(zip(districts()["name_zh"], districts().geometry, strict=True))
    for host, shape in zip(done.frame["host_district"], shapes, strict=True):
        assert shapely.covers(hosts[host], shape)
    assert done.frame["ref_lon"].tolist() == [120.65, 120.651, 120.75]
    assert (done.frame["geometry_kind"] == "indicative").all()
    assert (done.frame["footprint_offset_m"][:2] > 0).all()
    assert "indicative footprint" in said(done.report)


def test_the_same_points_again_keep_their_footprints() -> None:
    source = table(columns_of(zone("z-1", lon=120.65, lat=28.0), zone("z-2", lon=120.65, lat=28.0)))
    standing = standing_of(prepared(source, "zones"))
    done = prepared(source, "zones", standing=standing, as_of="2026-12-01")
    assert done.report.ok, said(done.report)
    assert (
        shapely.to_wkb(done.frame["geometry"].to_numpy()).tolist()
        == shapely.to_wkb(standing.geometry.to_numpy()).tolist()
    )
    for name in done.frame.columns[:-1]:
        assert done.frame[name].tolist() == standing[name].tolist(), name


def test_a_point_does_not_take_a_surveyed_boundary_away() -> None:
    standing = standing_of(prepared(table(columns_of(zone("z-1")), [SQUARE]), "zones"))
    moved = table(columns_of(zone("z-1", lon=120.702, lat=28.002)))
    done = prepared(moved, "zones", standing=standing)
    assert done.frame["geometry"][0].wkb == standing.geometry[0].wkb
    assert done.frame["ref_lon"].tolist() == [120.702]
    assert "geometry_kind" not in done.frame
    assert done.frame["area_m2"].tolist() == standing["area_m2"].tolist()


def test_a_footprint_that_is_drawn_anew_should_not_be_called_indicative() -> None:
    first = prepared(table(columns_of(zone("z-1", lon=120.65, lat=28.0))), "zones")
    standing = standing_of(first)
    columns = {"id": ["z-1"], "geometry_kind": ["indicative"]}
    same = table(columns, list(standing.geometry))
    assert prepared(same, "zones", standing=standing).report.warnings == ()
    done = prepared(table(columns, [SQUARE]), "zones", standing=standing, accuracy_m=1.0)
    assert [(one.row, one.field) for one in done.report.warnings] == [("2", "geometry_kind")]
    assert "surveyed" in done.report.warnings[0].expected


def test_a_layer_with_an_id_twice_or_without_takes_the_first() -> None:
    standing = standing_of(prepared(table({"id": ["a", "b", "c"]}, [SQUARE] * 3), "parcels"))
    standing["id"] = ["a", None, "a"]
    standing["note"] = ["1", "2", "3"]
    done = prepared(table({"id": ["a"], "note": ["x"]}, [None]), "parcels", standing=standing)
    assert done.report.ok, said(done.report)


def test_a_zone_that_is_a_point_needs_an_area_and_room() -> None:
    done = prepared(table(columns_of(zone("z-1", lon=120.65, lat=28.0, area_mu=None))), "zones")
    assert {one.field for one in done.report.faults} == {"area_mu"}
    vast = prepared(table(columns_of(zone("z-1", lon=120.65, lat=28.0, area_mu=1e6))), "zones")
    assert "does not fit into its district" in only(vast).expected


# control lines, land use, free layers


def test_control_lines_are_stored_by_their_code_whatever_they_are_called() -> None:
    kinds = ["永久基本农田", "ecological_red_line", "Urban growth boundary", None, "公路"]
    done = prepared(table({"kind": kinds}, [SQUARE] * 5), "control_lines")
    assert faults(done) == [("5", "kind", None), ("6", "kind", "公路")]
    good = prepared(table({"kind": kinds[:3]}, [SQUARE] * 3), "control_lines")
    assert good.frame["kind"].tolist() == [
        "permanent_farmland",
        "ecological_red_line",
        "urban_growth_boundary",
    ]


def test_land_use_needs_a_code_or_a_name() -> None:
    columns = {"code": ["0101", None, None], "land_use": [None, "耕地", None]}
    done = prepared(table(columns, [SQUARE] * 3), "land_use")
    assert faults(done) == [("4", "code", None)]


def test_a_new_layer_takes_its_fields_from_the_file() -> None:
    columns: dict[str, list[object]] = {
        "地块 编号": ["001", "002"],
        "'; DROP TABLE x": ["a", None],
        "🏭": ["１", "2"],
        "Floors": [3, None],
        "share": [0.5, 1],
        "built": ["2020-01-02", "2021年3月4日"],
        "open": ["是", "否"],
        "name_zh": ["甲", "乙"],
    }
    done = prepared(table(columns, [SQUARE, CITY]), None)
    assert done.report.ok, said(done.report)
    assert done.spec.free
    assert done.spec.geometry_type == "MultiPolygon"
    own = {one.name: (one.title.zh, one.type) for one in done.spec.own_fields}
    assert own == {
        "地块_编号": ("地块 编号", "text"),
        "drop_table_x": ("'; DROP TABLE x", "text"),
        "field": ("🏭", "integer"),
        "floors": ("Floors", "integer"),
        "share": ("share", "real"),
        "built": ("built", "date"),
        "open": ("open", "boolean"),
    }
    assert done.frame["地块_编号"].tolist() == ["001", "002"]
    assert done.frame["built"].tolist() == ["2020-01-02", "2021-03-04"]
    assert done.frame["open"].tolist() == [True, False]
    assert done.frame["name_zh"].tolist() == ["甲", "乙"]
    again = prepared(table(columns, [SQUARE, CITY]), done.spec)
    assert again.frame["id"].tolist() == done.frame["id"].tolist()
    assert again.report.left_out == ()


def test_a_new_layer_of_points_in_columns_does_not_keep_them_as_values() -> None:
    columns: dict[str, list[object]] = {"经度": ["120.65"], "纬度": [28.0], "备注": ["x"]}
    done = prepared(table(columns, crs=None), None, system="wgs84")
    assert done.report.ok, said(done.report)
    assert done.spec.geometry_type == "Point"
    assert [one.name for one in done.spec.own_fields] == ["备注"]
    nowhere = prepared(table({"备注": ["x"]}), None)
    assert "a new layer needs positions" in only(nowhere).expected


def test_a_position_that_cannot_be_read_is_one_fault() -> None:
    source = table(columns_of(zone("z-1", lon="abc", lat=28.0), zone("z-2", lon=120.65, lat=28.0)))
    assert faults(prepared(source, "zones")) == [("2", "lon", "abc")]


def test_nothing_is_known_and_nothing_breaks() -> None:
    source = table(parcels(1), [SQUARE])
    done = prepare(source, LAYERS["parcels"], options=PrepareOptions("parcels", TODAY))
    assert done.report.ok
    points = table(columns_of(zone("z-1", lon=120.65, lat=28.0)))
    alone = prepare(points, LAYERS["zones"], options=PrepareOptions("zones", TODAY), known=Known())
    assert alone.report.ok, said(alone.report)
    assert area_m2(alone.frame["geometry"].to_numpy(), STORAGE_CRS) == pytest.approx(
        [300.0 * M2_PER_MU]
    )
