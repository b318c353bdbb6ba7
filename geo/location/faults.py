"""All faults of a question in one error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import CostMatrixError, Fault
from geo.faults import refuse_faults
from geo.sentence import Sentence

_LONGEST = 60


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Raise one `CostMatrixError` that names every fault, if there are any."""
    refuse_faults(faults, CostMatrixError, Sentence("选址问题", "the location problem"))


def as_numbers(field: str, values: ArrayLike, faults: list[Fault]) -> Floats:
    """`values` as numbers; what is none (texts, ragged rows) is a fault and comes back empty."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(
            Fault(None, field, shortened(values), "numbers in regular rows", "行列整齐的数")
        )
        return np.zeros(0)


def shortened(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_whole(value: object) -> bool:
    """Whether it is an integer; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
