"""Narrow gaps: thin layers between two components of another phase that nearly touch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.kind import Candidate, PlaceKind
from keramos.annotation.proofreading.markings import NARROW
from keramos.settings.proofread import ProofreadingOptions


def choose_gaps(numbers: Connectivity, options: ProofreadingOptions) -> Iterator[Candidate]:
    """Narrow pieces between several components of another phase, of which they would join the most."""
    graph = numbers.graph
    small = np.max(graph.high - graph.low, axis=1, initial=0) <= options.extent
    for piece in np.flatnonzero((graph.mark > 0) & small & numbers.is_between).tolist():
        best, joined = -1, 0
        for code in range(len(numbers.phases)):
            bodies = numbers.touching(piece, code) if code != graph.phase[piece] else ()
            amount = int(numbers.bodies[bodies[1:], 0].sum()) if len(bodies) > 1 else 0
            if amount > joined:
                best, joined = code, amount
        if best >= 0:
            yield Candidate(piece, best)


GAPS = PlaceKind(
    name="gaps",
    title="Narrow gaps",
    why="two separate parts of {to} nearly touch here: a few wrong voxels of {phase} would part them just so",
    marking=NARROW,
    choose=choose_gaps,
    weigh="other",
)
