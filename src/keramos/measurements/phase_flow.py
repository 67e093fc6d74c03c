"""The flow through a phase of a subvolume along an axis, solved once for all measurements that are made of it."""

from __future__ import annotations

from typing import cast

import numpy as np

from keramos.core.errors import ConvergenceError
from keramos.core.progress import Reporter
from keramos.measurements.flow.solver import Transport, transport
from keramos.measurements.results import AXES
from keramos.measurements.subvolume import Subvolume


def find_flow(subvolume: Subvolume, code: int, axis: int, reporter: Reporter) -> Transport | ConvergenceError:
    """The solved flow, or why it was not solved."""

    def compute() -> Transport | ConvergenceError:
        progress = reporter.progress(f"solve the flow through {subvolume.phase(code)} along {AXES[axis]}", "%")
        tolerance = subvolume.settings.tolerance
        try:
            return transport(
                subvolume.codes, {code: 1.0}, axis, subvolume.voxel_size, tolerance=tolerance, progress=progress
            )
        except ConvergenceError as error:
            return error

    return cast("Transport | ConvergenceError", subvolume.share(("flow", code, axis), compute))


def solved_diffusivity(subvolume: Subvolume, code: int, axis: int, reporter: Reporter) -> float | None:
    """The relative diffusivity, above zero; None where the flow was not solved or nothing passes."""
    solved = find_flow(subvolume, code, axis, reporter)
    return None if isinstance(solved, ConvergenceError) or not solved.effective > 0 else solved.effective


def fraction_of(subvolume: Subvolume, code: int) -> float:
    """The phase's fraction of the subvolume."""
    return float(np.mean(subvolume.codes == code))
