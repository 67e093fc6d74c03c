"""Do labels lie where the image shows outlines, or a few pixels beside them?

The labels are moved by up to four pixels, and if the grey values jump clearly more across their outlines there, all
over the slices, they are probably shifted: wrongly registered, or exported with another origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.inspection.outlines import (
    LEAST_JUMP,
    Jumps,
    find_outlines,
    measure_consistency,
    pick_some_slices,
    smooth_slice,
)
from keramos.learning import AnnotatedSlices

REACH = 4
_LEAST_GAIN = 0.1
"""Less is what annotators and drift within a pixel do."""
_LEAST_T = 4.0

Shift = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LabelShift:
    """Moved by `rows` down and `columns` to the right, labels fit better: the mean jump of grey values across their
    outlines is then `jump_there`, not `jump_here`. `at_least`: the best place is at the end of what was tried."""

    rows: int
    columns: int
    jump_here: float
    jump_there: float
    at_least: bool


def find_label_shift(data: AnnotatedSlices) -> LabelShift | None:
    """The probable shift of the labels against the image; None where they fit, or nothing can be told."""
    means, deviation = _mean_greys(data)
    jumps: dict[Shift, list[Jumps]] = {}
    cells: list[NDArray[np.intp]] = []
    for item in (data.slices[index] for index in pick_some_slices(data)):
        outlines = find_outlines(item.codes, REACH)
        grey = smooth_slice(item.grey)
        cells.append(outlines.cell + (cells[-1].max(initial=0) + 1 if cells else 0))
        for rows in range(-REACH, REACH + 1):
            for columns in range(-REACH, REACH + 1):
                jumps.setdefault((rows, columns), []).append(outlines.jumps(grey, means, (rows, columns)))
    joined = {shift: np.concatenate(parts) for shift, parts in jumps.items()}
    return _best_shift(joined, np.concatenate(cells), deviation)


def _best_shift(jumps: dict[Shift, Jumps], cells: NDArray[np.intp], deviation: float) -> LabelShift | None:
    """The shift with the largest mean jump, if that is clearly larger than without a shift, and all over the slices."""
    if not cells.size:
        return None
    mean = {shift: float(values.mean()) for shift, values in jumps.items()}
    best = max(mean, key=lambda shift: mean[shift])
    if best == (0, 0) or mean[best] < LEAST_JUMP * deviation:
        return None
    here, there = mean[0, 0], mean[best]
    if there < (1 + _LEAST_GAIN) * here or measure_consistency(jumps[best] - jumps[0, 0], cells) < _LEAST_T:
        return None
    return LabelShift(*best, here, there, max(map(abs, best)) == REACH)


def _mean_greys(data: AnnotatedSlices) -> tuple[NDArray[np.float64], float]:
    """Mean grey value of each phase, and the standard deviation of all annotated pixels."""
    codes = np.concatenate([item.codes[item.codes != NOT_ANNOTATED] for item in data.slices])
    grey = np.concatenate([item.grey[item.codes != NOT_ANNOTATED] for item in data.slices]).astype(np.float64)
    number = np.bincount(codes, minlength=len(data.phases))
    return np.bincount(codes, grey, len(data.phases)) / np.maximum(number, 1), float(grey.std())
