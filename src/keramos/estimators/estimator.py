"""An estimator: one way to make a number of a phase's voxels, and the programs that print it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.measurements import Measurements, quantify_volume
from keramos.measurements.printed import Printed
from keramos.settings.quantify import MeasurementOptions

LINES = "triple line"
GROUPS: Mapping[str, str] = {
    "surface": "surface per volume",
    "size": "size",
    LINES: "triple-phase boundary",
    "percolation": "percolating share",
    "tortuosity": "tortuosity",
}
"""What is estimated, by the name of the group: quantities that are taken for each other."""
Values = Mapping[str, float | None]
"""By axis, `z`, `y`, `x`, or "" where there is none."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Labels of a box, every voxel annotated, of which one phase is looked at.

    Attributes:
        codes: uint8, Z Y X.
        code: of the phase.
        phases: the names of all codes.
        voxel_size: in nm.
        own: which of Keramos' own measurements are wanted.
        reporter: is told how far they are.
    """

    codes: NDArray[np.uint8]
    code: int
    phases: PhaseTable
    voxel_size: VoxelSize
    own: MeasurementOptions
    reporter: Reporter

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """The phase's voxels."""
        return np.asarray(self.codes == self.code)

    @cached_property
    def measured(self) -> Measurements:
        """The measurements of `keramos quantify` of these labels."""
        labels = LabelVolume.from_array(self.codes, self.phases, self.voxel_size)
        return quantify_volume(labels, self.own.replace(domain=max(self.codes.shape)), self.reporter)

    def quantity(self, name: str, axis: str = "", phase: str | None = None) -> float | None:
        """A quantity of `measured`, of this phase or another; None where there is none."""
        wanted = (name, self.phases.names[self.code] if phase is None else phase, axis)
        rows = (row for row in self.measured.quantities if (row.id, row.phase, row.axis) == wanted)
        return next((row.quantity.value for row in rows), None)

    @property
    def volume_nm3(self) -> float:
        return float(self.codes.size * self.voxel_size.volume_nm3)


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """One way to make a number of a phase's voxels.

    Attributes:
        name: stable, in lower case with hyphens.
        group: one of `GROUPS`.
        title: for readers.
        unit: as in `keramos quantify`.
        definition: what it does, in one sentence.
        measure: gives the values of a sample.
        rank: its place in the group; the one of the lowest rank is what to report.
        of_ball: of sizes, what it is of balls whose diameter is one.
        reason: of the first of its group, why it is the one to report.
        printed: the programs that print it.
        applies: whether a sample has such a number at all.
    """

    name: str
    group: str
    title: str
    unit: str
    definition: str
    measure: Callable[[Sample], Values]
    rank: int
    of_ball: float | None = None
    reason: str = ""
    printed: tuple[Printed, ...] = ()
    applies: Callable[[Sample], bool] = lambda sample: min(sample.codes.shape) > 1

    @property
    def quantity(self) -> str:
        """The id of the quantity of `keramos quantify` that it gives; "" for none."""
        own = [one.call for one in self.printed if one.is_own]
        return own[0].partition(": ")[2].partition(",")[0] if own else ""
