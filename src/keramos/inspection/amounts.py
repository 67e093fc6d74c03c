"""Fractions: how far apart two are, and as per cent."""

from __future__ import annotations

from keramos.core.share import share_text

_TINY = 1e-12


def odds_ratio(first: float, second: float) -> float:
    """The ratio of the odds f / (1 - f) of two fractions, the larger over the smaller: 1 where they are equal, and the
    same for a phase and for all others together.

    Example:
        >>> odds_ratio(0.5, 0.75)
        3.0
    """
    odds = [max(f, _TINY) / max(1 - f, _TINY) for f in (first, second)]
    return max(odds) / min(odds)


def percent(fraction: float) -> str:
    """A fraction as per cent, with two digits where it is small.

    Example:
        >>> percent(0.784), percent(0.0421), percent(0.0003), percent(0.9997)
        ('78 %', '4.2 %', '0.03 %', '> 99 %')
    """
    return share_text(fraction, 0) if fraction >= 0.095 else f"{100 * fraction:.2g} %"
