"""Reports: a result as a document that prints."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from api.documents.values import Document
from api.models import ReportRequest, SitingOptions
from api.models.zone import ZoneOptions
from api.reports.core_zone import AS_REPORTED, Study, render_core_zone, study_core_zone
from api.reports.files import write_files
from api.reports.zone import ZoneStudy, render_zone, study_zone
from geo.errors import Fault, ScenarioError
from geo.location import Report
from geo.scenario import SitingScenario
from geo.sentence import Lang
from layers.errors import WorkspaceError
from layers.store.base import Store

ZONE = "zone"
KINDS = ("core-zone", ZONE)
Options = SitingOptions | ZoneOptions
"""How to run what a report tells of: a ranking, or a zone."""

_OF_RANKINGS = {"weights", "as_of", "smaa", "seed"}
"""Keys of a request that a ranking alone has; a zone has its own."""


def require_kind(kind: str) -> str:
    """Return the kind of report; raise `ScenarioError` naming those that exist."""
    if kind in KINDS:
        return kind
    raise ScenarioError(
        f"unknown kind of report {kind!r}; choose {', '.join(KINDS)}",
        f"没有报告类型 {kind!r}；可选 {'、'.join(KINDS)}",
    )


def requested(request: ReportRequest) -> Options:
    """How to run what a request's kind tells of; raises `ScenarioError` for an unknown kind.

    And for keys that are another kind's, or lacking, all in one.
    """
    given, kind = request.model_fields_set, require_kind(request.kind)
    if kind == ZONE and request.zone is not None and not given & _OF_RANKINGS:
        return request.zone
    if kind != ZONE and request.zone is None:
        return request.options
    faults = [
        Fault(
            None,
            f"body.{key}",
            getattr(request, key),
            "no such key; the report on a zone has its own inside zone",
            "不带此键；范围报告的相应设置写在 zone 之内",
        )
        for key in sorted(given & _OF_RANKINGS)
        if kind == ZONE
    ]
    if kind == ZONE and request.zone is None:
        said = "what is asked of the zone: min_mu, max_mu, …", "所问的范围：min_mu、max_mu 等"
        faults.append(Fault(None, "body.zone", None, *said))
    if kind != ZONE:
        said = "no such key; the kind of report is not zone", "不带此键；报告类型不是 zone"
        faults.append(Fault(None, "body.zone", "{…}", *said))
    listed = "; ".join(f"{one.field}: {one.expected}" for one in faults)
    listed_zh = "；".join(f"{one.field}：{one.expected_zh}" for one in faults)
    raise ScenarioError(
        f"the report of kind {kind!r} cannot be made so: {listed}",
        f"报告类型 {kind!r} 无法这样生成：{listed_zh}",
        faults,
    )


def render_report(
    store: Store,
    kind: str,
    scenario: str | SitingScenario,
    options: Options = AS_REPORTED,
    *,
    report: Report | None = None,
    lang: Lang,
) -> str:
    """A report as one HTML page: no outside request, no script, prints on A4.

    The same workspace, scenario, options and language give the same text, but for the seconds of a
    search. `options` are a ranking's for "core-zone" and a zone's for "zone"; `report` hears how
    far the search for a zone has come. Raises `ScenarioError` for an unknown kind or scenario, for
    one that the kind cannot show and for options of the other, `WeightsError`, and `ZoneError`.
    """
    if require_kind(kind) == ZONE:
        study = study_zone(store, scenario, _asked(options), report=report)
        return render_zone(store, study, lang)
    return render_core_zone(store, study_core_zone(store, scenario, _ranked(options)), lang)


def write_report(
    store: Store,
    kind: str,
    scenario: str,
    out: Path,
    options: Options = AS_REPORTED,
    *,
    map_out: Path | None = None,
    report: Report | None = None,
    lang: Lang,
) -> Document:
    """Write a report, and beside it a map that opens offline; all files or none.

    The answer says what was written, and of a zone its `status`: a report is written where there is
    none as well, and says why. Folders are made. Raises as `render_report` does, `WorkspaceError`
    where a file cannot be written, and `MapError` where the map lacks its parts.
    """
    require_kind(kind)
    if map_out is not None and map_out.resolve() == out.resolve():
        raise WorkspaceError(
            f"the report and the map cannot both be {out}; give them two names",
            f"报告与地图不能同为 {out}；请用两个文件名",
        )
    draw: Callable[[], str]
    said: Document = {"kind": kind, "scenario": scenario}
    if kind == ZONE:
        study = study_zone(store, scenario, _asked(options), report=report)
        page, draw = render_zone(store, study, lang), partial(_zone_map, study, lang)
        said["status"] = study.plan.solution.status
    else:
        ranked = study_core_zone(store, scenario, _ranked(options))
        page, draw = render_core_zone(store, ranked, lang), partial(_ranking_map, ranked, lang)
    texts = {out: page}
    if map_out is not None:
        texts[map_out] = draw()
    write_files(texts)
    return {**said, "written": [str(path) for path in texts]}


def _zone_map(study: ZoneStudy, lang: Lang) -> str:
    from api.maps import map_page
    from api.zone_map import build_zone_map

    return map_page(build_zone_map(study.plan.ground, study.layers, study.plan, lang=lang))


def _ranking_map(study: Study, lang: Lang) -> str:
    from api.maps import build_map, map_page

    return map_page(build_map(study.layers, study.ranking, study.hubs, lang=lang))


def _asked(options: Options) -> ZoneOptions:
    """The options of a zone; raises `ScenarioError` for those of a ranking."""
    if isinstance(options, ZoneOptions):
        return options
    raise ScenarioError(
        "a report on a zone needs the areas asked for, min_mu and max_mu; give the options of a "
        "zone",
        "范围报告需要所问的面积 min_mu 和 max_mu；请给出范围的选项",
    )


def _ranked(options: Options) -> SitingOptions:
    """The options of a ranking; raises `ScenarioError` for those of a zone."""
    if isinstance(options, SitingOptions):
        return options
    raise ScenarioError(
        "the report 'core-zone' ranks zones, and these are the options of a search for a zone; ask "
        "for the report 'zone'",
        "报告 core-zone 给出排名，而这些是范围搜索的选项；请改用报告 zone",
    )
