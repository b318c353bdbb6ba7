"""Computed surfaces on disk: the same bits, whole or not there, never too many, harmless damage."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray
from small_workspace import write_small_workspace

from layers import surfaces
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore
from layers.surfaces import SurfaceFolder, surfaces_of

A, B, C = (letter * 32 for letter in "abc")
HEADER = {"name": "面", "sizes": [1, 2.5, None]}


def arrays(n: int = 1_000, seed: int = 0) -> dict[str, NDArray[Any]]:
    draw = np.random.default_rng(seed)
    noise = draw.standard_normal(n)
    return {"noise": noise, "levels": (noise * 40.0 + 128.0).astype(np.uint8), "far": noise > 1.0}


def require_same(found: dict[str, NDArray[Any]], wanted: dict[str, NDArray[Any]]) -> None:
    assert list(found) == list(wanted)
    for name, one in wanted.items():
        assert found[name].dtype == one.dtype, name
        assert found[name].tobytes() == one.tobytes(), name


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path / "made" / "surfaces")
    assert folder.read(A) is None
    assert folder.write(A, HEADER, arrays())
    stored = SurfaceFolder(tmp_path / "made" / "surfaces").read(A)
    assert stored is not None
    assert stored.header == HEADER
    require_same(stored.arrays, arrays())
    assert [name.name for name in folder.path.iterdir()] == [f"{A}.surface"]


@given(
    arrays_of.arrays(np.uint64, st.integers(0, 40)),
    arrays_of.arrays(np.bool_, st.integers(0, 40)),
)
def test_every_bit_of_every_number_comes_back(
    tmp_path_factory: pytest.TempPathFactory, bits: NDArray[np.uint64], mask: NDArray[np.bool_]
) -> None:
    """NaN of any payload, infinities, zeros of both signs; no number at all too."""
    folder = SurfaceFolder(tmp_path_factory.mktemp("bits"))
    given_ = {"numbers": bits.view(np.float64), "mask": mask}
    assert folder.write(A, {}, given_)
    stored = folder.read(A)
    assert stored is not None
    require_same(stored.arrays, given_)


def test_a_field_that_varies_smoothly_takes_less_than_its_numbers(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path)
    east = np.arange(100_000.0)
    folder.write(A, {}, {"distance": np.hypot(east, 31_415.9)})
    assert (tmp_path / f"{A}.surface").stat().st_size < 0.7 * east.nbytes


def test_a_damaged_file_counts_as_not_there(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path)
    folder.write(A, HEADER, arrays(50))
    path = tmp_path / f"{A}.surface"
    whole = path.read_bytes()
    wanted = arrays(50)
    refused = 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        stored = folder.read(A)
        if stored is None:
            refused += 1
        else:
            require_same(stored.arrays, wanted)
        list(folder.headers())
    assert refused > len(whole) / 2
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert folder.read(A) is None
        assert list(folder.headers()) == []
    path.write_bytes(whole)
    assert folder.read(A) is not None


def test_a_folder_under_the_name_of_a_surface_is_not_there(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path)
    (tmp_path / f"{A}.surface").mkdir()
    assert folder.read(A) is None
    assert list(folder.headers()) == []
    assert not folder.write(A, HEADER, arrays())


@pytest.mark.parametrize(
    "name", ["", "..", "../secret", "A" * 32, "a" * 65, f"{'a' * 8}/b", "a\0b"]
)
def test_a_name_that_is_no_hash_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder = SurfaceFolder(tmp_path / "inside")
    folder.write(A, HEADER, arrays())
    (tmp_path / "secret.surface").write_bytes((folder.path / f"{A}.surface").read_bytes())
    assert folder.read(name) is None


def test_what_was_not_asked_for_the_longest_goes_first(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path)
    folder.write(A, {"name": "a"}, arrays())
    size = (tmp_path / f"{A}.surface").stat().st_size
    small = SurfaceFolder(tmp_path, most_bytes=int(2.5 * size))
    small.write(B, {"name": "b"}, arrays(seed=1))
    for age, name in enumerate((A, B)):
        os.utime(tmp_path / f"{name}.surface", (1_000.0 + age, 1_000.0 + age))
    assert [header["name"] for _, header in small.headers()] == ["b", "a"]
    assert small.read(A) is not None
    assert [name for name, _ in small.headers()] == [A, B]
    assert small.write(C, {"name": "c"}, arrays(seed=2))
    assert {name for name, _ in small.headers()} == {A, C}


def test_what_is_too_much_by_itself_is_not_stored(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path, most_bytes=2_000)
    assert folder.write(A, HEADER, arrays(20))
    assert not folder.write(B, HEADER, arrays(100_000))
    assert [name.name for name in tmp_path.iterdir()] == [f"{A}.surface"]


def test_what_a_program_left_that_is_no_more_goes(tmp_path: Path) -> None:
    for name, age_s in (("old", 7_200.0), ("new", 0.0)):
        draft = tmp_path / f".ouzhi-{name}" / "draft"
        draft.parent.mkdir()
        draft.write_bytes(b"half")
        if age_s:
            os.utime(draft, (1_000.0, 1_000.0))
    SurfaceFolder(tmp_path).write(A, HEADER, arrays())
    assert {name.name for name in tmp_path.iterdir()} == {".ouzhi-new", f"{A}.surface"}


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    folder = SurfaceFolder(tmp_path)
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most))
        assert not folder.write(A, HEADER, arrays(50_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []
    assert folder.write(A, HEADER, arrays(50_000))


def test_where_nothing_may_be_written_it_is_read_alone(tmp_path: Path) -> None:
    SurfaceFolder(tmp_path).write(A, HEADER, arrays())
    sealed = SurfaceFolder(tmp_path, writable=False)
    assert not sealed.write(B, HEADER, arrays())
    assert sealed.read(A) is not None
    assert sealed.read(B) is None
    file = tmp_path / "a file"
    file.write_text("no folder", encoding="utf-8")
    assert not SurfaceFolder(file / "surfaces").write(A, HEADER, arrays())


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), np.zeros(3, dtype=np.float32)])
def test_what_could_not_be_read_again_is_refused(tmp_path: Path, wrong: NDArray[Any]) -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        SurfaceFolder(tmp_path).write(A, HEADER, {"wrong": wrong})
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_format_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surfaces, "_FORMAT", 2)
    SurfaceFolder(tmp_path).write(A, HEADER, arrays())
    monkeypatch.undo()
    assert SurfaceFolder(tmp_path).read(A) is None


def test_the_folder_stands_beside_the_workspace(tmp_path: Path) -> None:
    write_small_workspace(tmp_path / "城.gpkg")
    store = GeoPackageStore(tmp_path / "城.gpkg")
    folder = surfaces_of(store)
    assert folder is not None
    assert folder.path == tmp_path / "城.surfaces"
    assert surfaces_of(MemoryStore(store)) is None
