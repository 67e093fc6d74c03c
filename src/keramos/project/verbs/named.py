"""Labels with whether they name their phases."""

from __future__ import annotations

from dataclasses import replace

from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.project.inputs import Labels, Reading
from keramos.project.matching import Named


def named(labels: Labels, reading: Reading, reporter: Reporter) -> Named:
    """Open labels that may name their phases themselves: then what the user says of other files does not apply."""
    if isinstance(labels, LabelVolume):
        return Named(labels, True)
    if describe(labels)["phases"] is not None:
        return Named(replace(reading, phases=None).labels(labels, reporter), True)
    return Named(reading.labels(labels, reporter), reading.phases is not None)
