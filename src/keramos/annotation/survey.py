"""Survey of a network's uncertainty in some slices of a stack, one slice at a time in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.window import UNSURE, Window, best_window, without_rims
from keramos.blocks import Plan, plan_blocks
from keramos.core import Box, Volume
from keramos.core.progress import Progress
from keramos.segmenters import Segmenter
from keramos.segmenters.uncertainty import uncertainty

_TILE_BYTES = 2**29
_FEWEST = 8
"""Smallest number of slices in a survey, however long it takes: fewer say little about a stack."""
_QUANTILES = np.linspace(0.02, 0.98, 25)

Quantiles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SliceSeen:
    """Result of the survey for one slice.

    Attributes:
        z: number of the slice in the volume.
        mean_uncertainty: mean normalised entropy.
        unsure_share: fraction of uncertain voxels, without rims.
        window: the best region.
        quantiles: quantiles of the grey values.
    """

    z: int
    mean_uncertainty: float
    unsure_share: float
    window: Window
    quantiles: Quantiles


def survey(seen: SliceViewer, *, edge: int, every: int | None, seconds: float, progress: Progress) -> list[SliceSeen]:
    """Every `every`-th slice of a volume; without `every`, at least eight evenly spread slices in about `seconds`."""
    depth = seen.volume.shape[0]
    if every is None:
        every = _affordable_stride(depth, seconds, lambda: seen.survey_read_slice(depth // 2, edge))
    chosen = range(min((every - 1) // 2, depth - 1), depth, every)
    slices = []
    for done, z in enumerate(chosen, 1):
        slices.append(seen.survey_read_slice(z, edge))
        progress(done, len(chosen))
    return slices


@dataclass(eq=False)
class SliceViewer:
    """Runs a segmenter on single slices, in tiles that fit into half a gibibyte of activations.

    `known` reads the uncertainty (0 ... 255) of slices at which it has looked already.
    """

    volume: Volume
    predictor: Segmenter
    known: Mapping[int, Callable[[int], NDArray[np.uint8]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signature = self.predictor.signature
        depth, height, width = self.volume.shape
        unit = tuple(lcm(64, stride) for stride in signature.stride[1:])
        voxels = max(1, _TILE_BYTES // (signature.bytes_per_pixel + 32 * signature.classes))
        tiles = plan_blocks(
            (1, height, width),
            halo=(0, *signature.halo[1:]),
            stride=(1, *signature.stride[1:]),
            chunk=(1, *unit),
            max_voxels=voxels,
        )
        # One slice at a time: a network that reads neighbours still predicts one.
        core = (1, *tiles.core_shape[1:])
        self._plan = Plan((depth, height, width), core, signature.halo, (1, *signature.stride[1:]))

    def survey_read_slice(self, z: int, edge: int) -> SliceSeen:
        """Uncertainty, best region and grey quantiles of slice `z`."""
        unsure = self.unsure(z)
        wide = float(np.mean(without_rims(unsure) > UNSURE))
        return SliceSeen(z, float(unsure.mean()), wide, best_window(unsure, edge), grey_quantiles(self.volume, z))

    def unsure(self, z: int) -> NDArray[np.float32]:
        """Normalised entropy (Y X) of each voxel of slice `z`."""
        if z in self.known:
            return np.asarray(self.known[z](z) / np.float32(255), np.float32)
        out = np.empty(self.volume.shape[1:], np.float32)
        for core, scores in self._tiles(z):
            out[core.slices[1:]] = uncertainty(scores)[0]
        return out

    def scores(self, z: int) -> NDArray[np.float32]:
        """Scores (phases, Y X) of slice `z`."""
        out = np.empty((self.predictor.signature.classes, *self.volume.shape[1:]), np.float32)
        for core, scores in self._tiles(z):
            out[:, *core.slices[1:]] = scores[:, 0]
        return out

    def _tiles(self, z: int) -> Iterator[tuple[Box, NDArray[np.float32]]]:
        """The tiles of slice `z` with their scores (phases, 1, Y, X)."""
        _, rows, columns = self._plan.grid
        for number in range(z * rows * columns, (z + 1) * rows * columns):
            block = self._plan[number]
            yield block.core, self.predictor.scores(self.volume.read_channels(block.read), block)

    def grey(self, z: int) -> NDArray[Any]:
        """Grey values (Y X) of slice `z`."""
        return _read_slice(self.volume, z)


def grey_quantiles(volume: Volume, z: int) -> Quantiles:
    """Quantiles (25,) of the grey values of slice `z`, from the 2nd to the 98th percentile.

    The mean difference of the quantiles of two slices is the earth mover's distance (Wasserstein 1-distance) of their
    grey values without outliers.
    """
    return np.asarray(np.quantile(_read_slice(volume, z)[::2, ::2], _QUANTILES), np.float64)


def _read_slice(volume: Volume, z: int) -> NDArray[Any]:
    pixels = volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))
    return np.asarray(pixels[0])


def _affordable_stride(depth: int, seconds: float, look: Callable[[], object]) -> int:
    """Slice stride for a survey of `seconds`, from the time of a second, warm `look` at one slice."""
    look()
    began = time.monotonic()
    look()
    took = time.monotonic() - began
    affordable = max(_FEWEST, int(seconds / max(took, 1e-6)))
    return max(1, ceil(depth / affordable))
