"""The quality of a file that is to become a layer: values, geometry, identity, and the report.

Every fault of a file is found before anything is refused, and stands in one report.
"""

from layers.quality.report import Ledger, QualityReport, RepairLine, require_quality
from layers.quality.sheet import write_report_sheet

__all__ = ["Ledger", "QualityReport", "RepairLine", "require_quality", "write_report_sheet"]
