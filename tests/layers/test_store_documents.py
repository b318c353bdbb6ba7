"""Documents saved in a workspace: round trips, two writers, rebuilds, what cannot be written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyogrio
import pytest
from hard_disks import file_limit, sealed
from small_workspace import copied, write_small_workspace
from system_parts import SYSTEM_PYTHON

from layers.errors import WorkspaceError
from layers.store import database
from layers.store.base import DocumentHead, StoredDocument
from layers.store.documents import DOCUMENTS
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

ONE = StoredDocument(
    "scenario", "mine", "2023-01-01T08:00:00.000Z", '{"title": "我的"}', 'id: mine\n# 甲, "乙"\n'
)
OTHER = replace(ONE, id="another", saved="2023-01-02T08:00:00.000Z", body="")
RESULT = replace(ONE, kind="result", body="{}")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which nothing is saved; not to be changed."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.gpkg"
    write_small_workspace(path)
    return path


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "城 市?.gpkg")


@pytest.fixture
def store(path: Path) -> GeoPackageStore:
    return GeoPackageStore(path)


def head_of(document: StoredDocument) -> DocumentHead:
    return DocumentHead(document.kind, document.id, document.saved, document.summary)


def test_what_is_saved_is_read_back(store: GeoPackageStore) -> None:
    for document in (ONE, OTHER, RESULT):
        assert store.write_document(document)
        assert store.read_document(document.kind, document.id) == document
    assert store.list_documents("scenario") == [head_of(OTHER), head_of(ONE)]
    assert store.list_documents("result") == [head_of(RESULT)]


def test_before_the_first_save_there_are_none(store: GeoPackageStore, path: Path) -> None:
    before = path.read_bytes()
    assert store.list_documents("scenario") == []
    assert store.read_document("result", "mine") is None
    assert not store.delete_document("scenario", "mine")
    assert path.read_bytes() == before


def test_a_taken_place_is_kept_unless_it_is_to_be_replaced(store: GeoPackageStore) -> None:
    later = replace(ONE, saved="2024-01-01T00:00:00.000Z", summary="{}", body="id: mine # 2\n")
    assert store.write_document(ONE)
    assert not store.write_document(later)
    assert store.read_document("scenario", "mine") == ONE
    assert store.write_document(later, replace=True)
    assert store.read_document("scenario", "mine") == later
    assert store.list_documents("scenario") == [head_of(later)]


def test_deleting_takes_one_and_tells(store: GeoPackageStore) -> None:
    for document in (ONE, OTHER, RESULT):
        store.write_document(document)
    assert store.delete_document("scenario", "mine")
    assert not store.delete_document("scenario", "mine")
    assert store.list_documents("scenario") == [head_of(OTHER)]
    assert store.read_document("result", "mine") == RESULT


@pytest.mark.parametrize("name", ["'; DROP TABLE zones; --", "%", "我的方案", "", "a\nb"])
def test_a_hostile_id_is_a_text_like_any_other(store: GeoPackageStore, name: str) -> None:
    document = replace(ONE, id=name)
    store.write_document(OTHER)
    assert store.write_document(document)
    assert store.read_document("scenario", name) == document
    assert store.delete_document("scenario", name)
    assert store.list_documents("scenario") == [head_of(OTHER)]
    assert len(store.read_layers()["districts"]) == 1


def test_saving_changes_neither_hash_nor_layers(store: GeoPackageStore, path: Path) -> None:
    digest, layers = store.metadata["hash"], store.read_layers()
    store.write_document(ONE)
    again = GeoPackageStore(path)
    assert again.metadata["hash"] == digest
    for name, layer in again.read_layers().items():
        assert layer.equals(layers[name])


def test_a_store_in_memory_serves_no_stale_documents(path: Path) -> None:
    kept, other = MemoryStore(GeoPackageStore(path)), GeoPackageStore(path)
    assert kept.list_documents("scenario") == []
    other.write_document(ONE)
    assert kept.list_documents("scenario") == [head_of(ONE)]
    assert kept.read_document("scenario", "mine") == ONE
    assert kept.write_document(OTHER)
    assert other.read_document("scenario", "another") == OTHER
    assert kept.delete_document("scenario", "mine")
    assert other.list_documents("scenario") == [head_of(OTHER)]


def test_gdal_lists_the_table_and_reads_its_rows(store: GeoPackageStore, path: Path) -> None:
    store.write_document(ONE)
    listed = dict(pyogrio.list_layers(path).tolist())
    assert listed[DOCUMENTS] is None
    rows = pyogrio.read_dataframe(path, layer=DOCUMENTS)
    assert rows.to_dict("records") == [
        {"kind": ONE.kind, "id": ONE.id, "saved": ONE.saved, "summary": ONE.summary,
         "body": ONE.body}
    ]  # fmt: skip


@pytest.mark.system("validate_gpkg")
def test_gdals_own_validator_finds_nothing_wrong(store: GeoPackageStore, path: Path) -> None:
    for document in (ONE, OTHER, RESULT):
        store.write_document(document)
    store.delete_document("scenario", "another")
    program = (
        "import sys\nfrom osgeo_utils.samples import validate_gpkg\n"
        "sys.exit(validate_gpkg.main(sys.argv))"
    )
    command = [str(SYSTEM_PYTHON), "-c", program, "--extra", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stdout + done.stderr


def test_writing_the_workspace_again_keeps_what_was_saved(path: Path) -> None:
    for document in (ONE, RESULT, OTHER):
        GeoPackageStore(path).write_document(document)
    digest = write_small_workspace(path)
    store = GeoPackageStore(path)
    assert store.metadata["hash"] == digest
    assert store.list_documents("scenario") == [head_of(OTHER), head_of(ONE)]
    assert store.read_document("scenario", "mine") == ONE
    assert store.read_document("result", "mine") == RESULT
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_copied_file_takes_the_documents_along(store: GeoPackageStore, path: Path) -> None:
    store.write_document(ONE)
    copy = copied(path, path.parent / "copy.gpkg")
    store.delete_document("scenario", "mine")
    assert GeoPackageStore(copy).read_document("scenario", "mine") == ONE


def test_a_renamed_column_is_said_in_words_and_building_loses_nothing(
    store: GeoPackageStore, path: Path
) -> None:
    store.write_document(ONE)
    rename_column(path, "body", "text")
    write_small_workspace(path)
    for attempt in (
        lambda: store.read_document("scenario", "mine"),
        lambda: store.write_document(OTHER),
    ):
        with pytest.raises(WorkspaceError, match="lacks body, which another program rem") as caught:
            attempt()
        assert f"{path} 缺少 body，它已被另一程序删除或改名" in caught.value.of("zh")
    rename_column(path, "text", "body")
    assert store.read_document("scenario", "mine") == ONE


def rename_column(path: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"ALTER TABLE {DOCUMENTS} RENAME COLUMN {old} TO {new}")


def test_many_writers_lose_nothing(path: Path) -> None:
    def write(number: int) -> bool:
        return GeoPackageStore(path).write_document(replace(ONE, id=f"one-{number:02}"))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write, range(40)))
    ids = [head.id for head in GeoPackageStore(path).list_documents("scenario")]
    assert ids == [f"one-{number:02}" for number in range(40)]


def test_of_two_who_want_one_place_the_first_has_it(path: Path) -> None:
    together = threading.Barrier(8)

    def write(number: int) -> bool:
        together.wait()
        return GeoPackageStore(path).write_document(replace(ONE, body=str(number)))

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(write, range(8)))
    kept = GeoPackageStore(path).read_document("scenario", "mine")
    assert sum(saved) == 1
    assert kept is not None
    assert saved[int(kept.body)]


def test_readers_see_the_old_or_the_new_and_never_half(path: Path) -> None:
    store, texts = GeoPackageStore(path), ("a" * 300_000, "b" * 200_000)
    store.write_document(replace(ONE, body=texts[0]))
    done = threading.Event()

    def write() -> None:
        for i in range(20):
            store.write_document(replace(ONE, body=texts[i % 2]), replace=True)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        found = store.read_document("scenario", "mine")
        assert found is not None
        seen.add(found.body)
    writer.join()
    assert seen <= set(texts)


def test_of_what_is_saved_while_the_file_is_replaced_nothing_goes_into_the_old_one(
    path: Path,
) -> None:
    draft = copied(path, path.parent / "draft.gpkg")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(target=GeoPackageStore(path).write_document, args=(ONE,))
        writer.start()
        writer.join(timeout=0.3)
        assert writer.is_alive()
        draft.replace(path)
        other.execute("ROLLBACK")
    writer.join()
    assert GeoPackageStore(path).read_document("scenario", "mine") == ONE


def test_a_file_that_another_program_writes_is_busy(
    store: GeoPackageStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 0.05)
    store.write_document(ONE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for attempt in (
            lambda: store.write_document(OTHER),
            lambda: store.delete_document("scenario", "mine"),
            lambda: store.list_documents("scenario"),
            lambda: write_small_workspace(path),
        ):
            with pytest.raises(WorkspaceError, match="another program is using") as caught:
                attempt()
            assert "另一程序正在使用" in caught.value.of("zh")
    assert store.list_documents("scenario") == [head_of(ONE)]


def test_a_write_ahead_log_loses_nothing(store: GeoPackageStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as qgis:
        qgis.execute("PRAGMA journal_mode = WAL")
        assert qgis.execute("SELECT count(*) FROM districts").fetchone() == (1,)
        assert store.write_document(ONE)
        write_small_workspace(path)
        assert GeoPackageStore(path).read_document("scenario", "mine") == ONE
        assert qgis.execute("SELECT count(*) FROM districts").fetchone() == (1,)
    assert store.write_document(OTHER)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    alone = copied(path, path.parent / "copy.gpkg")
    assert GeoPackageStore(alone).read_document("scenario", "mine") == ONE


@pytest.mark.parametrize(("of_file", "of_folder"), [(0o444, 0o755), (0o644, 0o555)])
def test_a_read_only_file_or_folder_is_said_in_words(
    fresh: Path, of_file: int, of_folder: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = copied(fresh, Path(name) / "a.gpkg")
        store = GeoPackageStore(path)
        store.write_document(ONE)
        before = path.read_bytes()
        with sealed((path, of_file), (path.parent, of_folder)):
            assert store.read_document("scenario", "mine") == ONE
            with pytest.raises(WorkspaceError, match=r"nothing was saved: .*cannot be wri") as e:
                store.write_document(OTHER)
            assert "请检查文件与文件夹的写权限" in e.value.of("zh")
        assert path.read_bytes() == before
        assert [one.name for one in path.parent.iterdir()] == ["a.gpkg"]


def test_a_full_disk_leaves_what_was_there(path: Path) -> None:
    GeoPackageStore(path).write_document(ONE)
    program = (
        "import sys\nfrom pathlib import Path\nfrom layers.errors import WorkspaceError\n"
        "from layers.store.base import StoredDocument\n"
        "from layers.store.geopackage import GeoPackageStore\n"
        "one = StoredDocument('scenario', 'big', '', '{}', 'x' * 3_000_000)\n"
        "try:\n    GeoPackageStore(Path(sys.argv[1])).write_document(one)\n"
        "except WorkspaceError as error:\n    sys.exit(str(error))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=file_limit(path.stat().st_size + 100_000),
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 1
    assert "nothing was saved" in done.stderr
    require_whole(path)


def require_whole(path: Path) -> None:
    """The workspace opens, holds the one document and no trace of what was cut off."""
    store = GeoPackageStore(path)
    assert store.list_documents("scenario") == [head_of(ONE)]
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def cut_off(path: Path) -> None:
    """Leave the file as a process does that is killed while it saves."""
    program = (
        "import os, sqlite3, sys\nfile = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "file.execute('PRAGMA cache_size = 1')\nfile.execute('BEGIN IMMEDIATE')\n"
        f"file.execute('UPDATE {DOCUMENTS} SET body = ?', ['x' * 3_000_000])\nos._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0


def test_a_save_that_was_cut_off_is_undone(path: Path) -> None:
    GeoPackageStore(path).write_document(ONE)
    cut_off(path)
    require_whole(path)


def test_a_save_that_was_cut_off_where_nothing_can_be_written_is_said_in_words(
    fresh: Path,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = copied(fresh, Path(name) / "a.gpkg")
        GeoPackageStore(path).write_document(ONE)
        cut_off(path)
        journal = path.with_name("a.gpkg-journal")
        with sealed((path, 0o444), (journal, 0o444), (path.parent, 0o555)):
            with pytest.raises(WorkspaceError, match="was cut off, and undoing it needs wri") as e:
                GeoPackageStore(path)
            assert "须先撤销才能读取" in e.value.of("zh")
        require_whole(path)


def test_building_over_a_save_that_was_cut_off_keeps_what_was_saved(path: Path) -> None:
    GeoPackageStore(path).write_document(ONE)
    cut_off(path)
    write_small_workspace(path)
    require_whole(path)


def test_a_workspace_that_went_away_is_not_made_anew(store: GeoPackageStore, path: Path) -> None:
    path.unlink()
    for attempt in (lambda: store.write_document(ONE), lambda: store.list_documents("result")):
        with pytest.raises(WorkspaceError, match="there is no workspace at"):
            attempt()
    assert not path.exists()
