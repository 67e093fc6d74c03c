"""Quantities as a reader wants them: sensible digits, units with superscripts, fractions as per cent."""

from __future__ import annotations

import re
from math import floor, isfinite, log10

from keramos.core import Quantity
from keramos.core.share import bound_share
from keramos.measurements import Measurements, display_of
from keramos.reports.plain_words import MISSING, SPACE

_UNITS = {
    "nm": "nm",
    "um": "µm",
    "nm2": "nm²",
    "um2": "µm²",
    "nm3": "nm³",
    "um3": "µm³",
    "1/nm": "nm⁻¹",
    "1/um": "µm⁻¹",
    "1/um2": "µm⁻²",
    "1/um3": "µm⁻³",
    "1": "",
    "as given": "",
}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = 4


def unit_text(unit: str) -> str:
    """`µm⁻¹` for `1/um`; nothing for a pure number."""
    return _UNITS.get(unit, unit)


def scale_of(id: str, unit: str) -> tuple[float, str]:
    """The factor by which a value of a quantity is multiplied to be shown, and the unit it then has: fractions are
    shown in per cent."""
    return (100.0, "%") if display_of(id) == "fraction" and unit == "1" else (1.0, unit_text(unit))


def value_text(id: str, quantity: Quantity) -> str:
    """The value with its unit."""
    factor, unit = scale_of(id, quantity.unit)
    if display_of(id) == "count" and isfinite(quantity.value):
        return _with(f"{round(quantity.value):,}".replace("-", "−"), unit)
    return _with(scaled_number(factor * quantity.value, unit), unit)


def scaled_number(value: float, unit: str, *, digits: int = _DIGITS) -> str:
    """A value in the unit that `scale_of` gives; what is not quite all is not shown as 100 %."""
    return bound_number(number(value, digits=digits), value, unit)


def bound_number(text: str, value: float, unit: str) -> str:
    """The text of a number, or the bound that it lies beyond where a share in per cent was rounded to all or none."""
    return bound_share(text, value, SPACE) if unit == "%" else text


def interval_text(id: str, quantity: Quantity) -> str:
    """The interval of the material without its unit; empty where there is none."""
    return _between(id, quantity, quantity.interval)


def segmentation_text(id: str, quantity: Quantity) -> str:
    """The interval of the segmentation without its unit: where the value would lie if every voxel were right."""
    return _between(id, quantity, quantity.segmentation)


def _between(id: str, quantity: Quantity, bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return ""
    factor, _ = scale_of(id, quantity.unit)
    return bounds_text(factor * bounds[0], factor * bounds[1])


def bounds_text(low: float, high: float) -> str:
    """Two bounds, their half-width with two digits."""
    if not (isfinite(low) and isfinite(high)):
        return f"{number(low)} to {number(high)}"
    wide = high - low
    decimals = max(0, 1 - floor(log10(wide / 2))) if wide > 0 else _DIGITS
    if decimals > 6 or max(abs(low), abs(high)) >= 1e6:
        return f"{number(low)} to {number(high)}"
    between = " to " if min(low, high) < 0 else "–"
    return f"{low:,.{decimals}f}{between}{high:,.{decimals}f}".replace("-", "−")


def number(value: float, *, digits: int = _DIGITS, sign: bool = False) -> str:
    """So many digits; a power of ten for very small and very large ones."""
    if not isfinite(value):
        return MISSING if value != value else ("∞" if value > 0 else "−∞")
    plus = "+" if sign else ""
    if value == 0:
        return "0"
    power = floor(log10(abs(value)))
    if -4 <= power < 6:
        decimals = max(0, digits - 1 - power)
        text = f"{value:{plus},.{decimals}f}"
    else:
        text = f"{value / 10.0**power:{plus}.2f}{SPACE}×{SPACE}10{str(power).translate(_SUPERSCRIPT)}"
    return text.replace("-", "−")


def label_remarks(results: Measurements) -> list[tuple[str, str]]:
    """Notes and findings, each with what it is: a note or a warning."""
    notes = [("Note", spell_out(note)) for note in results.notes]
    return notes + [(finding.severity.capitalize(), spell_out(finding.text)) for finding in results.findings]


def spell_out(text: str) -> str:
    """A method or a note as print has it: powers of ten, umlauts of names.

    Example:
        >>> spell_out("Rueegsegger, residual 8.1e-06").replace(SPACE, " ")
        'Rüegsegger, residual 8.1 × 10⁻⁶'
    """
    for plain, name in (("Rueegsegger", "Rüegsegger"), ("Muecklich", "Mücklich"), ("Lantuejoul", "Lantuéjoul")):
        text = text.replace(plain, name)
    return re.sub(r"(\d(?:\.\d+)?)e([+-]?)0*(\d+)", _power, text)


def _power(match: re.Match[str]) -> str:
    return f"{match[1]}{SPACE}×{SPACE}10{f'{match[2]}{match[3]}'.lstrip('+').translate(_SUPERSCRIPT)}"


def _with(text: str, unit: str) -> str:
    return f"{text}{SPACE}{unit}" if unit else text
