"""Every number of a comparison as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from keramos.reports.comparison.content import ComparisonContent, Method, NamedRegion
from keramos.reports.comparison.reasons import claims
from keramos.reports.comparison.tables import fraction_error, mean_change, mean_slice_to_slice_iou
from keramos.scoring.crop_scores import CropScores


def comparison_numbers(content: ComparisonContent) -> dict[str, Any]:
    """By method, in the order of the page; no NaN."""
    return {
        "format": "keramos-comparison-1",
        "preset": content.preset,
        "training": content.training,
        "notes": list(content.notes),
        "findings": [finding.to_json() for finding in content.findings],
        "positive": content.positive,
        "sets": content.sets,
        "crops_per_set": content.crops_per_set,
        "crop_edge": content.crop_edge,
        "facts": dict(content.facts),
        "annotated": {name: [list(row) for row in rows] for name, rows in content.annotated.items()},
        "methods": {method.name: _method(method) for method in content.methods},
        "otsu_scopes": {scope: _crops(found) for scope, found in content.otsu_scopes.items()},
        "claims": [{**asdict(claim), "verdict": claim.verdict} for claim in claims(content)],
        "regions": [_region(region) for region in (*content.successes, *content.failures)],
    }


def _method(method: Method) -> dict[str, Any]:
    curves = method.curves
    return {
        "title": method.title,
        **_crops(method.crops),
        "roc_area": None if curves is None else curves.roc_area,
        "average_precision": None if curves is None else curves.average_precision,
        "test_slices": method.evaluation.to_json(),
        "fraction_error": fraction_error(method),
        "hard_cases": method.cases.to_json(),
        "iou_of_trainings": list(method.trainings),
        "stack": _along(method),
        "seconds_train": method.seconds_train,
        "seconds_stack": method.seconds_stack,
        "seconds_test": method.seconds_test,
        "parameters": method.parameters,
        "weights": None if method.layers is None else method.layers.parameters,
    }


def _region(region: NamedRegion) -> dict[str, Any]:
    return {"name": region.name, "rows": list(region.rows), "columns": list(region.columns), "why": region.why}


def _crops(scores: CropScores) -> dict[str, Any]:
    total = max(1, int(scores.confusion.sum()))
    return {
        "over_crops": {name: asdict(value) for name, value in scores.over_crops.items()},
        "pooled": {name: asdict(value) for name, value in scores.pooled.items()},
        "confusion_percent": (100 * scores.confusion / total).round(4).tolist(),
        "crops": scores.crops,
    }


def _along(method: Method) -> dict[str, Any] | None:
    if not method.fractions:
        return None
    fractions = np.asarray(method.fractions)
    return {
        "mean_fraction": float(fractions.mean()),
        "deviation": float(fractions.std(ddof=1)) if fractions.size > 1 else None,
        "mean_change": mean_change(method),
        "mean_likeness": mean_slice_to_slice_iou(method),
        "fractions": list(method.fractions),
        "likeness": list(method.slice_to_slice_iou),
    }
