"""The region of a slice that is most worth annotating: where a network is uncertain of more than outlines.

Along every outline there is a rim, one or two pixels wide, where annotators are uncertain too: labelling it helps
little. A grey opening with a square of three pixels removes everything narrower than the square and leaves wider
patches unchanged. On a phantom (48 slices, a network trained on 128 x 128 pixels of one) the share of uncertain voxels
in regions of 64 x 64 pixels had a rank correlation of 0.67 with the share of errors wider than a rim; with rims
weighted by a fifth it was 0.75, and the correlation with all errors stayed at 0.91.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_opening

UNSURE = 0.5
"""Normalised entropy above which a voxel is uncertain: for two phases, if the higher score is below 0.89."""
RIM_WEIGHT = 0.2
_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A region of a slice.

    Attributes:
        row, column: first row and column.
        height, width: size in pixels.
        worth: mean over the region of the uncertainty of its uncertain voxels (0 ... 1), those of rims weighted by a
            fifth.
        unsure_share: fraction of uncertain voxels, without rims.
    """

    row: int
    column: int
    height: int
    width: int
    worth: float
    unsure_share: float


def best_window(unsure: NDArray[np.float32], edge: int) -> Window:
    """The region of `edge` x `edge` pixels (less in a smaller slice) with the largest worth; the first of equal ones.

    `unsure` (Y X) is the normalised entropy of each voxel of a slice.

    Example:
        >>> unsure = np.zeros((64, 64), np.float32)
        >>> unsure[40:50, 20:30] = 1
        >>> region = best_window(unsure, 10)
        >>> region.row, region.column, region.worth
        (40, 20, 1.0)
    """
    wide = without_rims(unsure)
    height, width = (min(edge, length) for length in unsure.shape)
    worth = _window_means(worth_of(unsure, wide), height, width)
    row, column = (int(i) for i in np.unravel_index(int(np.argmax(worth)), worth.shape))
    inside = wide[row : row + height, column : column + width]
    return Window(row, column, height, width, float(worth[row, column]), float(np.mean(inside > UNSURE)))


def without_rims(unsure: NDArray[np.float32]) -> NDArray[np.float32]:
    """Uncertainty (Y X) of patches at least three pixels wide; narrower ones are replaced by their surroundings."""
    # Outside the slice nothing is uncertain: a rim along its border is not counted twice, and a patch keeps its size.
    opened: NDArray[np.float32] = grey_opening(unsure, (_WIDTH, _WIDTH), mode="constant", cval=0.0)
    return opened


def worth_of(unsure: NDArray[np.float32], wide: NDArray[np.float32]) -> NDArray[np.float32]:
    """Worth (Y X) of annotating each voxel: its uncertainty where it is uncertain, a fifth of it in a rim."""
    whole = np.where(unsure > UNSURE, unsure, np.float32(0))
    patches = np.where(wide > UNSURE, wide, np.float32(0))
    return np.asarray(patches + np.float32(RIM_WEIGHT) * (whole - patches), np.float32)


def _window_means(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """Mean of every window of that size, from a summed-area table."""
    sums = np.pad(values.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    low, high = sums[:-height], sums[height:]
    both = high[:, width:] - high[:, :-width] - low[:, width:] + low[:, :-width]
    return np.asarray(both / (height * width))
