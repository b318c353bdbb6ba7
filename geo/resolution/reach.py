"""How far a measure reaches, and the same measure reaching farther or less far.

Reference levels of a count hold for the declared reach. A count that is spread evenly grows with
the area, so at a reach times f it is divided by f² before it is valued: the same as levels times
f². Otherwise a wide reach would put every alternative at full worth and a narrow one at none, and
what shows would be the levels running out, not the reach. The same goes for gravity, whose sum
grows with the square of the half distance; a density, a share and a z-score need no such step.
"""

from __future__ import annotations

from geo.scenario import GravityMeasure, Measure, Reaching, ShareInsideMeasure, WithinMeasure


def reach_of(measure: Measure) -> float | None:
    """How far a measure reaches in m: radius, distance in the minutes given, or half distance.

    None for a measure without one: distances, attributes, members, a power of distance.
    """
    if isinstance(measure, Reaching):
        return measure.reach_m
    if isinstance(measure, ShareInsideMeasure):
        return measure.radius_m
    return measure.decay.half_m if isinstance(measure, GravityMeasure) else None


def with_reach(measure: Measure, factor: float) -> Measure:
    """Return the measure with its reach times `factor`; one without a reach stays as it is.

    Counts, sums and gravity are brought back to the declared area: their `scale` is divided by the
    square of the factor.
    """
    match measure:
        case WithinMeasure():
            scale = measure.scale / factor**2
            return measure.model_copy(update={**_reach(measure, factor), "scale": scale})
        case Reaching():
            return measure.model_copy(update=_reach(measure, factor))
        case ShareInsideMeasure(radius_m=float() as radius):
            return measure.model_copy(update={"radius_m": radius * factor})
        case GravityMeasure() if measure.decay.half_m is not None:
            decay = measure.decay.model_copy(update={"half_m": measure.decay.half_m * factor})
            scale = measure.scale / factor**2
            return measure.model_copy(update={"decay": decay, "scale": scale})
    return measure


def _reach(measure: Reaching, factor: float) -> dict[str, object]:
    if measure.travel is not None:
        minutes = measure.travel.minutes * factor
        return {"travel": measure.travel.model_copy(update={"minutes": minutes})}
    return {"radius_m": measure.reach_m * factor}
