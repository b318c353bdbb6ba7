"""Corners as text: marked as a sketch, north before east, rings closed, read back to the area."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.zone_corners import SKETCH_LINE, corner_text
from geo.crs import STORAGE_CRS
from geo.delineation.four_bounds import corners
from geo.measure import M2_PER_HA, area_m2, transform

Run = Callable[..., tuple[int, str, str]]
PLANE = "EPSG:4549"
HOLED = shapely.box(568_000, 3_097_000, 569_000, 3_098_000).difference(
    shapely.box(568_300, 3_097_300, 568_500, 3_097_400)
)


def zone(shape: shapely.Geometry) -> dict[str, Any]:
    """The part of a document that is written."""
    (placed,) = transform([shape], PLANE, STORAGE_CRS)
    return {
        "corners": corners(placed).to_dict("records"),
        "area_ha": float(area_m2([placed], STORAGE_CRS)[0]) / M2_PER_HA,
    }


def read(text: str) -> list[shapely.Polygon]:
    """Read parcels as another program would: rings by number, east without the zone's."""
    body = text.split("[地块坐标]\n", 1)[1].splitlines()
    found = []
    while body:
        count = int(body[0].split(",")[0])
        assert body[0].endswith(",@")
        rings: dict[int, list[tuple[float, float]]] = {}
        for line in body[1 : count + 1]:
            point, ring, north, east = line.split(",")
            assert point.startswith("J")
            rings.setdefault(int(ring), []).append((float(east) - 40_000_000.0, float(north)))
        assert all(one[0] == one[-1] for one in rings.values())
        outer, *holes = [rings[number] for number in sorted(rings)]
        found.append(shapely.Polygon(outer, holes))
        body = body[count + 1 :]
    return found


def test_what_is_written_is_read_back_with_its_hole() -> None:
    other = shapely.box(570_000, 3_097_000, 570_400, 3_097_200)
    text = corner_text("核心区,甲", [zone(HOLED), zone(other)], day="2023-01-01")
    first, second = read(text)
    assert first.symmetric_difference(HOLED).area < 1.0
    assert second.symmetric_difference(other).area < 1.0
    assert text.startswith(SKETCH_LINE + "\n[属性描述]\n")
    for line in ("坐标系=2000国家大地坐标系", "几度分带=3", "带号=40", "数据产生日期=2023-01-01"):
        assert line in text.splitlines()
    assert "核心区，甲（示意）2" in text
    parcel = text.split("[地块坐标]\n", 1)[1].splitlines()[0].split(",")
    assert float(parcel[1]) == pytest.approx(zone(HOLED)["area_ha"], abs=1e-4)


def test_zones_without_an_area_are_left_out() -> None:
    nothing = {"corners": None, "area_ha": None}
    assert read(corner_text("a", [nothing, zone(HOLED)], day="2023-01-01"))[0].is_valid
    assert corner_text("a", [nothing], day="2023-01-01").endswith("[地块坐标]\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_writes_them_only_as_a_sketch(run: Run, tmp_path: Path, lang: str) -> None:
    asked = ("zone", "core-zone", "--min-mu", "1500", "--max-mu", "3000", "--cell-m", "500")
    file = tmp_path / "own" / "corners.txt"
    code, _, err = run(*asked, "--corners", str(file), "--lang", lang)
    assert code == 2
    assert ("add --sketch" if lang == "en" else "请加上 --sketch") in err
    assert not file.exists()
    code, out, err = run(*asked, "--sketch", "--corners", str(file), "--json", "--lang", lang)
    assert code == 0, err
    assert str(file) in err
    document = json.loads(out)
    (parcel,) = read(file.read_text(encoding="utf-8"))
    (outline,) = transform([shapely.geometry.shape(document["geometry"])], STORAGE_CRS, PLANE)
    assert parcel.symmetric_difference(outline).area < 5.0
