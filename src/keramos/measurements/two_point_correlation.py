"""Two-point correlation along each axis: how likely two voxels a distance apart are both of a phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Triple, triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import AXES, Curve, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_MAX_LAG, _SHARE = 64, 3
_EVERY = 16
"""All lags to this one, then ever fewer."""
_TORQUATO = "S. Torquato, Random Heterogeneous Materials, Springer, 2002"


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
    caveat="linear between lags of whole voxels; none where it does not fall so far within a third of the volume",
    sources=(_TORQUATO,),
    rank=70,
    seen_on_slice=True,
)
CORRELATION = CurveSpec(
    id="two-point-correlation",
    name="two-point correlation",
    units={"distance": "nm", "probability": "1", "covariance": "1"},
    method="pairs of voxels along each axis",
    sources=(_TORQUATO,),
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
)


@dataclass(frozen=True)
class TwoPoint:
    """S2(r) from pairs of annotated voxels with r along an axis, the first of them in the block."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)

    @property
    def after(self) -> Triple:
        return triple([max(lags) for lags in self._lags])

    @property
    def _lags(self) -> list[list[int]]:
        return [lags_along(n) for n in self.volume.shape]

    def measure(self, block: BlockView) -> list[NDArray[np.int64]]:
        """Per axis (phases and one more, lags): pairs that are both of the phase, and last all annotated pairs."""
        counts = []
        for axis, lags in enumerate(self._lags):
            codes = block.core_and_after(triple([max(lags) if other == axis else 0 for other in range(3)]))
            length = block.core.shape[axis]
            masks = [codes == code for code in self.volume.measured_codes]
            rows = [[_count_pairs(mask, axis, lag, length) for lag in lags] for mask in masks]
            if block.is_annotated:
                layer, left = block.core.voxels // length, block.shape[axis] - block.core.start[axis]
                every = [layer * max(0, min(length, left - lag)) for lag in lags]
            else:
                every = [_count_pairs(codes != NOT_ANNOTATED, axis, lag, length) for lag in lags]
            counts.append(np.array([*rows, every]))
        return counts

    def merge(self, first: list[NDArray[np.int64]], second: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        return [a + b for a, b in zip(first, second, strict=True)]

    def finish(self, partial: list[NDArray[np.int64]]) -> Measurements:
        rows, curves = [], []
        for axis, counts, lags, size in zip(AXES, partial, self._lags, self.volume.voxel_size.zyx, strict=True):
            pairs = counts[-1]
            used = pairs > 0
            distance = np.array(lags)[used] * size
            for number, code in enumerate(self.volume.measured_codes):
                phase, probability = self.volume.phases.names[code], counts[number][used] / pairs[used]
                covariance = probability - probability[0] ** 2
                columns = {"distance": distance, "probability": probability, "covariance": covariance}
                lists = {name: column.tolist() for name, column in columns.items()}
                curves.append(CORRELATION.curve(lists, phase, axis, method=f"pairs of voxels along {axis}"))
                length = _correlation_length(distance, covariance)
                if length is not None:
                    rows.append(LENGTH.row(length, phase, axis))
        return Measurements(tuple(rows), tuple(curves))


def lags_along(count: int) -> list[int]:
    """The lags along an axis of so many voxels: up to 64, and to a third of the axis.

    Example:
        >>> lags_along(9)
        [0, 1, 2, 3]
    """
    longest = max(0, min(_MAX_LAG, count // _SHARE))
    lags, lag = [], 0
    while lag <= longest:
        lags.append(lag)
        lag += max(1, lag // _EVERY * 2)
    return lags


def _count_pairs(mask: NDArray[np.bool_], axis: int, lag: int, length: int) -> int:
    """The number of the first `length` voxels along an axis that are in the mask with the voxel a lag further."""
    first, second = (
        mask[tuple(slice(start, start + length) if other == axis else slice(None) for other in range(3))]
        for start in (0, lag)
    )
    return int(np.count_nonzero(first & second))


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
