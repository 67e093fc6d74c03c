"""Whether the field of view followed the face while slices were cut from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from keramos.acquisition.vendor import Fact

Row = Mapping[str, Fact]

_LEAST_UM = 0.001
_AGREES = (0.6, 1.6)
"""The share of the move that geometry asks for which counts as following."""
_THICKNESS_UM, _STEADY, _COLUMNS_DEG = (0.001, 0.3), 0.1, 52.0
"""Slices that are cut; how far from a straight line a steady move may be, as a share of its length; and the angle that
columns have where the file does not say."""


def decide_followed(rows: Sequence[Row], facts: Row) -> Fact | None:
    """True where the microscope moved the field of view along y by about what the face moves in the view, which is
    t·cos θ a slice for slices of thickness t and columns at θ to each other, or, where t is not known, steadily and by
    what suits slices that are cut; False where it did not move at all; None where nothing is written, or the moves are
    others. The stage must stay where it is for a field that does not move to tell."""
    shifts = [row["field_shift_um"] for row in rows if "field_shift_um" in row]
    if len(shifts) < len(rows) or len(shifts) < 3:
        return None
    moves, source = [fact.value[0] for fact in shifts], shifts[0].source
    per_slice = abs(moves[-1] - moves[0]) / (len(moves) - 1)
    cosine = math.cos(math.radians(_angle(facts)))
    thickness = facts.get("voxel_size_z_nm")
    expected = None if thickness is None else thickness.value / 1e3 * cosine
    if max(moves) - min(moves) <= max(_LEAST_UM, 0.05 * (expected or 0) * (len(moves) - 1)):
        return None if _stage_moves(rows) else Fact(False, f"{source} is the same in all slices")
    if expected is not None:
        fits = _AGREES[0] <= per_slice / expected <= _AGREES[1]
    else:
        fits = _is_steady(moves) and _THICKNESS_UM[0] <= per_slice / cosine <= _THICKNESS_UM[1]
    if not fits:
        return None
    suits = f"which suits slices {1e3 * per_slice / cosine:.3g} nm thick"
    return Fact(True, f"{source} moves by {1e3 * per_slice:.3g} nm a slice, {suits}")


def _angle(facts: Row) -> float:
    """The angle between the columns, by the tilt of the section or as written, in degrees."""
    tilt, columns = facts.get("tilt_deg"), facts.get("columns_deg")
    if tilt is not None and tilt.value > 0:
        return float(90 - tilt.value)
    return _COLUMNS_DEG if columns is None else float(columns.value)


def _is_steady(moves: Sequence[float]) -> bool:
    """Whether moves lie near the line from the first to the last one."""
    step = (moves[-1] - moves[0]) / (len(moves) - 1)
    off = max(abs(move - moves[0] - z * step) for z, move in enumerate(moves))
    return off <= _STEADY * abs(moves[-1] - moves[0])


def _stage_moves(rows: Sequence[Row]) -> bool:
    """Whether the stage is written to be at other places in some slices."""
    return len({row["stage_um"].value for row in rows if "stage_um" in row}) > 1
