"""Checks that a segmenter fits: outputs it does not have, and volumes that it was not made for."""

from __future__ import annotations

from keramos.core import Volume
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.core.progress import Reporter
from keramos.networks.signature import GreyValues
from keramos.segmenters.grey import check_grey_type, grey_difference
from keramos.segmenters.segmenter import Segmenter


def check_uncertainty(segmenter: Segmenter) -> None:
    """Refuse a method that has none."""
    if not segmenter.has_scores:
        raise SettingsError(
            f"expected a trained network for --uncertainty, found {segmenter.name}, a threshold that is equally sure "
            "of every voxel; leave --uncertainty out, or train a network"
        )


def check_channels(volume: Volume, segmenter: Segmenter) -> None:
    """Refuse a volume with more or fewer images of each slice than the segmenter reads, or with them in another order
    than it learnt: SettingsError."""
    wanted, present = segmenter.signature.channels, len(volume.channels)
    names = segmenter.card.channel_names if segmenter.card is not None else ()
    if wanted != present:
        learnt = f"images of {wanted} detectors ({', '.join(names)})" if wanted > 1 else "images of one detector"
        given = f"{present} ({', '.join(volume.channel_names)})" if present > 1 else "one"
        advice = "join their paths in this order by +" if present < wanted else f"give {wanted} of them"
        raise SettingsError(f"expected {learnt} for {segmenter.name}, found {given} in {volume.name}; {advice}")
    if names != volume.channel_names and sorted(names) == sorted(volume.channel_names):
        raise SettingsError(
            f"expected the channels {', '.join(names)} in this order, as the model learnt them, found "
            f"{', '.join(volume.channel_names)} in {volume.name}; turn them round"
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
    signature = segmenter.signature
    first = GreyValues(signature.dtype, signature.grey_range)
    pairs = list(zip(volume.channels, (first, *signature.others), strict=True))
    for channel, grey in pairs:
        check_grey_type(channel, grey)
    for channel, grey in pairs:
        difference = grey_difference(channel, grey)
        if difference is not None:
            reporter.finding(difference)
