"""Facts that a microscope wrote into its files, each with its source; one maker's layout is one file."""

from keramos.acquisition.vendor import VENDORS, Fact, Vendor, check_facts, read_facts

__all__ = ["VENDORS", "Fact", "Vendor", "check_facts", "read_facts"]
