"""The likeness of neighbouring slices at whatever shift they are most alike: low where they show nothing in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from keramos.preparation.block_means import shrink_slice
from keramos.preparation.remedy import Grey

_MOST = 256
"""Pixels along each axis of what is compared: slices are averaged down to about that."""
_UNLIKE, _UNRELATED, _REACH = 0.5, 0.15, 4
"""Of the usual likeness, below which two slices are torn apart; the usual likeness of slices that show nothing;
pairs around one that count."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """The likeness of neighbours, from about 0 to 1.

    Attributes:
        second: the later slice of each pair, as a number in the raw stack.
        first: the slice that was shown before it.
        likeness: largest correlation over all shifts.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    likeness: NDArray[np.float64]

    @property
    def usual(self) -> float:
        """The likeness of most neighbours; 1 where there are none."""
        return float(np.median(self.likeness)) if len(self.likeness) else 1.0

    @property
    def is_unrelated(self) -> bool:
        """Whether most neighbours show nothing in common."""
        return self.usual < _UNRELATED

    @property
    def tears(self) -> list[tuple[int, int]]:
        """The pairs that are far less alike than most, and than those around them."""
        torn = [place for place in range(len(self.likeness)) if self.likeness[place] < _UNLIKE * self._around(place)]
        return [(int(self.first[place]), int(self.second[place])) for place in torn]

    def _around(self, place: int) -> float:
        """The usual likeness, of all pairs or of those around one, whichever is less."""
        near = np.delete(self.likeness[max(0, place - _REACH) : place + _REACH + 1], min(place, _REACH))
        return min(self.usual, float(np.median(near)) if len(near) else 0.0)


class AgreementObserver:
    """Compares each slice with the one shown before it.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> one, other = rng.normal(size=(2, 80, 80)).astype(np.float32)
        >>> observer = AgreementObserver((80, 80))
        >>> for z, grey in enumerate((one, np.roll(one, 7, axis=0), one, other)):
        ...     observer.add(z, grey)
        >>> observer.finish().tears
        [(2, 3)]
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._block = max(1, -(-max(shape) // _MOST))
        rows, columns = (n // self._block for n in shape)
        self._window = np.outer(np.hanning(rows + 2)[1:-1], np.hanning(columns + 2)[1:-1]).astype(np.float32)
        self._last: tuple[int, NDArray[np.complex64]] | None = None
        self._pairs: list[tuple[int, int, float]] = []

    def add(self, z: int, grey: Grey) -> None:
        """Look at slice `z` (Y X)."""
        spectrum = self._transform(grey)
        if self._last is not None:
            surface = fft.irfft2(np.conj(self._last[1]) * spectrum, self._window.shape)
            self._pairs.append((self._last[0], z, float(surface.max())))
        self._last = (z, spectrum)

    def finish(self) -> Agreement:
        """The likeness of all neighbours."""
        first, second, likeness = zip(*self._pairs, strict=True) if self._pairs else ((), (), ())
        return Agreement(np.array(first, np.intp), np.array(second, np.intp), np.array(likeness, np.float64))

    def _transform(self, grey: Grey) -> NDArray[np.complex64]:
        """The spectrum of a slice averaged down, with a sum of squares of 1 and the mean at 0."""
        small = shrink_slice(grey, self._block)
        weighted = (small - np.average(small, weights=self._window)) * self._window
        norm = float(np.sqrt((weighted * weighted).sum()))
        return np.asarray(fft.rfft2(weighted / max(norm, 1e-12)), np.complex64)
