"""A slice made ready for matching: smaller where it is large, and split into the cut face and the floors of voids.

The two layers move differently. On the face each edge moves with the material's own slope; the floor of a void is a
fixed surface seen along a fixed line of sight, and moves as one by the parallax of the section alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, minimum_filter
from skimage.filters import threshold_otsu

Plane = NDArray[np.float32]

_LONGEST = 560  # pixels: larger slices are averaged until they are smaller than this
_SMOOTH = 1.0  # pixels: standard deviation of the smoothing against noise
_RIM = 3  # pixels from the face that are not counted as floor: smoothing carries the edge's grey there
_BAND, _LIT, _AROUND = 130, 20, 4.0  # pixels: of a band, bright ones that tell a streak, and width of its surroundings
_ENOUGH = 0.01  # share of floor pixels below which floors are not used


@dataclass(frozen=True, eq=False)
class Layers:
    """One slice for matching (all arrays Y X).

    Attributes:
        face: grey values of the cut face; the voids are levelled at the threshold.
        floor: grey values of the floors of voids; the face is levelled at the threshold.
        is_floor: pixels that show a floor, away from the face's edges.
        noise: variance of the noise in `face`.
        has_floors: whether there are enough of them to be matched.
    """

    face: Plane
    floor: Plane
    is_floor: NDArray[np.bool_]
    noise: float
    has_floors: bool


def choose_reduction(shape: tuple[int, int]) -> int:
    """Number of pixels along each axis that are averaged into one before matching.

    Example:
        >>> choose_reduction((400, 500)), choose_reduction((1024, 1024)), choose_reduction((3000, 4000))
        (1, 2, 8)
    """
    return max(1, -(-max(shape) // _LONGEST)) if max(shape) > _LONGEST else 1


def split_layers(grey: Plane, ion_beam: str = "y") -> Layers:
    """The layers of a slice that is small enough; a level between dark and bright (Otsu's) separates them."""
    smooth = gaussian_filter(grey, _SMOOTH, truncate=3)
    level = np.float32(threshold_otsu(smooth[::2, ::2])) if np.ptp(smooth) > 0 else smooth.flat[0]
    smooth = _level_streaks(smooth, smooth > level, 0 if ion_beam == "y" else 1)
    bright = smooth > level
    is_floor = minimum_filter((~bright).view(np.uint8), 2 * _RIM + 1).view(np.bool_)
    return Layers(
        face=np.where(bright, smooth, level),
        floor=np.where(bright, level, smooth),
        is_floor=is_floor,
        noise=_measure_noise(smooth),
        has_floors=bool(is_floor.mean() > _ENOUGH),
    )


def _level_streaks(smooth: Plane, bright: NDArray[np.bool_], along: int) -> Plane:
    """The slice without streaks `along` the ion beam: they stay where they are in the image, and would hold it there.

    Each line of pixels along the beam is divided by its mean over bright pixels against that of the lines around it,
    in bands of some 130 pixels, as streaks begin and end.
    """
    levelled = smooth.copy()
    length = smooth.shape[along]
    count = max(1, length // _BAND)
    for band in np.array_split(np.arange(length), count):
        part = (slice(band[0], band[-1] + 1), slice(None))[:: -1 if along else 1]
        lit = bright[part]
        pixels = lit.sum(axis=along)
        mean = (smooth[part] * lit).sum(axis=along) / np.maximum(pixels, 1)
        share = (pixels >= _LIT).astype(np.float64)
        around = gaussian_filter1d(mean * share, _AROUND) / np.maximum(gaussian_filter1d(share, _AROUND), 1e-3)
        gain = np.where((share > 0) & (around > 0), mean / np.maximum(around, 1e-6), 1.0).astype(np.float32)
        levelled[part] /= np.expand_dims(np.clip(gain, 0.5, 2), along)
    return levelled


def keep_whole(grey: Plane) -> Layers:
    """A part of a slice in which everything moves alike, as one layer, `face`."""
    smooth = gaussian_filter(grey, _SMOOTH, truncate=3)
    nowhere = np.zeros(smooth.shape, np.bool_)
    return Layers(face=smooth, floor=smooth, is_floor=nowhere, noise=_measure_noise(smooth), has_floors=False)


def _measure_noise(smooth: Plane) -> float:
    """Variance from differences of distant smooth pixels' second differences, by their median: edges are few."""
    second = smooth[:, 8::4] - 2 * smooth[:, 4:-4:4] + smooth[:, :-8:4]
    if not second.size:
        return 1.0
    return max(float(np.median(np.abs(second)) / 0.6745) ** 2 / 6, 1e-6)
