"""Lineal path function along each axis: how likely a straight line of a length lies in one phase altogether.

Unlike the two-point correlation, which asks for both ends alone, it sees what connects them (Lu and Torquato 1992). A
line of n steps between the centres of n + 1 neighbouring voxels counts where all of these are annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.runs import Runs, find_runs
from keramos.measurements.counting.voxel_pairs import lags_along
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import PORESPY
from keramos.measurements.results import AXES, Curve, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Line
from keramos.measurements.two_point_correlation import TORQUATO
from keramos.measurements.volume import MeasuredVolume

_LU = "B. Lu and S. Torquato, Phys. Rev. A 45, 922 (1992)"


def _line(curve: Curve) -> Sequence[Line]:
    probability = curve.columns["probability"]
    if probability[0] <= 0:
        return ()
    return [Line([d / 1e3 for d in curve.columns["distance"]], [value / probability[0] for value in probability])]


LINEAL_PATH = CurveSpec(
    id="lineal-path",
    name="lineal path function",
    units={"distance": "nm", "probability": "1"},
    method="runs of voxels along each axis, from centre to centre",
    sources=(_LU, TORQUATO),
    chart=ChartSpec(
        title="Lineal path along each axis",
        caption="How likely a line of this length from a place in the phase stays in the phase: the longer, the better "
        "connected along that axis.",
        alt="Lineal path function of each phase along z, y and x",
        x_label="length in µm",
        y_label="probability",
        lines=_line,
        rank=41,
        panels="phase",
    ),
    printed=(PORESPY.prints("metrics.lineal_path_distribution"),),
)


@dataclass(frozen=True)
class LinealPath:
    """The runs of each phase along each axis, and those of annotated voxels where not all are."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, block: BlockView) -> list[Runs]:
        runs = [find_runs(block, axis, len(self.volume.phases)) for axis in range(3)]
        if self.volume.is_box:
            return runs
        known = np.where(block.core_codes == NOT_ANNOTATED, np.uint8(NOT_ANNOTATED), np.uint8(0))
        return runs + [Runs.of(known, block.core, axis, block.shape, 1) for axis in range(3)]

    def merge(self, first: list[Runs], second: list[Runs]) -> list[Runs]:
        return [a + b for a, b in zip(first, second, strict=True)]

    def finish(self, partial: list[Runs]) -> Measurements:
        curves = []
        for number, (axis, size) in enumerate(zip(AXES, self.volume.voxel_size.zyx, strict=True)):
            steps = np.array(lags_along(self.volume.shape[number]))
            possible = self._count_possible(partial, number, steps)
            used = possible > 0
            for code in self.volume.measured_codes:
                inside = count_lines(partial[number].counts[:, code].sum(axis=0), steps)
                columns = {
                    "distance": (steps[used] * size).tolist(),
                    "probability": (inside[used] / possible[used]).tolist(),
                }
                curves.append(LINEAL_PATH.curve(columns, self.volume.phases.names[code], axis))
        return Measurements(curves=tuple(curves))

    def _count_possible(self, partial: list[Runs], axis: int, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """All lines of so many steps between annotated voxels."""
        if not self.volume.is_box:
            return count_lines(partial[3 + axis].counts[:, 0].sum(axis=0), steps)
        length = self.volume.shape[axis]
        return np.asarray((length - steps) * (np.prod(self.volume.shape, dtype=np.int64) // length))


def count_lines(runs: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lines of so many steps that lie in runs, of which `runs[n]` are n voxels long.

    Example:
        >>> count_lines(np.array([0, 0, 0, 2]), np.array([0, 1, 2, 3])).tolist()
        [6, 4, 2, 0]
    """
    lengths = np.arange(len(runs))
    return np.asarray([int(runs @ np.maximum(lengths - step, 0)) for step in steps.tolist()], np.int64)


MEASUREMENT = Measurement(name="lineal-path", curves=(LINEAL_PATH,), in_blocks=LinealPath)
