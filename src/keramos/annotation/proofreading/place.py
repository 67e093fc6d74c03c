"""A place to look at: a piece of a segmentation that may be wrong, and what flipping it does to the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.proofreading.mask_text import mask_from_text, mask_to_text
from keramos.core import Box, Triple, triple


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity before and after a place is flipped; `id`, `phase` and `axis` as in `keramos quantify`."""

    id: str
    phase: str
    axis: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return self.after - self.before

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "phase": self.phase,
            "axis": self.axis,
            "before": self.before,
            "after": self.after,
            "difference": self.difference,
        }


@dataclass(frozen=True, eq=False)
class Place:
    """A place to look at.

    Attributes:
        id: the same whenever the queue is made again, as long as these voxels are a place; of phase, first voxel and
            number of voxels.
        kind: a member of `KINDS`.
        box: of its voxels, in voxels of the segmentation (Z Y X).
        centre: one of its voxels, the nearest to its centre of mass.
        phase, to: names of the phase that it has, and of the one that it gets if it is flipped.
        voxels: how many would be flipped.
        changes: what flipping it does to the numbers, exactly.
        effect: the same in words.
        score: by which places are ordered: the change of the numbers times the doubt.
        doubt: mean uncertainty of its voxels (0 to 1), 1 where no uncertainty is known.
        why: why it is in the queue, in a sentence.
        mask: its voxels in the box (Z Y X).
    """

    id: str
    kind: str
    box: Box
    centre: Triple
    phase: str
    to: str
    voxels: int
    changes: tuple[Change, ...]
    effect: str
    score: float
    doubt: float
    why: str
    mask: NDArray[np.bool_] = field(repr=False)

    def find(self, id: str, phase: str, axis: str = "") -> Change:
        """The change of a quantity. KeyError where it does not change."""
        for change in self.changes:
            if (change.id, change.phase, change.axis) == (id, phase, axis):
                return change
        raise KeyError(f"{self.id} does not change the {id} of '{phase}' along '{axis}'")

    def to_json(self, *, with_mask: bool = False) -> dict[str, Any]:
        """JSON values by the names of the attributes; the mask only on demand."""
        row: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "box": [list(self.box.start), list(self.box.stop)],
            "centre": list(self.centre),
            "phase": self.phase,
            "to": self.to,
            "voxels": self.voxels,
            "changes": [change.to_json() for change in self.changes],
            "effect": self.effect,
            "score": self.score,
            "doubt": self.doubt,
            "why": self.why,
        }
        return row | {"mask": mask_to_text(self.mask)} if with_mask else row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Place:
        """The inverse of `to_json(with_mask=True)`. KeyError or ValueError where it is no such place."""
        box = Box(*(triple(end) for end in row["box"]))
        keys = ("id", "phase", "axis", "before", "after")
        changes = tuple(Change(*(change[key] for key in keys)) for change in row["changes"])
        texts = {key: str(row[key]) for key in ("id", "kind", "phase", "to", "effect", "why")}
        return cls(
            **texts,
            box=box,
            centre=triple(row["centre"]),
            voxels=int(row["voxels"]),
            changes=changes,
            score=float(row["score"]),
            doubt=float(row["doubt"]),
            mask=mask_from_text(row["mask"], box.shape),
        )
