"""Corners of zones as the coordinate text (界址点 TXT) that land authorities exchange; a sketch.

`layers.exporters.boundary_points` tells the layout and writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import numpy as np

from api.documents.values import Document
from api.reports.files import write_files
from geo.datums.planes import ZONE_M
from geo.errors import ScenarioError
from geo.sentence import Lang, Sentence
from layers.clock import time_of, utc_now
from layers.exporters.boundary_points import GaussZone, Parcel, Ring, boundary_text

SKETCH_LINE = "示意，不是界址：未经实地勘界，不得作为用地依据 / A sketch, no survey"
_WRITTEN = Sentence("界址点（示意）已写入 {}", "Corners, a sketch, were written to {}")


def require_sketch(corners: object, *, sketch: bool) -> None:
    """Raise `ScenarioError` where corners are to be written and no sketch was asked for."""
    if corners is not None and not sketch:
        raise ScenarioError(
            "corners come only as a sketch; add --sketch",
            "界址点只能作为示意导出；请加上 --sketch",
        )


def write_corners(document: Document, path: Path, lang: Lang) -> None:
    """Write the corners of a document's zone, and of the others of its group, and say so on stderr.

    Raises `WorkspaceError` where the file cannot be written.
    """
    day = time_of(utc_now)[: len("2023-01-01")]
    text = corner_text(document["title"], [document, *document["further"]], day=day)
    write_files({path: text})
    print(_WRITTEN.of(lang).format(path), file=sys.stderr)


def corner_text(title: str, zones: Iterable[Document], *, day: str) -> str:
    """The text of zones (documents with `corners`), marked as a sketch in its first line.

    `day` is the day on which it is made. Zones without an area are left out.
    """
    drawn = [one for one in zones if one["corners"]]
    zone = int(drawn[0]["corners"][0]["east_m"] // ZONE_M) if drawn else None
    return boundary_text(
        [_parcel(title, number, one) for number, one in enumerate(drawn, start=1)],
        zone=None if zone is None else GaussZone(3, zone),
        made_on=day,
        made_by="瓯址 Ouzhi（示意）",
        preface=[SKETCH_LINE],
    )


def _parcel(title: str, number: int, zone: Document) -> Parcel:
    rings = [
        Ring(
            [one["point"] for one in corners],
            np.asarray([(one["north_m"], one["east_m"]) for one in corners], dtype=np.float64),
        )
        for corners in (
            list(ring) for _, ring in groupby(zone["corners"], key=lambda one: one["ring"])
        )
    ]
    return Parcel(rings, float(zone["area_ha"]), str(number), f"{title}（示意）{number}")
