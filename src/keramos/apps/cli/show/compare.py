"""Show a comparison of methods."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.project.comparison import ComparisonResult
from keramos.settings.compare import CompareSettings


def show_compare(settings: CompareSettings, result: ComparisonResult) -> dict[str, Any]:  # noqa: ARG001
    """Print Table 1, and where the rest is."""
    rows = []
    for method in result.content.methods:
        scores = [_mean_and_deviation(method.crops.over_crops[name]) for name in ("precision", "recall", "iou")]
        share = f"{sum(method.fractions) / len(method.fractions):.4f}" if method.fractions else "–"
        rows.append([method.title, *scores, share])
    positive = result.content.positive
    title = f"Scores of {positive} over the test crops, preset {result.content.preset}"
    print_table(title, ["method", "precision", "recall", "IoU", f"{positive} in the stack"], rows)
    print_facts([("report", str(result.report)), ("numbers", str(result.folder / "compare.json"))])
    return dict(result.numbers)


def _mean_and_deviation(spread: object) -> str:
    mean, deviation = getattr(spread, "mean", None), getattr(spread, "deviation", None)
    if mean is None:
        return "–"
    return f"{mean:.4f}" + ("" if deviation is None else f" ± {deviation:.4f}")
