"""The gate: no byte of another local file comes back, no request leaves, no reading runs wild."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyogrio
import pytest
import shapely
from brought_files import (
    SECRET,
    feature,
    geojson,
    geopackage,
    kml,
    listed,
    placemark,
    plots,
    shapefile,
    vrt,
    zipped,
)

from geo.errors import Fault
from layers.errors import ImportFileError
from layers.importers import gate
from layers.importers.limits import Limits
from layers.importers.reading import list_tables, read_source
from layers.importers.source import SourceTable

ROOT = Path(__file__).resolve().parent.parent.parent.parent


@pytest.fixture(autouse=True)
def swept(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Give the gate a folder for its copies, which is empty again after every test."""
    folder = tmp_path_factory.mktemp("copies")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A local file that nothing brought in may show."""
    folder = tmp_path / "private"
    folder.mkdir()
    return geojson(folder / "secret.geojson", feature("Point", [120.0, 28.0], note=SECRET))


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server on this machine that must not be asked for anything."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1.0)
                    asked.append(connection.recv(200))

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        done.set()
        thread.join()
    assert asked == []


def everything(table: SourceTable) -> str:
    """All that a table says, as one text."""
    parts: list[object] = [table.name, table.crs, *table.columns, *table.rows, *table.notes]
    parts += [value for name in table.columns for value in table.columns[name]]
    parts += [table.faults, [] if table.geometry is None else [*table.geometry]]
    return repr(parts)


def refused(path: Path, layer: str | None = None) -> str:
    """The refusal of a file in both languages, each one line without a secret or our folders."""
    with pytest.raises(ImportFileError) as error:
        read_source(path, layer=layer)
    said = error.value.of("en") + error.value.of("zh") + repr(error.value.faults)
    assert SECRET not in said
    assert "TOPSECRET" not in said
    assert "ouzhi-gate" not in said
    assert "\n" not in said
    return error.value.of("en")


@pytest.mark.parametrize(
    "suffix", [".geojson", ".gpkg", ".kml", ".csv", ".txt", ".shp", ".dxf", ""]
)
def test_a_virtual_file_under_any_name_shows_nothing(
    tmp_path: Path, secret: Path, suffix: str
) -> None:
    path = tmp_path / f"plots{suffix}"
    path.write_text(vrt(secret), encoding="utf-8")
    assert "the root <OGRVRTDataSource>" in refused(path)


def test_a_virtual_file_asks_no_server(tmp_path: Path, server: str) -> None:
    for index, source in enumerate((f"{server}/a.geojson", f"/vsicurl/{server}/a.geojson")):
        path = tmp_path / f"{index}.geojson"
        path.write_text(vrt(source), encoding="utf-8")
        refused(path)
    wfs = tmp_path / "wfs.gml"
    wfs.write_text(f"<OGRWFSDataSource><URL>{server}/wfs</URL></OGRWFSDataSource>")
    assert "the root <OGRWFSDataSource>, of which only KML is read" in refused(wfs)
    capabilities = tmp_path / "wfs.xml"
    capabilities.write_text("<wfs:WFS_Capabilities xmlns:wfs='http://www.opengis.net/wfs/2.0'/>")
    assert "what is read: GeoPackage" in refused(capabilities)


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/a.geojson",
        "/vsizip//etc/a.zip/a.geojson",
        "/vsimem/a.geojson",
        "http://127.0.0.1:9/a.geojson",
        "PG:dbname=postgres",
        "WFS:http://127.0.0.1:9/",
        "a\0b",
        "x" * 5_000,
        "/dev/zero",
        "/etc",
        "",
    ],
)
def test_a_path_that_is_no_file_of_this_machine_is_refused(name: str) -> None:
    with pytest.raises(ImportFileError, match="is no file that can be read") as error:
        read_source(Path(name))
    assert "请给出本机上一个文件的路径" in error.value.of("zh")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert "is no file that can be read" in refused(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/a.gpkg",
        "../../etc/passwd",
        "a\0.csv",
        "x" * 5_000,
        "'; DROP.kml",
    ],
)
def test_the_name_that_its_owner_gives_is_never_opened(tmp_path: Path, name: str) -> None:
    path = geopackage(tmp_path / "a.gpkg").rename(tmp_path / "upload")
    before = path.read_bytes()
    assert read_source(path, filename=name).columns["a"].tolist() == ["x"]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["upload"]


def test_views_of_a_geopackage_are_not_run(tmp_path: Path) -> None:
    view = "CREATE VIEW v AS SELECT 1 AS fid, ogr_version() AS a"
    path = geopackage(tmp_path / "a.gpkg", view, listed("v"))
    assert list_tables(path) == ("plots",)
    assert 'no layer or sheet "v"' in refused(path, layer="v")
    only = geopackage(tmp_path / "b.gpkg", view, "DELETE FROM gpkg_contents", listed("v"))
    assert "views only (v), which are not read; save the views as layers" in refused(only)


@pytest.mark.parametrize(
    "module", ["VirtualOGR('{}')", "\"virtualogr\"('{}')", "csv(filename='{}')", "dbstat('{}')"]
)
def test_virtual_tables_that_could_read_other_files_refuse_the_geopackage(
    tmp_path: Path, secret: Path, module: str
) -> None:
    create = f"CREATE VIRTUAL TABLE leak USING {module.format(secret)}".replace("'", "''")
    insert = f"INSERT INTO sqlite_master VALUES ('table', 'leak', 'leak', 0, '{create}')"
    for index, contents in enumerate(("SELECT 1", listed("leak"))):
        path = geopackage(tmp_path / f"{index}.gpkg", insert, contents)
        assert 'the virtual table "leak", which could read other files' in refused(path)


def test_functions_in_the_schema_of_a_geopackage_do_not_run(tmp_path: Path) -> None:
    column = "ALTER TABLE plots ADD COLUMN g TEXT GENERATED ALWAYS AS (ogr_version()) VIRTUAL"
    path = geopackage(tmp_path / "a.gpkg", column)
    assert "of 1 rows only 0 can be read" in refused(path)


def test_triggers_and_attached_bases_change_nothing(tmp_path: Path) -> None:
    private = geopackage(tmp_path / "private.gpkg", f"UPDATE plots SET a = '{SECRET}'")
    trigger = "CREATE TRIGGER t AFTER INSERT ON plots BEGIN SELECT load_extension('/tmp/x.so'); END"
    path = geopackage(tmp_path / "a.gpkg", trigger)
    assert SECRET not in everything(read_source(path))
    named = geopackage(
        tmp_path / "b.gpkg", layer=f"x' UNION ATTACH '{private.name}".replace("'", "")
    )
    assert SECRET not in everything(read_source(named))
    shown = "INSERT INTO sqlite_master VALUES ('table','p','p',9999,'CREATE TABLE p (a)')"
    broken = geopackage(tmp_path / "c.gpkg", shown, listed("p"))
    assert "damaged" in refused(broken)


def test_sqlite_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "DROP TABLE gpkg_contents")
    assert "is SQLite but not a GeoPackage" in refused(path)
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 20)
    assert "is a damaged SQLite database" in refused(path)


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path, secret: Path) -> None:
    parts = shapefile(tmp_path / "made")
    link = zipfile.ZipInfo("a.dbf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix in (".shp", ".shx"):
            archive.writestr(f"a{suffix}", parts[suffix])
        archive.writestr(link, str(secret))
    assert 'a link or special file "a.dbf"' in refused(path)
    slip = zipped(tmp_path / "b.zip", {"../../evil.geojson": "{}"})
    assert "points outside of it" in refused(slip)
    assert not (tmp_path.parent / "evil.geojson").exists()


def test_kml_links_and_entities_ask_no_server_and_show_no_file(
    tmp_path: Path, server: str, secret: Path
) -> None:
    link = f"<NetworkLink><Link><href>{server}/a.kml</href></Link></NetworkLink>"
    icon = f"<Style><IconStyle><Icon><href>{server}/a.png</href></Icon></IconStyle></Style>"
    path = tmp_path / "a.kml"
    path.write_text(kml(link, icon, placemark(name="一")), encoding="utf-8")
    assert read_source(path).columns["name"].tolist() == ["一"]
    for target in (f"{server}/a.dtd", secret.as_uri()):
        entity = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{target}">]>'
        hostile = kml(placemark(name="&x;"), before=entity)
        path.write_text(hostile, encoding="utf-8")
        assert "a DOCTYPE or ENTITY declaration, which is not read" in refused(path)
        assert "DOCTYPE" in refused(zipped(tmp_path / "a.kmz", {"doc.kml": hostile}))


def test_a_workbook_with_external_links_asks_no_server(tmp_path: Path, server: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "name"])
    sheet.append(["1", "甲"])
    book.save(tmp_path / "a.xlsx")
    target = (
        f'Type="http://schemas/externalLinkPath" Target="{server}/b.xlsx" TargetMode="External"'
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
        archive.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            f'<Relationships><Relationship Id="rId1" {target}/></Relationships>',
        )
    assert read_source(tmp_path / "a.xlsx").columns["name"].tolist() == ["甲"]


def test_tables_of_text_come_through_the_gate_as_well(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes("编号,经度,纬度\n007,120.5,28.1\n".encode("gb18030"))
    table = read_source(path, filename="第二批.csv")
    assert (table.name, table.format, table.crs) == ("第二批", "csv", None)
    assert table.columns["编号"].tolist() == ["007"]
    assert list(table.rows) == ["2"]


IN_THE_CHILD = """
import json, os, sys
sys.path.insert(0, {root!r})
from layers.importers.vectors import start_gdal
gdal = start_gdal({driver!r}, {drivers!r})
for source in {sources!r}:
    try:
        print(gdal.raw.read(source))
    except Exception as error:
        print("refused", type(error).__name__)
"""


def test_gdal_itself_opens_nothing_remote_and_nothing_virtual(
    tmp_path: Path, server: str, secret: Path
) -> None:
    """Were a hostile name to reach GDAL past all else, drivers and settings would still hold."""
    virtual = tmp_path / "a.geojson"
    virtual.write_text(vrt(secret), encoding="utf-8")
    inline = f"<OGRVRTDataSource>{vrt(secret)}</OGRVRTDataSource>"
    sources = [f"/vsicurl/{server}/a.geojson", f"{server}/a.geojson", str(virtual), inline]
    code = IN_THE_CHILD.format(
        root=str(ROOT), driver="GeoJSON", drivers=[*pyogrio.list_drivers()], sources=sources
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "DataSourceError"] * len(sources)


def test_a_driver_that_is_there_all_the_same_stops_the_child(tmp_path: Path) -> None:
    code = IN_THE_CHILD.format(root=str(ROOT), driver="GeoJSON", drivers=["GPKG"], sources=[])
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert "expected GeoJSON alone" in done.stderr


FENCED = """
import os, socket, sys
sys.path.insert(0, {root!r})
from layers.importers.sandbox import fence
print(*sorted(fence(("numpy",))))
def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
print(tried(lambda: open({secret!r}).read()), tried(lambda: open({secret!r}, "a").close()))
print(tried(lambda: os.listdir("/etc")), tried(socket.socket))
print(tried(lambda: os.execv("/bin/sh", ["sh"])))
print(tried(lambda: open("mine", "w").close()), tried(lambda: open("mine").read()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the fence is the Linux kernel's")
def test_the_kernel_keeps_other_files_sockets_and_programs_from_the_child(
    tmp_path: Path, secret: Path
) -> None:
    code = FENCED.format(root=str(ROOT), secret=str(secret))
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=work
    )
    closed, outside, others, program, inside = done.stdout.splitlines()
    if closed != "files sockets":
        pytest.skip(f"this kernel or container fences only: {closed or 'nothing'}")
    assert outside == "PermissionError PermissionError"
    assert others == "PermissionError PermissionError"
    assert program == "PermissionError"
    assert inside == "done done"


def test_a_reading_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg")
    with pytest.raises(ImportFileError, match=r"took longer than 0\.01 seconds") as error:
        read_source(path, limits=Limits(seconds=0.01))
    assert "已停止" in error.value.of("zh")


def test_a_reading_that_wants_too_much_memory_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"type": "Feature", "a": [' + "[]," * 9_000_000 + "[]]}", encoding="utf-8")
    with pytest.raises(ImportFileError, match="needs more memory than is allowed") as error:
        read_source(path, limits=Limits(memory_bytes=700 << 20))
    assert "所需内存超过允许值" in error.value.of("zh")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.write(1, b'no arrow')", "the reading process ended with 0"),
        ("import os; os.abort()", "the reading process ended with -6"),
        ("import sys; sys.exit(3)", "the reading process ended with 3"),
        ("open('answer.json', 'w').write('{')", "the reading process ended with 0"),
        ("open('answer.json', 'w').write('{\"faults\": [], \"notes\": []}')", "not come out whole"),
        ("import pickle, os; os.write(1, pickle.dumps(print))", "the reading process ended with 0"),
        ("import time; time.sleep(60)", "took longer than 1 seconds"),
    ],
)
def test_a_child_that_fails_or_lies_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    monkeypatch.setattr(gate, "_START", code)
    path = geopackage(tmp_path / "a.gpkg")
    with pytest.raises(ImportFileError, match=said):
        read_source(path, limits=Limits(seconds=1.0 if "sleep" in code else 60.0))


def test_the_child_inherits_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OUZHI_TOKEN", SECRET)
    monkeypatch.setattr(
        gate,
        "_START",
        "import json, os; named = ' '.join(os.environ) + os.environ.get('OUZHI_TOKEN', '');"
        "answer = {'error': [named, ''], 'faults': [], 'notes': []};"
        "open('answer.json', 'w').write(json.dumps(answer))",
    )
    named = refused(geopackage(tmp_path / "a.gpkg"))
    assert "GDAL_CONFIG_FILE" in named
    assert "PROXY" not in named
    assert "OUZHI" not in named


def test_faults_come_out_with_their_rows_and_past_the_most_are_counted(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", *[feature("Point", ["x", 1])] * 5)
    table = read_source(path, limits=Limits(findings=3))
    assert [fault.row for fault in table.faults] == ["1", "2", "3"]
    assert isinstance(table.faults[0], Fault)
    assert table.notes[-1].zh == "另有 2 处错误未逐一列出"


def test_many_readings_at_once_do_not_meet(tmp_path: Path) -> None:
    paths = []
    for index in range(4):
        frame = plots()
        frame["area"] = float(index)
        frame.to_file(tmp_path / f"{index}.gpkg")
        paths.append(tmp_path / f"{index}.gpkg")
    found: dict[int, SourceTable] = {}

    def read(index: int) -> None:
        found[index] = read_source(paths[index])

    threads = [threading.Thread(target=read, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        assert found[index].columns["area"].tolist() == [float(index)] * 2
        shapes = found[index].geometry
        assert shapes is not None
        assert shapely.get_num_coordinates(shapes[0]) == 5
