"""Findings where slices were imaged with other settings than the ones before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from keramos.acquisition.fact_names import FACT_NAMES
from keramos.acquisition.vendor import Fact
from keramos.core import Finding, name_slices

Row = Mapping[str, Fact]

_GREY = "grey values of these slices may lie higher or lower than those of others"
_SIZE = "one voxel size is used for all slices, so that some are too large or too small"
_BLUR = "slices are blurred until the focus is right again"
_EFFECTS = {
    "voxel_size_y_nm": (0.005, _SIZE),
    "voxel_size_x_nm": (0.005, _SIZE),
    "horizontal_field_um": (0.005, _SIZE),
    "information_bar_rows": (0.0, "the bar of some slices is measured as if it were the sample"),
    "tilt_corrected": (0.0, _SIZE),
    "tilt_deg": (0.02, _SIZE),
    "scan_rotation_deg": (0.002, "slices are turned against each other"),
    "detector": (0.0, "they show another contrast"),
    "beam": (0.0, "they show another contrast, from another direction"),
    "instrument": (0.0, "they are of another stack"),
    "beam_voltage_kv": (0.01, "another depth of the sample shines through"),
    "beam_current_na": (0.1, _GREY),
    "dwell_us": (0.01, "their noise is another"),
}
"""Facts that should not change: by how much (as a share) they may, and what it does if they do."""
_SIZES = ("voxel_size_y_nm", "voxel_size_x_nm", "horizontal_field_um")
_STEP_MM, _JUMP = 0.003, 10
"""Steps of the working distance that are a jump: at least so long, and so many times as long as the usual step."""


def report_changes(rows: Sequence[Row]) -> list[Finding]:
    """A finding for each fact that changes from one slice to the next, with the slices that begin with another value;
    and one where the focus jumps. Of facts about the size of a pixel that change together the first is named."""
    mixed = _report_detectors(rows)
    findings: list[Finding] = [] if mixed is None else [mixed]
    sizes: list[list[int]] = []
    for name, (tolerance, effect) in _EFFECTS.items():
        places = _changes(rows, name, tolerance)
        is_said = places in sizes if name in _SIZES else name == "detector" and mixed is not None
        if places and not is_said:
            findings.append(_report(rows, name, places, effect))
        sizes += [places] if name in _SIZES else []
    silent = [z for z, row in enumerate(rows) if not row]
    if silent and len(silent) < len(rows):
        findings.append(_report_silent(silent, len(rows)))
    jumps = _focus_jumps(rows)
    return findings + ([_report(rows, "working_distance_mm", jumps, _BLUR)] if jumps else [])


def _report_detectors(rows: Sequence[Row]) -> Finding | None:
    """A fatal finding where the slices of two detectors take turns: each has at least two, and the detector changes
    as often as the rarer one has slices."""
    names = [str(row["detector"].value) for row in rows if "detector" in row]
    counts = Counter(names)
    turns = sum(a != b for a, b in pairwise(names))
    if len(counts) < 2 or min(counts.values()) < 2 or turns < max(3, min(counts.values())):
        return None
    listed = " and ".join(f"{count} by {name}" for name, count in counts.most_common())
    source = next(row["detector"].source for row in rows if "detector" in row)
    return Finding(
        "mixed-series",
        f"the slices are of several detectors, which take turns: {listed} ({source})",
        "images of one slice by several detectors would be taken as slices one behind the other",
        f"read one of them ({' or '.join(f'--detector {name}' for name in counts)})",
        severity="fatal",
    )


def _changes(rows: Sequence[Row], name: str, tolerance: float) -> list[int]:
    """The slices whose value differs from that of the one before that states it."""
    places: list[int] = []
    last: Any = None
    for z, row in enumerate(rows):
        if name not in row:
            continue
        value = row[name].value
        if last is not None and _differ(last, value, tolerance):
            places.append(z)
        last = value
    return places


def _differ(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, str | bool) or isinstance(other, str | bool):
        return bool(one != other)
    return bool(abs(one - other) > tolerance * max(abs(one), abs(other)))


def _focus_jumps(rows: Sequence[Row]) -> list[int]:
    """The slices at which the working distance jumps; that it follows the face slowly is usual."""
    places = [(z, row["working_distance_mm"].value) for z, row in enumerate(rows) if "working_distance_mm" in row]
    steps = [(places[i][0], abs(places[i][1] - places[i - 1][1])) for i in range(1, len(places))]
    if not steps:
        return []
    least = max(_STEP_MM, _JUMP * median(step for _, step in steps))
    return [z for z, step in steps if step > least]


def _report_silent(places: Sequence[int], count: int) -> Finding:
    return Finding(
        "missing-metadata",
        f"{len(places)} of {count} slices state nothing that the others state ({name_slices(places)})",
        "they may have been edited, scaled or taken from elsewhere; they are taken as the others are",
        "see where they come from",
        severity="note",
        slices=tuple(places),
    )


def _report(rows: Sequence[Row], name: str, places: Sequence[int], effect: str) -> Finding:
    first = places[0]
    before = next(row[name] for row in reversed(rows[:first]) if name in row)
    after, fact = rows[first][name], FACT_NAMES[name]
    more = f", and changes {len(places) - 1} more times" if len(places) > 1 else ""
    return Finding(
        "voxel-size" if effect == _SIZE else "changed-settings",
        f"the {fact.title} is {fact.show(before.value, 'on', 'off')} up to slice {first - 1} and "
        f"{fact.show(after.value, 'on', 'off')} from slice {first} on{more} ({after.source})",
        effect,
        "use slices of one setting (--box, or a pattern)" if effect == _SIZE else "look at these slices",
        severity="warning" if effect == _SIZE or isinstance(after.value, str) else "note",
        slices=tuple(places),
    )
