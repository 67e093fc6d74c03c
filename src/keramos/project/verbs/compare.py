"""Run the protocol of Hirabayashi et al. 2024."""

from __future__ import annotations

from keramos.core.progress import FindingCollector, Reporter, report_findings
from keramos.inspection import check_before_work, run_checks
from keramos.learning import AnnotatedSlices, collect_annotated
from keramos.project.comparison import ComparisonResult, Protocol, run_comparison
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.parts import STACK, TEST, report_on
from keramos.project.image_label_pairs import open_pairs
from keramos.project.inputs import read_images
from keramos.project.verb import verb
from keramos.segmenters import half_range
from keramos.settings.compare import CompareSettings
from keramos.settings.reading import ReadOptions


@verb(CompareSettings)
def compare(settings: CompareSettings, reporter: Reporter) -> ComparisonResult:
    """Run the protocol of Hirabayashi et al. 2024: train each method on `images` and `labels`, score it on the test
    pairs, segment the `stack`; write tables, figures and every number into the folder `out`.

    `slices` and `test_slices` choose annotated slices, as in `train`. `train_z` and `test_z` say which slices of the
    stack they are, where they come from other files. A run that was killed resumes when it is called again.

    Raises:
        KeramosError: its members say what does not fit.
    """
    options, protocol, collector = ReadOptions.of(settings), Protocol.of(settings), FindingCollector(reporter)
    pairs = open_pairs(settings.images, settings.labels, slices=settings.slices, options=options, reporter=collector)
    annotated = collect_annotated(pairs, only=settings.slices, planes=protocol.planes)
    for volume, _ in pairs:
        report_findings(check_before_work(volume, collector.progress("look at the slices", "slice")), collector)
    report_findings(run_checks("labels", annotated, [volume for volume, _ in pairs]), collector)
    with report_on(TEST, collector) as said:
        test = _open_tested(settings, protocol.planes, options, said)
    stack = None
    if settings.stack is not None:
        with report_on(STACK, collector) as said:
            stack = read_images(settings.stack, options.replace(box=settings.stack_box), said)
            report_findings(check_before_work(stack, said.progress("look at the slices", "slice")), said)
    data = ComparisonData(
        train=annotated,
        test=test,
        half_range=half_range(pairs[0][0]),
        stack=stack,
        train_z=settings.train_z,
        test_z=settings.test_z,
        findings=collector.findings,
    )
    return run_comparison(data, protocol, settings.out, fresh=settings.fresh, reporter=reporter)


def _open_tested(settings: CompareSettings, planes: int, options: ReadOptions, reporter: Reporter) -> AnnotatedSlices:
    """The annotated slices to test on, each with so many slices, its neighbours."""
    pairs = open_pairs(
        settings.test_images,
        settings.test_labels,
        slices=settings.test_slices,
        options=options.replace(box=settings.test_box),
        reporter=reporter,
    )
    test = collect_annotated(pairs, only=settings.test_slices, planes=planes)
    report_findings(run_checks("labels", test, [volume for volume, _ in pairs]), reporter)
    return test
