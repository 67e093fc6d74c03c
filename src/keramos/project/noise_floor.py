"""Two simulated annotations of a truth: what they differ by is the noise floor of its microstructure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VoxelSize
from keramos.simulation import Annotator, move_outlines

JITTER_PIXELS = 0.7
"""Standard deviation of each annotator's outlines, so that those of two lie about one pixel apart."""
OFFSET_PIXELS = 0.25
"""By which one draws all outlines further inside and the other further outside: people differ by 0.4 pixels among those
of `simulation.annotator.draw_annotator`."""
_WOBBLE_PIXELS = 7.0
"""How far an error goes on along an outline: 150 nm at the 21 nm of the simulated annotator's pixels."""
_ANNOTATORS = ((101, OFFSET_PIXELS), (202, -OFFSET_PIXELS))
Codes = NDArray[np.uint8]


def annotate_twice(truth: Codes, voxel_size: VoxelSize) -> tuple[Codes, Codes]:
    """Two annotations (Z Y X) of true phase codes, slice by slice, each with outlines moved at random; what is not
    annotated (255) stays so.

    Example:
        >>> truth = np.zeros((1, 40, 40), np.uint8)
        >>> truth[:, :, 20:] = 1
        >>> first, second = annotate_twice(truth, VoxelSize(10, 10, 10))
        >>> bool((first != second).any()), bool((first[:, :, :14] == truth[:, :, :14]).all())
        (True, True)
    """
    wobble = _WOBBLE_PIXELS * max(voxel_size.zyx[1:])
    first, second = (
        _annotate(truth, Annotator(key, JITTER_PIXELS, inward, wobble), voxel_size) for key, inward in _ANNOTATORS
    )
    return first, second


def _annotate(truth: Codes, annotator: Annotator, voxel_size: VoxelSize) -> Codes:
    known = truth != NOT_ANNOTATED
    codes = np.where(known, truth, np.uint8(0))
    moved = np.stack([move_outlines(each, annotator, voxel_size, z) for z, each in enumerate(codes)])
    return np.where(known, moved, np.uint8(NOT_ANNOTATED))
