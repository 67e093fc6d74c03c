"""The paper's tables and figures, for any methods on any data, as one page."""

from keramos.report.comparison.content import ComparisonContent, Method, NamedRegion

__all__ = ["ComparisonContent", "Method", "NamedRegion"]
