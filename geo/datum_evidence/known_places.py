"""Places whose position is known, by name: what features of the same name are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault, GeometryError

COARSEST_M = 1000.0
"""A position known no better says little about a shift of half a kilometre: it is left out."""


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """Names, degrees of EPSG:4490 and the radius in m within which each true place lies."""

    names: Sequence[str]
    lon: Floats
    lat: Floats
    accuracy_m: Floats

    @classmethod
    def from_columns(
        cls, names: Sequence[str], lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike
    ) -> KnownPlaces:
        """Build from columns of one length; raises `GeometryError` where they are not, or for
        positions that are no degrees, or accuracies that are missing or negative, by row.
        """
        columns = [np.asarray(one, dtype=np.float64) for one in (lon, lat, accuracy_m)]
        if any(one.shape != (len(names),) for one in columns):
            raise GeometryError(
                f"there are {len(names)} names of known places and columns of shape "
                f"{[one.shape for one in columns]}; give one value for each name",
                f"已知地点有 {len(names)} 个名称，而各列的形状为 "
                f"{[one.shape for one in columns]}；请为每个名称各给一个值",
            )
        x, y, radius = columns
        good = (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0) & (radius >= 0.0)
        wrong = np.flatnonzero(~good)
        if len(wrong):
            values = [(float(x[row]), float(y[row]), float(radius[row])) for row in wrong]
            raise GeometryError(
                f"{len(wrong)} known places have no longitude, latitude and accuracy in m; the "
                f"first is row {wrong[0]} with {values[0]}; correct or leave them out",
                f"有 {len(wrong)} 个已知地点缺少经度、纬度或精度（米），首个为第 {wrong[0]} 行 "
                f"{values[0]}；请更正或去掉",
                [
                    Fault(
                        int(row), "lon", value, "degrees and an accuracy in m", "经纬度与精度（米）"
                    )
                    for row, value in zip(wrong, values, strict=True)
                ],
            )
        return cls(list(names), x, y, radius)

    def rows_of(self, names: Sequence[str | None]) -> Ints:
        """Row of the place of each name, -1 where none is usable, (n,).

        Usable is a name that one place only has, known to 1,000 m or better. Blanks around names
        do not count.
        """
        keys = [name.strip() for name in self.names]
        count = Counter(keys)
        usable = {
            key: row
            for row, key in enumerate(keys)
            if key and count[key] == 1 and self.accuracy_m[row] <= COARSEST_M
        }
        found = [usable.get(name.strip(), -1) if isinstance(name, str) else -1 for name in names]
        return np.array(found, dtype=np.int64)
