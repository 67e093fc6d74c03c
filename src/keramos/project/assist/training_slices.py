"""Annotated slices on the grid of the network that learns them, their grey values kept from one training to the next.

A network that was made for voxels of another size than the stack's is given the stack at its own voxel size: the slice
and its neighbours averaged as `segmenters.Resampled` does, the labels by the most frequent code of what falls together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, PhaseTable, Volume, VoxelSize
from keramos.core.progress import Progress, silent
from keramos.io import source_fingerprint
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.project.assist.squares import Codes
from keramos.segmenters import average_around

_MOST_BYTES = 2**30
_SMALLEST, _LARGEST = 4.0, 50.0
"""Voxels in nm that the bundled weights are resampled for."""
_MAX_SCALE = 8.0


def choose_grid(size: VoxelSize | None, model: VoxelSize | None) -> VoxelSize | None:
    """The voxel size at which a model works on a stack of another `size`; None where it takes the stack's voxels
    as they are: they are alike, one of the sizes is not known, or they are too far apart to show the same structures.

    Example:
        >>> choose_grid(VoxelSize(5, 5, 5), VoxelSize(20, 26.4, 20.8))
        VoxelSize(z_nm=20, y_nm=26.4, x_nm=20.8)
    """
    if size is None or model is None or size.agrees_with(model):
        return None
    scale = [max(a / b, b / a) for a, b in zip(size.zyx, model.zyx, strict=True)]
    inside = all(_SMALLEST <= edge <= _LARGEST for edge in size.zyx)
    return model if inside and max(scale) <= _MAX_SCALE else None


class TrainingSlices:
    """Reads annotated slices for a network of `planes` slices that works at the voxel size `grid`; None is the
    stack's own."""

    def __init__(self, volume: Volume, grid: VoxelSize | None, planes: int) -> None:
        self.volume, self.grid, self.planes = volume, grid, planes
        self._scale = (1.0, 1.0, 1.0)
        if grid is not None:
            own = volume.require_voxel_size()
            z, y, x = (model / stack for model, stack in zip(grid.zyx, own.zyx, strict=True))
            self._scale = (z if planes > 1 else 1.0, y, x)
        self._source = source_fingerprint(volume)
        self._read: dict[int, tuple[NDArray[Any], ...]] = {}

    def collect(self, drawn: Codes, phases: PhaseTable, progress: Progress = silent) -> AnnotatedSlices:
        """The annotated slices with their grey values; of more than fit into 1 GiB some, evenly spread."""
        chosen = self._affordable(sorted(drawn))
        items = []
        for done, z in enumerate(chosen, 1):
            planes = self._planes_of(z)
            codes, middle = self._codes_on_grid(drawn[z]), planes[len(planes) // 2]
            number = z + self.volume.origin[0]
            around = planes if self.planes > 1 else ()
            items.append(AnnotatedSlice(middle, codes, self.volume.name, number, self._source, around))
            progress(done, len(chosen))
        order = "increasing" if self.volume.view is None else self.volume.view.cutting_order
        return AnnotatedSlices(tuple(items), phases, self.grid or self.volume.voxel_size, order)

    def _affordable(self, numbers: list[int]) -> list[int]:
        pixels = np.prod([n / factor for n, factor in zip(self.volume.shape[1:], self._scale[1:], strict=True)])
        each = float(pixels) * self.planes * (self.volume.dtype.itemsize if self.grid is None else 4)
        most = max(1, int(_MOST_BYTES / each))
        self._read = {z: planes for z, planes in self._read.items() if z in numbers}
        if len(numbers) <= most:
            return numbers
        return [numbers[i] for i in np.linspace(0, len(numbers) - 1, most).round().astype(int).tolist()]

    def _planes_of(self, z: int) -> tuple[NDArray[Any], ...]:
        if z not in self._read:
            reach = self.planes // 2
            offsets = range(-reach, reach + 1)
            as_is = self._scale == (1.0, 1.0, 1.0)
            self._read[z] = tuple(self._slice(z + k) for k in offsets) if as_is else self._resample(z, reach)
        return self._read[z]

    def _slice(self, z: int) -> NDArray[Any]:
        """Slice z; beyond an end of the stack the slice at that end."""
        depth, height, width = self.volume.shape
        z = min(max(z, 0), depth - 1)
        return np.asarray(self.volume.read(Box((z, 0, 0), (z + 1, height, width)))[0])

    def _resample(self, z: int, reach: int) -> tuple[NDArray[Any], ...]:
        factor, depth = self._scale[0], self.volume.shape[0]
        wide = int(np.ceil(reach * factor + max(factor, 1))) + 1 if reach else 0
        first, last = max(z - wide, 0), min(z + wide, depth - 1)
        small = np.stack([self._average_plane(self._slice(at)) for at in range(first, last + 1)])
        centres = np.clip(z + np.arange(-reach, reach + 1) * factor, 0.0, depth - 1.0)
        planes = average_around(small, 0, centres, factor, first, depth)
        return tuple(self._as_stored(plane) for plane in planes)

    def _average_plane(self, plane: NDArray[Any]) -> NDArray[np.float32]:
        grey = plane[None].astype(np.float32)
        for axis in (1, 2):
            centres = _centres(grey.shape[axis], self._scale[axis])
            grey = average_around(grey, axis, centres, self._scale[axis], 0, grey.shape[axis])
        return np.asarray(grey[0], np.float32)

    def _as_stored(self, plane: NDArray[np.float32]) -> NDArray[Any]:
        """Grey values in the type of the stack, so that the card of a model says which type it was trained on."""
        whole = np.issubdtype(self.volume.dtype, np.integer)
        return (np.rint(plane) if whole else plane).astype(self.volume.dtype)

    def _codes_on_grid(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return merge_codes(merge_codes(codes, self._scale[1]).T, self._scale[2]).T


def merge_codes(codes: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Codes (rows, columns) with `factor` rows made one: the most frequent annotated code of those that fall together,
    255 where none is annotated; for a factor below 1 the nearest row.

    Example:
        >>> merge_codes(np.array([[0], [255], [1], [1]], np.uint8), 2.0).ravel().tolist()
        [0, 1]
        >>> merge_codes(np.repeat(np.uint8([[0], [1]]), 40, axis=0), 1.4).shape
        (58, 1)
    """
    if factor == 1:
        return codes
    length = max(1, int(np.ceil(len(codes) / factor)))
    if factor < 1:
        nearest = np.clip(np.rint(_centres(len(codes), factor)), 0, len(codes) - 1).astype(np.int64)
        return codes[nearest]
    group = np.minimum(((np.arange(len(codes)) + 0.5) / factor).astype(np.int64), length - 1)
    # No middle of a row may fall into the last, partial one: it takes the last row.
    starts = np.minimum(np.searchsorted(group, np.arange(length)), len(codes) - 1)
    best, out = np.zeros((length, codes.shape[1]), np.int32), np.full((length, codes.shape[1]), NOT_ANNOTATED, np.uint8)
    for code in np.unique(codes[codes != NOT_ANNOTATED]).tolist():
        count = np.add.reduceat((codes == code).astype(np.int32), starts, axis=0)
        out[count > best] = code
        best = np.maximum(best, count)
    return out


def _centres(length: int, factor: float) -> NDArray[np.float64]:
    """Places of the samples of the model's grid, in voxels of the stack: both begin at the same corner."""
    return np.asarray((np.arange(max(1, int(np.ceil(length / factor)))) + 0.5) * factor - 0.5, np.float64)
