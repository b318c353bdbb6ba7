"""Why a reading has no plan, with the candidates' names in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.hubs.models import MAY_LEAVE
from geo.location import Conflict, LocationProblem, LocationSolution, conflict_of
from geo.scenario import LocationModel
from geo.sentence import LANGS, Sentence

_ALL_WITHIN: tuple[LocationModel, ...] = ("lscp", "backup_coverage")
"""Models that serve all that the radius lets them."""


def named_conflict(
    solution: LocationSolution,
    problem: LocationProblem,
    model: LocationModel,
    radius_m: float,
    names: Sequence[Sentence],
) -> LocationSolution:
    """An infeasible answer with the candidates' names in its conflict; any other as it is.

    `names` (m,) are those of the candidates. Where no conflict is found in time the solver's own
    stays.
    """
    if solution.status != "infeasible":
        return solution
    told = [
        conflict_of(
            problem,
            radius=radius_m if model in _ALL_WITHIN else None,
            serve_all=model not in MAY_LEAVE,
            names=[name.of(lang) for name in names],
            known=True,
        )
        for lang in LANGS
    ]
    zh, en = told
    if zh is None or en is None:
        return solution
    return replace(
        solution,
        conflict=Conflict(_joined(zh.demands, en.demands), _joined(zh.relaxations, en.relaxations)),
    )


def _joined(zh: Sequence[Sentence], en: Sequence[Sentence]) -> tuple[Sentence, ...]:
    return tuple(Sentence(a.zh, b.en) for a, b in zip(zh, en, strict=True))
