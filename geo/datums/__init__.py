"""Datums and coordinate systems a planner may name, and geometries read and written in them.

`read_as` brings geometries to CGCS2000 degrees (EPSG:4490), `write_as` brings them back. What
cannot be brought over without parameters that are not public is refused, never moved silently.
"""

from geo.datums.planes import gauss_kruger_epsg, utm_epsg
from geo.datums.reading import read_as, write_as
from geo.datums.systems import DATUMS, PLANE_KINDS, System, require_system

__all__ = [
    "DATUMS",
    "PLANE_KINDS",
    "System",
    "gauss_kruger_epsg",
    "read_as",
    "require_system",
    "utm_epsg",
    "write_as",
]
