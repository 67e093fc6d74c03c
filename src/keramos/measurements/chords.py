"""Chords: how far a straight line along an axis runs in one phase before it meets another.

Chords that are cut, by the volume's border or by a voxel that is not annotated, are censored: they are not in the
distribution, but the mean intercept length counts all length and all ends, so it is not shortened by leaving the long
ones out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.chord_ends import count_chord_ends
from keramos.measurements.counting.interval import Spread, add_interval, sum_spread
from keramos.measurements.counting.phase_voxels import count_phases
from keramos.measurements.counting.runs import Runs, find_runs
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import PORESPY
from keramos.measurements.results import AXES, Curve, Measured, Measurements
from keramos.measurements.sources import UNDERWOOD
from keramos.measurements.spec import ChartSpec, CurveSpec, Interval, Line, QuantitySpec
from keramos.measurements.uncertainty.annotated_slices import intercept_ratio
from keramos.measurements.uncertainty.segmentation_uncertainty import SegmentationUncertainty
from keramos.measurements.volume import MeasuredVolume

_BINS = 36
_DRAWN = 0.995
"""The share of chords in the chart; the few longest would leave the others no room."""


def _segmentation_interval(uncertainty: SegmentationUncertainty, row: Measured, code: int) -> Interval | None:
    """Along the axes of a slice; slices say nothing of intercepts along Z."""
    if row.axis == "z":
        return None
    return uncertainty.scaled_interval(row, intercept_ratio(uncertainty.slices, code, AXES.index(row.axis)))


def _line(curve: Curve) -> Sequence[Line]:
    """Chords per length, together 1."""
    lengths, chords = np.asarray(curve.columns["length"], float), np.asarray(curve.columns["chords"], float)
    # Lengths are whole voxels: bins of a whole number of voxels hold the same number of them.
    step = float(lengths[0] if len(lengths) < 2 else np.diff(lengths).min())
    longest = lengths[min(len(lengths) - 1, int(np.searchsorted(np.cumsum(chords), _DRAWN * chords.sum())))]
    width = step * max(1, round(longest / step / _BINS))
    bins = np.arange(step / 2, longest + width + step, width)
    counts, _ = np.histogram(lengths, bins, weights=chords)
    middles, share = (bins[:-1] + bins[1:]) / 2, counts / chords.sum() / (width / 1e3)
    return [Line((middles / 1e3).tolist(), share.tolist())]


INTERCEPT = QuantitySpec(
    id="mean-intercept-length",
    name="mean intercept length",
    unit="nm",
    length_power=1,
    meaning="How far a straight line runs in {phase} on average before it leaves it: a size along each axis.",
    method="length in the phase per chord; chords cut by the border count half",
    caveat="none where it is longer than the volume; along n voxels too long by one part in n - 1: the borders at the "
    "outer faces are not seen",
    sources=(UNDERWOOD,),
    rank=40,
    comparison="shown",
    has_interval=True,
    segmentation_interval=_segmentation_interval,
    seen_on_slice=True,
)
ANISOTROPY = QuantitySpec(
    id="anisotropy",
    name="anisotropy",
    unit="1",
    length_power=0,
    meaning="The longest mean intercept length over the shortest: 1 where {phase} looks alike along all axes.",
    method="longest mean intercept length over the shortest",
    sources=(UNDERWOOD,),
    rank=80,
)
DISTRIBUTION = CurveSpec(
    id="chord-length-distribution",
    name="chord length distribution",
    units={"length": "nm", "chords": "1"},
    method="runs of voxels along each axis; chords cut by the border are left out",
    chart=ChartSpec(
        title="Chord lengths",
        caption="How often a straight line along an axis runs that far in the phase; chords cut by the volume's border "
        "are left out. Lines that fall apart by axis show a directed structure, or streaks along the ion beam.",
        alt="Distribution of chord lengths in each phase along z, y and x",
        x_label="length in µm",
        y_label="chords per µm (share)",
        lines=_line,
        rank=30,
        panels="phase",
    ),
    printed=(PORESPY.prints("metrics.chord_length_distribution"),),
)


@dataclass(eq=False)
class ChordCounts:
    """Runs along each axis; and in each window the voxels of each measured phase, last those annotated, and the ends of
    chords of each phase along each axis, last the faces at which chords are cut."""

    runs: list[Runs]
    voxels: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True)
class Chords:
    """Chord length distributions and mean intercept lengths along Z, Y and X."""

    volume: MeasuredVolume
    before: Triple = (1, 1, 1)
    after: Triple = (0, 0, 0)

    def measure(self, block: BlockView) -> ChordCounts:
        phases, windows = len(self.volume.phases), self.volume.windows
        runs = [find_runs(block, axis, phases) for axis in range(3)]
        voxels = count_phases(block, self.volume.measured_codes, windows)
        return ChordCounts(runs, voxels, count_chord_ends(block, phases, windows))

    def merge(self, first: ChordCounts, second: ChordCounts) -> ChordCounts:
        runs = [a + b for a, b in zip(first.runs, second.runs, strict=True)]
        return ChordCounts(runs, first.voxels + second.voxels, first.ends + second.ends)

    def finish(self, partial: ChordCounts) -> Measurements:
        results, means = Measurements(), {}
        for axis, (name, runs, step) in enumerate(zip(AXES, partial.runs, self.volume.voxel_size.zyx, strict=True)):
            for number, code in enumerate(self.volume.measured_codes):
                phase = self.volume.phases.names[code]
                curves, mean = _measure_phase(runs.counts[:, code], step, phase, name)
                means[code, name] = mean
                results += curves
                if np.isfinite(mean):
                    spread = self._spread(mean, partial.voxels[[number, -1]], partial.ends[[code, -1], axis])
                    results += Measurements((add_interval(INTERCEPT.row(mean, phase, name), spread, 0.0),))
        for code in self.volume.measured_codes:
            phase, lengths = self.volume.phases.names[code], {axis: means[code, axis] for axis in AXES}
            results += self._beyond(phase, lengths) + _anisotropy(phase, lengths)
        return results

    def _spread(self, mean: float, voxels: NDArray[np.int64], ends: NDArray[np.int64]) -> Spread | None:
        """The spread of a mean intercept length, twice the length over the ends, from how far the windows are off the
        fraction of the phase and its ends per face; no chord ends at a face at which it is cut."""
        (own, annotated), (ends_of_own, cut) = voxels.astype(float), ends.astype(float)
        faces = 2 * annotated - cut
        off = [own / own.sum() - annotated / annotated.sum(), ends_of_own / ends_of_own.sum() - faces / faces.sum()]
        return sum_spread(mean * (off[0] - off[1]), self.volume.select_windows(annotated))

    def _beyond(self, phase: str, lengths: dict[str, float]) -> Measurements:
        """The finding about axes along which a phase ends too seldom to tell."""
        along = [axis for axis, n in zip(AXES, self.volume.shape, strict=True) if n > 1 and np.isinf(lengths[axis])]
        if not along or all(np.isinf(length) for length in lengths.values()):  # it has no border at all
            return Measurements()
        axes = " and ".join(along)
        finding = Finding(
            "intercept-beyond-volume",
            f"lines along {axes} leave {phase} less than once in the length of the volume",
            f"its mean intercept length along {axes} and its anisotropy are not given",
            f"measure a volume that is longer along {axes}",
            "note",
        )
        return Measurements(findings=(finding,))


def _anisotropy(phase: str, lengths: dict[str, float]) -> Measurements:
    """The ratio of the longest to the shortest, where all three are known."""
    values = np.array(list(lengths.values()))
    if not np.isfinite(values).all() or values.min() <= 0:
        return Measurements()
    return Measurements((ANISOTROPY.row(float(values.max() / values.min()), phase),))


def _measure_phase(counts: NDArray[np.int64], step: float, phase: str, axis: str) -> tuple[Measurements, float]:
    """Distribution and mean intercept length of a phase along an axis; the mean is infinite where it is longer than the
    volume, and NaN where the phase is absent.

    Mean intercept length: all length in the phase over the number of chords, a chord counting half for each end that it
    has (Underwood, Quantitative Stereology, 1970, section 4.2): one that is cut at both ends counts for nothing.
    """
    complete, half, endless = counts
    chords = complete.sum() + half.sum() / 2
    total = float(np.arange(len(complete)) @ (complete + half + endless)) * step
    mean = total / chords if chords else np.inf if total else np.nan
    if mean > (len(complete) - 1) * step:
        mean = np.inf
    used = np.flatnonzero(complete)
    left_out = int(half.sum() + endless.sum())
    method = f"runs of voxels along {axis}; chords cut by the border ({left_out}) are left out"
    columns = {"length": (used * step).tolist(), "chords": complete[used].tolist()}
    curves = (DISTRIBUTION.curve(columns, phase, axis, method=method),) if len(used) else ()
    return Measurements(curves=curves), float(mean)


MEASUREMENT = Measurement(name="chords", quantities=(INTERCEPT, ANISOTROPY), curves=(DISTRIBUTION,), in_blocks=Chords)
