"""The even grid along z onto which slices are put that lie at known, not always even, positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError

_SAME = 0.02
"""Of a pitch: a slice that lies so near to a place of the grid is taken as it is."""
_GAP = 1.5
"""Of a pitch: slices farther apart have at least one missing between them."""


@dataclass(frozen=True, eq=False)
class SliceGrid:
    """The slices that each one of an even grid is made of; all arrays have one entry for each slice of the grid.

    Attributes:
        below, above: places of the two slices used, among those that were kept.
        weight: of the one above; 0 where the one below is taken as it is.
        is_filled: whether no slice lies near, so that it is there for looking only.
        pitch_nm: the distance of the slices of the grid.
    """

    below: NDArray[np.intp]
    above: NDArray[np.intp]
    weight: NDArray[np.float64]
    is_filled: NDArray[np.bool_]
    pitch_nm: float

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def filled(self) -> tuple[int, ...]:
        """The slices that are there for looking only."""
        return tuple(np.flatnonzero(self.is_filled).tolist())


def place_on_grid(positions_nm: NDArray[np.float64], pitch_nm: float) -> SliceGrid:
    """The even grid from the first to the last of some positions.

    Args:
        positions_nm: of the slices that were kept, ascending.
        pitch_nm: the distance of the slices of the grid.

    Raises:
        SettingsError: positions that do not ascend, or a pitch of no length.

    Example:
        >>> grid = place_on_grid(np.array([0.0, 10.0, 40.0, 55.0]), 10.0)
        >>> grid.filled, grid.below.tolist(), grid.weight.round(2).tolist()
        ((2, 3), [0, 1, 1, 1, 2, 2], [0.0, 0.0, 0.33, 0.67, 0.0, 0.67])
    """
    steps = np.diff(positions_nm)
    if not pitch_nm > 0 or (steps <= 0).any():
        raise SettingsError("expected slices at ascending positions, and a distance between them above zero")
    count = int(np.floor((positions_nm[-1] - positions_nm[0]) / pitch_nm + _SAME)) + 1
    places = positions_nm[0] + pitch_nm * np.arange(count)
    below = np.clip(np.searchsorted(positions_nm, places + _SAME * pitch_nm, side="right") - 1, 0, None)
    above = np.minimum(below + 1, len(positions_nm) - 1)
    span = np.where(above > below, positions_nm[above] - positions_nm[below], 1.0)
    weight = np.clip((places - positions_nm[below]) / span, 0, 1)
    distance = np.minimum(np.abs(places - positions_nm[below]), np.abs(places - positions_nm[above]))
    is_filled = (span > _GAP * pitch_nm) & (distance > pitch_nm / 2)
    near = np.abs(places - positions_nm[below]) <= _SAME * pitch_nm
    return SliceGrid(below, np.where(near, below, above), np.where(near, 0.0, weight), is_filled, float(pitch_nm))
