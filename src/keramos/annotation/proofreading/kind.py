"""Kinds of places, an open set: what each marks in a segmentation, and which of the marked pieces are places.

A module-level `PlaceKind` in `keramos/annotation/proofreading/kinds/`, or behind an entry point of the group
`keramos.place_kinds` of another package, registers one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from keramos.annotation.proofreading.connectivity import Connectivity
from keramos.annotation.proofreading.markings import Marking
from keramos.core.registry import Registry
from keramos.settings.proofread import ProofreadingOptions


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
