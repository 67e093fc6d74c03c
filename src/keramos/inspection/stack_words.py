"""Sentences that several checks of stacks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from keramos.core import Finding
from keramos.inspection.stack_survey import StackSurvey


def advise_longest_side(survey: StackSurvey, slices: Iterable[int]) -> str:
    """Advice to go on with the longest part of the stack without these slices (z of the opened stack)."""
    depth, first = survey.volume.shape[0], survey.volume.origin[0]
    ends = np.array([-1, *sorted(set(slices)), depth])
    longest = int(np.argmax(np.diff(ends)))
    low, high = int(ends[longest]) + 1, int(ends[longest + 1])
    if high <= low:
        return "image it again"
    return f"go on with slices {low + first} to {high + first - 1} alone (--box {low + first}:{high + first},:,:)"


def share_of_contrast(survey: StackSurvey, levels: float) -> str:
    """A difference in grey levels, as a share of the range of grey values, without its sign."""
    share = 100 * abs(levels) / survey.contrast if survey.contrast else 0.0
    return f"{abs(levels):.3g} grey levels, {share:.0f} % of the contrast"


SMALL, TINY = 96, 64
"""Pixels. A quarter of the crops of 64 x 64 of clean phantoms seem to drift or to have a slice out of focus; some of
32 x 32 seem to have dark slices, too; none of 160 x 160."""


def soften_of_small(survey: StackSurvey, findings: Sequence[Finding], least: int = SMALL) -> list[Finding]:
    """These findings, which rest on what slices have in common, as notes where the images have fewer pixels along
    an edge, too few to tell."""
    edge = min(survey.content.shape[1:])
    if edge >= least:
        return list(findings)
    doubt = f"perhaps, as images of {edge} px hold few structures, "
    return [replace(one, severity="note", message=doubt + one.message) for one in findings]
