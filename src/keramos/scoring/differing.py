"""Windows of a slice in which methods differ most, as in Figs. 3 and 4 of Hirabayashi et al. 2024."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED


@dataclass(frozen=True, slots=True)
class Window:
    """A square window (first row, first column, edge in pixels) with the error rate of each method."""

    row: int
    column: int
    edge: int
    errors: tuple[float, ...]


def find_differing_windows(
    labels: Sequence[NDArray[np.uint8]],
    truth: NDArray[np.uint8],
    *,
    better: Sequence[int],
    worse: Sequence[int],
    edge: int,
    count: int,
    apart: Sequence[Window] = (),
) -> list[Window]:
    """Up to `count` windows with the largest difference in error rate between `worse` and `better` methods.

    Args:
        labels: predicted codes (Y X) of each method.
        truth: true codes (Y X), 255 where unannotated.
        better, worse: numbers of methods; without `better` the error rate of `worse` alone counts.
        edge: edge of the windows in pixels.
        count: largest number of windows, which do not overlap.
        apart: windows that they must not overlap either.
    """
    step = max(1, edge // 4)
    errors = np.stack([_window_errors((codes != truth) & (truth != NOT_ANNOTATED), edge, step) for codes in labels])
    gain = errors[list(worse)].mean(axis=0) - (errors[list(better)].mean(axis=0) if better else 0)
    chosen: list[Window] = []
    for flat in np.argsort(-gain, axis=None, kind="stable"):
        i, k = np.unravel_index(flat, gain.shape)
        if len(chosen) == count or gain[i, k] <= 0:
            break
        window = Window(int(i) * step, int(k) * step, edge, tuple(float(e) for e in errors[:, i, k]))
        if not any(_overlap(window, other) for other in (*chosen, *apart)):
            chosen.append(window)
    return chosen


def _window_errors(wrong: NDArray[np.bool_], edge: int, step: int) -> NDArray[np.float64]:
    """Share of wrong voxels in each window of that edge, on a grid of that step, from a summed-area table."""
    sums = np.pad(wrong.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    rows, columns = (np.arange(0, length - edge + 1, step) for length in wrong.shape)
    low, high = np.ix_(rows, columns), np.ix_(rows + edge, columns + edge)
    total = sums[high] - sums[np.ix_(rows, columns + edge)] - sums[np.ix_(rows + edge, columns)] + sums[low]
    return np.asarray(total / edge**2)


def _overlap(a: Window, b: Window) -> bool:
    return abs(a.row - b.row) < max(a.edge, b.edge) and abs(a.column - b.column) < max(a.edge, b.edge)
