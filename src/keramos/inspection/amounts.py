"""How far apart two fractions are."""

from __future__ import annotations

_TINY = 1e-12


def odds_ratio(first: float, second: float) -> float:
    """The ratio of the odds f / (1 - f) of two fractions, the larger over the smaller: 1 where they are equal, and the
    same for a phase and for all others together."""
    odds = [max(f, _TINY) / max(1 - f, _TINY) for f in (first, second)]
    return max(odds) / min(odds)
