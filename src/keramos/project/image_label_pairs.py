"""Images and their labels, brought to one shape: labels of the whole stack, of the region, or of a single slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keramos.core import Box, LabelVolume, Triple, Volume, triple
from keramos.core.progress import Reporter
from keramos.project.inputs import Images, Labels, pair_up, read_images, read_labels, shape_of
from keramos.project.label_views import place_in_stack
from keramos.settings.reading import ReadOptions


def open_pairs(
    images: Images | Sequence[Images],
    labels: Labels | Sequence[Labels],
    *,
    slices: Sequence[int] | None,
    options: ReadOptions,
    reporter: Reporter,
) -> list[tuple[Volume, LabelVolume]]:
    """Images and labels in the order given, cut to the region. Labels of a single slice are those of the slice
    `slices[0]`, numbered as in the file.

    Raises:
        ShapeError: labels of one slice for a stack, without one slice number inside the stack.
    """
    return [_open_pair(i, label, slices, options, reporter) for i, label in pair_up(images, labels)]


def _open_pair(
    images: Images, labels: Labels, slices: Sequence[int] | None, options: ReadOptions, reporter: Reporter
) -> tuple[Volume, LabelVolume]:
    volume, everything = read_images(images, options, reporter), replace(options, box=None)
    whole = read_images(images, everything, Reporter()).shape
    shape = shape_of(labels)
    if shape == whole or (shape[0] != 1 and shape != volume.shape):
        return volume, read_labels(labels, options, reporter)
    found = read_labels(labels, everything, reporter)
    if shape[0] == 1 < whole[0]:
        found = place_in_stack(found, whole[0], slices).crop(_of_the_region(volume, shape, whole))
    return volume, found


def _of_the_region(volume: Volume, shape: Triple, whole: Triple) -> Box:
    """The box to cut out of labels of one slice: labels as large as the region are the region's, others the slice's."""
    low, high = volume.origin, triple([a + n for a, n in zip(volume.origin, volume.shape, strict=True)])
    if shape[1:] == volume.shape[1:] != whole[1:]:
        return Box((low[0], 0, 0), (high[0], *shape[1:]))
    return Box(low, high)
