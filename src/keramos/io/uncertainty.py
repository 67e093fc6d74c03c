"""The uncertainty of the scores, beside the labels: an image (z, y, x) in the group `uncertainty`, from 0 (certain) to
255 (all phases equally likely). It is round(255 H) of the normalised entropy H = -sum over phases of
p ln p / ln(phases)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keramos.core import Provenance, Triple, Volume, VoxelSize
from keramos.core.errors import FormatError, MissingFileError
from keramos.core.object_path import as_path
from keramos.io.beside_labels import create_beside_labels
from keramos.io.create import CHUNKS
from keramos.io.ngff_read import is_zarr, read_ngff
from keramos.io.unfinished import find_unfinished, refuse_unfinished
from keramos.io.zarr_writer import Shards, ZarrWriter

GROUP: Final = "uncertainty"
_MEANING = (
    "255 x normalised entropy of the scores of all phases: 0 where one is certain, 255 where all are equally likely"
)


def create_uncertainty(
    label_store: str | Path,
    shape: Triple,
    *,
    voxel_size: VoxelSize | None,
    chunks: Triple | Shards = CHUNKS,
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for the uint8 uncertainty of labels of `shape` (Z Y X), in `<label_store>/uncertainty`.

    Raises:
        StorageError: no label store there, or an uncertainty that is not to be reopened.
    """
    return create_beside_labels(
        label_store,
        GROUP,
        shape,
        meaning=_MEANING,
        voxel_size=voxel_size,
        chunks=chunks,
        reopen=reopen,
    )


def open_uncertainty(path: str | Path) -> Volume:
    """The uncertainty in a label store (or its group itself): uint8, 255 where all phases are equally likely.

    Raises:
        MissingFileError: the store has none.
        FormatError: a group of that name which Keramos did not write, or that a killed run has not finished.
    """
    group = as_path(path) if as_path(path).name == GROUP else as_path(path) / GROUP
    if not is_zarr(group):
        raise MissingFileError(f"{path} holds no uncertainty; segment again with --uncertainty")
    refuse_unfinished(path, find_unfinished(group, Provenance()))
    image = read_ngff(group)
    if image.keramos.get("kind") != "uncertainty":
        raise FormatError(f"expected an uncertainty written by Keramos in {group}, found another image")
    return Volume(image.source(), image.voxel_size, str(group))
