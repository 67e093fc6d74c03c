"""Two-point correlation along each axis: how likely two voxels a distance apart are both of a phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.voxel_pairs import count_annotated, count_within, lags_along, voxels_after
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import GEODICT, PORESPY
from keramos.measurements.results import AXES, Curve, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

TORQUATO = "S. Torquato, Random Heterogeneous Materials, Springer, 2002"


def _line(curve: Curve) -> Sequence[Line]:
    covariance = curve.columns["covariance"]
    if covariance[0] <= 0:
        return ()
    return [Line([d / 1e3 for d in curve.columns["distance"]], [value / covariance[0] for value in covariance])]


LENGTH = QuantitySpec(
    id="correlation-length",
    name="correlation length",
    unit="nm",
    length_power=1,
    meaning="How far one must go along an axis until {phase} here says little about {phase} there.",
    method="distance at which the covariance has fallen to 1/e of that at zero",
    caveat="linear between lags of whole voxels; none where it does not fall so far within a third of the volume; no "
    "interval: pairs are counted in all of the volume at once, and window by window that takes many times as long",
    sources=(TORQUATO,),
    rank=70,
    seen_on_slice=True,
)
CORRELATION = CurveSpec(
    id="two-point-correlation",
    name="two-point correlation",
    units={"distance": "nm", "probability": "1", "covariance": "1"},
    method="pairs of voxels along each axis",
    sources=(TORQUATO,),
    chart=ChartSpec(
        title="Correlation along each axis",
        caption="How alike the phase is at two places, over their distance: 1 at the same place, 0 where they are "
        "independent. A dip below zero shows a regular spacing.",
        alt="Correlation of each phase over distance along z, y and x",
        x_label="distance in µm",
        y_label="correlation",
        lines=_line,
        rank=40,
        panels="phase",
        zero=True,
        second_of_two=True,
    ),
    printed=(
        PORESPY.prints("metrics.two_point_correlation: mean over directions"),
        GEODICT.prints("MatDict, 2-Point Correlation: of random pairs", page="matdict_twopointcorrelation.html"),
    ),
)


@dataclass(frozen=True)
class TwoPoint:
    """S2(r) from pairs of annotated voxels with r along an axis, the first of them in the block."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)

    @property
    def after(self) -> Triple:
        return voxels_after(self.volume.shape)

    def measure(self, block: BlockView) -> list[NDArray[np.int64]]:
        """Per axis (phases and one more, lags): pairs that are both of the phase, and last all annotated pairs."""
        codes = self.volume.measured_codes
        return [
            np.array([*(count_within(block, (code,), axis) for code in codes), count_annotated(block, axis)])
            for axis in range(3)
        ]

    def merge(self, first: list[NDArray[np.int64]], second: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        return [a + b for a, b in zip(first, second, strict=True)]

    def finish(self, partial: list[NDArray[np.int64]]) -> Measurements:
        rows, curves = [], []
        for axis, counts, length, size in zip(
            AXES, partial, self.volume.shape, self.volume.voxel_size.zyx, strict=True
        ):
            pairs = counts[-1]
            used = pairs > 0
            distance = np.array(lags_along(length))[used] * size
            for number, code in enumerate(self.volume.measured_codes):
                phase, probability = self.volume.phases.names[code], counts[number][used] / pairs[used]
                covariance = probability - probability[0] ** 2
                columns = {"distance": distance, "probability": probability, "covariance": covariance}
                lists = {name: column.tolist() for name, column in columns.items()}
                curves.append(CORRELATION.curve(lists, phase, axis, method=f"pairs of voxels along {axis}"))
                reach = _correlation_length(distance, covariance)
                if reach is not None:
                    rows.append(LENGTH.row(reach, phase, axis))
        return Measurements(tuple(rows), tuple(curves))


def _correlation_length(distance: NDArray[np.float64], covariance: NDArray[np.float64]) -> float | None:
    """Linear between the lags; None where it does not fall that far within them, or nothing varies."""
    if covariance[0] <= 0:
        return None
    below = np.flatnonzero(covariance <= covariance[0] / np.e)
    if not len(below):
        return None
    at = below[0]
    high, low = covariance[at - 1], covariance[at]
    part = (high - covariance[0] / np.e) / (high - low)
    return float(distance[at - 1] + part * (distance[at] - distance[at - 1]))


MEASUREMENT = Measurement(name="two-point-correlation", quantities=(LENGTH,), curves=(CORRELATION,), in_blocks=TwoPoint)
