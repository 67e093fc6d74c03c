"""One self-contained HTML page of pictures, scores and how they came about."""

from keramos.reports.content import Comparison, Estimates, MethodResult, ReportContent
from keramos.reports.curve_files import write_curve
from keramos.reports.one_slice import one_slice_comparison
from keramos.reports.page import REPORT_SECTIONS, write_report
from keramos.reports.reliability import write_reliability
from keramos.reports.samples import Sample, SamplesContent, write_samples, write_tables
from keramos.reports.section import Section, fill
from keramos.reports.suggestion_picture import FramedSlice, write_suggestions

__all__ = [
    "REPORT_SECTIONS",
    "Comparison",
    "Estimates",
    "FramedSlice",
    "MethodResult",
    "ReportContent",
    "Sample",
    "SamplesContent",
    "Section",
    "fill",
    "one_slice_comparison",
    "write_curve",
    "write_reliability",
    "write_report",
    "write_samples",
    "write_suggestions",
    "write_tables",
]
