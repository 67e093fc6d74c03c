"""The annotated slices of one or several images: what a model learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, CuttingOrder, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import LabelError, ShapeError, VoxelSizeError
from keramos.core.progress import Progress, silent
from keramos.io import source_fingerprint

_MAX_BYTES = 2**31

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


def collect_annotated(
    pairs: Sequence[tuple[Volume, LabelVolume]],
    *,
    only: Sequence[int] | None = None,
    planes: int = 1,
    grid: VoxelSize | None = None,
    progress: Progress = silent,
) -> AnnotatedSlices:
    """Read the slices that hold an annotated voxel; of these only those numbered in `only`, if given (as in the file,
    also where only a region of it is open). Each comes with its neighbours, `planes` in all, annotated or not.
    `grid` is the voxel size that images of several sizes will be put on.

    Raises:
        ShapeError: an image and its labels differ in shape.
        LabelError: no voxel is annotated, fewer than two phases are, the pairs' phases differ, a slice asked for is
            not annotated, or the annotated slices do not fit in memory.
        LabelError: stacks that were cut in different orders, or with other channels.
        VoxelSizeError: the images' voxel sizes are more than 20 % apart.
    """
    if not pairs:
        raise LabelError("expected at least one image with its labels, found none; give --images and --labels")
    items, memory = list[AnnotatedSlice](), _Memory()
    total = sum(labels.shape[0] for _, labels in pairs)
    done = 0
    for pair, (volume, labels) in enumerate(pairs):
        check_pair(volume, labels)
        source, first = source_fingerprint(volume), volume.origin[0]
        slices = [_Slices(channel) for channel in volume.channels]
        for z in range(labels.shape[0]) if only is None else _slices_in_region(only, volume):
            item = _read(slices, labels, z, source, planes)
            if item is not None:
                items.append(replace(item, pair=pair))
                memory.add(item)
            elif only is not None:
                raise LabelError(
                    f"expected annotated voxels in slice {first + z} of {labels.name}, found none; see --slices"
                )
        done += labels.shape[0]
        progress(done, total)
    _check_phases(items, pairs)
    names, size = _channel_names([volume for volume, _ in pairs]), grid or shared_voxel_size(pairs)
    return AnnotatedSlices(tuple(items), pairs[0][1].phases, size, _cutting_order(pairs), names)


class _Slices:
    """Slices of a volume, each read once: neighbouring slices share their neighbours."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self._read: dict[int, NDArray[Any]] = {}

    def __call__(self, z: int) -> NDArray[Any]:
        """Slice z; beyond an end of the volume the slice at that end."""
        depth, height, width = self.volume.shape
        z = min(max(z, 0), depth - 1)
        if z not in self._read:
            self._read[z] = self.volume.read(Box((z, 0, 0), (z + 1, height, width)))[0]
        return self._read[z]


class _Memory:
    """The bytes that slices take; a plane that several of them share counts once."""

    def __init__(self) -> None:
        self._planes: set[int] = set()
        self._bytes = self._slices = 0

    def add(self, item: AnnotatedSlice) -> None:
        """LabelError if this slice is one too many."""
        seen = chain.from_iterable(item.channels)
        new = {id(plane): plane.nbytes for plane in seen if id(plane) not in self._planes}
        self._planes |= new.keys()
        self._bytes += sum(new.values()) + item.codes.nbytes
        self._slices += 1
        if self._bytes > _MAX_BYTES:
            raise LabelError(
                f"expected the annotated slices to fit in {_MAX_BYTES // 2**30} GiB, found more after {self._slices} "
                "slices; name some of them with --slices, or cut a region with --box"
            )


def _read(channels: Sequence[_Slices], labels: LabelVolume, z: int, source: str, planes: int) -> AnnotatedSlice | None:
    codes = labels.read(Box((z, 0, 0), (z + 1, *labels.shape[1:])))[0]
    if not np.any(codes != NOT_ANNOTATED):
        return None
    reach = planes // 2
    first, *others = (tuple(slices(z + k) for k in range(-reach, reach + 1)) for slices in channels)
    volume, around = channels[0].volume, first if reach else ()
    return AnnotatedSlice(first[reach], codes, volume.name, volume.origin[0] + z, source, around, others=tuple(others))


def check_pair(volume: Volume, labels: LabelVolume) -> None:
    """ShapeError if an image and its labels differ in shape."""
    if volume.shape != labels.shape:
        raise ShapeError(
            f"expected labels of the image's shape {volume.shape} (z, y, x) of {volume.name}, found {labels.shape} "
            f"in {labels.name}; images and labels pair up in the order given"
        )


def _slices_in_region(only: Sequence[int], volume: Volume) -> list[int]:
    """The slices asked for, counted from the first of the region."""
    first, depth = volume.origin[0], volume.shape[0]
    outside = [z for z in only if not first <= z < first + depth]
    if outside:
        raise LabelError(f"expected slices {first} to {first + depth - 1} of {volume.name}, found slice {outside[0]}")
    return sorted({z - first for z in only})


def _check_phases(items: Sequence[AnnotatedSlice], pairs: Sequence[tuple[Volume, LabelVolume]]) -> None:
    tables = [labels.phases for _, labels in pairs]
    for (_, labels), table in zip(pairs, tables, strict=True):
        if table.names != tables[0].names:
            raise LabelError(
                f"expected the same phases in all labels ({', '.join(tables[0].names)}), found "
                f"{', '.join(table.names)} in {labels.name}; name them with --phases"
            )
    codes = np.unique(np.concatenate([np.unique(s.codes) for s in items])) if items else np.array([])
    present = [tables[0].names[code] for code in codes if code != NOT_ANNOTATED]
    if len(present) < 2:
        raise LabelError(
            f"expected voxels of at least two phases among the labels, found {present[0] if present else 'none'} "
            f"in {pairs[0][1].name}; annotate some of each phase"
        )


def _cutting_order(pairs: Sequence[tuple[Volume, LabelVolume]]) -> CuttingOrder:
    """The cutting order of all images which say it; increasing if none does."""
    orders = {volume.view.cutting_order: volume.name for volume, _ in pairs if volume.view is not None}
    if len(orders) > 1:
        raise LabelError(
            "expected stacks cut in one order, found "
            + " and ".join(f"{order} z in {name}" for order, name in orders.items())
            + "; turn one of them round, or train a model for each"
        )
    return next(iter(orders), "increasing")


def _channel_names(volumes: Sequence[Volume]) -> tuple[str, ...]:
    """The names of the channels, as the first images name them; LabelError where others have more, fewer or others in
    another order."""
    first = volumes[0]
    for one in volumes[1:]:
        turned = one.channel_names != first.channel_names and set(one.channel_names) == set(first.channel_names)
        if len(one.channels) != len(first.channels) or turned:
            raise LabelError(
                f"expected images of the same detectors in one order for all labels, found {len(first.channels)} "
                f"channels in {first.name} and {len(one.channels)} in {one.name}"
                + (", in another order; turn them round" if turned else "; give the same for each")
            )
    return first.channel_names


def shared_voxel_size(pairs: Sequence[tuple[Volume, LabelVolume]]) -> VoxelSize | None:
    """The voxel size of the images; None where none is known. VoxelSizeError where they are more than 20 % apart."""
    sizes = [volume.voxel_size or labels.voxel_size for volume, labels in pairs]
    known = [(size, volume.name) for size, (volume, _) in zip(sizes, pairs, strict=True) if size is not None]
    for size, name in known:
        if not size.agrees_with(known[0][0]):
            raise VoxelSizeError(
                f"expected images with about the same voxel size, found {known[0][0]} in {known[0][1]} and {size} "
                f"in {name}; train a model for each"
            )
    return known[0][0] if known else None
