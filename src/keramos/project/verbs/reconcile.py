"""Measure labels by every estimator in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keramos.core import Box, Finding, LabelVolume
from keramos.core.errors import LabelError
from keramos.core.progress import FindingCollector, Reporter
from keramos.estimators import GROUPS, Reconciliation, Sample, reconcile_phase
from keramos.estimators.estimator import LINES
from keramos.measurements import MeasuredVolume, middle_box
from keramos.measurements.volume import find_measured_volume
from keramos.project.inputs import read_labels
from keramos.project.verb import verb
from keramos.settings.quantify import MeasurementOptions
from keramos.settings.reading import ReadOptions
from keramos.settings.reconcile import ReconcileSettings

_LEAST_EDGE = 8


@dataclass(frozen=True)
class ReconcileResult:
    """The estimates, of which labels and which box (in voxels) of them they are, and findings about the labels."""

    labels: LabelVolume
    box: Box
    reconciliation: Reconciliation
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values: the labels' name, the box and its voxel size in nm, the estimates and what to report."""
        return {
            "labels": self.labels.name,
            "box": str(self.box),
            "voxel_size_nm": list(self.labels.require_voxel_size().zyx),
            **self.reconciliation.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
        }


@verb(ReconcileSettings)
def reconcile(settings: ReconcileSettings, reporter: Reporter) -> ReconcileResult:
    """Measure the same labels by every estimator in use: value, definition, bias at this resolution, the programs that
    print it, and which of them to report.

    Raises:
        KeramosError: its members say what does not fit: phases, a missing voxel size, an unreadable file.
        LabelError: no box of annotated voxels of at least 8 voxels' edge.
    """
    collector = FindingCollector(reporter)
    labels = read_labels(settings.labels, ReadOptions.of(settings), collector)
    options = MeasurementOptions(
        phase=settings.phase, transport=settings.transport, paths=settings.transport, thickness=True
    )
    volume = find_measured_volume(labels, options, reporter)
    within = _box_of(volume, settings.domain)
    codes = volume.labels.crop(within).read()
    names = {code: labels.phases.names[code] for code in volume.measured_codes if (codes == code).any()}
    samples = [
        Sample(codes, code, labels.phases, volume.voxel_size, options.replace(phase=(name,)), reporter)
        for code, name in names.items()
    ]
    found = Reconciliation()
    for number, sample in enumerate(samples):
        groups = [group for group in GROUPS if settings.transport or group != "tortuosity"]
        found += reconcile_phase(sample, [group for group in groups if group != LINES or number == 0], reporter)
    return ReconcileResult(labels, within.shift(volume.start), found, tuple(collector.findings))


def _box_of(volume: MeasuredVolume, domain: int) -> Box:
    """The middle of the annotated voxels, in voxels of the measured volume."""
    known = volume.annotated_box
    if known is None or min(known.shape) < _LEAST_EDGE:
        shape = "none" if known is None else " x ".join(map(str, known.shape))
        raise LabelError(
            f"expected a box of annotated voxels of at least {_LEAST_EDGE} along each axis, found {shape}: most "
            "estimators say nothing of thinner ones"
        )
    return middle_box(known.shape, domain**3).shift(known.start)
