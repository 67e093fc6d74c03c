"""The drawing as voxels on all levels of the stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing
from keramos.core import NOT_ANNOTATED, Box, Triple

Codes = NDArray[np.uint8]


@dataclass(eq=False)
class DrawingVoxels:
    """Labels that are being drawn. A voxel of a coarser level shows a label of its middle, or else any that it has, so
    that no stroke is lost from sight."""

    drawing: Drawing
    levels: Sequence[tuple[Triple, Triple]]

    def read(self, level: int, box: Box) -> NDArray[Any]:
        """The codes of a box of a level; 255 where nobody annotated."""
        (_, (depth, *merged)), slices = self.levels[level], self.drawing.shape[0]
        codes = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        for place, position in enumerate(range(box.start[0], box.stop[0])):
            first = position * depth
            for offset in _from_the_middle((depth,)):
                z = first + offset[0]
                if z < slices and z in self.drawing.state.planes.counts:
                    part = merge_labels(self.drawing.plane(z), (merged[0], merged[1]), box)
                    np.copyto(codes[place], part, where=codes[place] == NOT_ANNOTATED)
        return codes

    def forget(self, slices: Sequence[int] | None = None) -> None:
        """Nothing to do: nothing is kept."""


def merge_labels(plane: Codes, merged: tuple[int, int], box: Box) -> Codes:
    """The codes (Y X) of a box of a level whose voxels merge some of a plane: that of the middle, or else the first.

    Example:
        >>> plane = np.full((4, 4), 255, np.uint8)
        >>> plane[0, 3] = 1
        >>> merge_labels(plane, (2, 2), Box((0, 0, 0), (1, 2, 2))).tolist()
        [[255, 1], [255, 255]]
    """
    codes = np.full(box.shape[1:], NOT_ANNOTATED, np.uint8)
    for y, x in _from_the_middle(merged):
        starts = (box.start[1] * merged[0] + y, box.start[2] * merged[1] + x)
        part = plane[starts[0] :: merged[0], starts[1] :: merged[1]][: codes.shape[0], : codes.shape[1]]
        inside = codes[: part.shape[0], : part.shape[1]]
        np.copyto(inside, part, where=inside == NOT_ANNOTATED)
    return codes


def _from_the_middle(counts: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The places in a group of voxels, those nearest to its middle first."""

    def distance(place: tuple[int, ...]) -> int:
        return sum((2 * at - count + 1) ** 2 for at, count in zip(place, counts, strict=True))

    return sorted(product(*map(range, counts)), key=distance)
