"""Labels with whether they name their phases."""

from __future__ import annotations

from dataclasses import replace

from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.project.inputs import Labels, read_labels
from keramos.project.phase_matching import LabelsWithNames
from keramos.settings.reading import ReadOptions


def open_named_labels(labels: Labels, options: ReadOptions, reporter: Reporter) -> LabelsWithNames:
    """Open labels that may name their phases themselves: then what the user says of other files does not apply."""
    if isinstance(labels, LabelVolume):
        own = options.replace(phases=None, positive=None, ignore=None)
        return LabelsWithNames(read_labels(labels, own, reporter), True)
    if describe(labels)["phases"] is not None:
        return LabelsWithNames(read_labels(labels, replace(options, phases=None), reporter), True)
    return LabelsWithNames(read_labels(labels, options, reporter), options.phases is not None)
