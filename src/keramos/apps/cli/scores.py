"""Scores as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from keramos.apps.cli.console import print_table

if TYPE_CHECKING:
    from keramos.scoring import Calibration, Evaluation, RegionScore
    from keramos.scoring.evaluation import PhaseScores

_COLUMNS = ("precision", "recall", "IoU", "95 % interval", "Dice", "IoU off\nboundary")


def print_scores(title: str, evaluations: Mapping[str, Evaluation]) -> None:
    """One row for each method: the scores of the positive phase, and its fraction against the true one."""
    rows = [
        (name, *_cells(evaluation.positive_scores), *_fractions(evaluation)) for name, evaluation in evaluations.items()
    ]
    positive = next(iter(evaluations.values())).positive
    print_table(title, ("method", *_COLUMNS, f"fraction of\n{positive}", "true\nfraction"), rows)


def print_phases(title: str, evaluation: Evaluation) -> None:
    """One row for each phase."""
    rows = [
        (scores.name + (" *" if scores.name == evaluation.positive else ""), *_cells(scores))
        for scores in evaluation.phases
    ]
    print_table(f"{title} (* the positive phase)", ("phase", *_COLUMNS), rows)


def print_regions(regions: Sequence[RegionScore]) -> None:
    """One row for each region."""
    rows = [
        (
            row.name,
            f"{row.voxels:,}",
            "-" if row.error is None else f"{100 * row.error:.2f} %",
            f"{row.patches:,}",
            f"{row.patches_found:,}",
        )
        for row in regions
    ]
    columns = ("region", "voxels", "wrong", "patches", "found")
    print_table("Hard places (a patch is found where at least half of it is right)", columns, rows)


def print_calibration(calibration: Calibration) -> None:
    """One row for each bin of scores."""
    rows = [(f"{row.mean_score:.4f}", f"{row.share_right:.4f}", f"{row.voxels:,}") for row in calibration.bins]
    print_table("How sure and how often right (bins of equally many voxels)", ("mean score", "right", "voxels"), rows)


def calibration_text(calibration: Calibration) -> str:
    """The calibration error in a sentence."""
    over = calibration.mean_score - calibration.share_right
    kind = "over-confident" if over > 0 else "under-confident"
    step = calibration.score_step
    stored = "" if step is None else f"; scores were stored in steps of 1/{1 / step:.0f}"
    return (
        f"expected calibration error {calibration.ece:.4f}: the decided phase scores {calibration.mean_score:.4f} on "
        f"average and is right in {calibration.share_right:.4f} of the voxels ({kind} by {abs(over):.4f}){stored}"
    )


def _cells(scores: PhaseScores) -> tuple[str, ...]:
    interval = scores.interval.get("iou")
    return (
        _number(scores.precision),
        _number(scores.recall),
        _number(scores.iou),
        "" if interval is None else f"{interval[0]:.3f}-{interval[1]:.3f}",
        _number(scores.dice),
        _number(scores.iou_without_boundary),
    )


def _fractions(evaluation: Evaluation) -> tuple[str, str]:
    """Predicted and true fraction of the positive phase over the annotated voxels."""
    code = [scores.name for scores in evaluation.phases].index(evaluation.positive)
    predicted = sum(row[code] for row in evaluation.confusion) / evaluation.voxels
    return f"{predicted:.4f}", f"{sum(evaluation.confusion[code]) / evaluation.voxels:.4f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
