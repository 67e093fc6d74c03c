"""Remedies, one a file; each has the name of the defect that it undoes."""
