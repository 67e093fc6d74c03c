"""Do labels lie where the image shows outlines, or a few pixels beside them?

Across the outline between two phases the grey values jump, from the darker phase to the brighter one. The mean jump
along all outlines is largest where labels fit the image; moved by a pixel it falls by 5 to 30 % on real and simulated
images. So the labels are moved by up to four pixels, and if the jump is clearly larger there, all over the slices, they
are probably shifted: wrongly registered, or exported with another origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED
from keramos.learning import AnnotatedSlices

REACH = 4
_LEAST_GAIN = 0.1
"""Less is what annotators and drift within a pixel do."""
_LEAST_JUMP = 0.1
"""In units of the grey values' standard deviation. Phases that differ by texture alone have no jump to go by."""
_LEAST_T = 4.0
_CELL = 32
_FEWEST_CELLS = 6
_MOST_SLICES = 4
_MOST_PAIRS = 60_000

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


@dataclass(frozen=True, eq=False)
class _Outline:
    """Neighbouring pixels of two phases: places of the darker and of the brighter phase's pixel (2, N: row, column),
    and the cell of the slice that each pair lies in (N)."""

    dark: NDArray[np.intp]
    bright: NDArray[np.intp]
    cell: NDArray[np.intp]


def find_label_shift(data: AnnotatedSlices) -> LabelShift | None:
    """The probable shift of the labels against the image; None where they fit, or nothing can be told."""
    means, deviation = _mean_greys(data)
    jumps: dict[Shift, list[NDArray[np.float64]]] = {}
    cells: list[NDArray[np.intp]] = []
    for item in data.slices[:: -(-len(data.slices) // _MOST_SLICES)]:
        outline = _find_outlines(item.codes, means)
        grey = gaussian_filter(item.grey.astype(np.float32), 1)
        cells.append(outline.cell + (cells[-1].max(initial=0) + 1 if cells else 0))
        for rows in range(-REACH, REACH + 1):
            for columns in range(-REACH, REACH + 1):
                jumps.setdefault((rows, columns), []).append(_measure_jumps(grey, outline, (rows, columns)))
    joined = {shift: np.concatenate(parts) for shift, parts in jumps.items()}
    return _best_shift(joined, np.concatenate(cells), deviation)


def _best_shift(
    jumps: dict[Shift, NDArray[np.float64]], cells: NDArray[np.intp], deviation: float
) -> LabelShift | None:
    """The shift with the largest mean jump, if that is clearly larger than without a shift, and all over the slices."""
    if not cells.size:
        return None
    mean = {shift: float(values.mean()) for shift, values in jumps.items()}
    best = max(mean, key=lambda shift: mean[shift])
    if best == (0, 0) or mean[best] < _LEAST_JUMP * deviation:
        return None
    here, there = mean[0, 0], mean[best]
    if there < (1 + _LEAST_GAIN) * here or _consistency(jumps[best] - jumps[0, 0], cells) < _LEAST_T:
        return None
    return LabelShift(*best, here, there, max(map(abs, best)) == REACH)


def _consistency(gains: NDArray[np.float64], cells: NDArray[np.intp]) -> float:
    """Student's t of the mean gains of the cells: neighbouring pixels err together, cells hardly do."""
    number = np.bincount(cells)
    used = number > 0
    if used.sum() < _FEWEST_CELLS:
        return 0.0
    means = np.bincount(cells, gains)[used] / number[used]
    return float(means.mean() / max(means.std(ddof=1) / len(means) ** 0.5, 1e-12))


def _mean_greys(data: AnnotatedSlices) -> tuple[NDArray[np.float64], float]:
    """Mean grey value of each phase, and the standard deviation of all annotated pixels."""
    codes = np.concatenate([item.codes[item.codes != NOT_ANNOTATED] for item in data.slices])
    grey = np.concatenate([item.grey[item.codes != NOT_ANNOTATED] for item in data.slices]).astype(np.float64)
    number = np.bincount(codes, minlength=len(data.phases))
    return np.bincount(codes, grey, len(data.phases)) / np.maximum(number, 1), float(grey.std())


def _find_outlines(codes: NDArray[np.uint8], means: NDArray[np.float64]) -> _Outline:
    """All pairs of neighbours of two annotated phases that stay inside the slice when they are moved; of very many an
    even choice."""
    pairs = []
    for step in ((1, 0), (0, 1)):
        here = codes[: codes.shape[0] - step[0], : codes.shape[1] - step[1]]
        there = codes[step[0] :, step[1] :]
        place = np.argwhere((here != there) & (here != NOT_ANNOTATED) & (there != NOT_ANNOTATED)).T
        pairs.append((place, place + np.array(step)[:, None]))
    first, second = (np.concatenate([pair[i] for pair in pairs], axis=1) for i in (0, 1))
    inside = ((first >= REACH) & (second < np.array(codes.shape)[:, None] - REACH)).all(axis=0)
    kept = np.flatnonzero(inside)[:: max(1, int(inside.sum()) // _MOST_PAIRS)]
    first, second = first[:, kept], second[:, kept]
    darker = means[codes[first[0], first[1]]] <= means[codes[second[0], second[1]]]
    row, column = first // _CELL
    cell = row * (codes.shape[1] // _CELL + 1) + column
    return _Outline(np.where(darker, first, second), np.where(darker, second, first), cell)


def _measure_jumps(grey: NDArray[np.float32], outline: _Outline, shift: Shift) -> NDArray[np.float64]:
    """The differences of grey value across the outline, brighter less darker phase, the labels moved by `shift`."""
    dark, bright = (place + np.array(shift)[:, None] for place in (outline.dark, outline.bright))
    jumps: NDArray[np.float64] = (grey[bright[0], bright[1]] - grey[dark[0], dark[1]]).astype(np.float64)
    return jumps
