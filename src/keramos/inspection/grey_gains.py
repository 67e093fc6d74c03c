"""Gains by which the grey values of parts of a stack differ: where the peaks of their histograms lie, not how high they
are, so that more or less of a phase is not taken for brightness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Doubles = NDArray[np.float64]

_BINS = 128
_SMOOTH = 1.5
_STEP = 0.01
_REACH = 6
"""Parts on each side whose histograms a part is compared with at first."""
_FAR, _NEAR = 8, 4
"""Steps by which the gain may differ from that of the part before, and from that of the round before."""
_ROUNDS = 2
_HEADROOM = 1.3
_LOWEST, _HIGHEST = 0.1, 99.5


def find_zero(values: NDArray[Any]) -> float:
    """The grey value from which gains count: 0, or the darkest value if that is negative or far above 0.

    Example:
        >>> find_zero(np.arange(20, 140)), find_zero(np.arange(-50, 50)) < -49
        (0.0, True)
    """
    low, high = np.percentile(values, [_LOWEST, _HIGHEST])
    return float(min(low, max(0.0, low - (high - low))))


def measure_gains(parts: Sequence[NDArray[Any]]) -> Doubles:
    """Natural logarithms of the gains of parts that follow each other, with a mean of 0.

    Parameters:
        parts: grey values above `find_zero`, or quantiles of them, of each part in their order; of neighbours they
            differ by less than 8 %.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> void, solid = rng.normal(20, 4, 3000), rng.normal(120, 8, 5000)
        >>> many, few = np.concatenate([void, solid]), np.concatenate([void, solid[:1500]])
        >>> measure_gains([many, few, 1.05 * few]).round(2).tolist()
        [-0.02, -0.02, 0.03]
    """
    ordered = [np.sort(np.ravel(part)).astype(np.float64) for part in parts]
    top = _HEADROOM * max(float(np.percentile(part, _HIGHEST)) for part in ordered)
    if not top > 0:
        return np.zeros(len(ordered))
    edges = np.linspace(0, top, _BINS + 1)
    gains = _follow(ordered, edges)
    for _ in range(_ROUNDS):
        mean = np.mean([_histogram(part, edges, gain) for part, gain in zip(ordered, gains, strict=True)], axis=0)
        gains = np.array(
            [_fit(part, edges, mean, gain, _NEAR) for part, gain in zip(ordered, gains, strict=True)], np.float64
        )
    return np.asarray(gains - gains.mean(), np.float64)


def _follow(ordered: Sequence[Doubles], edges: Doubles) -> Doubles:
    """Gains from the middle part on to both ends, each part compared with those before it."""
    middle, gains = len(ordered) // 2, np.zeros(len(ordered))
    for direction, end in ((1, len(ordered)), (-1, -1)):
        aligned = [_histogram(ordered[middle], edges, 0.0)]
        for at in range(middle + direction, end, direction):
            mean = np.mean(aligned[-_REACH:], axis=0)
            gains[at] = _fit(ordered[at], edges, mean, gains[at - direction], _FAR)
            aligned.append(_histogram(ordered[at], edges, gains[at]))
    return gains


def _histogram(ordered: Doubles, edges: Doubles, gains: float | NDArray[np.floating]) -> Doubles:
    """Shares of ordered values, divided by a gain, between edges; of several gains (n, 1) a row for each."""
    share = np.interp(edges * np.exp(gains), ordered, np.linspace(0, 1, len(ordered)), left=0.0, right=1.0)
    return np.diff(share)


def _fit(ordered: Doubles, edges: Doubles, other: Doubles, start: float, steps: int) -> float:
    """The gain near `start` with which the histogram is most like another (Bhattacharyya's coefficient), between the
    steps by a parabola."""
    gains = start + _STEP * np.arange(-steps, steps + 1)
    rows, wanted = _take_roots(_histogram(ordered, edges, gains[:, None])), _take_roots(other)
    likeness = rows @ wanted / np.maximum(np.linalg.norm(rows, axis=1), 1e-12)
    best = int(np.argmax(likeness))
    if not 0 < best < len(gains) - 1:
        return float(gains[best])
    before, at, after = likeness[best - 1 : best + 2]
    bend = before - 2 * at + after
    return float(gains[best] + (_STEP * (before - after) / (2 * bend) if bend < 0 else 0.0))


def _take_roots(histogram: Doubles) -> Doubles:
    return np.sqrt(gaussian_filter1d(histogram, _SMOOTH, mode="constant"))
