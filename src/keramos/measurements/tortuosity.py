"""Tortuosity factor and relative diffusivity of each phase along each axis, from solved fields."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, VoxelSize
from keramos.core.errors import ConvergenceError
from keramos.core.progress import Reporter
from keramos.measurements.flow.solver import transport
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import find_flow
from keramos.measurements.pieces import THROUGH_FACES
from keramos.measurements.printed import GEODICT, MATBOX, TAUFACTOR
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_MIN_COARSE = 8
"""With fewer merged voxels along an axis the body is no longer the same."""
_COOPER = "S. J. Cooper et al., SoftwareX 5, 203 (2016)"
_SOLVED = "finite volumes, conjugate gradients with multigrid"

FACTOR = QuantitySpec(
    id="tortuosity-factor",
    name="tortuosity factor",
    unit="1",
    length_power=0,
    meaning="How much crooked and narrow paths slow diffusion or conduction through {phase}, beyond what its fraction "
    "alone does: 1 for straight channels (D_eff = D · fraction / factor).",
    method=f"fraction over relative diffusivity; {_SOLVED}",
    caveat="too large at first order of the voxel's edge: see the factor at double voxels; not given where the "
    "solver has not converged or fluxes through sections differ by more than 0.1 %",
    sources=(_COOPER,),
    rank=110,
    low=1,
    of_means=lambda means: means["fraction"] / means["relative-diffusivity"],
    comparison="shown",
)
COARSE_FACTOR = QuantitySpec(
    id="tortuosity-factor-at-double-voxels",
    name="tortuosity factor at double voxels",
    unit="1",
    length_power=0,
    meaning="The same with voxels merged two by two by two: the nearer to the factor above, the less it depends on the "
    "voxel size.",
    method="the same with voxels merged two by two by two (half or more of them the phase)",
    sources=(_COOPER,),
    rank=115,
    low=1,
    of_means=lambda means: (
        means["fraction"]
        / means["relative-diffusivity"]
        * means["tortuosity-factor-at-double-voxels"]
        / means["tortuosity-factor"]
    ),
    headline=False,
)
DIFFUSIVITY = QuantitySpec(
    id="relative-diffusivity",
    name="relative diffusivity",
    unit="1",
    length_power=0,
    meaning="Diffusivity (or conductivity) of the structure over that of pure {phase}.",
    method=_SOLVED,
    caveat="0 where the phase does not reach both ends through faces of voxels, whatever --connectivity says",
    rank=120,
    low=0,
    high=1,
    printed=(
        TAUFACTOR.prints("Solver: D_eff", benchmark="printed"),
        MATBOX.prints("normalized effective diffusion coefficient: fraction over TauFactor's tortuosity factor"),
        GEODICT.prints(
            "DiffuDict: relative diffusivity",
            elsewhere="https://www.math2market.com/geodict-software/geodict-base-modules/simulation/diffudict.html",
        ),
    ),
)


def measure_tortuosity(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """Each phase by itself, along each axis; a note where there is no factor."""
    results = Measurements()
    for code in subvolume.measured_codes:
        for axis in range(3):
            results += _along(subvolume, code, axis, reporter)
    return results


def _along(subvolume: Subvolume, code: int, axis: int, reporter: Reporter) -> Measurements:
    phase, name = subvolume.phase(code), AXES[axis]
    solved = find_flow(subvolume, code, axis, reporter)
    if isinstance(solved, ConvergenceError):
        return Measurements(
            findings=(report_unsolved(f"the flow through {phase} along {name}", "tortuosity factor", solved),)
        )
    how = f"{_SOLVED}; residual {solved.residual:.1e}, fluxes through sections within {100 * solved.imbalance:.2g} %"
    rows = [DIFFUSIVITY.row(solved.effective, phase, name, method=how, domain=subvolume.name)]
    if not solved.effective > 0:
        return Measurements(
            tuple(rows),
            notes=(f"no tortuosity factor of {phase} along {name}: it does not reach both ends {THROUGH_FACES}",),
        )
    fraction = float(np.mean(subvolume.codes == code))
    how = f"fraction over relative diffusivity; {how}"
    rows.append(FACTOR.row(fraction / solved.effective, phase, name, method=how, domain=subvolume.name))
    return Measurements((*rows, *_at_double_voxels(subvolume, code, axis)))


def report_unsolved(what: str, quantity: str, error: ConvergenceError, also: str = "") -> Finding:
    """The finding about a flow that the solver gave up; `also` is advice beyond a smaller domain."""
    advice = f"{also}measure a smaller domain"
    return Finding("not-converged", f"{what} was not solved: {error}", f"its {quantity} is not given", advice)


def _at_double_voxels(subvolume: Subvolume, code: int, axis: int) -> list[Measured]:
    """The tortuosity factor of the same body in voxels of twice the edge; nothing where none can be told.

    Along an axis of an odd number of voxels one of its ends is left out: it is the mean over both ways to do so.
    """
    size = VoxelSize(*(2 * nm for nm in subvolume.voxel_size.zyx))
    mask = subvolume.codes == code
    factors = []
    for start in product(*((0, 1) if n % 2 else (0,) for n in mask.shape)):
        coarse = merge_voxels(mask[tuple(slice(n, None) for n in start)])
        if min(coarse.shape) < _MIN_COARSE:
            return []
        try:
            solved = transport(coarse, {1: 1.0}, axis, size, tolerance=subvolume.settings.tolerance)
        except ConvergenceError:
            return []
        if not solved.effective:
            return []
        factors.append(float(coarse.mean()) / solved.effective)
    value = float(np.mean(factors))
    return [COARSE_FACTOR.row(value, subvolume.phase(code), AXES[axis], domain=subvolume.name)]


def merge_voxels(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A body (Z Y X) in voxels of twice the edge: 1 where at least half of the eight were of it; odd ends left out.

    Example:
        >>> int(merge_voxels(np.ones((2, 2, 3), bool)).sum())
        1
    """
    z, y, x = (n // 2 for n in mask.shape)
    eight = mask[: 2 * z, : 2 * y, : 2 * x].reshape(z, 2, y, 2, x, 2)
    return np.asarray(eight.sum(axis=(1, 3, 5), dtype=np.uint8) >= 4, np.uint8)


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.transport and not volume.is_flat


MEASUREMENT = Measurement(
    name="tortuosity",
    quantities=(FACTOR, COARSE_FACTOR, DIFFUSIVITY),
    applies=_applies,
    on_subvolume=measure_tortuosity,
)
