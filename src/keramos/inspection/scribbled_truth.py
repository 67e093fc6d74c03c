"""A truth of scribbles: scores that say nothing about outlines."""

from __future__ import annotations

from keramos.core import Finding
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.inspection.training import FEWEST_VOXELS
from keramos.scoring import Evaluation

_FEW = 0.002
"""The share of scored voxels beside true outlines; on slices annotated all over 0.01 to 0.3."""


def check_truth_outlines(evaluation: Evaluation) -> list[Finding]:
    """A finding where hardly any scored voxel lies beside an outline between true phases."""
    band, present = evaluation.boundary_band, [sum(row) for row in evaluation.confusion if sum(row)]
    if len(present) < 2 or min(present) < FEWEST_VOXELS or band.voxels > _FEW * evaluation.voxels:
        return []
    return [
        Finding(
            "far-from-outlines",
            f"only {percent(band.voxels / evaluation.voxels)} of the scored voxels lie beside an outline between "
            "phases",
            "the scores say nothing about where outlines lie, which is where most errors are",
            "score on a small region that was annotated completely, its outlines included",
        )
    ]


TRUTH_OUTLINES = Check("outlines of the truth", "evaluation", check_truth_outlines)
