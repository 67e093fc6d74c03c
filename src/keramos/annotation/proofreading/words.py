"""Effects of a flip in words."""

from __future__ import annotations

from keramos.annotation.proofreading.connectivity import Flip
from keramos.core.share import share_text

_WORTH_SAYING = 0.0005
_MOST_DIGITS = 6


def describe_effect(flip: Flip, phase: str, to: str) -> str:
    """The effect of flipping a piece on the numbers, in a sentence without its full stop, the gravest first."""
    said = []
    if flip.cut_off > _WORTH_SAYING:
        said.append(f"cuts {percent(flip.cut_off)} of the {phase} off the rest")
    if flip.joined > _WORTH_SAYING:
        said.append(f"joins {percent(flip.joined)} of the {to} to a larger component")
    through = [change for change in flip.changes if change.id == "percolating-fraction"]
    worst = max(through, key=lambda change: abs(change.difference))
    if abs(worst.difference) > _WORTH_SAYING:
        said.append(
            f"changes the percolating fraction of {worst.phase} along {worst.axis} "
            f"{percent_change(worst.before, worst.after)}"
        )
    fraction = next(change for change in flip.changes if change.id == "phase-fraction")
    said.append(f"changes the fraction of {fraction.phase} by {percent(fraction.difference)} of the volume")
    return f"flipping it to {to} " + ", ".join(said[:-1]) + (" and " if said[:-1] else "") + said[-1]


def percent(share: float) -> str:
    """A share of one in per cent, with two figures that count.

    Example:
        >>> percent(0.0412), percent(-0.00003), percent(0.98765)
        ('4.1 %', '-0.003 %', '98.8 %')
    """
    value = 100 * share
    if abs(value) >= 10:
        return share_text(share)
    return f"{float(f'{value:.2g}'):.10f}".rstrip("0").rstrip(".") + " %"


def percent_change(before: float, after: float) -> str:
    """Two shares of one in per cent, with as many figures as it takes to tell them apart.

    Example:
        >>> percent_change(0.9012, 0.9008), percent_change(0.5, 0.25), percent_change(0.9, 0.9)
        ('from 90.12 % to 90.08 %', 'from 50.0 % to 25.0 %', 'by nothing: 90.0 % as before')
    """
    if percent(before) != percent(after):
        return f"from {percent(before)} to {percent(after)}"
    for digits in range(2, _MOST_DIGITS + 1):
        one, other = (f"{100 * share:.{digits}f} %" for share in (before, after))
        if one != other:
            return f"from {one} to {other}"
    return f"by nothing: {percent(before)} as before"
