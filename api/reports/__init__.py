"""Reports: a result as a document that prints."""

from __future__ import annotations

from pathlib import Path

from api.documents.values import Document
from api.models import SitingOptions
from api.reports.core_zone import AS_REPORTED, render_core_zone, study_core_zone
from api.reports.files import write_files
from geo.errors import ScenarioError
from geo.scenario import SitingScenario
from geo.sentence import Lang
from layers.errors import WorkspaceError
from layers.store.base import Store

KINDS = ("core-zone",)


def require_kind(kind: str) -> str:
    """Return the kind of report; raise `ScenarioError` naming those that exist."""
    if kind in KINDS:
        return kind
    raise ScenarioError(
        f"unknown kind of report {kind!r}; choose {', '.join(KINDS)}",
        f"没有报告类型 {kind!r}；可选 {'、'.join(KINDS)}",
    )


def render_report(
    store: Store,
    kind: str,
    scenario: str | SitingScenario,
    options: SitingOptions = AS_REPORTED,
    *,
    lang: Lang,
) -> str:
    """A report as one HTML page: no outside request, no script, prints on A4.

    The same workspace, scenario, options and language give the same text. Raises
    `ScenarioError` for an unknown kind or scenario and for one that the kind cannot show, and
    `WeightsError`.
    """
    require_kind(kind)
    study = study_core_zone(store, scenario, options)
    return render_core_zone(store, study, lang)


def write_report(
    store: Store,
    kind: str,
    scenario: str,
    out: Path,
    options: SitingOptions = AS_REPORTED,
    *,
    map_out: Path | None = None,
    lang: Lang,
) -> Document:
    """Write a report, and beside it a map that opens offline; all files or none.

    Folders are made. Raises as `render_report` does, `WorkspaceError` where a file cannot be
    written, and `MapError` where the map lacks its parts.
    """
    require_kind(kind)
    if map_out is not None and map_out.resolve() == out.resolve():
        raise WorkspaceError(
            f"the report and the map cannot both be {out}; give them two names",
            f"报告与地图不能同为 {out}；请用两个文件名",
        )
    study = study_core_zone(store, scenario, options)
    texts = {out: render_core_zone(store, study, lang)}
    if map_out is not None:
        from api.maps import build_map, map_page

        texts[map_out] = map_page(build_map(study.layers, study.ranking, study.hubs, lang=lang))
    write_files(texts)
    return {"kind": kind, "scenario": scenario, "written": [str(path) for path in texts]}
