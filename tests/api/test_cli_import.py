"""`ouzhi import`: a second batch, surveys, lines, roads; and what then follows the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from bad_files import HEAD, XIAN
from brought_files import zipped
from shapes import require_shape
from small_workspace import copied

from geo.crs import STORAGE_CRS
from geo.datums import write_as
from geo.measure import M2_PER_MU, area_m2
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]
Import = Callable[..., dict[str, Any]]

ROWS = (
    ("zone-81", "某某工业区", "鹿城区", "鹿城区", "１１２亩", 2, 81, 120.6530, 27.9830, 1000),
    ("zone-82", "另一工业区", "瓯海区", "瓯海区", "11.2公顷", 2, 82, 120.6000, 27.9700, 800),
)
PLOT = shapely.box(120.65, 27.98, 120.655, 27.985)


@pytest.fixture
def store(workspace: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace that the commands use: a copy in a folder of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    path = copied(workspace, folder / "a.gpkg")
    monkeypatch.setenv("OUZHI_WORKSPACE", str(path))
    return GeoPackageStore(path)


@pytest.fixture
def brought(run: Run, store: GeoPackageStore) -> Import:
    """Import a file, which must work, and return the one JSON object."""

    def call(path: Path, layer: str, *arguments: str) -> dict[str, Any]:
        code, out, err = run("import", str(path), "--layer", layer, *arguments, "--json")
        assert (code, err) == (0, ""), err
        assert out.count("\n") == 1
        document = json.loads(out)
        require_shape("import", document)
        assert isinstance(document, dict)
        return document

    return call


def as_csv(path: Path, rows: Sequence[Sequence[object]] = ROWS) -> Path:
    lines = [HEAD, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


def as_xlsx(path: Path, rows: Sequence[Sequence[object]] = ROWS) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD.split(","), *rows):
        sheet.append(list(row))
    book.save(path)
    return path


def as_shapefile(folder: Path, system: str, prj: str | None, **columns: Any) -> Path:
    """A zipped Shapefile of one plot in a system, with the .prj given or none."""
    folder.mkdir()
    frame = gpd.GeoDataFrame(columns, geometry=write_as([PLOT], system), crs="EPSG:4490")
    frame.to_file(folder / "勘测.shp", encoding="GBK", engine="pyogrio")
    parts = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".prj"}
    if prj is not None:
        parts["勘测.prj"] = prj.encode()
    return zipped(folder / "勘测.zip", parts)


def as_boundary_points(path: Path, zone: str, name: str) -> Path:
    """The plot as exchange text, X north and Y east with the zone number, stated in hectares."""
    corners = shapely.get_coordinates(write_as([PLOT], "EPSG:4528"))
    hectares = float(area_m2([PLOT], STORAGE_CRS)[0]) / 10_000.0
    points = [
        f"J{row % (len(corners) - 1) + 1},1,{north:.4f},{east:.4f}"
        for row, (east, north) in enumerate(corners)
    ]
    head = [
        *(
            "[属性描述]",
            "格式版本号=1.01版本",
            "数据产生单位=某测绘院",
            "坐标系=2000国家大地坐标系",
        ),
        *("几度分带=3", "投影类型=高斯克吕格", "计量单位=米", "带号=40", "精度=0.001"),
        *("转换参数=,,,,,,", "[地块坐标]", f"{len(corners)},{hectares:.4f},{zone},{name},面,,,,@"),
    ]
    path.write_text("\r\n".join([*head, *points]) + "\r\n", encoding="gb18030")
    return path


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_second_batch_of_zones_comes_as_a_table(
    brought: Import,
    store: GeoPackageStore,
    tmp_path: Path,
    write: Callable[[Path], Path],
) -> None:
    before = store.read_layer("zones")
    path = write(tmp_path / ("第二批.csv" if write is as_csv else "第二批.xlsx"))
    done = brought(path, "zones", "--datum", "cgcs2000", "--source", "温政办〔2024〕1号")
    assert (done["inserted"], done["updated"], done["unchanged"]) == (2, 0, 0)
    zones = store.read_layer("zones").set_index("id")
    assert len(zones) == len(before) + 2
    second = zones.loc[["zone-81", "zone-82"]]
    assert list(second["batch"]) == [2, 2]
    assert list(second["area_mu"]) == [112.0, 168.0]
    assert list(second["geometry_kind"]) == ["indicative"] * 2
    assert list(second["source"]) == ["温政办〔2024〕1号"] * 2
    drawn = area_m2(second.geometry.to_numpy(), STORAGE_CRS)
    assert drawn == pytest.approx([112.0 * M2_PER_MU, 168.0 * M2_PER_MU], rel=1e-9)
    others = zones.geometry.drop(index=["zone-81", "zone-82"]).to_numpy()
    for shape in second.geometry:
        assert shapely.area(shapely.intersection(shape, others)).max() < 1e-12
    hosts = store.read_layer("districts").set_index("name_zh").geometry
    for shape, host in zip(second.geometry, second["host_district"], strict=True):
        assert shapely.area(shapely.difference(shape, hosts[host])) < 1e-12
    same = store.read_layer("zones").iloc[: len(before)]
    assert list(same["id"]) == list(before["id"])


@pytest.mark.parametrize("kind", ["shapefile", "web_map", "boundary_points"])
def test_a_survey_replaces_an_indicative_footprint_and_the_old_one_stays_in_the_history(
    brought: Import, store: GeoPackageStore, tmp_path: Path, kind: str
) -> None:
    before = store.read_layer("zones").set_index("id")
    last = store.revisions(limit=1)[0].number
    options = ["--accuracy-m", "0.5", "--why", "2026 年勘测"]
    if kind == "boundary_points":
        path = as_boundary_points(
            tmp_path / "界址.txt", "zone-03", before.loc["zone-03", "name_zh"]
        )
    elif kind == "web_map":
        path = as_shapefile(tmp_path / "shp", "gcj02", None, id=["zone-03"])
        options += ["--datum", "gcj02"]
    else:
        path = as_shapefile(tmp_path / "shp", "EPSG:4528", PRJ_4528, id=["zone-03"])
    done = brought(path, "zones", *options)
    assert (done["updated"], done["inserted"], done["written"]) == (1, 0, True)
    after = store.read_layer("zones").set_index("id").loc["zone-03"]
    assert after["geometry_kind"] == "surveyed"
    assert after["accuracy_m"] == 0.5
    assert after["name_zh"] == before.loc["zone-03", "name_zh"]
    assert after["area_mu"] == before.loc["zone-03", "area_mu"]
    assert shapely.hausdorff_distance(after["geometry"], PLOT) < 1e-8
    assert PLOT.contains(shapely.Point(after["ref_lon"], after["ref_lat"]))
    assert after["area_m2"] == pytest.approx(float(area_m2([PLOT], STORAGE_CRS)[0]), rel=1e-6)
    assert any(one["field"] == "area_mu" for one in done["warnings"])
    then = store.at(last).read_layer("zones").set_index("id").loc["zone-03"]
    assert then["geometry_kind"] == "indicative"
    assert shapely.equals_exact(then["geometry"], before.loc["zone-03", "geometry"], 0.0)
    (entry,) = store.differences(last, last + 1)
    assert entry.key == "zone-03"


PRJ_4528 = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_40",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",40500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def test_a_shapefile_on_an_old_datum_is_refused(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    path = as_shapefile(tmp_path / "shp", "EPSG:4549", XIAN, id=["zone-03"])
    code, out, err = run("import", str(path), "--layer", "zones", "--lang", "zh")
    assert (code, out) == (2, "")
    assert "西安 1980" in err


def test_the_same_file_twice_makes_no_second_revision_and_a_dry_run_none(
    brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    path = as_csv(tmp_path / "第二批.csv")
    before = store.path.read_bytes()
    dry = brought(path, "zones", "--datum", "wgs84", "--dry-run")
    assert (dry["dry_run"], dry["written"], dry["inserted"]) == (True, False, 2)
    assert store.path.read_bytes() == before
    first = brought(path, "zones", "--datum", "wgs84")
    after, count = store.path.read_bytes(), len(store.revisions())
    again = brought(path, "zones", "--datum", "wgs84")
    assert first["revision"] is not None
    assert (again["revision"], again["unchanged"]) == (None, 2)
    assert store.path.read_bytes() == after
    assert len(store.revisions()) == count


def lines_file(path: Path, *kinds: str) -> Path:
    """Control lines of these kinds: a box over the middle of the city each."""
    boxes = [shapely.box(120.5 + k / 100.0, 27.9, 121.0, 28.1) for k in range(len(kinds))]
    gpd.GeoDataFrame({"kind": list(kinds)}, geometry=boxes, crs=4490).to_file(
        path, driver="GeoJSON"
    )
    return path


def test_the_heading_follows_the_control_lines(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    def ranked(lang: str = "en") -> dict[str, Any]:
        code, out, _ = run("score", "core-zone", "--json", "--lang", lang)
        assert code == 0
        found = json.loads(out)
        assert isinstance(found, dict)
        return found

    assert ranked()["heading"].startswith("Not checked against the control lines")
    brought(lines_file(tmp_path / "one.geojson", "生态保护红线"), "control_lines")
    one = ranked()
    assert one["heading"].startswith("Not checked against all control lines")
    assert "urban growth boundary" in one["heading"]
    assert "red line" not in one["heading"]
    assert any("alternatives are on ecological red line" in said for said in one["warnings"])
    assert ranked("zh")["heading"].startswith("未核对全部三区三线：永久基本农田、城镇开发边界")
    both = lines_file(tmp_path / "two.geojson", "permanent_farmland", "城镇开发边界")
    done = brought(both, "control_lines")
    assert done["inserted"] == 2
    three = ranked()
    assert three["heading"] is None
    assert sum("alternatives are" in said for said in three["warnings"]) == 3
    code, out, _ = run("layers", "--json")
    listed = {layer["id"]: layer for layer in json.loads(out)["layers"]}
    assert (code, listed["control_lines"]["features"]) == (0, 3)


def test_land_use_by_code_and_parcels_and_roads_stand_in_the_list_of_layers(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    land = gpd.GeoDataFrame(
        {"地类代码": ["0101", "0301"], "地类名称": ["水田", "乔木林地"]},
        geometry=[PLOT, PLOT],
        crs=4490,
    )
    land.to_file(tmp_path / "land.gpkg")
    brought(tmp_path / "land.gpkg", "land_use")
    assert sorted(store.read_layer("land_use")["code"]) == ["0101", "0301"]
    parcels = gpd.GeoDataFrame({"用途": ["工业"]}, geometry=[PLOT], crs=4490)
    parcels.to_file(tmp_path / "parcels.fgb", driver="FlatGeobuf")
    done = brought(tmp_path / "parcels.fgb", "parcels")
    assert done["inserted"] == 1
    road = shapely.LineString([(120.60, 28.0), (120.70, 28.0)])
    roads = gpd.GeoDataFrame({"name_zh": ["大路"], "oneway": [True]}, geometry=[road], crs=4490)
    roads.to_file(tmp_path / "roads.geojson", driver="GeoJSON")
    brought(tmp_path / "roads.geojson", "roads")
    code, out, _ = run("layers", "--json", "--lang", "en")
    listed = {layer["id"]: layer for layer in json.loads(out)["layers"]}
    assert code == 0
    for name in ("land_use", "parcels", "roads"):
        assert listed[name]["features"] > 0
        assert listed[name]["empty"] is False


def test_an_imported_road_can_be_named_as_a_barrier(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    road = shapely.LineString([(119.5, 27.99), (121.5, 27.99)])
    frame = gpd.GeoDataFrame({"id": ["r1"], "name_zh": ["大路"]}, geometry=[road], crs=4490)
    frame.to_file(tmp_path / "roads.geojson", driver="GeoJSON")
    brought(tmp_path / "roads.geojson", "roads")
    asked = ("--min-mu", "200", "--max-mu", "400", "--cell-m", "200", "--reach-m", "600")
    where = ("--district", "鹿城区", "--barriers", "roads", "--json", "--lang", "en")
    code, out, err = run("zone", "core-zone", *asked, *where)
    assert code == 0, err
    zone = json.loads(out)
    shape = shapely.from_geojson(json.dumps(zone["geometry"]))
    assert not shapely.crosses(shape, road)
    assert "roads" in json.dumps(zone, ensure_ascii=False)


def test_a_new_layer_has_its_titles_in_both_languages(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    path = tmp_path / "wells.csv"
    path.write_text("井号,深度（米）,经度,纬度\n甲,12,120.65,28.0\n乙,30.5,120.66,28.0\n", "utf-8")
    titled = ("--title-zh", "水井", "--title-en", "Wells", "--datum", "wgs84")
    done = brought(path, "wells", *titled, "--lang", "en")
    assert (done["new_layer"], done["title"], done["inserted"]) == (True, "Wells", 2)
    code, out, _ = run("layers", "--json", "--lang", "zh")
    listed = {layer["id"]: layer for layer in json.loads(out)["layers"]}
    assert code == 0
    assert listed["wells"]["title"] == "水井"


def test_columns_are_mapped_and_those_left_out_are_told(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,税,心情\nzone-01,12.5,好\n", encoding="utf-8")
    mapped = ("--map", "编码=id", "--map", "税=tax_10k_yuan_per_mu")
    done = brought(path, "zones", *mapped, "--dry-run")
    assert done["columns"] == [
        {"column": "编码", "field": "id"},
        {"column": "税", "field": "tax_10k_yuan_per_mu"},
    ]
    assert done["left_out"] == ["心情"]
    code, out, _ = run("import", str(path), "--layer", "zones", *mapped, "--lang", "zh")
    assert code == 0
    assert "心情" in out


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("第二批.csv → zones", "已写入，版本", "新增 2", "不变 0")),
        ("en", ("第二批.csv → zones", "Written as revision", "new 2", "unchanged 0")),
    ],
)
def test_the_terminal_tells_what_was_written(
    run: Run, store: GeoPackageStore, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    path = as_csv(tmp_path / "第二批.csv")
    told = ("import", str(path), "--layer", "zones", "--datum", "wgs84", "--lang", lang)
    code, out, err = run(*told, "--author", "规划科", "--why", "公布第二批")
    assert (code, err) == (0, "")
    assert [word for word in words if word not in out] == []
    made = store.revisions(limit=1)[0]
    assert (made.author, made.reason, made.kind) == ("规划科", "公布第二批", "import")
    code, out, _ = run(*told)
    assert code == 0
    assert ("未产生版本" if lang == "zh" else "no revision") in out


def test_the_report_is_written_where_faults_stop_it_and_where_nothing_does(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    bad = as_csv(tmp_path / "bad.csv", [(*ROWS[0][:4], "很大", *ROWS[0][5:])])
    good = as_csv(tmp_path / "good.csv")
    for path, expected in ((bad, 2), (good, 0)):
        report = tmp_path / f"{path.stem}.xlsx"
        told = ("import", str(path), "--layer", "zones", "--datum", "wgs84", "--dry-run")
        code, _, _ = run(*told, "--report", str(report))
        assert code == expected
        cells = {
            str(cell.value)
            for sheet in openpyxl.load_workbook(report)
            for row in sheet.iter_rows()
            for cell in row
        }
        assert ("很大" in cells) == (path is bad)
    code, out, err = run(*told, "--report", "/proc/none/a.xlsx", "--lang", "en")
    assert (code, out) == (2, "")
    assert "cannot be written to /proc/none/a.xlsx" in err


def test_a_terminal_shows_the_first_faults_and_json_all(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    rows = [(f"zone-{100 + k}", *ROWS[0][1:4], "很大", *ROWS[0][5:]) for k in range(60)]
    path = as_csv(tmp_path / "many.csv", rows)
    told = ("import", str(path), "--layer", "zones", "--datum", "wgs84", "--lang", "en")
    code, out, err = run(*told)
    assert (code, out) == (2, "")
    assert "the first 20 follow" in err
    assert len(err.splitlines()) == 21
    code, out, err = run(*told, "--json")
    assert (code, out) == (2, "")
    assert len(json.loads(err)["errors"]) >= 60


def test_repairs_are_listed_with_their_areas_and_large_ones_wait_for_leave(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    spike = shapely.Polygon(
        [(120.65, 27.98), (120.66, 27.98), (120.66, 27.99), (120.70, 28.02), (120.66, 27.99),
         (120.65, 27.99)]
    )  # fmt: skip
    bow_tie = shapely.Polygon([(120.70, 27.98), (120.71, 27.99), (120.71, 27.98), (120.70, 27.99)])
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[spike], crs=4490).to_file(tmp_path / "spike.gpkg")
    done = brought(tmp_path / "spike.gpkg", "parcels", "--lang", "en")
    (repair,) = done["repairs"]
    assert repair["id"] == "a"
    assert repair["share"] < 0.01
    assert repair["area_after_m2"] == pytest.approx(repair["area_before_m2"], rel=0.01)
    gpd.GeoDataFrame({"id": ["b"]}, geometry=[bow_tie], crs=4490).to_file(tmp_path / "b.gpkg")
    code, out, err = run("import", str(tmp_path / "b.gpkg"), "--layer", "parcels")
    assert (code, out) == (2, "")
    assert "--accept-repair" in err
    done = brought(tmp_path / "b.gpkg", "parcels", "--accept-repair")
    assert [one["id"] for one in done["repairs"]] == ["b"]
    assert store.read_layer("parcels").geometry.is_valid.all()


def test_replace_deletes_what_the_file_has_not(
    brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    boxes = [shapely.box(120.65 + k / 100, 28.0, 120.655 + k / 100, 28.005) for k in range(3)]
    frame = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=boxes, crs=4490)
    frame.to_file(tmp_path / "three.gpkg")
    brought(tmp_path / "three.gpkg", "parcels")
    frame.iloc[:2].to_file(tmp_path / "two.gpkg")
    kept = brought(tmp_path / "two.gpkg", "parcels", "--data-date", "2026-11-29")
    assert kept["deleted"] == 0
    dry = brought(tmp_path / "two.gpkg", "parcels", "--replace", "--dry-run")
    done = brought(tmp_path / "two.gpkg", "parcels", "--replace")
    assert (dry["deleted"], done["deleted"]) == (1, 1)
    assert sorted(store.read_layer("parcels")["id"]) == ["a", "b"]


def test_a_template_brings_back_exactly_what_was_edited(
    run: Run, brought: Import, store: GeoPackageStore, tmp_path: Path
) -> None:
    path = tmp_path / "zones.xlsx"
    code, _, err = run("export", "zones", "-o", str(path), "--lang", "zh")
    assert code == 0, err
    assert brought(path, "zones")["unchanged"] == 80
    before = store.read_layer("zones").set_index("id")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = {str(cell.value): place for place, cell in enumerate(sheet[1], start=1)}
    (row,) = [cells[0].row for cells in sheet.iter_rows() if cells[0].value == "zone-05"]
    sheet.cell(row, titles["亩均税收（万元/亩）"]).value = 31.5
    sheet.cell(row, titles["列入负面清单"]).value = "是"
    book.save(path)
    done = brought(path, "zones")
    assert (done["updated"], done["unchanged"]) == (1, 79)
    after = store.read_layer("zones").set_index("id")
    changed = ["tax_10k_yuan_per_mu", "negative_list"]
    assert after.loc["zone-05", changed].tolist() == [31.5, True]
    pd.testing.assert_frame_equal(
        after.drop(columns=changed), before.drop(columns=changed), check_like=True
    )
    with store.changing(author="b", reason="meanwhile") as change:
        change.put("zones", pd.DataFrame({"id": ["zone-05"], "tax_10k_yuan_per_mu": [40.0]}))
    code, out, err = run("import", str(path), "--layer", "zones", "--lang", "en")
    assert (code, out) == (2, "")
    assert "31.5" in err
    assert "40.0" in err
