"""The shift between two neighbouring slices, to a few hundredths of a pixel.

Phase correlation of coarse images finds large shifts; then the shift is the least-squares solution of the optical-flow
equation (Lucas and Kanade 1981), iterated. All edges count alike, so that a structure that grows or shrinks from slice
to slice, whose left edges move left and whose right edges move right, does not look like a shift; the peak of a
correlation is less exact by a factor of two to ten there. The standard error is that over cells of the slice
(jackknife).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Pair = tuple[float, float]

_MARGIN = 4
_CELLS = 6
_LEAST_EDGE, _LEAST_COARSE = 24, 16
_LONGEST_STEP = 1.5
_ITERATIONS = 4
_ENOUGH = 0.01


@dataclass(frozen=True, eq=False)
class Registrable:
    """A slice ready to be registered: its grey values (`plain`), with `pixels` pixels of the slice per pixel along y
    and x; and less their mean, over their standard deviation and smoothed: `fine`, and `coarse` with four times as
    many."""

    plain: Floats
    fine: Floats
    coarse: Floats
    pixels: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Pixels that a slice lies further down and to the right than another, and their standard errors."""

    rows: float
    columns: float
    errors: Pair


NO_SHIFT = Shift(0.0, 0.0, (np.inf, np.inf))


def make_registrable(pixels: Floats, coarse: Floats, factor: int) -> Registrable:
    """A slice for `measure_shift`; `coarse` are the means of 4 x 4 of `pixels`."""
    return Registrable(
        pixels, gaussian_filter(_normalise(pixels), 1.5), gaussian_filter(_normalise(coarse), 1.0), factor
    )


def _normalise(pixels: Floats) -> Floats:
    centred = pixels - pixels.mean()
    return np.asarray(centred / max(float(centred.std()), 1e-6), np.float32)


def measure_shift(before: Registrable, after: Registrable) -> Shift:
    """The shift of `after` against `before`; NO_SHIFT where the slices are too small or empty to tell."""
    if min(before.fine.shape) < _LEAST_EDGE:
        return NO_SHIFT
    start = np.zeros(2)
    if min(before.coarse.shape) >= _LEAST_COARSE:
        start = _refine(before.coarse, after.coarse, _find_peak(before.coarse, after.coarse))[0]
        start *= before.fine.shape[0] // before.coarse.shape[0]
    refined, errors = _refine(before.fine, after.fine, start)
    if not np.isfinite(errors).all():
        return NO_SHIFT
    rows, columns = (refined * before.pixels).tolist()
    return Shift(rows, columns, tuple((errors * before.pixels).tolist()))


def _find_peak(before: Floats, after: Floats) -> Doubles:
    """The shift in whole pixels at the peak of the phase correlation, where it makes the slices more alike."""
    shape = before.shape
    cross = np.conj(fft.rfft2(before)) * fft.rfft2(after)
    correlation = fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9) ** np.float32(0.7), shape)
    peak = np.array(np.unravel_index(int(np.argmax(correlation)), shape), float)
    peak -= np.where(peak > np.array(shape) / 2, shape, 0)
    nowhere = np.zeros(2)
    if np.abs(peak).max() < 2 or (np.abs(peak) > np.array(shape) / 4).any():
        return nowhere
    return peak if _differ(before, after, peak) < _differ(before, after, nowhere) else nowhere


def _differ(before: Floats, after: Floats, moved: Doubles) -> float:
    """Mean square difference where the slices overlap after `after` was moved back by whole pixels."""
    rows, columns = (round(float(part)) for part in moved)
    height, width = before.shape
    ours = before[max(0, -rows) : height - max(0, rows), max(0, -columns) : width - max(0, columns)]
    theirs = after[max(0, rows) : height + min(0, rows), max(0, columns) : width + min(0, columns)]
    return float(np.mean((ours - theirs) ** 2))


def _refine(before: Floats, after: Floats, start: Doubles) -> tuple[Doubles, Doubles]:
    """The shift near `start` and its standard errors."""
    place = np.array(start, float)
    errors = np.full(2, np.inf)
    inner = (slice(_MARGIN, -_MARGIN),) * 2
    for _ in range(_ITERATIONS):
        moved = _move_back(after, place) if place.any() else after
        down, across = (np.asarray(one, np.float32) for one in np.gradient((before + moved) / 2))
        difference = moved - before
        difference -= np.median(difference[::2, ::2])
        products = [
            _sum_cells(one[inner] * other[inner])
            for one, other in (
                (down, down),
                (down, across),
                (across, across),
                (down, difference),
                (across, difference),
            )
        ]
        step, errors = _solve(np.stack(products))
        step = np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        place -= step
        if np.abs(step).max() < _ENOUGH:
            break
    return place, errors


def _move_back(image: Floats, place: Doubles) -> Floats:
    """The image moved up and left by `place`, linearly between pixels, its borders repeated: `scipy.ndimage.shift` does
    so six times as slowly."""
    for axis, distance in enumerate(place):
        last, whole = image.shape[axis] - 1, int(np.floor(distance))
        places = np.arange(last + 1) + whole
        here, there = (np.take(image, np.clip(places + step, 0, last), axis) for step in (0, 1))
        image = here + (there - here) * np.float32(distance - whole)
    return image


def _sum_cells(values: Floats) -> Doubles:
    """Sums over a grid of cells."""
    rows, columns = (np.linspace(0, n, _CELLS + 1).astype(int)[:-1] for n in values.shape)
    sums: Doubles = np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1).astype(float)
    return sums.ravel()


def _solve(cells: Doubles) -> tuple[Doubles, Doubles]:
    """The solution of the normal equations whose five sums are given by cell (5, N), and its jackknife errors."""
    totals = cells.sum(axis=1, keepdims=True)
    left_out = np.concatenate([totals, totals - cells], axis=1)
    yy, yx, xx, y, x = left_out
    determinant = yy * xx - yx**2
    if (determinant <= 1e-9 * np.maximum(yy, xx) ** 2).any():
        return np.zeros(2), np.full(2, np.inf)
    solutions = np.stack([(xx * y - yx * x) / determinant, (yy * x - yx * y) / determinant])
    number = cells.shape[1]
    deviations = solutions[:, 1:] - solutions[:, 1:].mean(axis=1, keepdims=True)
    return solutions[:, 0], np.sqrt((number - 1) / number * (deviations**2).sum(axis=1))
