"""How sure a zone is: in which share of the draws each cell is part of the best zone."""

from geo.zone_plan.odds.bands import BAND_SHARES, Band
from geo.zone_plan.odds.shares import ZoneOdds, zone_odds

__all__ = ["BAND_SHARES", "Band", "ZoneOdds", "zone_odds"]
