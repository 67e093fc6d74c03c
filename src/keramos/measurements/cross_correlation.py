"""Two-point cross-correlation along each axis: how likely one of two places is of one phase and the other of another.

Where two phases avoid each other or lie side by side, it tells at which distance. Pairs of both orders count: it is the
mean of both directions along the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.voxel_pairs import count_annotated, count_within, lags_along, voxels_after
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import AXES, Curve, Measurements, join_phases
from keramos.measurements.spec import ChartSpec, CurveSpec, Line
from keramos.measurements.two_point_correlation import TORQUATO
from keramos.measurements.volume import MeasuredVolume

_MOST_PHASES = 6
"""Phases of which all pairs are told."""


def _line(curve: Curve) -> Sequence[Line]:
    """The probability over that of independent places."""
    far = curve.columns["probability"][0] - curve.columns["covariance"][0]
    if far <= 0:
        return ()
    return [Line([d / 1e3 for d in curve.columns["distance"]], [p / far for p in curve.columns["probability"]])]


CROSS = CurveSpec(
    id="two-point-cross-correlation",
    name="two-point cross-correlation",
    units={"distance": "nm", "probability": "1", "covariance": "1"},
    method="pairs of voxels along each axis, one of each phase, mean of both directions",
    sources=(TORQUATO,),
    chart=ChartSpec(
        title="Cross-correlation of phases along each axis",
        caption="How likely one phase is at a distance from another, over what it would be if they were independent: 1 "
        "far away, above 1 where they attract.",
        alt="Cross-correlation of each two phases over distance along z, y and x",
        x_label="distance in µm",
        y_label="probability over that of independence",
        lines=_line,
        rank=42,
        panels="phase",
    ),
)


@dataclass(frozen=True)
class CrossCorrelation:
    """S_ij(r) from pairs of annotated voxels with r along an axis: those within i or j, less those within either."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)

    @property
    def after(self) -> Triple:
        return voxels_after(self.volume.shape)

    @property
    def groups(self) -> list[tuple[int, ...]]:
        """Each phase, then each two."""
        codes = self.volume.measured_codes
        return [*((code,) for code in codes), *combinations(codes, 2)]

    def measure(self, block: BlockView) -> list[NDArray[np.int64]]:
        """Per axis (groups and one more, lags): pairs within the group, and last all annotated pairs."""
        return [
            np.array([*(count_within(block, group, axis) for group in self.groups), count_annotated(block, axis)])
            for axis in range(3)
        ]

    def merge(self, first: list[NDArray[np.int64]], second: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        return [a + b for a, b in zip(first, second, strict=True)]

    def finish(self, partial: list[NDArray[np.int64]]) -> Measurements:
        curves = []
        for axis, counts, length, size in zip(
            AXES, partial, self.volume.shape, self.volume.voxel_size.zyx, strict=True
        ):
            used, within = counts[-1] > 0, dict(zip(self.groups, counts, strict=False))
            distance = np.array(lags_along(length))[used] * size
            for one, other in combinations(self.volume.measured_codes, 2):
                both = within[one, other] - within[(one,)] - within[(other,)]
                probability = both[used] / (2 * counts[-1][used])
                shares = [within[(code,)][0] / counts[-1][0] for code in (one, other)]
                columns = {
                    "distance": distance.tolist(),
                    "probability": probability.tolist(),
                    "covariance": (probability - shares[0] * shares[1]).tolist(),
                }
                names = self.volume.phases.names
                curves.append(CROSS.curve(columns, join_phases([names[one], names[other]]), axis))
        return Measurements(curves=tuple(curves))


def _applies(volume: MeasuredVolume) -> bool:
    return 2 <= len(volume.measured_codes) <= _MOST_PHASES


MEASUREMENT = Measurement(name="cross-correlation", curves=(CROSS,), applies=_applies, in_blocks=CrossCorrelation)
