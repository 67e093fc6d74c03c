"""Slices that are out of focus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank
from keramos.inspection.running import median_of_neighbours
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import name_slices

_POWER, _EDGES = -0.75, -0.35
"""Natural logarithms of the power of the edges, and of what they have in common with both neighbours, over that of the
neighbours. Where nothing happens no phantom has both below -0.6 and -0.1."""
_REACH = 6


def find_defocused_slices(survey: StackSurvey) -> list[Finding]:
    """A finding about slices whose edges are weaker than their neighbours', noise apart."""
    if len(survey.neighbours) < 4:
        return []
    blank = find_blank(survey)
    power = np.array([look.bands[1] - look.bands[2] for look in survey.looks])
    power = _relative(np.where(blank, np.nan, power))
    places = np.flatnonzero((power < _POWER) & (_measure_common_edges(survey) < _EDGES))
    if not len(places):
        return []
    numbers = survey.numbers(survey.z[places])
    left = float(np.exp(np.min(power[places]) / 2))
    return [
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
