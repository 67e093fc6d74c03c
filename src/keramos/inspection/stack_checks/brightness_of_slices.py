"""Single slices that are dark, saturated or bright, and steps of the brightness along z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, name_slices
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import Brightness, find_dark, find_saturated, find_steps, measure_brightness
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import TINY, advise_longest_side, share_of_contrast, soften_of_small

_WEAK = 0.07
"""A step below this share of the contrast is a note."""


def find_odd_brightness(survey: StackSurvey) -> list[Finding]:
    """Findings about dark slices, saturated slices, and steps of the brightness that these do not explain."""
    brightness = measure_brightness(survey)
    dark, saturated = find_dark(survey, brightness), find_saturated(survey, brightness)
    steps = find_steps(survey, brightness)
    odd = dark | saturated
    steps[odd] = False
    steps[1:] &= ~odd[:-1]
    _join_flickers(steps, brightness.step)
    findings = []
    if dark.any():
        findings.append(_report_dark(survey, brightness, np.flatnonzero(dark)))
    if saturated.any():
        findings.append(_report_saturated(survey, np.flatnonzero(saturated)))
    if steps.any():
        findings.append(_report_steps(survey, brightness, np.flatnonzero(steps)))
    return soften_of_small(survey, findings, TINY)


def _join_flickers(steps: NDArray[np.bool_], sizes: NDArray[np.float64]) -> None:
    """Take a step that undoes the one before it as part of that: one slice is brighter or darker than both sides."""
    for at in range(1, len(steps)):
        if steps[at] and steps[at - 1] and abs(sizes[at] + sizes[at - 1]) < abs(sizes[at - 1]) / 2:
            steps[at] = False


def _report_dark(survey: StackSurvey, brightness: Brightness, places: NDArray[np.intp]) -> Finding:
    numbers = survey.numbers(survey.z[places])
    darker = float(np.min(brightness.deviation[places]))
    return Finding(
        "dark-slice",
        f"{name_slices(numbers)} {'are' if numbers[1:] else 'is'} darker than the neighbours, by up to "
        f"{share_of_contrast(survey, darker)}",
        "solid there is called void, as far as it gets darker than the threshold: too little solid, paths along z that "
        "are cut, and a surface over and under the slice",
        f"adjust its brightness, or {advise_longest_side(survey, survey.z[places].tolist())}",
        slices=numbers,
    )


def _report_saturated(survey: StackSurvey, places: NDArray[np.intp]) -> Finding:
    numbers = survey.numbers(survey.z[places])
    share = max(survey.looks[at].at_ends[1] for at in places)
    return Finding(
        "clipping",
        f"{name_slices(numbers)} {'are' if numbers[1:] else 'is'} overexposed: up to {100 * share:.0f} % of the pixels "
        f"hold the largest grey value, {survey.looks[places[0]].most:g}",
        "void there is called solid, as far as it gets brighter than the threshold, and differences within the bright "
        "phases are lost",
        f"put a copy of a neighbour in its place, or {advise_longest_side(survey, survey.z[places].tolist())}",
        slices=numbers,
    )


def _report_steps(survey: StackSurvey, brightness: Brightness, places: NDArray[np.intp]) -> Finding:
    numbers, sizes = survey.numbers(survey.z[places]), brightness.step[places]
    largest = float(np.abs(sizes).max())
    listed = ", ".join(f"{size:+.3g} at {number}" for size, number in zip(sizes[:8], numbers, strict=False))
    return Finding(
        "brightness-jump",
        f"the brightness steps at {name_slices(numbers)} ({listed}{', ...' if len(sizes) > 8 else ''} grey levels; up "
        f"to {share_of_contrast(survey, largest)})",
        "one threshold does not fit both sides, so phase fractions change there for no reason of the material; a "
        "network that learnt from one side errs on the other",
        "adjust the brightness of the slices, or annotate slices on both sides of each step",
        severity="note" if largest < _WEAK * survey.contrast else "warning",
        slices=numbers,
    )


BRIGHTNESS_OF_SLICES = Check("brightness-of-slices", "stack", find_odd_brightness)
