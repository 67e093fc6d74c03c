"""Holm's correction for looking at several comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence


def adjust_holm(p_values: Sequence[float]) -> list[float]:
    """The p-values after Holm's step-down correction: if those below 0.05 are called differences, the chance of even
    one false call is at most 5 %, however the comparisons depend on each other (Holm, Scandinavian Journal of
    Statistics 6, 65, 1979).

    Example:
        >>> [round(p, 2) for p in adjust_holm([0.01, 0.04, 0.03, 0.005])]
        [0.03, 0.06, 0.06, 0.02]
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
