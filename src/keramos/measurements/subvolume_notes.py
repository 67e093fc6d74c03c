"""Notes on what only some of several subvolumes have, or none: one for each phase along each axis."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keramos.measurements.results import Measured, Measurements

Place = tuple[str, str]
"""Phase and axis."""
_NAMED = 3
"""Quantities that a note names before it counts the others."""


def explain_gaps(parts: Sequence[Measurements], partial: Sequence[Measured]) -> tuple[str, ...]:
    """The notes of subvolumes, those of a phase along an axis as one, and which means are of some of them.

    Args:
        parts: what was measured in each subvolume.
        partial: the means of what some subvolumes have.
    """
    count = len(parts)
    absent: dict[Place, dict[str, set[int]]] = {}
    reasons: dict[Place, list[str]] = {}
    others: dict[str, int] = {}
    phases = {row.phase for part in parts for row in part.quantities if row.phase}
    for number, part in enumerate(parts):
        for note in dict.fromkeys(part.notes):
            match = _match(note, phases)
            if match is None:
                others[note] = others.get(note, 0) + 1
                continue
            place = match["phase"], match["axis"] or ""
            reasons.setdefault(place, []).append(match["why"])
            for name in match["what"].split(" and no "):
                absent.setdefault(place, {}).setdefault(name, set()).add(number)
    names: dict[Place, list[str]] = {}
    for row in partial:
        names.setdefault((row.phase, row.axis), []).append(row.name)
    notes = [f"{note} (in {times} of {count} subvolumes)" for note, times in others.items()]
    for place, missing in absent.items():
        times = len(set.union(*missing.values()))
        why = min(reasons[place], key=len)  # those that are longer hold numbers of one subvolume
        rest = "; means are of those that have a value" if names.pop(place, []) else ""
        notes.append(f"no {', '.join(missing)} of {_say(place)} in {times} of {count} subvolumes: {why}{rest}")
    for place, means in names.items():
        more = len(means) - _NAMED
        what = ", ".join(means[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        notes.append(f"not every subvolume has a value, and means are of those that have one: {what} of {_say(place)}")
    return tuple(notes)


def _match(note: str, phases: set[str]) -> re.Match[str] | None:
    """The parts of a note such as "no tortuosity factor of pore along z: why"."""
    listed = "|".join(re.escape(phase) for phase in sorted(phases, key=len, reverse=True))
    pattern = rf"no (?P<what>.+?) of (?P<phase>{listed})(?: along (?P<axis>[zyx]))?: (?P<why>.+)"
    return re.fullmatch(pattern, note) if phases else None


def _say(place: Place) -> str:
    phase, axis = place
    return f"{phase} along {axis}" if axis else phase
