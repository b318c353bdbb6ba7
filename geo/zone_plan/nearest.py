"""What comes nearest where a request cannot be met, in the planner's words."""

from __future__ import annotations

import numpy as np
import shapely

from geo.crs import STORAGE_CRS
from geo.delineation import ZoneSolution
from geo.measure import M2_PER_MU, transformer
from geo.sentence import Sentence
from geo.zone_plan.cells import Cells
from geo.zone_plan.search_area import Layers


def nearest_words(cells: Cells, solution: ZoneSolution, layers: Layers) -> Sentence | None:
    """The area that comes nearest in mu, and the district with most of its cells.

    None where nothing comes near. A cell is in the district that holds its middle.
    """
    nearest = solution.nearest
    if nearest is None or not nearest.members:
        return None
    place = cells.places()[list(nearest.members)]
    lon, lat = transformer(cells.surface.grid.crs, STORAGE_CRS).transform(*place.T)
    area = cells.area[list(nearest.members)]
    districts = layers["districts"]
    shapes = districts.geometry.to_numpy()
    shapely.prepare(shapes)
    held = np.array([area[shapely.intersects_xy(one, lon, lat)].sum() for one in shapes])
    most = int(np.argmax(held))
    row = districts.iloc[most]
    zh = str(row["name_zh"])
    en = row["name_en"] if isinstance(row["name_en"], str) and row["name_en"] else zh
    mu, share = nearest.area_m2 / M2_PER_MU, float(held[most] / area.sum())
    doubt_zh, doubt = ("", "") if nearest.proven else ("（尚未证明最接近）", " (not proven)")
    return Sentence(
        f"最接近的可得面积为 {mu:,.1f} 亩{doubt_zh}，其中 {share:.0%} 在{zh}",
        f"The nearest area that can be had is {mu:,.1f} mu{doubt}, {share:.0%} of it in {en}",
    )
