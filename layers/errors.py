"""Errors of storage: workspaces, facts, layers, cities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.errors import OuzhiError, ScenarioError

if TYPE_CHECKING:
    from layers.store.base import Feature


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


class ReadOnlyError(OuzhiError):
    """The workspace is not to be changed from here."""


class ConflictError(ScenarioError):
    """A scenario cannot be saved or deleted: its id is taken, it ships, or another one uses it."""


class ResultError(OuzhiError):
    """No stored result has this id."""


class ChangedInputsError(OuzhiError):
    """The layers that a stored result was computed from have changed since."""


class ImportFileError(OuzhiError):
    """A file cannot be read, is refused, or its rows have faults."""


class ExportError(OuzhiError):
    """A layer cannot be written in a format as asked."""


class RevisionError(OuzhiError):
    """A revision does not exist, or there was none at a time."""


class UndoError(RevisionError):
    """A revision cannot be taken back: its features were changed again later."""


class OvertakenError(OuzhiError):
    """A layer was changed by somebody else while something was made ready for it."""


class StaleError(OuzhiError):
    """A feature was changed by somebody else since it was read; `present` is how it stands."""

    def __init__(self, en: str, zh: str, *, present: Feature) -> None:
        super().__init__(en, zh)
        self.present = present
