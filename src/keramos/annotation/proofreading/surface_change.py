"""The specific surface area before and after a few voxels are flipped, from the voxels around them alone."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.proofreading.place import Change
from keramos.core import Box, LabelVolume
from keramos.measurements import surface_sums

_MARGIN = 2


def recount_surface(
    labels: LabelVolume, box: Box, mask: NDArray[np.bool_], to: int, code: int, before: float
) -> Change:
    """The specific surface area (1/um) of a phase before and after the voxels of a mask (Z Y X, in a box) are flipped.

    `before` is what it is now. The estimate is a sum over cells of one and two voxels, all of which that change lie in
    the box and two voxels around it; exact where every voxel is annotated.
    """
    near = box.grow((_MARGIN,) * 3).clip(labels.box)
    codes = labels.read(near).copy()
    old = surface_sums(codes, code, labels.require_voxel_size())
    codes[box.relative_to(near).slices][mask] = to
    new = surface_sums(codes, code, labels.require_voxel_size())
    cells = [prod(n - step for n in labels.shape) for step in (1, 2)]
    difference = 2 * (new[0] - old[0]) / cells[0] - (new[1] - old[1]) / cells[1]
    return Change("specific-surface-area", labels.phases.names[code], "", before, max(0.0, before + difference))
