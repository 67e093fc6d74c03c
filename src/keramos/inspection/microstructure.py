"""Is the microstructure of a prediction that of the truth? Overlap hides it: specks hardly change an IoU and double a
surface."""

from __future__ import annotations

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.result import check_evaluation
from keramos.inspection.speckle import SPECK
from keramos.scoring import Evaluation, StructureRow

_SIZES = ("specific-surface-area", "outline-length", "mean-intercept-length")
_PIECES = "components"
_OFF, _FAR_OFF = 0.2, 0.5
"""Errors of a size that are told, and that are warned of."""
_TIMES, _MANY_TIMES = 3.0, 10.0
"""Factors between numbers of pieces."""
_FEWEST_PIECES = 20
_PERCOLATING, _FAR_PERCOLATING = 0.05, 0.2
_ABOVE_FLOOR = 2.0
"""Errors less than so many times what two annotators differ by are not told."""


def check_microstructure(evaluation: Evaluation) -> list[Finding]:
    """A finding about the quantity that is furthest off, where one is; the others are named with it."""
    scores = evaluation.microstructure
    if scores is None or check_evaluation(evaluation):  # other amounts of the phases say more
        return []
    judged = [(row, _weight(row)) for row in scores.rows]
    wrong = sorted((pair for pair in judged if pair[1] >= 1), key=lambda pair: -pair[1])
    # A surface or a chord says more than what a few voxels change: what percolates, and a number of pieces.
    # The surface comes first: it is of both phases.
    order = (*_SIZES, "percolating-fraction", _PIECES)
    wrong.sort(key=lambda pair: order.index(pair[0].id))
    return [_report(evaluation, [row for row, _ in wrong], max(weight for _, weight in wrong))] if wrong else []


def _weight(row: StructureRow) -> float:
    """The grade of a quantity that is off: 1 where that is worth telling, 2 where it is a warning."""
    predicted, true = row.predicted, row.true
    if predicted is None or true is None:
        return 0.0
    floor = _ABOVE_FLOOR * (row.noise_floor or 0.0)
    if row.id in _SIZES and row.error is not None and abs(row.error) > floor:
        return _grade(abs(row.error), _OFF, _FAR_OFF)
    if row.id == _PIECES and true and max(predicted, true) >= _FEWEST_PIECES:
        return _grade(max(true / max(predicted, 0.5), predicted / true), _TIMES, _MANY_TIMES)
    if row.id == "percolating-fraction" and abs(predicted - true) > floor * max(predicted, true):
        return _grade(abs(predicted - true), _PERCOLATING, _FAR_PERCOLATING)
    return 0.0


def _grade(size: float, off: float, far: float) -> float:
    return 0.0 if size < off else 1.0 if size < far else 2.0


def _report(evaluation: Evaluation, rows: list[StructureRow], weight: float) -> Finding:
    worst, scores = rows[0], evaluation.positive_scores
    others = ", ".join(dict.fromkeys(_name(row) for row in rows[1:] if _name(row) != _name(worst)))
    iou = "" if scores.iou is None else f", at an IoU of {scores.iou:.3f}"
    return Finding(
        "microstructure-off",
        f"the {_name(worst)} of {worst.phase}{_along(worst)} is {_error_text(worst)} ({_value(worst.predicted)} where "
        f"the truth has {_value(worst.true)}{'' if worst.unit == '1' else ' ' + worst.unit}){iou}",
        "quantities of this segmentation are not those of the material" + (f"; off, too: {others}" if others else ""),
        _advise(worst),
        "warning" if weight >= 2 else "note",
    )


def _advise(row: StructureRow) -> str:
    """The remedy, by whether the prediction has more boundary, shorter chords or more pieces than the truth."""
    if row.id == "percolating-fraction":
        return "look at the overlays (--overlay) for necks that are closed or opened, annotate some and train again"
    more = (row.predicted or 0.0) > (row.true or 0.0)
    if more != (row.id == "mean-intercept-length"):
        return f"remove specks (segment with --remove-specks {SPECK} --fill-holes {SPECK}), or train longer"
    return "thin parts are lost or pieces run together: annotate some of them and train again; do not remove specks"


def _error_text(row: StructureRow) -> str:
    error = row.error or 0.0
    if row.id == "percolating-fraction" or row.error is None:
        return "off"
    if error > 1.5:
        return f"{error + 1:.3g} times too large"
    return f"{100 * abs(error):.0f} % too {'large' if error > 0 else 'small'}"


def _name(row: StructureRow) -> str:
    return "number of " + row.name if row.id == "components" else row.name


def _along(row: StructureRow) -> str:
    return f" along {row.axis}" if row.axis else ""


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


MICROSTRUCTURE = Check("microstructure of a prediction", "evaluation", check_microstructure)
