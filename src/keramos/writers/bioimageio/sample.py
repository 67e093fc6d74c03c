"""A piece of data to test a model with: of a stack, or a simulated slice that looks like the training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Volume, triple
from keramos.networks import Checkpoint, ModelCard
from keramos.segmenters import NetworkSegmenter
from keramos.simulation import make_phantom
from keramos.writers.bioimageio.axes import least_size

_EDGE = 256
"""Pixels; a multiple of every network's stride."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Raw grey values (planes, Y, X), float32, and the scores (classes, Y, X) that Keramos gives the middle one;
    `origin` says in words what they are of."""

    grey: NDArray[np.float32]
    scores: NDArray[np.float32]
    phases: PhaseTable
    origin: str


def sample_of(checkpoint: Checkpoint, volume: Volume | None = None) -> Sample:
    """A square from the middle of `volume`, with as many slices as the network reads; or of a phantom, its grey values
    stretched to those of the training data.

    What is smaller than the network's smallest tile is continued by its mirror image; beyond an end of a stack the
    slice at that end is repeated.
    """
    predictor = NetworkSegmenter(checkpoint)
    signature = predictor.signature
    reach, edge = signature.halo[0], max(_EDGE, least_size(signature.stride[1], signature.halo[1]))
    if volume is None:
        pixels = _as_in_training(make_phantom((2 * reach + 1, _EDGE, _EDGE)).images.read(), checkpoint.card)
        origin = "a simulated slice, a phantom by Keramos"
    else:
        pixels, origin = _middle(volume, reach, edge), f"slice {volume.origin[0] + volume.shape[0] // 2} of a stack"
    missing = [(0, edge - n) for n in pixels.shape[1:]]
    grey = np.pad(pixels.astype(np.float32), ((0, 0), *missing), mode="symmetric")
    block = Block(0, Box((reach, 0, 0), (reach + 1, edge, edge)), Box.whole(triple(grey.shape)))
    return Sample(grey, predictor.scores(grey, block)[:, 0], predictor.phases, origin)


def _middle(volume: Volume, reach: int, edge: int) -> NDArray[Any]:
    """The middle slice and its neighbours, `edge` pixels around the centre at most."""
    depth, *sides = volume.shape
    low = [max(0, (n - edge) // 2) for n in sides]
    high = [min(n, start + edge) for n, start in zip(sides, low, strict=True)]
    slices = np.clip(np.arange(-reach, reach + 1) + depth // 2, 0, depth - 1).tolist()
    return np.concatenate([volume.read(Box((z, *low), (z + 1, *high))) for z in slices])


def _as_in_training(grey: NDArray[Any], card: ModelCard) -> NDArray[np.float32]:
    """The 1st and 99th percentiles moved to the card's; whole numbers where the training data had them."""
    if card.training.grey_range is None:
        return grey.astype(np.float32)
    (low, high), (wanted_low, wanted_high) = np.percentile(grey, [1, 99]), card.training.grey_range
    moved = wanted_low + (grey - low) * ((wanted_high - wanted_low) / (high - low))
    dtype = np.dtype(card.training.grey_dtype or np.float32)
    if dtype.kind in "iu":
        moved = np.clip(np.rint(moved), np.iinfo(dtype).min, np.iinfo(dtype).max)
    return np.asarray(moved, np.float32)
