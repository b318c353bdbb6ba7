"""Why demand is left unserved, in words."""

from __future__ import annotations

from geo.criteria import is_located
from geo.hubs.plans import LocationResult, ReadingResult
from geo.location.solution import Reason
from geo.sentence import Sentence

_NOT_LOCATED = Sentence("位置不明", "its place is not known")
_UNREACHABLE = Sentence("没有可以服务它的候选点", "no candidate may serve it")
_NO_CAPACITY = Sentence("设施没有余量服务它", "no facility has capacity left for it")


def unserved_because(result: LocationResult, solved: ReadingResult) -> list[tuple[int, Sentence]]:
    """Rows of the demand that a plan does not serve, ascending, each with its reason.

    Without a plan there is nothing to give reasons for: the list is empty.
    """
    solution = solved.solution
    if not solution.facilities:
        return []
    known = is_located(result.demand)
    pairs = zip(solution.unserved, solution.reasons, strict=True)
    return [
        (row, _because(reason, result.scenario.service_radius_m) if known[row] else _NOT_LOCATED)
        for row, reason in pairs
    ]


def _because(reason: Reason, radius_m: float) -> Sentence:
    if reason == "outside_radius":
        return Sentence(
            f"在 {radius_m:g} 米的服务半径之外", f"outside the service radius of {radius_m:g} m"
        )
    return _NO_CAPACITY if reason == "no_capacity" else _UNREACHABLE
