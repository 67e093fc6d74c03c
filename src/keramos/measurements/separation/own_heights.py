"""Distances to the border of each object itself, block by block: it ends where it touches another one, too."""

from __future__ import annotations

from collections.abc import Callable

import edt
import numpy as np
from numpy.typing import NDArray

from keramos.blocks import plan_blocks
from keramos.core import Box, triple
from keramos.measurements.separation.heights import STEPS, HeightReader, Heights

Ids = NDArray[np.uint32]


def find_own_heights(read_ids: Callable[[Box], Ids], heights: Heights, core: Box, reader: HeightReader) -> Heights:
    """Distances of the voxels of a core from the nearest voxel that is not of their object, centre to centre.

    None is farther than the nearest voxel of another phase (`heights` of the core), so no more is read around it.
    The volume's border does not end an object, voxels that nobody annotated do.

    Raises:
        MemoryShortageError: the phase is so wide there that this does not fit into the memory.
    """
    halo = int(heights.max(initial=0)) / STEPS
    around = core.grow(triple([int(halo / edge) + 1 for edge in reader.edges])).clip(reader.labels.box)
    reader.check_memory(around)
    ids = np.empty(around.shape, np.uint32)
    for part in plan_blocks(around.shape, max_voxels=2**22):
        ids[part.core.slices] = read_ids(part.core.shift(around.start))
    distance = edt.edt(ids, anisotropy=reader.edges, black_border=False, parallel=reader.threads)
    here = np.asarray(distance)[core.relative_to(around).slices]
    steps = np.rint(np.minimum(here, heights) * STEPS)
    return np.asarray(np.minimum(heights, steps), np.uint16)
