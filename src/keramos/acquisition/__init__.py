"""Facts that a microscope wrote into its files, each with its source; one maker's layout is one file."""

from keramos.acquisition.acquisition import Acquisition
from keramos.acquisition.fact_names import FACT_NAMES, FactName
from keramos.acquisition.join import join_slices
from keramos.acquisition.vendor import (
    VENDORS,
    Fact,
    Vendor,
    check_facts,
    maker_of,
    project_patterns,
    read_facts,
    read_project,
    suffixes_beside,
)

__all__ = [
    "FACT_NAMES",
    "VENDORS",
    "Acquisition",
    "Fact",
    "FactName",
    "Vendor",
    "check_facts",
    "join_slices",
    "maker_of",
    "project_patterns",
    "read_facts",
    "read_project",
    "suffixes_beside",
]
