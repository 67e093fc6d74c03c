"""Slices that are out of focus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, name_slices
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank, find_dark, measure_brightness
from keramos.inspection.running import find_runs, median_of_neighbours
from keramos.inspection.stack_survey import WINDOW, StackSurvey
from keramos.inspection.stack_words import soften_of_small

_POWER, _EDGES = -0.75, -0.45
"""Natural logarithms of the power of the edges, and of what they have in common with both neighbours, over that of the
neighbours. Where nothing happens no phantom has both below -0.6 and -0.4."""
_ERRORS, _ERROR = 4.0, 7.9
"""Standard errors by which the power must be less: one is so many times the power of the noise, over the square root of
the pixels (a Hann window; a twentieth of all frequencies)."""
_BESIDE = -0.5
_REACH = 6


def find_defocused_slices(survey: StackSurvey) -> list[Finding]:
    """A finding about slices whose edges are weaker than their neighbours', noise apart. Dark slices are not judged,
    whose edges are weaker for that alone."""
    if len(survey.neighbours) < 4:
        return []
    apart = find_blank(survey) | find_dark(survey, measure_brightness(survey))
    power = np.array([look.bands[1] - look.bands[2] for look in survey.looks])
    relative = _relative(np.where(apart, np.nan, power))
    flags = (relative < _POWER) & (_measure_common_edges(survey) < _EDGES) & _is_certain(survey, power)
    places = np.array(
        [at for first, last in find_runs(flags) if _dips(power, first, last) for at in range(first, last + 1)]
    )
    if not len(places):
        return []
    numbers = survey.numbers(survey.z[places])
    left = float(np.exp(np.min(relative[places]) / 2))
    findings = [
        Finding(
            "defocused-slice",
            f"{name_slices(numbers)} {'are' if numbers[1:] else 'is'} out of focus: the edges have "
            f"{100 * max(left, 0.01):.0f} % of the contrast of the neighbours'",
            "outlines there are rounded, small pores and necks are lost, and thresholds move them; fractions change "
            "little, but surface and connectivity along z do",
            "put a copy of a neighbour in its place, or leave it out of what is annotated",
            slices=numbers,
        )
    ]
    return soften_of_small(survey, findings)


def _is_certain(survey: StackSurvey, power: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Flags of the slices whose power is less than that of the neighbours by more than the noise explains."""
    pixels = float(np.prod([min(n, WINDOW) for n in survey.content.shape[1:]]))
    error = _ERROR * np.array([look.bands[2] for look in survey.looks]) / pixels**0.5
    return np.asarray(median_of_neighbours(power, _REACH) - power > _ERRORS * error, np.bool_)


def _dips(power: NDArray[np.float64], first: int, last: int) -> bool:
    """Whether a run of slices has far less power than the slices right before and after it."""
    beside = [power[at] for at in (first - 1, last + 1) if 0 <= at < len(power)]
    return bool(beside) and float(power[first : last + 1].max()) < np.exp(_BESIDE) * min(beside)


def _measure_common_edges(survey: StackSurvey) -> NDArray[np.float64]:
    """The larger of what the edges of a slice have in common with the slice before and with the slice after, relative
    to the neighbours."""
    common = _relative(np.array([pair.edges for pair in survey.neighbours]))
    place = {int(z): at for at, z in enumerate(survey.z)}
    largest = np.full(len(survey.looks), -np.inf)
    for pair, value in zip(survey.neighbours, common, strict=True):
        for z in (pair.z, pair.previous):
            largest[place[z]] = max(largest[place[z]], value)
    return largest


def _relative(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms relative to the neighbours; 0 where there is nothing to compare."""
    usual = median_of_neighbours(values, _REACH)
    known = (usual > 0) & ~np.isnan(values)
    ratio = np.divide(values, usual, out=np.ones(len(values)), where=known)
    relative: NDArray[np.float64] = np.log(np.maximum(ratio, 1e-4))
    return relative


DEFOCUSED_SLICES = Check("defocused-slices", "stack", find_defocused_slices)
