"""Numbers as a reader wants them. A number and its unit are held together by a space that does not break."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from keramos.core.share import share_text

MISSING = "–"
SPACE = "\u00a0"


def score(value: float | None) -> str:
    """A fraction with three decimals."""
    return MISSING if value is None else f"{value:.3f}"


def interval(bounds: tuple[float, float] | None, between: str = "–") -> str:
    return "" if bounds is None else f"{bounds[0]:.3f}{between}{bounds[1]:.3f}"


def percent(fraction: float | None) -> str:
    """A share in per cent with one decimal; what is not quite all, or not quite nothing, is not rounded to that."""
    return MISSING if fraction is None else share_text(fraction, space=SPACE)


def change(fraction: float) -> str:
    """A relative change in per cent with its sign; the mark of what is missing for NaN."""
    return MISSING if isnan(fraction) else f"{100 * fraction:+.1f}".replace("-", "−") + f"{SPACE}%"


def points(difference: float) -> str:
    """The difference of two fractions in percentage points, with its sign."""
    return f"{100 * difference:+.1f}".replace("-", "−") + f"{SPACE}points"


def duration(seconds: float | None) -> str:
    """Seconds below two minutes, then minutes, then hours."""
    if seconds is None:
        return MISSING
    if seconds < 0.1:
        return f"<{SPACE}0.1{SPACE}s"
    if seconds < 119.5:
        return f"{seconds:.1f}{SPACE}s" if seconds < 9.95 else f"{seconds:.0f}{SPACE}s"
    minutes = round(seconds / 60)
    short = f"{minutes % 60}{SPACE}min"
    return f"{minutes}{SPACE}min" if minutes < 120 else f"{minutes // 60}{SPACE}h{SPACE}{short}"


def length(nm: float) -> str:
    """A length with three digits in nm, µm or mm."""
    size, unit = next(((nm / s, u) for u, s in (("nm", 1), ("µm", 1e3)) if nm < 999.5 * s), (nm / 1e6, "mm"))
    return f"{size:.3g}{SPACE}{unit}"


def count(number: int, what: str) -> str:
    """`1 slice`, `2 slices`, `14.2 million voxels`."""
    amount = f"{number:,}"
    if number >= 1_000_000:
        size, word = (number / 1e6, "million") if number < 999_500_000 else (number / 1e9, "billion")
        amount = f"{size:.3g}{SPACE}{word}"
    return f"{amount} {what}{'' if number == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ranges(numbers: Sequence[int]) -> str:
    """Sorted whole numbers with runs drawn together: `3, 7–12`."""
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
