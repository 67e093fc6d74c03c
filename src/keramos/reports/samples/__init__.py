"""A page on several samples: their numbers side by side, with the differences, and each by itself."""

from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.samples.page import write_samples

__all__ = ["Sample", "SamplesContent", "write_samples"]
