"""Chords: how far a straight line along an axis runs in one phase before it meets another.

Chords that the volume's border cuts are censored: they are not in the distribution, but the mean intercept length
counts all length and all ends, so it is not shortened by leaving the long ones out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Quantity, Triple
from keramos.measurements.measured import AXES, Curve, Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.runs import Runs
from keramos.measurements.seen import Seen


@dataclass(frozen=True)
class Chords:
    """Chord length distributions and mean intercept lengths along Z, Y and X."""

    domain: Domain
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, seen: Seen) -> list[Runs]:
        return [Runs.of(seen.own, seen.core, axis, seen.shape) for axis in range(3)]

    def merge(self, one: list[Runs], other: list[Runs]) -> list[Runs]:
        return [a + b for a, b in zip(one, other, strict=True)]

    def finish(self, partial: list[Runs]) -> Measurements:
        found, means = Measurements(), {}
        for name, runs, step in zip(AXES, partial, self.domain.voxel_size.zyx, strict=True):
            for code in self.domain.wanted:
                phase = self.domain.phases.names[code]
                rows, mean = _of_phase(runs.complete[code], runs.cut[code], step, phase, name)
                found, means[code, name] = found + rows, mean
        return found + self._anisotropy(means)

    def _anisotropy(self, means: dict[tuple[int, str], float]) -> Measurements:
        rows = []
        for code in self.domain.wanted:
            lengths = np.array([means[code, axis] for axis in AXES])
            if np.isfinite(lengths).all() and lengths.min() > 0:
                method = "longest mean intercept length over the shortest"
                value = Quantity(float(lengths.max() / lengths.min()), "1", method)
                rows.append(Measured("anisotropy", value, self.domain.phases.names[code]))
        return Measurements(tuple(rows))


def _of_phase(
    complete: NDArray[np.int64], cut: NDArray[np.int64], step: float, phase: str, axis: str
) -> tuple[Measurements, float]:
    """Distribution and mean intercept length of a phase along an axis; the mean is NaN where nothing ends.

    Mean intercept length: all length in the phase over the number of chords, a chord that the border cuts counting
    half for each end that it has (Underwood, Quantitative Stereology, 1970, section 4.2).
    """
    lengths = np.arange(len(complete))
    chords = complete.sum() + cut[:-1].sum() / 2  # one that runs through the whole volume has no end at all
    total = float(lengths @ (complete + cut)) * step
    mean = total / chords if chords else np.nan
    used = np.flatnonzero(complete)
    units = {"length": "nm", "chords": "1"}
    method = f"runs of voxels along {axis}; chords cut by the border ({int(cut.sum())}) are left out"
    columns = {"length": (used * step).tolist(), "chords": complete[used].tolist()}
    curve = Curve("chord length distribution", columns, units, method, phase, axis)
    rows = []
    if np.isfinite(mean):
        method = "length in the phase per chord; chords cut by the border count half"
        rows.append(Measured("mean intercept length", Quantity(float(mean), "nm", method), phase, axis))
    return Measurements(tuple(rows), (curve,) if len(used) else ()), float(mean)
