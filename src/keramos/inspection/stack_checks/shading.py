"""Shading: one side of the slices is brighter than the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.running import spread_of
from keramos.inspection.stack_survey import StackSurvey

_NOTE, _WARNING = 0.1, 0.25
"""Of the level of the brighter phase. Where nothing is shaded, phantoms of two phases have 0.16, of three 0.2."""
_BLOCKS = 6
_FEWEST = 40
_ROUNDS = 4
_NEAR = 8
"""Pixels of which the slope is measured are this fraction of a slice apart."""
_TRIM = 2.5
_MOST_LEFT, _MISFIT = 0.12, 0.5
"""What may remain of the levels, in logarithms, and of the change."""
_LEAST_EDGE = 24

Doubles = NDArray[np.float64]
Fit = tuple[Doubles, float]
"""Coefficients of the logarithm of a smooth gain (`_terms`), and what remains of the levels of the blocks."""


def find_shading(survey: StackSurvey) -> list[Finding]:
    """A finding where the brighter phase gets darker along y or x."""
    pixels = _stack_thumbnails(survey)
    if pixels is None or survey.has_few_values:
        return []
    changes = measure_shading(pixels)
    listed = [
        f"{100 * change:+.0f} % along {axis}"
        for change, axis in zip(changes, "yx", strict=True)
        if abs(change) >= _NOTE
    ]
    if not listed:
        return []
    return [
        Finding(
            "shading",
            f"the slices are shaded: the brighter phase changes by {' and '.join(listed)}, from one side to the other",
            "no threshold fits all of a slice, so that fractions, surface and connectivity change across it for no "
            "reason of the material (a change by 80 % along x made the IoU of a threshold 0.741 instead of 0.929); a "
            "network errs where it has not learnt from",
            "use a network, annotated from one side of a slice to the other, or a local threshold (--model sauvola)",
            severity="warning" if max(map(abs, changes)) >= _WARNING else "note",
        )
    ]


def _stack_thumbnails(survey: StackSurvey) -> Doubles | None:
    """Thumbnails of one shape (slices, Y X); None where they are too few or too small."""
    thumbnails = [sample.thumbnail for sample in survey.samples]
    if not thumbnails:
        return None
    rows, columns = (min(one.shape[axis] for one in thumbnails) for axis in (0, 1))
    if min(rows, columns) < _LEAST_EDGE:
        return None
    return np.stack([one[:rows, :columns] for one in thumbnails]).astype(np.float64)


def measure_shading(pixels: Doubles) -> tuple[float, float]:
    """The change of the brighter phases along y and along x, from one side to the other over the mean, in slices of one
    shape (slices, Y X): the smallest one of that of their median, that of the 95th percentile, and the sum of the
    slopes within structures, where all go the same way and a smooth gain fits them. Where only the amount of a phase
    changes, they do not."""
    light = pixels - min(float(np.percentile(pixels, 0.1)), 0.0)
    down, across = (np.linspace(-1, 1, n) for n in light.shape[1:])
    everywhere = np.ones(light.shape, np.bool_)
    fits = [_fit_median(light, down, across), _fit_gain(light, everywhere, down, across, 95.0)]
    down_change, across_change = (
        _agree([*(_change(*fit, axis) for fit in fits if fit is not None), _sum_slopes(light, axis + 1)])
        for axis in (0, 1)
    )
    return down_change, across_change


def _agree(changes: Sequence[float]) -> float:
    """The smallest of three changes of one sign; else 0."""
    agree = len(changes) == 3 and len({change > 0 for change in changes}) == 1
    return min(changes, key=abs) if agree else 0.0


def _sum_slopes(light: Doubles, axis: int) -> float:
    """The change along an axis, from one side to the other over the mean, that pixels of the brighter phase near each
    other have, by strips; where structures begin or end between the two does not count."""
    along = np.moveaxis(light, axis, -1)
    length = along.shape[-1]
    apart = max(1, length // _NEAR)
    level = np.percentile(along, 95, axis=tuple(range(along.ndim - 1)))
    slopes = []
    for start, stop in pairwise(np.linspace(0, length - apart, _BLOCKS + 1).astype(int).tolist()):
        first, second = along[..., start:stop], along[..., start + apart : stop + apart]
        bright = first + second > 1.4 * (level[start:stop] + level[start + apart : stop + apart]) / 2
        change = 2 * (second - first)[bright] / (first + second)[bright]
        if len(change) >= _FEWEST:
            middle = float(np.median(change))
            slopes.append(float(change[np.abs(change - middle) <= _TRIM * max(spread_of(change), 1e-9)].mean()))
    return float(np.mean(slopes)) * length / apart if slopes else 0.0


def _fit_median(light: Doubles, down: Doubles, across: Doubles) -> Fit | None:
    """The gain of the medians of the brighter phase, with which the threshold that tells the phases apart is chosen
    again."""
    fit: Fit = (np.zeros(6), 0.0)
    for turn in range(_ROUNDS):
        even = light / np.exp(_terms(down[:, None], across[None, :]) @ fit[0])
        bright = even >= threshold_otsu(even) if turn else light >= _percentile_by_block(light)
        fitted = _fit_gain(light, bright, down, across, 50.0)
        if fitted is None:
            return None
        fit = fitted
    return fit


def _percentile_by_block(light: Doubles) -> Doubles:
    """The 75th percentile of the block that each pixel lies in."""
    levels = np.empty(light.shape[1:])
    for rows, columns in _blocks(light.shape[1], light.shape[2]):
        levels[rows, columns] = np.percentile(light[:, rows, columns], 75)
    return levels


def _blocks(rows: int, columns: int) -> list[tuple[slice, slice]]:
    edges = [np.linspace(0, n, _BLOCKS + 1).astype(int).tolist() for n in (rows, columns)]
    spans = [[slice(a, b) for a, b in pairwise(one)] for one in edges]
    return [(down, across) for down in spans[0] for across in spans[1]]


def _terms(down: Doubles, across: Doubles) -> Doubles:
    down, across = np.broadcast_arrays(down, across)
    return np.stack([np.ones(down.shape), down, across, down**2 - 1 / 3, across**2 - 1 / 3, down * across], axis=-1)


def _fit_gain(
    light: Doubles, chosen: NDArray[np.bool_], down: Doubles, across: Doubles, percentile: float
) -> Fit | None:
    """The gain of a percentile of the chosen pixels, by block; None where they are in too few blocks."""
    rows, levels, weights = [], [], []
    for place in _blocks(light.shape[1], light.shape[2]):
        values = light[:, place[0], place[1]][chosen[:, place[0], place[1]]]
        level = float(np.percentile(values, percentile)) if len(values) >= _FEWEST else 0.0
        if level > 0:
            rows.append(_terms(down[place[0]].mean(), across[place[1]].mean()))
            levels.append(np.log(level))
            weights.append(np.sqrt(len(values)))
    if len(rows) < _BLOCKS**2 // 2:
        return None
    terms, values, weight = np.array(rows), np.array(levels), np.array(weights)
    coefficients: Doubles = np.linalg.lstsq(terms * weight[:, None], values * weight, rcond=None)[0]
    return coefficients, float(np.sqrt(np.average((values - terms @ coefficients) ** 2, weights=weight)))


def _change(coefficients: Doubles, residual: float, axis: int) -> float:
    """The largest difference of the gain along an axis, with the sign of its direction; 0 where it does not fit."""
    place = np.linspace(-1, 1, 41)
    nowhere = np.zeros(41)
    gain = np.exp(_terms(place, nowhere) @ coefficients if axis == 0 else _terms(nowhere, place) @ coefficients)
    gain /= gain.mean()
    low, high = int(np.argmin(gain)), int(np.argmax(gain))
    change = float(gain[high] - gain[low])
    return 0.0 if residual > min(_MOST_LEFT, _MISFIT * change) else change * (1 if high > low else -1)


SHADING = Check("shading", "stack", find_shading)
