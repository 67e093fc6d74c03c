"""The labels that are accepted proposals of a model, beside the labels: an image (z, y, x) in the group `accepted`, 1
where a label is one and 0 where it was drawn, corrected or read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keramos.core import Triple, Volume, VoxelSize
from keramos.core.errors import FormatError
from keramos.core.object_path import as_path
from keramos.io.beside_labels import create_beside_labels
from keramos.io.create import CHUNKS
from keramos.io.ngff_read import is_zarr, read_ngff
from keramos.io.zarr_writer import ZarrWriter

GROUP: Final = "accepted"
_MEANING = "1 where the label is an accepted proposal of a model, 0 elsewhere"


def create_accepted(
    label_store: str | Path, shape: Triple, *, voxel_size: VoxelSize | None, chunks: Triple = CHUNKS
) -> ZarrWriter:
    """A writer that marks accepted labels (uint8, Z Y X), in `<label_store>/accepted`. StorageError without a label
    store there."""
    return create_beside_labels(label_store, GROUP, shape, meaning=_MEANING, voxel_size=voxel_size, chunks=chunks)


def open_accepted(path: str | Path) -> Volume | None:
    """The marks of accepted labels in a label store; None where it has none. FormatError for another image of that
    name."""
    group = as_path(path) / GROUP
    if not is_zarr(group):
        return None
    image = read_ngff(group)
    if image.keramos.get("kind") != "accepted":
        raise FormatError(f"expected marks of accepted labels written by Keramos in {group}, found another image")
    return Volume(image.source(), image.voxel_size, str(group))
