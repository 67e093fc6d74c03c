"""A network on a stack of another voxel size: grey values onto the model's grid, scores back onto the stack's.

pixels -> triangle filter as wide as the coarser of both voxels -> the network's grid -> scores -> linear -> the stack's
grid. Both grids are fixed to the stack's first corner, so that every block meets the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, align_box
from keramos.core import Box, Triple, Volume, VoxelSize, triple
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress, Reporter, silent
from keramos.networks.signature import Signature
from keramos.segmenters.segmenter import Segmenter

_MAX_SCALE = 8.0
"""Images of voxels that differ more in size do not show the same structures."""


@dataclass(frozen=True)
class Resampled(Segmenter):
    """The segmenter `inner` for stacks of the voxel size `size`. `shape` is that of the stack it is fit to."""

    inner: Segmenter
    size: VoxelSize
    shape: Triple = (0, 0, 0)

    def __post_init__(self) -> None:
        for name in ("name", "phases", "has_scores", "adapts", "card", "device", "backend"):
            object.__setattr__(self, name, getattr(self.inner, name))

    @property
    def model_size(self) -> VoxelSize:
        """The voxel size that the network was made for."""
        size = self.inner.signature.voxel_size
        if size is None:
            raise SettingsError(f"{self.name} does not say which voxel size it was made for")
        return size

    @cached_property
    def scale(self) -> tuple[float, float, float]:
        """Voxels of the stack for each voxel of the model, along Z Y X. A network that reads one slice takes
        the slices as they are."""
        z, y, x = (model / stack for model, stack in zip(self.model_size.zyx, self.size.zyx, strict=True))
        return (z if self.inner.signature.halo[0] else 1.0, y, x)

    @cached_property
    def signature(self) -> Signature:
        inner, scale = self.inner.signature, self.scale
        halo = triple(
            [
                0 if factor == 1 and not reach else ceil((reach + stride + 1) * factor + max(factor, 1)) + 1
                for reach, stride, factor in zip(inner.halo, inner.stride, scale, strict=True)
            ]
        )
        finer = 1 / (scale[0] * scale[1] * scale[2])
        return replace(
            inner,
            voxel_size=self.size,
            halo=halo,
            stride=(1, 1, 1),
            bytes_per_pixel=ceil(inner.bytes_per_pixel / (scale[1] * scale[2])),
            bytes_per_voxel=ceil(finer * (16 * inner.channels + 16 * inner.classes)),
        )

    def fit_to(self, volume: Volume, progress: Progress = silent) -> Resampled:
        return replace(self, inner=self.inner.fit_to(volume, progress), shape=volume.shape)

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        inner, whole = self.inner.signature, Box.whole(self._model_shape)
        ends = zip(block.core.start, block.core.stop, self.scale, strict=True)
        samples = [_samples_around(start, stop, factor) for start, stop, factor in ends]
        core = Box(triple([a for a, _ in samples]), triple([b for _, b in samples])).clip(whole)
        read = align_box(core.grow(inner.halo), inner.stride).clip(whole)
        grey = pixels.astype(np.float32)
        for axis, factor in enumerate(self.scale):
            grey = _filter_onto_model(
                grey, axis, range(read.start[axis], read.stop[axis]), factor, block.read.start[axis], self.shape[axis]
            )
        scores = self.inner.scores(grey, Block(block.index, core, read))
        for axis, factor in enumerate(self.scale):
            places = range(block.core.start[axis], block.core.stop[axis])
            scores = _interpolate(scores, axis + 1, places, factor, core.start[axis], self._model_shape[axis])
        return scores

    def with_backend(self, name: str) -> Resampled:
        return replace(self, inner=self.inner.with_backend(name))

    def choose_backend(self, volume: Volume, reporter: Reporter) -> str:
        return self.inner.choose_backend(volume, reporter)

    def limit_threads(self, threads: int) -> None:
        self.inner.limit_threads(threads)

    def take_device(self, worker: int) -> None:
        self.inner.take_device(worker)

    def summary(self) -> str:
        return self.inner.summary()

    def facts(self) -> dict[str, Any]:
        return {"resampled_to_nm": list(self.model_size.zyx)}

    def identity(self) -> str:
        return f"{self.inner.identity()} resampled for {self.size}"

    @cached_property
    def _model_shape(self) -> Triple:
        return triple([max(1, ceil(n / factor)) for n, factor in zip(self.shape, self.scale, strict=True)])


def resample_to_model(segmenter: Segmenter, volume: Volume) -> Segmenter:
    """The segmenter itself where voxels of any size will do or the sizes agree within 20 %, else one that resamples.

    Raises:
        SettingsError: a model that does not say what it was made for, or voxels more than 8 times as large or small.
        VoxelSizeError: the volume's voxel size is not known.
    """
    if not segmenter.has_scale:
        return segmenter
    model_size, size = segmenter.signature.voxel_size, volume.require_voxel_size()
    if model_size is None:
        raise SettingsError(
            "expected a model that knows the voxel size it was made for, found one that does not; leave --resample "
            "out, or train on images with a --voxel-size"
        )
    if model_size.agrees_with(size):
        return segmenter
    resampled = Resampled(segmenter, size)
    if not 1 / _MAX_SCALE <= min(resampled.scale) <= max(resampled.scale) <= _MAX_SCALE:
        raise SettingsError(
            f"expected voxels at most {_MAX_SCALE:g} times as large or small as the model's {model_size}, found {size} "
            f"in {volume.name}; train on a slice of this stack"
        )
    return resampled


def _samples_around(start: int, stop: int, factor: float) -> tuple[int, int]:
    """First and last + 1 of the samples of the model's grid around the stack's voxels `start` ... `stop`."""
    return floor(_onto_model(start, factor)), ceil(_onto_model(stop - 1, factor)) + 1


def _onto_model(place: Any, factor: float) -> Any:
    """Voxel numbers of the stack as (fractional) numbers of the model's grid: both begin at the same corner."""
    return (place + 0.5) / factor - 0.5


def _filter_onto_model(
    grey: NDArray[np.float32], axis: int, samples: range, factor: float, first: int, length: int
) -> NDArray[np.float32]:
    """`grey`, whose voxels along `axis` are number `first` on of `length`, at samples of the model's grid: averaged
    with a triangle of half-width max(factor, 1), which is linear interpolation where the model's voxels are finer."""
    if factor == 1:
        return grey[(slice(None),) * axis + (slice(samples.start - first, samples.stop - first),)]
    return average_around(grey, axis, (np.array(samples) + 0.5) * factor - 0.5, factor, first, length)


def average_around(
    grey: NDArray[np.float32], axis: int, centres: NDArray[np.float64], factor: float, first: int, length: int
) -> NDArray[np.float32]:
    """`grey`, whose voxels along `axis` are number `first` on of `length`, averaged around places along that axis (in
    voxels) with a triangle of half-width max(factor, 1)."""
    half = max(factor, 1.0)
    taps = np.floor(centres)[:, None] + np.arange(-ceil(half), ceil(half) + 1)
    weights = np.maximum(1 - np.abs(taps - centres[:, None]) / half, 0) * ((taps >= 0) & (taps < length))
    # A sample of the last, partial voxel may lie beyond the stack: it shows its border.
    lone = weights.sum(axis=1) == 0
    weights[lone, -1], taps[lone, -1] = 1, length - 1
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    index = np.clip(taps.astype(np.int64) - first, 0, grey.shape[axis] - 1)
    return _weighted_sum(grey, axis, index, weights)


def _interpolate(
    scores: NDArray[np.float32], axis: int, places: range, factor: float, first: int, length: int
) -> NDArray[np.float32]:
    """Scores on the model's grid, from sample `first` of `length` on, at the stack's voxels `places`."""
    if factor == 1:
        return scores[(slice(None),) * axis + (slice(places.start - first, places.stop - first),)]
    where = np.clip(_onto_model(np.array(places), factor), 0, length - 1)
    low = np.floor(where).astype(np.int64)
    part = (where - low).astype(np.float32)
    index = np.clip(np.stack([low, low + 1], axis=1) - first, 0, scores.shape[axis] - 1)
    return _weighted_sum(scores, axis, index, np.stack([1 - part, part], axis=1))


def _weighted_sum(
    values: NDArray[np.float32], axis: int, index: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Sums along `axis` over taps (samples, taps), tap by tap: in every block in the same order."""
    shape = [1] * values.ndim
    shape[axis] = -1
    total = np.zeros((*values.shape[:axis], len(index), *values.shape[axis + 1 :]), np.float32)
    for tap in range(index.shape[1]):
        if weights[:, tap].any():
            total += weights[:, tap].reshape(shape) * np.take(values, index[:, tap], axis=axis)
    return total
