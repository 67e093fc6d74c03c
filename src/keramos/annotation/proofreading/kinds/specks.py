"""Specks: components of a few voxels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.kind import Candidate, PlaceKind
from keramos.annotation.proofreading.markings import COMPONENTS
from keramos.settings.proofread import ProofreadingOptions


def choose_specks(numbers: Connectivity, options: ProofreadingOptions) -> Iterator[Candidate]:
    """Components of few voxels that touch another phase, but not the largest of a phase."""
    graph = numbers.graph
    chosen = np.zeros(len(graph), bool)
    chosen[graph.pairs.ravel()] = True
    chosen &= (graph.voxels <= options.speck) & ~numbers.is_largest[graph.component]
    for piece in np.flatnonzero(chosen).tolist():
        yield Candidate(piece, numbers.nearest_phase(piece))


SPECKS = PlaceKind(
    name="specks",
    title="Specks",
    why="so small a piece of {phase} inside {to} is often noise",
    marking=COMPONENTS,
    choose=choose_specks,
)
