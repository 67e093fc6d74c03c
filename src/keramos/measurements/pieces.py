"""The pieces of a phase in memory, and those of them that reach both ends of the volume."""

from __future__ import annotations

from typing import Literal

import cc3d
import numpy as np
from numpy.typing import NDArray

CONNECTIVITY = {6: "faces", 18: "faces and edges", 26: "faces, edges and corners"}
THROUGH_FACES = "through faces of voxels"
Neighbours = Literal[6, 18, 26]
Mask = NDArray[np.bool_]
Pieces = NDArray[np.uint32]


def label_pieces(mask: Mask | Pieces, connectivity: Neighbours) -> Pieces:
    """The number of the piece in which each voxel of a mask (Z Y X) lies, from 1; 0 outside the mask. Of numbers,
    voxels are of one piece where they are connected through voxels of the same number."""
    whole = np.ascontiguousarray(mask)
    return np.asarray(cc3d.connected_components(whole, connectivity=connectivity, out_dtype=np.uint32))


def find_through(mask: Mask, connectivity: Neighbours = 6) -> Mask:
    """The voxels of a mask in pieces that reach both ends of its first axis.

    Example:
        >>> steps = np.array([[[1, 0, 1], [0, 1, 1]]], bool).swapaxes(0, 1)
        >>> find_through(steps)[:, 0].astype(int).tolist()
        [[0, 0, 1], [0, 1, 1]]
        >>> find_through(steps, 26)[:, 0].astype(int).tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    pieces = label_pieces(mask, connectivity)
    table = np.zeros(int(pieces.max()) + 1, bool)
    table[np.intersect1d(pieces[0], pieces[-1])] = True
    table[0] = False
    return np.asarray(table[pieces])
