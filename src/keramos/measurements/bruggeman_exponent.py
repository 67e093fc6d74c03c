"""Bruggeman exponent: the power of the phase fraction that gives the solved diffusivity.

D_eff / D = fraction^a along each axis, so a = ln(D_eff / D) / ln(fraction) and the tortuosity factor is
fraction^(1 - a). Bruggeman's own value for balls is 1.5 (Ann. Phys. 416, 636, 1935; Tjaden et al., Curr. Opin. Chem.
Eng. 12, 44, 2016).
"""

from __future__ import annotations

from math import log

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import fraction_of, solved_diffusivity
from keramos.measurements.printed import MATBOX
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

EXPONENT = QuantitySpec(
    id="bruggeman-exponent",
    name="Bruggeman exponent",
    unit="1",
    length_power=0,
    meaning="The power of the fraction of {phase} that is its relative diffusivity: 1 for straight channels, 1.5 "
    "around balls in Bruggeman's approximation.",
    method="logarithm of the relative diffusivity over that of the fraction",
    caveat="the nearer the fraction is to 1, the more an error of the diffusivity changes it: 6 % too large around "
    "balls of 11 voxels' radius that fill a fifth; none where the phase is "
    "everywhere or does not reach both ends",
    sources=(
        "D. A. G. Bruggeman, Ann. Phys. 416, 636 (1935)",
        "B. Tjaden et al., Curr. Opin. Chem. Eng. 12, 44 (2016)",
    ),
    rank=124,
    low=1,
    of_means=lambda means: log(means["relative-diffusivity"]) / log(means["fraction"]),
    headline=False,
    printed=(MATBOX.prints("Bruggeman exponent, of TauFactor's tortuosity factor"),),
)


def measure_exponent(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The exponent of each phase along each axis where it conducts; `tortuosity` tells why where it does not."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        fraction = fraction_of(subvolume, code)
        for axis, name in enumerate(AXES):
            solved = solved_diffusivity(subvolume, code, axis, reporter)
            if solved is not None and fraction < 1:
                value = log(solved) / log(fraction)
                rows.append(EXPONENT.row(value, subvolume.phase(code), name, domain=subvolume.name))
    return Measurements(tuple(rows))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.transport and not volume.is_flat


MEASUREMENT = Measurement(
    name="bruggeman-exponent", quantities=(EXPONENT,), applies=_applies, on_subvolume=measure_exponent
)
