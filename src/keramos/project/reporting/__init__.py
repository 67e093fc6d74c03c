"""Gather the content of a report, from a run's record or from segmentations."""

from keramos.project.reporting.content import gather
from keramos.project.reporting.findings import findings_of
from keramos.project.reporting.options import CITATIONS, ReportOptions, ReportResult, numbers_of

__all__ = ["CITATIONS", "ReportOptions", "ReportResult", "findings_of", "gather", "numbers_of"]
