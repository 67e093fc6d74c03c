"""A slab of a body with the slices to be imaged and everything visible behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import View, VoxelSize


@dataclass(frozen=True, eq=False)
class Scene:
    """The part of a body that a run of images shows.

    Attributes:
        solidness: Z Y X, solid where 0 or more; starts `lead` slices before the first image and extends as deep and
            as far down as lines of sight reach.
        slices, rows: size of the images.
        first_slice: number of the first image in the order of cutting.
        kind, tint: of the solid, see `Matter` (shape of the images); None if all solid is alike.
        impurity: where impurities are (shape of the images); None if there are none.
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
        """True sections (Z Y X): solid and not an impurity."""
        section = self.solidness[self.lead : self.lead + self.slices, : self.rows] >= 0
        return section if self.impurity is None else section & ~self.impurity
