"""The tables of a comparison, as rows of text."""

from __future__ import annotations

import numpy as np

from keramos.reports.comparison.content import ComparisonContent, Method
from keramos.reports.plain_words import MISSING, duration, interval, percent, points, score
from keramos.reports.table import Cell, Row
from keramos.scoring.crop_scores import Spread

PAPER = {
    "otsu": ((0.9417, 0.0005), (0.6478, 0.0049), (0.6136, 0.0047), (0.6466, 0.0649)),
    "sauvola": ((0.9316, 0.0004), (0.9936, 0.0001), (0.9246, 0.0004), (0.8272, 0.0111)),
    "fcn32s": ((0.8456, 0.0003), (0.9524, 0.0005), (0.8095, 0.0004), (0.8743, 0.0104)),
    "fcn16s": ((0.9147, 0.0002), (0.9425, 0.0003), (0.8642, 0.0002), (0.8009, 0.0137)),
    "fcn8s": ((0.9597, 0.0001), (0.9574, 0.0001), (0.9188, 0.0002), (0.7720, 0.0151)),
    "unet": ((0.9751, 0.0002), (0.9712, 0.0001), (0.9464, 0.0002), (0.7728, 0.0143)),
}
"""Precision, recall and IoU with their deviations over ten sets, and the positive phase's fraction with its deviation
over 620 slices, that the paper reports of its own images (Tables 1 and 2)."""
SCORES = ("precision", "recall", "iou")


TABLE_1 = ("Precision", "Recall", "IoU", "IoU, pooled", "IoU, whole slice", "Over trainings")


def table_1(content: ComparisonContent) -> tuple[Row, ...]:
    """Means over crops ± deviation over sets; IoU of the pooled counts; of the whole slice with its interval."""
    columns = [[_value(m, column) for m in content.methods] for column in range(5)]
    # A network that calls everything positive has the best recall: only the IoU tells which is best.
    best = [max((v for v in column if v is not None and k > 1), default=None) for k, column in enumerate(columns)]
    many = len(content.methods) > 1
    rows = []
    for place, method in enumerate(content.methods):
        texts = [
            *(spread(method.crops.over_crops[name]) for name in SCORES),
            spread(method.crops.pooled["iou"]),
            (score(method.evaluation.positive_scores.iou), _interval(method)),
            _over_trainings(method),
        ]
        cells = [Cell(text, small) for text, small in texts]
        marked = [
            Cell(c.text, c.interval, many and columns[k][place] is not None and columns[k][place] == best[k])
            if k < len(columns)
            else c
            for k, c in enumerate(cells)
        ]
        rows.append(Row(method.title, tuple(marked)))
    return tuple(rows)


def spread(value: Spread) -> tuple[str, str]:
    """The mean, and ± its deviation."""
    if value.mean is None:
        return MISSING, ""
    return f"{value.mean:.4f}", "" if value.deviation is None else f"± {value.deviation:.4f}"


def _value(method: Method, column: int) -> float | None:
    if column < 3:
        return method.crops.over_crops[SCORES[column]].mean
    return method.crops.pooled["iou"].mean if column == 3 else method.evaluation.positive_scores.iou


def _interval(method: Method) -> str:
    bounds = interval(method.evaluation.positive_scores.interval.get("iou"))
    return f"{bounds} †" if bounds and method.evaluation.bootstrap.indicative else bounds


def _over_trainings(method: Method) -> tuple[str, str]:
    values = method.trainings
    if len(values) < 2:
        return MISSING, ""
    return f"{np.mean(values):.4f}", f"± {np.std(values, ddof=1):.4f}, {len(values)} seeds"


TABLE_2 = ("Mean ± s.d. over slices", "Change between slices", "IoU of neighbours", "Off the test slice's truth")


def table_2(content: ComparisonContent) -> tuple[Row, ...]:
    """The positive phase along the stack; empty without a stack."""
    return tuple(Row(m.title, _along(m)) for m in content.methods if m.fractions)


def _along(method: Method) -> tuple[Cell, ...]:
    fractions = np.asarray(method.fractions)
    deviation = f"± {fractions.std(ddof=1):.4f}" if fractions.size > 1 else ""
    change, slice_to_slice_iou = mean_change(method), mean_slice_to_slice_iou(method)
    off = fraction_error(method)
    return (
        Cell(f"{fractions.mean():.4f}", deviation),
        Cell(MISSING if change is None else f"{change:.4f}"),
        Cell(MISSING if slice_to_slice_iou is None else f"{slice_to_slice_iou:.4f}"),
        Cell(MISSING if off is None else points(off)),
    )


def mean_change(method: Method) -> float | None:
    """The mean absolute change of the positive fraction from one slice to the next."""
    return float(np.mean(np.abs(np.diff(method.fractions)))) if len(method.fractions) > 1 else None


def mean_slice_to_slice_iou(method: Method) -> float | None:
    """The mean IoU of the positive phase in neighbouring slices."""
    known = [value for value in method.slice_to_slice_iou if value is not None]
    return float(np.mean(known)) if known else None


def fraction_error(method: Method) -> float | None:
    """Found minus true fraction of the positive phase, over the scored voxels of the test slices."""
    evaluation = method.evaluation
    if not evaluation.voxels:
        return None
    code = [scores.name for scores in evaluation.phases].index(evaluation.positive)
    true, found = sum(evaluation.confusion[code]), sum(row[code] for row in evaluation.confusion)
    return (found - true) / evaluation.voxels


def scope_rows(content: ComparisonContent) -> tuple[Row, ...]:
    """Otsu by the scope of its threshold."""
    rows = []
    for scope, found in content.otsu_scopes.items():
        cells = tuple(Cell(*spread(found.over_crops[name])) for name in SCORES)
        rows.append(Row("of the stack" if scope == "stack" else f"of each {scope}", cells))
    return tuple(rows)


def paper_rows(content: ComparisonContent) -> tuple[Row, ...]:
    """The paper's own numbers, for the methods that were compared."""
    rows = []
    for method in content.methods:
        if method.name in PAPER:
            cells = tuple(Cell(f"{mean:.4f}", f"± {deviation:.4f}") for mean, deviation in PAPER[method.name])
            rows.append(Row(method.title, cells))
    return tuple(rows)


def time_rows(content: ComparisonContent) -> tuple[Row, ...]:
    """Times (of the test slices where there is no stack), and the rate along the stack."""
    voxels = 0 if content.stack is None else int(np.prod(content.stack.shape))
    rows = []
    for method in content.methods:
        rate = voxels / method.seconds_stack / 1e6 if method.seconds_stack and voxels else None
        cells = (
            Cell(duration(method.seconds_train)),
            Cell(duration(method.seconds_stack if voxels else method.seconds_test)),
            Cell(MISSING if rate is None else f"{rate:.2g}\u00a0Mvoxel/s"),
            Cell(method.parameters, style="words"),
        )
        rows.append(Row(method.title, cells))
    return tuple(rows)


def case_rows(content: ComparisonContent) -> tuple[Row, ...]:
    """The error rates of each method where the paper says that methods fail. No best is marked: a method that calls
    everything positive misses nothing."""
    rows = []
    for m in content.methods:
        c = m.cases
        shares = (
            c.false_negative_rate_dark,
            c.false_negative_rate_bright,
            c.false_positive_rate_dark,
            c.false_positive_rate_bright,
            c.small_detection_rate,
            c.bright_false_positive_rate,
        )
        rows.append(Row(m.title, tuple(Cell(percent(share)) for share in shares)))
    return tuple(rows)
