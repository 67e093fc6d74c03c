"""Write a page on a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keramos.progress import Reporter
from keramos.report import write_report
from keramos.store import make_folder
from keramos.workflow.inputs import Images, Labels, Reading
from keramos.workflow.outputs import refuse_inputs, refuse_other
from keramos.workflow.reporting import Reported, gather, numbers_of
from keramos.workflow.verbs.named import named


def report(
    run: str | Path,
    out: str | Path,
    *,
    images: Images | None = None,
    truth: Labels | None = None,
    leave_out: Sequence[int] = (),
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Reported:
    """Write one HTML page on a run's folder, a segmentation or a folder of segmentations.

    A run's folder with a record says all by itself. A segmentation knows its images, unless `images` are given;
    `truth` scores it, without the slices that its model was trained on and without those of `leave_out`.

    Raises:
        KeramosError: nothing to report on, images or truth that do not fit, a page that cannot be written.
    """
    reading, reporter, out = reading or Reading(), reporter or Reporter(), Path(out)
    refuse_inputs(out, images, truth)
    refuse_other(out, "HTML page")
    given = None if images is None else reading.volume(images)
    true = None if truth is None else named(truth, reading, reporter)
    content = gather(Path(run), images=given, truth=true, leave_out=leave_out, reporter=reporter)
    make_folder(out.parent)
    write_report(content, out)
    return Reported(out, numbers_of(content))
