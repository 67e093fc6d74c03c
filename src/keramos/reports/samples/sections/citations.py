"""The section of the report page, on this page, too."""

from keramos.reports.sections.citations import CITATIONS

__all__ = ["CITATIONS"]
