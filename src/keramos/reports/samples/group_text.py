"""Numbers of a comparison of groups as print has them: uncertainties with two digits, values to the same decimals."""

from __future__ import annotations

from math import floor, isfinite, log10

from keramos.measurements import Measured
from keramos.measurements.groups import Scatter
from keramos.measurements.groups.scatter import Bounds
from keramos.reports.microstructure.figures import bound_number, bounds_text, number, scale_of
from keramos.reports.plain_words import MISSING, SPACE

_MOST_DECIMALS = 6


def where_text(about: Measured) -> str:
    """The phase and the axis of a quantity."""
    return ", ".join(word for word in (about.phase, f"along {about.axis}" if about.axis else "") if word)


def unit_of(about: Measured) -> str:
    """The unit in which a quantity is shown, empty for a pure number."""
    return scale_of(about.id, about.quantity.unit)[1]


def difference_unit(about: Measured) -> str:
    """The unit of differences: those of per cent are points."""
    unit = unit_of(about)
    return "points" if unit == "%" else unit


def round_off(value: float, half: float | None, *, sign: bool = False) -> str:
    """The value to the decimals of its uncertainty's second digit (GUM, section 7.2.6); four digits without one.

    Example:
        >>> round_off(28.3471, 1.0937), round_off(-0.5, 0.02, sign=True), round_off(-0.01, 1.3)
        ('28.3', '−0.500', '0.0')
    """
    if half is None or not isfinite(half) or not half > 0 or not isfinite(value):
        return number(value, sign=sign)
    decimals = 1 - floor(log10(half))
    if decimals > _MOST_DECIMALS or abs(value) >= 1e6:
        return number(value, sign=sign)
    text = f"{round(value, decimals):{'+' if sign else ''},.{max(0, decimals)}f}".replace("-", "−")
    return text if text.strip("+−0.,") else text.lstrip("+−")  # a zero has no sign


def plus_minus(value: float, half: float | None, *, sign: bool = False) -> str:
    """Value and half-width of its interval.

    Example:
        >>> plus_minus(28.3471, 1.0937), plus_minus(28347.1, 1093.7), plus_minus(4.0, None)
        ('28.3 ± 1.1', '28,300 ± 1,100', '4.000')
    """
    text = round_off(value, half, sign=sign)
    return text if half is None or not half > 0 else f"{text} ± {round_off(half, half)}"


def interval_or_half(value: float, bounds: Bounds | None) -> str:
    """`value ± half` where the interval is about symmetric, else the value with both ends in brackets.

    Example:
        >>> interval_or_half(10.0, (8.0, 12.1)), interval_or_half(10.0, (9.0, 14.0))
        ('10.0 ± 2.0', '10.0 [9.0–14.0]')
    """
    if bounds is None:
        return round_off(value, None)
    down, up = value - bounds[0], bounds[1] - value
    half = (bounds[1] - bounds[0]) / 2
    if min(down, up) >= 0.9 * max(down, up):
        return plus_minus(value, half)
    return f"{round_off(value, half)} [{bounds_text(*bounds)}]"


def mean_text(about: Measured, group: Scatter) -> str:
    """The mean of a group with the half-width of its interval, and the unit."""
    factor, unit = scale_of(about.id, about.quantity.unit)
    half = None if group.interval is None else factor * (group.interval[1] - group.mean)
    return with_unit(bound_number(plus_minus(factor * group.mean, half), factor * group.mean, unit), unit)


def with_unit(text: str, unit: str) -> str:
    return f"{text}{SPACE}{unit}" if unit else text


def p_text(p: float | None) -> str:
    """Two digits; what is below a thousandth is said to be.

    Example:
        >>> p_text(0.04567), p_text(0.2), p_text(0.00004), p_text(1.0)
        ('0.046', '0.20', '< 0.001', '1')
    """
    if p is None:
        return MISSING
    if p < 0.001:
        return "< 0.001"
    return "1" if p > 0.995 else f"{p:.2g}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
