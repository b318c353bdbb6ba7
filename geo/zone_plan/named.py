"""All that a question names, found in the layers before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.delineation.faults import require_no_faults
from geo.scenario import SitingScenario
from geo.zone_plan.closures import ClosedGround, closed_by
from geo.zone_plan.features import Register
from geo.zone_plan.question import ZoneQuestion
from geo.zone_plan.search_area import Layers

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What a question names, as geometry in EPSG:4490: by name, or all together."""

    closed: ClosedGround
    include: dict[str, Any]
    barriers: Shapes
    bridges: Shapes
    snap_to: Shapes


def find_named(scenario: SitingScenario, layers: Layers, question: ZoneQuestion) -> Named:
    """Find everything; raises one `ZoneError` with every name that cannot be found."""
    register = Register(layers)
    closed = closed_by(register, question.closures)
    include = {}
    for asked in question.include:
        found = register.placed("include", asked)
        if found is not None:
            include[asked] = found[1].geometry.to_numpy()[0]
    known = [one.id for one in scenario.criteria]
    for name, least in question.cut_offs.items():
        if name not in known:
            listed = ", ".join(known)
            register.refuse(f"cut_offs.{name}", least, f"a criterion: {listed}", f"准则：{listed}")
    barriers = _shapes(register, "barriers", question.barriers)
    bridges = _shapes(register, "bridges", question.bridges)
    snap_to = _shapes(register, "snap_to", (question.snap_to,) if question.snap_to else ())
    if len(snap_to) and not (shapely.get_dimensions(snap_to) > 0).all():
        said = ("lines or polygons", "线或面")
        register.refuse("snap_to", question.snap_to, *said)
    require_no_faults(register.faults)
    return Named(closed, include, barriers, bridges, snap_to)


def _shapes(register: Register, said: str, asked: tuple[str, ...]) -> Shapes:
    groups = [register.group(said, one) for one in asked]
    found = [group[1].geometry.to_numpy() for group in groups if group is not None]
    shapes = np.concatenate([*found, np.zeros(0, dtype=object)])
    return np.asarray(
        shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))], dtype=object
    )
