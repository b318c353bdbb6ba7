"""A suitability surface as a GeoTIFF: suitability, each criterion in its unit, rules met."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from api.documents.surface import assumptions
from api.surfaces import LaidSurface
from api.version import VERSION
from geo.arrays import Floats
from geo.criteria import describe
from geo.scenario import CriterionSpec, SitingScenario
from geo.sentence import LANGS, Sentence
from layers import cautions
from layers.rasters import Band, Frame, Values, write_raster

_SUITABILITY = Sentence("适宜性", "Suitability")
_RULES = Sentence("满足的排除规则数", "Exclusion rules met")
_SHARE = Sentence("0 至 1", "0 to 1")
_NUMBER = Sentence("条", "rules")
_READ = Sentence(
    "各准则评价值（0 至 1）按权重求和；搜索范围之外、准则缺值处及被排除处为无数据，"
    "被排除处见最后一个波段",
    "Weighted sum of the criteria's values from 0 to 1; no data outside the search area, where a "
    "criterion is not known, and where a rule excludes: the last band tells these",
)
_READ_RULES = Sentence(
    "0 为可用，1 及以上为被排除；搜索范围之外为无数据",
    "0 may be used, 1 and more is excluded; no data outside the search area",
)


def write_surface(
    path: Path,
    scenario: SitingScenario,
    laid: LaidSurface,
    layers: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
) -> None:
    """Write a surface to a GeoTIFF in its plane; what stood there is replaced.

    Band 1 is the suitability by exact values, then each criterion in its unit, last the number of
    exclusion rules met; NaN is no data. Names, units and sentences stand there in both languages.
    Raises as `layers.rasters.write_raster`.
    """
    compact = laid.surface.compact
    grid = compact.grid

    def over_grid(values: Floats) -> Values:
        return compact.over_grid(values.astype(np.float32), np.nan)

    def suitability() -> Values:
        return over_grid(compact.scores([laid.weights[one.id] for one in laid.specs]))

    bands = [Band(_SUITABILITY, _SHARE, suitability, _said("READ", _READ))]
    bands += [
        Band(spec.name, spec.unit, partial(over_grid, one), _of_criterion(spec, laid))
        for spec, one in zip(laid.specs, compact.performance, strict=True)
    ]
    rules = {"RULES": ", ".join(one.id for one in compact.rules), **_said("READ", _READ_RULES)}
    number = partial(over_grid, compact.rules_met.astype(np.float64))
    bands.append(Band(_RULES, _NUMBER, number, rules))
    frame = Frame(grid.crs, grid.west_m, grid.north_m, grid.cell_m, grid.rows, grid.columns)
    write_raster(path, frame, bands, tags=_tags(scenario, laid, layers, sources))


def _tags(
    scenario: SitingScenario,
    laid: LaidSurface,
    layers: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
) -> dict[str, str]:
    """What is said of the whole file."""
    used = {name for one in laid.specs for name in one.sources}
    titles = sources[sources["id"].isin(used)]
    heading = cautions.heading(layers)
    said = assumptions(scenario, laid)
    cautioned = cautions.about_sources(sources, used, scenario.as_of)
    return {
        "TIFFTAG_SOFTWARE": f"Ouzhi {VERSION}",
        "SCENARIO": scenario.id,
        **_said("TITLE", scenario.title),
        **({} if heading is None else _said("HEADING", heading)),
        "AS_OF": scenario.as_of.isoformat(),
        "CLAUSE": scenario.clause,
        "HASH": laid.surface.digest,
        "REACH_M": f"{laid.reach_m:.12g}",
        "WEIGHTS": json.dumps(laid.weights, ensure_ascii=False),
        "SOURCE": "; ".join(titles["id"]),
        **{
            f"{name}_{lang.upper()}": "\n".join(one.of(lang) for one in sentences)
            for lang in LANGS
            for name, sentences in (("ASSUMPTIONS", said), ("CAUTIONS", cautioned))
        },
        **{
            f"SOURCES_{lang.upper()}": "\n".join(titles[f"title_{lang}"].fillna(titles["id"]))
            for lang in LANGS
        },
    }


def _of_criterion(spec: CriterionSpec, laid: LaidSurface) -> dict[str, str]:
    return {
        "ID": spec.id,
        "DIRECTION": spec.direction,
        "WEIGHT": repr(laid.weights[spec.id]),
        "SOURCE": "; ".join(spec.sources),
        **_said("NAME", spec.name),
        **_said("UNIT", spec.unit),
        **_said("READ", describe(spec)),
        **({} if spec.proxy_for is None else _said("PROXY_FOR", spec.proxy_for)),
    }


def _said(name: str, words: Sentence) -> dict[str, str]:
    return {f"{name}_{lang.upper()}": words.of(lang) for lang in LANGS}
