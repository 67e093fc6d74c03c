"""Brightness that drifts along z."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank, find_dark, find_saturated, find_steps, measure_brightness
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import share_of_contrast

_NOTE, _WARNING = 0.08, 0.15
"""Of the contrast. Where nothing drifts, phantoms of two phases have 0.03 at most, of three 0.06."""
_SMOOTH = 9
_FEWEST = 12


def find_brightness_drift(survey: StackSurvey) -> list[Finding]:
    """A finding about brightness that rises or falls over many slices: the level of the brighter phase, the
    95th percentile, and the sum of the steps from slice to slice, so that it is not the amount of a phase."""
    brightness = measure_brightness(survey)
    even = ~(find_blank(survey) | find_dark(survey, brightness) | find_saturated(survey, brightness))
    if even.sum() < _FEWEST or find_steps(survey, brightness).any():
        return []
    z = survey.z[even]
    levels = np.array([(look.bright, look.percentiles[2]) for look in survey.looks])
    levels = np.column_stack([levels, np.nan_to_num(brightness.level)])[even]
    smooth = median_filter(levels, (_SMOOTH, 1), mode="nearest")
    low, high = int(np.argmin(smooth[:, 0])), int(np.argmax(smooth[:, 0]))
    rises = smooth[high] - smooth[low]
    drift = float(rises.min())
    if survey.contrast == 0 or drift < _NOTE * survey.contrast:
        return []
    darkest, brightest = survey.numbers((z[low], z[high]))
    return [
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


BRIGHTNESS_DRIFT = Check("brightness-drift", "stack", find_brightness_drift)
