"""The distance from the voxels of a phase to its border, finer than a voxel.

The border lies somewhere between the centres of voxels of the phase and of voxels outside. Where the nearest voxel
outside lies straight across one of its faces, the border is that face: plates along the axes have their exact
thickness. Anywhere else it lies before that voxel's centre by a fifth of the way to the nearest point of any voxel
outside. That fifth is a compromise between balls, which come out too small, and sheets that lie askew to the voxels,
which come out too thick: benchmarks/local_thickness.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import edt
import numpy as np
from numpy.typing import NDArray

from keramos.blocks import count_cores
from keramos.core import VoxelSize

_SHARE = np.float32(0.2)
_PLANES = 8


def distance_to_border(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """The largest distance (nm) to the border of a mask (Z Y X) from any point of each of its voxels; zero outside it.

    Points lie half a voxel's edge apart, and both faces of a voxel belong to it: the middle of a plate of two voxels is
    a point of both. The volume's border is none of the phase. Takes about 80 bytes of memory per voxel.

    Args:
        mask: the voxels of a phase, some of them not.
        voxel_size: in nm.

    Example:
        >>> plate = np.zeros((6, 3, 3), bool)
        >>> plate[1:5] = True
        >>> distance_to_border(plate, VoxelSize(20, 10, 10))[:, 1, 1].tolist()
        [0.0, 20.0, 40.0, 40.0, 20.0, 0.0]
    """
    half = VoxelSize(*(edge / 2 for edge in voxel_size.zyx))
    to_centre, to_box = (distance_inside(points, half) for points in _half_steps(mask))
    depth = np.zeros(mask.shape, np.float32)
    for z in range(0, len(mask), _PLANES):
        part = slice(2 * z + 1, 2 * (z + _PLANES) + 2)
        depth[z : z + _PLANES] = _largest_of_each(_radii(to_centre[part], to_box[part], voxel_size))
    return np.where(mask, depth, np.float32(0))


def distance_inside(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """The distance (nm) of each voxel's centre in a mask (Z Y X) to the nearest centre outside it."""
    return np.asarray(
        edt.edt(np.ascontiguousarray(mask), anisotropy=voxel_size.zyx, black_border=False, parallel=count_cores())
    )


def _half_steps(mask: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Points half a voxel's edge apart, from one voxel before the volume to one after it: first all but the centres of
    the voxels outside the mask, then all but those voxels, faces included."""
    padded = np.pad(mask, 1, mode="edge")
    points = np.ones([2 * n - 1 for n in padded.shape], bool)
    points[::2, ::2, ::2] = padded
    yield points
    for axis in range(3):
        before = np.moveaxis(points, axis, 0)
        before[1::2] = before[:-2:2] & before[2::2]
    yield points


def _radii(to_centre: NDArray[np.float32], to_box: NDArray[np.float32], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """The distance of points to the border, from those to the nearest centre and to the nearest voxel outside.

    A voxel lies straight across its face if the point's distances from its centre, to the sides, are no more than half
    an edge: the nearest centre is then so far to the side of the nearest point of the face, and half an edge behind it.
    """
    radii = to_centre - _SHARE * (to_centre - to_box)
    squares = np.square(np.array(voxel_size.zyx, np.float32) / 2)
    for square in squares:
        behind = to_box + np.sqrt(square)
        sideways = (to_centre - behind) * (to_centre + behind)
        slack = np.float32(1e-4) * np.sqrt(squares.min()) * (to_centre + behind)
        across = (sideways >= -slack) & (sideways <= squares.sum() - square + slack)
        np.copyto(radii, to_box, where=across)
    return radii


def _largest_of_each(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest value in each voxel, of the three by three by three points in it and on its faces."""
    points = points[:, 1:-1, 1:-1]
    for axis in range(3):
        lines = np.moveaxis(points, axis, 0)
        largest = np.maximum(np.maximum(lines[:-2:2], lines[1:-1:2]), lines[2::2])
        points = np.moveaxis(largest, 0, axis)
    return points
