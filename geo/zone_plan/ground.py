"""A scenario's criteria over the ground that is searched, and the weights they have there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.delineation.faults import ZoneError
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    MembersMeasure,
    RatioMeasure,
    SitingScenario,
)
from geo.suitability import Covered, Surface, build_grid, build_surface, criteria_of, plane_layers
from geo.weighting import stated_weights
from geo.zone_plan.search_area import SEARCH_AREA, Layers, control_lines, search_area

_OF_ALTERNATIVES = (AttributeMeasure, RatioMeasure, MembersMeasure)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A siting scenario on cells: its surface, the shares of the criteria on it, those left out.

    `specs` are the criteria on the surface in the scenario's order, `weights` their shares by id,
    which sum to 1; `left_out` are the criteria that are known of the alternatives alone.
    """

    surface: Surface
    specs: tuple[CriterionSpec, ...]
    weights: dict[str, float]
    left_out: tuple[CriterionSpec, ...]

    @property
    def shares(self) -> list[float]:
        """The weights in the order of the criteria."""
        return [self.weights[one.id] for one in self.specs]


def build_ground(
    scenario: SitingScenario,
    layers: Layers,
    *,
    cell_m: float,
    reach_m: float,
    weights: Mapping[str, float] | None = None,
) -> Ground:
    """Measure a siting scenario on cells of `cell_m` within `reach_m` of town centres and zones.

    `layers` are those of a workspace, in EPSG:4490. `weights` replaces numbers of criteria by id.
    Raises `ZoneError` where there is nothing to search around, where no criterion has a meaning on
    cells and for weights that cannot be used, and as `build_grid` and `build_surface`.
    """
    specs = tuple(one for one in scenario.criteria if not isinstance(one.measure, _OF_ALTERNATIVES))
    left_out = tuple(one for one in scenario.criteria if one not in specs)
    shares = _weights(scenario, specs, weights)
    surface = _surface(scenario, layers, cell_m, reach_m, specs)
    return Ground(surface, specs, shares, left_out)


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


def _surface(
    scenario: SitingScenario,
    layers: Layers,
    cell_m: float,
    reach_m: float,
    specs: Sequence[CriterionSpec],
) -> Surface:
    """The scenario's criteria over the search area."""
    closed, open_ = control_lines(layers)
    area = search_area(layers, reach_m, within=open_)
    grid = build_grid(area.total_bounds, crs=area.crs, cell_m=cell_m, criteria=len(specs))
    flat = {**plane_layers({**layers, **closed}, grid), SEARCH_AREA: area}
    return build_surface(
        grid,
        flat,
        criteria=criteria_of(specs, alternatives=scenario.alternatives),
        rules=[Covered(name, name) for name in closed],
        study_area=SEARCH_AREA,
    )
