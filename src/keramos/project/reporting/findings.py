"""The doubts that a report shows about one segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keramos.core import Finding, LabelVolume
from keramos.inspection import run_checks
from keramos.networks import ModelCard
from keramos.project.segmentation_facts import facts_of, findings_of_training, leave_out_said


def findings_of(labels: LabelVolume) -> tuple[Finding, ...]:
    """Doubts about labels: those of when their model was trained and of when they were segmented, and those that they
    show now."""
    facts = facts_of(labels)
    kept = () if facts is None else (*doubts_of_training(facts.card, facts.findings), *facts.findings)
    first = 0 if facts is None else facts.origin[0]
    now = leave_out_said(run_checks("result", labels), () if facts is None else facts.findings, first)
    return tuple(dict.fromkeys((*kept, *labels.findings, *now)))


def doubts_of_training(card: ModelCard | None, said: Sequence[Finding]) -> list[Finding]:
    """The findings of the training, without those that were said again of the images that were segmented."""
    made = findings_of_training(card)
    again = {one.message for one in said}
    return [
        replace(one, message=f"in the training, {one.message}", slices=()) for one in made if one.message not in again
    ]
