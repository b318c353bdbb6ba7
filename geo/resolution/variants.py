"""Variants of a scenario: the same criteria at another reach, or on layers put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pandas as pd

from geo.criteria import Tables, located, select
from geo.resolution.coarsening import AMOUNT, to_cells, to_districts
from geo.resolution.reach import reach_of, with_reach
from geo.scenario import (
    CriterionSpec,
    GravityMeasure,
    GroupSpec,
    KernelMeasure,
    Reaching,
    SitingScenario,
    WithinMeasure,
)
from geo.sentence import Sentence

VariantKind = Literal["reach", "cells", "districts"]
DEMAND, DISTRICTS = "demand", "districts"
"""Layers of demand points, and of districts with their seats."""

Features = tuple[int, int]
"""How many features are counted before and after they are put together."""

Variant = tuple[SitingScenario, Tables, Features | None]
_Coarsen = Callable[[pd.DataFrame, str | None], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """What a variant changes: reaches by a factor, or points put together by cell or district.

    `criteria` are the ids it touches, those of a first stage too.
    """

    kind: VariantKind
    criteria: tuple[str, ...]
    factor: float | None
    cell_m: float | None
    title: Sentence


Plan = tuple[Change, Callable[[], Variant]]
"""A change, and what carries it out; that may fail where a layer does not allow it."""


def plan_reaches(
    scenario: SitingScenario, tables: Tables, factors: Sequence[float]
) -> Iterator[Plan]:
    """Every reach times each factor: all at once, then each of the scenario's own alone.

    A first stage's reaches change with all. Where there is one reach, all is that one.
    """
    reaching = _ids(scenario, lambda spec: reach_of(spec.measure) is not None)
    for factor in factors if reaching else ():
        title = Sentence(f"全部范围 ×{factor:g}", f"All reaches × {factor:g}")
        change = Change("reach", reaching, factor, None, title)
        yield change, partial(_reaching, scenario, tables, reaching, factor, stage=True)
    for spec in scenario.criteria if len(reaching) > 1 else ():
        for factor in factors if spec.id in reaching else ():
            change = Change("reach", (spec.id,), factor, None, _title(spec, factor))
            yield change, partial(_reaching, scenario, tables, (spec.id,), factor, stage=False)


def plan_aggregations(
    scenario: SitingScenario, tables: Tables, cells_m: Sequence[float]
) -> Iterator[Plan]:
    """The layers counted put together in cells of each size, then demand by districts."""
    counted = _ids(scenario, is_counted)
    for cell_m in cells_m if counted else ():
        title = Sentence(
            f"按 {cell_m / 1000:g} 公里网格聚合", f"Put together in cells of {cell_m / 1000:g} km"
        )
        change = Change("cells", counted, None, cell_m, title)
        yield change, partial(_coarse, scenario, tables, counted, partial(_in_cells, cell_m))
    people = _ids(scenario, lambda spec: is_counted(spec) and _layer(spec) == DEMAND)
    if people and DISTRICTS in tables:
        title = Sentence("需求点按区县聚合", "Demand put together by district")
        change = Change("districts", people, None, None, title)
        seats = partial(_at_seats, tables[DISTRICTS])
        yield change, partial(_coarse, scenario, tables, people, seats)


def is_counted(spec: CriterionSpec) -> bool:
    """Whether a criterion counts or adds up the features of a layer, by where they lie."""
    return isinstance(spec.measure, WithinMeasure | KernelMeasure | GravityMeasure)


def change_criteria(
    scenario: SitingScenario,
    change: Callable[[SitingScenario, CriterionSpec], CriterionSpec],
    *,
    stage: bool,
) -> SitingScenario:
    """Return the scenario with every criterion changed, in all groups; with `stage` before too."""
    first = scenario.first_stage
    if first is not None and stage:
        before = change_criteria(first.scenario, change, stage=True)
        first = first.model_copy(update={"scenario": before})
    groups = [_group(group, partial(change, scenario)) for group in scenario.groups]
    return scenario.model_copy(update={"groups": groups, "first_stage": first})


def _group(group: GroupSpec, change: Callable[[CriterionSpec], CriterionSpec]) -> GroupSpec:
    criteria = [change(spec) for spec in group.criteria]
    inner = [_group(one, change) for one in group.groups]
    return group.model_copy(update={"criteria": criteria, "groups": inner})


def _specs(scenario: SitingScenario) -> list[CriterionSpec]:
    """All criteria, those of first stages behind."""
    first = scenario.first_stage
    return [*scenario.criteria, *(_specs(first.scenario) if first else [])]


def _ids(scenario: SitingScenario, meant: Callable[[CriterionSpec], bool]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spec.id for spec in _specs(scenario) if meant(spec)))


def _layer(spec: CriterionSpec) -> str | None:
    return getattr(spec.measure, "layer", None)


def _title(spec: CriterionSpec, factor: float) -> Sentence:
    """The reach of one criterion, with what it becomes."""
    measure = spec.measure
    if isinstance(measure, Reaching) and measure.travel is not None:
        minutes = measure.travel.minutes * factor
        far = Sentence(f"{minutes:g} 分钟", f"{minutes:g} min")
    else:
        km = (reach_of(measure) or 0.0) * factor / 1000.0
        far = Sentence(f"{km:g} 公里", f"{km:g} km")
    return Sentence(
        f"“{spec.name.zh}”的范围 ×{factor:g}（{far.zh}）",
        f"Reach of “{spec.name.en}” × {factor:g} ({far.en})",
    )


def _reaching(
    scenario: SitingScenario,
    tables: Tables,
    changed: Collection[str],
    factor: float,
    *,
    stage: bool,
) -> Variant:
    def change(_: SitingScenario, spec: CriterionSpec) -> CriterionSpec:
        if spec.id not in changed:
            return spec
        return spec.model_copy(update={"measure": with_reach(spec.measure, factor)})

    return change_criteria(scenario, change, stage=stage), tables, None


def _coarse(
    scenario: SitingScenario, tables: Tables, changed: Collection[str], coarsen: _Coarsen
) -> Variant:
    """Give each changed criterion a coarse layer of its own: filtered, located, put together."""
    layers = dict(tables)
    before = after = 0

    def change(owner: SitingScenario, spec: CriterionSpec) -> CriterionSpec:
        nonlocal before, after
        measure = spec.measure
        if spec.id not in changed or not isinstance(
            measure, WithinMeasure | KernelMeasure | GravityMeasure
        ):
            return spec
        targets = located(select(tables[measure.layer], measure.filter))
        coarse = coarsen(targets, measure.field)
        before, after = before + len(targets), after + len(coarse)
        name = f"{measure.layer}, coarse, for {owner.id}.{spec.id}"
        layers[name] = coarse
        update = {"layer": name, "filter": {}, "field": AMOUNT}
        return spec.model_copy(update={"measure": measure.model_copy(update=update)})

    varied = change_criteria(scenario, change, stage=True)
    return varied, layers, (before, after)


def _in_cells(cell_m: float, points: pd.DataFrame, field: str | None) -> pd.DataFrame:
    return to_cells(points, cell_m=cell_m, field=field)


def _at_seats(districts: pd.DataFrame, points: pd.DataFrame, field: str | None) -> pd.DataFrame:
    return to_districts(points, districts, field=field)
