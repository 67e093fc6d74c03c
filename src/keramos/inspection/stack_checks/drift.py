"""Drift: slices that lie further to one side than the slice before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, name_slices
from keramos.inspection.check import Check
from keramos.inspection.odd_slices import find_blank
from keramos.inspection.running import median_of_neighbours, spread_of
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.stack_words import soften_of_small

_JITTER = 0.22
"""Pixels. Steps that vary at random by 0.3 have 0.3; where nothing moves no phantom has more than 0.2."""
_ERROR_SHARE = 0.8
"""Of the standard error of a step: where few structures are in sight, those that grow look like steps that vary."""
_ALIKE, _VAGUE = 0.75, 0.15
"""Slices that hardly resemble each other (median correlation), as where the pitch is as long as the structures, seem to
move, since the structure itself changes from slice to slice; where few structures are in sight, too (standard error of
a step in pixels), steps and jumps are no more than a note."""
_FLOOR = 0.1
_SLOW = 0.3
_UNSURE = 1.0
_FAR, _ERRORS = 1.0, 5.0
_BESIDE = 0.7
_FEWEST = 6
_REACH = 5
_ADVICE = "align the slices before anything else (keramos prepare does)"

Doubles = NDArray[np.float64]


def find_drift(survey: StackSurvey) -> list[Finding]:
    """Findings about slices that are displaced, steps that vary from slice to slice, and a steady step."""
    blank = set(survey.z[find_blank(survey)].tolist())
    pairs = [pair for pair in survey.neighbours if not blank & {pair.z, pair.previous}]
    pairs = [pair for pair in pairs if max(pair.shift.errors) < _UNSURE]
    if len(pairs) < _FEWEST:
        return []
    z = np.array([pair.z for pair in pairs])
    steps = np.array([(pair.shift.rows, pair.shift.columns) for pair in pairs])
    errors = np.array([pair.shift.errors for pair in pairs])
    findings = []
    displaced = _find_displaced(steps, errors)
    jitter = np.array([_vary(steps[~displaced, axis], errors[~displaced, axis]) for axis in (0, 1)])
    if (jitter >= np.maximum(_JITTER, _ERROR_SHARE * np.median(errors, axis=0))).any():
        findings.append(_report_jitter(survey, z, steps, jitter))
    elif displaced.any():
        findings.append(_report_displaced(survey, z[displaced], steps[displaced]))
    else:
        findings += _report_slow(steps, errors)
    alike = float(np.median([pair.likeness for pair in pairs]))
    unsure = alike < _ALIKE and float(np.median(errors)) > _VAGUE
    return soften_of_small(survey, [replace(one, severity="note") for one in findings] if unsure else findings)


def _vary(steps: Doubles, errors: Doubles) -> float:
    """The standard deviation of the steps, from the differences of steps that follow each other (an Allan deviation):
    structures that are inclined or grow look like steps, but change slowly. Single large ones do not count, uncertain
    ones count less."""
    if len(steps) < 2:
        return 0.0
    differences = np.diff(steps)
    limit = 3 * spread_of(differences)
    weights = 1 / (errors[1:] ** 2 + errors[:-1] ** 2 + _FLOOR**2)
    return float(np.sqrt(np.average(np.clip(differences, -limit, limit) ** 2, weights=weights) / 2))


def _find_displaced(steps: Doubles, errors: Doubles) -> NDArray[np.bool_]:
    """Flags of steps that are much larger than their neighbours, also than those right before and after, and than their
    errors."""
    usual = np.stack([median_of_neighbours(steps[:, axis], _REACH) for axis in (0, 1)], axis=1)
    away = np.abs(steps - usual)
    spread = np.array([spread_of(steps[:, axis] - usual[:, axis]) for axis in (0, 1)])
    limits = np.maximum(_FAR, _ERRORS * np.maximum(errors, spread))
    beside = np.pad(np.abs(np.diff(steps, axis=0)), ((1, 1), (0, 0)), constant_values=np.inf)
    far: NDArray[np.bool_] = (away > limits) & (np.minimum(beside[1:], beside[:-1]) > _BESIDE * limits)
    return np.asarray(far.any(axis=1), np.bool_)


def _report_jitter(survey: StackSurvey, z: NDArray[np.intp], steps: Doubles, jitter: Doubles) -> Finding:
    path = np.cumsum(steps - steps.mean(axis=0), axis=0)
    reach = float(np.ptp(path, axis=0).max())
    largest = np.argsort(-np.abs(steps - np.median(steps, axis=0)).max(axis=1))[:3]
    where = ", ".join(str(one) for one in survey.numbers(sorted(z[largest].tolist())))
    return Finding(
        "drift",
        f"the slices are not aligned: their steps vary from slice to slice by {jitter[0]:.2g} px along y and "
        f"{jitter[1]:.2g} px along x (standard deviation, without what varies slowly), and add up to {reach:.2g} px "
        f"over the stack; the largest are at {where}",
        "surfaces along z are jagged: the specific surface and the tortuosity along z come out too large, thin walls "
        "and necks are cut, and a network that sees neighbouring slices is confused; phase fractions hardly change",
        _ADVICE,
    )


def _report_displaced(survey: StackSurvey, z: NDArray[np.intp], steps: Doubles) -> Finding:
    numbers = survey.numbers(z)
    listed = ", ".join(f"{y:+.2g} and {x:+.2g} px at {n}" for n, (y, x) in zip(numbers[:5], steps, strict=False))
    return Finding(
        "drift",
        f"the image jumps at {name_slices(numbers)} (along y and x: {listed}{', ...' if len(numbers) > 5 else ''})",
        "what lies on both sides does not fit together there: a step in every surface, and thin walls and necks that "
        "are cut",
        _ADVICE,
        slices=numbers,
    )


def _report_slow(steps: Doubles, errors: Doubles) -> list[Finding]:
    """Notes about steps that vary slowly or are steady: drift or the material."""
    mean, spread = steps.mean(axis=0), steps.std(axis=0)
    uncertain = np.hypot(spread / np.sqrt(len(steps)), np.median(errors, axis=0) / np.sqrt(len(steps)))
    findings = []
    if spread.max() >= _SLOW:
        findings.append(
            Finding(
                "drift",
                f"the slices seem to wander, slowly: the steps from slice to slice vary by {spread[0]:.2g} px along y "
                f"and {spread[1]:.2g} px along x (standard deviation, the mean step removed) over many slices",
                "a wandering stage bends all structures; so do bent or inclined structures, and images cannot tell",
                "compare with something that is straight, such as the edge of the block face",
                severity="note",
            )
        )
    steady = np.abs(mean) > np.maximum(_SLOW, 3 * uncertain)
    if steady.any():
        listed = " and ".join(
            f"{mean[axis]:+.2g} ± {2 * uncertain[axis]:.1g} px a slice along {'yx'[axis]}"
            for axis in np.flatnonzero(steady)
        )
        findings.append(
            Finding(
                "drift",
                f"shear of {listed}",
                "drift or material, images cannot tell; if it is drift, lengths and directions along z are off",
                "see whether the slices were aligned against something straight",
                severity="note",
            )
        )
    return findings


DRIFT = Check("drift", "stack", find_drift)
