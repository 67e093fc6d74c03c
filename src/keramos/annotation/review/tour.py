"""The stops of a review: all annotated slices, slices between them, places of doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.review.doubts import Doubt, find_disputed, find_uncertain
from keramos.core import NOT_ANNOTATED, Finding, LabelVolume, Volume

TITLES = {1: "slices with labels", 2: "slices between them", 3: "places of doubt"}
"""The three passes of a review."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the tour.

    Attributes:
        id: the same whenever the tour is planned again.
        review_pass: 1 for slices with labels, 2 for slices between them, 3 for places of doubt.
        z, y, x: where to look.
        why: in a sentence.
    """

    id: str
    review_pass: int
    z: int
    y: int
    x: int
    why: str

    def to_json(self) -> dict[str, Any]:
        """JSON values; the pass under `pass`."""
        return {"id": self.id, "pass": self.review_pass, "z": self.z, "y": self.y, "x": self.x, "why": self.why}


def plan_tour(
    drawing: Drawing,
    *,
    proposal: LabelVolume | None = None,
    uncertainty: Volume | None = None,
    findings: Iterable[Finding] = (),
    between: int = 1,
    doubts: int = 30,
    least: int = 1,
) -> tuple[Stop, ...]:
    """The stops of a review, in their order.

    Args:
        drawing: the labels.
        proposal: what the model makes of the stack; where it differs from the labels, one of them is wrong.
        uncertainty: of the proposal (uint8, 255 all phases equally likely).
        findings: of checks of the labels, about slices of the stack.
        between: slices to look at between two neighbouring slices with labels, evenly.
        doubts: the most places of doubt of each sort.
        least: the pixels of the smallest patch that is a place of doubt.

    Example:
        >>> from keramos.annotation.drawing import Edit, make_patches
        >>> from keramos.core import PhaseTable
        >>> drawing = Drawing((21, 8, 8), PhaseTable.from_names(["void", "solid"]))
        >>> for z in (0, 10):
        ...     patches = make_patches(z, drawing.plane(z), np.ones((8, 8), bool), 1)
        ...     edit = drawing.make(Edit("brush", patches))
        >>> [(stop.review_pass, stop.z) for stop in plan_tour(drawing)]
        [(1, 0), (1, 10), (2, 5)]
    """
    annotated = drawing.annotated_slices()
    rows = [*_visit_slices(drawing, annotated), *_visit_between(drawing, annotated, between)]
    if proposal is not None:
        rows += _visit_doubts("disputed", find_disputed(drawing, proposal, doubts, least))
    if uncertainty is not None:
        rows += _visit_doubts("uncertain", find_uncertain(drawing, uncertainty, doubts, least))
    rows += _visit_findings(drawing, findings)
    return tuple({stop.id: stop for stop in rows}.values())


def _visit_slices(drawing: Drawing, annotated: Sequence[int]) -> Iterator[Stop]:
    area = drawing.shape[1] * drawing.shape[2]
    for z in annotated:
        y, x = _middle(drawing, z)
        counts = drawing.counts(z)
        names = [drawing.phases.names[code] for code in counts if code < len(drawing.phases)]
        share = 100 * sum(counts.values()) / area
        named = f": {', '.join(names)}" if names else ""
        yield Stop(f"1-{z}", 1, z, y, x, f"{max(share, 0.1):.3g} % of slice {z} has labels{named}")


def _visit_between(drawing: Drawing, annotated: Sequence[int], count: int) -> Iterator[Stop]:
    for low, high in pairwise(annotated):
        places = {round(low + (high - low) * n / (count + 1)) for n in range(1, count + 1)} - {low, high}
        for z in sorted(places):
            y, x = _middle(drawing, low)
            why = (
                f"slice {z} lies between the labelled slices {low} and {high}: is anything here that they do not show?"
            )
            yield Stop(f"2-{z}", 2, z, y, x, why)


def _visit_doubts(sort: str, doubts: Iterable[Doubt]) -> Iterator[Stop]:
    for doubt in doubts:
        yield Stop(f"3-{sort}-{doubt.z}-{doubt.y}-{doubt.x}", 3, doubt.z, doubt.y, doubt.x, doubt.why)


def _visit_findings(drawing: Drawing, findings: Iterable[Finding]) -> Iterator[Stop]:
    for finding in findings:
        for z in finding.slices:
            if 0 <= z < drawing.shape[0]:
                yield Stop(f"3-{finding.kind}-{z}", 3, z, *_middle(drawing, z), finding.text)


def _middle(drawing: Drawing, z: int) -> tuple[int, int]:
    """The middle (y, x) of the labelled part of a slice; that of the slice where it has none."""
    rows, columns = np.nonzero(drawing.plane(z) != NOT_ANNOTATED)
    if not rows.size:
        return drawing.shape[1] // 2, drawing.shape[2] // 2
    return int(rows.min() + rows.max()) // 2, int(columns.min() + columns.max()) // 2
