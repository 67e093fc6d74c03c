"""Reading annotated slices: of images and their labels the slices that hold an annotated voxel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, CuttingOrder, LabelVolume, Volume, VoxelSize
from keramos.core.errors import LabelError, ShapeError, VoxelSizeError
from keramos.core.progress import Progress, silent
from keramos.io import source_fingerprint
from keramos.learning.annotated import AnnotatedSlice, AnnotatedSlices

_MAX_BYTES = 2**31


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
