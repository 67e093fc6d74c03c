"""Noise averaged out over alike places (non-local means, Buades 2005), slice by slice.

Off unless asked for: networks learn to see through noise, and what is averaged out of an image is averaged out of small
pores and rough surfaces, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve
from skimage.restoration import denoise_nl_means

from keramos.preparation.block_means import Grey
from keramos.preparation.remedy import RawStack, Remedy

_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Twice second differences (Immerkaer 1996): for white noise their standard deviation is 6 times that of the noise."""
_STEP = 3
_STRENGTH = 0.8
_PATCH, _DISTANCE = 5, 4
_LEAST = 1e-3
"""Noise below this fraction of the range of the grey values is left alone."""


@dataclass(frozen=True, eq=False)
class NoiseLevel:
    """Standard deviation of the noise of each slice, in grey levels; 0 where it is left alone."""

    sd: NDArray[np.float32]

    @property
    def is_needed(self) -> bool:
        """Whether there is any noise."""
        return bool(np.any(self.sd > 0))

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.is_needed:
            return "the slices have no noise"
        return (
            f"noise with a standard deviation of {float(np.median(self.sd)):.3g} grey levels was averaged out by "
            "non-local means"
        )


class _Observer:
    def __init__(self, stack: RawStack) -> None:
        self._slices = stack.shape[0]
        self._sd: dict[int, float] = {}

    def add(self, z: int, grey: Grey) -> None:
        self._sd[z] = _measure_noise(grey)

    def finish(self) -> NoiseLevel:
        if not self._sd:
            return NoiseLevel(np.zeros(self._slices, np.float32))
        known = np.interp(np.arange(self._slices), list(self._sd), list(self._sd.values()))
        return NoiseLevel(known.astype(np.float32))


def _measure_noise(grey: Grey) -> float:
    """Standard deviation of the noise in a slice (Y X): the median of the differences, which few borders change."""
    band = grey[: len(grey) // _STEP + 3]
    differences = np.abs(convolve(band, _MASK)[1:-1, 1:-1])
    sd = 1.4826 * float(np.median(differences)) / 6 if differences.size else 0.0
    return sd if sd > _LEAST * float(np.ptp(grey)) else 0.0


def average_noise_out(grey: Grey, level: NoiseLevel, first_slice: int) -> Grey:
    """Grey values (Z Y X), overwritten, without most of the noise."""
    for one, sd in zip(grey, level.sd[first_slice : first_slice + len(grey)].tolist(), strict=True):
        if sd > 0:
            one[...] = denoise_nl_means(one, _PATCH, _DISTANCE, _STRENGTH * sd, fast_mode=True, sigma=sd)
    return grey


REMEDY = Remedy(
    "noise",
    "average noise out over alike places (slow; changes small pores)",
    40,
    _Observer,
    average_noise_out,
    NoiseLevel,
)
