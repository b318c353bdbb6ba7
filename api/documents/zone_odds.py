"""The odds of a zone as a part of its document."""

from __future__ import annotations

from typing import Any

import shapely

from api.documents.values import Document, plain, texts
from geo.sentence import Lang
from geo.zone_plan.odds import ZoneOdds

_COORDINATE_DIGITS = 8


def odds_document(odds: ZoneOdds, lang: Lang) -> Document:
    """How often each cell is in the zone, as bands, and what was drawn to know it."""
    return {
        "draws": odds.draws,
        "asked": odds.asked,
        "seed": odds.seed,
        "without": odds.without,
        "agreement": plain(odds.agreement),
        "core_mu": odds.core_mu,
        "search_gap": plain(odds.search_gap),
        "bands": [
            {"share": band.share, "area_mu": band.area_mu, "geometry": _geometry(band.geometry)}
            for band in odds.bands
        ],
        "sentence": odds.sentence.of(lang),
        "drawn": texts(odds.drawn, lang),
    }


def _geometry(shape: Any) -> Document:
    """GeoJSON of a MultiPolygon: lists of polygons, of rings, of points."""
    rounded = shapely.transform(shape, lambda xy: xy.round(_COORDINATE_DIGITS))
    parts = [
        [shapely.get_coordinates(ring).tolist() for ring in (one.exterior, *one.interiors)]
        for one in rounded.geoms
    ]
    return {"type": "MultiPolygon", "coordinates": parts}
