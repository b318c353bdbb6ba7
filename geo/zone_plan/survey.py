"""What a siting scenario asks of cells before they are measured: grid, criteria, closed ground."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd

from geo.delineation.faults import ZoneError
from geo.errors import Fault
from geo.faults import refuse_faults
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    MembersMeasure,
    RatioMeasure,
    SitingScenario,
)
from geo.sentence import Sentence
from geo.suitability import (
    Criterion,
    Grid,
    Rule,
    Surface,
    build_grid,
    build_surface,
    criteria_of,
    plane_layers,
)
from geo.weighting import stated_weights
from geo.zone_plan.closures import Closures, closed_ground
from geo.zone_plan.search_area import SEARCH_AREA, Layers, control_lines, search_area

_OF_ALTERNATIVES = (AttributeMeasure, RatioMeasure, MembersMeasure)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """A siting scenario on cells, not yet measured. Build with `survey_scenario`.

    `specs` are the criteria that have a meaning at a place, in the scenario's order, `weights`
    their shares by id, which sum to 1; `left_out` are those known of the alternatives alone.
    `layers` are the workspace's in EPSG:4490 with each closed kind of control line as one of its
    own, `area` the search area, one polygon in the plane of the grid.
    """

    specs: tuple[CriterionSpec, ...]
    weights: dict[str, float]
    left_out: tuple[CriterionSpec, ...]
    grid: Grid
    layers: Layers
    area: gpd.GeoDataFrame
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]

    @property
    def measured(self) -> list[str]:
        """Names of the layers that criteria and rules depend on, sorted; the search area's not."""
        of_rules = {name for one in self.rules if (name := getattr(one, "layer", None))}
        return sorted(of_rules.union(*(one.field.layers for one in self.criteria)))

    def build(self) -> Surface:
        """Measure everything. Raises as `build_surface`."""
        return build_surface(
            self.grid,
            self._flat(),
            criteria=self.criteria,
            rules=self.rules,
            study_area=SEARCH_AREA,
        )

    def after(self, known: Surface, *, changed: Iterable[str]) -> Surface:
        """Measure only what a surface of the same grid and search area does not know.

        `changed` names the layers whose features are others than those of `known`. The result is
        that of `build`.
        """
        return known.after(self._flat(), changed=changed, criteria=self.criteria, rules=self.rules)

    def _flat(self) -> dict[str, gpd.GeoDataFrame]:
        return {**plane_layers(self.layers, self.grid), SEARCH_AREA: self.area}


def survey_scenario(
    scenario: SitingScenario,
    layers: Layers,
    *,
    cell_m: float,
    reach_m: float,
    weights: Mapping[str, float] | None = None,
    closures: Closures | None = None,
) -> Survey:
    """Lay cells of `cell_m` over what lies within `reach_m` of town centres and zones.

    `layers` are those of a workspace, in EPSG:4490. `weights` replaces numbers of criteria by id.
    `closures` say what is left out beside the control lines (None: imported farmland, forest, water
    and wetland). Raises `ZoneError` for sizes that are not finite numbers above 0, where there is
    nothing to search around, for names that no feature has, where no criterion has a meaning on
    cells and for weights that cannot be used, and as `build_grid`.
    """
    _require_sizes(cell_m=cell_m, reach_m=reach_m)
    specs = tuple(one for one in scenario.criteria if not isinstance(one.measure, _OF_ALTERNATIVES))
    left_out = tuple(one for one in scenario.criteria if one not in specs)
    shares = _weights(scenario, specs, weights)
    closed = closed_ground(layers, closures or Closures())
    _, open_ = control_lines(layers)
    area = search_area(layers, reach_m, within=open_, district=closed.district)
    return Survey(
        specs,
        shares,
        left_out,
        build_grid(area.total_bounds, crs=area.crs, cell_m=cell_m, criteria=len(specs)),
        {**layers, **closed.layers},
        area,
        criteria_of(specs, alternatives=scenario.alternatives),
        closed.rules,
    )


def _require_sizes(**sizes: float) -> None:
    faults = [
        Fault(None, name, value, "a number above 0", "大于 0 的数")
        for name, value in sizes.items()
        if not (math.isfinite(value) and value > 0.0)
    ]
    refuse_faults(faults, ZoneError, Sentence("格元与搜索范围", "the cells and the search area"))


def _weights(
    scenario: SitingScenario,
    specs: Sequence[CriterionSpec],
    changes: Mapping[str, float] | None,
) -> dict[str, float]:
    """Shares of the criteria on the surface: as stated or changed, divided by their sum."""
    stated = {**(stated_weights(scenario) or {one.id: 1.0 for one in specs}), **(changes or {})}
    known = {one.id: float(stated[one.id]) for one in specs}
    unknown = sorted(set(changes or {}) - {one.id for one in scenario.criteria})
    total = math.fsum(known.values())
    wrong = [name for name, share in known.items() if not (math.isfinite(share) and share >= 0.0)]
    if unknown or wrong or not total > 0.0:
        named = ", ".join([*unknown, *wrong]) or "-"
        raise ZoneError(
            f"weights ({named}) cannot be used; give numbers of 0 or more, not all 0, for criteria "
            f"among {', '.join(known) or 'none: no criterion of the scenario is one of places'}",
            f"权重（{named}）无法使用；请为下列准则给出不小于 0、不全为 0 的数："
            f"{'、'.join(known) or '无，该方案没有可在格元上量算的准则'}",
        )
    return {name: share / total for name, share in known.items()}
