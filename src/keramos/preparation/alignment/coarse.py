"""A first guess of the shift between two slices, to whole pixels, whatever its size: phase correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from keramos.preparation.alignment.layers import Plane
from keramos.preparation.block_means import shrink_slice

_LONGEST = 280  # pixels
_FINEST = 1.0  # radians a pixel: structure finer than this is mostly noise
_COARSEST = 0.06  # radians a pixel: shading


class CoarseMatcher:
    """Half whitened spectra of slices, and the shifts at which they agree best.

    Frequencies near zero along Y or X are left out: curtains and uneven scan lines, which stay where they are in the
    image, would pin it there.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.factor = max(1, -(-max(shape) // _LONGEST))
        self.shape = tuple(length // self.factor for length in shape)
        self._fft = tuple(fft.next_fast_len(length, real=True) for length in self.shape)
        y = 2 * np.pi * np.fft.fftfreq(self._fft[0])[:, None]
        x = 2 * np.pi * np.fft.rfftfreq(self._fft[1])
        square = y**2 + x**2
        passed = np.exp(-square / _FINEST**2) * (1 - np.exp(-square / _COARSEST**2))
        passed[(np.abs(y) < 4 * np.pi / self._fft[0]) | (np.abs(x) < 4 * np.pi / self._fft[1])] = 0
        self._passed = passed.astype(np.float32)
        self._window = np.outer(*(np.hanning(length + 2)[1:-1] for length in self.shape)).astype(np.float32)

    def transform(self, plane: Plane) -> NDArray[np.complex64]:
        """The spectrum of a slice, the strength of its frequencies made less unlike: the square root of it."""
        small = shrink_slice(plane, self.factor)
        spectrum = fft.rfft2((small - small.mean()) * self._window, self._fft)
        return np.asarray(spectrum / np.sqrt(np.maximum(np.abs(spectrum), np.float32(1e-6))), np.complex64)

    def guess(self, first: NDArray[np.complex64], second: NDArray[np.complex64]) -> NDArray[np.float64]:
        """The shift in pixels, as in `Flow`."""
        surface = fft.irfft2(np.conj(second) * first * self._passed, self._fft)
        peak = np.unravel_index(int(np.argmax(surface)), surface.shape)
        yx = [place if place <= length // 2 else place - length for place, length in zip(peak, self._fft, strict=True)]
        return self.factor * np.array(yx, np.float64)
