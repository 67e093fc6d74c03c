"""The answer in one sentence: the measured phase fraction with its interval, and how far the labels can be trusted."""

from __future__ import annotations

from keramos.measurements import Measured
from keramos.reports.content import ReportContent, iou_of
from keramos.reports.headline import headline
from keramos.reports.microstructure.figures import interval_text, scale_of, scaled_number
from keramos.reports.plain_words import SPACE, interval

FRACTION = "phase-fraction"


def answer(content: ReportContent) -> str:
    """One sentence on what was measured; where nothing was, on how good the segmentation is."""
    fraction = positive_rows(content).get(FRACTION, [])
    if not fraction:
        return headline(content)
    quantity = fraction[0].quantity
    bounds = interval_text(FRACTION, quantity)
    sure = f" (95{SPACE}% interval {bounds}{SPACE}%)" if bounds else ""
    factor, unit = scale_of(FRACTION, quantity.unit)
    share = f"{scaled_number(factor * quantity.value, unit, digits=3)}{SPACE}{unit}"
    return f"{share} of the volume is {content.positive}{sure}{_trust(content)}."


def positive_rows(content: ReportContent) -> dict[str, list[Measured]]:
    """The measured quantities of the positive phase and of all phases together, by id."""
    found: dict[str, list[Measured]] = {}
    for row in () if content.measurements is None else content.measurements.quantities:
        if row.phase in ("", content.positive):
            found.setdefault(row.id, []).append(row)
    return found


def _trust(content: ReportContent) -> str:
    """A clause on the score of the labels that were measured."""
    method = next((m for m in content.methods if m.name == content.measured), None)
    iou = None if method is None else iou_of(method)
    if method is None or method.evaluation is None or iou is None:
        return "; there is no truth to say how right the labels are"
    bounds = interval(method.evaluation.positive_scores.interval.get("iou"))
    return f"; the labels agree with the truth to an IoU of {iou:.3f}{f' ({bounds})' if bounds else ''}"
