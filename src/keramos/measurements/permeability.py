"""Permeability of each phase along each axis, from solved Stokes flow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from keramos.core import Box, Finding
from keramos.core.errors import ConvergenceError
from keramos.core.progress import Reporter
from keramos.measurements.flow.stokes import solve_stokes
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import fraction_of
from keramos.measurements.pieces import THROUGH_FACES
from keramos.measurements.printed import AVIZO, GEODICT
from keramos.measurements.results import AXES, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume, middle_box
from keramos.measurements.volume import MeasuredVolume

_BYTES_PER_VOXEL = 1500
"""What the solver takes for each voxel of the phase (1330 to 1440 in random bodies of 32 and 48 voxels' edge)."""
_LEAST = 2**28
_METHOD = "Stokes flow by finite volumes on a staggered grid, MINRES; mirrors at the sides"
_CITED = (
    "F. H. Harlow and J. E. Welch, Phys. Fluids 8, 2182 (1965)",
    "C. C. Paige and M. A. Saunders, SIAM J. Numer. Anal. 12, 617 (1975)",
)

PERMEABILITY = QuantitySpec(
    id="permeability",
    name="permeability",
    unit="nm2",
    length_power=2,
    meaning="Flow of a viscous fluid through {phase} per section, pressure gradient and fluidity (Darcy's law).",
    method=_METHOD,
    caveat="slits of n voxels 2 / n^2 too permeable, pipes of 10 voxels' radius within 3 %, around balls of 7 to 14 "
    "voxels' radius within 6 %; through throats of one to three voxels lattice Boltzmann gives up to 9 % more; not "
    "given where flows through sections differ by more than 0.1 %",
    sources=_CITED,
    rank=125,
    low=0,
    comparison="shown",
    printed=(
        GEODICT.prints("FlowDict: Stokes flow", page="flowdict_computations.html"),
        AVIZO.prints(
            "Absolute Permeability Experiment Simulation: walls at the sides instead of mirrors",
            elsewhere="Avizo 9.4 help, 'Absolute Permeability Experiment Simulation'",
        ),
    ),
)


def measure_permeability(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The permeability of each phase along each axis, 0 where it does not reach both ends, none without walls; of the
    middle of the subvolume where the whole takes more memory than allowed, which a finding says."""
    results = Measurements()
    for code in subvolume.measured_codes:
        box, small = _fitting_box(subvolume, code)
        results += small
        for axis, name in enumerate(AXES):
            results += _along(subvolume, code, box, axis, name, reporter)
    return results


def _fitting_box(subvolume: Subvolume, code: int) -> tuple[Box, Measurements]:
    """The box (in voxels of the subvolume) that is solved for, and the finding where it is not the whole."""
    whole = Box.whole(subvolume.codes.shape)
    # The same in all subvolumes: one that holds less of the phase could be larger, but would not be alike.
    share = max(fraction_of(subvolume, code), subvolume.largest.get(code, 0.0), 1e-3)
    memory = _memory_of(subvolume.volume)
    most = int(memory / _BYTES_PER_VOXEL / share)
    if whole.voxels <= most:
        return whole, Measurements()
    box = middle_box(whole.shape, most)
    size = " x ".join(map(str, box.shape))
    phase = subvolume.phase(code)
    finding = Finding(
        "smaller-domain",
        f"Stokes flow through {phase} takes about {_BYTES_PER_VOXEL} bytes a voxel of it, so {size} voxels fit into "
        f"the memory of {memory / 2**30:.2g} GiB",
        f"the permeability of {phase} is that of these voxels in the middle",
        "allow more memory",
        "note",
    )
    return box, Measurements(findings=(finding,))


def _memory_of(volume: MeasuredVolume) -> int:
    return max(volume.settings.memory, _LEAST)


def _bytes_taken(volume: MeasuredVolume, voxels: int, shares: Mapping[int, float]) -> float:
    """Memory for the phase of which most is there; a smaller box takes all that is allowed, where that is less."""
    return min(_BYTES_PER_VOXEL * voxels * max(shares.values()), _memory_of(volume))


def _along(subvolume: Subvolume, code: int, box: Box, axis: int, name: str, reporter: Reporter) -> Measurements:
    phase, domain = subvolume.phase(code), subvolume.volume.name_of(box.shift(subvolume.box.start))
    order = (axis, *(other for other in range(3) if other != axis))
    edges = np.array(subvolume.voxel_size.zyx)
    z, y, x = np.round(edges / edges.min(), 12)[list(order)].tolist()  # no unit that was chosen changes a digit
    if (subvolume.codes[box.slices] == code).all():
        return Measurements(notes=(f"no permeability of {phase} along {name}: no wall holds it",))
    mask = np.ascontiguousarray((subvolume.codes[box.slices] == code).transpose(order))
    progress = reporter.progress(f"solve the Stokes flow through {phase} along {name}", "step")
    try:
        solved = solve_stokes(mask, (z, y, x), progress=progress)
    except ConvergenceError as error:
        what = f"the Stokes flow through {phase} along {name} was not solved: {error}"
        advice = "measure a smaller domain"
        return Measurements(findings=(Finding("not-converged", what, "its permeability is not given", advice),))
    value = solved.permeability * float(edges.min()) ** 2
    if not value > 0:
        row = PERMEABILITY.row(0.0, phase, name, domain=domain)
        return Measurements(
            (row,),
            notes=(f"no permeability of {phase} along {name}: it does not reach both ends {THROUGH_FACES}",),
        )
    how = f"{_METHOD}; flows through sections within {100 * solved.imbalance:.1g} %"
    return Measurements((PERMEABILITY.row(value, phase, name, method=how, domain=domain),))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.permeability and not volume.is_flat


MEASUREMENT = Measurement(
    name="permeability",
    quantities=(PERMEABILITY,),
    applies=_applies,
    on_subvolume=measure_permeability,
    bytes_taken=_bytes_taken,
)
