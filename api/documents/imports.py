"""Checks and imports of files as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.values import Document, fault_documents, plain, texts
from geo.errors import OuzhiError
from geo.sentence import Lang

if TYPE_CHECKING:
    from geo.datum_evidence import Comparison, ReadingEvidence
    from layers.importers.checking import DatumCheck
    from layers.importers.importing import Imported
    from layers.importers.source import SourceTable

_OF_QUALITY = ("rows", "headline", "columns", "left_out", "repairs", "notes")


def check_document(source: SourceTable, check: DatumCheck, file: str, lang: Lang) -> Document:
    """A file as it was read, and what was found about its coordinates."""
    return {
        "file": file,
        "table": source.name,
        "format": source.format,
        "features": len(source),
        "geometry_types": list(check.geometry_types),
        "columns": [str(name) for name in source.columns.columns],
        "datum": datum_document(check, lang),
        "faults": fault_documents(OuzhiError("", "", source.faults), lang),
        "notes": texts(source.notes, lang),
    }


def import_document(done: Imported, lang: Lang, report: str | None = None) -> Document:
    """What an import came to; `report` is where it stands as an Excel file."""
    found: Document = done.report.document(lang)
    return {
        "layer": done.order.layer,
        "title": done.title.of(lang),
        "new_layer": done.new_layer,
        "dry_run": done.order.dry_run,
        "written": done.revision is not None,
        "revision": done.revision,
        "inserted": done.put.inserted,
        "updated": done.put.updated,
        "unchanged": done.put.unchanged,
        "deleted": done.put.deleted,
        "file": done.order.filename,
        "table": done.source.name,
        "format": done.source.format,
        **{name: found[name] for name in _OF_QUALITY},
        "faults": [_fault(one) for one in found["faults"]],
        "warnings": [_fault(one) for one in found["warnings"]],
        "datum": None if done.check is None else datum_document(done.check, lang),
        "report": report,
    }


def _fault(found: Document) -> Document:
    """A fault of a report as faults are told everywhere: its value as text."""
    return {**found, "value": "" if found["value"] is None else str(found["value"])}


def datum_document(check: DatumCheck, lang: Lang) -> Document:
    """How the coordinates of a file are meant, with the evidence."""
    found = check.evidence
    declared = check.declared
    return {
        "declared": declared
        and {
            "name": declared.name,
            "title": declared.title.of(lang),
            "given_by": "file" if check.by_file else "person",
        },
        "finding": found and found.finding,
        "reading": found.reading.id if found and found.reading else None,
        "candidates": [one.id for one in found.candidates] if found else [],
        "contradicted": check.contradicted,
        "sentence": check.sentence.of(lang),
        "evidence": texts(found.evidence, lang) if found else [],
        "weighed": check.weighed,
        "district_column": check.district_column,
        "name_column": check.name_column,
        "readings": [_reading(row, lang) for row in found.rows] if found else [],
        "comparisons": [_comparison(one) for one in found.comparisons] if found else [],
        "unknown_districts": list(found.unknown_districts) if found else [],
    }


def _reading(row: ReadingEvidence, lang: Lang) -> Document:
    return {
        "id": row.reading.id,
        "title": row.reading.title.of(lang),
        "positions": row.positions,
        "readable": row.readable,
        "near": row.near,
        "in_city": row.in_city,
        "share_in_city": row.share_in_city,
        "stated": row.stated,
        "in_stated": row.in_stated,
        "share_in_stated": row.share_in_stated,
        "named": row.named,
        "median_named_m": plain(row.median_named_m),
        "away_m": plain(row.away_m),
    }


def _comparison(one: Comparison) -> Document:
    return {
        "reading": one.reading,
        "rival": one.rival,
        "features_for": one.features_for,
        "features_against": one.features_against,
        "places_for": one.places_for,
        "places_against": one.places_against,
        "p_value": one.p_value,
    }
