"""Sums of windows of a volume, which merge, and the numbers that follow from such sums.

A number that follows from sums can be told of one window, of several that are merged, and of the whole volume; and how
far each window moves that of the whole is its gradient (the delta method).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from keramos.measurements.counting.windows import Windows

Numbers = NDArray[np.float64]
MIN_WINDOWS = 8
"""Windows side by side whose spread is told."""
FACTORS = (1, 2, 3, 4, 6, 8)
"""Sizes of windows, in edges of the smallest."""


@dataclass(frozen=True)
class Ratio:
    """The sum of weights times sums over the sum of others: `terms` are (weight, number of the upper sum, number of the
    lower sum), added up."""

    terms: tuple[tuple[float, int, int], ...]

    def of(self, sums: Numbers) -> Numbers:
        """The value of each place of the sums (K, ...); NaN where a lower sum is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            values = sum(weight * sums[above] / sums[below] for weight, above, below in self.terms)
        return np.where(np.isfinite(values), values, np.nan)

    def total(self, sums: Numbers) -> float:
        """The value of all windows (K, Z Y X) together."""
        return float(self.of(sums.sum(axis=(1, 2, 3))))

    def amounts(self, sums: Numbers) -> Numbers:
        """Weights of the windows (Z Y X) in the value of all: the lower sums of the first term."""
        return np.asarray(sums[self.terms[0][2]])

    def deviations(self, sums: Numbers) -> Numbers:
        """The parts of each window (Z Y X) in the value of all, less their mean: together zero."""
        totals = sums.sum(axis=(1, 2, 3))
        return np.asarray(
            sum(
                weight * (sums[above] - totals[above] / totals[below] * sums[below]) / totals[below]
                for weight, above, below in self.terms
            )
        )


def values_of_windows(
    sums: Numbers, value: Callable[[Numbers], Numbers], annotated: Numbers, voxels: NDArray[np.int64], factor: int
) -> tuple[Numbers, float, int]:
    """The values of windows of `factor` times the edge, their mean number of voxels, and how many lie side by side.

    Those without all their `voxels` annotated, or without a value, are left out, and an axis with fewer windows is not
    divided. Where some windows are left over at the end of an axis, those counted from its end are among them, too.
    """
    steps = [min(factor, n) for n in annotated.shape]
    if factor > max(annotated.shape):
        return np.zeros(0), 0.0, 0
    values, sizes = [], []
    ends = [(False, True) if n % step else (False,) for n, step in zip(annotated.shape, steps, strict=True)]
    for at_end in product(*ends):
        part = tuple(
            slice(n % step, n) if end else slice(0, n - n % step)
            for end, n, step in zip(at_end, annotated.shape, steps, strict=True)
        )
        whole = _merge(voxels[part], steps)
        each = value(np.stack([_merge(one[part], steps) for one in sums]))
        used = (_merge(annotated[part], steps) == whole) & np.isfinite(each)
        values.append(each[used])
        sizes.append(whole[used])
    together = np.concatenate(values)
    mean = float(np.concatenate(sizes).mean()) if together.size else 0.0
    return together, mean, together.size // len(values)


def _merge(counts: NDArray, steps: list[int]) -> NDArray:  # type: ignore[type-arg]
    """Sums of so many neighbours along each axis."""
    (z, y, x), (a, b, c) = (n // step for n, step in zip(counts.shape, steps, strict=True)), steps
    return np.asarray(counts.reshape(z, a, y, b, x, c).sum(axis=(1, 3, 5)))


def centres_of_windows(windows: Windows, edges: Sequence[float]) -> list[Numbers]:
    """The middles of the windows along Z, Y and X, in the unit of the edges of a voxel."""
    return [
        (np.array(cuts[1:]) + np.array(cuts[:-1])) / 2 * edge for cuts, edge in zip(windows.cuts, edges, strict=True)
    ]
