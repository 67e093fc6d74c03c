"""One self-contained HTML page of pictures, scores and how they came about."""

from keramos.report.content import MethodResult, ReportContent
from keramos.report.curve_files import write_curve
from keramos.report.page import write_report
from keramos.report.reliability import write_reliability

__all__ = ["MethodResult", "ReportContent", "write_curve", "write_reliability", "write_report"]
