"""Inputs to the uncertainty of a segmentation: its scores, and the truth of some of its slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Triple, parse_box
from keramos.core.errors import MissingFileError, ShapeError
from keramos.core.progress import Reporter
from keramos.io import ScoreReader, scores_beside
from keramos.project.inputs import Labels
from keramos.project.label_size import check_size
from keramos.project.label_views import choose_slices
from keramos.project.named_labels import open_named_labels
from keramos.project.phase_matching import reconcile
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, eq=False)
class ScoresOf:
    """Stored scores in the order of the labels' codes, at the labels' place in their file."""

    reader: ScoreReader
    channels: tuple[int, ...]
    origin: Triple

    def read(self, box: Box) -> NDArray[np.uint8]:
        return self.reader.read(box.shift(self.origin))[list(self.channels)]


def labels_and_truth(
    labels: Labels, truth: Labels, slices: Sequence[int] | None, options: ReadOptions, reporter: Reporter
) -> tuple[LabelVolume, LabelVolume]:
    """Labels and truth with the same codes, cut to the region; of the truth only `slices`, if given. A truth of a
    single slice is that of the slice `slices[0]`.

    Raises:
        FindingError: a truth of another size.
        ShapeError: a truth of one slice without its number.
    """
    everything = replace(options, box=None)
    given = open_named_labels(truth, everything, reporter)
    found, true = reconcile(open_named_labels(labels, replace(everything, ignore=None), reporter), given, reporter)
    true = choose_slices(true, found.shape[0], slices)
    check_size(true.name, true.shape, found.name, [found.shape])
    if options.box is None:
        return found, true
    box = parse_box(options.box, found.shape) if isinstance(options.box, str) else options.box
    return found.crop(box), true.crop(box)


def scores_of(labels: LabelVolume) -> ScoresOf:
    """The scores that stand beside labels.

    Raises:
        MissingFileError: there are none, or of other phases.
        ShapeError: they are of another shape.
    """
    reader = scores_beside(labels.name)
    if reader is None or not set(labels.phases.names) <= set(reader.phases.names):
        raise MissingFileError(
            f"expected scores of {', '.join(labels.phases.names)} beside {labels.name}, found none; "
            "segment again with --scores, or leave out --truth"
        )
    ends = [a + n for a, n in zip(labels.origin, labels.shape, strict=True)]
    if any(end > whole for end, whole in zip(ends, reader.shape, strict=True)):
        raise ShapeError(
            f"expected scores of the shape of the labels beside them, found {reader.shape} (z, y, x) in "
            f"{reader.group}; segment again with --scores --fresh"
        )
    channels = tuple(reader.phases.names.index(name) for name in labels.phases.names)
    return ScoresOf(reader, channels, labels.origin)
