"""Shapes of requests and answers: what OpenAPI says, and what `docs/schemas` holds."""

from __future__ import annotations

import json
from typing import Any

from api.models.allocation import AllocationDefinition, AllocationPlan
from api.models.base import Shape
from api.models.copies import WorkspaceCopy, WorkspaceRestore
from api.models.exports import ExportReport
from api.models.features import (
    Area,
    Built,
    Coverage,
    CoverageRequest,
    EditedFeature,
    Feature,
    FeatureCollection,
    FeaturePatch,
    Layer,
    Layers,
    NewFeature,
)
from api.models.imports import FileCheck, ImportReport
from api.models.location import HubPlan, LocationDefinition
from api.models.revisions import Differences, RevisionLog, Undone
from api.models.saved import (
    CopyRequest,
    Rerun,
    ResultList,
    SavedScenario,
    StoredResult,
    Validation,
)
from api.models.scenarios import (
    LocationOptions,
    OtherRun,
    Pair,
    RunRequest,
    ScenarioList,
    SitingOptions,
)
from api.models.service import Health, JobState, Problem, ReportRequest
from api.models.siting import Ranking, SitingDefinition
from api.models.surface import PlaceReading, SurfaceDocument
from api.models.zone import ZoneDocument, ZoneRequest

SCHEMAS: dict[str, type[Shape]] = {
    "allocation": AllocationPlan,
    "allocation-definition": AllocationDefinition,
    "area": Area,
    "build": Built,
    "check": FileCheck,
    "copy-request": CopyRequest,
    "coverage": Coverage,
    "coverage-request": CoverageRequest,
    "export": ExportReport,
    "feature-collection": FeatureCollection,
    "health": Health,
    "hub-plan": HubPlan,
    "import": ImportReport,
    "edited-feature": EditedFeature,
    "feature-patch": FeaturePatch,
    "job": JobState,
    "layers": Layers,
    "location-definition": LocationDefinition,
    "place": PlaceReading,
    "problem": Problem,
    "ranking": Ranking,
    "report-request": ReportRequest,
    "revision": Differences,
    "revisions": RevisionLog,
    "rerun": Rerun,
    "result": StoredResult,
    "results": ResultList,
    "run-request": RunRequest,
    "saved-scenario": SavedScenario,
    "scenarios": ScenarioList,
    "siting-definition": SitingDefinition,
    "surface": SurfaceDocument,
    "undone": Undone,
    "validation": Validation,
    "zone": ZoneDocument,
    "zone-request": ZoneRequest,
    "workspace-copy": WorkspaceCopy,
    "workspace-restore": WorkspaceRestore,
}
"""Every shape outsiders meet, by the name of its file in `docs/schemas`."""


def schema_files() -> dict[str, dict[str, Any]]:
    """JSON Schema of every shape, by file name."""
    return {f"{name}.json": shape.model_json_schema() for name, shape in SCHEMAS.items()}


def schema_texts() -> dict[str, str]:
    """The same as the text of each file; `python -m api.models` writes them."""
    return {
        name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in schema_files().items()
    }


__all__ = [
    "SCHEMAS",
    "AllocationDefinition",
    "AllocationPlan",
    "Area",
    "Built",
    "Coverage",
    "CoverageRequest",
    "EditedFeature",
    "Feature",
    "FeatureCollection",
    "FeaturePatch",
    "Health",
    "HubPlan",
    "JobState",
    "Layer",
    "Layers",
    "LocationDefinition",
    "LocationOptions",
    "NewFeature",
    "OtherRun",
    "Pair",
    "PlaceReading",
    "Problem",
    "Ranking",
    "ReportRequest",
    "RunRequest",
    "ScenarioList",
    "SitingDefinition",
    "SitingOptions",
    "SurfaceDocument",
    "schema_files",
    "schema_texts",
]
