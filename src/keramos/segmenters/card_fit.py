"""A trained network and a stack: what its card says about reading it, whatever runs the network."""

from __future__ import annotations

import numpy as np

from keramos.core import Box, Triple, Volume
from keramos.core.progress import Progress, silent
from keramos.networks.card import ModelCard
from keramos.networks.signature import GreyValues, Signature

_SAMPLED_SLICES = 32


def takes_level_of_stack(card: ModelCard) -> bool:
    """Whether the grey level and contrast are those of each stack, not of the training."""
    return card.normalisation is not None and card.normalisation.scope == "stack"


def signature_of(card: ModelCard, stride: Triple, halo: Triple, bytes_per_pixel: int) -> Signature:
    """The signature of a network of that geometry."""
    adapts = takes_level_of_stack(card)
    return Signature(
        card.z_offsets_nm,
        stride,
        halo,
        len(card.phases),
        card.voxel_size,
        dtype=None if adapts else card.training.grey_dtype,
        grey_range=None if adapts else card.training.grey_range,
        others=tuple(
            GreyValues() if adapts else GreyValues(row.grey_dtype, row.grey_range) for row in card.further_channels
        ),
        bytes_per_pixel=bytes_per_pixel,
    )


def reads_backwards(card: ModelCard, volume: Volume) -> bool:
    """Whether the stack's slices are numbered against the order of cutting in which the network reads neighbours."""
    return volume.view is not None and volume.view.cutting_order != card.cutting_order


def adapt_card(card: ModelCard, volume: Volume, progress: Progress = silent) -> ModelCard:
    """The card with the grey level and contrast of this stack, where the model takes them from each stack."""
    constants = card.normalisation
    if constants is None or constants.scope == "fixed":
        return card
    own = constants.with_constants([stack_constants(channel, progress) for channel in volume.channels])
    return card.model_copy(update={"normalisation": own})


def name_level(card: ModelCard) -> str:
    """The constants taken from a stack, for an identity; empty where there are none."""
    constants = card.normalisation
    if constants is None or constants.scope != "stack":
        return ""
    return "".join(f" {mean} {std}" for mean, std in zip(constants.means, constants.stds, strict=True))


def stack_constants(volume: Volume, progress: Progress = silent) -> tuple[float, float]:
    """Mean and standard deviation of the grey values of at most 32 slices, evenly spread over the stack."""
    depth, height, width = volume.shape
    chosen = np.unique(np.linspace(0, depth - 1, min(depth, _SAMPLED_SLICES)).round().astype(int)).tolist()
    sums = np.zeros(2)
    for done, z in enumerate(chosen, 1):
        pixels = volume.read(Box((z, 0, 0), (z + 1, height, width))).astype(np.float64)
        sums += [pixels.sum(), np.square(pixels).sum()]
        progress(done, len(chosen))
    mean, square = sums / (len(chosen) * height * width)
    return float(mean), float(np.sqrt(max(square - mean**2, 0.0))) or 1.0
