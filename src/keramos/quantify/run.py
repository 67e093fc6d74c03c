"""Quantify a segmented volume: all local measurements in one pass, then the global ones on a stated domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.blockwise import KeptFold
from keramos.errors import ConvergenceError, LabelError
from keramos.progress import Reporter
from keramos.quantify.chords import Chords
from keramos.quantify.components import Components
from keramos.quantify.correlation import TwoPoint
from keramos.quantify.fractions import Fractions
from keramos.quantify.interface import Interface
from keramos.quantify.local import measure_locally
from keramos.quantify.measured import AXES, Curve, Measured, Measurements
from keramos.quantify.measurement import Domain, Measurement
from keramos.quantify.necks import neck_diameter
from keramos.quantify.outline import Outline
from keramos.quantify.settings import QuantifySettings
from keramos.quantify.thickness import distribution, local_thickness
from keramos.quantify.transport import transport
from keramos.quantify.triple_line import TripleLine
from keramos.quantify.windows import Windows
from keramos.tiling import Plan, plan_blocks
from keramos.volume import Box, LabelVolume, Quantity, Triple, triple

_BYTES_PER_VOXEL = 40
"""What measuring a voxel of a block takes at most: labels of components and runs of chords."""


def quantify_volume(
    labels: LabelVolume,
    settings: QuantifySettings | None = None,
    reporter: Reporter | None = None,
    kept: KeptFold | None = None,
) -> Measurements:
    """All quantities and curves of the phases of a segmented volume; with `kept`, its pass over the volume is resumed.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: a phase that the labels do not have, or labels without any phase.
    """
    settings, reporter = settings or QuantifySettings(), reporter or Reporter()
    domain = _domain(labels, settings)
    plan = plan_for(labels.shape, settings)
    found = measure_locally(
        labels, measurements_of(domain, settings), plan, workers=settings.workers,
        progress=reporter.progress("measure the volume"), kept=kept,
    )  # fmt: skip
    if all(row.quantity.value == 0 for row in found.quantities if row.name == "phase fraction"):
        raise LabelError(f"expected labels with {' or '.join(labels.phases.names)} somewhere, found none")
    box = middle(labels.shape, settings.domain_voxels)
    if labels.shape[0] > 1 and (settings.thickness or settings.transport):
        part = _Part(labels.read(box), "whole volume" if box.shape == labels.shape else f"box {box}", domain)
        if settings.transport:
            found += _transport(part, settings, reporter)
        if settings.thickness:
            found += _thickness(part, reporter)
    return found


def measurements_of(domain: Domain, settings: QuantifySettings) -> list[Measurement]:
    """The local measurements of a volume."""
    windows = Windows.over(domain.shape, domain.voxel_size)
    found: list[Measurement] = [
        Fractions(domain, windows),
        Interface(domain, windows) if domain.shape[0] > 1 else Outline(domain, windows),
        Components(domain, settings.connectivity),
        Chords(domain),
        TwoPoint(domain),
    ]
    return [*found, TripleLine(domain, windows)] if len(domain.phases) > 2 else found


def plan_for(shape: Triple, settings: QuantifySettings) -> Plan:
    """Whole slices or tiles: as many voxels at a time as the memory allows all workers together."""
    voxels = settings.memory_bytes // (_BYTES_PER_VOXEL * (settings.workers + 1))
    return plan_blocks(shape, chunk=(16, 256, 256), max_voxels=min(voxels, 2**24))


def middle(shape: Triple, most_voxels: int) -> Box:
    """The box in the middle of a volume that has at most so many voxels, as near to a cube as the volume allows."""
    edge = list(shape)
    while np.prod([float(n) for n in edge]) > most_voxels:
        longest = int(np.argmax(edge))
        others = [n for axis, n in enumerate(edge) if axis != longest]
        fits = int(most_voxels // np.prod([float(n) for n in others]))
        second = sorted(edge)[-2]
        edge[longest] = max(fits, second) if edge[longest] > second else edge[longest] - 1
    start = triple([(n - e) // 2 for n, e in zip(shape, edge, strict=True)])
    return Box(start, triple([a + e for a, e in zip(start, edge, strict=True)]))


@dataclass(frozen=True, eq=False)
class _Part:
    """The codes of the domain of global measurements, and its name."""

    codes: NDArray[np.uint8]
    name: str
    domain: Domain

    def phase(self, code: int) -> str:
        return self.domain.phases.names[code]


def _domain(labels: LabelVolume, settings: QuantifySettings) -> Domain:
    names = settings.phases or labels.phases.names
    wanted = tuple(sorted({labels.phases.code(name) for name in names}))
    for name in settings.conductivity:
        labels.phases.code(name)
    return Domain(labels.shape, labels.require_voxel_size(), labels.phases, wanted)


def _transport(part: _Part, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    """Each phase by itself; and all that conduct together, if conductivities are given."""
    found = Measurements()
    for code in part.domain.wanted:
        found += _tortuosity(part, code, settings, reporter)
    if settings.conductivity:
        found += _conductivity(part, settings, reporter)
    return found


def _tortuosity(part: _Part, code: int, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    phase, found = part.phase(code), Measurements()
    share = float(np.mean(part.codes == code))
    for axis, name in enumerate(AXES):
        progress = reporter.progress(f"solve the flow through {phase} along {name}", "iteration")
        try:
            solved = transport(part.codes, {code: 1.0}, axis, part.domain.voxel_size, tolerance=settings.tolerance,
                               progress=progress)  # fmt: skip
        except ConvergenceError as error:
            found += Measurements(notes=(f"no tortuosity factor of {phase} along {name}: {error}",))
            continue
        how = f"finite volumes, conjugate gradients with multigrid; residual {solved.residual:.1e}, " \
              f"fluxes through sections within {100 * solved.imbalance:.2g} %"  # fmt: skip
        rows = [Measured("relative diffusivity", Quantity(solved.effective, "1", how, domain=part.name), phase, name)]
        if solved.effective > 0:
            factor = Quantity(
                share / solved.effective, "1", f"fraction over relative diffusivity; {how}", domain=part.name
            )
            rows.append(Measured("tortuosity factor", factor, phase, name))
        else:
            found += Measurements(notes=(f"no tortuosity factor of {phase} along {name}: it does not reach both ends",))
        found += Measurements(tuple(rows))
    return found


def _conductivity(part: _Part, settings: QuantifySettings, reporter: Reporter) -> Measurements:
    values = {part.domain.phases.code(name): value for name, value in settings.conductivity.items()}
    told = ", ".join(f"{name} {value:g}" for name, value in settings.conductivity.items())
    found = Measurements()
    for axis, name in enumerate(AXES):
        progress = reporter.progress(f"solve the flow through all phases along {name}", "iteration")
        try:
            solved = transport(part.codes, values, axis, part.domain.voxel_size, tolerance=settings.tolerance,
                               progress=progress)  # fmt: skip
        except ConvergenceError as error:
            found += Measurements(notes=(f"no effective conductivity along {name}: {error}",))
            continue
        how = f"finite volumes with {told}; residual {solved.residual:.1e}"
        quantity = Quantity(solved.effective, "as given", how, domain=part.name)
        found += Measurements((Measured("effective conductivity", quantity, axis=name),))
    return found


def _thickness(part: _Part, reporter: Reporter) -> Measurements:
    found = Measurements()
    for code in part.domain.wanted:
        phase, mask = part.phase(code), part.codes == code
        progress = reporter.progress(f"map the thickness of {phase}", "step")
        spread = distribution(local_thickness(mask, part.domain.voxel_size, progress=progress))
        if not len(spread.diameters):
            continue
        how = "largest balls inside the phase (Hildebrand and Rueegsegger 1997)"
        rows = [Measured("mean local thickness", Quantity(spread.mean, "nm", how, domain=part.name), phase)]
        for axis, name in enumerate(AXES):
            narrowest = neck_diameter(mask, axis, part.domain.voxel_size)
            if narrowest is not None:
                how = "largest ball that passes from end to end"
                rows.append(Measured("neck diameter", Quantity(narrowest, "nm", how, domain=part.name), phase, name))
        columns = {"diameter": spread.diameters.tolist(), "share": spread.shares.tolist()}
        curve = Curve("local thickness", columns, {"diameter": "nm", "share": "1"}, how, phase)
        found += Measurements(tuple(rows), (curve,))
    return found
