"""Neck diameter: the narrowest passage on the widest path through a phase from one end to the other."""

from __future__ import annotations

import cc3d
import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.progress import Progress, Reporter, silent
from keramos.measurements.border_distance import distance_to_border
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import GEODICT
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_HALVINGS = 12

NECK = QuantitySpec(
    id="neck-diameter",
    name="neck diameter",
    unit="nm",
    length_power=1,
    meaning="The largest ball that can travel through {phase} from one end to the other: its narrowest unavoidable "
    "passage.",
    method="largest ball that passes from end to end",
    caveat="within two edges of a voxel; none where the phase does not reach both ends",
    rank=60,
    printed=(GEODICT.prints("PoroDict, Percolation Path", page="porodict_path.html"),),
)


def measure_necks(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The neck diameter of each phase along each axis, where it reaches both ends and has borders."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        mask, phase = subvolume.codes == code, subvolume.phase(code)
        if mask.all():
            continue
        depth = distance_to_border(mask, subvolume.voxel_size)
        for axis, name in enumerate(AXES):
            progress = reporter.progress(f"find the necks of {phase} along {name}", "step")
            diameter = _widest_passage(depth, mask, axis, progress)
            if diameter is not None:
                rows.append(NECK.row(diameter, phase, name, domain=subvolume.name))
    return Measurements(tuple(rows))


def neck_diameter(mask: NDArray[np.bool_], axis: int, voxel_size: VoxelSize) -> float | None:
    """The diameter (nm) of the largest ball that passes through a mask (Z Y X) in memory along `axis`; None where the
    phase does not reach both ends. Its centre moves from voxel to voxel, through faces, edges and corners.

    Example:
        >>> tube = np.zeros((6, 8, 8), bool)
        >>> tube[:, 2:6, 2:6] = True
        >>> neck_diameter(tube, 0, VoxelSize(10, 10, 10))
        40.0
    """
    return _widest_passage(distance_to_border(mask, voxel_size), mask, axis, silent)


def _widest_passage(depth: NDArray[np.float32], mask: NDArray[np.bool_], axis: int, progress: Progress) -> float | None:
    """Twice the distance to the border at which the two ends come apart, by bisection over its values."""
    depth = np.ascontiguousarray(np.moveaxis(depth, axis, 0))
    inside = depth[np.moveaxis(mask, axis, 0)]
    values = np.unique(inside)
    if not len(values) or not _passes(depth, values[0], mask=np.moveaxis(mask, axis, 0)):
        return None
    low, high = 0, len(values)  # passes at low, not at high
    turn = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _passes(depth, values[middle]) else (low, middle)
        turn += 1
        progress(min(turn, _HALVINGS), _HALVINGS)
    return 2 * float(values[low])


def _passes(depth: NDArray[np.float32], radius: np.float32, mask: NDArray[np.bool_] | None = None) -> bool:
    wide = depth >= radius
    if mask is not None:
        wide &= mask
    labels = cc3d.connected_components(np.ascontiguousarray(wide), connectivity=26, out_dtype=np.uint32)
    ends = np.intersect1d(labels[0], labels[-1])
    return bool(np.any(ends > 0))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(name="neck-diameter", quantities=(NECK,), applies=_applies, on_subvolume=measure_necks)
