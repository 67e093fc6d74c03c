"""Images and their labels, brought to one shape: labels of the whole stack, of the region, or of a single slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keramos.core import Box, LabelVolume, Triple, Volume
from keramos.core.progress import Reporter
from keramos.project.inputs import Images, Labels, name_of, pair_up, read_images, read_labels, shape_of
from keramos.project.label_size import check_size, region_in_file
from keramos.project.label_views import place_in_stack
from keramos.settings.reading import ReadOptions


def open_pairs(
    images: Images | Sequence[Images],
    labels: Labels | Sequence[Labels],
    *,
    slices: Sequence[int] | None,
    options: ReadOptions,
    reporter: Reporter,
    channels: bool = False,
) -> list[tuple[Volume, LabelVolume]]:
    """Images and labels in the order given, cut to the region. Labels of a single slice are those of the slice
    `slices[0]`, numbered as in the file. Images may be of several detectors where `channels` are asked for, and have
    the voxel size that their labels state where they state none.

    Raises:
        FindingError: labels that have neither the size of the stack nor that of the region.
        ShapeError: labels of one slice for a stack, without one slice number inside the stack.
    """
    pairs = []
    for image, label in pair_up(images, labels):
        volume = read_images(image, options, reporter, channels=channels)
        volume, drawn = _open_pair(volume, image, label, slices, options, reporter)
        pairs.append((_take_size(volume, drawn, reporter), drawn))
    return pairs


def _take_size(volume: Volume, labels: LabelVolume, reporter: Reporter) -> Volume:
    """The images with the voxel size that their labels state, where they state none themselves."""
    size = labels.voxel_size
    if volume.voxel_size is not None or size is None:
        return volume
    reporter.note(f"the voxel size of {volume.name} is that of its labels, {size}")
    others = tuple(replace(one, voxel_size=size) for one in volume.others)
    return replace(volume, voxel_size=size, others=others)


def _open_pair(
    volume: Volume,
    images: Images,
    labels: Labels,
    slices: Sequence[int] | None,
    options: ReadOptions,
    reporter: Reporter,
) -> tuple[Volume, LabelVolume]:
    everything = replace(options, box=None)
    region, whole = region_in_file(volume)
    given = images.shape if isinstance(images, Volume) else whole
    shape = shape_of(labels)
    check_size(name_of(labels), shape, volume.name, (whole, given, volume.shape))
    if shape == given:
        return volume, read_labels(labels, options, reporter)
    if shape == whole:
        return volume, read_labels(labels, replace(options, box=region), reporter)
    found = read_labels(labels, everything, reporter)
    if shape[0] == 1 < whole[0]:
        found = place_in_stack(found, whole[0], slices).crop(_of_the_region(region, shape, whole))
    return volume, found


def _of_the_region(region: Box, shape: Triple, whole: Triple) -> Box:
    """The box to cut out of labels of one slice: labels as large as the region are the region's, others the slice's."""
    if shape[1:] == region.shape[1:] != whole[1:]:
        return Box((region.start[0], 0, 0), (region.stop[0], *shape[1:]))
    return region
