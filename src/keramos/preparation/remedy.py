"""Remedies as members of an open set.

A module-level `Remedy` in `keramos/preparation/remedies/`, or behind an entry point of the group `keramos.remedies` of
another package, registers one. Its sibling is the defect of the same name in `keramos/simulation/defects/`.

A stack is read twice: once slice by slice, in order, by the observers of all remedies, and once, block by block, to
apply what they found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple, VoxelSize
from keramos.core.registry import Registry

Grey = NDArray[np.float32]


@dataclass(frozen=True)
class RawStack:
    """The raw slices as all remedies see them: cut to the imaged field, not yet moved.

    Attributes:
        shape: Z Y X in voxels; Z counts the files, those that are blank or repeated among them.
        voxel_size: in nm; None where it is unknown.
        ion_beam: the axis of a slice along which the ion beam cuts, and curtains run: `y` or `x`.
        largest: grey value at which pixels are saturated: that of the files' type; None if there is none.
    """

    shape: Triple
    voxel_size: VoxelSize | None = None
    ion_beam: str = "y"
    largest: float | None = None


class Parameters(Protocol):
    """The result of an observer: a frozen dataclass of numbers, arrays and text."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to remove; if not, `apply` need not be called."""
        ...

    @property
    def summary(self) -> str:
        """One line for people: what is removed and how strong it was, or why nothing is."""
        ...


class Observer(Protocol):
    """Looks at each usable slice of a stack once, in order, and then tells the parameters of one defect."""

    def add(self, z: int, grey: Grey) -> None:
        """Look at slice `z` (Y X). Blank and repeated slices are never shown."""
        ...

    def finish(self) -> Parameters:
        """The parameters. Slices that were not shown get those of their neighbours."""
        ...


@dataclass(frozen=True)
class Remedy:
    """A way to undo one imaging defect.

    Attributes:
        name: of the defect that it undoes.
        description: one line for help texts.
        order: position in the chain, ascending.
        observe: makes an observer of a stack.
        apply: the grey values (Z Y X) of consecutive slices from number `first_slice` on with the defect of those
            parameters removed; it may overwrite those that it is given. The slab has up to `halo` further slices on
            both sides, which are discarded.
        parameters: the class of the parameters.
        halo: how many neighbours on both sides `apply` looks at.
        is_default: whether `prepare` applies it unless told otherwise.
    """

    name: str
    description: str
    order: int
    observe: Callable[[RawStack], Observer]
    apply: Callable[[Grey, Any, int], Grey]
    parameters: type
    halo: int = 0
    is_default: bool = False


REMEDIES: Registry[Remedy] = Registry("remedies", Remedy, "keramos.preparation.remedies")
