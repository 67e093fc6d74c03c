"""Three to six numbers for the top of the page."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.measurements import AXES, Measured
from keramos.reports.content import ReportContent, iou_of
from keramos.reports.first_screen.answer import positive_rows
from keramos.reports.microstructure.figures import interval_text, scale_of, scaled_number
from keramos.reports.plain_words import SPACE, interval

MOST = 6
_QUANTITIES = (
    "phase-fraction",
    "specific-surface-area",
    "triple-phase-boundary-length",
    "mean-local-thickness",
    "tortuosity-factor",
    "largest-component",
    "mean-intercept-length",
    "permeability",
)
"""The quantities that a reader looks for first, in that order."""


@dataclass(frozen=True, slots=True)
class Number:
    """A name, a value with its unit, and a quieter line: its interval, or its axes."""

    name: str
    value: str
    detail: str


def first_numbers(content: ReportContent) -> tuple[Number, ...]:
    """At most six: the IoU, where something was scored, and what was measured of the positive phase."""
    scores = [_score(content)] if content.scored else []
    rows = positive_rows(content)
    measured = [_number(rows[id], content.positive) for id in _QUANTITIES if id in rows]
    return (*measured[: MOST - len(scores)], *scores)


def _score(content: ReportContent) -> Number:
    measured = [method for method in content.scored if method.name == content.measured]
    method = (measured or list(content.scored))[0]
    iou, evaluation = iou_of(method), method.evaluation
    bounds = "" if evaluation is None else interval(evaluation.positive_scores.interval.get("iou"))
    return Number(f"IoU of {content.positive}", "" if iou is None else f"{iou:.3f}", _interval(bounds))


def _number(rows: list[Measured], phase: str) -> Number:
    first = rows[0]
    name = first.name[:1].upper() + first.name[1:] + (f" of {phase}" if first.phase else "")
    by_axis = {row.axis: row.quantity for row in rows}
    axes = [axis for axis in AXES if axis in by_axis]
    factor, unit = scale_of(first.id, first.quantity.unit)
    if len(axes) < 2:
        along = f" along {first.axis}" if first.axis else ""
        detail = _interval(interval_text(first.id, first.quantity))
        return Number(
            name + along,
            f"{scaled_number(factor * first.quantity.value, unit, digits=3)}{SPACE}{unit}".rstrip(),
            detail,
        )
    values = " · ".join(scaled_number(factor * by_axis[axis].value, unit, digits=3) for axis in axes)
    return Number(name, f"{values}{SPACE}{unit}".rstrip(), f"along {' · '.join(axes)}")


def _interval(bounds: str) -> str:
    return f"95{SPACE}% interval {bounds}" if bounds else "no interval"
