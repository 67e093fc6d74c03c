"""Tortuosity factors and effective conductivities of a part of a volume, along each axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Quantity, VoxelSize
from keramos.core.errors import ConvergenceError
from keramos.core.progress import Reporter
from keramos.measurements.measured import AXES, Measured, Measurements
from keramos.measurements.part import Part
from keramos.measurements.settings import QuantifySettings
from keramos.measurements.transport import transport

_LEAST_COARSE = 8
"""Fewer merged voxels along an axis than these say nothing of the body."""


def measure_flow(part: Part, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    """Each phase by itself; and all that conduct together, if conductivities are given."""
    found = Measurements()
    for code in part.domain.wanted:
        found += _tortuosity(part, code, settings, reporter)
    if settings.conductivity:
        found += _conductivity(part, settings, reporter)
    return found


def _tortuosity(part: Part, code: int, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    phase, found = part.phase(code), Measurements()
    share = float(np.mean(part.codes == code))
    for axis, name in enumerate(AXES):
        progress = reporter.progress(f"solve the flow through {phase} along {name}", "iteration")
        try:
            solved = transport(
                part.codes, {code: 1.0}, axis, part.domain.voxel_size, tolerance=settings.tolerance, progress=progress
            )
        except ConvergenceError as error:
            found += Measurements(notes=(f"no tortuosity factor of {phase} along {name}: {error}",))
            continue
        how = (
            f"finite volumes, conjugate gradients with multigrid; residual {solved.residual:.1e}, "
            f"fluxes through sections within {100 * solved.imbalance:.2g} %"
        )
        rows = [Measured("relative diffusivity", Quantity(solved.effective, "1", how, domain=part.name), phase, name)]
        if solved.effective > 0:
            factor = Quantity(
                share / solved.effective, "1", f"fraction over relative diffusivity; {how}", domain=part.name
            )
            rows += [Measured("tortuosity factor", factor, phase, name), *_at_double_voxels(part, code, axis, settings)]
        else:
            found += Measurements(notes=(f"no tortuosity factor of {phase} along {name}: it does not reach both ends",))
        found += Measurements(tuple(rows))
    return found


def _at_double_voxels(part: Part, code: int, axis: int, settings: QuantifySettings) -> list[Measured]:
    """The tortuosity factor of the same body in voxels of twice the edge; nothing where none can be told."""
    coarse, size = merged(part.codes == code), VoxelSize(*(2 * nm for nm in part.domain.voxel_size.zyx))
    if min(coarse.shape) < _LEAST_COARSE:
        return []
    try:
        solved = transport(coarse, {1: 1.0}, axis, size, tolerance=settings.tolerance)
    except ConvergenceError:
        return []
    if not solved.effective:
        return []
    how = "the same with voxels merged two by two by two (half or more of them the phase)"
    quantity = Quantity(float(coarse.mean()) / solved.effective, "1", how, domain=part.name)
    return [Measured("tortuosity factor at double voxels", quantity, part.phase(code), AXES[axis])]


def merged(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A body (Z Y X) in voxels of twice the edge: 1 where at least half of the eight were of it; odd ends left out."""
    z, y, x = (n // 2 for n in mask.shape)
    eight = mask[: 2 * z, : 2 * y, : 2 * x].reshape(z, 2, y, 2, x, 2)
    return np.asarray(eight.sum(axis=(1, 3, 5), dtype=np.uint8) >= 4, np.uint8)


def _conductivity(part: Part, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    values = {part.domain.phases.code(name): value for name, value in settings.conductivity.items()}
    told = ", ".join(f"{name} {value:g}" for name, value in settings.conductivity.items())
    found = Measurements()
    for axis, name in enumerate(AXES):
        progress = reporter.progress(f"solve the flow through all phases along {name}", "iteration")
        try:
            solved = transport(
                part.codes, values, axis, part.domain.voxel_size, tolerance=settings.tolerance, progress=progress
            )
        except ConvergenceError as error:
            found += Measurements(notes=(f"no effective conductivity along {name}: {error}",))
            continue
        how = f"finite volumes with {told}; residual {solved.residual:.1e}"
        quantity = Quantity(solved.effective, "as given", how, domain=part.name)
        found += Measurements((Measured("effective conductivity", quantity, axis=name),))
    return found
