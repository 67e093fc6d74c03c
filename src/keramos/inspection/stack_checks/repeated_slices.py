"""Slices that are there twice."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import name_slices

_NEARLY = 0.35
"""Of the usual change from one slice to the next. Between slices of clean phantoms the least is 0.5 of it, and 0.4
where hardly anything but one round particle is in sight."""
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
    return [*findings, _report_nearly(survey, nearly)] if nearly else findings


def _find_nearly(survey: StackSurvey, apart: set[int]) -> dict[int, float]:
    """Change from the slice before over the usual change, of the slices that hardly changed; those `apart` are not
    judged."""
    pairs = [pair for pair in survey.pairs if pair.z == pair.previous + 1 and pair.z not in apart]
    pairs = [pair for pair in pairs if pair.previous not in apart]
    change = np.array([pair.change for pair in pairs])
    nearly = {}
    for at, pair in enumerate(pairs):
        others = np.delete(change[max(0, at - _REACH) : at + _REACH + 1], min(at, _REACH))
        if len(others) >= 3 and change[at] < _NEARLY * np.median(others):
            nearly[pair.z] = float(change[at] / np.median(others))
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
        "take the copies out if nothing is missing; slices that are missing leave a gap",
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
