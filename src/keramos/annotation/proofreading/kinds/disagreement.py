"""Disagreement: where another segmentation has another phase, outlines aside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.kind import Candidate, PlaceKind
from keramos.annotation.proofreading.markings import DISPUTED, other_code
from keramos.settings.proofread import ProofreadingOptions


def choose_disputed(numbers: Connectivity, options: ProofreadingOptions) -> Iterator[Candidate]:  # noqa: ARG001
    """All patches of which two segmentations say different things, to what the other one says."""
    graph = numbers.graph
    for piece in np.flatnonzero(graph.mark > 0).tolist():
        yield Candidate(piece, other_code(int(graph.mark[piece])))


DISAGREEMENT = PlaceKind(
    name="disagreement",
    title="Disagreement",
    why="one segmentation says {phase}, the other {to}",
    marking=DISPUTED,
    choose=choose_disputed,
)
