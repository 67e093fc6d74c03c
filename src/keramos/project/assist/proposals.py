"""The proposal: labels of the whole stack with their uncertainty, made slice by slice, each by a model that is known.

It is an ordinary label store in which slices that no model has looked at are not annotated. A log in it says which
model made which slice, so that whoever was interrupted goes on, and a better model begins with the slice in view.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, PhaseTable, Volume, triple
from keramos.core.errors import FormatError, MissingFileError, StorageError
from keramos.core.files import append_line, write_text
from keramos.io import create_labels, create_uncertainty, open_labels, remove_store

LOG = "proposal-log.jsonl"
_CHUNK = (8, 256, 256)
"""Thin, so that a slice is written for little more than itself, but not so thin that a look along z opens a file for
each slice."""


class Proposals:
    """The proposal of `volume` in the store `path`, which is made anew where an earlier one has other phases."""

    def __init__(self, path: Path, volume: Volume, phases: PhaseTable) -> None:
        self.path, self.shape = path, volume.shape
        try:
            self._open(volume, phases)
        except (StorageError, FormatError, MissingFileError):
            remove_store(path)
            self._open(volume, phases)
        self._made = _read_log(path / LOG)
        write_text(path / LOG, "\n".join(json.dumps({"z": z, "model": model}) for z, model in self._made.items()))

    def _open(self, volume: Volume, phases: PhaseTable) -> None:
        size = volume.voxel_size
        chunks = triple([min(c, n) for c, n in zip(_CHUNK, self.shape, strict=True)])
        self._labels = create_labels(
            self.path, self.shape, phases=phases, voxel_size=size, name="proposal", chunks=chunks, reopen=True
        )
        self._uncertainty = create_uncertainty(self.path, self.shape, voxel_size=size, chunks=chunks, reopen=True)

    def maker_of(self, z: int) -> int | None:
        """The number of the model that proposed slice z; None if none has."""
        return self._made.get(z)

    def count(self, model: int) -> int:
        """The number of slices that this model proposed."""
        return sum(1 for maker in self._made.values() if maker == model)

    def write(self, z: int, codes: NDArray[np.uint8], unsure: NDArray[np.uint8], model: int) -> None:
        """Keep the proposal (Y X) of slice z and its uncertainty, made by that model."""
        for writer, plane in ((self._labels, codes), (self._uncertainty, unsure)):
            slab = _slab_around(z, self.shape, writer.chunks[0])
            pixels = writer.read(slab)
            pixels[z - slab.start[0]] = plane
            writer.write(slab, pixels)
        self._made[z] = model
        append_line(self.path / LOG, json.dumps({"z": z, "model": model}))

    def codes(self, z: int) -> NDArray[np.uint8]:
        """The proposal (Y X) of slice z; 255 where there is none."""
        return np.asarray(self._labels.read(_plane(z, self.shape))[0], np.uint8)

    def unsure(self, z: int) -> NDArray[np.uint8]:
        """Its uncertainty (Y X), 0 ... 255."""
        return np.asarray(self._uncertainty.read(_plane(z, self.shape))[0], np.uint8)

    def missing(self, model: int, view: int) -> Iterator[int]:
        """The slices that the model has not proposed yet, the nearest to the slice in view first."""
        for z in sorted(range(self.shape[0]), key=lambda z: (abs(z - view), z)):
            if self._made.get(z) != model:
                yield z

    def open(self) -> LabelVolume:
        """The proposal as labels."""
        return open_labels(self.path)


def _slab_around(z: int, shape: tuple[int, int, int], thick: int) -> Box:
    first = z // thick * thick
    return Box((first, 0, 0), (min(first + thick, shape[0]), *shape[1:]))


def _plane(z: int, shape: tuple[int, int, int]) -> Box:
    return Box((z, 0, 0), (z + 1, *shape[1:]))


def _read_log(path: Path) -> dict[int, int]:
    """The model of each slice; a line that a crash cut short is left out."""
    made: dict[int, int] = {}
    if not path.is_file():
        return made
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
            made[int(row["z"])] = int(row["model"])
        except (ValueError, KeyError, TypeError):
            continue
    return made
