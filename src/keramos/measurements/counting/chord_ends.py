"""Ends of chords in the windows of a volume: a voxel of a phase beside an annotated one of another along an axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.windows import Windows

Counts = NDArray[np.int64]


def count_chord_ends(block: BlockView, phases: int, windows: Windows) -> Counts:
    """The ends of chords of so many phases along Z, Y and X in each window, and last the faces of annotated voxels
    beyond which nothing is annotated, where a chord is cut: (phases + 1, 3, windows Z Y X).

    A border between two voxels counts for the block that has the second of them: the one before is needed along each
    axis. Not to be changed: others that ask for the same are given the same.
    """
    return block.share(("ends of chords", phases, windows), lambda: _count(block, phases, windows))


def _count(block: BlockView, phases: int, windows: Windows) -> Counts:
    counts = np.zeros((phases + 1, 3, *windows.grid), np.int64)
    for axis in range(3):
        counts[:, axis] = _count_along(block, axis, phases, windows)
    return counts


def _count_along(block: BlockView, axis: int, phases: int, windows: Windows) -> Counts:
    core, counts = block.core, np.zeros((phases + 1) * int(np.prod(windows.grid)), np.int64)
    reaches_end = core.stop[axis] == block.shape[axis]
    start = triple([n - (other == axis) for other, n in enumerate(core.start)])
    stop = triple([n + (other == axis and reaches_end) for other, n in enumerate(core.stop)])
    codes = np.moveaxis(block.codes_in(Box(start, stop)), axis, 0)
    at = np.nonzero(codes[1:] != codes[:-1])
    before, after = codes[:-1][at], codes[1:][at]
    others = [other for other in range(3) if other != axis]
    across = [_windows_of(windows, other, core.start[other], core.stop[other]) for other in others]
    along = _windows_of(windows, axis, start[axis], stop[axis])
    for own, beside, layer in ((before, after, 0), (after, before, 1)):
        is_known = own < phases
        kind = np.where(beside == NOT_ANNOTATED, phases, own)[is_known]
        numbers = {axis: along[at[0][is_known] + layer]}
        numbers |= {other: one[at[1 + n][is_known]] for n, (other, one) in enumerate(zip(others, across, strict=True))}
        place = np.ravel_multi_index((kind, numbers[0], numbers[1], numbers[2]), (phases + 1, *windows.grid))
        counts += np.bincount(place, minlength=len(counts))
    return counts.reshape(phases + 1, *windows.grid)


def _windows_of(windows: Windows, axis: int, start: int, stop: int) -> NDArray[np.intp]:
    """The number along an axis of the window of each voxel; one beyond the volume counts as the last within."""
    places = np.searchsorted(windows.cuts[axis], np.arange(start, stop), "right") - 1
    return np.clip(places, 0, windows.grid[axis] - 1)
