"""Checks of a prediction against the truth."""

from __future__ import annotations

from keramos.core import Finding
from keramos.inspection.amounts import odds_ratio, percent
from keramos.inspection.check import Check
from keramos.inspection.training import FEWEST_VOXELS
from keramos.scoring import Evaluation

_MAX_ODDS_RATIO = 2.0
"""A predicted fraction of 0.64 where the true one is 0.78, for example."""


def check_evaluation(evaluation: Evaluation) -> list[Finding]:
    """Findings about a prediction: phases that it never has, or has far too much or too little of."""
    confusion, total = evaluation.confusion, max(1, evaluation.voxels)
    true = [sum(row) for row in confusion]
    predicted = [sum(row[code] for row in confusion) for code in range(len(confusion))]
    amounts, absent = [], []
    for code, scores in enumerate(evaluation.phases):
        name, fractions = scores.name, (predicted[code] / total, true[code] / total)
        if true[code] >= FEWEST_VOXELS and predicted[code] == 0:
            absent.append(_absent_phase(name, true[code], total))
        elif _is_judged(evaluation, name, true[code]) and odds_ratio(*fractions) > _MAX_ODDS_RATIO:
            amounts.append(_other_amount(name, *fractions))
    return absent if absent and len(confusion) == 2 else [*absent, *amounts]


def _is_judged(evaluation: Evaluation, name: str, true_voxels: int) -> bool:
    """Whether the amount of a phase is judged; of two phases only the positive one, which tells both."""
    return true_voxels >= FEWEST_VOXELS and (len(evaluation.phases) > 2 or name == evaluation.positive)


def _absent_phase(name: str, voxels: int, total: int) -> Finding:
    return Finding(
        "phase-never-predicted",
        f"no voxel is called {name}, which {voxels:,} voxels ({percent(voxels / total)}) truly are",
        f"all of its {name} is missing from the segmentation",
        "see which value is which phase, or train again",
    )


def _other_amount(name: str, predicted: float, true: float) -> Finding:
    more = "much" if predicted > true else "little"
    return Finding(
        "other-amount",
        f"far too {more} {name} was predicted, {percent(predicted)} where the truth has {percent(true)}",
        f"whatever is measured of {name} is off, too",
        "look at the overlays (--overlay) for what is mistaken for it",
    )


EVALUATION = Check("evaluation", "evaluation", check_evaluation)
