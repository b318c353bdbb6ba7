"""The verdict on a file's coordinates, on a city of squares that one can check by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from builders import ENGLISH
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from geo.crs import wgs84_to_gcj02
from geo.datum_evidence import DatumEvidence, KnownPlaces, sign_test, weigh_readings
from geo.datums import write_as
from geo.errors import CrsError, GeometryError

WEST, SOUTH, SIDE = 120.4, 27.8, 0.05
COUNT = 6
DISTRICTS = [
    shapely.box(WEST + SIDE * i, SOUTH + SIDE * j, WEST + SIDE * (i + 1), SOUTH + SIDE * (j + 1))
    for i in range(COUNT)
    for j in range(COUNT)
]
NAMES = [f"第{i}{j}区" for i in range(COUNT) for j in range(COUNT)]

Shapes = NDArray[np.object_]


def scattered(count: int, seed: int = 0) -> tuple[Shapes, list[str | None]]:
    """Points all over the city, EPSG:4490, each with the district it lies in."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0.0, COUNT, (count, 2))
    points = shapely.points(WEST + SIDE * place[:, 0], SOUTH + SIDE * place[:, 1])
    return points, [f"第{int(i)}{int(j)}区" for i, j in place]


def in_the_middle(count: int = 12) -> tuple[Shapes, list[str | None]]:
    """Points at the middle of districts, farther from a border than any offset leads."""
    rows = range(7, 7 + count)
    middles: list[Any] = [shapely.centroid(DISTRICTS[row]) for row in rows]
    return np.array(middles, dtype=object), [NAMES[row] for row in rows]


def swapped(shapes: Shapes) -> Shapes:
    """The same numbers, north first."""
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]), dtype=object)


def weighed(shapes: Any, stated: list[str | None] | None = None, **more: Any) -> DatumEvidence:
    """Weigh features in the city of squares; every sentence must be in both languages."""
    found = weigh_readings(
        shapes, districts=DISTRICTS, district_names=NAMES, stated_districts=stated, **more
    )
    for sentence in (found.sentence, *found.evidence):
        assert sentence.en
        assert sentence.zh
        assert not any(word in sentence.zh for word in ENGLISH)
    return found


@pytest.mark.parametrize("truth", ["cgcs2000", "gcj02", "bd09"])
@pytest.mark.parametrize("declared", [None, "wgs84", "gcj02", "bd09"])
def test_the_datum_of_many_features_is_found(truth: str, declared: str | None) -> None:
    points, stated = scattered(400)
    found = weighed(write_as(points, truth), stated, declared=declared)
    assert found.reading is not None
    assert found.reading.id == truth
    claimed = "cgcs2000" if declared == "wgs84" else declared
    expected = "found" if claimed is None else "as_declared" if claimed == truth else "wrong_datum"
    assert found.finding == expected
    assert found.rows[0].in_stated >= 399
    assert {row.reading.id for row in found.rows if row.near} == {"cgcs2000", "gcj02", "bd09"}
    if expected == "wrong_datum":
        assert found.sentence.en.startswith("Wrong datum: the file says")
        assert found.sentence.en.endswith(f"Import them as {truth}.")
        assert found.sentence.zh.startswith("基准有误：所注为")


def test_the_evidence_is_told_with_its_numbers() -> None:
    points, stated = scattered(400)
    found = weighed(write_as(points, "gcj02"), stated, declared="wgs84")
    shares = {row.reading.id: (row.in_stated, row.stated) for row in found.rows}
    assert shares["gcj02"] == (400, 400)
    plain, whole = shares["cgcs2000"]
    percent = f"{100 * plain / whole:.0f}%"
    assert (
        f"Read as WGS 84 or CGCS2000 degrees, {percent} of the features ({plain} of 400) fall in "
        "their stated district."
    ) in found.paragraph.en
    assert f"按 WGS 84 或 CGCS2000 经纬度读取，{percent}（{plain}/400）的要素" in found.paragraph.zh
    one = next(one for one in found.comparisons if one.rival == "cgcs2000")
    assert one.features_for == 400 - plain
    assert one.features_against == 0
    assert 9 <= one.places_for <= one.features_for
    assert f"({one.features_for} speak for the former, 0 for the latter)" in found.paragraph.en
    assert f"支持前者 {one.features_for}，支持后者 0" in found.paragraph.zh


def test_counts_by_hand() -> None:
    """Three points: in their district, in another's, and outside the city; one on an edge."""
    points = [
        shapely.Point(WEST + 0.02, SOUTH + 0.02),
        shapely.Point(WEST + 0.02, SOUTH + 0.07),
        shapely.Point(WEST - 0.02, SOUTH + 0.02),
        shapely.Point(WEST + SIDE, SOUTH + 0.02),
    ]
    found = weighed(points, ["第00区", "第00区", "第00区", "第10区"])
    row = next(row for row in found.rows if row.reading.id == "cgcs2000")
    assert (row.positions, row.readable, row.near) == (4, 4, 4)
    assert (row.in_city, row.stated, row.in_stated) == (3, 4, 2)
    assert row.share_in_city == 0.75
    assert row.share_in_stated == 0.5


@pytest.mark.parametrize(
    ("system", "turn", "declared", "finding"),
    [
        ("EPSG:4549", False, "wgs84", "metres_called_degrees"),
        ("EPSG:4528", False, "EPSG:4490", "metres_called_degrees"),
        ("EPSG:4499", False, "gcj02", "metres_called_degrees"),
        ("EPSG:3857", False, "wgs84", "metres_called_degrees"),
        ("EPSG:4528", True, "wgs84", "metres_called_degrees"),
        ("EPSG:4549", True, "EPSG:4549", "swapped_axes"),
        ("EPSG:4549", True, None, "swapped_axes"),
        ("EPSG:4549", False, "EPSG:4528", "wrong_plane"),
        ("EPSG:4528", False, "EPSG:4549", "wrong_plane"),
        ("EPSG:4549", False, "EPSG:4548", "wrong_plane"),
        ("EPSG:4549", False, "EPSG:4549", "as_declared"),
        ("EPSG:4549", False, "+proj=tmerc +lon_0=120 +x_0=500000 +datum=WGS84", "as_declared"),
        ("EPSG:4528", False, "+proj=tmerc +lon_0=120 +x_0=40500000 +datum=WGS84", "as_declared"),
        ("EPSG:4499", False, "+proj=tmerc +lon_0=123 +x_0=21500000 +datum=WGS84", "as_declared"),
        ("EPSG:4549", False, "+proj=tmerc +lon_0=121 +x_0=500000 +datum=WGS84", "wrong_plane"),
        ("EPSG:4549", False, "EPSG:3857", "wrong_plane"),
    ],
)
def test_a_plane_is_known_by_its_numbers_even_from_a_few_features(
    system: str, turn: bool, declared: str | None, finding: str
) -> None:
    points, stated = in_the_middle()
    numbers = write_as(points, system)
    found = weighed(swapped(numbers) if turn else numbers, stated, declared=declared)
    assert found.finding == finding
    assert found.reading is not None
    assert found.reading.system.name == system
    assert found.reading.swapped == turn
    assert "No other way to read them brings a single feature within 10 km" in found.paragraph.en


@pytest.mark.parametrize(
    ("turn", "declared", "finding", "opening"),
    [
        (True, "wgs84", "swapped_axes", "The axes are swapped"),
        (False, "EPSG:4549", "degrees_called_metres", "Degrees called metres"),
    ],
)
def test_what_is_sure_is_said_where_the_datum_is_open(
    turn: bool, declared: str, finding: str, opening: str
) -> None:
    points, stated = in_the_middle()
    found = weighed(swapped(points) if turn else points, stated, declared=declared)
    assert found.finding == finding
    assert found.reading is None
    assert [one.system.name for one in found.candidates] == ["cgcs2000", "gcj02", "bd09"]
    assert found.sentence.en.startswith(opening)
    assert "How they differ is no evidence" in found.sentence.en
    assert "几者的差别不足为据" in found.sentence.zh


def test_a_utm_zone_and_a_gauss_kruger_plane_of_one_meridian_are_told_apart_at_borders() -> None:
    points, stated = scattered(400)
    found = weighed(write_as(points, "EPSG:32651"), stated)
    assert found.reading is not None
    assert found.reading.id == "EPSG:32651"
    assert [one.rival for one in found.comparisons] == ["EPSG:4550"]
    middle, names = in_the_middle(3)
    open_found = weighed(write_as(middle, "EPSG:32651"), names, declared="wgs84")
    assert open_found.finding == "metres_called_degrees"
    assert {one.id for one in open_found.candidates} == {"EPSG:32651", "EPSG:4550"}


@pytest.mark.parametrize(
    ("declared", "finding"), [("EPSG:4508", "wrong_plane"), ("EPSG:4509", "as_declared")]
)
def test_a_six_degree_plane_without_number_is_the_three_degree_plane(
    declared: str, finding: str
) -> None:
    points, stated = scattered(400)
    found = weighed(write_as(points, "EPSG:4548"), stated, declared=declared)
    assert found.finding == finding
    assert [one.id for one in found.candidates] == ["EPSG:4548"]


def test_a_declared_plane_is_not_held_against_itself() -> None:
    points, stated = in_the_middle()
    for declared in ("EPSG:32651", "+proj=utm +zone=51 +datum=WGS84"):
        found = weighed(write_as(points, "EPSG:32651"), stated, declared=declared)
        assert [one.id for one in found.candidates] == ["EPSG:32651", "EPSG:4550"]
        assert found.finding == "cannot_tell"
        assert "fits best and nothing speaks against it" in found.sentence.en


def test_a_shape_that_crosses_itself_has_a_position() -> None:
    bowtie = shapely.Polygon([(120.5, 27.9), (120.6, 28.0), (120.6, 27.9), (120.5, 28.0)])
    assert weighed([bowtie]).rows[0].in_city == 1


def test_features_far_from_any_border_are_no_evidence() -> None:
    points, stated = in_the_middle()
    found = weighed(write_as(points, "gcj02"), stated, declared="wgs84")
    assert found.finding == "cannot_tell"
    assert found.reading is None
    assert all(one.p_value == 1.0 for one in found.comparisons)
    assert found.sentence.en.startswith("Cannot tell: the coordinates are")
    assert "say the same of every feature" in found.paragraph.en
    assert "对每个要素的说法都一样" in found.paragraph.zh


def test_a_few_features_are_no_evidence_and_the_claim_stands() -> None:
    points, stated = scattered(25, seed=3)
    found = weighed(write_as(points, "gcj02"), stated, declared="wgs84")
    one = next(one for one in found.comparisons if one.rival == "cgcs2000")
    assert 0 < one.places_for < 9
    assert found.finding == "cannot_tell"
    assert "fits better than WGS 84 or CGCS2000 degrees, which the file says" in found.sentence.en
    assert "不足以推翻所注" in found.sentence.zh
    right = weighed(points, stated, declared="wgs84")
    assert right.finding == "cannot_tell"
    assert "fits best and nothing speaks against it" in right.sentence.en


def test_a_crowd_in_one_place_counts_once() -> None:
    """300 features of one street corner move together: one place, no evidence."""
    rng = np.random.default_rng(0)
    x, _ = wgs84_to_gcj02(WEST + SIDE, SOUTH + 0.025)
    shift = float(x) - WEST - SIDE
    points = shapely.points(
        WEST + SIDE - rng.uniform(0.2, 0.8, 300) * shift, SOUTH + rng.uniform(0.021, 0.022, 300)
    )
    found = weighed(write_as(points, "gcj02"), ["第00区"] * 300, declared="wgs84")
    one = next(one for one in found.comparisons if one.rival == "cgcs2000")
    assert one.features_for > 250
    assert one.places_for <= 2
    assert found.finding == "cannot_tell"


@pytest.mark.parametrize("seed", range(12))
def test_a_truth_halfway_between_two_readings_is_not_decided(seed: int) -> None:
    points, stated = scattered(300, seed)
    lon, lat = shapely.get_coordinates(points).T
    x, y = wgs84_to_gcj02(lon, lat)
    found = weighed(shapely.points((lon + x) / 2.0, (lat + y) / 2.0), stated)
    assert found.finding == "cannot_tell"
    assert {"cgcs2000", "gcj02"} <= {one.id for one in found.candidates}


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from(["cgcs2000", "gcj02", "bd09"]), st.floats(0.0, 0.4))
def test_wrong_names_may_hide_the_datum_but_not_turn_it(
    seed: int, truth: str, share: float
) -> None:
    points, stated = scattered(150, seed)
    rng = np.random.default_rng(seed)
    noisy = [str(rng.choice(NAMES)) if rng.random() < share else name for name in stated]
    found = weighed(write_as(points, truth), list(noisy))
    assert found.reading is None or found.reading.id == truth
    assert found.finding in {"found", "cannot_tell"}


def test_another_city_fits_no_reading() -> None:
    found = weighed([shapely.Point(116.4, 39.9), shapely.Point(116.5, 39.8)], declared="wgs84")
    assert found.finding == "none_fits"
    assert found.candidates == ()
    assert found.rows[0].away_m is not None
    assert found.rows[0].away_m > 1.3e6
    assert "0% of all features (0 of 2) lie in the city" in found.paragraph.en
    assert "km from the middle of the city" in found.paragraph.en


def test_numbers_beyond_every_reading_fit_none() -> None:
    found = weighed([shapely.Point(1e12, 1e12)])
    assert found.finding == "none_fits"
    assert found.rows == ()


def test_names_at_random_fit_no_reading() -> None:
    points, stated = scattered(300)
    assert weighed(points, stated[::-1]).finding == "none_fits"


def test_without_stated_districts_the_edge_of_the_city_tells() -> None:
    points, _ = scattered(3000)
    found = weighed(write_as(points, "gcj02"), declared="wgs84")
    assert found.finding == "wrong_datum"
    assert "of all features (3000 of 3000) lie in the city" in found.paragraph.en


def known(points: Shapes, accuracy_m: float = 50.0) -> tuple[KnownPlaces, list[str | None]]:
    """The points as places that are known by name."""
    names = [f"地点{row}" for row in range(len(points))]
    lon, lat = shapely.get_coordinates(points).T
    places = KnownPlaces.from_columns(names, lon, lat, np.full(len(points), accuracy_m))
    return places, list(names)


@pytest.mark.parametrize("truth", ["cgcs2000", "gcj02", "bd09"])
def test_places_known_by_name_tell_where_borders_do_not(truth: str) -> None:
    points, stated = in_the_middle()
    places, names = known(points)
    found = weighed(
        write_as(points, truth), stated, names=names, known_places=places, declared="wgs84"
    )
    assert found.reading is not None
    assert found.reading.id == truth
    assert found.rows[0].named == 12
    assert found.rows[0].median_named_m is not None
    assert found.rows[0].median_named_m < 1e-3
    assert "the 12 known places of the same name are 0 m away (median)" in found.paragraph.en
    assert "12 个同名地点的距离中位数为 0 米" in found.paragraph.zh


def test_coarse_and_double_names_say_nothing() -> None:
    points, stated = in_the_middle()
    coarse, names = known(points, accuracy_m=1000.1)
    lon, lat = shapely.get_coordinates(points).T
    double = KnownPlaces.from_columns(["地点0"] * 12, lon, lat, np.full(12, 1.0))
    for places in (coarse, double):
        found = weighed(points, stated, names=names, known_places=places)
        assert found.finding == "cannot_tell"
        assert found.rows[0].named == 0
        assert found.rows[0].median_named_m is None
    edge, names = known(points, accuracy_m=1000.0)
    assert weighed(points, stated, names=names, known_places=edge).rows[0].named == 12


def test_names_of_districts_short_long_and_unknown() -> None:
    districts = [shapely.box(120.0, 28.0, 120.1, 28.1), shapely.box(120.1, 28.0, 120.2, 28.1)]
    point = shapely.Point(120.05, 28.05)
    stated = ["鹿城区", " 鹿城 ", "温州市鹿城区", "经开区", "", None]
    found = weigh_readings(
        [point] * 6,
        districts=districts,
        district_names=["鹿城区", "瓯海区"],
        stated_districts=stated,
    )
    assert found.unknown_districts == ("经开区",)
    assert found.rows[0].stated == found.rows[0].in_stated == 3
    assert "Stated names that are no district of the city: 1 (经开区)" in found.paragraph.en
    assert "所注的 1 个名称不是本市的县（市、区）（经开区）" in found.paragraph.zh


def test_features_without_a_position_are_counted_and_left_out() -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.LineString([(120.5, 27.9), (math.nan, 27.9)])
    shapes = [
        *(None, shapely.Point(), broken, shapely.GeometryCollection()),
        shapely.Point(math.inf, 1.0),
        shapely.GeometryCollection([shapely.Point(120.45, 27.9)]),
        shapely.box(120.5, 27.9, 120.52, 27.92),
        shapely.LineString([(120.5, 27.9, 3.0), (120.52, 27.92, 4.0)]),
    ]
    found = weighed(shapes)
    assert found.without_position == 5
    assert found.rows[0].positions == 3
    assert "Features without a position, left out: 5." in found.paragraph.en


def test_a_declared_system_that_is_refused_is_refused_here() -> None:
    with pytest.raises(CrsError, match="Xi'an 1980"):
        weighed([shapely.Point(568759.7, 3097973.7)], declared="EPSG:2385")


@pytest.mark.parametrize(
    ("shapes", "more", "words", "chinese"),
    [
        ([], {}, "none of the 0 features has a position", "0 个要素都没有位置"),
        ([None], {}, "none of the 1 features has a position", "1 个要素都没有位置"),
        (["x"], {}, "row 0 is a str, not a geometry", "第 0 行是 str"),
        ([None], {"names": ["a", "b"]}, "names has 2 values for 1 features", "names 有 2 个值"),
    ],
)
def test_bad_features_are_named(
    shapes: list[Any], more: dict[str, Any], words: str, chinese: str
) -> None:
    with pytest.raises(GeometryError, match=words) as caught:
        weighed(shapes, **more)
    assert chinese in caught.value.of("zh")


@pytest.mark.parametrize(
    ("districts", "names"),
    [([], []), (DISTRICTS[:2], ["甲"]), ([shapely.Point(1.0, 1.0)], ["甲"]), ([None], ["甲"])],
)
def test_districts_without_polygons_or_names_are_refused(
    districts: list[Any], names: list[str]
) -> None:
    with pytest.raises(GeometryError, match="give at least one polygon, each with its name"):
        weigh_readings([shapely.Point(1.0, 1.0)], districts=districts, district_names=names)


def test_known_places_name_their_bad_rows() -> None:
    with pytest.raises(GeometryError, match="2 known places have no") as caught:
        KnownPlaces.from_columns(
            ["a", "b", "c"], [120.0, 200.0, 120.0], [28.0] * 3, [1.0, 1.0, -1.0]
        )
    assert [fault.row for fault in caught.value.faults] == [1, 2]
    with pytest.raises(GeometryError, match="give one value for each name"):
        KnownPlaces.from_columns(["a"], [120.0, 121.0], [28.0], [1.0])


@pytest.mark.parametrize(
    ("won", "lost", "expected"),
    [(0, 0, 1.0), (1, 1, 1.0), (6, 0, 2 / 64), (0, 9, 2 / 512), (8, 1, 20 / 512), (5, 4, 1.0)],
)
def test_the_sign_test_in_closed_form(won: int, lost: int, expected: float) -> None:
    assert sign_test(won, lost) == expected


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_sign_test_is_the_binomial_test(won: int, lost: int) -> None:
    if won + lost:
        expected = float(binomtest(won, won + lost).pvalue)
        assert sign_test(won, lost) == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert sign_test(won, lost) == sign_test(lost, won)


def test_the_sign_test_refuses_negative_counts() -> None:
    with pytest.raises(GeometryError, match="a sign test counts from 0 up, not -1 and 3"):
        sign_test(-1, 3)
