"""The permeability that Kozeny's and Carman's formula estimates from fraction and surface, beside the solved one.

k = fraction^3 / (5 S^2), with the surface S per volume of everything (Kozeny, Sitzungsber. Akad. Wiss. Wien 136, 271,
1927; Carman, Trans. Inst. Chem. Eng. 15, 150, 1937). It knows no direction and no bottlenecks: 5 is what beds of grains
have, straight pipes have 2, straight slits 3.
"""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.measurements.interface import surface_sums
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import fraction_of
from keramos.measurements.results import Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_CONSTANT = 5.0
_UM = 1e3

ESTIMATE = QuantitySpec(
    id="kozeny-carman-permeability",
    name="permeability after Kozeny and Carman",
    unit="nm2",
    length_power=2,
    meaning="The permeability that beds of grains with the fraction and the surface of {phase} have: to be held "
    "against the solved one.",
    method="fraction^3 / (5 · specific surface^2)",
    caveat="an estimate for beds of grains; wrong by any factor where bottlenecks or closed pores are; the surface of "
    "closed parts counts, too; of planes along the voxel grid, whose surface is too small, 16 % too large in cubic "
    "voxels, and 24, 57 and 108 % across the axis along which voxels are 2, 4 and 10 times as long",
    sources=(
        "J. Kozeny, Sitzungsber. Akad. Wiss. Wien 136, 271 (1927)",
        "P. C. Carman, Trans. Inst. Chem. Eng. 15, 150 (1937)",
    ),
    rank=126,
    low=0,
    headline=False,
)


def measure_estimate(subvolume: Subvolume, _: Reporter) -> Measurements:
    """The estimate for each phase that has a surface."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        surface, fraction = _surface_of(subvolume, code), fraction_of(subvolume, code)
        if surface > 0 and fraction > 0:
            value = fraction**3 / (_CONSTANT * (surface / _UM) ** 2)
            rows.append(ESTIMATE.row(value, subvolume.phase(code), domain=subvolume.name))
    return Measurements(tuple(rows))


def _surface_of(subvolume: Subvolume, code: int) -> float:
    """The surface per volume in 1/um, extrapolated from pairs of voxels one and two apart."""
    near, wide = surface_sums(subvolume.codes, code, subvolume.voxel_size)
    cells = [1.0, 1.0]
    for step in (1, 2):
        for length in subvolume.codes.shape:
            cells[step - 1] *= max(length - step, 0)
    if not cells[0]:
        return 0.0
    first = near / cells[0]
    return max(0.0, 2 * first - wide / cells[1] if cells[1] else first)


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.permeability and not volume.is_flat


MEASUREMENT = Measurement(name="kozeny-carman", quantities=(ESTIMATE,), applies=_applies, on_subvolume=measure_estimate)
