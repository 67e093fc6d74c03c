"""The annotated slices of one or several images: what a model learns from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, CuttingOrder, PhaseTable, Volume, VoxelSize

Constants = tuple[tuple[float, float], ...]
"""Mean and standard deviation of the grey values of each channel."""


@dataclass(frozen=True, eq=False)
class AnnotatedSlice:
    """One slice: grey values and codes (Y X, 255 = not annotated), and where they come from.

    `z` is the slice's number in the file `image`, also where only a region of it is used; `source` is the
    fingerprint of that file. `planes` are the slice and its neighbours, in the order of the file, as many before as
    after it (the slice alone if empty); beyond the ends of the stack edge slices are repeated. `pair` is the number of
    the images with their labels that it is of, from 0. `others` are the same planes by further detectors.
    """

    grey: NDArray[Any]
    codes: NDArray[np.uint8]
    image: str
    z: int
    source: str = ""
    planes: tuple[NDArray[Any], ...] = ()
    pair: int = 0
    others: tuple[tuple[NDArray[Any], ...], ...] = ()

    @property
    def seen(self) -> tuple[NDArray[Any], ...]:
        """The slices that a network reads to decide this one."""
        return self.planes or (self.grey,)

    def with_planes(self, planes: int) -> AnnotatedSlice:
        """The slice with so many planes, itself among them."""
        beyond = max(0, (len(self.seen) - planes) // 2)
        kept = slice(beyond, beyond + planes)
        others = tuple(seen[kept] for seen in self.others)
        return replace(self, planes=self.seen[kept] if planes > 1 else (), others=others)

    @property
    def channels(self) -> tuple[tuple[NDArray[Any], ...], ...]:
        """These slices by each detector."""
        return (self.seen, *self.others)

    def as_volume(self, voxel_size: VoxelSize | None) -> Volume:
        """The grey values of the slice and its neighbours as a volume."""
        name = f"slice {self.z} of {self.image}"
        first, *others = (Volume.from_array(np.stack(planes), voxel_size, name) for planes in self.channels)
        return replace(first, others=tuple(others))

    @property
    def block(self) -> Block:
        """The slice's place in that volume."""
        whole, middle = Box.whole((len(self.seen), *self.grey.shape)), len(self.seen) // 2
        return Block(0, Box((middle, 0, 0), (middle + 1, *self.grey.shape)), whole)


@dataclass(frozen=True, eq=False)
class AnnotatedSlices:
    """All annotated slices of a training run, in memory, with their phases and voxel size."""

    slices: tuple[AnnotatedSlice, ...]
    phases: PhaseTable
    voxel_size: VoxelSize | None
    cutting_order: CuttingOrder = "increasing"
    channel_names: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """Images of each slice, by as many detectors."""
        return len(self.slices[0].channels)

    @property
    def annotated_voxels(self) -> int:
        return sum(int(np.count_nonzero(s.codes != NOT_ANNOTATED)) for s in self.slices)

    def pick(self, most: int) -> tuple[AnnotatedSlice, ...]:
        """At most so many of the slices, evenly spread; if none of these holds the positive phase, of those that do."""
        holding = tuple(item for item in self.slices if np.any(item.codes == self.phases.positive))
        for slices in (self.slices, holding):
            picked = slices[:: -(-len(slices) // most) or 1]
            if any(np.any(item.codes == self.phases.positive) for item in picked):
                return picked
        return self.slices[:: -(-len(self.slices) // most) or 1]

    def files(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """The numbers of the slices of each file, by its name and fingerprint."""
        files = dict.fromkeys((item.image, item.source) for item in self.slices)
        return {file: tuple(item.z for item in self.slices if (item.image, item.source) == file) for file in files}

    def phase_voxels(self) -> tuple[int, ...]:
        """Annotated voxels of each phase, in the order of the codes."""
        counts = sum((np.bincount(s.codes.ravel(), minlength=256) for s in self.slices), np.zeros(256, np.int64))
        return tuple(int(count) for count in counts[: len(self.phases)])

    def grey(self, channel: int = 0) -> list[NDArray[Any]]:
        """The grey values of each slice by one detector."""
        middle = [item.channels[channel] for item in self.slices]
        return [planes[len(planes) // 2] for planes in middle]

    def mean_and_std(self, channel: int = 0) -> tuple[float, float]:
        """Mean and standard deviation of the grey values of all slices; a deviation of zero becomes one."""
        grey = self.grey(channel)
        total = sum(pixels.size for pixels in grey)
        mean = sum(float(pixels.sum(dtype=np.float64)) for pixels in grey) / total
        square = sum(float(np.sum((pixels.astype(np.float64) - mean) ** 2)) for pixels in grey) / total
        return mean, square**0.5 or 1.0

    def constants(self) -> Constants:
        """Mean and standard deviation of each channel."""
        return tuple(self.mean_and_std(channel) for channel in range(self.channels))

    def constants_of_stacks(self) -> list[Constants]:
        """For each slice the mean and deviation of the grey values of all slices of the same file, by channel."""
        files = [(item.image, item.source) for item in self.slices]
        constants = {file: self._of_file(file).constants() for file in dict.fromkeys(files)}
        return [constants[file] for file in files]

    def _of_file(self, file: tuple[str, str]) -> AnnotatedSlices:
        return replace(self, slices=tuple(item for item in self.slices if (item.image, item.source) == file))

    def grey_range(self, channel: int = 0) -> tuple[float, float]:
        """The 1st and 99th percentiles of the grey values of all slices."""
        low, high = np.percentile(np.concatenate([pixels.ravel() for pixels in self.grey(channel)]), [1, 99])
        return float(low), float(high)

    def with_planes(self, planes: int) -> AnnotatedSlices:
        """The same slices for a network that reads so many of them, at most as many as there are."""
        return replace(self, slices=tuple(item.with_planes(planes) for item in self.slices))

    def sha256(self) -> str:
        """Identity of the training data by its pixels."""
        digest = hashlib.sha256()
        for item in self.slices:
            for array in (*chain.from_iterable(item.channels), item.codes):
                digest.update(f"{array.dtype} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
