"""What a network is unsure of in some slices of a stack, one slice after the other, so that memory is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.window import UNSURE, Window, best_window, without_rims
from keramos.blocks import Plan, plan_blocks
from keramos.core import Box, Volume
from keramos.core.progress import Progress
from keramos.segmenters import Segmenter, uncertainty

_TILE_BYTES = 2**29
_FEWEST = 8
"""So many slices are looked at, however long that takes: fewer say little of a stack."""
_QUANTILES = np.linspace(0.02, 0.98, 25)

Quantiles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SliceSeen:
    """One slice z: its mean uncertainty, the share of its voxels that are unsure (rims aside), its best region, and the
    quantiles of its grey values."""

    z: int
    mean_uncertainty: float
    unsure_share: float
    window: Window
    quantiles: Quantiles


def survey(
    volume: Volume, predictor: Segmenter, *, edge: int, every: int | None, seconds: float, progress: Progress
) -> list[SliceSeen]:
    """Every `every`-th slice of the volume, or as many as take about `seconds`, evenly spread, but eight at least."""
    depth, seen = volume.shape[0], SliceViewer(volume, predictor)
    if every is None:
        every = _every(depth, seconds, lambda: seen.looked_at(depth // 2, edge))
    chosen = range(min((every - 1) // 2, depth - 1), depth, every)
    found = []
    for done, z in enumerate(chosen, 1):
        found.append(seen.looked_at(z, edge))
        progress(done, len(chosen))
    return found


@dataclass(eq=False)
class SliceViewer:
    """Runs a predictor on single slices, in tiles that fit into half a gibibyte of activations."""

    volume: Volume
    predictor: Segmenter

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
        # A slice at a time: a network that reads neighbours still decides one.
        core = (1, *tiles.core_shape[1:])
        self._plan = Plan((depth, height, width), core, signature.halo, (1, *signature.stride[1:]))

    def looked_at(self, z: int, edge: int) -> SliceSeen:
        """What is to be said of slice z."""
        unsure = self.unsure(z)
        wide = float(np.mean(without_rims(unsure) > UNSURE))
        return SliceSeen(z, float(unsure.mean()), wide, best_window(unsure, edge), grey_quantiles(self.volume, z))

    def unsure(self, z: int) -> NDArray[np.float32]:
        """The normalised entropy (Y X) of each voxel of slice z."""
        _, rows, columns = self._plan.grid
        out = np.empty(self.volume.shape[1:], np.float32)
        for number in range(z * rows * columns, (z + 1) * rows * columns):
            block = self._plan[number]
            scores = self.predictor.scores(self.volume.read(block.read), block)
            out[block.core.slices[1:]] = uncertainty(scores)[0]
        return out

    def grey(self, z: int) -> NDArray[Any]:
        """The grey values (Y X) of slice z."""
        return _slice(self.volume, z)


def grey_quantiles(volume: Volume, z: int) -> Quantiles:
    """Of the grey values of slice z, from its 2nd to its 98th percentile: the mean difference of those of two slices is
    the earth mover's distance of their grey values (Wasserstein 1-distance), outliers aside."""
    return np.asarray(np.quantile(_slice(volume, z)[::2, ::2], _QUANTILES), np.float64)


def _slice(volume: Volume, z: int) -> NDArray[Any]:
    pixels = volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))
    return np.asarray(pixels[0])


def _every(depth: int, seconds: float, look: Callable[[], object]) -> int:
    """Which slices there is time for: measured on one, the second time, when the network is warm."""
    look()
    began = time.monotonic()
    look()
    took = time.monotonic() - began
    affordable = max(_FEWEST, int(seconds / max(took, 1e-6)))
    return max(1, ceil(depth / affordable))
