"""One self-contained HTML page of pictures, scores and how they came about."""

from keramos.report.content import MethodResult, ReportContent
from keramos.report.curve_files import write_curve
from keramos.report.page import write_report
from keramos.report.reliability import write_reliability
from keramos.report.suggestion_picture import FramedSlice, write_suggestions

__all__ = [
    "FramedSlice", "MethodResult", "ReportContent", "write_curve", "write_reliability", "write_report",
    "write_suggestions",
]  # fmt: skip
