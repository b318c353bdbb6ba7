"""A table as it stands in a file, before anything is mapped, moved or checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Fault
from geo.sentence import Sentence


@dataclass(frozen=True, slots=True, eq=False)
class SourceTable:
    """One table of a file, (n,) rows.

    `columns` holds values as found in columns of type object, by the names in the file: text,
    whole numbers, floats, truth values; dates and times as text in ISO 8601; None where nothing is
    given. `geometry`, (n,), holds shapely geometries in the file's own coordinates, in two
    dimensions, None where a row has none; itself None where the table has no geometry at all.
    `crs` is what the file declares (a code or WKT), None where it declares nothing. `north_first`:
    the first coordinate is the northing or latitude. `rows` names each row as a person finds it in
    the file. `faults` are those met while reading, `notes` what was left out or simplified.
    """

    name: str
    format: str
    columns: pd.DataFrame
    rows: Sequence[str]
    geometry: NDArray[np.object_] | None = None
    crs: str | None = None
    north_first: bool = False
    faults: tuple[Fault, ...] = ()
    notes: tuple[Sentence, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)
