"""The live index against looking at every feature, through edits at random."""

from __future__ import annotations

import random

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.live_index import LiveIndex


def square(x: float, y: float, side: float = 1.0) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def features(**shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=4490)


def test_who_meets_a_shape_is_found_its_edge_included() -> None:
    index = LiveIndex(features(a=square(0, 0), b=square(1, 0), c=square(5, 5), d=None))
    assert len(index) == 3
    assert index.meeting(square(0.5, 0.5)) == ["a", "b"]
    assert index.meeting(shapely.Point(2, 1)) == ["b"]
    assert index.meeting(square(2.5, 2.5)) == []


def test_what_only_touches_does_not_overlap() -> None:
    index = LiveIndex(features(a=square(0, 0), b=square(1, 0)))
    shared = index.overlapping(square(0.5, 0, 0.5))
    assert list(shared) == ["a"]
    assert shared["a"].area == pytest.approx(0.25)


def test_an_empty_layer_has_an_index_that_grows() -> None:
    index = LiveIndex(features())
    assert index.meeting(square(0, 0)) == []
    index.put("a", square(0, 0))
    assert index.meeting(square(0, 0)) == ["a"]
    index.put("a", None)
    index.remove("a")
    assert index.meeting(square(0, 0)) == []


@given(st.integers(0, 2**32))
def test_after_any_edits_it_agrees_with_looking_at_all(seed: int) -> None:
    rng = random.Random(seed)

    def somewhere() -> shapely.Polygon:
        return square(rng.uniform(0, 9), rng.uniform(0, 9), rng.uniform(0.1, 2))

    plain = {f"f{k}": somewhere() for k in range(rng.randrange(6))}
    index = LiveIndex(features(**plain))
    for _ in range(20):
        name = f"f{rng.randrange(8)}"
        if rng.random() < 0.3:
            plain.pop(name, None)
            index.remove(name)
        else:
            plain[name] = somewhere()
            index.put(name, plain[name])
        asked = somewhere()
        assert index.meeting(asked) == sorted(
            n for n, one in plain.items() if one.intersects(asked)
        )
