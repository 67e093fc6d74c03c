"""A smooth gain over the plane of the slices, the same in all of them.

Places of the bright phase a short way apart have equal levels where nothing is shaded: the most frequent difference of
their logarithms is the slope of the gain. Few such pairs lie across the border of a layer or of a pore, so that neither
layers of other brightness nor a change in the amount of a phase looks like shading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

Doubles = NDArray[np.float64]
Singles = NDArray[np.float32]

_ORDER = 4
"""Total order of the polynomials: those up to 4 follow x 0.5 to 1.3 along a slice to 0.5 %."""
_CELLS = 6
_APART = 12
"""Pairs are this fraction of a slice apart."""
_FEWEST = 50
_ROUNDS = ((1, 3), (2, 2), (_ORDER, 4))
"""Orders, and how often each is fitted: the threshold between bright and dark is chosen again each time."""
_TURNS = 6
_WIDEST = 0.08
_USUAL = 0.1
"""Standard deviation of the linear terms to be expected; that of a term of order n is smaller by n squared."""
_LEAST_SD = 0.003
_TERMS = [(j, k) for j in range(_ORDER + 1) for k in range(_ORDER + 1) if 0 < j + k <= _ORDER]


@dataclass(frozen=True, eq=False)
class SmoothGain:
    """A gain whose logarithm is a polynomial.

    Attributes:
        coefficients: of the Legendre polynomials on -1 to 1 along Y and X (5 x 5); the first is 0.
        sd: standard deviation of the logarithm, averaged over the slice.
    """

    coefficients: Doubles
    sd: float

    def logarithm(self, shape: tuple[int, ...]) -> Singles:
        """The logarithm of the gain (Y X) at the centres of the pixels of a slice of that shape.

        Example:
            >>> coefficients = np.zeros((5, 5))
            >>> coefficients[0, 1] = 0.2
            >>> SmoothGain(coefficients, 0.0).logarithm((1, 4)).round(3).tolist()
            [[-0.15000000596046448, -0.05000000074505806, 0.05000000074505806, 0.15000000596046448]]
        """
        down, across = (legvander((2 * np.arange(n) + 1) / n - 1, _ORDER) for n in shape)
        return (down @ self.coefficients @ across.T).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Slopes:
    """Differences of the logarithm between places, with what each term of the polynomials would make of them."""

    terms: Doubles
    values: Doubles
    weights: Doubles


def fit_smooth_gain(logarithms: Singles) -> SmoothGain | None:
    """The gain that fits the grey values; None where there are too few bright pixels.

    Args:
        logarithms: of the grey values of small slices (slices, Y X); NaN where they are not to be used.
    """
    gain = SmoothGain(np.zeros((_ORDER + 1, _ORDER + 1)), 0.0)
    for order, rounds in _ROUNDS:
        for _ in range(rounds):
            even = logarithms - gain.logarithm(logarithms.shape[1:])
            slopes = _measure_slopes(np.where(find_bright(even), even, np.float32(np.nan)))
            if slopes is None:
                return None
            change, sd = _fit(slopes, order)
            gain = SmoothGain(gain.coefficients + change, sd)
            if np.abs(change).max() < 1e-3:
                break
    return gain


def find_bright(logarithms: Singles) -> NDArray[np.bool_]:
    """The pixels of images of even brightness that are brighter than Otsu's threshold."""
    known: NDArray[np.bool_] = ~np.isnan(logarithms)
    values = np.exp(logarithms[known])
    if len(values) < 2 or values.min() == values.max():
        return known
    threshold = threshold_otsu(values[:: 1 + len(values) // 200_000])
    bright: NDArray[np.bool_] = known & (logarithms > np.log(threshold))
    return bright


def find_mode(values: Singles, start: float, width: float, turns: int = _TURNS) -> tuple[float, float]:
    """The most frequent value near `start`, with a Gaussian window of that width, and its standard deviation."""
    middle, weight = start, np.ones_like(values)
    for _ in range(turns):
        weight = np.exp(-0.5 * ((values - np.float32(middle)) / np.float32(width)) ** 2)
        if not weight.any():
            return start, np.inf
        middle = float(np.average(values, weights=weight))
    return middle, width / float(np.sqrt(weight.sum()))


def _measure_slopes(even: Singles) -> _Slopes | None:
    """The most frequent difference of pairs along Y and X, cell by cell; None where too few cells have pairs."""
    rows, values, weights = [], [], []
    for axis in (0, 1):
        length = even.shape[axis + 1]
        apart = max(2, length // _APART)
        keep = max(length - apart, 0)
        difference = np.take(even, range(apart, apart + keep), axis + 1) - np.take(even, range(keep), axis + 1)
        for place, cell in _cells(difference):
            known = cell[~np.isnan(cell)]
            if len(known) < _FEWEST:
                continue
            middle = float(np.median(known))
            width = min(max(1.2 * float(np.median(np.abs(known - middle))), 0.005), _WIDEST)
            value, sd = find_mode(known, middle, width)
            centre = [place[0], place[1]]
            centre[axis] *= 1 - apart / length
            rows.append(_difference_of_terms(centre, axis, apart / length))
            values.append(value)
            weights.append(1 / np.hypot(sd, _LEAST_SD))
    return _Slopes(np.array(rows), np.array(values), np.array(weights)) if len(rows) >= 2 * len(_TERMS) else None


def _cells(pixels: Singles) -> Iterator[tuple[tuple[float, float], Singles]]:
    """Parts of slices (slices, Y X) with the place of their centres, -1 to 1."""
    edges = [np.linspace(0, n, _CELLS + 1).astype(int).tolist() for n in pixels.shape[1:]]
    for top, bottom in pairwise(edges[0]):
        for left, right in pairwise(edges[1]):
            place = ((top + bottom) / pixels.shape[1] - 1, (left + right) / pixels.shape[2] - 1)
            yield place, pixels[:, top:bottom, left:right]


def _difference_of_terms(centre: list[float], axis: int, half: float) -> Doubles:
    """Each term `half` after the centre along an axis, minus `half` before it."""
    values = []
    for sign in (1, -1):
        place = list(centre)
        place[axis] += sign * half
        down, across = (legvander(np.array([at]), _ORDER)[0] for at in place)
        values.append(np.array([down[j] * across[k] for j, k in _TERMS]))
    difference: Doubles = values[0] - values[1]
    return difference


def _fit(slopes: _Slopes, order: int) -> tuple[Doubles, float]:
    """Coefficients up to that total order by least squares with Huber's weights, and with a normal prior of the usual
    sizes: the scatter of the slopes says how far to believe them. And the standard deviation of the logarithm."""
    used = [at for at, (j, k) in enumerate(_TERMS) if j + k <= order]
    terms = slopes.terms[:, used]
    usual = np.array([_USUAL / (_TERMS[at][0] + _TERMS[at][1]) ** 2 for at in used])
    solved: Doubles = np.zeros(len(used))
    normal: Doubles = np.eye(len(used))
    for _ in range(_TURNS):
        off = np.abs(slopes.values - terms @ solved) * slopes.weights
        scatter = max(1.48 * float(np.median(off)), 1.0)
        robust = np.minimum(1, 1.5 * scatter / np.maximum(off, 1e-9))
        weight: Doubles = robust * slopes.weights**2 / scatter**2
        normal = np.asarray((terms.T * weight) @ terms + np.diag(1 / usual**2), np.float64)
        solved = np.asarray(np.linalg.solve(normal, terms.T @ (weight * slopes.values)), np.float64)
    gain = np.zeros((_ORDER + 1, _ORDER + 1))
    # The mean square of a Legendre polynomial of degree n over -1 to 1 is 1 / (2 n + 1).
    variance = np.diag(np.linalg.inv(normal))
    sizes = np.array([1 / ((2 * _TERMS[at][0] + 1) * (2 * _TERMS[at][1] + 1)) for at in used])
    for at, coefficient in zip(used, solved, strict=True):
        gain[_TERMS[at]] = coefficient
    return gain, float(np.sqrt(variance @ sizes))
