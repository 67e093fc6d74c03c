"""The continuous size distribution: how much of a phase is covered by balls of each radius that fit into it.

A point belongs to the opening of a phase by balls of radius r if some ball of radius r inside the phase covers it
(granulometry: Matheron, Random Sets and Integral Geometry, 1975; on voxels: Muench and Holzer, J. Am. Ceram. Soc. 91,
4059, 2008). It is the share of points whose local thickness is at least 2 r. Its median r50 is the r_max of the
constrictivity: half of the phase lies where such a ball fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_sizes import find_sizes
from keramos.measurements.pooling import pool_reached
from keramos.measurements.results import Curve, Measurements
from keramos.measurements.sources import MUENCH
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_METHOD = "opening by balls of growing radius"


def draw_shares(curve: Curve) -> Sequence[Line]:
    """Per cent of the phase that is reached by balls of at least a radius (in the first column, the largest first)."""
    radius, share = (np.asarray(column, float) for column in list(curve.columns.values())[:2])
    x, y = np.append(radius, 0.0) / 1e3, 100 * np.append(share, share[-1])
    return [Line(x[::-1].tolist(), y[::-1].tolist())]


MEDIAN = QuantitySpec(
    id="size-r50",
    name="r50 of sizes (r_max)",
    unit="nm",
    length_power=1,
    meaning="Half of {phase} lies where a ball of this radius fits: the radius of its bulges.",
    method=f"{_METHOD}, half of the phase covered (Muench and Holzer 2008)",
    caveat="in classes of half a voxel's shortest edge, or a 48th of the largest radius if that is more; biased as the "
    "mean local thickness",
    sources=(MUENCH,),
    rank=52,
    low=0,
    weighted=True,
    comparison="shown",
)
DISTRIBUTION = CurveSpec(
    id="continuous-size-distribution",
    name="continuous size distribution",
    units={"radius": "nm", "covered": "1"},
    method=f"share of the phase that balls of at least this radius cover; {_METHOD}",
    sources=(MUENCH,),
    pool=pool_reached,
    chart=ChartSpec(
        title="Continuous size distribution",
        caption="How much of the phase lies where a ball of at least this radius fits. The radius at 50 % is r_max of "
        "the constrictivity.",
        alt="Share of each phase that balls of a radius cover",
        x_label="radius in µm",
        y_label="% of the phase",
        lines=draw_shares,
        rank=52,
    ),
)


def measure_size_distribution(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The curve and its median for each phase; a note about one without borders."""
    results = Measurements()
    for code in subvolume.measured_codes:
        phase, sizes = subvolume.phase(code), find_sizes(subvolume, code, reporter)
        if sizes is None:
            where = "everywhere" if (subvolume.codes == code).all() else "absent"
            results += Measurements(notes=(f"no sizes of {phase}: it is {where} in the {subvolume.name}",))
            continue
        rows = () if sizes.bulge is None else (MEDIAN.row(sizes.bulge, phase, domain=subvolume.name),)
        columns = {"radius": sizes.radii.tolist(), "covered": sizes.covered.tolist()}
        results += Measurements(rows, (DISTRIBUTION.curve(columns, phase),))
    return results


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="size-distribution",
    quantities=(MEDIAN,),
    curves=(DISTRIBUTION,),
    applies=_applies,
    on_subvolume=measure_size_distribution,
    subvolumes=2,
)
