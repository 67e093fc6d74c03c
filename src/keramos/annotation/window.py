"""The region of a slice that is most worth annotating: where a network is unsure of more than outlines.

Along every outline lies a rim, a pixel or two wide, where no annotator is sure either: labelling it teaches little. A
grey opening with a square of three pixels (a minimum, then a maximum over it) takes away whatever is narrower than the
square and leaves wider patches as they are. On a phantom (48 slices, a network that had seen 128 x 128 pixels of one)
the share of unsure voxels in a region of 64 x 64 pixels had a rank correlation of 0.67 with the share of errors there
that are wider than a rim; with the rims counted a fifth it had one of 0.75, and kept its 0.91 with all errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_opening

UNSURE = 0.5
"""A voxel is unsure above this normalised entropy: for two phases, where the surer one scores less than 0.89."""
RIM_WEIGHT = 0.2
_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A region of a slice: first row and column, height and width in pixels. `worth` (0 ... 1) is the mean uncertainty
    of its unsure voxels, those of rims counted a fifth; `unsure_share` how many of its voxels are unsure, rims aside.
    """

    row: int
    column: int
    height: int
    width: int
    worth: float
    unsure_share: float


def best_window(unsure: NDArray[np.float32], edge: int) -> Window:
    """The region of `edge` x `edge` pixels (or the slice's, where that is smaller) with the largest worth; of equal
    ones the first. `unsure` (Y X) is the normalised entropy of each voxel of a slice."""
    wide = without_rims(unsure)
    height, width = (min(edge, length) for length in unsure.shape)
    worth = _window_means(worth_of(unsure, wide), height, width)
    row, column = (int(i) for i in np.unravel_index(int(np.argmax(worth)), worth.shape))
    inside = wide[row : row + height, column : column + width]
    return Window(row, column, height, width, float(worth[row, column]), float(np.mean(inside > UNSURE)))


def without_rims(unsure: NDArray[np.float32]) -> NDArray[np.float32]:
    """The uncertainty (Y X) of patches at least three pixels wide; of narrower ones that of their surroundings."""
    # Beyond the slice nothing is unsure: a rim along its border does not count double, and a patch keeps its size.
    opened: NDArray[np.float32] = grey_opening(unsure, (_WIDTH, _WIDTH), mode="constant", cval=0.0)
    return opened


def worth_of(unsure: NDArray[np.float32], wide: NDArray[np.float32]) -> NDArray[np.float32]:
    """What annotating each voxel is worth: its uncertainty where it is unsure, a fifth of it in a rim."""
    whole = np.where(unsure > UNSURE, unsure, np.float32(0))
    patches = np.where(wide > UNSURE, wide, np.float32(0))
    return np.asarray(patches + np.float32(RIM_WEIGHT) * (whole - patches), np.float32)


def _window_means(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """The mean of every window of that size, from a summed-area table."""
    sums = np.pad(values.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    low, high = sums[:-height], sums[height:]
    both = high[:, width:] - high[:, :-width] - low[:, width:] + low[:, :-width]
    return np.asarray(both / (height * width))
