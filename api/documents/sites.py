"""Sites as documents."""

from __future__ import annotations

import pandas as pd

from api.documents.values import Document, Namer, plain


def site_document(row: pd.Series, named: Namer) -> Document:
    """A candidate: what it is called and where it is."""
    return {
        "id": row["id"],
        "name_zh": row["name_zh"],
        "name_en": plain(row["name_en"]) or row["name_zh"],
        "district": named(row.get("district")),
        "lon": float(row["ref_lon"]),
        "lat": float(row["ref_lat"]),
        "accuracy_m": plain(row["accuracy_m"]),
    }
