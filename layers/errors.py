"""Errors of storage: workspaces, facts, layers, cities."""

from __future__ import annotations

from geo.errors import OuzhiError


class FactsError(OuzhiError):
    """A table of facts is missing, or its rows have faults."""


class CityError(OuzhiError):
    """The boundary package knows no such city."""


class WorkspaceError(OuzhiError):
    """A workspace is missing, damaged, not ours, or cannot be written."""


class LayerError(OuzhiError):
    """A layer, feature or field does not exist."""


class FilterError(OuzhiError):
    """A filter or bounding box is not written as expected."""
