"""Local thickness: at each voxel the diameter of the largest ball inside the phase that covers it.

Hildebrand and Rueegsegger, J. Microsc. 185, 67 (1997), by distance transforms at growing radii: the voxels that balls
of radius r cover are those nearer than r to a voxel with a point whose distance to the phase's border is r. Voxels need
not be cubes. The volume's border does not end the phase: a ball may stick out of it, and a plate of n voxels that lies
against it is as thick as one of 2 n.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.progress import Progress, Reporter, silent
from keramos.measurements.ball_sizes import classify_balls
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_sizes import find_sizes
from keramos.measurements.pooling import pool_shares
from keramos.measurements.results import Curve, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_METHOD = "largest balls inside the phase (Hildebrand and Rueegsegger 1997)"
_SOURCE = "T. Hildebrand and P. Rüegsegger, J. Microsc. 185, 67 (1997)"


def _line(curve: Curve) -> Sequence[Line]:
    """Per cent of the phase that is at least so wide: diameters come in steps, and classes of other widths would make a
    comb of them."""
    diameters, shares = (np.asarray(curve.columns[name], float) for name in ("diameter", "share"))
    order = np.argsort(diameters)
    at_least = 100 * np.cumsum(shares[order][::-1])[::-1]
    x, y = np.append(0.0, diameters[order] / 1e3), np.append(at_least[0], at_least)
    return [Line(x.tolist(), y.tolist())]


MEAN = QuantitySpec(
    id="mean-local-thickness",
    name="mean local thickness",
    unit="nm",
    length_power=1,
    meaning="The mean diameter of the largest ball that fits into {phase} around each of its points: how wide it "
    "typically is.",
    method=_METHOD,
    caveat="plates along the axes exact; balls of r voxels' radius too small by 0.36 / r of their diameter (half as "
    "much again in voxels four times as deep as wide), cylinders by less; sheets askew to the voxels too "
    "thick by 0.4 of a voxel's edge, 0.9 at most",
    sources=(_SOURCE,),
    rank=50,
    low=0,
    weighted=True,
    comparison="shown",
)
DISTRIBUTION = CurveSpec(
    id="local-thickness",
    name="local thickness",
    units={"diameter": "nm", "share": "1"},
    method=_METHOD,
    sources=(_SOURCE,),
    pool=pool_shares,
    chart=ChartSpec(
        title="Local thickness",
        caption="How much of the phase is at least so wide. Where a line falls steeply, most of the phase has that "
        "width.",
        alt="Distribution of local thickness in each phase",
        x_label="diameter in µm",
        y_label="% of the phase",
        lines=_line,
        rank=50,
    ),
)


def measure_thickness(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """Mean and distribution of the local thickness of each phase; nothing of a phase without borders."""
    results = Measurements()
    for code in subvolume.measured_codes:
        sizes = find_sizes(subvolume, code, reporter)
        if sizes is None:
            continue
        phase, shares = subvolume.phase(code), np.diff(sizes.covered, prepend=0.0)
        diameters, shares = 2 * sizes.radii[shares > 0][::-1], shares[shares > 0][::-1]
        columns = {"diameter": diameters.tolist(), "share": shares.tolist()}
        row = MEAN.row(float(diameters @ shares), phase, domain=subvolume.name)
        results += Measurements((row,), (DISTRIBUTION.curve(columns, phase),))
    return results


def local_thickness(
    mask: NDArray[np.bool_], voxel_size: VoxelSize, *, progress: Progress = silent
) -> NDArray[np.float32]:
    """The diameter (nm) at every voxel of a mask (Z Y X) in memory, zero outside it and where nothing lies outside it.

    Balls whose radii differ by less than half a voxel's shortest edge, or a 48th of the largest if that is more, count
    as balls of their mean radius.

    Example:
        >>> plate = np.zeros((8, 8, 8), bool)
        >>> plate[2:5] = True
        >>> np.unique(local_thickness(plate, VoxelSize(20, 10, 10))).tolist()
        [0.0, 60.0]
    """
    classes = classify_balls(mask, voxel_size, progress=progress)
    if classes is None:
        return np.zeros(mask.shape, np.float32)
    diameters = np.zeros(256, np.float32)
    diameters[classes.used] = 2 * classes.radii[classes.used]
    return diameters[classes.covered]


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="local-thickness",
    quantities=(MEAN,),
    curves=(DISTRIBUTION,),
    applies=_applies,
    on_subvolume=measure_thickness,
    subvolumes=2,
)
