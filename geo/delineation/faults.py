"""All faults of a zone question in one error."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import Fault, OuzhiError
from geo.faults import refuse_faults
from geo.sentence import Sentence


class ZoneError(OuzhiError):
    """Units, their values, areas or neighbours, or the limits of a zone are not as they must be."""


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Raise one `ZoneError` that names every fault, if there are any."""
    refuse_faults(faults, ZoneError, Sentence("划定范围", "the zone question"))
