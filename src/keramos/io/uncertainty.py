"""The uncertainty of the scores, beside the labels: an image (z, y, x) in the group `uncertainty`, from 0 (certain) to
255 (all phases equally likely). It is round(255 H) of the normalised entropy H = -sum over phases of
p ln p / ln(phases)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keramos.core import Triple, Volume, VoxelSize
from keramos.io.beside_labels import create_beside_labels, read_beside_labels
from keramos.io.create import CHUNKS
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
    group, image = read_beside_labels(path, GROUP, "an uncertainty")
    return Volume(image.source(), image.voxel_size, str(group))
