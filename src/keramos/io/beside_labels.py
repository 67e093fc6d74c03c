"""Images beside labels, in a group of their store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from keramos.core import Triple, VoxelSize, triple
from keramos.core.errors import StorageError
from keramos.core.object_path import as_path
from keramos.io.create import CHUNKS, prepare
from keramos.io.ngff_read import is_zarr
from keramos.io.ngff_write import ImageMetadata
from keramos.io.zarr_writer import Shards, ZarrWriter, fit_cells


def create_beside_labels(
    label_store: str | Path,
    group: Literal["uncertainty", "accepted"],
    shape: Triple,
    *,
    meaning: str,
    voxel_size: VoxelSize | None,
    chunks: Triple | Shards = CHUNKS,
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for an image (uint8, Z Y X) in `<label_store>/<group>`; `meaning` says what its values are.

    Raises:
        StorageError: no label store there, or an image of that name that is not to be reopened.
    """
    path = as_path(label_store)
    if not is_zarr(path):
        raise StorageError(f"there is no label store {path}; create the labels before their {group}")
    fitting, shards = fit_cells(chunks, shape)
    metadata = ImageMetadata(group, group, voxel_size, meaning=meaning)
    writer = ZarrWriter(path, group, triple(shape), np.dtype(np.uint8), fitting, metadata, shards=shards)
    return prepare(writer, reopen=reopen)
