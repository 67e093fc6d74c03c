"""Outlines of labels, and how far the grey values jump across them.

Across the outline between two phases the grey values jump, from the darker phase to the brighter one. The mean jump
along all outlines is largest where labels fit the image: moved by a pixel, or laid on the next slice, it falls by 5 to
30 % on real and simulated images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED
from keramos.learning import AnnotatedSlices

LEAST_JUMP = 0.1
"""In units of the grey values' standard deviation. Phases that differ by texture alone have no jump to go by."""
_CELL = 32
_FEWEST_CELLS = 6
_MOST_SLICES = 4
_MOST_PAIRS = 60_000

Jumps = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Neighbouring pixels of two phases: places of both (2, N: row, column), their codes (N), and the cell of the slice
    that each pair lies in (N), for neighbouring pixels err together, cells hardly do."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    first_code: NDArray[np.uint8]
    second_code: NDArray[np.uint8]
    cell: NDArray[np.intp]

    def sort_by_grey(self, means: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Places of the pixels of the darker and of the brighter phase of each pair, by the phases' mean greys."""
        darker = means[self.first_code] <= means[self.second_code]
        return np.where(darker, self.first, self.second), np.where(darker, self.second, self.first)

    def jumps(self, grey: NDArray[np.float32], means: NDArray[np.float64], shift: tuple[int, int] = (0, 0)) -> Jumps:
        """The difference of smoothed grey values (Y X) across each pair, brighter less darker phase, the labels moved
        by `shift` (rows down, columns to the right)."""
        dark, bright = (place + np.array(shift)[:, None] for place in self.sort_by_grey(means))
        jumps: Jumps = (grey[bright[0], bright[1]] - grey[dark[0], dark[1]]).astype(np.float64)
        return jumps


def find_outlines(codes: NDArray[np.uint8], margin: int = 0) -> Outlines:
    """All pairs of neighbours of two annotated phases at least `margin` pixels inside the slice; of very many an even
    choice."""
    pairs = []
    for step in ((1, 0), (0, 1)):
        here = codes[: codes.shape[0] - step[0], : codes.shape[1] - step[1]]
        there = codes[step[0] :, step[1] :]
        place = np.argwhere((here != there) & (here != NOT_ANNOTATED) & (there != NOT_ANNOTATED)).T
        pairs.append((place, place + np.array(step)[:, None]))
    first, second = (np.concatenate([pair[i] for pair in pairs], axis=1) for i in (0, 1))
    inside = ((first >= margin) & (second < np.array(codes.shape)[:, None] - margin)).all(axis=0)
    kept = np.flatnonzero(inside)[:: max(1, int(inside.sum()) // _MOST_PAIRS)]
    first, second = first[:, kept], second[:, kept]
    row, column = first // _CELL
    cell = row * (codes.shape[1] // _CELL + 1) + column
    return Outlines(first, second, codes[first[0], first[1]], codes[second[0], second[1]], cell)


def smooth_slice(grey: NDArray[np.generic]) -> NDArray[np.float32]:
    """The grey values of a slice with less noise, as they are compared across outlines."""
    smooth: NDArray[np.float32] = gaussian_filter(grey.astype(np.float32), 1)
    return smooth


def mean_greys(grey: NDArray[np.generic], codes: NDArray[np.uint8], phases: int) -> NDArray[np.float64]:
    """The mean grey value of each phase on a slice; 0 where a phase is not annotated."""
    annotated = codes != NOT_ANNOTATED
    number = np.bincount(codes[annotated], minlength=phases)
    return np.bincount(codes[annotated], grey[annotated].astype(np.float64), phases) / np.maximum(number, 1)


def measure_consistency(gains: Jumps, cells: NDArray[np.intp]) -> float:
    """Student's t of the mean gains of the cells; 0 for very few cells."""
    return student_t(cell_means(gains, cells))


def student_t(means: Jumps) -> float:
    """Student's t of the means of cells; 0 for very few of them."""
    if len(means) < _FEWEST_CELLS:
        return 0.0
    return float(means.mean() / max(means.std(ddof=1) / len(means) ** 0.5, 1e-12))


def cell_means(values: Jumps, cells: NDArray[np.intp]) -> Jumps:
    """The mean of the values in each cell that has any."""
    number = np.bincount(cells)
    used = number > 0
    return np.bincount(cells, values)[used] / number[used]


def pick_some_slices(data: AnnotatedSlices) -> list[int]:
    """The indices of a few annotated slices, evenly chosen, that speak for all."""
    return list(range(0, len(data.slices), -(-len(data.slices) // _MOST_SLICES)))
