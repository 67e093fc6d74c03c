"""Sentences that several checks of stacks share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

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
