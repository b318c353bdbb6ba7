"""A scenario's criteria over the ground that is searched, and the weights they have there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd

from geo.scenario import CriterionSpec, SitingScenario
from geo.suitability import Surface
from geo.zone_plan.closures import Closures
from geo.zone_plan.search_area import Layers
from geo.zone_plan.survey import survey_scenario


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A siting scenario on cells: its surface, the shares of the criteria on it, those left out.

    `specs` are the criteria on the surface in the scenario's order, `weights` their shares by id,
    which sum to 1; `left_out` are the criteria that are known of the alternatives alone.
    `area` is what is searched, one polygon in the plane of the surface's grid.
    """

    surface: Surface
    specs: tuple[CriterionSpec, ...]
    weights: dict[str, float]
    left_out: tuple[CriterionSpec, ...]
    area: gpd.GeoDataFrame

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
    closures: Closures | None = None,
) -> Ground:
    """Measure a siting scenario on cells of `cell_m` within `reach_m` of town centres and zones.

    All else as for `survey_scenario`. Raises as `survey_scenario` and `build_surface`.
    """
    survey = survey_scenario(
        scenario, layers, cell_m=cell_m, reach_m=reach_m, weights=weights, closures=closures
    )
    return Ground(survey.build(), survey.specs, survey.weights, survey.left_out, survey.area)
