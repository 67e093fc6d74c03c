"""Proofreading of a segmentation: places to look at, decisions on them, and what corrections change in the numbers."""

from keramos.annotation.proofreading.corrections import (
    DrawnSource,
    correct_labels,
    draw_corrections,
    edit_of,
    label_corrections,
    make_training_labels,
    save_corrected,
)
from keramos.annotation.proofreading.decisions import CHOICES, Decision, Decisions, open_decisions
from keramos.annotation.proofreading.evidence import Evidence
from keramos.annotation.proofreading.kind import KINDS, Candidate, PlaceKind
from keramos.annotation.proofreading.markings import Marking
from keramos.annotation.proofreading.place import Change, Place
from keramos.annotation.proofreading.queue import find_places
from keramos.annotation.proofreading.queue_file import load_places, save_places
from keramos.annotation.proofreading.remeasuring import Remeasured, remeasure

__all__ = [
    "CHOICES",
    "KINDS",
    "Candidate",
    "Change",
    "Decision",
    "Decisions",
    "DrawnSource",
    "Evidence",
    "Marking",
    "Place",
    "PlaceKind",
    "Remeasured",
    "correct_labels",
    "draw_corrections",
    "edit_of",
    "find_places",
    "label_corrections",
    "load_places",
    "make_training_labels",
    "open_decisions",
    "remeasure",
    "save_corrected",
    "save_places",
]
