"""Features that a question names: by layer, by kind of ground, or by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.control_lines import LINES
from geo.criteria import is_located
from geo.errors import Fault
from geo.zone_plan.ground_kinds import LAND, kinds_of_ground, texts
from geo.zone_plan.search_area import Layers

_SHOWN = 8


@dataclass(slots=True)
class Register:
    """Looks up what a question names in the layers of a workspace, and keeps every fault.

    A name is a layer (`zones`), a kind of ground (`water`, 永久基本农田), a feature as
    `layer:id`, or a feature's id that only one layer has.
    """

    layers: Layers
    faults: list[Fault] = field(default_factory=list)
    _kinds: dict[str, gpd.GeoDataFrame] | None = None

    @property
    def kinds(self) -> dict[str, gpd.GeoDataFrame]:
        """Lines and land use by kind; raises `ZoneError` for a kind of line that is none."""
        if self._kinds is None:
            self._kinds = kinds_of_ground(dict(self.layers))
        return self._kinds

    def refuse(self, name: str, value: object, expected: str, expected_zh: str) -> None:
        """Keep a fault."""
        self.faults.append(Fault(None, name, value, expected, expected_zh))

    def group(self, said: str, asked: str) -> tuple[str, gpd.GeoDataFrame] | None:
        """The features that `asked` names and what to call them; None, and a fault, for none.

        `said` is the part of the question that names them.
        """
        kind = next((one.id for one in (*LINES, *LAND) if one.is_called(asked)), None)
        if kind is not None:
            if kind in self.kinds:
                return kind, self.kinds[kind]
            self._refuse_empty(said, asked)
            return None
        if asked in self.layers:
            if len(self.layers[asked]):
                return asked, self.layers[asked]
            self._refuse_empty(said, asked)
            return None
        return self.feature(said, asked)

    def feature(self, said: str, asked: str) -> tuple[str, gpd.GeoDataFrame] | None:
        """The feature that `asked` names, as a table of one row, and its layer."""
        layer, colon, name = asked.partition(":")
        where = [layer] if colon and layer in self.layers else list(self.layers)
        wanted = name if colon and layer in self.layers else asked
        found = [
            (one, table[rows])
            for one in where
            for table in [self.layers[one]]
            for rows in [np.asarray([text == wanted for text in texts(table, "id")], dtype=bool)]
            if rows.any()
        ]
        if len(found) == 1:
            return found[0]
        if found:
            several = [f"{one}:{wanted}" for one, _ in found]
            self.refuse(
                said,
                asked,
                f"one feature; say which: {', '.join(several)}",
                f"唯一的要素；请写明是哪一个：{'、'.join(several)}",
            )
            return None
        known = ", ".join(name for name, table in self.layers.items() if len(table))
        self.refuse(
            said,
            asked,
            f"the id of a feature, alone or as layer:id, in {known}",
            f"要素的 id（可写作 图层:id），图层有 {known}",
        )
        return None

    def district(self, asked: str) -> Any:
        """The polygon of the district of an id or a name in either language; None for none."""
        districts = self.layers["districts"]
        columns = [texts(districts, name) for name in ("id", "name_zh", "name_en")]
        rows = [k for k, words in enumerate(zip(*columns, strict=True)) if asked in words]
        if len(rows) == 1 and asked:
            shape = districts.geometry.to_numpy()[rows[0]]
            if shape is not None and not shape.is_empty:
                return shape
            self.refuse("district", asked, "a district with an area", "有范围的县（市、区）")
            return None
        known = "、".join(columns[1])
        self.refuse("district", asked, f"the id or name of one of {known}", f"{known} 之一")
        return None

    def placed(self, said: str, asked: str) -> tuple[str, gpd.GeoDataFrame] | None:
        """As `feature`, and its place must be known better than a stand-in."""
        found = self.feature(said, asked)
        if found is None:
            return None
        layer, table = found
        if "accuracy_m" in table.columns and not is_located(table)[0]:
            self.refuse(
                said,
                asked,
                "a feature whose place is known better than 10,000 m",
                "点位精度优于 10,000 米的要素",
            )
            return None
        if shapely.is_empty(table.geometry.to_numpy()).any() or table.geometry.isna().any():
            self.refuse(said, asked, "a feature that has a geometry", "有几何图形的要素")
            return None
        return layer, table

    def _refuse_empty(self, said: str, asked: str) -> None:
        self.refuse(
            said,
            asked,
            "something that has features; import them first",
            "有要素的图层或类别；请先导入",
        )


def names_of(layers: Mapping[str, gpd.GeoDataFrame], layer: str, field: str) -> Sequence[str]:
    """Some values of a column of text, each once, for a message."""
    found = sorted({one for one in texts(layers[layer], field) if one})
    return [*found[:_SHOWN], "…"] if len(found) > _SHOWN else found
