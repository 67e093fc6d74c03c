"""Formation factor and MacMullin number: the resistance of a phase over that of the same volume filled with it.

Both are D / D_eff = tortuosity factor / fraction: the first is the word of rock physics (Archie, Trans. AIME 146, 54,
1942), the second that of batteries and membranes (MacMullin and Muccini, AIChE J. 2, 393, 1956; Landesfeind et al., J.
Electrochem. Soc. 163, A1373, 2016).
"""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import solved_diffusivity
from keramos.measurements.printed import MATBOX, PORESPY
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_CAVEAT = "as the relative diffusivity, whose inverse it is; none where the phase does not reach both ends"

FORMATION = QuantitySpec(
    id="formation-factor",
    name="formation factor",
    unit="1",
    length_power=0,
    meaning="Resistance of the structure over that of pure {phase} in its place.",
    method="inverse of the relative diffusivity",
    caveat=_CAVEAT,
    sources=("G. E. Archie, Trans. AIME 146, 54 (1942)",),
    rank=122,
    low=1,
    of_means=lambda means: 1 / means["relative-diffusivity"],
    headline=False,
    printed=(PORESPY.prints("simulations.tortuosity_fd: formation_factor"),),
)
MACMULLIN = QuantitySpec(
    id="macmullin-number",
    name="MacMullin number",
    unit="1",
    length_power=0,
    meaning="The same as the formation factor, as papers on batteries and membranes call it.",
    method="tortuosity factor over fraction",
    caveat=_CAVEAT,
    sources=(
        "R. B. MacMullin and G. A. Muccini, AIChE J. 2, 393 (1956)",
        "J. Landesfeind et al., J. Electrochem. Soc. 163, A1373 (2016)",
    ),
    rank=123,
    low=1,
    of_means=lambda means: 1 / means["relative-diffusivity"],
    headline=False,
    printed=(MATBOX.prints("MacMullin number, of TauFactor's tortuosity factor"),),
)


def measure_formation(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """Both of each phase along each axis where it conducts; `tortuosity` tells why where it does not."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        for axis, name in enumerate(AXES):
            solved = solved_diffusivity(subvolume, code, axis, reporter)
            if solved is not None:
                phase = subvolume.phase(code)
                rows += [spec.row(1 / solved, phase, name, domain=subvolume.name) for spec in (FORMATION, MACMULLIN)]
    return Measurements(tuple(rows))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.transport and not volume.is_flat


MEASUREMENT = Measurement(
    name="formation-factor", quantities=(FORMATION, MACMULLIN), applies=_applies, on_subvolume=measure_formation
)
