"""Effective conductivity along each axis of all phases together, if their conductivities are given."""

from __future__ import annotations

from keramos.core.errors import ConvergenceError
from keramos.core.progress import Reporter
from keramos.measurements.flow.solver import transport
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import MATBOX, TAUFACTOR
from keramos.measurements.results import AXES, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.tortuosity import report_unsolved
from keramos.measurements.volume import MeasuredVolume

CONDUCTIVITY = QuantitySpec(
    id="effective-conductivity",
    name="effective conductivity",
    unit="as given",
    length_power=0,
    meaning="Conductivity of all phases together, in the unit of the conductivities that were given.",
    method="finite volumes, conjugate gradients with multigrid, harmonic means between voxels of two phases",
    caveat="phases without a conductivity do not conduct",
    rank=130,
    low=0,
    comparison="shown",
    printed=(
        TAUFACTOR.prints("MultiPhaseSolver: D_eff", benchmark="printed"),
        MATBOX.prints("calls TauFactor's multiphase solver"),
    ),
)
_ADVICE = "leave out the conductivities of phases that hardly conduct, or "


def measure_conductivity(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The effective conductivity along each axis; a note where the solver did not converge."""
    values = {subvolume.volume.phases.code(name): value for name, value in subvolume.settings.conductivity.items()}
    listed = ", ".join(f"{name} {value:g}" for name, value in subvolume.settings.conductivity.items())
    results = Measurements()
    for axis, name in enumerate(AXES):
        progress = reporter.progress(f"solve the flow through all phases along {name}", "%")
        try:
            solved = transport(
                subvolume.codes,
                values,
                axis,
                subvolume.voxel_size,
                tolerance=subvolume.settings.tolerance,
                progress=progress,
            )
        except ConvergenceError as error:
            what = f"the flow through all phases along {name}"
            missing = report_unsolved(what, "effective conductivity", error, _ADVICE)
            results += Measurements(findings=(missing,))
            continue
        how = f"finite volumes with {listed}; residual {solved.residual:.1e}"
        results += Measurements((CONDUCTIVITY.row(solved.effective, axis=name, method=how, domain=subvolume.name),))
    return results


def _applies(volume: MeasuredVolume) -> bool:
    return bool(volume.settings.conductivity) and not volume.is_flat


MEASUREMENT = Measurement(
    name="effective-conductivity",
    quantities=(CONDUCTIVITY,),
    applies=_applies,
    on_subvolume=measure_conductivity,
)
