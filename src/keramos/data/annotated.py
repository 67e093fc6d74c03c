"""The annotated slices of one or several images: what a model learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.errors import LabelError, ShapeError, VoxelSizeError
from keramos.progress import Progress, silent
from keramos.store import source_fingerprint
from keramos.volume import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, Volume, VoxelSize

_MAX_BYTES = 2**31


@dataclass(frozen=True, eq=False)
class AnnotatedSlice:
    """One slice: grey values and codes (Y X, 255 = not annotated), and where they come from.

    `z` is the slice's number in the file `image`, also where only a region of it is used; `source` is the
    fingerprint of that file.
    """

    grey: NDArray[Any]
    codes: NDArray[np.uint8]
    image: str
    z: int
    source: str = ""

    def as_volume(self, voxel_size: VoxelSize | None) -> Volume:
        """The grey values as a volume of one slice."""
        return Volume.from_array(self.grey, voxel_size, f"slice {self.z} of {self.image}")


@dataclass(frozen=True, eq=False)
class AnnotatedSlices:
    """All annotated slices of a training run, in memory, with their phases and voxel size."""

    slices: tuple[AnnotatedSlice, ...]
    phases: PhaseTable
    voxel_size: VoxelSize | None

    @property
    def annotated_voxels(self) -> int:
        return sum(int(np.count_nonzero(s.codes != NOT_ANNOTATED)) for s in self.slices)

    def mean_and_std(self) -> tuple[float, float]:
        """Of the grey values of all slices; a deviation of zero becomes one."""
        total = sum(s.grey.size for s in self.slices)
        mean = sum(float(s.grey.sum(dtype=np.float64)) for s in self.slices) / total
        square = sum(float(np.sum((s.grey.astype(np.float64) - mean) ** 2)) for s in self.slices) / total
        return mean, square**0.5 or 1.0

    def grey_range(self) -> tuple[float, float]:
        """The 1st and 99th percentiles of the grey values of all slices."""
        low, high = np.percentile(np.concatenate([s.grey.ravel() for s in self.slices]), [1, 99])
        return float(low), float(high)

    def sha256(self) -> str:
        """Identity of the training data by its pixels."""
        digest = hashlib.sha256()
        for item in self.slices:
            for array in (item.grey, item.codes):
                digest.update(f"{array.dtype} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def collect_annotated(
    pairs: Sequence[tuple[Volume, LabelVolume]],
    *,
    only: Sequence[int] | None = None,
    progress: Progress = silent,
) -> AnnotatedSlices:
    """Read the slices that hold an annotated voxel; of these only those numbered in `only`, if given (as in the file,
    also where only a region of it is open).

    Raises:
        ShapeError: an image and its labels differ in shape.
        LabelError: no voxel is annotated, fewer than two phases are, the pairs' phases differ, a slice asked for is
            not annotated, or the annotated slices do not fit in memory.
        VoxelSizeError: the images' voxel sizes are more than 20 % apart.
    """
    if not pairs:
        raise LabelError("expected at least one image with its labels, found none; give --images and --labels")
    found: list[AnnotatedSlice] = []
    total = sum(labels.shape[0] for _, labels in pairs)
    done = 0
    for volume, labels in pairs:
        _check_pair(volume, labels)
        source, first = source_fingerprint(volume), volume.origin[0]
        for z in range(labels.shape[0]) if only is None else _checked(only, volume):
            item = _read(volume, labels, z, source)
            if item is not None:
                found.append(item)
            elif only is not None:
                raise LabelError(
                    f"expected annotated voxels in slice {first + z} of {labels.name}, found none; see --slices"
                )
            _check_memory(found)
        done += labels.shape[0]
        progress(done, total)
    _check_phases(found, pairs)
    return AnnotatedSlices(tuple(found), pairs[0][1].phases, _voxel_size(pairs))


def _read(volume: Volume, labels: LabelVolume, z: int, source: str) -> AnnotatedSlice | None:
    box = Box((z, 0, 0), (z + 1, *labels.shape[1:]))
    codes = labels.read(box)[0]
    if not np.any(codes != NOT_ANNOTATED):
        return None
    return AnnotatedSlice(volume.read(box)[0], codes, volume.name, volume.origin[0] + z, source)


def _check_pair(volume: Volume, labels: LabelVolume) -> None:
    if volume.shape != labels.shape:
        raise ShapeError(
            f"expected labels of the image's shape {volume.shape} (z, y, x) of {volume.name}, found {labels.shape} "
            f"in {labels.name}; images and labels pair up in the order given"
        )


def _checked(only: Sequence[int], volume: Volume) -> list[int]:
    """The slices asked for, counted from the first of the region."""
    first, depth = volume.origin[0], volume.shape[0]
    outside = [z for z in only if not first <= z < first + depth]
    if outside:
        raise LabelError(f"expected slices {first} to {first + depth - 1} of {volume.name}, found slice {outside[0]}")
    return sorted({z - first for z in only})


def _check_memory(found: Sequence[AnnotatedSlice]) -> None:
    taken = sum(s.grey.nbytes + s.codes.nbytes for s in found)
    if taken > _MAX_BYTES:
        raise LabelError(
            f"expected the annotated slices to fit in {_MAX_BYTES // 2**30} GiB, found more after {len(found)} slices; "
            "name some of them with --slices, or cut a region with --box"
        )


def _check_phases(found: Sequence[AnnotatedSlice], pairs: Sequence[tuple[Volume, LabelVolume]]) -> None:
    tables = [labels.phases for _, labels in pairs]
    for (_, labels), table in zip(pairs, tables, strict=True):
        if table.names != tables[0].names:
            raise LabelError(
                f"expected the same phases in all labels ({', '.join(tables[0].names)}), found "
                f"{', '.join(table.names)} in {labels.name}; name them with --phases"
            )
    codes = np.unique(np.concatenate([np.unique(s.codes) for s in found])) if found else np.array([])
    present = [tables[0].names[code] for code in codes if code != NOT_ANNOTATED]
    if len(present) < 2:
        raise LabelError(
            f"expected voxels of at least two phases among the labels, found {present[0] if present else 'none'} "
            f"in {pairs[0][1].name}; annotate some of each phase"
        )


def _voxel_size(pairs: Sequence[tuple[Volume, LabelVolume]]) -> VoxelSize | None:
    sizes = [volume.voxel_size or labels.voxel_size for volume, labels in pairs]
    known = [(size, volume.name) for size, (volume, _) in zip(sizes, pairs, strict=True) if size is not None]
    for size, name in known:
        if not size.agrees_with(known[0][0]):
            raise VoxelSizeError(
                f"expected images with about the same voxel size, found {known[0][0]} in {known[0][1]} and {size} "
                f"in {name}; train a model for each"
            )
    return known[0][0] if known else None
