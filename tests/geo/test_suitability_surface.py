"""The suitability surface: criteria, exclusions and ledger, and what a change touches."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.arrays import Floats
from geo.errors import CriterionError, CrsError, GeometryError, InfeasibleError, WeightsError
from geo.measure import area_m2
from geo.suitability import (
    Attribute,
    Covered,
    Criterion,
    Grid,
    Inside,
    Nearest,
    Rule,
    Setback,
    Share,
    Surface,
    Threshold,
    ToBoundary,
    Within,
    build_grid,
    build_surface,
    plane_layers,
    recombined,
)
from geo.value import LinearValue

PLANE = "EPSG:4549"
WEST, SOUTH = 560_000.0, 3_090_000.0
GRID = build_grid([WEST, SOUTH, WEST + 3000.0, SOUTH + 2000.0], crs=PLANE)
AREA = shapely.Polygon(
    [(WEST + 130, SOUTH + 120), (WEST + 2870, SOUTH + 340), (WEST + 2500, SOUTH + 1930)]
)
CRITERIA = (
    Criterion("station", Nearest("stations"), LinearValue(200.0, 2500.0, "cost")),
    Criterion("firms", Within("firms", 600.0), LinearValue(0.0, 8.0, "benefit")),
    Criterion("jobs", Within("firms", 900.0, "jobs"), LinearValue(0.0, 300.0, "benefit")),
    Criterion("in_east", Inside("districts"), LinearValue(0.0, 1.0, "benefit"), "worst"),
    Criterion("edge", ToBoundary("area"), LinearValue(0.0, 500.0, "benefit")),
    Criterion("density", Attribute("districts", "density"), LinearValue(0.0, 9.0, "cost")),
    Criterion("park", Share("districts"), LinearValue(0.0, 1.0, "benefit")),
)
RULES: tuple[Rule, ...] = (
    Setback("river", "river", 150.0),
    Covered("reserve", "reserve"),
    Threshold("far", "station", ">", 700.0),
)


def frame(geometry: object, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=PLANE)


def layers_of(seed: int = 1) -> dict[str, gpd.GeoDataFrame]:
    rng = np.random.default_rng(seed)

    def points(count: int) -> object:
        x, y = rng.uniform(-500.0, 3500.0, count), rng.uniform(-500.0, 2500.0, count)
        return shapely.points(WEST + x, SOUTH + y)

    river = shapely.LineString([(WEST - 400, SOUTH + 900), (WEST + 3400, SOUTH + 1100)])
    east = shapely.box(WEST + 1510.0, SOUTH, WEST + 4000.0, SOUTH + 2000.0)
    north = shapely.box(WEST, SOUTH + 1510.0, WEST + 1510.0, SOUTH + 2000.0)
    return {
        "area": frame([AREA]),
        "stations": frame(points(4)),
        "firms": frame(points(60), jobs=np.where(np.arange(60) == 3, np.nan, rng.random(60) * 40)),
        "districts": frame([east, north], density=[4.0, np.nan]),
        "river": frame([river]),
        "reserve": frame([shapely.box(WEST + 1930, SOUTH + 330, WEST + 2140, SOUTH + 960)]),
    }


def surface_of(
    layers: dict[str, gpd.GeoDataFrame] | None = None, rules: tuple[Rule, ...] = RULES
) -> Surface:
    given = layers_of() if layers is None else layers
    return build_surface(GRID, given, criteria=CRITERIA, rules=rules, study_area="area")


def middles() -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    east, north = np.meshgrid(*GRID.cell_centres())
    return np.asarray(shapely.points(east, north), dtype=object)


def along(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return layer.set_geometry(layer.geometry.segmentize(50.0))


def same(one: Floats, other: Floats) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def test_every_criterion_is_what_shapely_measures_inside_the_study_area() -> None:
    layers, surface, at = layers_of(), surface_of(), middles()
    outside = surface.share == 0.0
    stations = shapely.MultiPoint(shapely.get_coordinates(layers["stations"].geometry))
    firms = layers["firms"]
    jobs = np.nan_to_num(firms["jobs"].to_numpy())
    reached = {r: np.array([shapely.dwithin(at, p, r) for p in firms.geometry]) for r in (600, 900)}
    east, north = layers["districts"].geometry
    in_east, in_north = shapely.intersects(east, at), shapely.intersects(north, at)
    want = [
        shapely.distance(at, stations),
        reached[600].sum(axis=0),
        np.tensordot(jobs, reached[900].astype(float), axes=1),
        in_east | in_north,
        shapely.distance(at, AREA.boundary),
        np.where(in_east, 4.0, np.nan),
    ]
    for found, wanted in zip(surface.performance[:6], want, strict=True):
        assert np.isnan(found[outside]).all()
        np.testing.assert_allclose(found[~outside], wanted[~outside], rtol=1e-12, atol=1e-9)
    assert surface.stack.shape == (7, *GRID.shape)


def test_cut_cells_have_a_share_and_are_measured() -> None:
    surface = surface_of()
    cut = (surface.share > 0.0) & (surface.share < 1.0)
    beyond = cut & ~shapely.intersects(AREA, middles())
    assert beyond.any()
    assert np.isfinite(surface.performance[0][beyond]).all()
    assert surface.share.sum() * 100.0**2 == pytest.approx(AREA.area, rel=1e-12)


def test_no_data_is_not_unsuitable() -> None:
    surface = surface_of()
    weights = [0, 0, 0, 0, 0, 10_000, 0]
    colours = surface.recombined(weights)
    inside = surface.share > 0.0
    ruled = np.any(surface.met, axis=0) & inside
    unknown = np.isnan(surface.performance[5])
    assert (colours[~inside] == 0).all()
    assert (colours[ruled] == 1).all()
    assert (ruled & unknown).any()
    assert (colours[inside & ~ruled & unknown] == 0).all()
    assert (colours[inside & ~ruled & ~unknown] >= 2).all()
    only_known = surface.recombined([10_000, 0, 0, 0, 0, 0, 0])
    assert (only_known[inside & ~ruled] >= 2).all()


def test_missing_as_worst_is_worth_nothing() -> None:
    worst = Criterion("d", Attribute("districts", "density"), LinearValue(0, 9, "cost"), "worst")
    surface = build_surface(GRID, layers_of(), criteria=[worst], study_area="area")
    unknown = np.isnan(surface.performance[0]) & (surface.share > 0.0)
    assert unknown.any()
    assert (surface.levels[0][unknown] == 2).all()


def test_setbacks_reach_in_from_outside_the_study_area_and_their_border_stays() -> None:
    layers = layers_of()
    layers["river"] = frame([shapely.Point(WEST - 250.0, SOUTH + 150.0)])
    layers["area"] = frame([shapely.box(WEST, SOUTH, WEST + 3000.0, SOUTH + 2000.0)])
    surface = surface_of(layers, (Setback("mast", "river", 500.0),))
    met = np.argwhere(surface.met[0])
    assert surface.met[0].sum() == surface.ledger.taken[0].cells > 0
    assert (met[:, 1] <= 2).all()
    row = GRID.rows - 2
    assert surface.performance[0].shape == GRID.shape
    assert surface.met[0][row, :4].tolist() == [True, True, False, False]
    east, _ = GRID.cell_centres()
    assert east[2] - (WEST - 250.0) == 500.0


def test_a_setback_of_zero_takes_what_lies_on_the_geometry() -> None:
    layers = layers_of()
    east, north = GRID.cell_centres()
    layers["river"] = frame([shapely.box(east[15], north[12], east[18], north[10])])
    surface = surface_of(layers, (Setback("pond", "river"),))
    want = np.zeros(GRID.shape, dtype=bool)
    want[10:13, 15:19] = True
    assert surface.eligible[9, 15]
    assert (surface.met[0] == want).all()


def test_thresholds_are_strict_and_never_met_by_what_is_not_known() -> None:
    value = float(surface_of().performance[0][10, 15])
    assert np.isfinite(value)
    for sign, met in ((">", False), (">=", True), ("<", False), ("<=", True)):
        rule = Threshold("t", "station", sign, value)  # type: ignore[arg-type]
        assert surface_of(rules=(rule,)).met[0][10, 15] == met
    low = surface_of(rules=(Threshold("t", "density", "<=", 1e9),))
    assert not low.met[0][np.isnan(low.performance[5])].any()


def test_the_ledger_adds_up_together_and_alone() -> None:
    surface = surface_of()
    ledger, inside = surface.ledger, surface.share > 0.0
    number = np.sum(surface.met, axis=0)
    area = GRID.area_m2() * surface.share * 3.0 / 2000.0
    assert ledger.cells == inside.sum() == ledger.cells_excluded + ledger.cells_left
    assert ledger.area_mu == pytest.approx(area_m2([AREA], PLANE)[0] * 3 / 2000, rel=1e-7)
    assert ledger.area_mu == pytest.approx(ledger.area_excluded_mu + ledger.area_left_mu)
    assert ledger.cells_left == surface.eligible.sum()
    assert [one.rule for one in ledger.taken] == ["river", "reserve", "far"]
    for one, met in zip(ledger.taken, surface.met, strict=True):
        assert one.cells == (met & inside).sum() > one.cells_alone > 0
        assert one.cells_alone == (met & inside & (number == 1)).sum()
        assert one.area_mu == pytest.approx(area[met].sum())
        assert one.area_alone_mu == pytest.approx(area[met & (number == 1)].sum())


def test_flags_hold_the_outside_and_each_rule() -> None:
    surface = surface_of()
    assert ((surface.flags & 1 == 1) == (surface.share == 0.0)).all()
    for number, met in enumerate(surface.met, start=1):
        assert ((surface.flags >> number & 1 == 1) == met).all()
    some = recombined(surface.levels, [10_000, *[0] * 6], flags=surface.flags, rules=[1, 3])
    out = (surface.met[0] | surface.met[2]) & (surface.share > 0.0)
    assert ((some == 1) == out).all()


def test_colours_are_within_one_level_of_the_exact_scores() -> None:
    surface = surface_of()
    weights = np.array([2500, 1000, 1499, 1, 3000, 2000, 0])
    scores, colours = surface.scores(weights), surface.recombined(weights)
    known = np.isfinite(scores)
    assert ((colours >= 2) == known).all()
    assert np.abs(colours[known] - 2.0 - 253.0 * scores[known]).max() <= 1.0 + 1e-9
    first = surface.scores([3.0, 0, 0, 0, 0, 0, 0])
    inside = surface.eligible
    want = CRITERIA[0].value_function(surface.performance[0])
    np.testing.assert_allclose(first[inside], want[inside])


@pytest.mark.parametrize("name", ["stations", "firms", "districts", "river", "reserve", "area"])
def test_after_a_change_it_is_as_if_built_anew(name: str) -> None:
    before, changed = surface_of(), {**layers_of(), name: layers_of(seed=2)[name]}
    if name in {"river", "reserve", "districts", "area"}:
        moved = changed[name].geometry.translate(170.0, 90.0)
        changed[name] = changed[name].set_geometry(moved)
    after, anew = before.after(changed, changed=[name]), surface_of(changed)
    for one, other in zip(after.performance, anew.performance, strict=True):
        assert same(one, other)
    for one_levels, other_levels in zip(after.levels, anew.levels, strict=True):
        assert (one_levels == other_levels).all()
    for one_met, other_met in zip(after.met, anew.met, strict=True):
        assert (one_met == other_met).all()
    different = [not same(a, b) for a, b in zip(before.performance, after.performance, strict=True)]
    assert any(different) or name in {"river", "reserve"}


def test_only_what_a_change_touches_is_measured_again() -> None:
    before = surface_of()
    after = before.after({**layers_of(), "firms": layers_of(2)["firms"]}, changed=["firms"])
    kept = [a is b for a, b in zip(before.performance, after.performance, strict=True)]
    assert kept == [True, False, False, True, True, True, True]
    assert [a is b for a, b in zip(before.met, after.met, strict=True)] == [True, True, True]
    moved = before.after(
        {**layers_of(), "stations": layers_of(2)["stations"]}, changed=["stations"]
    )
    assert [a is b for a, b in zip(before.met, moved.met, strict=True)] == [True, True, False]
    untouched = before.after(layers_of(), changed=["another"])
    assert all(a is b for a, b in zip(before.performance, untouched.performance, strict=True))


def test_another_value_function_radius_or_setback_measures_that_alone() -> None:
    before, layers = surface_of(), layers_of()
    bent = Criterion("station", CRITERIA[0].field, LinearValue(100.0, 900.0, "cost"))
    wider = Criterion("firms", Within("firms", 800.0), CRITERIA[1].value_function)
    criteria = (bent, wider, *CRITERIA[2:])
    rules = (Setback("river", "river", 220.0), *RULES[1:])
    after = before.after(layers, criteria=criteria, rules=rules)
    anew = build_surface(GRID, layers, criteria=criteria, rules=rules, study_area="area")
    for one, other in zip(after.performance, anew.performance, strict=True):
        assert same(one, other)
    for one_bytes, other_bytes in zip(
        (*after.levels, *after.met), (*anew.levels, *anew.met), strict=True
    ):
        assert (one_bytes == other_bytes).all()
    kept = [a is b for a, b in zip(before.performance, after.performance, strict=True)]
    assert kept == [True, False, True, True, True, True, True]
    levels = [a is b for a, b in zip(before.levels, after.levels, strict=True)]
    assert levels == [False, False, True, True, True, True, True]
    assert [a is b for a, b in zip(before.met, after.met, strict=True)] == [False, True, True]


def test_criteria_and_rules_come_and_go() -> None:
    before, layers = surface_of(), layers_of()
    fewer = before.after(layers, criteria=CRITERIA[1:3], rules=RULES[:1])
    assert [one.id for one in fewer.criteria] == ["firms", "jobs"]
    assert fewer.performance[0] is before.performance[1]
    assert fewer.met[0] is before.met[0]
    more = fewer.after(layers, criteria=CRITERIA, rules=RULES)
    for one, other in zip(more.performance, before.performance, strict=True):
        assert same(one, other)
    assert (more.flags == before.flags).all()
    with pytest.raises(CriterionError, match="names criterion 'station'; there are firms, jobs"):
        before.after(layers, criteria=CRITERIA[1:3])


def test_arrays_of_a_surface_cannot_be_written() -> None:
    surface = surface_of()
    for array in (surface.share, surface.performance[0], surface.levels[0], surface.met[0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0


def test_layers_are_brought_to_the_plane_in_the_open() -> None:
    stored = {name: along(layer).to_crs("EPSG:4490") for name, layer in layers_of().items()}
    with pytest.raises(CrsError, match="EPSG:4490 and EPSG:4549"):
        surface_of(stored)
    surface, plain = surface_of(plane_layers(stored, GRID)), surface_of()
    for one, other in zip(surface.performance[:3], plain.performance[:3], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert surface.share.sum() == pytest.approx(plain.share.sum(), rel=1e-6)


Change = Callable[[dict[str, gpd.GeoDataFrame]], object]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda it: it.pop("firms"), CriterionError, "there is no layer 'firms'"),
        (
            lambda it: it.update(stations=it["stations"][:0]),
            CriterionError,
            "layer 'stations' has no feature, so there is no distance to measure",
        ),
        (
            lambda it: it.update(firms=it["firms"].drop(columns="jobs")),
            CriterionError,
            "the layer has no field 'jobs'; it has geometry",
        ),
        (
            lambda it: it["districts"].__setitem__("density", ["dense", "thin"]),
            CriterionError,
            "field 'density' is not numeric",
        ),
        (
            lambda it: it.update(area=it["area"][:0]),
            GeometryError,
            r"the study area 'area' \(0 polygons\) has no part in the grid",
        ),
        (
            lambda it: it.update(area=frame([shapely.Polygon()])),
            GeometryError,
            "1 of 1 geometries are missing, empty or not finite",
        ),
        (
            lambda it: it.update(area=frame([shapely.box(0, 0, 1, 1)])),
            GeometryError,
            "give a district that is not empty",
        ),
        (
            lambda it: it.update(
                reserve=frame([shapely.box(WEST, SOUTH, WEST + 3e3, SOUTH + 2e3)])
            ),
            InfeasibleError,
            r"leave none of the \d+ cells of the study area \(river \d+, reserve \d+, far \d+\)",
        ),
    ],
)
def test_bad_layers_are_refused(change: Change, error: type[Exception], words: str) -> None:
    layers = layers_of()
    change(layers)
    with pytest.raises(error, match=words):
        surface_of(layers)


def test_a_layer_without_features_excludes_and_counts_nothing() -> None:
    layers = layers_of()
    layers["river"], layers["firms"] = layers["river"][:0], layers["firms"][:0]
    surface = surface_of(layers)
    assert not surface.met[0].any()
    assert np.nanmax(surface.performance[1]) == 0.0


def test_bad_declarations_are_refused() -> None:
    with pytest.raises(CriterionError, match="make no surface"):
        build_surface(GRID, layers_of(), criteria=[], study_area="area")
    with pytest.raises(CriterionError, match="make no surface"):
        build_surface(GRID, layers_of(), criteria=[CRITERIA[0]] * 2, study_area="area")
    with pytest.raises(CriterionError, match="several rules are called 'river'"):
        surface_of(rules=(RULES[0], RULES[0]))
    with pytest.raises(CriterionError, match="names criterion 'rail'; there are station, firms"):
        surface_of(rules=(Threshold("t", "rail", ">", 1.0),))
    with pytest.raises(CriterionError, match="32 rules are more than the 31"):
        surface_of(rules=tuple(Setback(f"r{k}", "river", 1.0) for k in range(32)))
    with pytest.raises(CriterionError, match="a radius of -1 m cannot be used"):
        Setback("river", "river", -1.0)
    with pytest.raises(CriterionError, match="a share of nan cannot be used"):
        Covered("reserve", "reserve", np.nan)
    with pytest.raises(WeightsError, match="give 7 finite numbers"):
        surface_of().scores([1.0, 2.0])


def test_a_part_of_the_grid_is_a_part_of_the_surface() -> None:
    rows, columns = slice(3, 15), slice(8, 27)
    part: Grid = GRID.window(rows, columns)
    some = build_surface(part, layers_of(), criteria=CRITERIA, rules=RULES, study_area="area")
    whole = surface_of()
    for one, other in zip(some.performance, whole.performance, strict=True):
        np.testing.assert_allclose(one, other[rows, columns], rtol=0.0, atol=1e-9)
    for one_met, other_met in zip(some.met, whole.met, strict=True):
        assert (one_met == other_met[rows, columns]).all()
