"""Make a prediction's codes mean what the truth's mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from keramos.core import NOT_ANNOTATED, LabelVolume
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.project.label_views import RecodedLabels


@dataclass(frozen=True)
class LabelsWithNames:
    """Labels, and whether their phases' names come from the file or the user, or were only guessed."""

    labels: LabelVolume
    names_are_explicit: bool


def reconcile(
    prediction: LabelsWithNames, truth: LabelsWithNames, reporter: Reporter
) -> tuple[LabelVolume, LabelVolume]:
    """Prediction and truth whose codes mean the same phases; the truth's names count unless they were guessed.

    Raises:
        LabelError: they cannot be made to mean the same.
    """
    if prediction.names_are_explicit and not truth.names_are_explicit:
        return prediction.labels, _with_phases_of(truth, prediction.labels, reporter)
    return _with_phases_of(prediction, truth.labels, reporter), truth.labels


def _with_phases_of(own: LabelsWithNames, other: LabelVolume, reporter: Reporter) -> LabelVolume:
    """The same names in another order are recoded; guessed names give way, in the order of the codes."""
    labels, wanted = own.labels, other.phases
    here, there = labels.phases.names, wanted.names
    if set(here) == set(there):
        table = np.full(256, NOT_ANNOTATED, np.uint8)
        table[: len(here)] = [there.index(name) for name in here]
        source = labels.source if here == there else RecodedLabels(labels.source, table)
        return replace(labels, source=source, phases=wanted)
    if own.names_are_explicit or len(here) != len(there):
        raise LabelError(
            f"expected the phases {', '.join(there)} of {other.name}, found {', '.join(here)} in {labels.name}; "
            "say which value is which phase with --phases, by the same names"
        )
    pairs = ", ".join(f"{name} for {guessed}" for guessed, name in zip(here, there, strict=True))
    reporter.note(f"{labels.name} names no phases; taken in the order of the codes: {pairs}")
    return replace(labels, phases=wanted)
