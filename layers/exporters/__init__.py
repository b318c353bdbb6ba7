"""Layers out: in every format, in any supported system, with what each format cannot hold."""

from layers.exporters.exporting import Export, export_layer
from layers.exporters.formats import FORMATS, Format, require_format

__all__ = ["FORMATS", "Export", "Format", "export_layer", "require_format"]
