"""The content of a report: from a run's record, or from segmentations and what they say of themselves."""

from __future__ import annotations

from pathlib import Path

from keramos.core.errors import FormatError, KeramosError, MissingFileError
from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.project.record import RECORD, read_record
from keramos.project.reporting.from_record import read_recorded
from keramos.project.reporting.from_segmentations import read_labels_alone, read_segmentations
from keramos.project.reporting.microstructure import add_measurements
from keramos.project.reporting.options import ReportOptions
from keramos.project.segmentation_facts import is_segmentation
from keramos.reports import ReportContent


def gather(run: Path, options: ReportOptions, reporter: Reporter) -> ReportContent:
    """The content of a report on a run folder with a record, a segmentation, a folder of segmentations, or labels of
    other software.

    Without a record, images are found through the segmentation's provenance unless given. Slices that a model was
    trained on are not scored. Of several segmentations the best one's microstructure is measured.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing to report on.
    """
    if not run.exists():
        raise MissingFileError(f"expected a run folder or a segmentation, found nothing at {run}; check the path")
    if (run / RECORD).is_file():
        return read_recorded(run, read_record(run), reporter)
    stores = [path for path in (run, *sorted(run.glob("*.zarr"))) if is_segmentation(path)]
    if stores:
        return add_measurements(read_segmentations(stores, options, reporter), stores, options, reporter)
    if not _holds_pixels(run):
        raise FormatError(
            f"expected a folder with {RECORD}, a segmentation, or labels of any software, found none of them at {run}; "
            "give the --out of `keramos demo` or `keramos segment`, or a file of labels"
        )
    return add_measurements(read_labels_alone(run, options, reporter), [run], options, reporter)


def _holds_pixels(path: Path) -> bool:
    try:
        describe(path)
    except KeramosError:
        return False
    return True
