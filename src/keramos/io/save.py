"""Whole volumes into new OME-Zarr stores, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keramos.blocks import plan_blocks
from keramos.core import LabelVolume, Volume
from keramos.core.files import whole_output
from keramos.core.object_path import as_path
from keramos.core.progress import Progress, silent
from keramos.io.create import create_image, create_labels
from keramos.io.stores import refuse_existing
from keramos.io.zarr_writer import ZarrWriter

_BLOCK_VOXELS = 2**24


def save_volume(path: str | Path, volume: Volume, *, progress: Progress = silent) -> None:
    """Write grey values, voxel size, view and provenance, whole or not at all.

    StorageError if the path exists or the disk refuses.
    """
    with _whole_store(path) as partial:
        writer = create_image(
            partial,
            volume.shape,
            volume.dtype,
            voxel_size=volume.voxel_size,
            view=volume.view,
            provenance=volume.provenance,
        )
        _copy(volume, writer, progress)


def save_labels(
    path: str | Path, labels: LabelVolume, *, name: str = "segmentation", progress: Progress = silent
) -> None:
    """Write phase codes, phases, voxel size and provenance, whole or not at all.

    StorageError if the path exists or the disk refuses.
    """
    with _whole_store(path) as partial:
        writer = create_labels(
            partial,
            labels.shape,
            phases=labels.phases,
            voxel_size=labels.voxel_size,
            name=name,
            provenance=labels.provenance,
        )
        _copy(labels, writer, progress)


@contextmanager
def _whole_store(path: str | Path) -> Iterator[Path]:
    """A path to write a store to, which has its name only when it is complete. StorageError if something is there."""
    place = as_path(path)
    refuse_existing(place)
    with whole_output(place) as partial:
        yield partial


def _copy(volume: Volume | LabelVolume, writer: ZarrWriter, progress: Progress) -> None:
    plan = plan_blocks(volume.shape, chunk=writer.chunks, max_voxels=_BLOCK_VOXELS)
    for block in plan:
        writer.write(block.core, volume.read(block.core))
        progress(block.index + 1, len(plan))
    writer.finish()
