"""Show what a microscope wrote about a stack, in plain words, and what it did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keramos.acquisition import FACT_NAMES, FactName


def list_acquisition(acquisition: dict[str, Any]) -> list[tuple[str, str]]:
    """A line for each fact with its source; the positions of slices and the shifts of the field as their range."""
    rows = acquisition["facts"]
    names = [*(name for name in FACT_NAMES if name in rows), *(name for name in rows if name not in FACT_NAMES)]
    lines = [_line(name, rows[name]) for name in names]
    places, shifts = acquisition["slice_z_nm"], acquisition["slice_corrections_px"]
    if places:
        lines.append(("positions of slices", f"{len(places)} from {places[0]:.6g} to {places[-1]:.6g} nm"))
    if shifts:
        ranges = [_range([row[axis] for row in shifts]) for axis in (0, 1)]
        lines.append(("shifts of the field of view", f"{ranges[0]} pixels along y, {ranges[1]} along x"))
    return lines


def list_questions(questions: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """A line for each thing that the files do not state, with the option that says it."""
    return [("not written", f"{row['what']}: {row['option']} ({row['effect']})") for row in questions]


def _line(name: str, row: dict[str, Any]) -> tuple[str, str]:
    fact = FACT_NAMES.get(name, FactName(name))
    return fact.title, f"{fact.show(row['value'])}  from {row['source']}"


def _range(values: Sequence[float]) -> str:
    low, high = (round(value, 2) + 0.0 for value in (min(values), max(values)))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
