"""Curtains from the streaks of all slices: fine ones of full height, and stripes that run to one end of their columns.

What the upper and lower parts of a column have in common is streaks; pores, grains and noise have nothing in common
there. Its covariance along Z, and that of all that was measured, give the best linear estimate (Wiener's). Stripes are
stronger and rare: each is the run of cells, from anywhere to the end of the column, that explains most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.ndimage import correlate1d, gaussian_filter1d

Doubles = NDArray[np.float64]
Singles = NDArray[np.float32]
Halves = NDArray[np.float16]
Counts = NDArray[np.uint8]

_PARTS = 4
_REACH = 16
"""Slices on both sides from which a streak is estimated."""
_GROUPS = 16
_SURE = 3.0
_LEAST = 0.0015
"""Streaks of a smaller standard deviation are left alone, as are those that are not sure by so many standard errors."""
_SMOOTH_SLICES = 2.0
_CHUNK = 128
"""Columns that are looked at together, to need little memory."""
_GAIN, _SURE_GAIN, _SHARE_SURE = 20.0, 50.0, 0.002
"""Stripes explain so many units of variance, and this share of all columns a larger number; in clean phantoms a tenth
of that share does."""
_WHOLE = 8.0
"""A run that does not begin at the end of its column explains so much more, or it is one of full height."""
_AGREE = 0.4
_TURNED = 3
"""Stripes run downward, unless so many times more run upward, as they do in images turned by 180 degrees."""
_ROUNDS = 3
_ALIKE = 1.3
"""Ratio of variances; phantoms of two phases have up to 1.1, of three at least 1.9."""


@dataclass(frozen=True, eq=False)
class StreakFit:
    """Curtains as fractions of the level.

    Attributes:
        fine: streaks of full height (slices, X).
        stripe: stripes that run from a cell to one end of the column (slices, X).
        start: number of the cell, at the other end, where they begin (slices, X).
        upward: whether stripes run to the first row rather than the last one.
    """

    fine: Singles
    stripe: Singles
    start: NDArray[np.uint8]
    upward: bool


def choose_around(sums: Halves, weights: Counts) -> int:
    """The number of the width around to take (slices, 2, cells, X): the wide one, unless the columns differ much more
    from it, as they do where phases of other grey levels lie close together."""
    spread = []
    for which in (0, 1):
        total = sums[:, which].sum(axis=1, dtype=np.float32)
        weight = weights[:, which].sum(axis=1, dtype=np.float32)
        mean = (total / np.maximum(weight, 1)) ** 2
        spread.append(np.median([float(part.mean()) for part in np.array_split(mean, _GROUPS, axis=1)]))
    return int(spread[1] < _ALIKE * spread[0])


def fit_streaks(sums: Halves, weights: Counts) -> StreakFit:
    """The curtains in streaks of consecutive slices (`streak_profile.Streaks`, of one width: slices, cells, X)."""
    slices, _, columns = sums.shape
    fine = np.zeros((slices, columns), np.float32)
    fit = StreakFit(fine, fine, fine.astype(np.uint8), upward=False)
    for _ in range(_ROUNDS):
        fit = _find_stripes(sums, weights, fit.fine)
        fine = _fit_fine(*_sum_parts(sums, weights, fit))
        fit = StreakFit(fine, fit.stripe, fit.start, fit.upward)
        if not fine.any():
            break
    return fit


def _rest(
    sums: Halves, weights: Counts, fine: Singles, stripes: StreakFit | None = None
) -> Iterator[tuple[Singles, Singles]]:
    """Sums without the streaks, and weights (slices, cells, X), some columns at a time."""
    number = np.arange(sums.shape[1])[:, None]
    for first in range(0, sums.shape[2], _CHUNK):
        at = slice(first, first + _CHUNK)
        total, weight = (part[..., at].astype(np.float32) for part in (sums, weights))
        total -= weight * fine[:, None, at]
        if stripes is not None and stripes.stripe.any():
            start = stripes.start[:, None, at]
            inside = number < start if stripes.upward else number >= start
            total -= weight * inside * stripes.stripe[:, None, at]
        yield total, weight


def _sum_parts(sums: Halves, weights: Counts, fit: StreakFit) -> tuple[Doubles, Doubles]:
    """Sums and weights, without the stripes, of four parts of each column (slices, 4, X)."""
    starts = np.linspace(0, sums.shape[1], min(_PARTS, sums.shape[1]), endpoint=False).astype(int)
    parts = [
        [np.add.reduceat(part, starts, axis=1).astype(np.float64) for part in pair]
        for pair in _rest(sums, weights, np.zeros_like(fit.fine), fit)
    ]
    total, weight = (np.concatenate([pair[i] for pair in parts], axis=2) for i in (0, 1))
    return total, weight


def _fit_fine(sums: Doubles, weights: Doubles) -> Singles:
    """Fine streaks of full height (slices, X); 0 where they are not significant."""
    slices, parts, columns = sums.shape
    none = np.zeros((slices, columns), np.float32)
    far = [(i, j) for i in range(parts) for j in range(parts) if abs(i - j) > 1]
    if not far or slices < 2 or columns < _GROUPS:
        return none
    groups = np.array_split(np.arange(columns), _GROUPS)
    each = [np.mean([_covary(sums[..., at], weights[..., at], far, k) for k in (0, 1)]) for at in groups]
    error = float(np.std(each, ddof=1)) / np.sqrt(_GROUPS)
    if np.mean(each) < max(_LEAST**2, _SURE * error):
        return none
    total = weights.sum(axis=1)
    mean = np.where(total > 0.1 * total.max(), sums.sum(axis=1) / np.maximum(total, 1), 0)
    common = np.array([_covary(sums, weights, far, k) for k in range(min(_REACH, slices - 1) + 1)])
    measured = [float(np.mean(mean[: slices - k] * mean[k:])) for k in (0, 1)]
    return correlate1d(mean, _best_weights(common, *measured), axis=0, mode="reflect").astype(np.float32)


def _covary(sums: Doubles, weights: Doubles, pairs: list[tuple[int, int]], apart: int) -> float:
    """The mean product of departures in parts of a column far from each other, so many slices apart."""
    keep = len(sums) - apart
    product = sum(float(np.vdot(sums[:keep, i], sums[apart:, j])) for i, j in pairs)
    weight = sum(float(np.vdot(weights[:keep, i], weights[apart:, j])) for i, j in pairs)
    return product / max(weight, 1.0)


def _best_weights(common: Doubles, measured: float, measured_next: float) -> Doubles:
    """Weights of the slices around. Streaks are taken to fade along Z as a Gaussian, and the rest of what was measured
    as an exponential."""
    reach = len(common) - 1
    strength = float(common[:2].max())
    lag = np.arange(1, reach + 1)
    near = lag[: int(np.argmin(np.append(common[1:] > 0.2 * strength, False)))]
    ratio = np.clip(common[near] / strength, 0.01, 0.999)
    decay = float(np.sum(-np.log(ratio) * near**2) / np.sum(near.astype(np.float64) ** 4)) if len(near) else 1.6
    rest = max(measured - strength, 1e-2 * measured)
    fade = float(np.clip((measured_next - strength * np.exp(-decay)) / rest, 0, 0.95))
    lags = np.arange(2 * reach + 1)
    both = strength * np.exp(-decay * lags**2.0) + rest * fade**lags
    both[0] *= 1.001
    weights: Doubles = solve_toeplitz(both, strength * np.exp(-decay * (lags - reach) ** 2.0))
    return weights


def _find_stripes(sums: Halves, weights: Counts, fine: Singles) -> StreakFit:
    """Stripes beside the fine streaks, downward or upward, of whichever there are more; none where they are few."""
    cells = sums.shape[1]
    down, up = (
        [_find_runs(total[:, ::turn], weight[:, ::turn]) for total, weight in _rest(sums, weights, fine)]
        for turn in (1, -1)
    )
    down_run, up_run = (
        _Run(*(np.concatenate(part, axis=1) for part in zip(*runs, strict=True))) for runs in (down, up)
    )
    number = [int(np.count_nonzero((run.gain > _SURE_GAIN) & (run.start > 0))) for run in (down_run, up_run)]
    upward = number[1] > _TURNED * number[0]
    run = up_run if upward else down_run
    kept = run.gain > _GAIN
    if np.count_nonzero(run.gain > _SURE_GAIN) < _SHARE_SURE * kept.size:
        kept[:] = False
    start = cells - run.start if upward else run.start
    return StreakFit(fine, np.where(kept, run.size, np.float32(0)), start.astype(np.uint8), upward)


class _Run(NamedTuple):
    """For each column (slices, X) the run of cells to its end that explains most: the number of its first cell, its
    departure, and what it explains in units of the variance (twice the gain of the logarithm of the likelihood)."""

    start: NDArray[np.intp]
    size: Singles
    gain: Singles


def _find_runs(sums: Singles, weights: Singles) -> _Run:
    """The best runs to the last cell. Both halves of a run must have nearly the departure of the whole."""
    sums, weights = (gaussian_filter1d(part, _SMOOTH_SLICES, axis=0, mode="nearest") for part in (sums, weights))
    cells = sums.shape[1]
    known = weights > 1
    spread = float(np.median(np.abs(sums[known]) / np.sqrt(weights[known]))) if known.any() else 1.0
    total, weight = (np.cumsum(part[:, ::-1], axis=1)[:, ::-1] for part in (sums, weights))
    gain = total**2 / np.maximum(weight, 1) / max((1.48 * spread) ** 2, 1e-12)
    gain[:, 0] += _WHOLE
    start = gain.argmax(axis=1)
    gain[:, 0] -= _WHOLE
    half = np.minimum((start + cells + 1) // 2, cells - 1)
    whole, weight_of = (np.take_along_axis(part, start[:, None], axis=1)[:, 0] for part in (total, weight))
    lower, weight_low = (np.take_along_axis(part, half[:, None], axis=1)[:, 0] for part in (total, weight))
    best = np.asarray(np.take_along_axis(gain, start[:, None], axis=1)[:, 0], np.float32)
    size = np.asarray(whole / np.maximum(weight_of, 1), np.float32)
    for part, share in ((lower, weight_low), (whole - lower, weight_of - weight_low)):
        best[(part * size < _AGREE * share * size**2) | (share < 2)] = 0
    size *= np.maximum(0, 1 - 1 / np.maximum(best, 1)).astype(np.float32)
    return _Run(start, size, best)
