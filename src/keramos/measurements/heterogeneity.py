"""Differences of phase fraction, surface and chords from place to place: in windows, along each axis, by their size.

The volume is divided into windows (at most 16 along an axis, 6 voxels wide or more, about cubes). A table has the
values of each; curves their distribution, their layers along each axis, and their spread against their size. From the
spread follow the volume that a wanted precision takes (integral range: Lantuejoul 1991; Kanit et al. 2003) and how fast
the variance falls with the volume (Dirrenberger et al. 2014): as its inverse where regions are independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.chord_ends import count_chord_ends
from keramos.measurements.counting.configurations import Configurations
from keramos.measurements.counting.extrapolation import surface_table
from keramos.measurements.counting.interval import correlation_range, sum_spread, variance_interval
from keramos.measurements.counting.phase_voxels import count_phases
from keramos.measurements.counting.spread_exponent import MIN_SIZES, WindowNumbers, fit_exponent
from keramos.measurements.counting.trend import fit_trends
from keramos.measurements.counting.window_sums import (
    FACTORS,
    MIN_WINDOWS,
    centres_of_windows,
    values_of_windows,
)
from keramos.measurements.measurement import Measurement
from keramos.measurements.representative_volume import NORMAL
from keramos.measurements.results import AXES, WINDOW_TABLE, Curve, Measured, Measurements, Table
from keramos.measurements.volume import MeasuredVolume
from keramos.measurements.window_descriptors import DESCRIPTORS, Descriptor

Numbers = NDArray[np.float64]
Counts = NDArray[np.integer]
_UM = 1e3
_ROUNDING = 1e-12


@dataclass(eq=False)
class WindowCounts:
    """Counts of each measured phase and window: voxels (the last row those annotated), cells of one voxel and of two,
    and ends of chords along each axis."""

    voxels: Counts
    near: Counts
    wide: Counts
    ends: Counts


@dataclass(frozen=True)
class Heterogeneity:
    """Counts in windows of fixed places, so that blocks of any size give the same."""

    volume: MeasuredVolume
    before: Triple = (1, 1, 1)
    after: Triple = (2, 2, 2)

    def measure(self, block: BlockView) -> WindowCounts:
        codes, windows = self.volume.measured_codes, self.volume.windows
        near, wide = (Configurations(codes, windows, step).count_inside(block) for step in (1, 2))
        ends = count_chord_ends(block, len(self.volume.phases), windows)
        return WindowCounts(count_phases(block, codes, windows), near, wide, ends[list(codes)])

    def merge(self, first: WindowCounts, second: WindowCounts) -> WindowCounts:
        pairs = ((getattr(one, name) for one in (first, second)) for name in WindowCounts.__annotations__)
        return WindowCounts(*(a + b for a, b in pairs))

    def finish(self, partial: WindowCounts) -> Measurements:
        annotated = partial.voxels[-1].astype(float)
        results, columns = Measurements(), _Columns(self.volume, annotated)
        for number, code in enumerate(self.volume.measured_codes):
            phase = self.volume.phases.names[code]
            sums = self._sums(partial, number, annotated)
            for descriptor in DESCRIPTORS:
                results += _OfPhase(self.volume, descriptor.for_sums(sums), phase, sums, annotated).measure()
            columns.add(phase, sums)
        return replace(results, tables=(columns.table(),))

    def _sums(self, partial: WindowCounts, number: int, annotated: Numbers) -> Numbers:
        """The sums of which descriptors are made, in their order (`window_descriptors`)."""
        table = _UM * surface_table(self.volume.voxel_size)
        long = [axis for axis, n in enumerate(self.volume.shape) if n > 1]
        chords = np.zeros(annotated.shape)
        for axis in long:
            chords += partial.ends[number, axis] / (2 * self.volume.voxel_size.zyx[axis] * len(long))
        near, wide = partial.near[number], partial.wide[number]
        cells = [each.sum(axis=-1).astype(float) for each in (near, wide)]
        surfaces = [near @ table, wide @ table / 2]
        voxels = partial.voxels[number].astype(float)
        return np.stack([voxels, annotated, surfaces[0], cells[0], surfaces[1], cells[1], chords])


@dataclass(frozen=True, eq=False)
class _OfPhase:
    """One descriptor of one phase in all windows."""

    volume: MeasuredVolume
    descriptor: Descriptor
    phase: str
    sums: Numbers
    annotated: Numbers

    def measure(self) -> Measurements:
        value = self.descriptor.ratio.total(self.sums)
        if not np.isfinite(value):
            return Measurements(notes=(f"no {self.descriptor.name} of {self.phase} in windows: there is none",))
        deviations, counts = self.descriptor.ratio.deviations(self.sums), self.volume.select_windows(self.annotated)
        rows: list[Measured] = []
        if value > 0:
            rows += self._trends(value, deviations, counts)
            rows += self._find_volume(value, deviations, counts)
        curves, exponent = self._spreads(value, deviations, counts)
        rows += exponent
        missing = () if rows else (self._reason(),)
        return Measurements(tuple(rows), (*curves, *self._distribution(), *self._layers()), missing)

    def _reason(self) -> str:
        what = f"{self.descriptor.name} of {self.phase}"
        return f"no trend and no required volume of the {what}: too few windows, or they do not differ"

    def _trends(self, value: float, deviations: Numbers, counts: NDArray[np.bool_]) -> list[Measured]:
        places = centres_of_windows(self.volume.windows, [1 / n for n in self.volume.shape])
        rows, amounts = [], self.descriptor.ratio.amounts(self.sums)
        for axis, trend in zip(AXES, fit_trends(deviations / value, amounts, places, counts), strict=True):
            if trend is not None:
                rows.append(self.descriptor.trend.row(trend.change, self.phase, axis, interval=trend.interval))
                rows.append(self.descriptor.p_value.row(trend.p_value, self.phase, axis))
        return rows

    def _find_volume(self, value: float, deviations: Numbers, counts: NDArray[np.bool_]) -> list[Measured]:
        """None of a volume that is thinner than its structure, which varies less than its volume lets expect."""
        spread = sum_spread(deviations / value, counts)
        if spread is None or spread.divided < 3 or not spread.standard_error > _ROUNDING:
            return []
        precision = self.volume.settings.rev_precision
        measured = float(self.annotated.sum() * self.volume.voxel_size.volume_nm3 / _UM**3)
        needed = measured * (NORMAL * spread.standard_error / precision) ** 2
        spec = self.descriptor.required
        method = f"{spec.method}; precision {100 * precision:g} %"
        interval = variance_interval(needed, spread) if spec.has_interval else None
        return [spec.row(needed, self.phase, method=method, interval=interval)]

    def _spreads(
        self, value: float, deviations: Numbers, counts: NDArray[np.bool_]
    ) -> tuple[list[Curve], list[Measured]]:
        """The spread against the size of windows, and the exponent: of independent windows where enough sizes are."""
        nm3 = self.volume.voxel_size.volume_nm3
        numbers = WindowNumbers(self.sums, self.descriptor.ratio.of, self.annotated, self.volume.windows.voxels)
        rows, reach = numbers.spreads(FACTORS), correlation_range(deviations, counts)
        far = [row for row in rows if row.factor >= reach and row.deviation > _ROUNDING * abs(value)]
        fitted = fit_exponent(numbers, far if len(far) >= MIN_SIZES else rows, value)
        exponent = []
        if fitted is not None and not self.volume.is_flat:
            spec = self.descriptor.exponent
            exponent.append(spec.row(fitted[0], self.phase, interval=fitted[1] if spec.has_interval else None))
        if not rows or self.descriptor.spread is None:
            return [], exponent
        columns = {
            "edge": [(row.voxels * nm3) ** (1 / 3) / _UM for row in rows],
            "volume": [row.voxels * nm3 / _UM**3 for row in rows],
            "standard deviation": [row.deviation for row in rows],
        }
        return [self.descriptor.spread.curve(columns, self.phase)], exponent

    def _distribution(self) -> list[Curve]:
        values, _, _ = values_of_windows(
            self.sums, self.descriptor.ratio.of, self.annotated, self.volume.windows.voxels, 1
        )
        if len(values) < MIN_WINDOWS:
            return []
        ordered = np.sort(values)
        columns = {"value": ordered.tolist(), "share": (np.arange(1, len(ordered) + 1) / len(ordered)).tolist()}
        return [self.descriptor.distribution.curve(columns, self.phase)]

    def _layers(self) -> list[Curve]:
        if self.descriptor.layers is None:
            return []
        curves = []
        places = _middles_of_windows(self.volume)
        for number, axis in enumerate(AXES):
            across = tuple(1 + other for other in range(3) if other != number)
            values = self.descriptor.ratio.of(self.sums.sum(axis=across))
            used = np.isfinite(values)
            columns = {"position": places[number][used].tolist(), "value": values[used].tolist()}
            if used.any():
                curves.append(self.descriptor.layers.curve(columns, self.phase, axis))
        return curves


class _Columns:
    """The table with one row for each window and phase."""

    def __init__(self, volume: MeasuredVolume, annotated: Numbers) -> None:
        self._places = [place.ravel() for place in np.meshgrid(*_middles_of_windows(volume), indexing="ij")]
        self._annotated = annotated.ravel().astype(np.int64)
        self._phases: list[str] = []
        self._values: list[list[Numbers]] = []

    def add(self, phase: str, sums: Numbers) -> None:
        self._phases.append(phase)
        self._values.append([descriptor.for_sums(sums).ratio.of(sums).ravel() for descriptor in DESCRIPTORS])

    def table(self) -> Table:
        many, windows = len(self._phases), len(self._annotated)
        columns: dict[str, NDArray[np.generic] | Sequence[str]] = {
            axis: np.tile(place, many) for axis, place in zip(AXES, self._places, strict=True)
        }
        columns["phase"] = [phase for phase in self._phases for _ in range(windows)]
        columns["annotated_voxels"] = np.tile(self._annotated, many)
        units: Mapping[str, str] = {**dict.fromkeys(AXES, "nm"), "phase": "", "annotated_voxels": "1"}
        for number, descriptor in enumerate(DESCRIPTORS):
            columns[descriptor.column] = np.concatenate([values[number] for values in self._values])
            units = {**units, descriptor.column: descriptor.column_unit}
        return Table(WINDOW_TABLE, "phases in windows of the volume", units, columns)


def _middles_of_windows(volume: MeasuredVolume) -> list[Numbers]:
    """The middles of the windows along Z, Y and X in nm, from the corner of the volume that was given."""
    return [
        volume.place_along(places, axis) for axis, places in enumerate(centres_of_windows(volume.windows, (1.0,) * 3))
    ]


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.heterogeneity


MEASUREMENT = Measurement(
    name="heterogeneity",
    quantities=tuple(spec for descriptor in DESCRIPTORS for spec in descriptor.quantities),
    curves=tuple(spec for descriptor in DESCRIPTORS for spec in descriptor.curves),
    applies=_applies,
    in_blocks=Heterogeneity,
)
