"""Curtains: streaks along the ion beam."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import share_of_contrast

_NOTE, _WARNING = 0.01, 0.02
"""Of the contrast. Where there are none, no phantom has more than 0.007."""


def find_curtains(survey: StackSurvey) -> list[Finding]:
    """A finding about streaks along y (curtains) or along x (noise of scanned rows), for each that there is."""
    if not survey.samples or survey.contrast == 0:
        return []
    streaks = np.sqrt(np.maximum(0.0, np.mean([sample.streaks for sample in survey.samples], axis=0)))
    findings = []
    for strength, axis, name in zip(streaks.tolist(), ("y", "x"), ("curtains", "scan-lines"), strict=True):
        if strength >= _NOTE * survey.contrast:
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
    return findings


CURTAINS = Check("curtains", "stack", find_curtains)
