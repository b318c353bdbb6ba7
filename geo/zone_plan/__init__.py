"""Where a core zone could lie: a scenario's surface, the best contiguous site, its four bounds.

Cells of a regular grid are scored by the criteria that have a meaning at a place (`ground`); the
contiguous set of cells of the area asked for that is worth most is found with its bound (`cells`,
`geo.delineation`) and laid on the ground (`site`). Cells cut by the edge of the search area are no
part of any zone.
"""

from geo.zone_plan.assumptions import assumptions
from geo.zone_plan.closures import Closures, rule_name
from geo.zone_plan.ground import Ground, build_ground
from geo.zone_plan.named import Named, find_named
from geo.zone_plan.plan import NEXT_M, ZonePlan, plan_zone
from geo.zone_plan.question import ZoneQuestion
from geo.zone_plan.search_area import SEARCH_AREA, control_lines, search_area
from geo.zone_plan.site import Held, Site
from geo.zone_plan.survey import Survey, survey_scenario

__all__ = [
    "NEXT_M",
    "SEARCH_AREA",
    "Closures",
    "Ground",
    "Held",
    "Named",
    "Site",
    "Survey",
    "ZonePlan",
    "ZoneQuestion",
    "assumptions",
    "build_ground",
    "control_lines",
    "find_named",
    "plan_zone",
    "rule_name",
    "search_area",
    "survey_scenario",
]
