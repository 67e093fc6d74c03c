"""Brightness that drifts along z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.grey_gains import find_zero, measure_gains
from keramos.inspection.odd_slices import find_blank, find_dark, find_saturated, find_steps, measure_brightness
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import share_of_contrast, soften_of_small

_NOTE, _WARNING = 0.08, 0.15
"""Of the contrast. Where nothing drifts phantoms have 0.06 at most; from x 0.85 to x 1.15 is 0.25 and more."""
_GROUPS = 24
_FEWEST = 12


def find_brightness_drift(survey: StackSurvey) -> list[Finding]:
    """A finding about brightness that rises or falls over many slices: the grey values of the phases, not the amounts
    of the phases."""
    brightness = measure_brightness(survey)
    even = ~(find_blank(survey) | find_dark(survey, brightness) | find_saturated(survey, brightness))
    if even.sum() < _FEWEST or survey.contrast == 0 or survey.has_few_values or find_steps(survey, brightness).any():
        return []
    places = np.array_split(np.flatnonzero(even), min(_GROUPS, int(even.sum())))
    levels = _measure_levels(survey, places)
    low, high = int(np.argmin(levels)), int(np.argmax(levels))
    drift = float(levels[high] - levels[low])
    if drift < _NOTE * survey.contrast:
        return []
    darkest, brightest = survey.numbers(survey.z[places[at][len(places[at]) // 2]] for at in (low, high))
    findings = [
        Finding(
            "brightness-jump",
            f"the brightness drifts along z: slices near {brightest} are brighter than those near {darkest} by "
            f"{share_of_contrast(survey, drift)}",
            "one threshold does not fit all slices, so phase fractions drift along z for no reason of the material; a "
            "network errs far from the slices that it learnt from",
            f"annotate slices near {darkest} and near {brightest}, or adjust the brightness of the slices",
            severity="warning" if drift >= _WARNING * survey.contrast else "note",
        )
    ]
    return soften_of_small(survey, findings)


def _measure_levels(survey: StackSurvey, places: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    """The level of the brighter phase in each group of slices, in grey levels, if all had the same amount of it."""
    groups = [np.concatenate([survey.looks[at].quantiles for at in group]) for group in places]
    values = np.concatenate(groups)
    zero = find_zero(values)
    bright = float(np.percentile(values, 95)) - zero
    gains = median_filter(measure_gains([group - zero for group in groups]), 3, mode="nearest")
    return np.asarray(bright * np.exp(gains), np.float64)


BRIGHTNESS_DRIFT = Check("brightness-drift", "stack", find_brightness_drift)
