"""What is probably wrong with a prediction, seen against the truth."""

from __future__ import annotations

from keramos.inspection.amounts import odds_ratio
from keramos.inspection.finding import Finding, share
from keramos.inspection.training import JUDGED_VOXELS
from keramos.scoring import Evaluation

_FAR = 2.0
"""As a ratio of odds: 0.64 found for 0.78, say."""


def evaluation_findings(evaluation: Evaluation) -> list[Finding]:
    """What is off with a prediction: phases that it never has, or far too much or too little of."""
    confusion, total = evaluation.confusion, max(1, evaluation.voxels)
    true = [sum(row) for row in confusion]
    found = [sum(row[code] for row in confusion) for code in range(len(confusion))]
    findings, never = [], []
    for code, scores in enumerate(evaluation.phases):
        name = scores.name
        if true[code] >= JUDGED_VOXELS and found[code] == 0:
            text = f"no voxel is called {name}, which {true[code]:,} voxels ({share(true[code] / total)}) truly are"
            never.append(Finding("phase never predicted", f"{text}; see which value is which phase, or train again"))
        elif _judged(evaluation, name, true[code]) and odds_ratio(found[code] / total, true[code] / total) > _FAR:
            findings.append(Finding("other amount", _other(name, found[code] / total, true[code] / total)))
    return never if never and len(confusion) == 2 else [*never, *findings]


def _judged(evaluation: Evaluation, name: str, true: int) -> bool:
    """Of two phases one says all: the positive one."""
    return true >= JUDGED_VOXELS and (len(evaluation.phases) > 2 or name == evaluation.positive)


def _other(name: str, found: float, true: float) -> str:
    more = "much" if found > true else "little"
    return (
        f"far too {more} {name} was found: {share(found)}, where the truth has {share(true)}; look at the overlays "
        "(--overlay) for what is mistaken for it"
    )
