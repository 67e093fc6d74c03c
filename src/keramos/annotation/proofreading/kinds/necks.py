"""Thin necks: narrow pieces without which a component falls apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.kind import Candidate, PlaceKind
from keramos.annotation.proofreading.markings import NARROW
from keramos.settings.proofread import ProofreadingOptions


def choose_necks(numbers: Connectivity, options: ProofreadingOptions) -> Iterator[Candidate]:
    """Narrow pieces whose component falls apart without them."""
    graph = numbers.graph
    small = np.max(graph.high - graph.low, axis=1, initial=0) <= options.extent
    for piece in np.flatnonzero((graph.mark > 0) & small).tolist():
        if numbers.cuts.cuts(piece):
            yield Candidate(piece, numbers.nearest_phase(piece))


NECKS = PlaceKind(
    name="necks",
    title="Thin necks",
    why="a thin neck is all that connects these parts of {phase}: a bridge of a few wrong voxels looks the same",
    marking=NARROW,
    choose=choose_necks,
    weigh="own",
)
