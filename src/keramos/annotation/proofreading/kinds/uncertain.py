"""Uncertain patches: where the segmenter's scores are nearly equal, outlines aside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.kind import Candidate, PlaceKind
from keramos.annotation.proofreading.markings import UNCERTAIN
from keramos.settings.proofread import ProofreadingOptions


def choose_uncertain(numbers: Connectivity, options: ProofreadingOptions) -> Iterator[Candidate]:  # noqa: ARG001
    """All uncertain patches, to the phase that they share most faces with."""
    for piece in np.flatnonzero(numbers.graph.mark > 0).tolist():
        yield Candidate(piece, numbers.nearest_phase(piece))


UNSURE = PlaceKind(
    name="uncertain",
    title="Uncertain patches",
    why="the model hardly prefers {phase} to another phase here",
    marking=UNCERTAIN,
    choose=choose_uncertain,
)
