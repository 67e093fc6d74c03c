"""One self-contained HTML page of pictures, scores and how they came about."""

from keramos.reports.content import Comparison, MethodResult, ReportContent
from keramos.reports.curve_files import write_curve
from keramos.reports.one_slice import one_slice_comparison
from keramos.reports.page import write_report
from keramos.reports.reliability import write_reliability
from keramos.reports.samples import Sample, SamplesContent, write_samples
from keramos.reports.suggestion_picture import FramedSlice, write_suggestions

__all__ = [
    "Comparison",
    "FramedSlice",
    "MethodResult",
    "ReportContent",
    "Sample",
    "SamplesContent",
    "one_slice_comparison",
    "write_curve",
    "write_reliability",
    "write_report",
    "write_samples",
    "write_suggestions",
]
