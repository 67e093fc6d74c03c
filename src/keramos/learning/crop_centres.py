"""Centres of training crops: annotated voxels, those of rare phases more often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices

RARE_PHASE_FRACTION = 0.05
"""A phase with a smaller share of the annotated voxels is rare: cracks of 0.2 %, say."""
_RARE_CENTRES = 0.5
"""How often a crop is centred on a rare phase, where there is one. The others show the phases as they are."""


class CropCentres:
    """Annotated voxels to centre crops on. Slices annotated throughout take no memory here."""

    def __init__(self, data: AnnotatedSlices) -> None:
        self._shapes = [item.codes.shape for item in data.slices]
        self._known = [_find_annotated_voxels(item.codes) for item in data.slices]
        counts = np.array([_count(known, shape) for known, shape in zip(self._known, self._shapes, strict=True)])
        self._weights = counts / counts.sum()
        self._rare = [places for code in find_rare_phases(data) if len(places := _places_of(data, code))]

    def draw(self, rng: np.random.Generator, *, rare: bool) -> tuple[int, int, int]:
        """Number of a slice, row and column. With `rare`, half of them are of rare phases, each phase as often."""
        if rare and self._rare and rng.random() < _RARE_CENTRES:
            places = self._rare[int(rng.integers(len(self._rare)))]
            index, row, column = places[int(rng.integers(len(places)))].tolist()
            return index, row, column
        index = int(rng.choice(len(self._weights), p=self._weights))
        height, width = self._shapes[index]
        known = self._known[index]
        place = int(rng.integers(height * width)) if known is None else int(known[rng.integers(len(known))])
        return index, *divmod(place, width)


def _find_annotated_voxels(codes: NDArray[np.uint8]) -> NDArray[np.int32] | None:
    """Numbers of the annotated voxels; None if all are."""
    known = codes != NOT_ANNOTATED
    return None if known.all() else np.flatnonzero(known).astype(np.int32)


def _count(known: NDArray[np.int32] | None, shape: tuple[int, ...]) -> int:
    return int(np.prod(shape)) if known is None else len(known)


def find_rare_phases(data: AnnotatedSlices) -> list[int]:
    """Codes of the phases that are rare among the annotated voxels."""
    counts = data.phase_voxels()
    shares = counts / np.sum(counts)
    return [code for code, share in enumerate(shares.tolist()) if 0 < share < RARE_PHASE_FRACTION]


def _places_of(data: AnnotatedSlices, code: int) -> NDArray[np.int32]:
    """Slice, row and column of each voxel of a phase."""
    rows = [
        np.column_stack([np.full(len(places), number), places])
        for number, item in enumerate(data.slices)
        if len(places := np.argwhere(item.codes == code))
    ]
    return np.concatenate(rows).astype(np.int32) if rows else np.empty((0, 3), np.int32)
