"""Write a page on a run, or on several samples side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keramos.core.errors import SettingsError
from keramos.core.files import make_folder
from keramos.core.progress import Reporter
from keramos.project.inputs import Images, Labels, Reading
from keramos.project.outputs import refuse_inputs, refuse_other
from keramos.project.reporting import Asked, Reported, gather, numbers_of
from keramos.project.sampling import gather_samples, numbers_of_samples
from keramos.project.verbs.named import named
from keramos.reports import write_report, write_samples


def report(
    run: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    images: Images | None = None,
    truth: Labels | None = None,
    leave_out: Sequence[int] = (),
    quantities: str | Path | None = None,
    measure: bool = True,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Reported:
    """Write one HTML page on a run's folder, a segmentation or a folder of segmentations.

    A run's folder with a record says all by itself. A segmentation knows its images, unless `images` are given;
    `truth` scores it, without the slices that its model was trained on and without those of `leave_out`. The
    microstructure is taken from `quantities` (what `quantify` wrote), from the folder `quantities` beside the
    segmentation, or measured now, unless `measure` is False.

    Several runs, segmentations, labels of any software or folders of quantities give a page of them side by side.

    Raises:
        KeramosError: nothing to report on, images or truth that do not fit, a page that cannot be written.
    """
    reading, reporter, out = reading or Reading(), reporter or Reporter(), Path(out)
    runs = [run] if isinstance(run, str | Path) else list(run)
    refuse_inputs(out, images, truth, *runs)
    refuse_other(out, "HTML page")
    if len(runs) != 1:
        if images is not None or truth is not None or quantities is not None or leave_out:
            raise SettingsError("expected one run with images, truth, quantities or slices to leave out, found several")
        samples = gather_samples([Path(one) for one in runs], reading, reporter)
        make_folder(out.parent)
        write_samples(samples, out)
        return Reported(out, numbers_of_samples(samples))
    asked = Asked(
        None if images is None else reading.volume(images),
        None if truth is None else named(truth, reading, reporter),
        leave_out,
        None if quantities is None else Path(quantities),
        measure,
    )
    content = gather(Path(runs[0]), asked, reporter)
    make_folder(out.parent)
    write_report(content, out)
    return Reported(out, numbers_of(content))
