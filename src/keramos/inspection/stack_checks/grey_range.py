"""Grey values that are cut off at an end of their range, or use little of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey

_NOTE, _WARNING = 0.005, 0.04
_DARK = 0.03
_PILE = 3.0
_ENDS = {1.0, *(float(2**bits - 1) for bits in (8, 10, 12, 14, 16))}
_FEW_LEVELS = 40


def find_grey_range(survey: StackSurvey) -> list[Finding]:
    """Findings about values cut off at the bright or dark end, about few grey levels, and about a range hardly used."""
    if not survey.samples:
        return []
    pixels = np.concatenate([sample.thumbnail.ravel() for sample in survey.samples])
    if survey.has_few_values:
        return [_report_few(len(np.unique(pixels)))]
    findings = []
    if not survey.is_float:
        findings += _find_unused(survey, pixels)
    bright = _measure_pile(pixels)
    if bright >= _NOTE and float(pixels.max()) in _ENDS:
        findings.append(_report_cut(bright, float(pixels.max()), "bright", bright >= _WARNING))
    dark = _measure_pile(-pixels)
    if dark >= _DARK and float(pixels.min()) == 0:
        findings.append(_report_cut(dark, float(pixels.min()), "dark", False))
    return findings


def _measure_pile(pixels: NDArray[np.float32]) -> float:
    """The share of the pixels at the largest value, if it is far more than at the values just below; else 0."""
    most = pixels.max()
    at_end = float(np.mean(pixels == most))
    width = max(3.0, 0.02 * float(np.ptp(pixels)))
    below = float(np.mean((pixels < most) & (pixels >= most - width)))
    return at_end if at_end > _PILE * below / width else 0.0


def _report_cut(share: float, value: float, end: str, grave: bool) -> Finding:
    bright = end == "bright"
    return Finding(
        "clipping",
        f"{100 * share:.2g} % of the pixels hold the {'largest' if bright else 'smallest'} grey value, {value:g}: the "
        f"{end} end of the grey values was cut off",
        f"differences within the {'bright phases' if bright else 'pores'} are lost, but not fractions of two phases"
        + (", but bright outlines and floors of pores look like solid" if bright else ""),
        "convert the raw data with a wider range" if grave else "nothing, if the phases can still be told apart",
        severity="warning" if grave else "note",
    )


def _report_few(levels: int) -> Finding:
    return Finding(
        "grey-range",
        f"the images have only {levels} grey values, like labels",
        "there is hardly anything to learn from or to put a threshold between",
        "see whether these are the images and not labels of them",
        severity="note",
    )


def _find_unused(survey: StackSurvey, pixels: NDArray[np.float32]) -> list[Finding]:
    """A note where few of the levels of the type are used, as of 12 bits in 16 or of a flat image."""
    info = np.iinfo(survey.volume.dtype)
    low, high = float(pixels.min()), float(pixels.max())
    effect = (
        "results are the same, but viewers show it black or flat, and a fixed r of Sauvola's threshold does not fit"
    )
    if info.bits == 16 and 255 < high < 4096 and low >= 0:
        said = f"grey values of 16 bits only reach {high:,.0f} of {info.max:,}, as 12 bits do"
    elif info.bits == 16 and (steps := _common_step(pixels)) > 1:
        said = f"grey values of 16 bits are all multiples of {steps}, as of fewer bits that were scaled up"
    elif info.bits >= 8 and np.subtract(*np.percentile(pixels, [99.9, 0.1])) < _FEW_LEVELS:
        said = f"nearly all grey values lie in a range of fewer than {_FEW_LEVELS} levels"
        effect = "rounding to whole levels hides weak contrast"
    else:
        return []
    return [Finding("grey-range", said, effect, "nothing, or scale the values when exporting", severity="note")]


def _common_step(pixels: NDArray[np.float32]) -> int:
    return int(np.gcd.reduce(np.unique(pixels).astype(np.int64)))


GREY_RANGE = Check("grey-range", "stack", find_grey_range)
