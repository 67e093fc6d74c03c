"""The paper's tables and figures, for any methods on any data, as one page."""

from keramos.report.comparison.content import ComparisonContent, Method, NamedRegion
from keramos.report.comparison.page import write_comparison

__all__ = ["ComparisonContent", "Method", "NamedRegion", "write_comparison"]
