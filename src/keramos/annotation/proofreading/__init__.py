"""Proofreading of a segmentation: places to look at, decisions on them, and what corrections change in the numbers."""

from keramos.annotation.proofreading.evidence import Evidence
from keramos.annotation.proofreading.kind import KINDS, Candidate, Marking, PlaceKind
from keramos.annotation.proofreading.place import Change, Place
from keramos.annotation.proofreading.queue import find_places

__all__ = ["KINDS", "Candidate", "Change", "Evidence", "Marking", "Place", "PlaceKind", "find_places"]
