"""Shading: one side of the slices is brighter than the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.grey_gains import find_zero, measure_gains
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import soften_of_small

_NOTE, _WARNING = 0.1, 0.25
"""Of the grey value of the phases. Where nothing is shaded phantoms have 0.2 at most, real images 0.22."""
_MISFIT = 0.17
"""Of the change: what may remain of the gains. Layers of other materials change in steps; shading of phantoms has 0.12
at most."""
_BANDS = 12
_LEAST_EDGE = 12

Doubles = NDArray[np.float64]


def find_shading(survey: StackSurvey) -> list[Finding]:
    """A finding where the phases get darker along y or x."""
    pixels = _stack_means(survey)
    if pixels is None or survey.has_few_values:
        return []
    changes, is_smooth = measure_shading(pixels)
    listed = [
        f"{100 * change:+.0f} % along {axis}"
        for change, axis in zip(changes, "yx", strict=True)
        if abs(change) >= _NOTE
    ]
    if not listed:
        return []
    findings = [
        Finding(
            "shading",
            f"the slices are shaded: the brighter phase changes by {' and '.join(listed)}, from one side to the other",
            "no threshold fits all of a slice, so that fractions, surface and connectivity change across it for no "
            "reason of the material (a change by 80 % along x made the IoU of a threshold 0.741 instead of 0.929); a "
            "network errs where it has not learnt from",
            "use a network, annotated from one side of a slice to the other, or a local threshold (--model sauvola)",
            severity="warning" if max(map(abs, changes)) >= _WARNING and is_smooth else "note",
        )
    ]
    return soften_of_small(survey, findings)


def _stack_means(survey: StackSurvey) -> Doubles | None:
    """Means over some pixels (slices, Y X) of one shape; None where they are too few."""
    means = [sample.means for sample in survey.samples]
    if not means:
        return None
    rows, columns = (min(one.shape[axis] for one in means) for axis in (0, 1))
    if min(rows, columns) < _LEAST_EDGE:
        return None
    return np.stack([one[:rows, :columns] for one in means]).astype(np.float64)


def measure_shading(pixels: Doubles) -> tuple[tuple[float, float], bool]:
    """The change along y and along x, from one side to the other over the mean, of slices of one shape (slices, Y X): a
    parabola through the gains of bands; and whether it fits the larger one. That axis is measured first, and evened out
    before the other, since shading along one axis blurs the histograms along the other."""
    light = pixels - find_zero(pixels)
    fits = [_fit_gains(light, axis) for axis in (1, 2)]
    first = int(np.argmax([np.ptp(gains) for gains, _ in fits]))
    gains, misfit = fits[first]
    even = light / np.exp(gains[:, None] if first == 0 else gains)
    fits[1 - first] = _fit_gains(even, 2 - first)
    down, across = (_change(each) for each, _ in fits)
    return (down, across), misfit <= _MISFIT * float(np.ptp(gains))


def _fit_gains(light: Doubles, axis: int) -> tuple[Doubles, float]:
    """A parabola through the logarithms of the gains of bands across an axis, at each of its pixels, and the root mean
    square of what remains."""
    length = light.shape[axis]
    gains = measure_gains(np.array_split(light, _BANDS, axis=axis))
    middles = [part.mean() for part in np.array_split(np.arange(length), _BANDS)]
    curve = np.polyfit(middles, gains, 2)
    misfit = float(np.sqrt(np.mean((np.polyval(curve, middles) - gains) ** 2)))
    return np.asarray(np.polyval(curve, np.arange(length)), np.float64), misfit


def _change(logarithms: Doubles) -> float:
    """The largest difference of gains over their mean, with the sign of its direction."""
    gain = np.exp(logarithms)
    low, high = int(np.argmin(gain)), int(np.argmax(gain))
    return float((gain[high] - gain[low]) / gain.mean()) * (1 if high > low else -1)


SHADING = Check("shading", "stack", find_shading)
