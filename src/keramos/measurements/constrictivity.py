"""Constrictivity: how much bottlenecks narrow a phase, as the ratio of areas of its bottlenecks and its bulges.

beta = (r_min / r_max)^2 along each axis, with r_max the r50 of the continuous size distribution and r_min that of the
simulated intrusion along the axis (Holzer et al., J. Mater. Sci. 48, 2934, 2013; Holzer et al., Tortuosity and
Microstructure Effects in Porous Media, Springer, 2023, chapter 2): 1 for straight tubes, towards 0 for bulges behind
narrow necks.
"""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_sizes import PhaseSizes, find_sizes
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.sources import HOLZER, HOLZER_BOOK
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

CONSTRICTIVITY = QuantitySpec(
    id="constrictivity",
    name="constrictivity",
    unit="1",
    length_power=0,
    meaning="The area of the bottlenecks of {phase} over that of its bulges: 1 for tubes of one width, near 0 where "
    "wide parts lie behind narrow necks.",
    method="square of the r50 of intrusion over the r50 of sizes",
    caveat="a quarter of a voxel in either radius: with r50s of 5 voxels about 10 %; none where less than half of the "
    "phase is connected to the face",
    sources=(HOLZER, HOLZER_BOOK),
    rank=59,
    low=0,
    high=1,
    of_means=lambda means: (means["intrusion-r50"] / means["size-r50"]) ** 2,
    comparison="shown",
)


def find_constrictivity(sizes: PhaseSizes, axis: int) -> float | None:
    """The constrictivity along an axis; None where less than half of the phase is intruded from either face."""
    neck = sizes.neck(axis)
    return None if sizes.bulge is None or neck is None else (neck / sizes.bulge) ** 2


def measure_constrictivity(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The constrictivity of each phase along each axis; `intrusion` tells where there is none."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        sizes = find_sizes(subvolume, code, reporter)
        if sizes is None:
            continue
        for axis, name in enumerate(AXES):
            value = find_constrictivity(sizes, axis)
            if value is not None:
                rows.append(CONSTRICTIVITY.row(value, subvolume.phase(code), name, domain=subvolume.name))
    return Measurements(tuple(rows))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="constrictivity",
    quantities=(CONSTRICTIVITY,),
    applies=_applies,
    on_subvolume=measure_constrictivity,
    subvolumes=2,
)
