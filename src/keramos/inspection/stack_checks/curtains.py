"""Curtains: streaks along the ion beam."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import share_of_contrast, soften_of_small

_NOTE, _WARNING = 0.01, 0.013
"""Of the contrast. Where there are none, no phantom has more than 0.008."""
_ERRORS = 5.0
"""Standard errors of the variance that it must have: in slices of a few columns, structures look like streaks."""


def find_curtains(survey: StackSurvey) -> list[Finding]:
    """A finding about streaks along y (curtains) or along x (noise of scanned rows), for each that there is."""
    if not survey.samples or survey.contrast == 0:
        return []
    streaks = np.mean([sample.streaks for sample in survey.samples], axis=0).tolist()
    findings = []
    for (variance, error), axis, name in zip(streaks, ("y", "x"), ("curtains", "scan-lines"), strict=True):
        strength = max(0.0, variance) ** 0.5
        if strength >= _NOTE * survey.contrast and variance > _ERRORS * error:
            what = "the ion beam left curtains" if axis == "y" else "brightness changes from row to row"
            findings.append(
                Finding(
                    name,
                    f"{what}: streaks along {axis}, with a standard deviation of {share_of_contrast(survey, strength)}",
                    "thresholds take dark streaks for pores and bright ones for solid: thin false phases along the "
                    f"streaks, a larger specific surface, and directions and chords that point along {axis}; a network "
                    "that has seen them ignores weak ones",
                    "annotate a slice with strong streaks; do not use a threshold by grey value alone",
                    severity="warning" if strength >= _WARNING * survey.contrast else "note",
                )
            )
    return soften_of_small(survey, findings)


CURTAINS = Check("curtains", "stack", find_curtains)
