"""The observer of likeness: looks at each slice once, and measures how far the edges of the structure move from one
slice to the next ones.

Grey values are turned into a soft mask first (dark -1, bright 1, smooth between), so that brightness, shading,
curtains and noise within a phase hardly count. Only pixels on edges are used.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.filters import threshold_otsu

from keramos.preparation.alignment import shift_slab
from keramos.preparation.block_means import shrink_slice
from keramos.preparation.remedy import Grey

WINDOW = 5
"""Slices that are compared with one another."""
DISTANCES = (1, 2, 3)
"""Distances in slices at which the motion of edges is measured."""

_SMOOTH = 2.0  # pixels: standard deviation of the smoothing
_SIDE = 6  # pixels at the sides that are not used: those that a shift makes up, and the smoothing of the edge
_STEEP = 0.1  # of the square of a steep edge's gradient: pixels above it are on an edge
_FAR = 2.0  # of the median motion: edges that move farther count less, as they bend
_LEAST = 32  # pixels: smallest part that slices have in common
_SPARSE = 3  # slices: the larger distances, whose mean alone is used, are measured once in so many


class Placer(Protocol):
    """Tells where the slice that is shown lies."""

    def find_place(self) -> NDArray[np.float64]:
        """Its position (Y X, pixels as shown) against those before it."""
        ...


@dataclass(frozen=True, eq=False)
class Likeness:
    """The motion of edges between slices.

    Attributes:
        shown: numbers of the slices that were looked at.
        motion: mean motion of edges (pixels; along their normals) from each of them to the next; NaN where the two have
            nothing in common.
        curve: mean motion over 1, 2 and 3 slices.
        products: for each window of five slices the mean products of their masks on edges that move little (windows, 5,
            5); 0 where they have nothing in common.
    """

    shown: NDArray[np.int64]
    motion: NDArray[np.float64]
    curve: NDArray[np.float64]
    products: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Seen:
    """The soft mask of a slice, and the whole pixels that bring it to its place."""

    mask: Grey
    whole: NDArray[np.int64]


class LikenessObserver:
    """Compares each slice with the four before it.

    Args:
        factor: pixels along each axis that are averaged into one.
        placer: tells where slices lie; None: where they are.
    """

    def __init__(self, factor: int, placer: Placer | None) -> None:
        self._factor, self._placer = factor, placer
        self._seen: deque[_Seen] = deque(maxlen=WINDOW)
        self._shown: list[int] = []
        self._motion: list[float] = []
        self._products: list[NDArray[np.float64]] = []
        self._curve: dict[int, list[float]] = {distance: [] for distance in DISTANCES}

    def add(self, z: int, grey: Grey) -> None:
        """Look at slice `z` (Y X)."""
        at = np.zeros(2) if self._placer is None else self._placer.find_place() / self._factor
        whole = np.rint(at).astype(np.int64)
        mask = shift_slab(_soften(shrink_slice(grey, self._factor))[None], (at - whole)[None])[0][0]
        self._seen.append(_Seen(mask, whole))
        self._shown.append(z)
        if len(self._seen) > 1:
            self._motion.append(self._measure(1))
        if len(self._shown) % _SPARSE == 0 and len(self._seen) > DISTANCES[-1]:
            for distance in DISTANCES:
                self._curve[distance].append(self._measure(distance))
        if len(self._seen) == WINDOW:
            self._products.append(_multiply(_overlap(list(self._seen))))

    def finish(self) -> Likeness:
        """The motion of edges between all slices that were shown."""
        curve = [np.nanmean(values) if np.isfinite(values).any() else np.nan for values in self._curve.values()]
        products = np.array(self._products, np.float64).reshape(-1, WINDOW, WINDOW)
        return Likeness(np.array(self._shown, np.int64), np.array(self._motion, np.float64), np.array(curve), products)

    def _measure(self, distance: int) -> float:
        """The mean motion of edges between the last slice and one before it."""
        pair = _overlap([self._seen[-1 - distance], self._seen[-1]])
        if pair is None:
            return float("nan")
        square, edge = _find_edges((pair[0] + pair[1]) / 2)
        return float(np.abs(pair[1] - pair[0])[edge].sum() / max(float(np.sqrt(square[edge]).sum()), 1e-9))


def observe_likeness(shape: tuple[int, int], placer: Placer | None, longest: int) -> LikenessObserver:
    """An observer of the likeness of slices, which are averaged until they are at most `longest` pixels long.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> body = gaussian_filter(rng.normal(size=(12, 100, 100)), 4).astype(np.float32)
        >>> observer = observe_likeness((100, 100), None, 560)
        >>> for z in range(12):
        ...     observer.add(z, body[z])
        >>> likeness = observer.finish()
        >>> likeness.motion.shape, likeness.products.shape, (np.diff(likeness.curve) > 0).tolist()
        ((11,), (8, 5, 5), [True, True])
    """
    return LikenessObserver(max(1, -(-max(shape) // longest)), placer)


def _soften(grey: Grey) -> Grey:
    """The soft mask of a slice: 0 at the level between dark and bright (Otsu's), 1 at what is usual above it."""
    smooth = gaussian_filter(grey, _SMOOTH, truncate=3)
    sample = smooth[::3, ::3]
    level = float(threshold_otsu(sample)) if np.ptp(sample) > 0 else float(sample.flat[0])
    bright = sample[sample > level]
    span = float(np.median(bright)) - level if bright.size else 1.0
    return np.asarray(np.clip((smooth - np.float32(level)) / np.float32(max(span, 1e-6)), -1, 1), np.float32)


def _overlap(seen: list[_Seen]) -> Grey | None:
    """The parts that slices have in common (slices Y X); None if there is not enough."""
    low = np.max([one.whole for one in seen], axis=0) + _SIDE
    high = np.min([one.whole + one.mask.shape for one in seen], axis=0) - _SIDE
    if (high - low < _LEAST).any():
        return None
    parts = []
    for one in seen:
        (top, left), (bottom, right) = low - one.whole, high - one.whole
        parts.append(one.mask[top:bottom, left:right])
    return np.stack(parts)


def _find_edges(mean: Grey) -> tuple[Grey, NDArray[np.bool_]]:
    """The square of the gradient (Y X), and the pixels on edges."""
    square = np.zeros_like(mean)
    square[1:-1] += ((mean[2:] - mean[:-2]) / 2) ** 2
    square[:, 1:-1] += ((mean[:, 2:] - mean[:, :-2]) / 2) ** 2
    steep = float(np.quantile(square[::3, ::3], 0.98))
    return square, square > max(_STEEP * steep, 1e-12)


def _multiply(window: Grey | None) -> NDArray[np.float64]:
    """The weighted mean products of the slices of a window at the pixels of edges, their mean value removed."""
    if window is None:
        return np.zeros((WINDOW, WINDOW))
    square, edge = _find_edges(window.mean(axis=0))
    values = window[:, edge]
    if not values.size:
        return np.zeros((WINDOW, WINDOW))
    values = values - values.mean(axis=0)
    time = np.arange(WINDOW) - (WINDOW - 1) / 2
    motion = (time @ values) ** 2 / (time @ time) ** 2 / square[edge]
    weight = 1 / (1 + motion / (_FAR**2 * max(float(np.median(motion)), 1e-12))) ** 2
    return np.asarray((values * weight) @ values.T / values.shape[1], np.float64)
