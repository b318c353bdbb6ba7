"""Workspaces that cannot be read or written: one clear sentence, and what was there stays."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from crash_trials import CITY, parcels
from hard_disks import file_limit, sealed, small_disk
from small_workspace import copied, small_workspace, write_small_workspace
from system_parts import SYSTEM_PYTHON
from workspace_soundness import require_sound

from layers.catalog import LAYERS
from layers.errors import LayerError, WorkspaceError
from layers.store import database
from layers.store.geopackage import GeoPackageStore, create_workspace
from layers.store.records import METADATA
from layers.workspace import fill_workspace

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one district and one parcel; not to be changed."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.gpkg"
    write_small_workspace(path)
    with GeoPackageStore(path).changing(author="a", reason="r", kind="import") as change:
        change.put("parcels", parcels_of(1))
    return path


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "城 市?.gpkg")


def parcels_of(count: int, start: int = 0) -> pd.DataFrame:
    frame: pd.DataFrame = parcels(np.random.default_rng(7), np.arange(start, start + count))
    return frame


def edit(path: Path, count: int = 3) -> None:
    """Add some parcels."""
    with GeoPackageStore(path).changing(author="a", reason="r") as change:
        change.put("parcels", parcels_of(count, start=10))


def build(path: Path) -> None:
    """What `ouzhi build --out` does once it has read the facts."""
    layers, tables = small_workspace()
    fill_workspace(path, layers, tables, CITY)


def read(path: Path) -> None:
    """Read everything."""
    store = GeoPackageStore(path)
    assert store.metadata["hash"]
    for name in store.specs():
        store.read_layer(name)


# --- files that are no workspace, or another version's -------------------------------------------


def zero_bytes(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("hello, I am no database", encoding="utf-8")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def a_page_less(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def first_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE other (a)")


def no_format(path: Path) -> None:
    said(path, f"DELETE FROM {METADATA} WHERE key = 'format'")


def said(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (METADATA,)
        ).fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute(statement)


def newer(path: Path) -> None:
    said(path, f"UPDATE {METADATA} SET value = '3' WHERE key = 'format'")


def older(path: Path) -> None:
    said(path, f"UPDATE {METADATA} SET value = '1' WHERE key = 'format'")


NO_WORKSPACE = ("is not a readable workspace; put a backup in its place", "不是可读的工作区；请用")
OTHER_FORMAT = "is a workspace of format {}, this version reads format 2; {}"
SPOILT: dict[Callable[[Path], None], tuple[str, str]] = {
    zero_bytes: NO_WORKSPACE,
    text: NO_WORKSPACE,
    half: NO_WORKSPACE,
    a_page_less: NO_WORKSPACE,
    first_page: NO_WORKSPACE,
    foreign: NO_WORKSPACE,
    newer: (OTHER_FORMAT.format(3, "update ouzhi"), "本版本读取格式 2；请升级 ouzhi"),
    older: (OTHER_FORMAT.format(1, "build a new one at"), "的工作区格式为 1，本版本读取格式 2"),
    no_format: (OTHER_FORMAT.format(r"\?", "build a new one at"), "的工作区格式为 ?"),
}


@pytest.mark.parametrize("act", [read, edit, build])
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_file_that_is_no_workspace_is_said_so_and_stays_as_it_is(
    spoil: Callable[[Path], None], act: Callable[[Path], None], path: Path
) -> None:
    spoil(path)
    before = path.read_bytes()
    en, zh = SPOILT[spoil]
    with pytest.raises(WorkspaceError, match=en) as caught:
        act(path)
    assert zh in caught.value.of("zh")
    assert str(path) in caught.value.of("zh")
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_store_that_is_open_meets_what_the_file_has_become(
    spoil: Callable[[Path], None], path: Path
) -> None:
    store = GeoPackageStore(path)
    spoil(path)
    before = path.read_bytes()
    with (
        pytest.raises(WorkspaceError, match=SPOILT[spoil][0]),
        store.changing(author="a", reason="r") as change,
    ):
        change.put("parcels", parcels_of(3, start=10))
    assert path.read_bytes() == before


@pytest.mark.parametrize("spoil", [zero_bytes, half, newer])
def test_the_command_to_build_never_overwrites(
    spoil: Callable[[Path], None], path: Path, run: Run
) -> None:
    spoil(path)
    before = path.read_bytes()
    for lang, title in (("en", "Bad input: "), ("zh", "输入有误")):
        code, out, err = run("build", "--out", str(path), "--lang", lang)
        assert (code, out) == (2, "")
        assert err.startswith(title)
        assert str(path) in err
        assert err.count("\n") == 1
    assert path.read_bytes() == before


def test_a_folder_is_no_place_for_a_workspace(tmp_path: Path) -> None:
    for act in (read, build):
        with pytest.raises(WorkspaceError, match=r"there is no workspace at .*, which is a folder"):
            act(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["journal", "wal"])
def test_the_journal_of_a_file_that_was_moved_away_is_not_taken_for_anothers(
    kind: str, path: Path
) -> None:
    path.rename(path.with_name("moved.gpkg"))
    journal = path.with_name(f"{path.name}-{kind}")
    journal.write_bytes(b"what the moved file needs")
    with pytest.raises(WorkspaceError, match="belongs to the workspace that stood at") as caught:
        build(path)
    assert f"{journal} 属于原在 {path} 的工作区" in caught.value.of("zh")
    assert journal.read_bytes() == b"what the moved file needs"
    assert not path.exists()


def test_another_citys_workspace_is_not_built_over(path: Path) -> None:
    layers, tables = small_workspace()
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="is the workspace of 试验市; build 另一市 at another"):
        fill_workspace(path, layers, tables, {**CITY, "city": "另一市"})
    assert path.read_bytes() == before


def test_a_place_that_was_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"

    def meanwhile(_: GeoPackageStore) -> None:
        path.write_text("somebody else's")

    with pytest.raises(WorkspaceError, match="is there already; choose another place") as caught:
        create_workspace(path, CITY, meanwhile)
    assert "已存在" in caught.value.of("zh")
    assert path.read_text() == "somebody else's"
    assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]


# --- parts that another program took out ---------------------------------------------------------


@pytest.mark.parametrize(
    "statements",
    [("DROP TABLE parcels",), ("ALTER TABLE parcels RENAME TO mine",)],
    ids=["dropped", "renamed"],
)
def test_a_table_that_another_program_took_away_is_named(
    statements: tuple[str, ...], path: Path
) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for statement in statements:
            file.execute(statement)
    store = GeoPackageStore(path)
    for attempt in (lambda: store.read_layer("parcels"), lambda: edit(path), lambda: build(path)):
        with pytest.raises(WorkspaceError, match="lacks parcels, which another program rem") as e:
            attempt()
        assert f"{path} 缺少 parcels，它已被另一程序删除或改名" in e.value.of("zh")
    assert len(store.read_layer("districts")) == 1


@pytest.mark.system("validate_gpkg")
def test_a_layer_that_ogr_deletes_is_named(path: Path) -> None:
    program = (
        "import sys\nfrom osgeo import ogr\nogr.UseExceptions()\n"
        "file = ogr.Open(sys.argv[1], 1)\nfile.DeleteLayer('parcels')\n"
    )
    subprocess.run([str(SYSTEM_PYTHON), "-c", program, str(path)], check=True, capture_output=True)
    with pytest.raises(WorkspaceError, match="lacks parcels, which another program removed"):
        edit(path)


# --- files that are held by another program ------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 0.05)


@contextmanager
def qgis(path: Path, mode: str, *statements: str) -> Iterator[sqlite3.Connection]:
    """Another program with the file open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"PRAGMA journal_mode = {mode}")
        for statement in statements:
            file.execute(statement).fetchall()
        yield file


BUSY = "another program is using .*; close it there"


@pytest.mark.usefixtures("impatient")
def test_a_file_locked_for_itself_by_another_program_is_busy(path: Path) -> None:
    before = path.read_bytes()
    with qgis(path, "DELETE", "BEGIN EXCLUSIVE"):
        for act in (read, edit, build):
            with pytest.raises(WorkspaceError, match=BUSY) as caught:
                act(path)
            assert "另一程序正在使用" in caught.value.of("zh")
    assert path.read_bytes() == before
    edit(path)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_while_another_program_edits_one_reads_and_does_not_write(mode: str, path: Path) -> None:
    digest = GeoPackageStore(path).metadata["hash"]
    with qgis(path, mode, "BEGIN IMMEDIATE", "UPDATE ouzhi_documents SET body = ''"):
        assert GeoPackageStore(path).metadata["hash"] == digest
        for act in (edit, build):
            with pytest.raises(WorkspaceError, match=BUSY):
                act(path)
    assert GeoPackageStore(path).metadata["hash"] == digest
    edit(path)
    require_sound(path)


@pytest.mark.usefixtures("impatient")
def test_a_long_reader_holds_a_commit_up_and_nothing_is_half_there(path: Path) -> None:
    digest = GeoPackageStore(path).metadata["hash"]
    with qgis(path, "DELETE", "BEGIN", "SELECT count(*) FROM zones"):
        with pytest.raises(WorkspaceError, match=BUSY):
            edit(path)
        assert GeoPackageStore(path).metadata["hash"] == digest
    edit(path)
    require_sound(path)


@pytest.mark.usefixtures("impatient")
def test_a_reader_with_a_write_ahead_log_holds_nobody_up_and_sees_its_own_state(path: Path) -> None:
    with qgis(path, "WAL", "BEGIN", "SELECT count(*) FROM parcels") as file:
        edit(path)
        assert file.execute("SELECT count(*) FROM parcels").fetchone() == (1,)
        assert GeoPackageStore(path).count("parcels") == 4
        file.execute("COMMIT")
        assert file.execute("SELECT count(*) FROM parcels").fetchone() == (4,)
    require_sound(path)


def test_a_log_that_a_dead_program_left_is_brought_into_the_file(path: Path) -> None:
    program = (
        "import os, sqlite3, sys\nfile = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "file.execute('PRAGMA journal_mode = WAL')\n"
        'file.execute("INSERT INTO ouzhi_documents (kind, id, saved, summary, body)"\n'
        "             \" VALUES ('result', 'a', '', '{}', 'in the log')\")\nos._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert path.with_name(f"{path.name}-wal").stat().st_size > 0
    found = GeoPackageStore(path).read_document("result", "a")
    assert found is not None
    edit(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    alone = copied(path, path.parent / "copy.gpkg")
    assert GeoPackageStore(alone).read_document("result", "a") == found


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_file_marked_for_a_log_is_read_where_nothing_can_be_written(
    fresh: Path, open_folder: Path
) -> None:
    path = copied(fresh, open_folder / "a.gpkg")
    with qgis(path, "WAL"):
        pass
    with sealed((path, 0o444), (open_folder, 0o555)):
        assert GeoPackageStore(path).count("parcels") == 1
        with pytest.raises(WorkspaceError, match=r"nothing was saved: .*cannot be written"):
            edit(path)
    assert [one.name for one in open_folder.iterdir()] == ["a.gpkg"]


def test_a_log_that_cannot_be_read_without_writing_is_said(fresh: Path, open_folder: Path) -> None:
    path = copied(fresh, open_folder / "a.gpkg")
    with qgis(path, "WAL", "UPDATE ouzhi_documents SET body = ''"):
        log = shutil.copy(f"{path}-wal", open_folder / "kept")
    shutil.copy(fresh, path)
    with qgis(path, "WAL"):
        pass
    Path(log).rename(f"{path}-wal")
    wal = path.with_name("a.gpkg-wal")
    with sealed((path, 0o444), (wal, 0o444), (open_folder, 0o555)):
        with pytest.raises(WorkspaceError, match="was cut off, and undoing it needs writing") as e:
            GeoPackageStore(path)
        assert "须先撤销才能读取" in e.value.of("zh")


# --- disks and folders that take nothing ---------------------------------------------------------


def test_a_read_only_folder_reads_and_says_that_nothing_was_saved(
    fresh: Path, open_folder: Path
) -> None:
    path = copied(fresh, open_folder / "a.gpkg")
    before = path.read_bytes()
    with sealed((path, 0o644), (open_folder, 0o555)):
        read(path)
        for act in (edit, build):
            with pytest.raises(WorkspaceError, match=r"nothing was saved: .*cannot be wri") as e:
                act(path)
            assert "未保存：无法写入" in e.value.of("zh")
        with pytest.raises(WorkspaceError, match=r"cannot be written to .*new.gpkg .*--out"):
            build(open_folder / "new.gpkg")
    assert path.read_bytes() == before
    assert [one.name for one in open_folder.iterdir()] == ["a.gpkg"]


def test_a_file_that_may_not_be_read_is_said_so(fresh: Path, open_folder: Path) -> None:
    path = copied(fresh, open_folder / "a.gpkg")
    with sealed((path, 0o000)):
        with pytest.raises(
            WorkspaceError, match=r"cannot be read .*; allow reading the f"
        ) as caught:
            GeoPackageStore(path)
        assert "请检查文件的读权限" in caught.value.of("zh")


SMALL_DISK = 3_000_000


def test_a_full_disk_keeps_what_was_there(fresh: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path, SMALL_DISK) as mounted:
        if not mounted:
            pytest.skip("only root may mount a disk; the limit of file sizes is tested below")
        path = copied(fresh, tmp_path / "a.gpkg")
        digest = GeoPackageStore(path).metadata["hash"]
        with pytest.raises(WorkspaceError, match=r"nothing was saved: .*the disk is not full") as e:
            edit(path, 20_000)
        assert "磁盘空间" in e.value.of("zh")
        assert GeoPackageStore(path).metadata["hash"] == digest
        require_sound(path)
        with pytest.raises(WorkspaceError, match=r"cannot be written to .*b.gpkg .*full") as e:
            layers, tables = small_workspace()
            fill_workspace(tmp_path / "b.gpkg", {**layers, "parcels": full()}, tables, CITY)
        assert "无法写入工作区" in e.value.of("zh")
        assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]
        edit(path)
        require_sound(path)


def full() -> pd.DataFrame:
    return parcels_of(20_000).reindex(
        columns=[*(one.name for one in LAYERS["parcels"].fields), "geometry"]
    )


@pytest.mark.parametrize("room", [0, 50_000, 400_000, 1_500_000])
def test_a_file_that_may_not_grow_keeps_what_was_there(room: int, path: Path) -> None:
    digest = GeoPackageStore(path).metadata["hash"]
    program = (
        "import sys\nimport numpy as np\nfrom pathlib import Path\n"
        "from crash_trials import parcels\nfrom layers.errors import WorkspaceError\n"
        "from layers.store.geopackage import GeoPackageStore\n"
        "frame = parcels(np.random.default_rng(7), np.arange(20_000))\n"
        "try:\n"
        "    with GeoPackageStore(Path(sys.argv[1])).changing(author='', reason='') as change:\n"
        "        change.put('parcels', frame)\n"
        "except WorkspaceError as error:\n    sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=file_limit(path.stat().st_size + room),
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert done.returncode == 1, done.stderr
    assert "nothing was saved" in done.stderr
    assert GeoPackageStore(path).metadata["hash"] == digest
    require_sound(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


# --- an error of whoever changes -----------------------------------------------------------------


@pytest.mark.parametrize("fault", [OSError("no such file"), KeyError("x"), LayerError("a", "一")])
def test_an_error_inside_a_change_stays_what_it_is_and_nothing_is_stored(
    fault: Exception, path: Path
) -> None:
    digest = GeoPackageStore(path).metadata["hash"]
    with (
        pytest.raises(type(fault)) as caught,
        GeoPackageStore(path).changing(author="a", reason="r") as change,
    ):
        change.put("parcels", parcels_of(700, start=10))
        raise fault
    assert caught.value is fault
    assert GeoPackageStore(path).metadata["hash"] == digest
    assert GeoPackageStore(path).revisions(limit=1)[0].number == 2
