"""Broken geometries mended by their structure, with what that did to their area.

`fit_type` brings geometries to the type of a layer, `repair` makes them valid. Neither moves a
vertex of what is sound already.
"""

from geo.repair.fitting import Fit, GeometryType, fit_type, type_of
from geo.repair.mending import ACCEPTED_SHARE, Repair, repair

__all__ = ["ACCEPTED_SHARE", "Fit", "GeometryType", "Repair", "fit_type", "repair", "type_of"]
