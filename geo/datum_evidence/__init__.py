"""Which datum is this? The evidence for each way to read coordinates, and what follows from it."""

from geo.datum_evidence.findings import DatumEvidence, Finding, ReadingEvidence
from geo.datum_evidence.known_places import KnownPlaces
from geo.datum_evidence.readings import Reading
from geo.datum_evidence.sign_test import Comparison, sign_test
from geo.datum_evidence.weighing import weigh_readings

__all__ = [
    "Comparison",
    "DatumEvidence",
    "Finding",
    "KnownPlaces",
    "Reading",
    "ReadingEvidence",
    "sign_test",
    "weigh_readings",
]
