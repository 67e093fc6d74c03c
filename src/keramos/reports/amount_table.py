"""How much of the positive phase each method finds, against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.fraction_over_z import predicted_profile
from keramos.reports.plain_words import MISSING, percent, points
from keramos.scoring import Evaluation


@dataclass(frozen=True, slots=True)
class AmountRow:
    """A method's share of the positive phase: in all slices, and where scored, with the truth there, as text."""

    name: str
    everywhere: str
    where_scored: str
    truth: str
    difference: str


def amount_rows(content: ReportContent) -> tuple[AmountRow, ...]:
    return tuple(_row(method) for method in content.methods)


def _row(method: MethodResult) -> AmountRow:
    profile = predicted_profile(method)
    # The mean over some of the slices would not be that of the volume.
    everywhere = None if np.isnan(profile).any() else float(profile.mean())
    shares = None if method.evaluation is None else _scored_shares(method.evaluation)
    if shares is None:
        return AmountRow(method.name, percent(everywhere), MISSING, MISSING, MISSING)
    truth, found = shares
    return AmountRow(method.name, percent(everywhere), percent(found), percent(truth), points(found - truth))


def _scored_shares(evaluation: Evaluation) -> tuple[float, float] | None:
    """The positive phase's share of the scored voxels: by the truth, and by the method."""
    if not evaluation.voxels:
        return None
    code = [scores.name for scores in evaluation.phases].index(evaluation.positive)
    true, found = sum(evaluation.confusion[code]), sum(row[code] for row in evaluation.confusion)
    return true / evaluation.voxels, found / evaluation.voxels
