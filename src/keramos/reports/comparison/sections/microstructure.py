"""The section of the report page, on this page, too."""

from keramos.reports.sections.microstructure import MICROSTRUCTURE

__all__ = ["MICROSTRUCTURE"]
