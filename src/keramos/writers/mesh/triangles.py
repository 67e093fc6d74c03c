"""The surface of one phase as triangles, computed slab by slab with the result of the whole volume.

Marching cubes in its first form (Lorensen and Cline 1987, scikit-image's `lorensen`): on a mask each edge of the mesh
belongs to exactly two triangles, even in noise, where Lewiner's form, scikit-image's default, gives edges that belong
to four. Where voxels of the phase touch at an edge or a corner only it separates them: what is connected through faces
(6), as Keramos counts by default, is connected in the mesh.

    padded slice  0   1   2   3   4 ...     a slab has the last slice of the one before, too: vertices that lie in it
                  |---slab 0--|             are in both, and become one
                          |---slab 1--|
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from keramos.core import LabelVolume
from keramos.core.errors import LabelError, SettingsError
from keramos.core.progress import Progress, silent
from keramos.writers.slabs import slices_of, thickness

MOST_TRIANGLES = 10_000_000
"""A mesh of so many takes about 1.5 GiB of memory to smooth and write, and half a GB as STL."""
SLAB = 2**23
"""Voxels whose surface is looked for at once: little beside what a mesh takes."""

Vertices = NDArray[np.int32]
"""Half voxels, Z Y X, from the corner of the first voxel: where a mask ends, they are whole numbers."""
Faces = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Triangles:
    """Vertices in half voxels (Z Y X) and the three of each triangle, counter-clockwise seen from outside in X Y Z."""

    vertices: Vertices
    faces: Faces


def triangles_of(
    labels: LabelVolume, phase: str, *, most: int = MOST_TRIANGLES, slab: int = SLAB, progress: Progress = silent
) -> Triangles:
    """The closed surface of a phase; where the phase reaches the border of the volume, the border closes it.

    Raises:
        LabelError: no such phase, or no voxel of it.
        SettingsError: more than `most` triangles.
    """
    welder = _Welder()
    for stop, vertices, faces in _pieces(labels, labels.phases.code(phase), slab, progress):
        welder.add(vertices, faces, plane=2 * stop - 1)
        if welder.count > most:
            raise _too_many(labels, most, welder.count, stop)
    if not welder.count:
        raise LabelError(f"expected voxels of the phase {phase} to mesh, found none in {labels.name}; name another")
    return welder.merge()


def _pieces(labels: LabelVolume, code: int, slab: int, progress: Progress) -> Iterator[tuple[int, Vertices, Faces]]:
    """The triangles of each slab, behind the number of its last slice, counted with one empty slice on either side."""
    padded = (np.pad(codes == code, 1) for codes in slices_of(labels, progress))
    last = np.zeros([length + 2 for length in labels.shape[1:]], np.bool_)
    slices = chain(padded, [last])
    start, step = 0, thickness(labels.shape, slab)
    while following := list(islice(slices, step)):
        stop = start + len(following)
        mask = np.stack([last, *following])
        vertices, faces = np.zeros((0, 3), np.int32), np.zeros((0, 3), np.int32)
        if mask.any():
            corners, faces, _, _ = marching_cubes(mask.astype(np.float32), 0.5, method="lorensen")
            # Slice 0 of the padded volume lies half a voxel before the corner.
            vertices = np.rint(2 * corners).astype(np.int32) + np.array([2 * start - 1, -1, -1], np.int32)
        yield stop, vertices, faces
        start, last = stop, following[-1]


class _Welder:
    """Joins the triangles of the slabs, so that shared vertices become one."""

    def __init__(self) -> None:
        self.vertices: list[Vertices] = []
        self.faces: list[Faces] = []
        self.count = 0  # of triangles
        self._vertices = 0
        self._shared: tuple[NDArray[np.int64], NDArray[np.int32]] = (np.zeros(0, np.int64), np.zeros(0, np.int32))

    def add(self, vertices: Vertices, faces: Faces, plane: int) -> None:
        """Add the triangles of the next slab, which shares the vertices at z = `plane` with the slab after it."""
        keys = _in_plane(vertices)
        numbers = np.full(len(vertices), -1, np.int32)
        shared_keys, shared_numbers = self._shared
        if len(shared_keys):
            place = np.minimum(np.searchsorted(shared_keys, keys), len(shared_keys) - 1)
            is_shared = shared_keys[place] == keys
            numbers[is_shared] = shared_numbers[place[is_shared]]
        new = numbers < 0
        numbers[new] = self._vertices + np.arange(new.sum(), dtype=np.int32)
        self.vertices.append(vertices[new])
        self.faces.append(numbers[faces])
        self._vertices += int(new.sum())
        self.count += len(faces)
        top = np.flatnonzero(vertices[:, 0] == plane)
        order = np.argsort(keys[top])
        self._shared = (keys[top][order], numbers[top][order])

    def merge(self) -> Triangles:
        return Triangles(np.concatenate(self.vertices), np.concatenate(self.faces))


def _in_plane(vertices: Vertices) -> NDArray[np.int64]:
    """A number for each vertex, its own in all the volume."""
    z, y, x = (vertices[:, axis].astype(np.int64) + 1 for axis in range(3))
    key: NDArray[np.int64] = (z << 42) | (y << 21) | x
    return key


def _too_many(labels: LabelVolume, most: int, count: int, stop: int) -> SettingsError:
    """The error that says how far to coarsen: triangles become fewer with the square of the merged voxels' edge."""
    expected = count * (labels.shape[0] + 1) / stop
    factor = max(2, ceil(sqrt(expected / most)))
    return SettingsError(
        f"expected a surface of at most {most:,} triangles, found more, about {expected:.2g} in all, in {labels.name}; "
        f"merge {factor} times as many voxels along each axis with --coarsen, or take a part of it with --box"
    )
