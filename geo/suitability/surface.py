"""The suitability surface: criteria and exclusions over a grid, recomputed only where changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.errors import CriterionError, GeometryError, InfeasibleError, WeightsError
from geo.suitability.exclusions import (
    Ledger,
    Rule,
    Threshold,
    build_ledger,
    met_by,
    require_ids,
)
from geo.suitability.fields import Criterion, Layers, layer_over
from geo.suitability.grid import Grid
from geo.suitability.ground import share_inside
from geo.suitability.levels import (
    MOST_RULES,
    NO_DATA,
    OUTSIDE,
    Flags,
    Levels,
    levels_of,
    recombined,
)

_ROWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Criteria and rules measured over a grid; arrays are read-only and (rows, columns) each.

    `share` is the share (0-1) of each cell inside the study area; a cell with 0 is outside, a cut
    cell is measured at its middle like any other, even where that is outside. `grid.only` are the
    cells with a share. `performance` has one array per criterion in its unit, NaN for outside and
    for not known; `levels` the bytes of its values (`geo.suitability.levels`); `met` one mask per
    rule, False outside. Build with `build_surface`.
    """

    grid: Grid
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    study_area: str
    share: Floats
    performance: tuple[Floats, ...]
    levels: tuple[Levels, ...]
    met: tuple[Mask, ...]

    @property
    def stack(self) -> Floats:
        """All performances in one array, copied: (criteria, rows, columns), 8 bytes a number."""
        return np.stack(self.performance)

    @property
    def flags(self) -> Flags:
        """Flags of the cells: bit 0 outside the study area, bit k the k-th rule met."""
        result: Flags = (self.share == 0.0).astype(np.uint32) * np.uint32(OUTSIDE)
        for number, one in enumerate(self.met, start=1):
            result |= one.astype(np.uint32) << np.uint32(number)
        return result

    @property
    def ledger(self) -> Ledger:
        """Cells and mu that each rule takes, together and alone, and what is left."""
        return build_ledger(self.grid, self.share, self.rules, self.met)

    @property
    def eligible(self) -> Mask:
        """Cells with a share in the study area that meet no rule."""
        return (self.share > 0.0) & ~_any(self.met, self.grid)

    def scores(self, weights: ArrayLike) -> Floats:
        """Weighted sums of the exact values (criteria,): NaN where a cell is not eligible.

        NaN too where a criterion with a weight above 0 has no data. Weights are divided by their
        sum. `recombined` of the levels is within one level of 2 + 253 times this. Raises
        `WeightsError`.
        """
        shares = shares_of(weights, len(self.criteria))
        total = np.where(self.eligible, 0.0, np.nan)
        for criterion, share, performance in zip(
            self.criteria, shares, self.performance, strict=True
        ):
            if share > 0.0:
                for part in _parts(self.grid):
                    total[part] += share * criterion.values(performance[part])
        return total

    def recombined(self, weights: ArrayLike, *, cut_offs: ArrayLike | None = None) -> Levels:
        """Colours of the cells from levels and whole weights (`levels.recombined`), all rules."""
        return recombined(self.levels, weights, flags=self.flags, cut_offs=cut_offs)

    def after(
        self,
        layers: Layers,
        *,
        changed: Iterable[str] = (),
        criteria: Sequence[Criterion] | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> Surface:
        """The surface after some layers, all named in `changed`, have other features.

        And with other `criteria` or `rules` where they are given. Only what depends on a changed
        layer, or is declared otherwise than before, is measured again (for another value function
        the levels alone); all other arrays are those of this surface. The study area changed means
        all. Raises as `build_surface`.
        """
        names = frozenset(changed)
        asked = self.criteria if criteria is None else tuple(criteria)
        ruled = self.rules if rules is None else tuple(rules)
        known = None if self.study_area in names else _Known(self, names)
        share = self.share if known else _share_of(self.grid, layers, self.study_area)
        return _surface(self.grid, layers, asked, ruled, self.study_area, share, known)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is known from a surface after some layers have changed."""

    surface: Surface
    changed: frozenset[str]

    def performance_of(self, criterion: Criterion) -> Floats | None:
        """Performance that still holds."""
        if criterion.field.layers & self.changed:
            return None
        pairs = zip(self.surface.criteria, self.surface.performance, strict=True)
        return next((found for one, found in pairs if one.field == criterion.field), None)

    def levels_of(self, criterion: Criterion) -> Levels | None:
        """Levels that still hold."""
        if criterion.field.layers & self.changed:
            return None
        pairs = zip(self.surface.criteria, self.surface.levels, strict=True)
        return next((found for one, found in pairs if one == criterion), None)

    def mask_of(self, rule: Rule, performance: dict[str, Floats]) -> Mask | None:
        """Mask that still holds: of the same rule, on the same layer or performance."""
        pairs = zip(self.surface.rules, self.surface.met, strict=True)
        found = next((mask for one, mask in pairs if one == rule), None)
        if not isinstance(rule, Threshold):
            return None if rule.layer in self.changed else found
        ids = [one.id for one in self.surface.criteria]
        if found is None or rule.criterion not in performance:
            return None
        before = self.surface.performance[ids.index(rule.criterion)]
        return found if before is performance[rule.criterion] else None


def build_surface(
    grid: Grid,
    layers: Layers,
    *,
    criteria: Sequence[Criterion],
    rules: Sequence[Rule] = (),
    study_area: str,
) -> Surface:
    """Measure criteria and exclusions over the cells that have a share in a layer's polygons.

    `layers` are in the grid's plane; features outside the study area and outside the grid count for
    distances, counts and setbacks. Distances are the plane's (`Grid.scale` says how far they are
    from the ellipsoid's). Raises `CriterionError` for unknown or empty layers, for no criterion and
    for names given twice, `GeometryError` for geometry that cannot be used and a study area that
    is empty or has no part in the grid, `CrsError`, and `InfeasibleError` where the rules leave no
    cell.
    """
    share = _share_of(grid, layers, study_area)
    return _surface(grid, layers, tuple(criteria), tuple(rules), study_area, share, None)


def _surface(
    grid: Grid,
    layers: Layers,
    criteria: tuple[Criterion, ...],
    rules: tuple[Rule, ...],
    study_area: str,
    share: Floats,
    known: _Known | None,
) -> Surface:
    """Measure what is not known."""
    _require_criteria(criteria)
    require_ids(rules)
    if len(rules) > MOST_RULES:
        raise CriterionError(
            f"{len(rules)} rules are more than the {MOST_RULES} that fit; bring layers with the "
            "same setback together",
            f"规则有 {len(rules)} 条，超过上限 {MOST_RULES} 条；请合并退让距离相同的图层",
        )
    limited = grid if known else grid.limited(share > 0.0)
    performance, levels = {}, []
    for one in criteria:
        found = known.performance_of(one) if known else None
        performance[one.id] = _measured(limited, one, layers) if found is None else found
        kept = known.levels_of(one) if known else None
        levels.append(_levels(limited, one, performance[one.id]) if kept is None else kept)
    met = []
    for rule in rules:
        mask = known.mask_of(rule, performance) if known else None
        met.append(_met(rule, limited, layers, performance) if mask is None else mask)
    _require_some_left(limited, share, rules, met)
    return Surface(
        limited,
        criteria,
        rules,
        study_area,
        share,
        tuple(performance.values()),
        tuple(levels),
        tuple(met),
    )


def shares_of(weights: ArrayLike, criteria: int) -> Floats:
    """Weights (criteria,) divided by their sum.

    Raises `WeightsError` for another number of them, and where they are negative, not finite or
    all 0.
    """
    given = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    right = given.shape == (criteria,) and np.isfinite(given).all()
    if not right or (given < 0.0).any() or not given.any():
        raise WeightsError(
            f"weights {given.tolist()} cannot be used; give {criteria} finite numbers, 0 or more, "
            "not all 0",
            f"权重 {given.tolist()} 无法使用；请给出 {criteria} 个不小于 0 的有限数，且不全为 0",
        )
    shares: Floats = given / given.sum()
    return shares


def _parts(grid: Grid) -> Iterable[tuple[slice, slice]]:
    """Wanted parts of some rows after the other, few enough to stay in the cache."""
    spans, _ = grid.spans()
    for top in range(0, grid.rows, _ROWS_AT_ONCE):
        rows = slice(top, top + _ROWS_AT_ONCE)
        wanted = spans[rows][spans[rows, 1] > 0]
        if len(wanted):
            yield rows, slice(wanted[:, 0].min(), wanted[:, 1].max())


def _any(met: Sequence[Mask], grid: Grid) -> Mask:
    return reduce(np.logical_or, met, np.zeros(grid.shape, dtype=np.bool_))


def _share_of(grid: Grid, layers: Layers, study_area: str) -> Floats:
    area = layer_over(grid, layers, study_area)
    share = share_inside(grid, area.geometry) if len(area) else np.zeros(grid.shape)
    if not share.any():
        west, south, east, north = grid.bounds_m
        raise GeometryError(
            f"the study area {study_area!r} ({len(area)} polygons) has no part in the grid from "
            f"{west:.0f}, {south:.0f} to {east:.0f}, {north:.0f} m; give a district that is not "
            "empty, and a grid over it",
            f"研究范围 {study_area!r}（{len(area)} 个多边形）与网格（{west:.0f}, {south:.0f} 至 "
            f"{east:.0f}, {north:.0f} 米）没有重叠；请给出非空的区域，并在其上建立网格",
        )
    share.setflags(write=False)
    return share


def _measured(grid: Grid, criterion: Criterion, layers: Layers) -> Floats:
    """One criterion, NaN outside the study area."""
    performance = criterion.field.over(grid, layers)
    performance.setflags(write=False)
    return performance


def _levels(grid: Grid, criterion: Criterion, performance: Floats) -> Levels:
    """Levels of a criterion, 0 outside the study area."""
    levels = np.zeros(grid.shape, dtype=np.uint8)
    for part in _parts(grid):
        levels[part] = levels_of(criterion.values(performance[part]))
    if grid.only is not None:
        levels[~grid.only] = NO_DATA
    levels.setflags(write=False)
    return levels


def _met(rule: Rule, grid: Grid, layers: Layers, performance: dict[str, Floats]) -> Mask:
    mask = met_by(rule, grid, layers=layers, performance=performance)
    if grid.only is not None:
        mask &= grid.only
    mask.setflags(write=False)
    return mask


def _require_criteria(criteria: Sequence[Criterion]) -> None:
    ids = [one.id for one in criteria]
    if not ids or len(set(ids)) < len(ids):
        raise CriterionError(
            f"criteria {ids} make no surface; give at least one, each with a name of its own",
            f"准则 {ids} 无法构成适宜性面；请至少给出一项，且各有名称",
        )


def _require_some_left(
    grid: Grid, share: Floats, rules: Sequence[Rule], met: Sequence[Mask]
) -> None:
    inside = share > 0.0
    if (inside & ~_any(met, grid)).any():
        return
    each = [
        f"{rule.id} {int((one & inside).sum()):,}" for rule, one in zip(rules, met, strict=True)
    ]
    raise InfeasibleError(
        f"the rules leave none of the {int(inside.sum()):,} cells of the study area "
        f"({', '.join(each)}); drop a rule or shorten a setback",
        f"排除规则没有留下研究范围内 {int(inside.sum()):,} 个格元中的任何一个"
        f"（{'、'.join(each)}）；"
        "请去掉某条规则或缩短退让距离",
    )
