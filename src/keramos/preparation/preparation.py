"""A preparation: everything that makes a calibrated volume of raw slices, estimated once and then applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as make_field

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple
from keramos.core.errors import ShapeError
from keramos.preparation.remedy import REMEDIES, Parameters, Remedy
from keramos.preparation.slice_grid import SliceGrid
from keramos.preparation.slice_positions import PositionSource, SlicePositions
from keramos.preparation.slice_shifts import SliceShifts


@dataclass(frozen=True, eq=False)
class Preparation:
    """Everything that makes a volume of raw slices.

    Attributes:
        field: the part of the raw stack that shows the specimen (all slices; Y X without the information bar).
        kept: the slices that are used, as numbers in the raw stack, ascending.
        blank, repeated: slices without an image, and those equal to the one before, as numbers in the raw stack.
        positions_nm: where each of them lies along z; None where no unit is known, and slices count as 1.
        shifts: one for each kept slice.
        grid: the slices of the volume.
        remedies: parameters by the name of the remedy, of those that were asked for.
        tears: pairs of neighbouring raw slices that are far less alike than others.
        is_unrelated: whether neighbours show nothing in common at all, so that nothing could be aligned.
        window: rows and columns (Y X) of the field, after the shifts, which the volume has.
        source: how the positions are known.
        known: positions by each source that there is; `even` are the nominal ones.
        digests: what tells the pixels of each kept slice in the field from others, in hexadecimal digits.
        is_resampled: whether slices are put on an even grid by their positions; if not, they stay as they are.
    """

    field: Box
    kept: tuple[int, ...]
    blank: tuple[int, ...]
    repeated: tuple[int, ...]
    positions_nm: NDArray[np.float64]
    shifts: SliceShifts
    grid: SliceGrid
    remedies: Mapping[str, Parameters]
    window: tuple[slice, slice]
    tears: tuple[tuple[int, int], ...] = ()
    is_unrelated: bool = False
    source: PositionSource = "even"
    known: Mapping[str, SlicePositions] = make_field(default_factory=dict)
    is_resampled: bool = True
    digests: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[Remedy, ...]:
        """The remedies that have something to do, in the order in which they are applied."""
        chosen = (REMEDIES.find(name) for name, parameters in self.remedies.items() if parameters.is_needed)
        return tuple(sorted(chosen, key=lambda remedy: remedy.order))

    @property
    def places(self) -> NDArray[np.float64]:
        """The place of each kept slice in the volume, in slices of it."""
        nm = self.positions_nm if self.is_resampled else self.known["even"].nm
        return np.asarray((nm - nm[0]) / self.grid.pitch_nm)

    @property
    def halo(self) -> int:
        """The number of raw slices on each side that the remedies look at, all together."""
        return sum(remedy.halo for remedy in self.chain)

    @property
    def shape(self) -> Triple:
        """The shape of the volume (z, y, x)."""
        rows, columns = self.window
        return (len(self.grid), rows.stop - rows.start, columns.stop - columns.start)


def common_window(shifts_yx: NDArray[np.float64], height: int, width: int) -> tuple[slice, slice]:
    """The rows and columns that every slice shows after its shift.

    Raises:
        ShapeError: there are none.

    Example:
        >>> common_window(np.array([[-1.5, 0.0], [1.5, 2.25]]), 100, 80)
        (slice(2, 98, None), slice(3, 80, None))
    """
    ends = []
    for axis, length in enumerate((height, width)):
        start = max(0, int(np.ceil(shifts_yx[:, axis].max())))
        stop = min(length, int(np.floor(length - 1 + shifts_yx[:, axis].min())) + 1)
        if stop - start < 1:
            raise ShapeError(
                f"expected slices that show a common field, found drift of {np.ptp(shifts_yx[:, axis]):.0f} px along "
                f"{'yx'[axis]} in slices of {length} px; prepare a part of the stack (--box), or without alignment"
            )
        ends.append(slice(start, stop))
    return ends[0], ends[1]
