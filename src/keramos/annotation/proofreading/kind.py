"""Kinds of places, an open set: what each marks in a segmentation, and which of the marked pieces are places.

A module-level `PlaceKind` in `keramos/annotation/proofreading/kinds/`, or behind an entry point of the group
`keramos.place_kinds` of another package, registers one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.proofreading.evidence import Seen
from keramos.core.registry import Registry
from keramos.settings.proofread import ProofreadingOptions

if TYPE_CHECKING:
    from keramos.annotation.proofreading.connectivity import Connectivity

MARKS = 4096
"""Marks lie below this."""


@dataclass(frozen=True)
class Marking:
    """A division of each phase into pieces: connected voxels with the same mark.

    Attributes:
        mark: the marks (uint16, below 4096, Z Y X) of a box; 0 for the rest of each phase.
        reach: how many voxels around a voxel its mark may depend on.
        needs: what of the evidence it is made from, beside the labels.
    """

    mark: Callable[[Seen], NDArray[np.uint16]]
    reach: Callable[[ProofreadingOptions], int] = lambda _: 0
    needs: Literal["", "uncertainty", "other"] = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece (its number in the graph) that may be wrong, and the code of the phase that it would get."""

    piece: int
    to: int


@dataclass(frozen=True)
class PlaceKind:
    """A kind of places.

    Attributes:
        name: for programs, such as `necks`.
        title: for readers.
        why: why such a place is worth a look, in a sentence; `{phase}` and `{to}` are replaced.
        marking: the pieces it chooses among.
        choose: the pieces that are places.
        weigh: which numbers its places are ordered by (`Flip.weigh`).
    """

    name: str
    title: str
    why: str
    marking: Marking
    choose: Callable[[Connectivity, ProofreadingOptions], Iterable[Candidate]]
    weigh: Literal["all", "own", "other"] = "all"


KINDS: Registry[PlaceKind] = Registry("place_kinds", PlaceKind, "keramos.annotation.proofreading.kinds")
"""Kinds of places by name."""
