"""Phase fractions of the volume and of each slice along each axis: shares of the annotated voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.interval import add_interval, ratio_spread
from keramos.measurements.counting.phase_voxels import count_phases, count_slices
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import BONEJ, GEODICT, MATBOX, PORESPY, TAUFACTOR
from keramos.measurements.results import AXES, Curve, Measured, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Interval, Line, QuantitySpec
from keramos.measurements.uncertainty.annotated_slices import fraction_error
from keramos.measurements.uncertainty.segmentation_uncertainty import SegmentationUncertainty
from keramos.measurements.volume import MeasuredVolume


def _segmentation_interval(uncertainty: SegmentationUncertainty, row: Measured, code: int) -> Interval | None:
    return uncertainty.shifted_interval(row, code, fraction_error(uncertainty.slices, code))


def _line(curve: Curve) -> Sequence[Line]:
    return [Line([p / 1e3 for p in curve.columns["position"]], [100 * f for f in curve.columns["fraction"]])]


FRACTION = QuantitySpec(
    id="phase-fraction",
    name="phase fraction",
    unit="1",
    length_power=0,
    meaning="The share of the volume that is {phase}.",
    method="voxels counted",
    rank=10,
    comparison="told",
    display="fraction",
    has_interval=True,
    segmentation_interval=_segmentation_interval,
    seen_on_slice=True,
    printed=(
        PORESPY.prints("metrics.phase_fraction, metrics.porosity", benchmark="printed"),
        TAUFACTOR.prints("metrics.volume_fraction", benchmark="printed"),
        MATBOX.prints("volume fractions"),
        GEODICT.prints(
            "MatDict, Structure Information",
            elsewhere="https://geodict-userguide.math2market.de/2026/matdict_structureinformation.html",
        ),
        BONEJ.prints("Area/Volume fraction"),
    ),
)
SLICES = CurveSpec(
    id="phase-fraction-of-slices",
    name="phase fraction of slices",
    units={"position": "nm", "fraction": "1"},
    method="voxels counted; positions are the middles of slices, from the corner of the volume that was given",
    chart=ChartSpec(
        title="Phase fraction of slices along each axis",
        caption="A flat line means that the material is the same throughout; a slope or steps mean a gradient, layers, "
        "or a segmentation that drifts.",
        alt="Phase fraction of slices along z, y and x",
        x_label="{axis} in µm",
        y_label="% of the slice",
        lines=_line,
        rank=10,
        panels="axis",
        share_y=True,
        second_of_two=True,
    ),
    printed=(
        PORESPY.prints("metrics.porosity_profile", benchmark="printed"),
        MATBOX.prints("volume fractions along each direction"),
    ),
)


@dataclass(eq=False)
class Voxels:
    """Voxels of each measured phase, and last the annotated ones: per window (Z Y X) and per slice along each axis."""

    windows: NDArray[np.int64]
    slices: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class PhaseFractions:
    """Counts of voxels, per window and per slice."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, block: BlockView) -> Voxels:
        codes = block.core_codes
        z, y, x = (np.zeros((len(self.volume.measured_codes) + 1, n), np.int64) for n in self.volume.shape)
        masks = [*(codes == code for code in self.volume.measured_codes), codes != NOT_ANNOTATED]
        for number, mask in enumerate(masks):
            for counts, place, profile in zip((z, y, x), block.core.slices, count_slices(mask), strict=True):
                counts[number, place] = profile
        return Voxels(count_phases(block, self.volume.measured_codes, self.volume.windows), (z, y, x))

    def merge(self, first: Voxels, second: Voxels) -> Voxels:
        z, y, x = (a + b for a, b in zip(first.slices, second.slices, strict=True))
        return Voxels(first.windows + second.windows, (z, y, x))

    def finish(self, partial: Voxels) -> Measurements:
        results, below = Measurements(), partial.windows[-1].astype(float)
        for number, code in enumerate(self.volume.measured_codes):
            phase, above = self.volume.phases.names[code], partial.windows[number].astype(float)
            value = float(above.sum() / max(below.sum(), 1))
            spread = ratio_spread(above, below, self.volume.select_windows(below))
            row = add_interval(FRACTION.row(value, phase), spread, 0.0, 1.0)
            results += Measurements((row,), tuple(self._curves(phase, number, partial)))
        return results

    def _curves(self, phase: str, number: int, partial: Voxels) -> list[Curve]:
        curves = []
        for axis, counts in enumerate(partial.slices):
            annotated = counts[-1] > 0
            position = self.volume.place_along(np.flatnonzero(annotated) + 0.5, axis)
            fraction = counts[number][annotated] / counts[-1][annotated]
            columns = {"position": position.tolist(), "fraction": fraction.tolist()}
            curves.append(SLICES.curve(columns, phase, AXES[axis]))
        return curves


MEASUREMENT = Measurement(name="phase-fraction", quantities=(FRACTION,), curves=(SLICES,), in_blocks=PhaseFractions)
