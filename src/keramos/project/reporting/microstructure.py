"""The microstructure in a report: of the best method, beside the truth and one slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.core.progress import Reporter
from keramos.measurements import Measurements
from keramos.project.measure import measure_locally, measure_middle_slice, measurements_for
from keramos.project.reporting.options import ReportOptions
from keramos.reports import Comparison, MethodResult, ReportContent, one_slice_comparison

_SAME_VOLUME = (
    "Both were measured in the same way on the same volume: what differs is the segmentation's error, which the "
    "intervals in brackets do not hold."
)

_TRUTH_OF_A_PART = "the truth was not measured beside it: it is not known in every voxel of most slices"


def add_measurements(
    content: ReportContent, paths: Sequence[Path], options: ReportOptions, reporter: Reporter
) -> ReportContent:
    """Measured is the best method, without scores the last; the truth, too, where it is known everywhere."""
    if not options.measure and options.quantities is None:
        return content
    best = content.scored[0] if content.scored else content.methods[-1]
    path = paths[content.methods.index(best)]
    measurements = measurements_for(best.labels, path, options.quantities, reporter)
    if measurements is None:
        return content
    true = None
    if options.measure and content.truth is not None:
        if _is_known_everywhere(best, content):
            true = measure_locally(content.truth, reporter, "the truth")
        else:
            measurements += Measurements(notes=(_TRUTH_OF_A_PART,))
    return add_microstructure(content, best.name, measurements, true, reporter)


def _is_known_everywhere(method: MethodResult, content: ReportContent) -> bool:
    """Whether every voxel of the scored slices was annotated, and there is more than one."""
    rows = [] if method.evaluation is None else [row for row in method.evaluation.per_slice if row.annotated_voxels]
    area = content.volume.shape[1] * content.volume.shape[2]
    return len(rows) > content.volume.shape[0] // 2 and all(row.annotated_voxels == area for row in rows)


def add_microstructure(
    content: ReportContent, name: str, measurements: Measurements, true: Measurements | None, reporter: Reporter
) -> ReportContent:
    """Measurements of the method of that name, beside those of the truth, and of one slice; without the findings that
    the page has among those of its images and methods."""
    shown = {*content.findings, *(one for method in content.methods for one in method.findings)}
    measurements = replace(measurements, findings=tuple(one for one in measurements.findings if one not in shown))
    comparisons = []
    if true is not None:
        comparisons.append(
            Comparison("Against the truth", (("Truth", true), (name, measurements)), False, explanation=_SAME_VOLUME)
        )
    labels = next((method.labels for method in content.methods if method.name == name), None)
    one_slice = None if labels is None else measure_middle_slice(labels, reporter)
    if one_slice is not None:
        comparisons.append(one_slice_comparison(measurements, one_slice))
    return replace(content, measurements=measurements, measured=name, comparisons=tuple(comparisons))
