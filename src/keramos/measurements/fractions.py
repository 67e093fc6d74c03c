"""Phase fractions: of the whole, of each slice along each axis, and of windows of every size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Quantity, Triple
from keramos.measurements.interval import interval, ratio_spread
from keramos.measurements.measured import AXES, Curve, Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.representative import representative
from keramos.measurements.seen import Seen
from keramos.measurements.windows import Windows


@dataclass(eq=False)
class Voxels:
    """Voxels of each wanted phase, and last those that have any: per window (Z Y X) and per slice along each axis."""

    windows: NDArray[np.int64]
    slices: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class Fractions:
    """Shares among the voxels that have a phase."""

    domain: Domain
    windows: Windows
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, seen: Seen) -> Voxels:
        found = self._empty()
        masks = [seen.own == code for code in self.domain.wanted] + [seen.own != NOT_ANNOTATED]
        for number, mask in enumerate(masks):
            for position, part in self.windows.of(seen.core):
                found.windows[(number, *position)] += np.count_nonzero(mask[part.relative_to(seen.core).slices])
            for axis, (counts, place) in enumerate(zip(found.slices, seen.core.slices, strict=True)):
                others = tuple(other for other in range(3) if other != axis)
                counts[number, place] += np.count_nonzero(mask, axis=others)
        return found

    def merge(self, one: Voxels, other: Voxels) -> Voxels:
        z, y, x = (a + b for a, b in zip(one.slices, other.slices, strict=True))
        return Voxels(one.windows + other.windows, (z, y, x))

    def finish(self, partial: Voxels) -> Measurements:
        found, below = Measurements(), partial.windows[-1].astype(float)
        for number, code in enumerate(self.domain.wanted):
            phase, above = self.domain.phases.names[code], partial.windows[number].astype(float)
            value = float(above.sum() / max(below.sum(), 1))
            spread = interval(value, ratio_spread(above, below), 0.0, 1.0)
            row = Measured("phase fraction", Quantity(value, "1", "voxels counted", spread), phase)
            found += Measurements((row,), tuple(self._slices(phase, number, partial)))
            found += representative(phase, above, below, self.windows, self.domain.voxel_size)
        return found

    def _slices(self, phase: str, number: int, partial: Voxels) -> list[Curve]:
        curves = []
        for axis, counts, step in zip(AXES, partial.slices, self.domain.voxel_size.zyx, strict=True):
            some = counts[-1] > 0
            place, share = np.flatnonzero(some) * step, counts[number][some] / counts[-1][some]
            units = {"position": "nm", "fraction": "1"}
            columns = {"position": place.tolist(), "fraction": share.tolist()}
            curves.append(Curve("phase fraction of slices", columns, units, "voxels counted", phase, axis))
        return curves

    def _empty(self) -> Voxels:
        rows = len(self.domain.wanted) + 1
        z, y, x = (np.zeros((rows, n), np.int64) for n in self.domain.shape)
        return Voxels(np.zeros((rows, *self.windows.grid), np.int64), (z, y, x))
