"""Slices of a truth that hold one phase alone, where the prediction holds both."""

from __future__ import annotations

from keramos.core import Finding, name_slices
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.scoring import Evaluation

_LEAST_OF_OTHERS = 0.02


def check_truth_slices(evaluation: Evaluation) -> list[Finding]:
    """A finding where at least half of the slices of a truth of two phases hold one of them alone, others both, and
    the prediction has both everywhere: nobody annotated those slices, probably."""
    rows = [row for row in evaluation.per_slice if row.annotated_voxels and row.truth is not None]
    plain = [row for row in rows if row.truth in (0, 1)]
    if len(evaluation.phases) != 2 or len(plain) < 2 or len(plain) == len(rows) or 2 * len(plain) < len(rows):
        return []
    positive = sum(row.predicted_where_annotated or 0.0 for row in plain) / len(plain)
    if not _LEAST_OF_OTHERS < positive < 1 - _LEAST_OF_OTHERS:
        return []
    slices = tuple(row.z for row in plain)
    return [
        Finding(
            "unlabelled-value",
            f"{name_slices(slices)} of the truth hold one phase alone, where the prediction holds "
            f"{percent(positive)} {evaluation.positive}",
            "if nobody annotated them, the scores count as errors what is none",
            "score the annotated slices alone with --slices, or give the others the value 255 and say --ignore 255",
            slices=slices,
        )
    ]


PLAIN_TRUTH = Check("slices of the truth", "evaluation", check_truth_slices)
