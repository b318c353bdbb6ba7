"""Well-known binary made and walked by hand, held against shapely."""

from __future__ import annotations

import struct

import pytest
import shapely

from geo.errors import GeometryError
from layers.importers import wkb

RING = (0.0, 0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 0.0)
HOLE = (2.0, 1.0, 3.0, 1.0, 3.0, 2.0, 2.0, 1.0)
ARC = struct.pack("<BII", 1, 8, 3) + struct.pack("<6d", 0, 0, 1, 1, 2, 0)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (wkb.point((1.0, 2.0)), "POINT (1 2)"),
        (wkb.point(()), "POINT EMPTY"),
        (wkb.line((1.0, 2.0, 3.0, 4.0)), "LINESTRING (1 2, 3 4)"),
        (wkb.polygon([]), "POLYGON EMPTY"),
        (
            wkb.polygon([RING, HOLE]),
            "POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
        ),
        (wkb.gathered([wkb.point((1.0, 2.0))] * 2), "MULTIPOINT ((1 2), (1 2))"),
        (
            wkb.gathered([wkb.point((1.0, 2.0)), wkb.line(RING[:4])]),
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 4 0))",
        ),
        (wkb.gathered([]), "GEOMETRYCOLLECTION EMPTY"),
    ],
)
def test_what_is_made_is_what_shapely_reads(made: bytes, text: str) -> None:
    assert shapely.to_wkt(shapely.from_wkb(made), trim=True) == text
    assert not wkb.has_arcs(made)


@pytest.mark.parametrize("flavor", ["iso", "extended"])
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("text", ["POLYGON ((0 0, 1 0, 1 1, 0 0))", "MULTIPOINT Z ((1 2 3))"])
def test_arcs_are_found_behind_any_geometry(flavor: str, order: int, text: str) -> None:
    before = shapely.to_wkb(
        shapely.set_srid(shapely.from_wkt(text), 4490),
        flavor=flavor,
        byte_order=order,
        include_srid=flavor == "extended",
    )
    assert not wkb.has_arcs(before)
    assert not wkb.has_arcs(wkb.several(wkb.COLLECTION, [before, before]))
    assert wkb.has_arcs(wkb.several(wkb.COLLECTION, [before, ARC]))
    assert wkb.has_arcs(wkb.several(wkb.COLLECTION, [wkb.several(wkb.COLLECTION, [ARC])]))


def test_what_is_cut_short_or_endless_raises() -> None:
    with pytest.raises(struct.error):
        wkb.has_arcs(wkb.several(wkb.COLLECTION, [b"\1\2"]))
    with pytest.raises(struct.error):
        wkb.has_arcs(struct.pack("<BII", 1, wkb.COLLECTION, 2**32 - 1))
    nested = wkb.point((1.0, 2.0))
    for _ in range(5_000):
        nested = wkb.several(wkb.COLLECTION, [nested])
    with pytest.raises(RecursionError):
        wkb.has_arcs(nested)


def test_a_number_beyond_floats_is_refused_in_both_languages() -> None:
    with pytest.raises(GeometryError, match="no number that can be stored") as error:
        wkb.line((10**400, 1))
    assert "坐标不是可存储的数" in error.value.of("zh")


def test_closed_means_back_at_the_start() -> None:
    assert wkb.is_closed(RING)
    assert wkb.is_closed(())
    assert not wkb.is_closed(RING[:6])
    assert not wkb.is_closed((0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0))
