"""A slab of a body as the microscope meets it: the slices to be imaged, and all that lies behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import View, VoxelSize


@dataclass(frozen=True, eq=False)
class Scene:
    """What `slices` images of `rows` rows are taken of, the first being number `first_slice` of the stack.

    `solidness` (Z Y X, solid where 0 or more) begins `lead` slices before the first image and should go on as deep and
    as far down as lines of sight reach. `kind`, `tint` and `impurity` have the images' shape, or are None where all
    solid is alike.
    """

    solidness: NDArray[np.float32]
    slices: int
    rows: int
    voxel_size: VoxelSize
    view: View
    first_slice: int = 0
    lead: int = 0
    kind: NDArray[np.uint8] | None = None
    tint: NDArray[np.int8] | None = None
    impurity: NDArray[np.bool_] | None = None

    @property
    def solid(self) -> NDArray[np.bool_]:
        """The true sections (Z Y X): solid and not an impurity."""
        section = self.solidness[self.lead : self.lead + self.slices, : self.rows] >= 0
        return section if self.impurity is None else section & ~self.impurity
