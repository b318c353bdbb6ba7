"""Shapes of the odds of a zone."""

from __future__ import annotations

from typing import Any

from api.models.base import Shape


class OddsBand(Shape):
    """Cells that are in the zone in a share of the draws or more, exactly so much included.

    `geometry` is a GeoJSON MultiPolygon in degrees of CGCS2000, without parts where there are none.
    """

    share: float
    area_mu: float
    geometry: dict[str, Any]


class ZoneOddsShape(Shape):
    """How sure a zone is: weights and positions drawn, the best zone of each draw looked for.

    `draws` were made of `asked`, `without` of them found no zone. `agreement` is the mean share of
    a draw's zone that lies in the best zone; `core_mu` the area that is in all draws. `search_gap`
    is how far the search of the draws stays below the proven bound where nothing is drawn, as a
    share.
    """

    draws: int
    asked: int
    seed: int
    without: int
    agreement: float | None
    core_mu: float
    search_gap: float | None
    bands: list[OddsBand]
    sentence: str
    drawn: list[str]
