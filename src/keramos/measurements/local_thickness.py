"""Local thickness: at each voxel the diameter of the largest ball inside the phase that covers it.

Hildebrand and Rueegsegger, J. Microsc. 185, 67 (1997), by distance transforms at growing radii: the voxels that balls
of radius r cover are those nearer than r to a voxel whose own distance to the phase's border is at least r. Voxels
need not be cubes. The volume's border does not end the phase: a ball may stick out of it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import edt
import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.progress import Progress, Reporter, silent
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Curve, Measurements
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_MAX_STEPS = 48
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
    caveat="within the longest edge of a voxel, from below",
    sources=(_SOURCE,),
    rank=50,
    comparison="shown",
)
DISTRIBUTION = CurveSpec(
    id="local-thickness",
    name="local thickness",
    units={"diameter": "nm", "share": "1"},
    method=_METHOD,
    sources=(_SOURCE,),
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
        phase = subvolume.phase(code)
        progress = reporter.progress(f"map the thickness of {phase}", "step")
        thickness = local_thickness(subvolume.codes == code, subvolume.voxel_size, progress=progress)
        diameters, counts = np.unique(thickness[thickness > 0], return_counts=True)
        if not len(diameters):
            continue
        shares = counts / counts.sum()
        mean = float(diameters.astype(float) @ shares)
        columns = {"diameter": diameters.astype(float).tolist(), "share": shares.tolist()}
        row = MEAN.row(mean, phase, domain=subvolume.name)
        results += Measurements((row,), (DISTRIBUTION.curve(columns, phase),))
    return results


def local_thickness(
    mask: NDArray[np.bool_], voxel_size: VoxelSize, *, progress: Progress = silent
) -> NDArray[np.float32]:
    """The diameter (nm) at every voxel of a mask (Z Y X) in memory, zero outside it.

    Radii grow in steps of half a voxel's shortest edge, or in 48 equal steps if that is fewer: a diameter is at most
    one step too small. Between two flat borders an even number of voxels apart it is one voxel too small: no voxel's
    centre lies midway.
    """
    diameters = np.zeros(mask.shape, np.float32)
    if not mask.any() or mask.all():
        return diameters
    depth = distance_to_border(mask, voxel_size)
    smallest, largest = min(voxel_size.zyx) / 2, float(depth.max())
    steps = min(_MAX_STEPS, max(1, int(np.ceil(largest / smallest))))
    radii = np.linspace(smallest, largest, steps) if steps > 1 else np.array([largest])
    for done, radius in enumerate(radii, 1):
        centres = depth >= radius * (1 - 1e-6)
        if not centres.any():
            break
        reach = _edt(~centres, voxel_size)
        diameters[mask & (reach < radius)] = 2 * radius
        progress(done, len(radii))
    return diameters


def distance_to_border(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """The distance (nm) of each voxel's centre in a mask from the mask's border, about half a voxel before the next
    voxel outside; zero outside."""
    depth = _edt(mask, voxel_size) - np.float32(min(voxel_size.zyx) / 2)
    return np.where(mask, np.maximum(depth, 0), np.float32(0))


def _edt(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Distance (nm) of each voxel's centre of the mask to the nearest centre outside it."""
    return np.asarray(
        edt.edt(np.ascontiguousarray(mask), anisotropy=voxel_size.zyx, black_border=False, parallel=os.cpu_count() or 1)
    )


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="local-thickness",
    quantities=(MEAN,),
    curves=(DISTRIBUTION,),
    applies=_applies,
    on_subvolume=measure_thickness,
)
