"""The record of how labels were drawn, for the methods section: when, with which tools, accepted or corrected. Nobody's
name is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.edit import SOURCES
from keramos.annotation.drawing.patch import UNSURE
from keramos.core import NOT_ANNOTATED, name_slices

_WORDS = {
    "drawn": "drawn by hand",
    "accepted": "accepted from a model's proposal",
    "corrected": "corrected by hand",
    "opened": "read from a file",
}


def make_record(drawing: Drawing) -> dict[str, Any]:
    """The record of a drawing, as JSON values.

    `voxels` counts the saved labels by phase, `not_sure` the voxels that nobody was sure of, `sources` the saved labels
    by where they came from, `edits` the edits that hold by tool and source; `minutes` is the time between the first and
    the last change without pauses of over two minutes.

    Example:
        >>> from keramos.annotation.drawing import Edit, make_patches
        >>> from keramos.core import VOID_SOLID
        >>> drawing = Drawing((3, 2, 2), VOID_SOLID)
        >>> edit = drawing.make(Edit("brush", make_patches(1, drawing.plane(1), np.eye(2, dtype=bool), 1)))
        >>> record = make_record(drawing)
        >>> record["slices"], record["voxels"], record["sources"], record["edits"]
        ([1], {'solid': 2}, {'drawn': 2}, [{'tool': 'brush', 'source': 'drawn', 'count': 1}])
    """
    counts, tally = drawing.counts(), drawing.tally
    sources = _count_sources(drawing)
    return {
        "slices": [z for z in drawing.annotated_slices() if set(drawing.counts(z)) - {UNSURE}],
        "of_slices": drawing.shape[0],
        "voxels": {phase.name: counts[code] for code, phase in enumerate(drawing.phases) if code in counts},
        "not_sure": counts.get(UNSURE, 0),
        "sources": {name: int(sources[number]) for number, name in enumerate(SOURCES, 1) if sources[number]},
        "edits": [
            {"tool": tool, "source": source, "count": count} for (tool, source), count in sorted(tally.edits.items())
        ],
        "undone": tally.undone,
        "begun": tally.first,
        "ended": tally.last,
        "minutes": round(tally.seconds / 60, 1),
    }


def describe_record(record: Mapping[str, Any]) -> str:
    """A record as sentences for a methods section.

    Example:
        >>> print(describe_record({
        ...     "slices": [4], "of_slices": 9, "voxels": {"void": 30, "solid": 70}, "not_sure": 5,
        ...     "sources": {"drawn": 75, "accepted": 25}, "edits": [{"tool": "brush", "source": "drawn", "count": 3}],
        ...     "undone": 0, "begun": "2026-01-01T10:00", "ended": "2026-01-02T10:00", "minutes": 12.0}))
        Labels were drawn on 1 of 9 slices (slice 4) from 2026-01-01 to 2026-01-02, in 12 minutes: 100 voxels, 75 % \
drawn by hand and 25 % accepted from a model's proposal. Tools: brush (3). 5 voxels that were marked as not sure count \
as not annotated.
    """
    if not record["slices"]:
        return "No labels were drawn."
    total, first, last = sum(record["voxels"].values()), record["begun"][:10], record["ended"][:10]
    when = f"on {first}" if first == last else f"from {first} to {last}"
    shares = [f"{100 * count / total:.0f} % {_WORDS[name]}" for name, count in record["sources"].items()]
    tools: dict[str, int] = {}
    for row in record["edits"]:
        tools[row["tool"]] = tools.get(row["tool"], 0) + row["count"]
    unsure = record["not_sure"]
    return (
        f"Labels were drawn on {len(record['slices'])} of {record['of_slices']} slices "
        f"({name_slices(record['slices'])}) {when}, in {record['minutes']:g} minutes: {total:,} voxels, "
        f"{_join(shares)}. "
        f"Tools: {', '.join(f'{tool} ({count:,})' for tool, count in tools.items())}."
        + (f" {unsure:,} voxels that were marked as not sure count as not annotated." if unsure else "")
    )


def _count_sources(drawing: Drawing) -> NDArray[np.int64]:
    """Numbers of voxels by source, of those that are saved as labels."""
    total = np.zeros(len(SOURCES) + 1, np.int64)
    for z in drawing.annotated_slices():
        codes = drawing.plane(z)
        saved = drawing.sources(z)[(codes != UNSURE) & (codes != NOT_ANNOTATED)]
        total += np.bincount(saved, minlength=len(total))
    return total


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
