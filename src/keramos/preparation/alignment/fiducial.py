"""The drift as something fixed shows it: a fiducial mark, or edges of the trench, in a box of the slices."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.preparation.alignment.coarse import CoarseMatcher
from keramos.preparation.alignment.flow import measure_flow, measure_sd
from keramos.preparation.alignment.layers import Layers, choose_reduction, keep_whole
from keramos.preparation.alignment.tracks import Link
from keramos.preparation.block_means import shrink_slice
from keramos.preparation.remedy import Grey

PlaneBox = tuple[int, int, int, int]
"""First and last row, first and last column of a part of a slice, in pixels; the last ones are outside."""

_BASELINES = (1, 2, 4, 8, 16)
_LEAST = 16  # pixels: edge of the smallest box
_STEPS = 4


@dataclass(frozen=True, eq=False)
class _Seen:
    z: int
    layers: Layers
    spectrum: NDArray[np.complex64]
    at: NDArray[np.float64]


class FiducialObserver:
    """Measures the shifts of what a box shows. The box follows it; where it has left the image nothing is measured."""

    def __init__(self, shape: tuple[int, int], box: PlaneBox) -> None:
        top, bottom, left, right = box
        if not (0 <= top < bottom <= shape[0] and 0 <= left < right <= shape[1]):
            raise SettingsError(
                f"expected a box of the fiducial within slices of {shape[0]} x {shape[1]} pixels, found rows {top} to "
                f"{bottom}, columns {left} to {right}"
            )
        if min(bottom - top, right - left) < _LEAST:
            raise SettingsError(
                f"expected a box of the fiducial of at least {_LEAST} x {_LEAST} pixels, found {bottom - top} x "
                f"{right - left}"
            )
        self._shape, self._start, self._size = shape, np.array([top, left]), (bottom - top, right - left)
        self._factor = choose_reduction(self._size)
        self._coarse = CoarseMatcher((self._size[0] // self._factor, self._size[1] // self._factor))
        self._seen: deque[_Seen] = deque(maxlen=max(_BASELINES))
        self.links: list[Link] = []

    def add(self, z: int, grey: Grey) -> None:
        """Look at slice `z` (Y X)."""
        at = self._seen[-1].at if self._seen else np.zeros(2)
        cut = self._cut(grey, at)
        if cut is not None and self._seen:
            guess = self._coarse.guess(self._seen[-1].spectrum, cut[1])
            # A second look with the box where the mark is now, so that the parts compared are the same.
            at = np.round(at + self._factor * guess)
            cut = self._cut(grey, at)
        if cut is None:
            return
        layers, spectrum = cut
        for seen in self._seen:
            if seen is self._seen[-1] or z - seen.z in _BASELINES:
                flow = measure_flow(seen.layers, layers, "face", np.zeros(2), _STEPS, slope=0.0)
                shift = at - seen.at + self._factor * flow.yx
                sd = self._factor * measure_sd(flow)
                self.links.append(Link(seen.z, z, "fiducial", shift, sd))
        self._seen.append(_Seen(z, layers, spectrum, at))

    def _cut(self, grey: Grey, at: NDArray[np.float64]) -> tuple[Layers, NDArray[np.complex64]] | None:
        """The box moved with the mark, ready for matching; None if it has left the image."""
        start = (self._start - np.round(at)).astype(int)
        stop = start + self._size
        if (start < 0).any() or (stop > self._shape).any():
            return None
        plane = shrink_slice(grey[start[0] : stop[0], start[1] : stop[1]], self._factor)
        return keep_whole(plane), self._coarse.transform(plane)
