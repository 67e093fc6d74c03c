"""One self-contained HTML page of pictures, scores and how they came about."""

from keramos.report.content import Comparison, MethodResult, ReportContent
from keramos.report.curve_files import write_curve
from keramos.report.one_slice import one_slice_comparison
from keramos.report.page import write_report
from keramos.report.reliability import write_reliability
from keramos.report.samples import Sample, SamplesContent, write_samples
from keramos.report.suggestion_picture import FramedSlice, write_suggestions

__all__ = [
    "Comparison", "FramedSlice", "MethodResult", "ReportContent", "Sample", "SamplesContent", "one_slice_comparison",
    "write_curve", "write_reliability", "write_report", "write_samples", "write_suggestions",
]  # fmt: skip
