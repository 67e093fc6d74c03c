"""Write a page on a run, or on several samples side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keramos.core import Finding
from keramos.core.errors import OptionError, SettingsError
from keramos.core.object_path import as_path
from keramos.core.progress import FindingCollector, Reporter
from keramos.project.estimates import read_estimates
from keramos.project.inputs import read_images
from keramos.project.named_labels import open_named_labels
from keramos.project.reporting import ReportOptions, ReportResult, gather, numbers_of
from keramos.project.sample_groups import SampleDesign, read_design
from keramos.project.sample_report import gather_samples, numbers_of_samples
from keramos.project.verb import verb
from keramos.reports import write_report, write_samples, write_tables
from keramos.settings.reading import ReadOptions
from keramos.settings.report import ReportSettings


@verb(ReportSettings)
def report(settings: ReportSettings, reporter: Reporter) -> ReportResult:
    """Write one HTML page on a run's folder, a segmentation, a folder of segmentations or labels of any software.

    Several runs, segmentations, labels of any software or folders of quantities give a page of them side by side.

    Raises:
        KeramosError: nothing to report on, images or truth that do not fit, a page that cannot be written.
    """
    if settings.figures is not None and len(settings.runs) != 1:
        raise OptionError("figures", "expected only with one run, whose figures they are")
    if settings.slices is not None and settings.truth is None:
        raise OptionError("slices", "expected only with a truth, whose slices they are")
    design = read_design(settings)
    if design.grouped or len(design.rows) != 1:
        return _report_samples(settings, design, reporter)
    if settings.tables is not None or settings.compare:
        raise OptionError("tables" if settings.tables else "compare", "expected only with several samples")
    options, collector = ReadOptions.of(settings), FindingCollector(reporter)
    shown = ReportOptions(
        None if settings.images is None else read_images(settings.images, options, collector, channels=True),
        None if settings.truth is None else open_named_labels(settings.truth, options, collector),
        settings.slices,
        settings.leave_out,
        None if settings.quantities is None else as_path(settings.quantities),
        settings.quantify,
        options,
    )
    content = gather(as_path(settings.runs[0]), shown, reporter)
    if settings.estimates is not None:
        content = replace(content, estimates=read_estimates(as_path(settings.estimates)))
    write_report(content, settings.out, settings.figures)
    for finding in (*content.findings, *(one for method in content.methods for one in method.findings)):
        collector.remind(finding, "all of it is on the page")
    return ReportResult(settings.out, numbers_of(content), collector.findings)


def _report_samples(settings: ReportSettings, design: SampleDesign, reporter: Reporter) -> ReportResult:
    """Write a page of several samples side by side, and tables of them."""
    one = (settings.images, settings.truth, settings.quantities, settings.estimates, settings.leave_out)
    if any(one):
        raise SettingsError(
            "expected one run with images, truth, quantities, estimates or slices to leave out, found several"
        )
    samples = gather_samples(design, ReadOptions.of(settings), reporter, settings.compare)
    if samples.comparison is None and (settings.tables is not None or settings.compare):
        raise SettingsError("expected samples of different material to compare, found segmentations of the same images")
    write_samples(samples, settings.out)
    if samples.comparison is not None and settings.tables is not None:
        write_tables(samples.comparison, settings.tables)
    every = (*samples.findings, *(finding for sample in samples.samples for finding in sample.findings))
    findings = _report_each(reporter, every)
    shown = samples.comparison if samples.grouped else None
    return ReportResult(settings.out, numbers_of_samples(samples), findings, shown)


def _report_each(reporter: Reporter, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Report each of the findings once, and give those."""
    collector = FindingCollector(reporter)
    for finding in findings:
        collector.remind(finding, "all of it is on the page")
    return collector.findings
