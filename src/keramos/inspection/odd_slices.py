"""Slices that differ from their neighbours in brightness, and those that hold nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.inspection.running import spread_of
from keramos.inspection.stack_survey import StackSurvey

Flags = NDArray[np.bool_]

_UNLIKE, _LIKE = 0.2, 0.5
_FEEBLE = 0.6
_REACH = 8
_DARK = 0.15
_STEP = 0.05
"""Of the contrast. Where nothing happens, the largest step between neighbours of a phantom is 0.02 of it."""
_SPREADS = 6.0
_SATURATED = 0.05
_FLAT_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Brightness:
    """Levels of the slices that were looked at, in grey levels; all arrays have one entry for each.

    Attributes:
        level: relative to the first slice, structure that changed apart; NaN for slices without an image.
        deviation: of a slice from its neighbours on both sides, 0 where it lies between them; NaN likewise.
        step: from the slice before, NaN where there is none right before.
    """

    level: NDArray[np.float64]
    deviation: NDArray[np.float64]
    step: NDArray[np.float64]


def find_blank(survey: StackSurvey) -> Flags:
    """Flags of the slices that have no image: one grey value, or noise that is unlike both neighbours and much
    flatter than the other slices."""
    constant = np.array([look.least == look.most for look in survey.looks])
    spread = np.array([look.spread for look in survey.looks])
    likeness = _likeness(survey)
    usual = np.median(likeness[~constant]) if (~constant).any() else 0.0
    noise = (likeness < _UNLIKE) & (spread < _FEEBLE * survey.spread) & bool(usual > _LIKE)
    return np.asarray(constant | noise, np.bool_)


def _likeness(survey: StackSurvey) -> NDArray[np.float64]:
    """The larger correlation of each slice with the slice before and the slice after; 0 without either."""
    place = {int(z): at for at, z in enumerate(survey.z)}
    likeness = np.zeros(len(survey.looks))
    for pair in survey.pairs:
        for z in (pair.z, pair.previous):
            likeness[place[z]] = max(likeness[place[z]], pair.likeness)
    return likeness


def find_part_blank(survey: StackSurvey) -> Flags:
    """Flags of the slices that hold a run of rows of one value, at least a tenth of the slice, as most do not."""
    rows = survey.rows
    share = np.array([look.flat_rows[1] / max(1, rows) for look in survey.looks])
    usual = float(np.median(share)) if len(share) else 0.0
    return (share >= _FLAT_SHARE) & (share > 2 * usual) & ~find_blank(survey)


def measure_brightness(survey: StackSurvey) -> Brightness:
    """The levels of the slices."""
    place = {int(z): at for at, z in enumerate(survey.z)}
    blank = find_blank(survey)
    level, step = np.full(len(blank), np.nan), np.full(len(blank), np.nan)
    if len(blank):
        level[0] = 0.0
    last = 0.0
    for pair in survey.pairs:
        at = place[pair.z]
        if blank[at]:
            continue
        before = level[place[pair.previous]]
        last = level[at] = (last if np.isnan(before) else before) + pair.step
        step[at] = pair.step if at and not blank[at - 1] and pair.z == pair.previous + 1 else np.nan
    level[blank] = np.nan
    return Brightness(level, _deviate(level), step)


def _deviate(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance of each level from those of up to eight slices on each side, the nearer counts; 0 between."""
    deviation = np.full(len(level), np.nan)
    for at in np.flatnonzero(~np.isnan(level)).tolist():
        sides = [level[max(0, at - _REACH) : at], level[at + 1 : at + 1 + _REACH]]
        away = [level[at] - np.nanmedian(side) for side in sides if not np.isnan(side).all()]
        alike = bool(away) and len({bool(one > 0) for one in away}) == 1
        deviation[at] = min(away, key=abs) if alike else 0.0
    return deviation


def find_dark(survey: StackSurvey, brightness: Brightness) -> Flags:
    """Flags of the slices that are far darker than their neighbours."""
    return np.nan_to_num(brightness.deviation) < -_DARK * max(survey.contrast, 1e-9)


def find_saturated(survey: StackSurvey, brightness: Brightness) -> Flags:
    """Flags of the slices that are brighter than their neighbours and have far more pixels at their largest value."""
    share = np.array([look.at_ends[1] for look in survey.looks])
    usual = float(np.median(share)) if len(share) else 0.0
    bright = np.nan_to_num(brightness.deviation) > _STEP * max(survey.contrast, 1e-9)
    return bright & (share > _SATURATED + 3 * usual)


def find_steps(survey: StackSurvey, brightness: Brightness) -> Flags:
    """Flags of the slices at which the brightness steps up or down, by a twentieth of the contrast or more."""
    step = brightness.step
    known = step[~np.isnan(step)]
    if len(known) < 2:
        return np.zeros(len(step), np.bool_)
    median = float(np.median(known))
    limit = max(_STEP * survey.contrast, _SPREADS * spread_of(known))
    return np.nan_to_num(np.abs(step - median)) > max(limit, 1e-9)
