"""Hubs placed, tier on tier, or shared out: from a scenario and layers to plans with proof."""

from __future__ import annotations

from geo.hubs.allocation import (
    AllocationReadingResult,
    AllocationResult,
    UnitOdds,
    allocate,
)
from geo.hubs.answers import HubFronts
from geo.hubs.models import LOCATION_MODELS, MODEL_WORDS, ModelWords
from geo.hubs.places import demand_weight
from geo.hubs.plans import LocationResult, ReadingResult, place_hubs
from geo.hubs.questions import HubQuestions
from geo.hubs.tier_odds import TierSelection
from geo.hubs.words import unserved_because
from geo.scenario import LocationModel

__all__ = [
    "LOCATION_MODELS",
    "MODEL_WORDS",
    "AllocationReadingResult",
    "AllocationResult",
    "HubFronts",
    "HubQuestions",
    "LocationModel",
    "LocationResult",
    "ModelWords",
    "ReadingResult",
    "TierSelection",
    "UnitOdds",
    "allocate",
    "demand_weight",
    "place_hubs",
    "unserved_because",
]
