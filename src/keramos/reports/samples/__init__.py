"""A page on several samples: their numbers side by side, with the differences, and each by itself."""

from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.samples.page import write_samples
from keramos.reports.samples.paper_tables import write_tables

__all__ = ["Sample", "SamplesContent", "write_samples", "write_tables"]
