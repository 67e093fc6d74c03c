"""The length of the lines where three phases meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.configurations import configurations, inner_box
from keramos.measurements.counting.interval import interval, ratio_spread
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Measurements
from keramos.measurements.sources import UNDERWOOD
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_UM2 = 1e6

LENGTH = QuantitySpec(
    id="triple-phase-boundary-length",
    name="triple-phase boundary length",
    unit="1/um2",
    length_power=-2,
    meaning="The length of the lines where three phases meet, per volume: where gas, electrons and ions meet in an "
    "electrode.",
    method="points where three phases meet on sections across z, y and x, twice their mean number per area",
    caveat="within 4 % for lines in all directions alike; a third too short for lines along an axis, up to 15 % too "
    "long for lines along a space diagonal",
    sources=(UNDERWOOD,),
    rank=30,
    comparison="shown",
    has_interval=True,
)


@dataclass(frozen=True)
class TripleLine:
    """Edges of voxels around which three or more phases meet, per window and direction.

    Bias: a smooth line is followed in steps along the axes, so edges are too long. Length per volume is twice the
    number of points per area of plane sections, averaged over directions (Underwood, Quantitative Stereology, 1970,
    equation 2.4); with sections across the three axes that is two thirds of all edges: right for lines in all
    directions alike, a third too short for lines along an axis, up to 15 % too long for lines along a space diagonal.
    """

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (1, 1, 1)

    def measure(self, block: BlockView) -> NDArray[np.int64]:
        """Points on the sections of cells across Z, Y and X, two of each, and cells (4, windows Z Y X), where all eight
        voxels of a cell are annotated."""
        inner = inner_box(block, 1)
        if not inner.voxels:
            return np.zeros((4, *self.volume.windows.grid), np.int64)
        box = inner.grow((1, 1, 1)).clip(Box(inner.start, block.shape))
        codes = block.codes[box.relative_to(block.read).slices]
        annotated = configurations(codes != NOT_ANNOTATED) == 255
        bits = _phase_bits(codes, len(self.volume.phases))
        counts = self.volume.windows.count([annotated] * 4, inner)
        for axis in range(3):
            points = _has_three(_around(bits, axis))
            sides = (_along(axis, slice(0, -1)), _along(axis, slice(1, None)))
            counts[axis] = self.volume.windows.count([points[side] & annotated for side in sides], inner).sum(axis=0)
        return counts

    def merge(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(first + second)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        z, y, x = self.volume.voxel_size.zyx
        per_area = partial[0] / (y * x) + partial[1] / (z * x) + partial[2] / (z * y)
        above, below = 2 / 3 * _UM2 * per_area / 2, partial[3].astype(float)
        if not below.sum():
            return Measurements()
        value = float(above.sum() / below.sum())
        spread = ratio_spread(above, below, self.volume.select_windows(below))
        return Measurements((LENGTH.row(value, interval=interval(value, spread, 0.0)),))


def _phase_bits(codes: NDArray[np.uint8], phases: int) -> NDArray[np.uint16]:
    """One bit for each of the first sixteen phases; none for what has no phase."""
    table = np.zeros(256, np.uint16)
    for code in range(min(phases, 16)):
        table[code] = 1 << code
    return table[codes]


def _around(bits: NDArray[np.uint16], axis: int) -> NDArray[np.uint16]:
    """The phases of the four voxels around each edge along `axis`."""
    for other in (a for a in range(3) if a != axis):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[other], high[other] = slice(0, -1), slice(1, None)
        bits = bits[tuple(low)] | bits[tuple(high)]
    return bits


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return tuple(part if other == axis else slice(None) for other in range(3))


def _has_three(bits: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Whether three bits or more are set."""
    without_lowest = bits & (bits - np.uint16(1))
    return np.asarray(without_lowest & (without_lowest - np.uint16(1)) > 0)


def _applies(volume: MeasuredVolume) -> bool:
    return len(volume.phases) > 2


MEASUREMENT = Measurement(name="triple-line", quantities=(LENGTH,), applies=_applies, in_blocks=TripleLine)
