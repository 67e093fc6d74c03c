"""The microstructure and the scores inside a tolerance as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keramos.apps.cli.console import print_table

if TYPE_CHECKING:
    from keramos.scoring import Evaluation, MicrostructureScores, OutlineScores, StructureRow


def print_structure(scores: MicrostructureScores, second: MicrostructureScores | None) -> None:
    """One row for each quantity: predicted, true, the error, and what two annotators differ by."""
    others = {row.key: row for row in second.rows} if second is not None else {}
    rows = []
    for row in scores.rows:
        cells = [f"{row.name}{', ' + row.axis if row.axis else ''}", row.phase, _number(row.predicted)]
        cells += [_number(row.true), row.unit, _percent(row.error, row), _percent(row.noise_floor)]
        if second is not None:
            other = others.get(row.key)
            cells.append("-" if other is None else _percent(other.error, row))
        rows.append(cells)
    columns = ["quantity", "phase", "predicted", "true", "unit", "error", "noise\nfloor"]
    print_table(
        f"Microstructure of {scores.domain}", columns + (["second\nannotator"] if second is not None else []), rows
    )


def print_tolerance(evaluation: Evaluation) -> None:
    """One row for each phase, and below it that of the second annotator."""
    if evaluation.tolerance is None:
        return
    pairs = [(row.phase, row) for row in evaluation.tolerance.phases]
    if evaluation.second is not None and evaluation.second.tolerance is not None:
        pairs += [(f"{row.phase}, second annotator", row) for row in evaluation.second.tolerance.phases]
    rows = [(name, *_cells(row)) for name, row in pairs]
    columns = ("phase", "precision", "recall", "IoU", "outline\nprecision", "outline\nrecall", "outline\nF1", "clDice")
    within = f"Within {evaluation.tolerance.tolerance_nm:g} nm (clDice: centrelines, without a tolerance)"
    print_table(f"{within}, of {len(evaluation.tolerance.slices)} slices", columns, rows)


def _cells(row: OutlineScores) -> tuple[str, ...]:
    scores = (
        row.precision,
        row.recall,
        row.iou,
        row.outline_precision,
        row.outline_recall,
        row.outline_f1,
        row.cldice,
    )
    return tuple("-" if score is None else f"{score:.4f}" for score in scores)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _percent(value: float | None, row: StructureRow | None = None) -> str:
    """A share in per cent; with its sign where it is an error of a row that has a true value."""
    if value is None:
        return "-"
    signed = row is not None and row.true is not None
    return f"{100 * value:+.1f} %" if signed else f"{100 * value:.1f} %"
