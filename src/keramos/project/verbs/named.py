"""Labels with whether they name their phases."""

from __future__ import annotations

from dataclasses import replace

from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.project.inputs import Labels, read_labels
from keramos.project.matching import Named
from keramos.settings.reading import ReadOptions


def named(labels: Labels, options: ReadOptions, reporter: Reporter) -> Named:
    """Open labels that may name their phases themselves: then what the user says of other files does not apply."""
    if isinstance(labels, LabelVolume):
        return Named(labels, True)
    if describe(labels)["phases"] is not None:
        return Named(read_labels(labels, replace(options, phases=None), reporter), True)
    return Named(read_labels(labels, options, reporter), options.phases is not None)
