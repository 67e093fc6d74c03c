"""Quantify a segmented volume: all local measurements in one pass, then the global ones on a stated domain."""

from __future__ import annotations

import numpy as np

from keramos.blocks import FoldCheckpoint, Plan, plan_blocks
from keramos.core import Box, LabelVolume, Triple, triple
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.measurements.chords import Chords
from keramos.measurements.components import Components
from keramos.measurements.correlation import TwoPoint
from keramos.measurements.flow import measure_flow
from keramos.measurements.fractions import Fractions
from keramos.measurements.interface import Interface
from keramos.measurements.local import measure_locally
from keramos.measurements.measured import Measurements
from keramos.measurements.measurement import Domain, Measurement
from keramos.measurements.outline import Outline
from keramos.measurements.part import Part
from keramos.measurements.settings import QuantifySettings
from keramos.measurements.triple_line import TripleLine
from keramos.measurements.widths import measure_widths
from keramos.measurements.windows import Windows

_BYTES_PER_VOXEL = 40
"""What measuring a voxel of a block takes at most: labels of components and runs of chords."""


def quantify_volume(
    labels: LabelVolume,
    settings: QuantifySettings | None = None,
    reporter: Reporter | None = None,
    checkpoint: FoldCheckpoint | None = None,
) -> Measurements:
    """All quantities and curves of the phases of a segmented volume; with a `checkpoint`, its pass is resumed.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: a phase that the labels do not have, or labels without any phase.
    """
    settings, reporter = settings or QuantifySettings(), reporter or Reporter()
    domain = _domain(labels, settings)
    plan = plan_for(labels.shape, settings)
    found = measure_locally(
        labels,
        measurements_of(domain, settings),
        plan,
        workers=settings.workers,
        progress=reporter.progress("measure the volume"),
        checkpoint=checkpoint,
    )
    if all(row.quantity.value == 0 for row in found.quantities if row.name == "phase fraction"):
        raise LabelError(f"expected labels with {' or '.join(labels.phases.names)} somewhere, found none")
    box = middle(labels.shape, settings.domain_voxels)
    if labels.shape[0] > 1 and (settings.thickness or settings.transport):
        part = Part(labels.read(box), "whole volume" if box.shape == labels.shape else f"box {box}", domain)
        if settings.transport:
            found += measure_flow(part, settings, reporter)
        if settings.thickness:
            found += measure_widths(part, reporter)
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


def _domain(labels: LabelVolume, settings: QuantifySettings) -> Domain:
    names = settings.phases or labels.phases.names
    wanted = tuple(sorted({labels.phases.code(name) for name in names}))
    for name in settings.conductivity:
        labels.phases.code(name)
    return Domain(labels.shape, labels.require_voxel_size(), labels.phases, wanted)
