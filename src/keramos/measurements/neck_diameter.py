"""Neck diameter: the narrowest passage on the widest path through a phase from one end to the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.progress import Reporter, silent
from keramos.measurements.border_distance import distance_to_border
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_sizes import find_sizes
from keramos.measurements.pieces import Neighbours, label_pieces
from keramos.measurements.printed import GEODICT
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume
from keramos.measurements.widest_passage import widest_passage

NECK = QuantitySpec(
    id="neck-diameter",
    name="neck diameter",
    unit="nm",
    length_power=1,
    meaning="The largest ball that can travel through {phase} from one end to the other: its narrowest unavoidable "
    "passage.",
    method="largest ball that passes from end to end",
    caveat="within two edges of a voxel; none where the phase does not reach both ends by --connectivity",
    rank=60,
    low=0,
    printed=(GEODICT.prints("PoroDict, Percolation Path", page="porodict_path.html"),),
)


def measure_necks(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The neck diameter of each phase along each axis, where it reaches both ends and has borders."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        sizes = find_sizes(subvolume, code, reporter)
        for axis, diameter in zip(AXES, () if sizes is None else sizes.passages, strict=False):
            if diameter is not None:
                rows.append(NECK.row(diameter, subvolume.phase(code), axis, domain=subvolume.name))
    return Measurements(tuple(rows))


def neck_diameter(
    mask: NDArray[np.bool_], axis: int, voxel_size: VoxelSize, connectivity: Neighbours = 6
) -> float | None:
    """The diameter (nm) of the largest ball that passes through a mask (Z Y X) in memory along `axis`; None where no
    piece of the phase, connected through so many neighbours, reaches both ends. Its centre moves from voxel to voxel of
    a piece, through faces, edges and corners.

    Example:
        >>> tube = np.zeros((6, 8, 8), bool)
        >>> tube[:, 2:6, 2:6] = True
        >>> neck_diameter(tube, 0, VoxelSize(10, 10, 10))
        40.0
    """
    return widest_passage(distance_to_border(mask, voxel_size), label_pieces(mask, connectivity), axis, silent)


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="neck-diameter", quantities=(NECK,), applies=_applies, on_subvolume=measure_necks, subvolumes=2
)
