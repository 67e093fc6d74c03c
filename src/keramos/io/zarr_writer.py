"""Writing one multiscale image into an OME-Zarr, chunk by chunk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, Crc32cCodec

from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, Box, Triple, VoxelSize, triple
from keramos.core.errors import SettingsError, ShapeError
from keramos.core.files import remove_file, translate_os_errors
from keramos.core.object_path import ObjectPath
from keramos.io.checked_codecs import open_checked_array
from keramos.io.missing_chunks import CHUNKS, count_chunks
from keramos.io.ngff_write import Attributes, ImageMetadata, Kind
from keramos.io.pyramid import coarser_shape, merge_first, merge_mean, merge_mode, merge_or, pyramid_steps
from keramos.io.zarr_store import open_group

Progress = Callable[[int, int], None]


_MERGES: dict[Kind, Callable[[NDArray[Any], Triple], NDArray[Any]]] = {
    "image": merge_mean,
    "scores": merge_mean,
    "uncertainty": merge_mean,
    "labels": merge_mode,
    "regions": merge_or,
    "accepted": merge_or,
    "objects": merge_first,
}


@dataclass(frozen=True)
class Shards:
    """Files of a `shape` that hold several chunks each, Z Y X."""

    chunks: Triple
    shape: Triple


@dataclass(eq=False)
class ZarrWriter:
    """The pixels of one image, labels or scores (`classes` channels first) while they are written.

    Chunks are written whole or up to the volume's border, so writers in several processes never meet: no locks. So are
    shards, files of several chunks, where `shards` gives their shape. A pickled writer opens the store again where it
    arrives. `prefix` is the group inside the store, such as `labels/segmentation`.
    """

    path: Path
    prefix: str
    shape: Triple
    dtype: np.dtype[Any]
    chunks: Triple
    metadata: ImageMetadata
    classes: int | None = None
    shards: Triple | None = None
    _array: Any = field(default=None, repr=False)

    @property
    def file_shape(self) -> Triple:
        """The voxels in one file of level 0, Z Y X."""
        return self.shards or self.chunks

    def write(self, box: Box, pixels: NDArray[Any]) -> None:
        """Store the pixels of `box` (scores: channels first).

        Raises:
            SettingsError: the box does not consist of whole chunks or shards (or some up to the border).
            ShapeError: the pixels do not have the box's shape, or the box leaves the volume.
            StorageError: the disk refuses.
        """
        self._refuse_part_chunks(box)
        expected = box.shape if self.classes is None else (self.classes, *box.shape)
        if pixels.shape != expected:
            raise ShapeError(f"expected pixels of shape {expected} for the box {box}, found {pixels.shape}")
        if not np.can_cast(pixels.dtype, self.dtype, "safe"):
            raise SettingsError(f"expected {self.dtype} pixels for {self.path}, found {pixels.dtype}; convert them")
        with translate_os_errors(self.path):
            try:
                self._open_array()[self._index(box)] = pixels
            except ValueError:
                if self.shards is None:
                    raise
                # Zarr reads a shard before it writes it whole: one that was cut off with a run cannot be read.
                self._remove_shards(box)
                self._open_array()[self._index(box)] = pixels

    def read(self, box: Box) -> NDArray[Any]:
        """The pixels written so far; where nothing has been written 255 for labels, 0 for others."""
        return np.asarray(self._open_array()[self._index(box)])

    def finish(self, progress: Progress | None = None) -> None:
        """Build the coarser levels (mean; most frequent code for labels) block by block, then list them."""
        steps = pyramid_steps(self.shape, self.metadata.voxel_size)
        plans = [Plan(coarser_shape(self.shape, step), self.file_shape) for step in steps]
        total, done = sum(map(len, plans)), 0
        with translate_os_errors(self.path), ThreadPoolExecutor(os.cpu_count()) as pool:
            before: Triple = (1, 1, 1)
            for level, (step, plan) in enumerate(zip(steps, plans, strict=True), 1):
                factors = triple([now // last for now, last in zip(step, before, strict=True)])
                fine, coarse = self._open_level(level - 1), self.create_level(level, plan.shape)
                merge = partial(self._merge, level - 1, fine, coarse, factors)
                for _ in pool.map(merge, [block.core for block in plan]):
                    done += 1
                    if progress is not None:
                        progress(done, total)
                before = step
            self.write_metadata(steps, is_finished=True)

    def create_level(self, level: int, shape: Triple) -> Any:
        """An empty array for a level; one left by an earlier run is replaced."""
        lead = () if self.classes is None else (self.classes,)
        chunks = triple([min(c, n) for c, n in zip(self.chunks, shape, strict=True)])
        # Where chunks have become smaller than those of the finest level, there are few.
        shards = None if self.shards is None else fit_shards(self.shards, self.chunks, chunks, shape)
        return open_group(self.path / self.prefix, "r+").create_array(
            name=str(level),
            shape=(*lead, *shape),
            chunks=(*(1 for _ in lead), *chunks),
            shards=None if shards is None else (*(1 for _ in lead), *shards),
            dtype=self.dtype,
            compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"), Crc32cCodec()],
            fill_value=NOT_ANNOTATED if self.metadata.kind == "labels" else 0,
            dimension_names=[*("c" for _ in lead), "z", "y", "x"],
            config={"write_empty_chunks": shards is not None},
            overwrite=True,
        )

    def write_metadata(self, steps: Iterable[Triple] = (), *, is_finished: bool = False) -> None:
        """Describe level 0 and the levels that merge `steps` voxels of it, in every group that shows them. Of finished
        pixels the number of chunks is kept, so that it is seen when some are lost."""
        levels = [(str(level), step) for level, step in enumerate([(1, 1, 1), *steps])]
        own = self.metadata.label_attributes if self.metadata.kind == "labels" else self.metadata.attributes
        place = self.path / self.prefix
        chunks = {CHUNKS: count_chunks(place / "0")} if is_finished else {}
        open_group(place, "r+").attrs.put(_add_ours(own(levels), chunks))
        if self.metadata.kind == "labels":
            nested = [(f"{self.prefix}/{name}", step) for name, step in levels]
            open_group(self.path, "r+").attrs.put(_add_ours(self.metadata.attributes(nested), chunks))

    def _merge(self, level: int, fine: Any, coarse: Any, factors: Triple, core: Box) -> None:
        box = _scale_box(core, factors).clip(Box.whole(triple(fine.shape[-3:])))
        if self._is_blank(level, triple((fine.shards or fine.chunks)[-3:]), box):
            return
        for channel in [()] if self.classes is None else [(number,) for number in range(self.classes)]:
            coarse[(*channel, *core.slices)] = self._merge_core(fine, channel, factors, core)

    def _merge_core(self, fine: Any, channel: tuple[int, ...], factors: Triple, core: Box) -> NDArray[Any]:
        """The merged voxels of a core, made chunk by chunk: a shard of them merges more than should be held at once."""
        whole, merge = Box.whole(triple(fine.shape[-3:])), _MERGES[self.metadata.kind]
        made = np.empty(core.shape, self.dtype)
        for block in Plan(core.shape, self.chunks):
            part = block.core.shift(core.start)
            scaled = Box(
                *(triple([a * f for a, f in zip(end, factors, strict=True)]) for end in (part.start, part.stop))
            )
            made[block.core.slices] = merge(np.asarray(fine[(*channel, *scaled.clip(whole).slices)]), factors)
        return made

    def _remove_shards(self, box: Box) -> None:
        for place in self._files_of(0, self.file_shape, box):
            remove_file(place)

    def _files_of(self, level: int, shape: Triple, box: Box) -> Iterator[Path]:
        """The files of a level, each with so many voxels, that a box touches."""
        folder = self.path / self.prefix / str(level) / "c"
        lead = [] if self.classes is None else [range(self.classes)]
        grid = [range(a // c, -(-b // c)) for a, b, c in zip(box.start, box.stop, shape, strict=True)]
        return (folder.joinpath(*map(str, place)) for place in product(*lead, *grid))

    def _is_blank(self, level: int, chunks: Triple, box: Box) -> bool:
        """Whether no chunk of a level that the box touches is on the disk: labels of a few slices are nearly all blank.
        Chunks that hold nothing but the fill value are never written. In a bucket to ask is as slow as to read."""
        if isinstance(self.path, ObjectPath):
            return False
        return not any(place.exists() for place in self._files_of(level, chunks, box))

    def _refuse_part_chunks(self, box: Box) -> None:
        if not Box.whole(self.shape).contains(box):
            raise ShapeError(f"expected a box inside {self.shape} voxels (z, y, x) of {self.path}, found {box}")
        cells, what = self.file_shape, "chunks" if self.shards is None else "shards"
        starts = all(a % c == 0 for a, c in zip(box.start, cells, strict=True))
        stops = all(b % c == 0 or b == n for b, c, n in zip(box.stop, cells, self.shape, strict=True))
        if not (starts and stops):
            raise SettingsError(f"expected a box of whole {what} of {cells} voxels (z, y, x), found {box}")

    def _index(self, box: Box) -> tuple[slice, ...]:
        return box.slices if self.classes is None else (slice(None), *box.slices)

    def _open_array(self) -> Any:
        if self._array is None:
            self._array = self._open_level(0)
        return self._array

    def _open_level(self, level: int) -> Any:
        return open_checked_array(self.path / self.prefix / str(level), mode="r+")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_array": None}


def _scale_box(box: Box, factors: Triple) -> Box:
    """The finer voxels that a box of coarser ones merges."""
    return Box(*(triple([a * f for a, f in zip(end, factors, strict=True)]) for end in (box.start, box.stop)))


def count_files(shape: Triple, cell: Triple, voxel_size: VoxelSize | None, channels: int = 1) -> int:
    """The number of files of an image and its coarser levels, with `cell` voxels in each.

    Example:
        >>> count_files((32, 512, 1024), (16, 256, 256), None)
        19
    """
    levels = [shape, *(coarser_shape(shape, step) for step in pyramid_steps(shape, voxel_size))]
    return channels * sum(prod(-(-n // c) for n, c in zip(level, cell, strict=True)) for level in levels)


def fit_cells(cells: Triple | Shards, shape: Triple) -> tuple[Triple, Triple | None]:
    """The shapes of chunks and of shards (None: none) of a volume, not longer than it."""
    chunks = cells.chunks if isinstance(cells, Shards) else cells
    fitting = triple([min(c, n) for c, n in zip(chunks, shape, strict=True)])
    return fitting, fit_shards(cells.shape, chunks, fitting, shape) if isinstance(cells, Shards) else None


def fit_shards(shards: Triple, chunks: Triple, fitting: Triple, shape: Triple) -> Triple:
    """The shape of shards of a volume of `shape` whose chunks are `fitting`, not longer than the volume: as many of
    them as `shards` has of `chunks`, or all.

    Example:
        >>> fit_shards((16, 1024, 1024), (16, 256, 256), (16, 256, 200), (40, 600, 200))
        (16, 768, 200)
    """
    rows = zip(shards, chunks, fitting, shape, strict=True)
    return triple([fit * min(shard // chunk, -(-n // fit)) for shard, chunk, fit, n in rows])


def _add_ours(attributes: Attributes, more: Mapping[str, Any]) -> Attributes:
    return {**attributes, "keramos": {**attributes["keramos"], **more}}
