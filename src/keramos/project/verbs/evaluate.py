"""Score a prediction against truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.core import Box, Triple, parse_box
from keramos.core.progress import Reporter
from keramos.io import open_regions
from keramos.project.calibrating import calibrate
from keramos.project.inputs import Images, Labels, Reading
from keramos.project.label_views import without_slices
from keramos.project.matching import reconciled
from keramos.project.scoring import score_labels, score_regions, write_overlays
from keramos.project.verbs.named import named
from keramos.reports import write_reliability
from keramos.scoring import Evaluation


def evaluate(
    prediction: Labels,
    truth: Labels,
    *,
    leave_out: Sequence[int] = (),
    overlay: str | Path | None = None,
    images: Images | None = None,
    regions: str | Path | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Evaluation:
    """Score a prediction against truth, over all annotated voxels but those of the slices `leave_out`.

    `regions` is a map of the hard places, as `phantom` writes it: each is scored by itself, too. Scores that `segment`
    kept beside the prediction are compared with how often it is right (`Calibration`). `overlay` is a folder for
    pictures of hits and errors, and of these scores; `images` show in them where nothing is annotated.

    Raises:
        KeramosError: its members say what does not fit: shapes, phases, an unreadable file.
    """
    reading, reporter = reading or Reading(), reporter or Reporter()
    found, true = reconciled(
        named(prediction, replace(reading, ignore=None, box=None), reporter),
        named(truth, reading, reporter),
        reporter,
    )
    places = None if regions is None else open_regions(regions)
    if reading.box is not None and found.shape != true.shape:
        found = found.crop(_box(reading.box, found.shape))
    if reading.box is not None and places is not None and places.shape != true.shape:
        places = places.crop(_box(reading.box, places.shape))
    true = without_slices(true, leave_out)
    evaluation = score_labels(found, true, progress=reporter.progress("score"))
    calibration = calibrate(found, true, progress=reporter.progress("see how the scores are calibrated"))
    evaluation = replace(evaluation, calibration=calibration)
    if places is not None:
        scores = score_regions(found, true, places, progress=reporter.progress("score the regions", "slice"))
        evaluation = replace(evaluation, regions=scores)
    if overlay is not None:
        grey = None if images is None else reading.volume(images)
        progress = reporter.progress("draw the overlays", "slice")
        write_overlays(found, true, evaluation, Path(overlay), images=grey, progress=progress)
        if calibration is not None:
            write_reliability(calibration, Path(overlay) / "reliability.png")
    return evaluation


def _box(box: Box | str, shape: Triple) -> Box:
    return parse_box(box, shape) if isinstance(box, str) else box
