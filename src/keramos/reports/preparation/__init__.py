"""The page on how a raw stack was prepared."""

from keramos.reports.preparation.content import PreparationContent
from keramos.reports.preparation.page import PREPARATION_SECTIONS, write_preparation

__all__ = ["PREPARATION_SECTIONS", "PreparationContent", "write_preparation"]
