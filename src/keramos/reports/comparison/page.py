"""Write the page of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keramos.core.progress import Progress, silent
from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.figures import Figures, draw_figures
from keramos.reports.comparison.numbers import comparison_numbers
from keramos.reports.comparison.reasons import claims, order_here
from keramos.reports.comparison.tables import (
    TABLE_1,
    TABLE_2,
    case_rows,
    confusions,
    paper_rows,
    scope_rows,
    table_1,
    table_2,
    time_rows,
)
from keramos.reports.microstructure import MethodsProse, methods_prose, microstructure_context
from keramos.reports.page import write_page
from keramos.reports.plain_words import listed, score
from keramos.reports.slice_rows import verdict_legend
from keramos.scoring.score_histogram import BINS
from keramos.version import __version__


def write_comparison(content: ComparisonContent, folder: Path, *, progress: Progress = silent) -> dict[str, Any]:
    """Write `folder`/report.html and `folder`/figures/*.png; give every number as JSON values.

    Raises:
        StorageError: they cannot be written.
    """
    figures = draw_figures(content, folder / "figures", progress)
    write_page("comparison.html.j2", _context(content, figures), folder / "report.html")
    return comparison_numbers(content)


def _context(content: ComparisonContent, figures: Figures) -> dict[str, Any]:
    best = next((m for m in content.methods if m.evaluation.positive_scores.interval.get("iou") is not None), None)
    return {
        "title": content.title,
        "version": __version__,
        "lead": _lead(content),
        "phase": content.positive,
        "others": content.others,
        "preset": content.preset,
        "sets": content.sets,
        "crops": content.crops_per_set,
        "edge": content.crop_edge,
        "columns_1": TABLE_1,
        "table_1": table_1(content),
        "paper": paper_rows(content),
        "bins": f"{BINS:,}",
        "training": content.training,
        "notes": content.notes,
        "has_stack": content.stack is not None,
        "many_trainings": any(len(m.trainings) > 1 for m in content.methods),
        "intervals": "" if best is None else best.evaluation.bootstrap.method,
        "indicative": any(m.evaluation.bootstrap.indicative for m in content.methods),
        "scopes": scope_rows(content),
        "columns_2": TABLE_2,
        "table_2": table_2(content),
        "marks": content.annotated,
        "confusions": confusions(content),
        "cases": case_rows(content),
        "small": content.methods[0].cases.small_patches,
        "has_voxel_size": content.voxel_size is not None,
        "claims": claims(content),
        "times": time_rows(content),
        "plates": figures.plates,
        "charts": figures.charts,
        "legend": verdict_legend(content.phases),
        "binary": len(content.phases) == 2,
        "protocol": content.protocol,
        "facts": list(content.facts.items()),
        "citations": content.citations,
        **microstructure_context(content.measurements, content.measured, content.comparisons),
        "measured_text": _measured_text(content),
    }


def _measured_text(content: ComparisonContent) -> MethodsProse:
    shape = (1, 1, 1) if content.stack is None else content.stack.shape
    return methods_prose(content.measurements, content.measured, shape, content.voxel_size)


def _lead(content: ComparisonContent) -> str:
    """The result in two sentences."""
    order = order_here(content)[::-1]
    best = order[0]
    scores = best.evaluation.positive_scores
    bounds = scores.interval.get("iou")
    between = "" if bounds is None else f", 95 % interval {bounds[0]:.3f} to {bounds[1]:.3f}"
    first = (
        f"{best.title} segments {content.positive} best: IoU {score(best.iou)} over test crops ({score(scores.iou)} on "
        f"the whole test slice{between})."
    )
    rest = [f"{m.title} {score(m.iou)}" for m in order[1:]]
    return first if not rest else f"{first} Then {listed(rest)}."
