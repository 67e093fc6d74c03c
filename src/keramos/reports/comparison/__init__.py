"""The paper's tables and figures, for any methods on any data, as one page."""

from keramos.reports.comparison.content import ComparisonContent, Method, NamedRegion
from keramos.reports.comparison.page import write_comparison

__all__ = ["ComparisonContent", "Method", "NamedRegion", "write_comparison"]
