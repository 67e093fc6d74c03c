"""Groups of samples compared: differences, effect sizes, trends, and what so many samples can tell."""

from keramos.measurements.groups.comparison import (
    ComparedQuantity,
    GroupComparison,
    GroupDifference,
    compare_samples,
)
from keramos.measurements.groups.difference import Difference, difference_interval
from keramos.measurements.groups.power import scatter_factors
from keramos.measurements.groups.rows import GroupedSample
from keramos.measurements.groups.scatter import Scatter
from keramos.measurements.groups.trend import Trend

__all__ = [
    "ComparedQuantity",
    "Difference",
    "GroupComparison",
    "GroupDifference",
    "GroupedSample",
    "Scatter",
    "Trend",
    "compare_samples",
    "difference_interval",
    "scatter_factors",
]
