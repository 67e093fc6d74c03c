"""Slices that are there twice."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding, name_slices
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank
from keramos.inspection.running import find_runs, median_of_neighbours
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import soften_of_small

_NEARLY, _LITTLE = 0.45, 0.6
"""Of the usual change from one slice to the next, and of the change right before and after. Imaged twice, slices of
phantoms have 0.5 at most, others 0.65 and more."""
_TWICE = 1.5
"""Of the usual change: where a copy stands for a slice that is missing, as much changes beside it, which is further
evidence."""
_ERRORS, _FEW_ERRORS = 6.0, 3.0
"""Standard errors of the mean square of the usual change: where less changes, nothing can be told. The latter of each
is for what has the further evidence."""
_LONGEST = 3
_REACH = 5


def find_repeated_slices(survey: StackSurvey) -> list[Finding]:
    """A finding about slices that equal an earlier slice, and one about those that hardly changed."""
    blank = find_blank(survey)
    first: dict[bytes, int] = {}
    copies: list[tuple[int, int]] = []
    for look, is_blank in zip(survey.looks, blank, strict=True):
        if not is_blank and first.setdefault(look.digest, look.z) != look.z:
            copies.append((look.z, first[look.digest]))
    findings = [_report_copies(survey, copies)] if copies else []
    nearly = _find_nearly(survey, {z for z, _ in copies} | set(survey.z[blank].tolist()))
    return [*findings, *soften_of_small(survey, [_report_nearly(survey, nearly)])] if nearly else findings


def _find_nearly(survey: StackSurvey, apart: set[int]) -> dict[int, float]:
    """Change from the slice before over the usual change, of the slices that hardly changed while those right before
    and after did; those `apart` are not judged, nor those at an end of the stack, where structures may end."""
    pairs = [pair for pair in survey.neighbours if not apart & {pair.z, pair.previous}]
    change = np.sqrt(np.maximum(0.0, [pair.change for pair in pairs]))
    usual = median_of_neighbours(change, _REACH)
    errors = np.array([pair.change_error for pair in pairs])
    ratio = np.divide(change, usual, out=np.ones(len(change)), where=usual**2 > _FEW_ERRORS * errors)
    nearly: dict[int, float] = {}
    for first, last in find_runs(ratio < _LITTLE):
        if first == 0 or last == len(change) - 1 or last - first >= _LONGEST:
            continue
        sides, run = np.array([first - 1, last + 1]), np.arange(first, last + 1)
        least = max(float(ratio[run].max()), float(change[run].max() / max(change[sides].min(), 1e-9)))
        certain = least < _NEARLY and bool((usual[run] ** 2 > _ERRORS * errors[run]).all())
        if certain or (least < _LITTLE and ratio[sides].max() > _TWICE):
            nearly |= {pairs[at].z: float(ratio[at]) for at in run.tolist()}
    return nearly


def _report_copies(survey: StackSurvey, copies: list[tuple[int, int]]) -> Finding:
    numbers = survey.numbers(z for z, _ in copies)
    origins = survey.numbers(z for _, z in copies)
    listed = ", ".join(f"{a} equals {b}" for a, b in zip(numbers[:5], origins, strict=False))
    return Finding(
        "repeated-slice",
        f"{name_slices(numbers)} repeat{'' if numbers[1:] else 's'} an earlier slice pixel by pixel ({listed}"
        f"{', ...' if len(copies) > 5 else ''})",
        "the stack is too thick by that much, or the copy stands for a slice that is missing: lengths along z, chords "
        "and tortuosity are off by the share of such slices, and all between two equal slices is drawn out",
        "take the copies out if nothing is missing; keramos prepare leaves them out, and a gap in their place",
        slices=numbers,
    )


def _report_nearly(survey: StackSurvey, nearly: dict[int, float]) -> Finding:
    numbers = survey.numbers(nearly)
    return Finding(
        "repeated-slice",
        f"{name_slices(numbers)} hardly differ{'' if numbers[1:] else 's'} from the slice before (change "
        f"{min(nearly.values()):.2g} of the usual)",
        "nothing, or far less than one pitch, was cut away there: the stack is drawn out along z",
        "take out what was imaged twice",
        slices=numbers,
    )


REPEATED_SLICES = Check("repeated-slices", "stack", find_repeated_slices)
