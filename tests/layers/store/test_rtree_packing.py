"""An R-tree that is packed at once: sound, complete, and open to what SQLite does with it later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.arrays import Floats, Ints
from layers.store.rtree_packing import pack

SIZES = [0, 1, 2, 50, 51, 52, 102, 103, 2500, 2601, 2602, 9000]
"""Around the capacity of a node (51 in pages of 4096 bytes), for trees of one to three levels."""


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as one:
        one.execute("CREATE VIRTUAL TABLE tree USING rtree(id, minx, maxx, miny, maxy)")
        yield one


def boxes(rng: np.random.Generator, count: int) -> Floats:
    low = rng.uniform([118.0, 27.0], [122.0, 29.0], (count, 2))
    return np.hstack([low, low + rng.exponential(0.01, (count, 2))])


def numbered(rng: np.random.Generator, count: int) -> Ints:
    return rng.permutation(np.arange(1, 3 * count + 1))[:count].astype(np.int64)


def require_tree(file: sqlite3.Connection, held: dict[int, list[float]]) -> None:
    """SQLite finds the tree sound, and by any box those whose bounds meet it, hardly more."""
    assert file.execute("SELECT rtreecheck('tree')").fetchone() == ("ok",)
    assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ids = {row[0] for row in file.execute("SELECT id FROM tree")}
    assert ids == set(held)
    rng = np.random.default_rng(3)
    keys, bounds = (
        np.array(list(held), dtype=np.int64),
        np.array(list(held.values())).reshape(-1, 4),
    )
    for west, south, east, north in boxes(rng, 40) + np.array([0, 0, 0.3, 0.2]):
        sql = "SELECT id FROM tree WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?"
        found = {row[0] for row in file.execute(sql, (east, west, north, south))}
        assert set(keys[meeting(bounds, (west, south, east, north), 0.0)].tolist()) <= found
        assert found <= set(keys[meeting(bounds, (west, south, east, north), 2e-5)].tolist())


def meeting(bounds: Floats, box: tuple[float, float, float, float], by: float) -> np.ndarray:
    west, south, east, north = box
    x = (bounds[:, 0] <= east + by) & (bounds[:, 2] >= west - by)
    y = (bounds[:, 1] <= north + by) & (bounds[:, 3] >= south - by)
    found: np.ndarray = x & y
    return found


@pytest.mark.parametrize("size", SIZES)
def test_what_is_packed_is_found_by_any_box(size: int, file: sqlite3.Connection) -> None:
    rng = np.random.default_rng(size)
    ids, bounds = numbered(rng, size), boxes(rng, size)
    pack(file, "tree", ids, bounds)
    require_tree(file, dict(zip(ids.tolist(), bounds.tolist(), strict=True)))


@pytest.mark.parametrize("size", [0, 1, 52, 2602])
def test_sqlite_goes_on_with_a_packed_tree(size: int, file: sqlite3.Connection) -> None:
    rng = np.random.default_rng(size)
    ids, bounds = numbered(rng, size), boxes(rng, size)
    pack(file, "tree", ids, bounds)
    held = dict(zip(ids.tolist(), bounds.tolist(), strict=True))
    for key in rng.permutation(ids)[: size * 2 // 3].tolist():
        file.execute("DELETE FROM tree WHERE id = ?", (key,))
        del held[key]
    for k, (west, south, east, north) in enumerate(boxes(rng, 1500).tolist()):
        key = 100_000 + k
        file.execute("INSERT INTO tree VALUES (?, ?, ?, ?, ?)", (key, west, east, south, north))
        held[key] = [west, south, east, north]
    for key in list(held)[::7]:
        west, south, east, north = boxes(rng, 1)[0].tolist()
        sql = "UPDATE tree SET minx = ?, maxx = ?, miny = ?, maxy = ? WHERE id = ?"
        file.execute(sql, (west, east, south, north, key))
        held[key] = [west, south, east, north]
    require_tree(file, held)


def test_packing_anew_forgets_what_was_held(file: sqlite3.Connection) -> None:
    rng = np.random.default_rng(1)
    for size in (2602, 3, 500):
        ids, bounds = numbered(rng, size), boxes(rng, size)
        pack(file, "tree", ids, bounds)
        require_tree(file, dict(zip(ids.tolist(), bounds.tolist(), strict=True)))


def test_a_packed_tree_reads_no_more_nodes_than_one_filled_row_by_row(
    file: sqlite3.Connection,
) -> None:
    rng = np.random.default_rng(5)
    ids, bounds = numbered(rng, 5000), boxes(rng, 5000)
    rows = np.column_stack([ids, bounds[:, [0, 2, 1, 3]]]).tolist()
    file.executemany("INSERT INTO tree VALUES (?, ?, ?, ?, ?)", rows)
    by_rows = file.execute("SELECT count(*) FROM tree_node").fetchone()[0]
    pack(file, "tree", ids, bounds)
    assert file.execute("SELECT count(*) FROM tree_node").fetchone()[0] < by_rows


def test_a_packing_that_is_rolled_back_leaves_the_tree_as_it_was(file: sqlite3.Connection) -> None:
    rng = np.random.default_rng(2)
    ids, bounds = numbered(rng, 300), boxes(rng, 300)
    pack(file, "tree", ids, bounds)
    file.execute("BEGIN")
    pack(file, "tree", ids[:10] + 5000, boxes(rng, 10))
    file.execute("INSERT INTO tree VALUES (99999, 1, 2, 3, 4)")
    file.execute("ROLLBACK")
    require_tree(file, dict(zip(ids.tolist(), bounds.tolist(), strict=True)))


@given(
    bounds=arrays(
        np.float64,
        st.tuples(st.integers(0, 120), st.just(2)),
        elements=st.floats(-1e6, 1e6, allow_nan=False).map(lambda one: one / 3),
    ),
)
def test_bounds_in_single_precision_hold_those_in_double(bounds: Floats) -> None:
    ids = np.arange(1, len(bounds) + 1, dtype=np.int64)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as file:
        file.execute("CREATE VIRTUAL TABLE tree USING rtree(id, minx, maxx, miny, maxy)")
        pack(file, "tree", ids, np.hstack([bounds, bounds]))
        held = np.array(
            file.execute("SELECT minx, miny, maxx, maxy FROM tree ORDER BY id").fetchall()
        ).reshape(-1, 4)
    assert (held[:, :2] <= bounds).all()
    assert (held[:, 2:] >= bounds).all()
    spread = np.spacing(np.abs(bounds).astype(np.float32)).astype(np.float64)
    assert (bounds - held[:, :2] <= spread).all()
    assert (held[:, 2:] - bounds <= spread).all()
