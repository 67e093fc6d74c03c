"""Numbers as a reader wants them."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "–"


def score(value: float | None) -> str:
    """A fraction with three decimals."""
    return MISSING if value is None else f"{value:.3f}"


def interval(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f"{bounds[0]:.3f}–{bounds[1]:.3f}"


def percent(fraction: float | None) -> str:
    return MISSING if fraction is None else f"{100 * fraction:.1f} %"


def duration(seconds: float | None) -> str:
    """Seconds below two minutes, then minutes, then hours."""
    if seconds is None:
        return MISSING
    if seconds < 119.5:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def length(nm: float) -> str:
    """A length in nm below one micrometre, else in µm."""
    return f"{nm:.3g} nm" if nm < 999.5 else f"{nm / 1000:.3g} µm"


def count(number: int, what: str) -> str:
    """`1 slice`, `2 slices`, `14.2 million voxels`."""
    amount = f"{number / 1e6:.3g} million" if number >= 1_000_000 else f"{number:,}"
    return f"{amount} {what}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
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
