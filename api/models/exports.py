"""Shape of an export."""

from __future__ import annotations

from api.models.base import Shape


class ExportReport(Shape):
    """What was written; `system` is a code, GCJ-02 or BD-09, `notes` what the format lost."""

    id: str
    path: str
    format: str
    system: str
    features: int
    notes: list[str]
