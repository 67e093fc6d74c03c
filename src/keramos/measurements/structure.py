"""The microstructure by which a segmentation is judged, of some phases of a volume, in one cheap pass over its blocks.

Surface and Euler number are those of `interface`, chords of `chords`, components and percolating fraction of
`components`, without their intervals and tables, so that a prediction and its truth can be compared each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple, VoxelSize, triple
from keramos.measurements.accessibility import PERCOLATING
from keramos.measurements.block_view import BlockView
from keramos.measurements.components import COUNT, RESOLVED, RESOLVED_VOXELS
from keramos.measurements.counting.cells import euler_by_faces
from keramos.measurements.counting.component_table import (
    ComponentTable,
    label_components,
    merge_components,
    resolve_components,
)
from keramos.measurements.counting.configurations import Configurations
from keramos.measurements.counting.extrapolation import surface_table
from keramos.measurements.counting.windows import Windows
from keramos.measurements.interface import EULER_DENSITY, SURFACE
from keramos.measurements.results import AXES

LAGS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Distances in voxels, along each axis, of the pairs for S2."""
AFTER: Triple = (max(LAGS),) * 3
"""The voxels after a core that are read."""
_UM = 1e3


@dataclass(frozen=True, eq=False)
class StructureCounts:
    """Counts of some phases in a part of a volume.

    Attributes:
        near, wide: (phases, 256) cells of 2 x 2 x 2 voxels one apart and two apart, by configuration.
        voxels: (phases,) of each phase.
        ends: (phases, 3) pairs of neighbours along each axis of which one is of the phase.
        both: (phases + 1, 3, lags) pairs both of the phase, by axis and `LAGS`; last all annotated pairs.
        table: the components of all phases.
    """

    near: NDArray[np.int64]
    wide: NDArray[np.int64]
    voxels: NDArray[np.int64]
    ends: NDArray[np.int64]
    both: NDArray[np.int64]
    table: ComponentTable

    def __add__(self, other: StructureCounts) -> StructureCounts:
        return StructureCounts(
            self.near + other.near,
            self.wide + other.wide,
            self.voxels + other.voxels,
            self.ends + other.ends,
            self.both + other.both,
            merge_components(self.table, other.table),
        )


@dataclass(frozen=True, eq=False)
class Structure:
    """The microstructure of one phase: `values` by the id of the quantity and the axis (empty for none), only those
    that can be told; `s2` (3, lags) the probability that two voxels so far apart are both of the phase, NaN where the
    volume is shorter."""

    values: dict[tuple[str, str], float]
    s2: NDArray[np.float64]

    def s2_distance(self, other: Structure) -> float | None:
        """The root mean square difference of S2, as a share of the variance f (1 - f) of the other; None where nothing
        varies in it."""
        fraction = float(other.s2[0, 0])
        varies = fraction * (1 - fraction)
        known = np.isfinite(self.s2) & np.isfinite(other.s2)
        return float(np.sqrt(np.mean((self.s2 - other.s2)[known] ** 2))) / varies if varies > 0 else None


def count_structure(block: BlockView, codes: Sequence[int], surfaces: Sequence[int]) -> StructureCounts:
    """The counts of a block, which holds `AFTER` voxels after its core where the volume goes on.

    Args:
        block: codes and place; 255 where not annotated.
        codes: of the phases whose components and chords are counted.
        surfaces: of those whose surface, Euler number and S2 are counted, too; the others' are zero.
    """
    windows = Windows(block.shape, (1, 1, 1))
    cells = [Configurations(tuple(surfaces), windows, step).count_inside(block).sum(axis=(1, 2, 3)) for step in (1, 2)]
    place = [list(codes).index(code) for code in surfaces]
    near, wide = np.zeros((2, len(codes), 256), np.int64)
    near[place], wide[place] = cells
    both = np.zeros((len(codes) + 1, 3, len(LAGS)), np.int64)
    both[[*place, -1]] = _count_both(block, surfaces)
    core = block.core_codes
    return StructureCounts(
        near,
        wide,
        np.array([np.count_nonzero(core == code) for code in codes], np.int64),
        np.array([[_count_ends(block, code, axis) for axis in range(3)] for code in codes], np.int64),
        both,
        label_components(block, tuple(codes), 6),
    )


def finish_structure(counts: StructureCounts, codes: Sequence[int], voxel_size: VoxelSize) -> list[Structure]:
    """The microstructure of each of the phases `codes` that were counted; surface, Euler number and S2 of those only of
    which they were. Mean chords longer than the volume are given, too: for a comparison they are as good as others.

    Example:
        >>> stripes = np.zeros((8, 8, 8), np.uint8)
        >>> stripes[:, 2:6] = 1
        >>> box = Box.whole(stripes.shape)
        >>> counts = count_structure(BlockView(stripes, box, box, stripes.shape), [0, 1], [1])
        >>> void, solid = finish_structure(counts, [0, 1], VoxelSize(10, 10, 10))
        >>> void.values["components", ""], solid.values["mean-intercept-length", "y"]
        (2.0, 40.0)
        >>> solid.values["percolating-fraction", "x"], solid.values["percolating-fraction", "y"]
        (1.0, 0.0)
    """
    components = resolve_components(counts.table)
    found = []
    for number, code in enumerate(codes):
        values: dict[tuple[str, str], float] = {}
        near, wide = counts.near[number], counts.wide[number]
        if near.sum():
            ratios = [
                _UM / step * _per_cell(cells, surface_table(voxel_size)) for step, cells in ((1, near), (2, wide))
            ]
            values[SURFACE.id, ""] = max(0.0, 2 * ratios[0] - ratios[1] if wide.sum() else ratios[0])
            values[EULER_DENSITY.id, ""] = _UM**3 / voxel_size.volume_nm3 * _per_cell(near, euler_by_faces())
        for axis, (name, step) in enumerate(zip(AXES, voxel_size.zyx, strict=True)):
            if counts.ends[number, axis]:
                length = 2 * step * float(counts.voxels[number] / counts.ends[number, axis])
                values["mean-intercept-length", name] = length
        sizes = components.voxels[components.code == code]
        values[COUNT.id, ""] = float(len(sizes))
        values[RESOLVED.id, ""] = float(np.count_nonzero(sizes >= RESOLVED_VOXELS))
        if counts.voxels[number]:
            for axis, name in enumerate(AXES):
                values[PERCOLATING.id, name] = components.share_through(code, axis)
        pairs = counts.both[-1]
        s2 = np.where(pairs > 0, counts.both[number] / np.maximum(pairs, 1), np.nan)
        found.append(Structure(values, s2))
    return found


def _per_cell(cells: NDArray[np.int64], table: NDArray[np.float64]) -> float:
    return float(cells @ table) / max(1, int(cells.sum()))


def _count_ends(block: BlockView, code: int, axis: int) -> int:
    """Annotated neighbours along an axis, the first of them in the core, of which one is of the phase."""
    codes = np.moveaxis(block.core_and_after(triple([int(other == axis) for other in range(3)])), axis, 0)
    mask = codes == code
    ends = mask[1:] != mask[:-1]
    if (codes == NOT_ANNOTATED).any():
        known = codes != NOT_ANNOTATED
        ends &= known[1:] & known[:-1]
    return int(np.count_nonzero(ends))


def _count_both(block: BlockView, codes: Sequence[int]) -> NDArray[np.int64]:
    """By phase, axis and lag the pairs of voxels, the first in the core, that are both of the phase; last all."""
    counts = np.zeros((len(codes) + 1, 3, len(LAGS)), np.int64)
    for axis in range(3):
        stop = list(block.core.stop)
        stop[axis] = min(stop[axis] + max(LAGS), block.shape[axis])
        part = np.moveaxis(block.codes_in(Box(block.core.start, triple(stop))), axis, 0)
        masks = [*(part == code for code in codes), part != NOT_ANNOTATED]
        for number, lag in enumerate(LAGS):
            length = min(block.core.shape[axis], len(part) - lag)
            for row, mask in enumerate(masks):
                if length > 0:
                    counts[row, axis, number] = np.count_nonzero(mask[:length] & mask[lag : lag + length])
    return counts
