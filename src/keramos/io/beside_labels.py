"""Images beside labels, in a group of their store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from keramos.core import Provenance, Triple, VoxelSize, triple
from keramos.core.errors import FormatError, MissingFileError, StorageError
from keramos.core.object_path import as_path
from keramos.io.create import CHUNKS, prepare
from keramos.io.ngff_read import NgffImage, is_zarr, read_ngff
from keramos.io.ngff_write import ImageMetadata
from keramos.io.unfinished import find_unfinished, refuse_unfinished
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


def read_beside_labels(path: str | Path, group: Literal["scores", "uncertainty"], words: str) -> tuple[Path, NgffImage]:
    """The group of a label store (or that group itself) and its image; `words` name in a sentence what it holds.

    Raises:
        MissingFileError: the store has none.
        FormatError: a group of that name which Keramos did not write, or that a killed run has not finished.
    """
    place = as_path(path) if as_path(path).name == group else as_path(path) / group
    if not is_zarr(place):
        raise MissingFileError(f"{path} holds no {group}; segment again with --{group}")
    refuse_unfinished(path, find_unfinished(place, Provenance()))
    image = read_ngff(place)
    if image.keramos.get("kind") != group:
        raise FormatError(f"expected {words} written by Keramos in {place}, found another image")
    return place, image
