"""Remedies for imaging defects, one a file; a remedy has the name of the defect that it undoes."""

from keramos.preparation.remedy import REMEDIES, Remedy

__all__ = ["REMEDIES", "Remedy"]
