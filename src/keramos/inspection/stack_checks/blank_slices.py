"""Slices without an image, or with a part of it."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding, name_slices
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank, find_part_blank
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import advise_longest_side


def find_blank_slices(survey: StackSurvey) -> list[Finding]:
    """A finding about slices of one grey value or of noise alone, and one about slices that are cut off."""
    blank, part = find_blank(survey), find_part_blank(survey)
    findings = []
    if blank.any():
        findings.append(_report_blank(survey, survey.z[blank].tolist(), bool(blank.all())))
    if part.any():
        findings.append(_report_part(survey, np.flatnonzero(part).tolist()))
    return findings


def _report_blank(survey: StackSurvey, slices: list[int], everything: bool) -> Finding:
    numbers = survey.numbers(slices)
    values = {survey.looks[at].least for at in np.flatnonzero(np.isin(survey.z, slices))}
    value = f" (grey value {values.pop():g})" if len(values) == 1 else ""
    if everything:
        return Finding(
            "blank-slice",
            f"no slice of {survey.volume.name} holds an image{value}",
            "there is nothing to segment",
            "see whether this is the right file",
            slices=numbers,
        )
    return Finding(
        "blank-slice",
        f"{name_slices(numbers)} of {survey.volume.shape[0]} hold{'' if numbers[1:] else 's'} no image{value}",
        "all voxels there become one phase, a wall or a gap through the whole stack: one black slice made the "
        "percolation along z 0 instead of 0.999, the largest component 0.56 of its size and the surface 21 % larger",
        f"leave it unmeasured (keramos prepare fills it for looking only), or {advise_longest_side(survey, slices)}",
        slices=numbers,
    )


def _report_part(survey: StackSurvey, places: list[int]) -> Finding:
    numbers = survey.numbers(survey.z[places])
    rows = max(survey.looks[at].flat_rows[1] for at in places)
    return Finding(
        "blank-slice",
        f"{name_slices(numbers)} hold{'' if numbers[1:] else 's'} an image only in part: up to {rows} rows are of one "
        "grey value",
        "the voxels of those rows become one phase, which cuts or joins what lies on both sides",
        f"put a copy of a neighbour in its place, or {advise_longest_side(survey, survey.z[places].tolist())}",
        slices=numbers,
    )


BLANK_SLICES = Check("blank-slices", "stack", find_blank_slices)
