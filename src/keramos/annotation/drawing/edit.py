"""Changes of a drawing: each is one gesture, undone and redone as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from keramos.annotation.drawing.patch import Codes, Patch
from keramos.core import NOT_ANNOTATED

Source = Literal["drawn", "accepted", "corrected", "opened"]
"""Where labels came from: drawn by hand; the model's proposal, accepted; drawn over an accepted or opened label; read
from a file."""

SOURCES: tuple[Source, ...] = get_args(Source)
"""In planes of sources, a voxel of the n-th source holds n + 1, and one without a label 0."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One change of the labels.

    Attributes:
        tool: name of the tool.
        patches: what changes; none where the gesture changed nothing.
        phase: code that was given; None where there were several.
        source: where the new labels come from.
        details: how, as JSON values, such as the options of the tool.
        number: of the record in the journal; 0 until it is made.
        time: when it was made (UTC, ISO 8601); empty until it is.
    """

    tool: str
    patches: tuple[Patch, ...]
    phase: int | None = None
    source: Source = "drawn"
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    time: str = ""

    @property
    def inverse(self) -> Edit:
        """The change that takes this one back: its patches with before and after exchanged."""
        return replace(self, patches=tuple(Patch(p.z, p.y, p.x, p.after, p.before) for p in self.patches))


@dataclass(frozen=True)
class Undone:
    """Record that the edit `of` was undone, or (`again`) redone."""

    of: int
    again: bool
    number: int
    time: str


Record = Edit | Undone


def sources_after(patch: Patch, source: Source) -> Codes:
    """The sources of a patch's codes after the change. Where a label that was accepted or opened is drawn over, the new
    one is a correction; a label that did not change keeps its source.

    Example:
        >>> before, after = np.array([[255, 0, 0]], np.uint8), np.array([[1, 1, 0]], np.uint8)
        >>> sources_after(Patch(0, 0, 0, before, after, np.array([[0, 2, 2]], np.uint8)), "drawn").tolist()
        [[1, 3, 2]]
    """
    earlier = np.zeros_like(patch.before) if patch.sources is None else patch.sources
    new = np.full_like(earlier, SOURCES.index(source) + 1)
    if source == "drawn":
        new[earlier > SOURCES.index("drawn") + 1] = SOURCES.index("corrected") + 1
    new[patch.after == NOT_ANNOTATED] = 0
    return np.where(patch.changed, new, earlier).astype(np.uint8)
