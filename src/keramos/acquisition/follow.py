"""Whether the field of view followed the face while slices were cut from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from keramos.acquisition.vendor import Fact

Row = Mapping[str, Fact]

_LEAST_UM = 0.001
_AGREES = (0.6, 1.6)
"""The share of the move that geometry asks for which counts as following."""


def decide_followed(rows: Sequence[Row], facts: Row) -> Fact | None:
    """True where the microscope moved the field of view along y by about what the face moves in the view, which is
    t·cos θ a slice for slices of thickness t and columns at θ to each other; False where it did not move at all; None
    where nothing is written, or the moves are others. The stage must stay where it is for the beam's shift to tell."""
    moves, source = _moves(rows, facts)
    if len(moves) < 3:
        return None
    span = max(moves) - min(moves)
    per_slice = abs(moves[-1] - moves[0]) / (len(moves) - 1)
    expected = _expect_move(facts)
    if span <= max(_LEAST_UM, 0.05 * (expected or 0) * (len(moves) - 1)):
        return None if _stage_moves(rows) else Fact(False, f"{source} is the same in all slices")
    if expected and _AGREES[0] <= per_slice / expected <= _AGREES[1]:
        return Fact(True, f"{source} moves by {1e3 * per_slice:.3g} nm a slice, as the face does in the view")
    return None


def _moves(rows: Sequence[Row], facts: Row) -> tuple[list[float], str]:
    """The moves of the field along y in µm as it is seen, and what states them."""
    written = [row["correction_px"] for row in rows if "correction_px" in row]
    edge = facts.get("voxel_size_y_nm")
    if len(written) == len(rows) and edge is not None:
        return [fact.value[0] * edge.value / 1e3 for fact in written], written[0].source if written else ""
    shifts = [row["beam_shift_um"] for row in rows if "beam_shift_um" in row]
    return ([fact.value[0] for fact in shifts], shifts[0].source) if len(shifts) == len(rows) > 0 else ([], "")


def _expect_move(facts: Row) -> float | None:
    """The move of the face in the view, in µm a slice; None where thickness or tilt are unknown."""
    thickness, tilt, columns = (facts.get(name) for name in ("voxel_size_z_nm", "tilt_deg", "columns_deg"))
    if thickness is None or (tilt is None and columns is None):
        return None
    angle = 90 - tilt.value if tilt is not None else columns.value if columns is not None else 0
    return float(thickness.value) / 1e3 * math.cos(math.radians(angle))


def _stage_moves(rows: Sequence[Row]) -> bool:
    """Whether the stage is written to be at other places in some slices."""
    return len({row["stage_um"].value for row in rows if "stage_um" in row}) > 1
