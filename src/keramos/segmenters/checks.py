"""Checks that a segmenter fits: outputs it does not have, and volumes that it was not made for."""

from __future__ import annotations

from keramos.core import Volume
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.core.progress import Reporter
from keramos.segmenters.grey import check_grey_type, grey_difference
from keramos.segmenters.segmenter import Segmenter


def check_uncertainty(segmenter: Segmenter) -> None:
    """Refuse a method that has none."""
    if not segmenter.has_scores:
        raise SettingsError(
            f"expected a trained network for --uncertainty, found {segmenter.name}, a threshold that is equally sure "
            "of every voxel; leave --uncertainty out, or train a network"
        )


def check_voxel_size(volume: Volume, segmenter: Segmenter) -> None:
    """Refuse a model that was made for another voxel size."""
    model_size = segmenter.signature.voxel_size
    if model_size is None:
        return
    size = volume.require_voxel_size()
    if not model_size.agrees_with(size):
        raise VoxelSizeError(
            f"expected voxels within 20 % of the model's {model_size}, found {size} in {volume.name}; give --resample, "
            "train on a slice of this stack, or correct --voxel-size if the metadata are wrong"
        )


def check_grey(volume: Volume, segmenter: Segmenter, reporter: Reporter) -> None:
    """Refuse another type of grey values than the model was made for; report a stack that looks otherwise."""
    check_grey_type(volume, segmenter.signature)
    difference = grey_difference(volume, segmenter.signature)
    if difference is not None:
        reporter.finding(difference)
