"""The section of the report page, on this page, too."""

from keramos.reports.sections.methods import METHODS

__all__ = ["METHODS"]
