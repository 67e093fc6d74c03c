"""Per-phase scores beside the labels: an image with one channel a phase, score = round(255 p)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PhaseTable, Triple, VoxelSize, triple
from keramos.core.errors import FormatError, SettingsError, ShapeError, StorageError
from keramos.core.object_path import as_path
from keramos.io.beside_labels import read_beside_labels
from keramos.io.checked_codecs import open_checked_array, read_part
from keramos.io.create import CHUNKS, prepare
from keramos.io.error_text import one_line
from keramos.io.ngff_read import is_zarr
from keramos.io.ngff_write import ImageMetadata, phases_from_json
from keramos.io.zarr_writer import Shards, ZarrWriter, fit_cells

GROUP: Final = "scores"


def create_scores(
    label_store: str | Path,
    shape: Triple,
    classes: int,
    *,
    voxel_size: VoxelSize | None,
    phases: PhaseTable,
    chunks: Triple | Shards = CHUNKS,
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for uint8 scores of shape (classes, z, y, x) in `<label_store>/scores`.

    Raises:
        SettingsError: not one score a phase.
        StorageError: no label store there, or scores that are not to be reopened.
    """
    path = as_path(label_store)
    if classes != len(phases):
        raise SettingsError(f"expected one score for each of {len(phases)} phases, found {classes}")
    if not is_zarr(path):
        raise StorageError(f"there is no label store {path}; create the labels before their scores")
    fitting, shards = fit_cells(chunks, shape)
    metadata = ImageMetadata("scores", GROUP, voxel_size, phases=phases)
    writer = ZarrWriter(path, GROUP, triple(shape), np.dtype(np.uint8), fitting, metadata, classes, shards)
    return prepare(writer, reopen=reopen)


@dataclass(frozen=True)
class ScoreReader:
    """Scores of all phases; `read` gives uint8 (classes, z, y, x), 255 where p = 1."""

    group: Path
    shape: Triple
    phases: PhaseTable
    voxel_size: VoxelSize | None

    @property
    def classes(self) -> int:
        return len(self.phases)

    @property
    def piece_shape(self) -> Triple:
        """The voxels of a phase that are decoded at once."""
        return triple(open_checked_array(self.group / "0").chunks[1:])

    def read(self, box: Box) -> NDArray[np.uint8]:
        if not Box.whole(self.shape).contains(box):
            raise ShapeError(f"expected a box inside {self.shape} voxels (z, y, x) of {self.group}, found {box}")
        array = open_checked_array(self.group / "0")
        return np.asarray(read_part(array, (slice(None), *box.slices), self.group / "0"), np.uint8)


def scores_beside(path: str | Path) -> ScoreReader | None:
    """The scores that Keramos stored beside the labels at `path` (their store, or their group in it); None if none."""
    for store in (as_path(path), as_path(path).parent.parent):
        if is_zarr(store) and is_zarr(store / GROUP):
            try:
                return open_scores(store)
            except FormatError:  # somebody else's group of that name
                return None
    return None


def open_scores(path: str | Path) -> ScoreReader:
    """The scores in a label store (or the scores group itself).

    Raises:
        MissingFileError: the store has no scores.
        FormatError: a group of that name which Keramos did not write, or that a killed run has not finished.
    """
    group, image = read_beside_labels(path, GROUP, "scores")
    array = open_checked_array(group / "0")
    try:
        phases = phases_from_json(image.keramos["phases"])
    except Exception as error:  # anybody may have edited the JSON
        raise FormatError(f"expected the phases of the scores in {group}, found others ({one_line(error)})") from None
    if len(array.shape) != 4 or array.shape[0] != len(phases) or array.dtype != np.uint8:
        raise FormatError(f"expected a score for each of {len(phases)} phases in {group}, found {array.shape}")
    return ScoreReader(group, triple(array.shape[1:]), phases, image.voxel_size)
