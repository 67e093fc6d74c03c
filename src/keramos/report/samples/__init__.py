"""A page on several samples: their numbers side by side, with the differences, and each by itself."""

from keramos.report.samples.content import Sample, SamplesContent
from keramos.report.samples.page import write_samples

__all__ = ["Sample", "SamplesContent", "write_samples"]
